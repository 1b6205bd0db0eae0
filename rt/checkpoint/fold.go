package checkpoint

import (
	"bytes"
	"slices"

	"github.com/flow-lang/flowc/rt/state"
)

// Fold returns image with its records as they are at last: none takes anything
// away, and none is of an entry that another is of. Whoever looks at single values,
// and not only applies them, must not see one that has been replaced since.
func Fold(image Image) Image {
	for i := range image.State().Operators {
		if image.Changes(i, 0, maxGroups-1) > 0 {
			return folded{image, foldBytes}
		}
	}
	return image
}

// foldBytes is how many bytes of records are folded at once.
const foldBytes = 256 << 20

type folded struct {
	Image
	atOnce int64
}

// Records folds some key groups after the other, so that memory holds about atOnce bytes
// of records. Those of one key come together, state by state, those of a state in
// the order in which they were made.
func (f folded) Records(operator, first, last int, each func(*state.Record) error) error {
	size := f.Changes(operator, first, last)
	if size == 0 {
		return f.Image.Records(operator, first, last, each)
	}
	groups := int64(last - first + 1)
	step := max(groups/(size/f.atOnce+1), 1)
	for from := int64(first); from <= int64(last); from += step {
		fold := folder{messages: f.messages(operator), at: map[string]int{}}
		if err := f.Image.Records(operator, int(from), int(min(from+step-1, int64(last))), fold.add); err != nil {
			return err
		}
		if err := fold.give(each); err != nil {
			return err
		}
	}
	return nil
}

// messages is the number that records of messages have, which stay when all else of
// their key goes.
func (f folded) messages(operator int) int {
	s := f.State()
	if op := s.Job.Operator(s.Operators[operator].UID); op != nil {
		return len(op.States) + len(op.Timers)
	}
	return -1
}

// folder keeps records until it is known which stay.
type folder struct {
	messages int
	at       map[string]int // place in keys, by key
	keys     []foldedKey
}

// foldedKey is what there is of one key.
type foldedKey struct {
	group  int
	key    []byte
	states []foldedState
}

// foldedState is what there is of one state or timer of a key.
type foldedState struct {
	number  int
	at      map[string]int // place in entries, by Sub; nil while there is one at most
	entries []state.Record
}

func (f *folder) add(r *state.Record) error {
	at, ok := f.at[string(r.Key)]
	if !ok {
		at = len(f.keys)
		f.at[string(r.Key)] = at
		f.keys = append(f.keys, foldedKey{group: r.Group, key: bytes.Clone(r.Key)})
	}
	k := &f.keys[at]
	if r.Gone == state.KeyGone {
		k.states = slices.DeleteFunc(k.states, func(s foldedState) bool { return s.number != f.messages })
		return nil
	}
	k.state(r.State).add(k, r)
	return nil
}

func (k *foldedKey) state(number int) *foldedState {
	for i := range k.states {
		if k.states[i].number == number {
			return &k.states[i]
		}
	}
	k.states = append(k.states, foldedState{number: number})
	return &k.states[len(k.states)-1]
}

func (s *foldedState) add(k *foldedKey, r *state.Record) {
	if r.Gone == state.AllGone {
		s.at, s.entries = nil, nil
		return
	}
	i := s.find(r.Sub)
	if i < 0 {
		if i = len(s.entries); i > 0 {
			s.at[string(r.Sub)] = i
		}
		s.entries = append(s.entries, state.Record{})
	}
	c := *r
	c.Key, c.Sub, c.Value = k.key, bytes.Clone(r.Sub), bytes.Clone(r.Value)
	s.entries[i] = c
}

// find returns the place of an entry, -1 if there is none. One that went and comes
// again is put behind the others.
func (s *foldedState) find(sub []byte) int {
	switch {
	case len(s.entries) == 0:
		return -1
	case s.at == nil && bytes.Equal(s.entries[0].Sub, sub) && s.entries[0].Gone == state.Present:
		return 0
	case s.at == nil:
		s.at = map[string]int{string(s.entries[0].Sub): 0}
	}
	i, ok := s.at[string(sub)]
	if !ok || s.entries[i].Gone != state.Present {
		return -1
	}
	return i
}

func (f *folder) give(each func(*state.Record) error) error {
	for i := range f.keys {
		k := &f.keys[i]
		slices.SortFunc(k.states, func(a, b foldedState) int { return a.number - b.number })
		for _, s := range k.states {
			for e := range s.entries {
				if r := &s.entries[e]; r.Gone == state.Present {
					if err := each(r); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}
