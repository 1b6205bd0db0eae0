// Package state holds the keyed state of one shard: tables from keys to cells,
// the collections in cells, and queues of timers.
//
// A cell is a struct that generated code declares: all that one key has. The
// table finds it by the key's hash, which travels with the record. What goes in
// are hashes, keys and cells; the package never looks into a cell, reads no
// clock, and is used by one goroutine at a time.
//
// Of a list or a map the cell holds a handle. What handlers do to maps is noted in
// a [Journal], so that a handler that fails is undone whole: the cell is a copy
// that is thrown away, and the journal takes back the rest.
//
// A table of cells without pointers has no pointers itself, so that the garbage
// collector does not walk it.
package state

// The layout of a table
//
// Entries with key and cell lie in slabs that never move, found by id. A key of up to
// 16 bytes lies in its entry; what the table notes of it, in the four bytes of a Head,
// begins the cell, where fields of a byte come next and nothing is lost to alignment.
// What snapshots know of keys lies elsewhere, and only where somebody saves.
//
// The index is an open-addressing table of lines of 64 bytes, each with room for 12 ids
// and a byte of each key's hash: a look-up costs two cache misses, one of them for a
// line, and Touch takes them for a whole batch at once, so that they overlap. A key
// that finds its line full stands in one behind it; a line counts those, so that a
// look-up ends where there are none. The index holds no hashes, as the table can tell
// them from its keys: it grows by being made anew from them, for which the old one need
// not stay.
