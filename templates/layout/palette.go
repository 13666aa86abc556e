package layout

// PaletteGroup is a heading of the palette with what stands below it.
type PaletteGroup struct {
	Name  string
	Found []PaletteEntry
}

// PaletteEntry is a place to go to.
type PaletteEntry struct {
	Icon  string
	Text  string
	Aside string // number, status, address
	Href  string
}
