package state

import (
	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/value"
)

// SaveTimer gives a timer, whose number is behind those of the states.
func (w *Saver) SaveTimer(number int, t *Timer) {
	if w.Has(number, t.IsSet()) {
		w.Put(avro.AppendInt(w.Room(), unpack(t.at)), 0)
	}
}

// SaveList gives the elements of a list, by their numbers.
func SaveList[T any](w *Saver, state int, l *List[T], each func([]byte, T) []byte) {
	from := 0
	if w.mode == saveChanges && *w.known&bit(state) != 0 {
		if from = l.known - 1; from < 0 {
			w.clear(state)
			from = 0
		}
	}
	if w.gives() {
		for i, v := range l.items[from:] {
			w.sub = avro.AppendInt(w.sub[:0], from+i)
			w.val = each(w.val[:0], v)
			w.entry(state, 0)
		}
	}
	switch w.mode {
	case saveCopy:
	case saveNone:
		l.known = 0
		*w.known |= bit(state)
	default:
		l.known = 1 + len(l.items)
		*w.known |= bit(state)
	}
}

// Save gives the entries of a map. Values are nothing in a set: value is nil
// then.
func (m *Maps[K, V]) Save(w *Saver, state int, h *Map[K, V], key func([]byte, K) []byte, val func([]byte, V) []byte) {
	saveTree(w, state, h.tree, &m.order, key, func(v *V) value.Timestamp {
		if val != nil {
			w.val = val(w.val[:0], *v)
		}
		return 0
	})
}

// saveTree gives the entries of a tree. each puts a value into w.val and returns
// what its life counts from.
func saveTree[K, V any](w *Saver, state int, t *tree[K, V], o *Order[K], key func([]byte, K) []byte, each func(*V) value.Timestamp) {
	if t == nil {
		w.clear(state)
		return
	}
	w.val = w.val[:0]
	knows := *w.known&bit(state) != 0
	switch {
	case !w.gives():
	case w.mode != saveChanges || !knows:
		saveEntries(w, state, t, key, each)
	case !t.tracked || t.n == 0:
		w.clear(state)
		saveEntries(w, state, t, key, each)
	default:
		for _, k := range t.changed {
			w.sub = key(w.sub[:0], k)
			if p, found := t.find(o, k); found {
				w.entry(state, each(t.val(p)))
			} else {
				w.entryGone(state)
			}
		}
	}
	switch w.mode {
	case saveCopy:
	case saveNone:
		t.unfollow()
		*w.known |= bit(state)
	default:
		t.follow(o)
		*w.known |= bit(state)
	}
}

func saveEntries[K, V any](w *Saver, state int, t *tree[K, V], key func([]byte, K) []byte, each func(*V) value.Timestamp) {
	for i := range t.chunks {
		c := &t.chunks[i]
		for j, k := range c.keys {
			w.sub = key(w.sub[:0], k)
			w.entry(state, each(&c.vals[j]))
		}
	}
}

// Save gives the entries of a map whose entries end.
func (m *TTLMaps[K, V]) Save(w *Saver, state int, h *TTLMap[K, V], key func([]byte, K) []byte, val func([]byte, V) []byte) {
	if h.body == nil {
		w.clear(state)
		return
	}
	saveTree(w, state, h.body.entries.tree, &m.maps.order, key, func(v *timed[V]) value.Timestamp {
		if val != nil {
			w.val = val(w.val[:0], v.v)
		}
		return v.since
	})
}

// Save gives the elements of a list whose elements end, by their numbers.
func (l *TTLLists[T]) Save(w *Saver, state int, h *TTLList[T], each func([]byte, T) []byte) {
	l.maps.Save(w, state, &h.TTLMap, avro.AppendInt, each)
}

// Save gives the timers of a family, whose number is behind those of the states,
// by their indexes.
func (f *Families[I]) Save(w *Saver, number int, h *Timers[I], index func([]byte, I) []byte) {
	f.at.Save(w, number, &h.at, index, avro.AppendInt)
}

// AppendMap appends a map inside a value, or a set, whose val is nil, in the
// order of its keys.
func AppendMap[K, V any](dst []byte, h *Map[K, V], order Order[K], key func([]byte, K) []byte, val func([]byte, V) []byte) []byte {
	dst = avro.AppendCount(dst, h.Len())
	m := Maps[K, V]{order: order, journal: &Journal{}}
	for k, v := range m.All(h) {
		dst = key(dst, k)
		if val != nil {
			dst = val(dst, v)
		}
	}
	return avro.AppendEnd(dst)
}
