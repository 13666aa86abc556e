// Package bench measures: ours beside the bare limit of the same machine, in one run, as ratios (PERFORMANCE). `make bench` runs it; it is no
// test and asserts nothing.
package bench
