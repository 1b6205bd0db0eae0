package state

import (
	"io"
	"maps"
	"slices"
)

// Stores is where the state of a job lies that memory has no room for.
type Stores interface {
	// Shard returns the store of a shard, whose key groups are from first to last.
	Shard(shape Shape, first, last int) Store

	// Forget removes what the files that the stores began with have of some operators, in
	// all shards. It is called before any shard is used.
	Forget(operators []int) error

	// Files waits until all batches that have been sent are stored, and returns files
	// that hold what there is then: other stores of the backend that are opened with
	// them have the same. It is called by any goroutine; no batch is sent meanwhile. The
	// files stay until release is called.
	Files() (files []StoreFile, release func() error, err error)

	// Aside runs work that uses shards which nobody else uses, and batches: beside all
	// else, or at once where that cannot be.
	Aside(work func(beside bool))

	// Close gives all back. No shard is used any more.
	Close() error
}

// StoreFile is one of the files that hold all that stores have.
type StoreFile struct {
	Name  string // among the files
	Size  int64  // bytes
	Fixed bool   // whatever goes on from the files has no other content under this name
	Path  string // of a file of the operating system that is it, and never changes; "" if there is none
	Open  func() (StoreReader, error)
}

// StoreReader reads a file.
type StoreReader interface {
	io.ReaderAt
	io.Closer
}

// StoresOptions say where stores lie and what they may use.
type StoresOptions struct {
	Dir      string       // for their files; "" with ReadOnly
	Files    []StoreFile  // what they hold at first; nil: nothing
	ReadOnly bool         // nothing is stored: Files are read where they are, as long as the stores are open
	Cache    int64        // bytes of memory
	Warn     func(string) // takes what is worth a line of the log
	Fail     func(error)  // called when a store cannot go on, by any goroutine
	Fatal    func(error)  // the same where the process must end; it does not return
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
