//go:build !failpoints

package intake

// fail is where a crash test may end the process. In a real build it is nothing.
func fail(string) {}
