package state

import (
	"maps"
	"slices"
)

// Stores is where the state of a job lies that memory has no room for.
type Stores interface {
	// Shard returns the store of a shard, whose key groups are from first to last.
	Shard(shape Shape, first, last int) Store

	// Close gives all back. No shard is used any more.
	Close() error
}

// StoresOptions say where stores lie and what they may use.
type StoresOptions struct {
	Dir   string       // for their files
	Cache int64        // bytes of memory
	Warn  func(string) // takes what is worth a line of the log
	Fail  func(error)  // called when a store cannot go on, by any goroutine
	Fatal func(error)  // the same where the process must end; it does not return
}

// Backend opens stores.
type Backend func(StoresOptions) (Stores, error)

// backends are those that are linked, by name.
var backends = map[string]Backend{}

// Register adds a backend. It is called when the program begins.
func Register(name string, b Backend) { backends[name] = b }

// FindBackend returns the backend called name, if it is linked.
func FindBackend(name string) (b Backend, ok bool) {
	b, ok = backends[name]
	return b, ok
}

// Backends returns the names of the backends that are linked, sorted.
func Backends() []string { return slices.Sorted(maps.Keys(backends)) }
