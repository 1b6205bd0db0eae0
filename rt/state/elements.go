package state

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// Elements brings the records of one key after the other, which come by the bytes of
// State and Sub, into the order that a restore needs: elements of lists by their
// numbers, of which the bytes have another order from the 65th on.
type Elements struct {
	Lists []bool // by state: it is a list

	key     []byte // of the list at hand
	state   int
	next    int64    // number of its next element
	waiting []Record // elements that came before it
}

// Add calls each with the record, or keeps it until its turn comes.
func (e *Elements) Add(r *Record, each func(*Record) error) error {
	if r.State >= len(e.Lists) || !e.Lists[r.State] {
		if err := e.Flush(each); err != nil {
			return err
		}
		return each(r)
	}
	if e.next == 0 || r.State != e.state || !bytes.Equal(r.Key, e.key) {
		if err := e.Flush(each); err != nil {
			return err
		}
		e.key, e.state = append(e.key[:0], r.Key...), r.State
	}
	if numberOf(r) != e.next {
		own := *r
		own.Key, own.Sub, own.Value = bytes.Clone(r.Key), bytes.Clone(r.Sub), bytes.Clone(r.Value)
		e.waiting = append(e.waiting, own)
		e.next = max(e.next, 1) // the list has begun
		return nil
	}
	e.next++
	return each(r)
}

// Flush calls each with what waits. It is called after the last record.
func (e *Elements) Flush(each func(*Record) error) error {
	waiting := e.waiting
	e.next, e.waiting = 0, nil
	slices.SortFunc(waiting, func(a, b Record) int { return cmp.Compare(numberOf(&a), numberOf(&b)) })
	for i := range waiting {
		if err := each(&waiting[i]); err != nil {
			return err
		}
	}
	return nil
}

// numberOf is the number of an element, -1 if it has none.
func numberOf(r *Record) int64 {
	n, used := binary.Varint(r.Sub) // an int of Avro
	if used != len(r.Sub) || used == 0 {
		return -1
	}
	return n
}
