// Command serve shows the gallery in a browser: /NAME?theme=dark&lang=pl. For whoever works on the pages; it is no part of the product.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"time"

	"frontdesk/internal/text"
	"frontdesk/static"
	"frontdesk/templates/gallery"
)

const policy = "default-src 'self'; img-src 'self' data: blob:; style-src 'self'; style-src-attr 'unsafe-inline'; base-uri 'none'; form-action 'self'; frame-src 'self'; frame-ancestors 'none'; object-src 'none'"

const letter = `<!doctype html><html><body style="font-family:Georgia;color:#333;margin:0"><p>Dzień dobry,</p><p style="color:#a33">zdjęcia w <b>załączniku</b>. Proszę o kontakt przed <i>9:00</i>.</p><table border="1" cellpadding="6" style="border-collapse:collapse"><tr><td>Lampa Halle</td><td>1 249,00 zł</td></tr><tr><td>Kinkiet Ula</td><td>718,00 zł</td></tr></table><p>Agnieszka</p></body></html>`

func main() {
	listen := flag.String("listen", "127.0.0.1:8899", "address")
	flag.Parse()
	mux := http.NewServeMux()
	mux.Handle("GET /static/", static.Handler())
	mux.HandleFunc("GET /messages/{id}/body", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, letter) })
	mux.HandleFunc("GET /", func(w http.ResponseWriter, _ *http.Request) {
		for _, p := range gallery.Pages() {
			fmt.Fprintf(w, "<p><a href=/%s>%s</a>\n", p.Name, p.Name)
		}
	})
	for _, p := range gallery.Pages() {
		mux.HandleFunc("GET /"+p.Name, func(w http.ResponseWriter, r *http.Request) {
			l := text.For(r.FormValue("lang"))
			w.Header().Set("Content-Security-Policy", policy)
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			if err := p.Show(r.FormValue("theme"), l).Render(text.With(r.Context(), l), w); err != nil {
				log.Print(err)
			}
		})
	}
	log.Printf("http://%s/", *listen)
	server := &http.Server{Addr: *listen, Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ListenAndServe())
}
