//go:build !race

package mail

const detectorCosts = 1
