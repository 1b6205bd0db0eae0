package state

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/flow-lang/flowc/rt/avro"
)

// Same returns the id of the key of the record before, if r has the same: those
// of one key mostly come together.
func (w *Saver) Same(r *Record) (id uint32, ok bool) {
	return w.lastID, w.isLast && bytes.Equal(w.last, r.Key)
}

// Found notes the id of the key of r for [Saver.Same].
func (w *Saver) Found(r *Record, id uint32) {
	w.last, w.lastID, w.isLast = append(w.last[:0], r.Key...), id, true
	w.pieces = true
}

// Forget makes Same false: the key was removed.
func (w *Saver) Forget() { w.isLast = false }

// Read returns a reader of a part of a record.
func (w *Saver) Read(part []byte) *avro.Reader {
	w.in.Reset(part)
	return &w.in
}

// CloseKey returns what is wrong with a key that was read.
func (w *Saver) CloseKey() error { return w.closed("the key") }

// CloseSub returns what is wrong with a key of an entry that was read.
func (w *Saver) CloseSub() error { return w.closed("the entry's key") }

// CloseValue returns what is wrong with a value that was read.
func (w *Saver) CloseValue() error { return w.closed("the value") }

func (w *Saver) closed(what string) error {
	if w.in.Closes() {
		return nil
	}
	return fmt.Errorf("%s: %w", what, w.in.Close())
}

// ErrNoSuchState is for a record of a state that the operator does not have.
var ErrNoSuchState = errors.New("the operator has no such state")

// errGap is for an element whose number is not the next.
var errGap = errors.New("an element of the list is missing before it")

// RestoreTimer puts a timer of the key with that id back.
func (w *Saver) RestoreTimer(r *Record, q *Queue, t *Timer, id, timer uint32) error {
	if r.Gone != Present {
		q.Cancel(t)
		return nil
	}
	at := w.Read(r.Value).Timestamp()
	if err := w.CloseValue(); err != nil {
		return err
	}
	q.Set(t, id, timer, at)
	return nil
}

// RestoreList puts an element of a list back.
func RestoreList[T any](w *Saver, r *Record, l *List[T], each func(*avro.Reader) T) error {
	if r.Gone == AllGone {
		l.Clear()
		return nil
	}
	at := w.Read(r.Sub).Int()
	if err := w.CloseSub(); err != nil {
		return err
	}
	v := each(w.Read(r.Value))
	if err := w.CloseValue(); err != nil {
		return err
	}
	switch {
	case at == int64(len(l.items)):
		l.items = append(l.items, v)
	case at >= 0 && at < int64(len(l.items)):
		l.items[at] = v
	default:
		return errGap
	}
	return nil
}

// Restore puts an entry of a map back. Values are nothing in a set: val is nil
// then.
func (m *Maps[K, V]) Restore(w *Saver, r *Record, h *Map[K, V], key func(*avro.Reader) K, val func(*avro.Reader) V) error {
	return putBack(m, m.journal, w, r, h, key, val)
}

// Restore is [Maps.Restore].
func (m *FewMaps[K, V]) Restore(w *Saver, r *Record, h *FewMap[K, V], key func(*avro.Reader) K, val func(*avro.Reader) V) error {
	return putBack(m, m.maps.journal, w, r, h, key, val)
}

// restorer is what entries of a handle H are put back by.
type restorer[H, K, V any] interface {
	Put(h *H, k K, v V)
	Remove(h *H, k K)
	Clear(h *H)
}

func putBack[H, K, V any](m restorer[H, K, V], j *Journal, w *Saver, r *Record, h *H, key func(*avro.Reader) K, val func(*avro.Reader) V) error {
	k, v, err := restoreEntry(w, r, key, val)
	if err != nil {
		return err
	}
	switch r.Gone {
	case Present:
		m.Put(h, k, v)
	case AllGone:
		m.Clear(h)
	default:
		m.Remove(h, k)
	}
	j.Commit()
	return nil
}

// restoreEntry reads an entry: no more than its key if it is gone, and nothing if all
// are.
func restoreEntry[K, V any](w *Saver, r *Record, key func(*avro.Reader) K, val func(*avro.Reader) V) (k K, v V, err error) {
	k, gone, err := restoreKey(w, r, key)
	if err != nil || gone {
		return k, v, err
	}
	v, err = restoreValue(w, r, val)
	return k, v, err
}

// restoreKey reads the key of an entry, unless the record is about all entries.
func restoreKey[K any](w *Saver, r *Record, key func(*avro.Reader) K) (k K, gone bool, err error) {
	if r.Gone == AllGone {
		return k, true, nil
	}
	k = key(w.Read(r.Sub))
	return k, r.Gone != Present, w.CloseSub()
}

func restoreValue[V any](w *Saver, r *Record, val func(*avro.Reader) V) (v V, err error) {
	in := w.Read(r.Value)
	if val != nil {
		v = val(in)
	}
	return v, w.CloseValue()
}

// Restore puts an entry of a map whose entries end back.
func (m *TTLMaps[K, V]) Restore(w *Saver, r *Record, h *TTLMap[K, V], key func(*avro.Reader) K, val func(*avro.Reader) V) error {
	k, v, err := restoreEntry(w, r, key, val)
	if err != nil {
		return err
	}
	switch r.Gone {
	case Present:
		m.at = r.Written
		m.Remove(h, k)
		m.Put(h, k, v)
	case AllGone:
		m.Clear(h)
		return nil
	default:
		m.Remove(h, k)
	}
	m.maps.journal.Commit()
	return nil
}

// Restore puts an element of a list whose elements end back.
func (l *TTLLists[T]) Restore(w *Saver, r *Record, h *TTLList[T], each func(*avro.Reader) T) error {
	if r.Gone == AllGone {
		l.Clear(h)
		return nil
	}
	return l.maps.Restore(w, r, &h.TTLMap, (*avro.Reader).Int, each)
}

// Restore puts a timer of a family of the key with that id back.
func (f *Families[I]) Restore(w *Saver, r *Record, h *Timers[I], id uint32, index func(*avro.Reader) I) error {
	i, gone, err := restoreKey(w, r, index)
	switch {
	case err != nil:
		return err
	case gone && r.Gone == AllGone:
		f.Clear(h)
	case gone:
		f.Cancel(h, id, i)
	default:
		at := w.Read(r.Value).Timestamp()
		if err := w.CloseValue(); err != nil {
			return err
		}
		f.Set(h, id, i, at)
	}
	f.at.journal.Commit()
	return nil
}

// ReadMap reads what [AppendMap] has appended. An entry takes at least so many
// bytes.
func ReadMap[K, V any](r *avro.Reader, least int, order Order[K], key func(*avro.Reader) K, val func(*avro.Reader) V) (h Map[K, V]) {
	m := Maps[K, V]{order: order}
	for n := r.Block(least); n > 0; n = r.Block(least) {
		for ; n > 0 && !r.Failed(); n-- {
			k := key(r)
			var v V
			if val != nil {
				v = val(r)
			}
			p, found := m.place(&h, k)
			if found {
				r.Fail("a set or map with a key that comes twice")
				break
			}
			m.insert(h.tree, p, k, v)
		}
	}
	return h
}
