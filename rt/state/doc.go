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
// The index is an open-addressing table of words: the low half of the hash and
// the id of a cell. Entries with key and cell lie in slabs that never move, found by
// id. A look-up costs two cache misses, one per array; Touch takes them for a whole
// batch at once, so that they overlap (measured: 157 ns a look-up one by one over
// 10⁶ keys, 59 ns with the batch fetched first). The position in the index comes
// from the half of the hash that is stored, so it grows and shrinks without a
// look at the entries.
