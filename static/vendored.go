package static

import "encoding/json"

// Package is a library of the browser that is part of the program, as vendor/lock.json pins it.
type Package struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Licence string `json:"licence"` // SPDX
}

// Vendored lists them.
func Vendored() (list []Package, err error) {
	lock, err := files.ReadFile("vendor/lock.json")
	if err != nil {
		return nil, err
	}
	return list, json.Unmarshal(lock, &list)
}
