package state

import "github.com/flow-lang/flowc/rt/value"

// Record is one entry of an operator's state as checkpoints and savepoints hold
// it: a value, an element of a list, an entry of a map, or a timer. What it does
// not hold, such as indexes, caches and entry timers, is derived from it.
//
// Key, Sub and Value are Avro binary by the types that schema.Operator gives.
// They belong to whoever made the record and are good until the next one.
type Record struct {
	State   int             // index in schema.Operator.States; timers come behind the states, in their order, and then messages that wait
	Group   int             // key group of Key; 0 without a key
	Key     []byte          // of the operator's key type; empty in broadcast state and in operators without a key
	Sub     []byte          // key of a map or set, number (long) of an element of a list, index of a timer family, schema.MessageTurn of a message; else empty
	Value   []byte          // the value; of a timer, its time (long, µs); of a message, schema.WaitingMessage; empty for an entry of a set
	Written value.Timestamp // what the life of an entry with a ttl counts from; else 0
	Gone    Gone            // in a snapshot of changes
}

// Gone says that a record takes something away instead of adding it.
type Gone uint8

// What a record takes away.
const (
	Present   Gone = iota // nothing: the record adds or replaces
	EntryGone             // the entry that Key and Sub name
	AllGone               // all entries of Key in this state
	KeyGone               // all that there is of Key, in all states and timers; not messages to it
)

// Durable is the state of one shard of an operator, as snapshots see it. Its
// methods are called by the shard's worker, between handlers.
//
// Broadcast state is the same in all shards; the first shard gives it, and to
// each it must be restored.
type Durable interface {
	// Track says that Cut will be asked for changes: those since Track was
	// called, to begin with. It comes before the first batch, and behind Restored
	// if anything is restored. Where no changes are asked for nothing is noted
	// about them.
	Track()

	// Cut ends an epoch. The snapshot it returns has the state as it is now, all
	// of it or what has changed since the last Cut; handlers that run before the
	// snapshot has been written do not show in it. Cut costs the same for any
	// number of keys, and grows with the messages that wait. The snapshot before must have been written or dropped.
	// Changes may be asked for only after Track or a Cut of all.
	Cut(all bool) Snapshot

	// Copy is a Cut of all that ends no epoch: for savepoints that are taken
	// between checkpoints.
	Copy() Snapshot

	// Restore puts one record of a snapshot back, before the first batch. Records
	// of groups that are not the shard's never come. What a record takes away is
	// taken away, so a snapshot of all and those of changes after it may be
	// restored one by one. An error says what is wrong with the record.
	Restore(r *Record) error

	// Restored ends the restore: the watermark is mark, and timers of entries are
	// armed against it.
	Restored(mark value.Timestamp) error
}

// Mortal is an operator with states that a ttl ends.
type Mortal interface {
	// Lifetime tells the ttl of a state, 0 without one, and whether it is by the clock
	// of processing time.
	Lifetime(state int) (ttl value.Duration, clock bool)
}

// Snapshot is the state of one shard as of a Cut.
type Snapshot interface {
	// Next gives the next records to emit, until about so many bytes have been
	// given or there are none, and reports whether all have been. Keys come in no
	// special order. A record that takes something away comes before those that
	// were written after it.
	Next(bytes int, emit func(*Record)) (done bool)

	// Drop gives up the snapshot, also one that has been written but will not be
	// kept. What it had to tell is part of the next Cut. It may be called until the
	// next Cut.
	Drop()
}

// Storing is a Snapshot of what a store keeps.
type Storing interface {
	Snapshot

	// Store is Next that gives nothing: what it would give is what the store has. Of one
	// snapshot only one of the two is called.
	Store(bytes int) (done bool)
}

// Encoding is a Snapshot that writes what it gives, as rows where it can.
type Encoding interface {
	Snapshot

	// Encode is Next that appends what it gives to a section, until about so many
	// bytes have been written. Of one snapshot only one of the two is called.
	Encode(bytes int, to *Encoder) (done bool)
}
