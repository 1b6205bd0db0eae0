package state

import (
	"math/bits"

	"github.com/flow-lang/flowc/rt/value"
)

// wheel holds entries that are after a time, by how far they are: with their times
// written in digits of six bits, by the first digit in which they differ from that
// time, and by what they have there. So the first entries lie together, and when
// the time has come to them, those that stay behind differ only in later digits: an
// entry moves at most as often as there are digits.
type wheel struct {
	levels [11]*level // the last digit first
	used   uint16     // levels with entries
	spare  *piece     // to be used again
	spares int        // of them
	taken  int        // pieces that hold entries
}

// level has a bucket for each value of a digit.
type level struct {
	buckets [1 << digit]bucket
	used    uint64 // those with entries
}

// bucket holds entries in no order.
type bucket struct {
	pieces      *piece
	n           int
	first, last value.Timestamp
}

// piece is room for some entries of a bucket, and a list.
type piece struct {
	entries [31]Entry
	n       int
	next    *piece
}

const (
	digit       = 6
	shortLevels = 3  // levels of whose buckets each is of some milliseconds
	fewEntries  = 64 // a bucket of so many is sorted as it is
)

// put puts an entry where it belongs, seen from a time before it.
func (w *wheel) put(from value.Timestamp, e Entry) {
	at := pack(e.At)
	i := (bits.Len64(at^pack(from)) - 1) / digit
	l := w.levels[i]
	if l == nil {
		l = &level{}
		w.levels[i] = l
	}
	v := at >> (i * digit) & (1<<digit - 1)
	b := &l.buckets[v]
	if b.n == 0 {
		w.used |= 1 << i
		l.used |= 1 << v
		b.first, b.last = e.At, e.At
	}
	b.first, b.last = min(b.first, e.At), max(b.last, e.At)
	if b.pieces == nil || b.pieces.n == len(b.pieces.entries) {
		b.pieces = w.piece(b.pieces)
	}
	b.pieces.entries[b.pieces.n] = e
	b.pieces.n++
	b.n++
}

// keep drops the entries that are not to stay. The others come back into their buckets,
// seen from the time from which they were put.
func (w *wheel) keep(from value.Timestamp, stays func(*Entry) bool) {
	for i, l := range w.levels {
		if w.used>>i&1 == 0 {
			continue
		}
		for v := range l.buckets {
			was := l.buckets[v].pieces
			l.buckets[v] = bucket{}
			l.used &^= 1 << v
			for c := was; c != nil; c = w.free(c) {
				for _, e := range c.entries[:c.n] {
					if stays(&e) {
						w.put(from, e)
					}
				}
			}
		}
		if l.used == 0 {
			w.used &^= 1 << i
		}
	}
}

// first returns the bucket of the first entries, nil if there are none.
func (w *wheel) first() *bucket {
	if w.used == 0 {
		return nil
	}
	l := w.levels[bits.TrailingZeros16(w.used)]
	return &l.buckets[bits.TrailingZeros64(l.used)]
}

// take takes the first bucket out, whose pieces are to be freed, and reports whether
// it is of a short time. There must be one.
func (w *wheel) take() (b bucket, short bool) {
	i := bits.TrailingZeros16(w.used)
	l := w.levels[i]
	v := bits.TrailingZeros64(l.used)
	b, l.buckets[v] = l.buckets[v], bucket{}
	if l.used &^= 1 << v; l.used == 0 {
		w.used &^= 1 << i
	}
	return b, i < shortLevels
}

// piece returns room for more entries before those of next.
func (w *wheel) piece(next *piece) *piece {
	w.taken++
	c := w.spare
	if c == nil {
		return &piece{next: next}
	}
	w.spare, w.spares = c.next, w.spares-1
	c.next = next
	return c
}

// free takes back the first piece of a list and returns the next.
func (w *wheel) free(c *piece) (next *piece) {
	next = c.next
	w.taken--
	if w.spares <= w.taken {
		c.n, c.next = 0, w.spare
		w.spare, w.spares = c, w.spares+1
	}
	return next
}
