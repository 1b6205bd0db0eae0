package gen

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// The scalar types.
var (
	boolT      = types.Of(types.Bool)
	intT       = types.Of(types.Int)
	int32T     = types.Of(types.Int32)
	floatT     = types.Of(types.Float)
	float32T   = types.Of(types.Float32)
	stringT    = types.Of(types.String)
	bytesT     = types.Of(types.Bytes)
	timestampT = types.Of(types.Timestamp)
	durationT  = types.Of(types.Duration)
	dateT      = types.Of(types.Date)
	uuidT      = types.Of(types.UUID)
	jsonT      = types.Of(types.JSON)
)

func optionOf(t types.Type) types.Type { return &types.Option{Elem: t} }
func listOf(t types.Type) types.Type   { return &types.List{Elem: t} }

func isOption(t types.Type) bool {
	_, ok := t.(*types.Option)
	return ok
}

func isDecimal(t types.Type) bool {
	_, ok := t.(*types.Decimal)
	return ok
}

// isOrdered reports whether < compares values of t.
func isOrdered(t types.Type) bool {
	if _, decimal := t.(*types.Decimal); decimal {
		return true
	}
	b, ok := t.(*types.Basic)
	return ok && b.Kind != types.Bool && b.Kind != types.JSON
}

// isComparable reports whether == says the same for all representations.
func isComparable(t types.Type) bool {
	switch t := t.(type) {
	case *types.Basic:
		return t.Kind != types.JSON
	case *types.Option:
		return isComparable(t.Elem)
	case *types.List:
		return isComparable(t.Elem)
	case *types.Map:
		return isComparable(t.Value)
	case *types.Union:
		for _, m := range t.Members {
			if !isComparable(m) {
				return false
			}
		}
	case *types.Record:
		for _, f := range t.Fields {
			if !isComparable(f.Type) {
				return false
			}
		}
	}
	return true
}

// hasText reports whether ${} can show values of t.
func hasText(t types.Type) bool {
	switch t.(type) {
	case *types.Basic, *types.Enum, *types.Decimal:
		return true
	}
	return false
}

// mangled is the name of t as part of a function's name.
func mangled(t types.Type) string {
	return strings.NewReplacer("<", "_of_", ">", "", "?", "_or_none", ", ", "_to_", " ", "", "(", "_", ")", "").Replace(t.String())
}

// makeTypes declares enums and records and fills the pool.
func (g *generator) makeTypes() {
	g.pool = []types.Type{boolT, intT, intT, floatT, stringT, stringT, timestampT, durationT}
	g.pool = append(g.pool, one(g, []types.Type{int32T, float32T}, []types.Type{bytesT, dateT}, []types.Type{uuidT}, []types.Type{int32T, dateT})...)
	if g.has.JSON && g.mostly(1, 4) {
		g.pool = append(g.pool, jsonT)
		if g.chance(1, 3) {
			g.pool = append(g.pool, listOf(jsonT))
		}
	}
	for range 1 + g.few(2) {
		g.makeEnum()
	}
	for range 1 + g.few(2) {
		g.makeRecord(g.fresh("Rec"), g.fields(1+g.few(4)))
	}
	g.makeValues()
	for range 1 + g.few(4) {
		g.pool = append(g.pool, g.compound())
	}
}

func (g *generator) makeEnum() {
	e := &types.Enum{Name: g.fresh("Phase")}
	fmt.Fprintf(&g.decls, "enum %s {\n", e.Name)
	for i := range 2 + g.IntN(3) {
		s := types.Symbol{Name: fmt.Sprintf("s%d", i), Number: int32(i)}
		text := s.Name
		if g.chance(1, 4) {
			s.Number = int32(100 - 10*i)
			text = fmt.Sprintf("%s = %d", s.Name, s.Number)
		}
		e.Symbols = append(e.Symbols, s)
		fmt.Fprintf(&g.decls, "  %s\n", text)
	}
	g.decls.WriteString("}\n\n")
	g.enums = append(g.enums, e)
	g.pool = append(g.pool, e)
}

// makeRecord declares a record.
func (g *generator) makeRecord(name string, fields []types.Field) *types.Record {
	r := &types.Record{Name: name, Fields: fields}
	fmt.Fprintf(&g.decls, "record %s {\n", name)
	for i, f := range fields {
		text := fmt.Sprintf("  %s: %s", f.Name, f.Type)
		if b, ok := f.Type.(*types.Basic); ok && b.Kind != types.JSON && g.chance(1, 8) {
			text += " = " + g.rawLiteral(f.Type)
			fields[i].Default = true
		}
		if f.Wire != "" && f.Wire != f.Name {
			text += fmt.Sprintf(" json %q", f.Wire)
		}
		g.decls.WriteString(text + "\n")
	}
	g.decls.WriteString("}\n\n")
	g.records = append(g.records, r)
	g.pool = append(g.pool, r)
	return r
}

func (g *generator) fields(n int) []types.Field {
	var out []types.Field
	for i := range n {
		f := types.Field{Name: fmt.Sprintf("f%d", i), Type: g.anyType()}
		if g.chance(1, 8) {
			f.Wire = fmt.Sprintf("wire-%d", i)
		}
		out = append(out, f)
	}
	return out
}

func (g *generator) anyType() types.Type { return one(g, g.pool...) }

// compound makes a type of the pool's types.
func (g *generator) compound() types.Type {
	t := g.anyType()
	n := 5
	if !g.has.Collections {
		n = 3
	}
	switch g.IntN(n) {
	case 0, 1:
		if isOption(t) {
			return listOf(t)
		}
		return optionOf(t)
	case 2:
		return listOf(t)
	case 3:
		return &types.Set{Elem: g.keyType()}
	default:
		return &types.Map{Key: g.keyType(), Value: t}
	}
}

// keyType is a type of the pool that may be a key.
func (g *generator) keyType() types.Type {
	for {
		if t := g.anyType(); types.CanBeKey(t) {
			return t
		}
	}
}

// someType is a type of the pool for which ok holds, nil if there is none.
func (g *generator) someType(ok func(types.Type) bool) types.Type {
	for range 30 {
		if t := g.anyType(); ok(t) {
			return t
		}
	}
	return nil
}
