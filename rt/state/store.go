package state

import "github.com/flow-lang/flowc/rt/value"

// Shape is what a store must know of an operator.
type Shape struct {
	Operator int    // index in schema.Job.Operators
	Shard    int    // of the operator
	States   int    // how many states the operator has; records of timers have greater numbers
	Clock    []bool // by timer: it is one of processing time
	Maps     []bool // by state, then by timer: records of one key are told apart by Sub
	Lists    []bool // by state: Sub is the number of an element; nil if none is a list
	Rows     bool   // all that there is of a key comes together, and is one row: what is one of Maps, all shards have
}

// Store keeps the records of one shard of an operator outside of memory, for the
// time that the job runs: what outlasts it are checkpoints. It is used by the
// shard's worker, but for the work of a batch that has been sent off.
type Store interface {
	// Load calls each with all records of a key that batches have stored, in the order
	// of a [Scan].
	Load(group int, key []byte, each func(*Record) error) error

	// Batch begins a set of records that are stored at once.
	Batch() Batch

	// Scan begins to read all records, as they are now, of the shard's key groups, from
	// a place on.
	Scan(from Place) (Scan, error)

	// Keys calls each with the keys that have records, in the order of places, from a
	// place on, until each returns false. What it is given is valid during the call. It may
	// be called beside all else.
	Keys(from Place, each func(Place) bool) error

	// Due calls each with the keys that may have a timer at from or after it, in their
	// turn, until each returns false. A key may come whose timer is another now, or that
	// is gone.
	Due(clock bool, from Turn, each func(at Turn, group int, key []byte) bool) error
}

// Batch is a set of records that are stored at once.
type Batch interface {
	// Add adds a record, which it copies. The records of a batch act one after the
	// other: what one takes away may be of a record before it. Where Shape.Rows is true,
	// records of a key that come one after the other are all that there is of it.
	Add(r *Record)

	// RemoveKey removes all records that another store of the same Stores has of a key.
	RemoveKey(of Store, at Place)

	// RemoveKeys removes all records that another store of the same Stores has of its key
	// groups, from a place on and before another; nil: to the end.
	RemoveKeys(of Store, from Place, to *Place)

	// Timer lets [Store.Due] find a key by a time that none of its records says: that of
	// an entry timer. Those that records say are found with a rank of 0. Files may be
	// without it.
	Timer(clock bool, at Turn, group int, key []byte)

	// RemoveTimers removes what finds the timers of another store, of which all records
	// have been removed.
	RemoveTimers(of Store)

	// Bytes returns how much memory the batch takes.
	Bytes() int

	// Send begins to store the batch beside the shard's work. Timers before the
	// two times, of event and of processing time, have fired.
	Send(fired, clock value.Timestamp)

	// Done reports whether the batch is stored, and what is wrong if it cannot be.
	Done() (bool, error)

	// Wait is Done when it is true.
	Wait() error

	// Drop gives up a batch that has not been sent.
	Drop()
}

// RowBatch is a [Batch] that takes rows.
type RowBatch interface {
	Batch

	// AddRow adds the records that a row stands for. Where Shape.Rows is true, they are
	// all that there is of the key.
	AddRow(r *Row)
}

// Gatherer is a [Store] that can be given what there is of a key bit by bit, although
// Shape.Rows is true.
type Gatherer interface {
	Store

	// Pieces begins a batch of records in any order, which nobody sees before Gather.
	Pieces() Batch

	// Gather stores all pieces by key.
	Gather() error
}

// Scan reads all records of a shard, by key group and key; those of one key by
// state and Sub, elements of a list by their numbers.
type Scan interface {
	// Next calls each with the next records until about so many bytes have been
	// read, and reports whether all have been.
	Next(bytes int, each func(*Record)) (done bool, err error)

	Close() error
}
