package main

import (
	"fmt"
	"runtime"
)

// version is set by the linker (Makefile, build).
var version = "unknown"

type versionCommand struct{}

func (versionCommand) Run(s surroundings) error {
	_, err := fmt.Fprintf(s.out, "frontdesk %s, %s %s/%s\n", version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}
