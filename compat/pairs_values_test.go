package compat_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/value"
)

// Values of saved state, the plainest way: each type has one Go type.
//
//	bool, float32, float64, string (also of bytes, json and uuid)
//	int64      int32, int, timestamp, duration, date
//	*big.Int   the units of a decimal
//	symbol     the number of a symbol of an enum
//	nil, some  an option
//	member     a member of a union
//	[]any      a list, or a set in its order
//	[]pair     a map, in its order
//	record     a record, or what an aggregate has folded
type (
	symbol int
	some   struct{ of any }
	member struct {
		index int
		of    record
	}
	pair   struct{ key, of any }
	record []any
)

// kind is a type that knows the types around it, to which it may refer.
type kind struct {
	schema.Type
	around []*kind
}

func kindOf(t *schema.Type) *kind { return &kind{Type: *t} }

// part is a type within k.
func (k *kind) part(t *schema.Type) *kind {
	around := k.around
	if k.Name != "" {
		around = append(slices.Clone(around), k)
	}
	if t.Shape == schema.Ref {
		for i := len(around) - 1; i >= 0; i-- {
			if around[i].Name == t.Name {
				return around[i]
			}
		}
	}
	return &kind{*t, around}
}

func (k *kind) elem() *kind       { return k.part(k.Elem) }
func (k *kind) key() *kind        { return k.part(k.Key) }
func (k *kind) field(i int) *kind { return k.part(&k.Fields[i].Type) }
func (k *kind) mem(i int) *kind   { return k.part(&k.Members[i]) }

func long(dst []byte, n int64) []byte { return binary.AppendVarint(dst, n) }

func text(dst []byte, s string) []byte { return append(long(dst, int64(len(s))), s...) }

// encode appends a value as Avro binary.
func encode(dst []byte, k *kind, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, 0)
	case some:
		return encode(long(dst, 1), k.elem(), v.of)
	case bool:
		if v {
			return append(dst, 1)
		}
		return append(dst, 0)
	case int64:
		return long(dst, v)
	case symbol:
		return long(dst, int64(v))
	case float32:
		return binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
	case float64:
		return binary.LittleEndian.AppendUint64(dst, math.Float64bits(v))
	case string:
		if k.Shape == schema.UUID {
			return append(dst, v...)
		}
		return text(dst, v)
	case *big.Int:
		return text(dst, string(twos(v)))
	case member:
		return encode(long(dst, int64(v.index)), k.mem(v.index), v.of)
	case record:
		for i, f := range v {
			dst = encode(dst, k.field(i), f)
		}
		return dst
	case []any:
		if len(v) > 0 {
			dst = long(dst, int64(len(v)))
		}
		for _, e := range v {
			dst = encode(dst, k.elem(), e)
		}
		return append(dst, 0)
	case []pair:
		if len(v) > 0 {
			dst = long(dst, int64(len(v)))
		}
		for _, e := range v {
			dst = encode(encode(dst, k.key(), e.key), k.elem(), e.of)
		}
		return append(dst, 0)
	}
	panic(fmt.Sprintf("no such value: %T", v))
}

// twos is a number in two's complement, in as few bytes as hold it.
func twos(n *big.Int) []byte {
	for size := 1; ; size++ {
		half := new(big.Int).Lsh(big.NewInt(1), uint(8*size-1))
		if n.Cmp(half) >= 0 || n.Cmp(new(big.Int).Neg(half)) < 0 {
			continue
		}
		m := n
		if n.Sign() < 0 {
			m = new(big.Int).Add(n, new(big.Int).Lsh(half, 1))
		}
		return m.FillBytes(make([]byte, size))
	}
}

// compareValues orders values of a type that may be a key.
func compareValues(k *kind, a, b any) int {
	switch a := a.(type) {
	case bool:
		return len(fmt.Sprint(b)) - len(fmt.Sprint(a)) // true is the shorter word
	case int64:
		return int(clamp(a, b.(int64)))
	case symbol:
		return int(k.Symbols[a].Value) - int(k.Symbols[b.(symbol)].Value)
	case string:
		return strings.Compare(a, b.(string))
	case *big.Int:
		return a.Cmp(b.(*big.Int))
	case record:
		for i := range a {
			if c := compareValues(k.field(i), a[i], b.(record)[i]); c != 0 {
				return c
			}
		}
		return 0
	}
	panic(fmt.Sprintf("no key: %T", a))
}

