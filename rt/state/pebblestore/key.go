package pebblestore

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/cockroachdb/pebble/v2"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// The rows of a database:
//
//	1 · operator · key group · length of key · key · state · sub  →  time written · value
//	2 · operator · shard · clock · time · rank · key group · key  →  (nothing)
//	3 · operator · key group · length of key · key · state        →  time written · value
//
// Rows of the first kind are records. All before the state is the prefix that
// Bloom filters know; as the length comes before the key, no prefix is the
// beginning of another. Where Shape.Rows is true, a key has one row, which ends with the
// key, and whose value is that of [appendRow]. Rows of the second kind find the keys that
// have timers by their times. They are never changed: who finds one looks at the key.
// Those of the third are pieces of keys, which are there in a restore only.
const (
	recordRow = 1
	timerRow  = 2
	pieceRow  = 3
)

// numberLen is the length of operator, key group and state.
const numberLen = 2

// headLen is the length of what tells the rows of an operator and their kind.
const headLen = 1 + numberLen

// appendPrefix appends the prefix of a key's records.
func appendPrefix(dst []byte, operator, group int, key []byte) []byte {
	dst = append(dst, recordRow)
	dst = binary.BigEndian.AppendUint16(dst, uint16(operator))
	dst = binary.BigEndian.AppendUint16(dst, uint16(group))
	dst = binary.AppendUvarint(dst, uint64(len(key)))
	return append(dst, key...)
}

// appendTimers appends what all timer rows of a shard begin with.
func appendTimers(dst []byte, operator, shard int, clock bool) []byte {
	dst = append(dst, timerRow)
	dst = binary.BigEndian.AppendUint16(dst, uint16(operator))
	dst = binary.BigEndian.AppendUint16(dst, uint16(shard))
	if clock {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// appendTime appends a time so that times order as bytes do.
func appendTime(dst []byte, t value.Timestamp) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(t)^(1<<63))
}

// turnLen is the length of a turn.
const turnLen = 16

// appendTurn appends a time and a rank, likewise.
func appendTurn(dst []byte, t state.Turn) []byte {
	return binary.BigEndian.AppendUint64(appendTime(dst, t.At), t.Rank)
}

func turnOf(b []byte) state.Turn {
	return state.Turn{At: value.Timestamp(binary.BigEndian.Uint64(b) ^ (1 << 63)), Rank: binary.BigEndian.Uint64(b[8:])}
}

// after returns the least key that is greater than all that begin with prefix.
func after(prefix []byte) []byte {
	end := bytes.Clone(prefix)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] != math.MaxUint8 {
			end[i]++
			return end[:i+1]
		}
	}
	panic("pebblestore: rows begin with a small byte")
}

// split returns the length of the prefix of a row.
func split(row []byte) int {
	const head = headLen + numberLen
	if len(row) < head || row[0] != recordRow && row[0] != pieceRow {
		return len(row)
	}
	n, used := binary.Uvarint(row[head:])
	if used <= 0 || n > uint64(len(row)-head-used) {
		return len(row) // a bound, not a row
	}
	return head + used + int(n)
}

// comparer orders rows by their bytes. It makes no shorter keys up, as those
// would have no prefix.
var comparer = func() *pebble.Comparer {
	c := *pebble.DefaultComparer
	c.Name = "flowc"
	c.Split = split
	c.Separator = func(dst, a, _ []byte) []byte { return append(dst, a...) }
	c.Successor = func(dst, a []byte) []byte { return append(dst, a...) }
	return &c
}()
