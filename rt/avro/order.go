package avro

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/value"
)

// CheckKey returns an error unless t is a whole description of a type that may
// be a key.
func CheckKey(t *schema.Type) error {
	if err := Check(t); err != nil {
		return err
	}
	return checkKey(t)
}

func checkKey(t *schema.Type) error {
	switch t.Shape {
	case schema.Bool, schema.Int32, schema.Int, schema.String, schema.Bytes, schema.Timestamp, schema.Duration,
		schema.Date, schema.UUID, schema.Decimal, schema.Enum:
		return nil
	case schema.Record:
		for i := range t.Fields {
			if err := checkKey(&t.Fields[i].Type); err != nil {
				return err
			}
		}
		return nil
	default:
		return fmt.Errorf("a value of type %s is no key", t)
	}
}

// AppendOrdered reads a key of type t and appends it so that bytes sort as keys
// do: the canonical encoding of package value. The type has passed [CheckKey].
func AppendOrdered(dst []byte, t *schema.Type, r *Reader) []byte {
	switch t.Shape {
	case schema.String:
		return value.AppendStringKey(dst, r.View())
	case schema.Bytes:
		return value.AppendStringKey(dst, string(r.ViewBytes()))
	case schema.UUID:
		v := r.UUID()
		return append(dst, v[:]...)
	case schema.Decimal:
		return value.AppendDecimalKey(dst, r.Decimal(t.Precision))
	case schema.Record:
		for i := range t.Fields {
			dst = AppendOrdered(dst, &t.Fields[i].Type, r)
		}
		return dst
	default:
		return value.AppendIntKey(dst, keyNumber(t, r))
	}
}

// keyNumber reads a key that is a number.
func keyNumber(t *schema.Type, r *Reader) int64 {
	switch t.Shape {
	case schema.Bool:
		return value.BoolKey(r.Bool())
	case schema.Int32:
		return int64(r.Int32())
	case schema.Timestamp:
		return int64(r.Timestamp())
	case schema.Date:
		return int64(r.Date())
	case schema.Enum:
		return int64(rank(t, r.Branch(len(t.Symbols))))
	default:
		return r.Int()
	}
}

// rank is the place of a symbol among all when they are sorted by their numbers.
func rank(t *schema.Type, symbol int) int {
	n := 0
	for i := range t.Symbols {
		a, b := t.Symbols[i].Value, t.Symbols[symbol].Value
		if a < b || a == b && i < symbol {
			n++
		}
	}
	return n
}

// symbolAt is the symbol with a rank.
func symbolAt(t *schema.Type, n int) int {
	order := make([]int, len(t.Symbols))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(t.Symbols[i].Value, t.Symbols[j].Value) })
	return order[n]
}

// TakeOrdered reads a key that AppendOrdered has appended off the beginning of
// key, appends it as Avro, and returns what is left. A key that is broken gives
// some key.
func TakeOrdered(dst []byte, t *schema.Type, key string) (avro []byte, rest string) {
	switch t.Shape {
	case schema.String, schema.Bytes:
		s, rest := value.TakeStringKey(key)
		return AppendString(dst, s), rest
	case schema.UUID:
		var v value.UUID
		n := copy(v[:], key)
		return AppendUUID(dst, v), key[n:]
	case schema.Decimal:
		d, rest := value.TakeDecimalKey(key)
		return AppendDecimal(dst, d), rest
	case schema.Record:
		for i := range t.Fields {
			dst, key = TakeOrdered(dst, &t.Fields[i].Type, key)
		}
		return dst, key
	default:
		n, rest := value.TakeIntKey(key)
		switch t.Shape {
		case schema.Bool:
			return AppendBool(dst, n != 0), rest
		case schema.Enum:
			return AppendBranch(dst, symbolAt(t, int(min(max(n, 0), int64(len(t.Symbols)-1))))), rest
		default:
			return AppendInt(dst, n), rest
		}
	}
}

// HashKey returns the hash of a key of type t, by which it has its key group:
// what generated code computes for it.
func HashKey(t *schema.Type, key []byte) (uint64, error) {
	r := Reader{data: key}
	var hash uint64
	switch t.Shape {
	case schema.String:
		hash = value.HashString(r.View())
	case schema.Bytes:
		hash = value.Hash64(r.ViewBytes())
	case schema.Record, schema.UUID, schema.Decimal:
		hash = value.Hash64(AppendOrdered(nil, t, &r))
	default:
		hash = value.HashInt(keyNumber(t, &r))
	}
	return hash, r.Close()
}
