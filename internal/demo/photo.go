package demo

import (
	"bytes"
	"encoding/base64"
	"image"
	"image/color"
	"image/png"
)

// photo is a customer's picture, a lamp of sorts, in base64 lines.
func photo() []byte {
	const size = 240
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			shade := uint8(225 - y/4)
			img.Set(x, y, color.RGBA{shade, shade - 8, shade - 24, 255})
			if dx, dy := x-size/2, y-90; dx*dx+dy*dy*2 < 3600 && dy < 20 {
				img.Set(x, y, color.RGBA{70, 84, 92, 255})
			}
			if x > 116 && x < 124 && y > 100 && y < 210 || y >= 206 && y < 214 && x > 80 && x < 160 {
				img.Set(x, y, color.RGBA{120, 84, 50, 255})
			}
		}
	}
	var b bytes.Buffer
	png.Encode(&b, img) // into memory: never fails
	text := base64.StdEncoding.EncodeToString(b.Bytes())
	var out bytes.Buffer
	for len(text) > 76 {
		out.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	out.WriteString(text + "\r\n")
	return out.Bytes()
}
