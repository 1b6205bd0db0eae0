// Package ask stands for a service that takes five milliseconds to answer, and
// takes as many questions at once as there are.
package ask

import "time"

// Price returns what the service says of an item.
func Price(item int64) int64 {
	time.Sleep(5 * time.Millisecond)
	return 2 * item
}
