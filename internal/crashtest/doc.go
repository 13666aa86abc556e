// Package crashtest kills the flows at every place and counts what is left: nothing lost, nothing doubled but what is marked (RELIABILITY,
// section 6, rows 1 to 4).
package crashtest
