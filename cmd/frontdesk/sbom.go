package main

import (
	"errors"
	"io"
	"net/url"
	"runtime/debug"
	"strings"

	"github.com/CycloneDX/cyclonedx-go"

	"frontdesk/static"
)

// writeSBOM lists the Go it was built with, the modules the linker took in and the libraries of the browser (CycloneDX, ASVS 15.1.2).
// It reads the program itself, so the list cannot be another's.
func writeSBOM(w io.Writer) error {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this program was built without a list of its modules")
	}
	browser, err := static.Vendored()
	if err != nil {
		return err
	}
	parts := []cyclonedx.Component{
		component("pkg:golang/std", "std", strings.TrimPrefix(build.GoVersion, "go")),
	}
	for _, m := range build.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		parts = append(parts, component("pkg:golang/"+m.Path, m.Path, m.Version))
	}
	for _, p := range browser {
		c := component("pkg:npm/"+strings.Replace(p.Name, "@", "%40", 1), p.Name, p.Version)
		c.Licenses = &cyclonedx.Licenses{{License: &cyclonedx.License{ID: p.Licence}}}
		parts = append(parts, c)
	}
	list := cyclonedx.NewBOM()
	list.Metadata = &cyclonedx.Metadata{Component: &cyclonedx.Component{
		BOMRef: "frontdesk", Type: cyclonedx.ComponentTypeApplication, Name: "frontdesk", Version: version,
	}}
	list.Components = &parts
	return cyclonedx.NewBOMEncoder(w, cyclonedx.BOMFileFormatJSON).SetPretty(true).Encode(list)
}

func component(address, name, version string) cyclonedx.Component {
	purl := address + "@" + url.PathEscape(version)
	return cyclonedx.Component{BOMRef: purl, Type: cyclonedx.ComponentTypeLibrary, Name: name, Version: version, PackageURL: purl}
}
