// Package crashtest kills the flows at every place, lets what they stand on fail, and brings them what they were not made for; then it counts what is
// left: nothing lost, nothing doubled but what is marked, memory small and nobody held up by another's trouble (RELIABILITY, section 6).
package crashtest
