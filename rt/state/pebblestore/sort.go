package pebblestore

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
)

// ranked is a row of a batch, and the word of its key that is looked at.
type ranked struct {
	word uint64
	row  int
}

// fewRows is how many rows are compared as a whole.
const fewRows = 12

// wordLen is how many bytes of keys are looked at at once.
const wordLen = 8

// sort orders the rows by key; of one key, the last that was added counts. A range
// stands before the row at its beginning.
func (b *batch) sort() {
	order := make([]ranked, len(b.rows))
	for i := range order {
		order[i].row = i
	}
	b.sortFrom(order, 0)
	rows := make([]row, len(order))
	for i := range order {
		rows[i] = b.rows[order[i].row]
	}
	b.rows = rows
}

// sortFrom sorts rows whose keys are alike before an index, word by word: keys lie far
// apart in memory, and most begin alike. A key that has ended goes on with zeros.
func (b *batch) sortFrom(rows []ranked, from int) {
	for len(rows) > fewRows {
		alike, ended := b.look(rows, from)
		from += wordLen
		switch {
		case !alike:
			slices.SortFunc(rows, func(x, y ranked) int { return cmp.Compare(x.word, y.word) })
			for start, i := 0, 1; i <= len(rows); i++ {
				if i == len(rows) || rows[i].word != rows[start].word {
					b.sortFrom(rows[start:i], from)
					start = i
				}
			}
			return
		case ended:
			b.compareAll(rows)
			return
		}
	}
	b.compareAll(rows)
}

// look reads a word of each key, and reports whether all have the same, and whether a key
// ends in it.
func (b *batch) look(rows []ranked, from int) (alike, ended bool) {
	alike = true
	for i := range rows {
		key := b.keyOf(&b.rows[rows[i].row])
		if from+wordLen <= len(key) {
			rows[i].word = binary.BigEndian.Uint64(key[from:])
		} else {
			var word [wordLen]byte
			copy(word[:], key[min(from, len(key)):])
			rows[i].word, ended = binary.BigEndian.Uint64(word[:]), true
		}
		alike = alike && rows[i].word == rows[0].word
	}
	return alike, ended
}

// compareAll sorts rows by all that orders them.
func (b *batch) compareAll(rows []ranked) {
	slices.SortFunc(rows, func(p, q ranked) int { return b.compare(&b.rows[p.row], &b.rows[q.row]) })
}

func (b *batch) compare(x, y *row) int {
	if c := bytes.Compare(b.keyOf(x), b.keyOf(y)); c != 0 {
		return c
	}
	switch {
	case x.kind == rangeRow || y.kind == rangeRow:
		return cmp.Compare(y.kind, x.kind)
	case x.weak && !y.weak:
		return -1
	case y.weak && !x.weak:
		return 1
	}
	return cmp.Compare(x.key, y.key)
}