func clamp(a, b int64) int64 {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func sortedSet(k *kind, list []any) []any {
	slices.SortStableFunc(list, func(a, b any) int { return compareValues(k, a, b) })
	return slices.CompactFunc(list, func(a, b any) bool { return compareValues(k, a, b) == 0 })
}

// dice makes values.
type dice struct{ *rand.Rand }

func pick[T any](d dice, of ...T) T { return of[d.IntN(len(of))] }

func (d dice) chance(n, of int) bool { return d.IntN(of) < n }

// value makes a value of a type, often one at a bound.
func (d dice) value(k *kind, depth int) any {
	switch k.Shape {
	case schema.Bool:
		return d.chance(1, 2)
	case schema.Int32:
		return pick(d, 0, 1, -1, 7, 100, 1<<24, 1<<24+1, math.MaxInt32, math.MinInt32, int64(d.Int32()))
	case schema.Int:
		return pick(d, 0, 1, -1, 7, 99, 100, math.MaxInt32, math.MaxInt32+1, math.MinInt32-1, 1<<53, 1<<53+1, math.MaxInt64, math.MinInt64, int64(d.IntN(1000)), int64(d.Uint64()))
	case schema.Duration:
		return pick(d, 0, 1, -1, 3_600_000_000, int64(d.IntN(1_000_000_000)))
	case schema.Timestamp:
		return pick(d, 0, 1, int64(value.MinTime), int64(value.MaxTime), 1_700_000_000_000_000, 250_000)
	case schema.Date:
		return pick(d, 0, 1, -1, int64(value.MinDate), int64(value.MaxDate), 18_262)
	case schema.Float32:
		return pick(d, 0, 1, -1, 0.5, math.MaxFloat32, float32(math.Inf(-1)), float32(math.NaN()), 3.1)
	case schema.Float:
		return pick(d, 0, 1, -1, 0.5, 0.1, math.MaxFloat64, math.Inf(1), math.NaN(), 16777217, 3e10)
	case schema.Decimal:
		return d.units(k)
	case schema.String:
		return pick(d, "", "a", "12", `"x"`, "{}", "nope", "9f2c1b6e-3a4d-4b5c-8d7e-0123456789ab", "9F2C1B6E-3A4D-4B5C-8D7E-0123456789AB", "0123456789abcdef", "ä", strconv.Itoa(d.IntN(1000)))
	case schema.Bytes:
		return pick(d, "", "a", "\xff", "0123456789abcdef", "\x00\x01", "text")
	case schema.JSON:
		return pick(d, "null", "true", "12", `"x"`, `{"a":[1,2]}`, "[]")
	case schema.UUID:
		return pick(d, "0123456789abcdef", strings.Repeat("\x00", 16), strings.Repeat("\xff", 16), fmt.Sprintf("%016d", d.IntN(1000)))
	case schema.Enum:
		return symbol(d.IntN(len(k.Symbols)))
	case schema.Option:
		if d.chance(1, 3) || depth > 5 {
			return nil
		}
		return some{d.value(k.elem(), depth+1)}
	}
	return d.composed(k, depth)
}

func (d dice) composed(k *kind, depth int) any {
	n := d.IntN(4)
	if depth > 4 {
		n = 0
	}
	switch k.Shape {
	case schema.Union:
		i := d.IntN(len(k.Members))
		return member{i, d.value(k.mem(i), depth+1).(record)}
	case schema.ListOf:
		list := []any{}
		for range n {
			list = append(list, d.value(k.elem(), depth+1))
		}
		return list
	case schema.SetOf:
		list := []any{}
		for range n {
			list = append(list, d.value(k.elem(), depth+1))
		}
		return sortedSet(k.elem(), list)
	case schema.MapOf:
		var keys []any
		for range n {
			keys = append(keys, d.value(k.key(), depth+1))
		}
		list := []pair{}
		for _, key := range sortedSet(k.key(), keys) {
			list = append(list, pair{key, d.value(k.elem(), depth+1)})
		}
		return list
	case schema.Record, schema.Accumulator:
		r := record{}
		for i := range k.Fields {
			r = append(r, d.value(k.field(i), depth+1))
		}
		return r
	}
	panic("no values of " + string(k.Shape))
}

func (d dice) units(k *kind) *big.Int {
	most := new(big.Int).Sub(power(k.Precision), big.NewInt(1))
	one := power(k.Scale)
	n := pick(d, big.NewInt(0), big.NewInt(1), one, most, new(big.Int).Neg(most), new(big.Int).Mul(one, big.NewInt(12)), big.NewInt(-50))
	if new(big.Int).Abs(n).Cmp(most) > 0 {
		return one.SetInt64(0)
	}
	return n
}

func power(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// constant reads a constant of Flow, of the few forms that the programs of this
// test have.
func constant(k *kind, text string) any {
	switch k.Shape {
	case schema.Option:
		if text == "none" {
			return nil
		}
		return some{constant(k.elem(), text)}
	case schema.Bool:
		return text == "true"
	case schema.Int32, schema.Int:
		n, err := strconv.ParseInt(text, 10, 64)
		must(err)
		return n
	case schema.Float:
		x, err := strconv.ParseFloat(text, 64)
		must(err)
		return x
	case schema.Float32:
		x, err := strconv.ParseFloat(text, 32)
		must(err)
		return float32(x)
	case schema.String:
		s, err := strconv.Unquote(text)
		must(err)
		return s
	case schema.Duration:
		d, ok := value.ParseDuration(text)
		if !ok {
			panic(text)
		}
		return int64(d)
	case schema.Enum:
		_, name, _ := strings.Cut(text, ".")
		return symbol(slices.IndexFunc(k.Symbols, func(s schema.Symbol) bool { return s.Name == name }))
	case schema.ListOf, schema.SetOf:
		return []any{}
	case schema.MapOf:
		return []pair{}
	case schema.Decimal:
		r, ok := new(big.Rat).SetString(strings.TrimSuffix(text, "d"))
		if !ok {
			panic(text)
		}
		return r.Mul(r, new(big.Rat).SetInt(power(k.Scale))).Num()
	}
	panic(fmt.Sprintf("no constants of %s: %s", k.Shape, text))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
