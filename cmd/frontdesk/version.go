package main

import (
	"fmt"
	"runtime"
)

// version is set by the linker (Makefile, build).
var version = "unknown"

type versionCommand struct {
	SBOM bool `name:"sbom" help:"List all that is built in instead, as CycloneDX JSON."`
}

func (c versionCommand) Run(s surroundings) error {
	if c.SBOM {
		return writeSBOM(s.out)
	}
	_, err := fmt.Fprintf(s.out, "frontdesk %s, %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
