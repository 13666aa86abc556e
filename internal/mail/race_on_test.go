//go:build race

package mail

// detectorCosts is by how much the race detector makes the same work allocate more.
const detectorCosts = 2
