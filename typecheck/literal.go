package typecheck

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// literal checks what stands for itself.
func (k *coder) literal(e lang.Expr, want types.Type) ir.Expr {
	switch e := e.(type) {
	case *lang.BoolLit:
		return &ir.BoolConst{Base: base(boolType, e.Span()), Value: e.Value}
	case *lang.IntLit:
		return k.intLit(e, false, e.Span(), want)
	case *lang.FloatLit:
		return &ir.FloatConst{Base: base(narrow(want, types.Float32, float32Type, floatType), e.Span()), Value: e.Value}
	case *lang.DecimalLit:
		return k.decimalLit(e)
	case *lang.StringLit:
		return k.stringLit(e)
	case *lang.BytesLit:
		return &ir.BytesConst{Base: base(bytesType, e.Span()), Value: e.Value}
	case *lang.TimestampLit:
		return &ir.IntConst{Base: base(timestampType, e.Span()), Value: e.Micros}
	case *lang.DurationLit:
		return &ir.IntConst{Base: base(durationType, e.Span()), Value: e.Micros}
	case *lang.NoneLit:
		return noneLit(e, want)
	case *lang.ListLit:
		return k.listLit(e, want)
	case *lang.MapLit:
		return k.mapLit(e, want)
	default:
		panic(fmt.Sprintf("typecheck: no such expression %T", e))
	}
}

// narrow returns the 32-bit type of a literal if its place wants that.
func narrow(want types.Type, kind types.Kind, small, large types.Type) types.Type {
	if want != nil && types.Is(elemOf(want), kind) {
		return small
	}
	return large
}

func noneLit(e *lang.NoneLit, want types.Type) ir.Expr {
	if o, ok := want.(*types.Option); ok {
		return &ir.NoneConst{Base: base(o, e.Span())}
	}
	return &ir.NoneConst{Base: base(noneType, e.Span())}
}

// intLit checks a whole number, with the minus sign before it if there is one.
func (k *coder) intLit(e *lang.IntLit, negative bool, span source.Span, want types.Type) ir.Expr {
	t := narrow(want, types.Int32, int32Type, intType)
	limit := uint64(math.MaxInt64)
	if types.Is(t, types.Int32) {
		limit = math.MaxInt32
	}
	if negative {
		limit++
	}
	if e.Overflow || e.Value > limit {
		m := mistake(NumberRange, span, "%s does not fit %s", signed(e.Text, negative), t)
		if types.Is(t, types.Int32) {
			m = m.help("the largest is %d; declare it as int", math.MaxInt32)
		} else {
			m = m.help("the largest is %d", int64(math.MaxInt64))
		}
		k.add(m)
		return invalid(span)
	}
	v := int64(e.Value)
	if negative {
		v = -v
	}
	return &ir.IntConst{Base: base(t, span), Value: v}
}

func signed(text string, negative bool) string {
	if negative {
		return "-" + text
	}
	return text
}

// decimalLit gives a literal the smallest decimal type that holds it.
func (k *coder) decimalLit(e *lang.DecimalLit) ir.Expr {
	whole, fraction, _ := strings.Cut(e.Text, ".")
	digits := len(strings.TrimLeft(whole, "0")) + len(fraction)
	if digits > 38 {
		k.add(mistake(NumberRange, e.Span(), "%sd has more than 38 digits", e.Text).help("round it to 38 digits"))
		return invalid(e.Span())
	}
	t := &types.Decimal{Precision: max(digits, 1), Scale: len(fraction)}
	return &ir.DecimalConst{Base: base(t, e.Span()), Value: e.Text}
}

// roomy is what a variable or the value of a fold begins with: the digits of a
// decimal literal say its scale, and not how large it may become.
func roomy(v ir.Expr) ir.Expr {
	switch n := v.(type) {
	case *ir.DecimalConst:
	case *ir.Unary:
		if _, literal := n.X.(*ir.DecimalConst); !literal {
			return v
		}
	case *ir.RecordLit:
		return roomyRecord(n)
	default:
		return v
	}
	t := v.Type().(*types.Decimal)
	return fit(v, &types.Decimal{Precision: maxDigits, Scale: t.Scale}, at(v.Pos()))
}

// roomyRecord is roomy of the fields of a record without a name.
func roomyRecord(n *ir.RecordLit) ir.Expr {
	t, ok := n.T.(*types.Record)
	if !ok || t.Name != "" {
		return n
	}
	wide := &types.Record{Fields: slices.Clone(t.Fields)}
	fields := make([]ir.Expr, len(n.Fields))
	for i, f := range n.Fields {
		fields[i] = roomy(f)
		wide.Fields[i].Type = fields[i].Type()
	}
	if types.Identical(wide, t) {
		return n
	}
	return &ir.RecordLit{Base: ir.Base{T: wide, At: n.At}, Fields: fields}
}

