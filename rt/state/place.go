package state

import (
	"bytes"
	"cmp"
)

// Place is where a key stands among all keys of a shard, which stays the same as
// long as there is the key, wherever its cell lies. The zero Place stands before
// all keys of the first key group.
type Place struct {
	Group int
	Key   []byte // as records have it
}

// Compare orders places by key group, then length of the key, then its bytes.
func (p Place) Compare(o Place) int {
	return cmp.Or(p.Group-o.Group, len(p.Key)-len(o.Key), bytes.Compare(p.Key, o.Key))
}

// Own returns a copy that stays as it is. Its key is never nil.
func (p Place) Own() Place { return Place{p.Group, append([]byte{}, p.Key...)} }

// PlaceOf returns the place of the key of an id, valid until the next call.
func (s *Spill) PlaceOf(id uint32) Place {
	s.of.SaveKey(s.w, id)
	return Place{s.w.rec.Group, s.w.key}
}

// Stored calls each with the keys in the store from a place on. Keys that have come
// since the last snapshot was stored are not among them, and some may be that have
// gone since.
func (s *Spill) Stored(from Place, each func(Place) bool) error { return s.store.Keys(from, each) }

// Find brings a key into memory and returns its id, if it is there.
func (s *Spill) Find(p Place) (id uint32, ok bool, err error) {
	err = s.find(p.Group, p.Key)
	return s.w.lastID, err == nil && !s.missed, err
}
