package state

import (
	"encoding/binary"

	"github.com/flow-lang/flowc/rt/value"
)

// appendRecord appends a record so that takeRecord finds it.
func appendRecord(dst []byte, r *Record) []byte {
	dst = binary.AppendUvarint(dst, uint64(r.State))
	dst = binary.AppendUvarint(dst, uint64(r.Group))
	dst = append(dst, byte(r.Gone))
	dst = binary.AppendVarint(dst, int64(r.Written))
	for _, part := range [...][]byte{r.Key, r.Sub, r.Value} {
		dst = append(binary.AppendUvarint(dst, uint64(len(part))), part...)
	}
	return dst
}

// takeRecord reads the first record of b, which are views of it, and returns the
// rest.
func takeRecord(b []byte, r *Record) (rest []byte) {
	number := func() int {
		v, n := binary.Uvarint(b)
		b = b[n:]
		return int(v)
	}
	part := func() []byte {
		n := number()
		p := b[:n:n]
		b = b[n:]
		return p
	}
	r.State, r.Group = number(), number()
	r.Gone, b = Gone(b[0]), b[1:]
	written, n := binary.Varint(b)
	r.Written, b = value.Timestamp(written), b[n:]
	r.Key, r.Sub, r.Value = part(), part(), part()
	return b
}