// stringLit checks a string with the expressions inside it.
func (k *coder) stringLit(e *lang.StringLit) ir.Expr {
	var parts []ir.InterpPart
	computed := false
	for _, p := range e.Parts {
		if p.Expr == nil {
			parts = append(parts, ir.InterpPart{Text: p.Text})
			continue
		}
		computed = true
		v := k.expr(p.Expr, nil)
		if !hasText(v.Type()) {
			k.noText(v.Type(), p.Expr.Span())
			v = invalid(p.Expr.Span())
		}
		parts = append(parts, ir.InterpPart{Expr: v})
	}
	if !computed {
		return &ir.StringConst{Base: base(stringType, e.Span()), Value: constantText(e)}
	}
	return &ir.Interp{Base: base(stringType, e.Span()), Parts: parts}
}

// hasText reports whether values of t can be written into a string.
func hasText(t types.Type) bool {
	switch t := t.(type) {
	case *types.Basic:
		return t.Kind != types.None && t.Kind != types.Unit
	case *types.Decimal, *types.Enum:
		return true
	}
	return false
}

func (k *coder) noText(t types.Type, span source.Span) {
	m := mistake(BadOperands, span, "%s cannot be written into a string", describe(t))
	if o, ok := t.(*types.Option); ok && hasText(o.Elem) {
		m = m.help("say what stands for none: … ?? %s", types.Sample(o.Elem))
	} else if !types.Is(t, types.None) && !types.Is(t, types.Unit) {
		m = m.help("write its JSON: ${to_json(…)}")
	}
	k.add(m)
}

// listLit checks [a, b]: the elements meet in one type.
func (k *coder) listLit(e *lang.ListLit, want types.Type) ir.Expr {
	elem := types.Type(nil)
	if l, ok := elemOfWanted(want).(*types.List); ok {
		elem = l.Elem
	}
	elems, t := k.elements(e.Elems, elem, "an element of the list")
	if t == nil {
		k.add(mistake(NeedsType, e.Span(), "the type of an empty list is not known here").
			help("say it: let xs: list<int> = []"))
		return invalid(e.Span())
	}
	if isInvalid(t) {
		return invalid(e.Span())
	}
	return &ir.ListLit{Base: base(&types.List{Elem: t}, e.Span()), Elems: elems}
}

func elemOfWanted(want types.Type) types.Type {
	if want == nil {
		return nil
	}
	return elemOf(want)
}

// elements checks several expressions that are to have one type: want, or the
// one that all of them fit. The type is nil if there are none and want is nil.
func (k *coder) elements(es []lang.Expr, want types.Type, what string) ([]ir.Expr, types.Type) {
	out := make([]ir.Expr, len(es))
	t := want
	if hasFree(want) {
		t, want = nil, nil
	}
	for i, e := range es {
		hint := want
		if hint == nil {
			hint = t
		}
		out[i] = k.expr(e, hint)
		switch {
		case want != nil:
		case t == nil:
			t = out[i].Type()
		default:
			if both := join(t, out[i].Type()); both != nil {
				t = both
			}
		}
	}
	if t == nil {
		return out, nil
	}
	for i, e := range es {
		if out[i] = k.convert(out[i], t, e.Span(), what); isInvalid(out[i].Type()) {
			t = invalidType
		}
	}
	if types.Is(t, types.None) {
		t = nil
	}
	return out, t
}

// hasFree reports whether t is nil or holds a type parameter that is not known.
func hasFree(t types.Type) bool { return t == nil || hasParams(t) }

// mapLit checks ["a": 1] and [:].
func (k *coder) mapLit(e *lang.MapLit, want types.Type) ir.Expr {
	var key, value types.Type
	if m, ok := elemOfWanted(want).(*types.Map); ok {
		key, value = m.Key, m.Value
	}
	keys, values := make([]lang.Expr, len(e.Entries)), make([]lang.Expr, len(e.Entries))
	for i, entry := range e.Entries {
		keys[i], values[i] = entry.Key, entry.Value
	}
	ks, kt := k.elements(keys, key, "a key of the map")
	vs, vt := k.elements(values, value, "a value of the map")
	if kt == nil || vt == nil {
		k.add(mistake(NeedsType, e.Span(), "the type of an empty map is not known here").
			help("say it: let m: map<string, int> = [:]"))
		return invalid(e.Span())
	}
	if isInvalid(kt) || isInvalid(vt) {
		return invalid(e.Span())
	}
	if !types.CanBeKey(kt) {
		k.badKey(e.Span(), kt, "a key of a map")
		return invalid(e.Span())
	}
	return &ir.MapLit{Base: base(&types.Map{Key: kt, Value: vt}, e.Span()), Keys: ks, Values: vs}
}
