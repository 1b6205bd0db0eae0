package value

import (
	"encoding/binary"
	"strings"
)

// The canonical encoding of a composite key is that of its parts, one behind
// the other. Encodings sort as the keys do, part by part, and no encoding is the
// beginning of another of the same type. It is frozen: saved state is found by
// it.

// AppendIntKey appends eight bytes, the most significant first and with the
// sign bit flipped, so that bytes sort as numbers do.
func AppendIntKey(dst []byte, n int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(n)^1<<63)
}

// AppendStringKey appends the bytes of s and an end: 00 01, while a zero in s
// becomes 00 ff.
func AppendStringKey(dst []byte, s string) []byte {
	for {
		i := strings.IndexByte(s, 0)
		if i < 0 {
			break
		}
		dst = append(append(dst, s[:i]...), 0, 0xff)
		s = s[i+1:]
	}
	return append(append(dst, s...), 0, 1)
}

// TakeIntKey reads what AppendIntKey has written and returns the rest of key. A
// key that ends before counts as zeros from there on.
func TakeIntKey(key string) (n int64, rest string) {
	var b [8]byte
	size := copy(b[:], key)
	return int64(binary.BigEndian.Uint64(b[:]) ^ 1<<63), key[size:]
}

// TakeStringKey reads what AppendStringKey has written and returns the rest of
// key. s is a view into key unless it holds zeros.
func TakeStringKey(key string) (s, rest string) {
	var joined []byte
	rest = key
	for {
		i := strings.IndexByte(rest, 0)
		if i < 0 || i+1 == len(rest) {
			return string(append(joined, rest...)), ""
		}
		if rest[i+1] == 1 {
			if joined == nil {
				return rest[:i], rest[i+2:]
			}
			return string(append(joined, rest[:i]...)), rest[i+2:]
		}
		joined = append(append(joined, rest[:i]...), 0)
		rest = rest[i+2:]
	}
}
