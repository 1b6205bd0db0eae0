package compat_test

import (
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/value"
)

// What docs/evolution.md says of a change of type, once more and the plainest
// way: tests hold rt/evolve to it.

const scalarTable = `
old       | int32 | int | float32 | float | string | bytes | timestamp | date | uuid | json
bool      |       |     |         |       |        |       |           |      |      | M
int32     | U     | A   | MC      | M     |        |       |           |      |      | M
int       | MC    | U   | MC      | MC    |        |       |           |      |      | M
float32   |       |     | U       | M     |        |       |           |      |      | MC
float     |       |     | MC      | U     |        |       |           |      |      | MC
decimal   | MC    | MC  |         |       |        |       |           |      |      | M
string    |       |     |         |       | U      | A     |           |      | MC   | MC
bytes     |       |     |         |       | MC     | U     |           |      | MC   |
timestamp |       |     |         |       |        |       | U         |      |      | M
duration  |       |     |         |       |        |       |           |      |      | M
date      |       |     |         |       |        |       | M         | U    |      | M
uuid      |       |     |         |       | M      | M     |           |      | U    | M
json      |       |     |         |       | A      | A     |           |      |      | U
`

var scalarVerdicts = func() map[[2]string]evolve.Verdict {
	out := map[[2]string]evolve.Verdict{}
	var heads []string
	for line := range strings.Lines(strings.TrimSpace(scalarTable)) {
		cells := strings.Split(line, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if heads == nil {
			heads = cells
			continue
		}
		for i, c := range cells[1:] {
			if v, ok := evolve.VerdictOf(c); ok {
				out[[2]string{cells[0], heads[i+1]}] = v
			}
		}
	}
	return out
}()

// change is what becomes of values of one type as another.
type change struct {
	verdict evolve.Verdict
	convert func(v any) (out any, fits bool)
}

func (c change) and(v evolve.Verdict) evolve.Verdict { return max(c.verdict, v) }

func asItIs(v any) (any, bool) { return v, true }

func nothing(any) (any, bool) { return nil, false }

var broken = change{evolve.Breaks, nothing}

// changeOf says what becomes of values of old as new. instead stands for none; it
// is nil if nothing does. open are the pairs around, for types that hold
// themselves.
func changeOf(old, new *kind, instead *any, open ...*openChange) change {
	for _, o := range open {
		if o.old == old.Name && o.new == new.Name && old.Name != "" && new.Name != "" {
			return change{evolve.Unchanged, func(v any) (any, bool) { return o.convert(v) }}
		}
	}
	o := &openChange{old: old.Name, new: new.Name}
	if old.Name != "" && new.Name != "" {
		open = append(slices.Clone(open), o)
	}
	c := changeOfParts(old, new, instead, open)
	o.convert = c.convert
	return c
}

type openChange struct {
	old, new string
	convert  func(v any) (any, bool)
}

func changeOfParts(old, new *kind, instead *any, open []*openChange) change {
	opt, was := new.Shape == schema.Option, old.Shape == schema.Option
	switch {
	case opt && was:
		c := changeOf(old.elem(), new.elem(), nil, open...)
		return change{c.verdict, func(v any) (any, bool) {
			if v == nil {
				return nil, true
			}
			out, ok := c.convert(v.(some).of)
			return some{out}, ok
		}}
	case opt:
		c := changeOf(old, new.elem(), nil, open...)
		return change{c.and(evolve.Migrates), func(v any) (any, bool) {
			out, ok := c.convert(v)
			return some{out}, ok
		}}
	case was:
		c := changeOf(old.elem(), new, nil, open...)
		verdict := evolve.MigratesChecked
		if instead != nil {
			verdict = evolve.Migrates
		}
		return change{c.and(verdict), func(v any) (any, bool) {
			switch {
			case v != nil:
				return c.convert(v.(some).of)
			case instead != nil:
				return *instead, true
			}
			return nil, false
		}}
	case old.Shape == schema.Union && new.Shape == schema.Union:
		return unionChange(old, new, open)
	case new.Shape == schema.Union:
		for i := range new.Members {
			if old.Shape == schema.Record && new.Members[i].Name == old.Name && old.Name != "" {
				c := changeOf(old, new.mem(i), nil, open...)
				return change{c.and(evolve.Migrates), func(v any) (any, bool) {
					out, ok := c.convert(v)
					if !ok {
						return nil, false
					}
					return member{i, out.(record)}, true
				}}
			}
		}
		return broken
	case old.Shape == schema.Record && new.Shape == schema.Record:
		return recordChange(old, new, open)
	case old.Shape == schema.Enum && new.Shape == schema.Enum:
		return enumChange(old, new)
	case old.Elem != nil && new.Elem != nil:
		return collectionChange(old, new, open)
	}
	return scalarChange(old, new)
}

func scalarChange(old, new *kind) change {
	if new.Shape == schema.Decimal {
		switch {
		case old.Shape == schema.Decimal:
			return decimalChange(old, new)
		case old.Shape == schema.Int || old.Shape == schema.Int32:
			digits := map[schema.TypeName]int{schema.Int: 19, schema.Int32: 10}[old.Shape]
			v := evolve.MigratesChecked
			if new.Precision-new.Scale >= digits {
				v = evolve.Migrates
			}
			return change{v, func(v any) (any, bool) {
				return fitsDecimal(new, big.NewRat(v.(int64), 1))
			}}
		}
		return broken
	}
	if old.Shape == new.Shape {
		return change{evolve.Unchanged, asItIs}
	}
	v, ok := scalarVerdicts[[2]string{string(old.Shape), string(new.Shape)}]
	if !ok {
		return broken
	}
	return change{v, func(x any) (any, bool) { return scalarTo(old, new, x) }}
}

func decimalChange(old, new *kind) change {
	grows := new.Precision >= old.Precision
	switch {
	case old.Scale == new.Scale && old.Precision == new.Precision:
		return change{evolve.Unchanged, asItIs}
	case old.Scale == new.Scale && grows:
		return change{evolve.ReadsAsIs, asItIs}
	}
	v := evolve.MigratesChecked
	if new.Scale >= old.Scale && new.Precision-new.Scale >= old.Precision-old.Scale {
		v = evolve.Migrates
	}
	return change{v, func(x any) (any, bool) {
		return fitsDecimal(new, big.NewRat(1, 1).SetFrac(x.(*big.Int), power(old.Scale)))
	}}
}

// fitsDecimal is a number as a decimal, if no digit is lost.
func fitsDecimal(k *kind, r *big.Rat) (any, bool) {
	units := big.NewRat(1, 1).Mul(r, big.NewRat(1, 1).SetInt(power(k.Scale)))
	if !units.IsInt() || units.Num().CmpAbs(power(k.Precision)) >= 0 {
		return nil, false
	}
	return units.Num(), true
}

// number is a value as an exact number, nil if it is none.
func number(old *kind, x any) *big.Rat {
	switch x := x.(type) {
	case int64:
		return big.NewRat(x, 1)
	case *big.Int:
		return big.NewRat(1, 1).SetFrac(x, power(old.Scale))
	}
	return nil
}

func scalarTo(old, new *kind, x any) (any, bool) {
	switch new.Shape {
	case schema.Int32, schema.Int:
		n := number(old, x)
		if !n.IsInt() || !n.Num().IsInt64() {
			return nil, false
		}
		i := n.Num().Int64()
		return i, new.Shape == schema.Int || i == int64(int32(i))
	case schema.Float:
		if f, ok := x.(float32); ok {
			return float64(f), true
		}
		return number(old, x).Float64()
	case schema.Float32:
		if f, ok := x.(float64); ok {
			return float32(f), math.IsNaN(f) || float64(float32(f)) == f
		}
		return number(old, x).Float32()
	case schema.Timestamp:
		return x.(int64) * 86_400_000_000, true
	case schema.String:
		if old.Shape == schema.UUID {
			return value.FormatUUID(value.UUID([]byte(x.(string)))), true
		}
		return x, utf8.ValidString(x.(string))
	case schema.Bytes:
		return x, true
	case schema.UUID:
		if old.Shape == schema.Bytes {
			return x, len(x.(string)) == 16
		}
		u, ok := value.ParseUUID(x.(string))
		return string(u[:]), ok
	case schema.JSON:
		if s, ok := x.(string); ok && old.Shape == schema.String {
			return x, json.Valid([]byte(s))
		}
		if f, ok := x.(float64); ok && (math.IsNaN(f) || math.IsInf(f, 0)) {
			return nil, false
		}
		if f, ok := x.(float32); ok && (f != f || math.IsInf(float64(f), 0)) {
			return nil, false
		}
		return string(avro.AppendJSON(nil, &old.Type, avro.NewReader(encode(nil, old, x)))), true
	}
	panic("no scalar " + string(new.Shape))
}

func collectionChange(old, new *kind, open []*openChange) change {
	elem := changeOf(old.elem(), new.elem(), nil, open...)
	all := func(v any) ([]any, bool) {
		out := []any{}
		for _, e := range v.([]any) {
			n, ok := elem.convert(e)
			if !ok {
				return nil, false
			}
			out = append(out, n)
		}
		return out, true
	}
	switch [2]schema.TypeName{old.Shape, new.Shape} {
	case [2]schema.TypeName{schema.ListOf, schema.ListOf}:
		return change{elem.verdict, func(v any) (any, bool) { out, ok := all(v); return out, ok }}
	case [2]schema.TypeName{schema.SetOf, schema.ListOf}:
		return change{elem.and(evolve.Migrates), func(v any) (any, bool) { out, ok := all(v); return out, ok }}
	case [2]schema.TypeName{schema.ListOf, schema.SetOf}:
		return change{elem.and(evolve.MigratesLosing), func(v any) (any, bool) {
			out, ok := all(v)
			if !ok {
				return nil, false
			}
			return sortedSet(new.elem(), out), true
		}}
	case [2]schema.TypeName{schema.SetOf, schema.SetOf}:
		return change{elem.and(keysMeet(old.elem(), new.elem())), func(v any) (any, bool) {
			out, ok := all(v)
			if !ok {
				return nil, false
			}
			n := len(out)
			out = sortedSet(new.elem(), out)
			return out, len(out) == n
		}}
	case [2]schema.TypeName{schema.MapOf, schema.MapOf}:
		key := changeOf(old.key(), new.key(), nil, open...)
		return change{max(key.verdict, elem.verdict, keysMeet(old.key(), new.key())), func(v any) (any, bool) {
			out := []pair{}
			for _, e := range v.([]pair) {
				a, ok1 := key.convert(e.key)
				b, ok2 := elem.convert(e.of)
				if !ok1 || !ok2 {
					return nil, false
				}
				out = append(out, pair{a, b})
			}
			slices.SortStableFunc(out, func(a, b pair) int { return compareValues(new.key(), a.key, b.key) })
			for i := range out {
				if i > 0 && compareValues(new.key(), out[i-1].key, out[i].key) == 0 {
					return nil, false
				}
			}
			return out, true
		}}
	}
	return broken
}

// keysMeet is MigratesChecked if two keys may become one.
func keysMeet(old, new *kind) evolve.Verdict {
	if meet(old, new) {
		return evolve.MigratesChecked
	}
	return evolve.Unchanged
}

func meet(old, new *kind) bool {
	switch {
	case old.Shape == schema.String && new.Shape == schema.UUID:
		return true
	case old.Shape == schema.Record && new.Shape == schema.Record:
		match := fieldMatch(old, new)
		for i := range old.Fields {
			at := slices.Index(match, i)
			if at < 0 || meet(old.field(i), new.field(at)) {
				return true
			}
		}
	}
	return false
}

// fieldMatch says which old field each new one is, -1 for none.
func fieldMatch(old, new *kind) []int {
	match := make([]int, len(new.Fields))
	find := func(i int, name string) {
		at := slices.IndexFunc(old.Fields, func(f schema.Field) bool { return f.Name == name })
		if match[i] < 0 && at >= 0 && !slices.Contains(match, at) {
			match[i] = at
		}
	}
	for i := range match {
		match[i] = -1
	}
	for i, f := range new.Fields {
		find(i, f.Name)
	}
	for i, f := range new.Fields {
		for _, was := range f.Was {
			find(i, was)
		}
	}
	return match
}

func recordChange(old, new *kind, open []*openChange) change {
	match := fieldMatch(old, new)
	c := change{verdict: evolve.Unchanged}
	makers := make([]func(record) (any, bool), len(match))
	last := -1
	for i, m := range match {
		f := &new.Fields[i]
		k := new.field(i)
		var fresh *any
		if f.Default != nil {
			v := constant(k, *f.Default)
			fresh = &v
		}
		switch {
		case m >= 0:
			if m < last {
				c.verdict = c.and(evolve.Migrates)
			}
			last = max(last, m)
			if old.Fields[m].Name != f.Name {
				c.verdict = c.and(evolve.ReadsAsIs)
			}
			one := changeOf(old.field(m), k, fresh, open...)
			c.verdict = c.and(one.verdict)
			makers[i] = func(r record) (any, bool) { return one.convert(r[m]) }
		case fresh != nil:
			c.verdict = c.and(evolve.Migrates)
			makers[i] = func(record) (any, bool) { return *fresh, true }
		case k.Shape == schema.Option:
			c.verdict = c.and(evolve.Migrates)
			makers[i] = func(record) (any, bool) { return nil, true }
		default:
			return broken
		}
	}
	for i := range old.Fields {
		if !slices.Contains(match, i) {
			c.verdict = c.and(evolve.MigratesLosing)
		}
	}
	if c.verdict == evolve.Breaks {
		return broken
	}
	c.convert = func(v any) (any, bool) {
		out := record{}
		for _, make := range makers {
			f, ok := make(v.(record))
			if !ok {
				return nil, false
			}
			out = append(out, f)
		}
		return out, true
	}
	return c
}

func enumChange(old, new *kind) change {
	match := make([]int, len(old.Symbols))
	c := change{verdict: evolve.Unchanged}
	find := func(i int, is func(n schema.Symbol) bool) {
		if match[i] >= 0 {
			return
		}
		if at := slices.IndexFunc(new.Symbols, is); at >= 0 && !slices.Contains(match, at) {
			match[i] = at
		}
	}
	for i := range match {
		match[i] = -1
	}
	for i, s := range old.Symbols {
		find(i, func(n schema.Symbol) bool { return n.Name == s.Name })
	}
	for i, s := range old.Symbols {
		find(i, func(n schema.Symbol) bool { return slices.Contains(n.Was, s.Name) })
	}
	kept := 0
	for i, m := range match {
		switch {
		case m < 0:
			c.verdict = c.and(evolve.MigratesChecked)
			continue
		case m != i:
			c.verdict = c.and(evolve.Migrates)
		case old.Symbols[i].Name != new.Symbols[m].Name:
			c.verdict = c.and(evolve.ReadsAsIs)
		}
		kept++
		for j, n := range match[:i] {
			if n >= 0 && (old.Symbols[i].Value < old.Symbols[j].Value) != (new.Symbols[m].Value < new.Symbols[n].Value) {
				c.verdict = c.and(evolve.Migrates)
			}
		}
	}
	if len(new.Symbols) > kept {
		c.verdict = c.and(evolve.ReadsAsIs)
	}
	c.convert = func(v any) (any, bool) {
		m := match[v.(symbol)]
		return symbol(m), m >= 0
	}
	return c
}

func unionChange(old, new *kind, open []*openChange) change {
	match := memberMatch(old, new)
	c := change{verdict: evolve.Unchanged}
	parts := make([]change, len(match))
	kept := 0
	for i, m := range match {
		if m < 0 {
			c.verdict = c.and(evolve.MigratesChecked)
			continue
		}
		kept++
		if m != i {
			c.verdict = c.and(evolve.Migrates)
		}
		parts[i] = changeOf(old.mem(i), new.mem(m), nil, open...)
		c.verdict = c.and(parts[i].verdict)
	}
	if len(new.Members) > kept {
		c.verdict = c.and(evolve.ReadsAsIs)
	}
	c.convert = func(v any) (any, bool) {
		was := v.(member)
		if match[was.index] < 0 {
			return nil, false
		}
		out, ok := parts[was.index].convert(was.of)
		if !ok {
			return nil, false
		}
		return member{match[was.index], out.(record)}, true
	}
	return c
}

// memberMatch says which new member each old one is: by its name, or else, as a
// record may be renamed, the first one left with fields of the same names and
// shapes.
func memberMatch(old, new *kind) []int {
	match := make([]int, len(old.Members))
	for i := range match {
		match[i] = slices.IndexFunc(new.Members, func(m schema.Type) bool { return m.Name == old.Members[i].Name })
	}
	for i := range match {
		if match[i] >= 0 {
			continue
		}
		for j := range new.Members {
			if !slices.Contains(match, j) && slices.EqualFunc(old.Members[i].Fields, new.Members[j].Fields, func(a, b schema.Field) bool {
				return a.Name == b.Name && a.Type.Shape == b.Type.Shape
			}) {
				match[i] = j
				break
			}
		}
	}
	return match
}
