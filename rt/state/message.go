package state

import (
	"cmp"
	"slices"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/value"
)

// Save gives the messages, each with its key, its turn and what it holds. state
// is behind the numbers of states and timers; key appends the key of a message,
// val what was sent. It gives all at once, as a snapshot begins.
func (w *Waiting[T]) Save(s *Saver, state int, key, val func([]byte, *T) []byte) {
	give := func(d *Delayed[T], gone Gone) {
		s.Key(key(s.Begin(d.Hash), &d.Rec))
		s.sub = avro.AppendInt(avro.AppendInt(s.sub[:0], d.Due), d.n)
		r := Record{State: state, Group: s.rec.Group, Sub: s.sub, Gone: gone}
		if gone == Present {
			s.val = val(avro.AppendInt(s.val[:0], d.Time), &d.Rec)
			r.Value = s.val
		}
		s.put(r)
	}
	from := uint64(0)
	if s.mode == saveChanges {
		from = w.known
		for i := range w.gone {
			give(&w.gone[i], EntryGone)
		}
	}
	if s.gives() {
		for i := range w.heap {
			if w.heap[i].number >= from {
				give(&w.heap[i], Present)
			}
		}
	}
	switch s.mode {
	case saveCopy:
	case saveNone:
		w.gone, w.told, w.known = append(w.told, w.gone...), nil, 0
	default:
		w.told, w.gone = w.gone, nil
		w.tracks, w.known, w.ever = true, w.came, w.came
	}
}

// Restore puts a message back, which has that hash of its key; val reads what was
// sent and makes the message of it. [Waiting.Settle] ends a restore.
func (w *Waiting[T]) Restore(s *Saver, r *Record, hash uint64, val func(in *avro.Reader, due value.Timestamp) T) error {
	in := s.Read(r.Sub)
	d := Delayed[T]{Hash: hash, Due: in.Timestamp(), n: in.Int()}
	if err := s.CloseSub(); err != nil {
		return err
	}
	if w.removed == nil {
		w.removed = map[messagePlace]bool{}
	}
	if r.Gone != Present {
		w.removed[d.place()] = true
		return nil
	}
	in = s.Read(r.Value)
	d.Time = in.Timestamp()
	d.Rec = val(in, d.Due)
	if err := s.CloseValue(); err != nil {
		return err
	}
	delete(w.removed, d.place())
	w.add(d)
	return nil
}

// Settle ends a restore: messages that were taken away go, of one that came
// several times the last stays, and all wait in an order that does not depend on
// how they came.
func (w *Waiting[T]) Settle() {
	all, removed := w.heap, w.removed
	slices.SortFunc(all, func(a, b Delayed[T]) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Hash, b.Hash), cmp.Compare(a.n, b.n), cmp.Compare(b.number, a.number))
	})
	*w = Waiting[T]{tracks: w.tracks}
	for i := range all {
		if i > 0 && all[i].place() == all[i-1].place() || removed[all[i].place()] {
			continue
		}
		w.add(all[i])
	}
}
