package typecheck

import (
	"fmt"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// timestampHelp is for a text where a timestamp is wanted.
const timestampHelp = "a timestamp's literal begins with t: t\"2024-05-01T12:00:00Z\""

func base(t types.Type, span source.Span) ir.Base { return ir.Base{T: t, At: span.Start} }

// invalid stands for an expression whose mistake is reported already.
func invalid(span source.Span) ir.Expr { return &ir.NoneConst{Base: base(invalidType, span)} }

// value checks e and turns it into a want; what names in messages what the
// value is for.
func (k *coder) value(e lang.Expr, want types.Type, what string) ir.Expr {
	return k.convert(k.expr(e, want), want, e.Span(), what)
}

// convert turns v into a want, or reports that it is none.
func (k *coder) convert(v ir.Expr, want types.Type, span source.Span, what string) ir.Expr {
	if out := fit(v, want, span); out != nil {
		return out
	}
	m := mistake(TypeMismatch, span, "%s takes %s, not %s", what, describe(want), describe(v.Type()))
	if d, ok := v.(*ir.Binary); ok && d.Op == ir.Div && isFloat(want) && isWhole(v.Type()) {
		m = m.help("the division is one of whole numbers: write float(…) / float(…)")
	}
	if _, text := v.(*ir.StringConst); !text || types.Is(want, types.Timestamp) {
		m = k.mismatchHelp(m, v.Type(), want)
	}
	k.add(m.help("write a value of type %s", want))
	return invalid(span)
}

func isFloat(t types.Type) bool { return types.Is(t, types.Float) || types.Is(t, types.Float32) }

func isWhole(t types.Type) bool { return types.Is(t, types.Int) || types.Is(t, types.Int32) }

// describe names t in a message.
func describe(t types.Type) string {
	if types.Is(t, types.Unit) {
		return "no value"
	}
	return t.String()
}

// mismatchHelp adds what helps to make a want of a got.
func (k *coder) mismatchHelp(m message, got, want types.Type) message {
	if r, ok := want.(*types.Record); ok && r.Name != "" {
		m = m.note(r.Origin, "%s is declared here", r.Name)
		if g, ok := got.(*types.Record); ok {
			what, write := recordDifference(g, r)
			return m.help("%s: write %s", what, write)
		}
	}
	if o, ok := got.(*types.Option); ok {
		if fitsType(o.Elem, want) {
			return m.help("give what stands for none: … ?? %s, or use \"if let\"", types.Sample(want))
		}
		if types.Is(want, types.Bool) {
			return m.help("to see whether it is there, write … != none, or if let x = … { … }")
		}
	}
	kind := func(t types.Type, kinds ...types.Kind) bool {
		for _, kd := range kinds {
			if types.Is(t, kd) {
				return true
			}
		}
		return false
	}
	if o, ok := want.(*types.Option); ok {
		want = o.Elem
	}
	switch {
	case kind(want, types.Bool) && isNumber(got):
		return m.help("compare it: … != %s", types.Sample(got))
	case kind(want, types.Timestamp) && kind(got, types.Duration):
		return m.help("add it to a time: time + …")
	case isTexts(want) && hasTexts(got):
		return m.help("make texts of its elements: .map(x => \"${x}\")")
	case kind(want, types.Float, types.Float32) && kind(got, types.Int, types.Int32):
		return m.help("write float(…), or a literal with a point such as 3.0")
	case kind(want, types.Int) && kind(got, types.Float, types.Float32):
		return m.help("write int(…), which cuts toward zero")
	case kind(want, types.String):
		return m.help("write string(…)")
	case kind(want, types.Int) && kind(got, types.String):
		return m.help("write parse_int(…) ?? 0")
	case kind(want, types.Float) && kind(got, types.String):
		return m.help("write parse_float(…) ?? 0.0")
	case kind(want, types.Duration) && kind(got, types.Int):
		return m.help("a duration has a unit: 5s, 10m, 1h")
	case kind(want, types.Timestamp) && kind(got, types.String):
		return m.help("%s", timestampHelp)
	}
	return m
}

// isTexts reports whether t is list<string>.
func isTexts(t types.Type) bool {
	l, ok := t.(*types.List)
	return ok && types.Is(l.Elem, types.String)
}

// hasTexts reports whether t is a list of what has a text.
func hasTexts(t types.Type) bool {
	l, ok := t.(*types.List)
	return ok && hasText(l.Elem)
}

// recordDifference says in what a record differs from the one that is wanted, and
// what makes that one.
func recordDifference(got, want *types.Record) (what, write string) {
	name := want.Name
	if name != "" {
		name += " "
	}
	for _, f := range want.Fields {
		i := got.FieldIndex(f.Name)
		if i >= 0 && fitsType(got.Fields[i].Type, f.Type) {
			continue
		}
		write = fmt.Sprintf("%s{ …, %s: … }", name, f.Name)
		if len(want.Fields) == 1 {
			write = fmt.Sprintf("%s{ %s: … }", name, f.Name)
		}
		if i < 0 {
			return fmt.Sprintf("the field %s is missing", f.Name), write
		}
		return fmt.Sprintf("the field %s is %s, not %s", f.Name, f.Type, got.Fields[i].Type), write
	}
	write = name + "{ … }"
	for _, f := range got.Fields {
		if want.FieldIndex(f.Name) < 0 {
			return fmt.Sprintf("%s has no field %s", want, f.Name), write
		}
	}
	return "it is another record", write
}

// fit turns v into a want, with a Convert where it widens. It returns nil if v
// does not fit.
func fit(v ir.Expr, want types.Type, span source.Span) ir.Expr {
	got := v.Type()
	switch {
	case want == nil || isInvalid(want) || isInvalid(got) || types.Is(got, types.Never) || types.Identical(got, want):
		return v
	case widens(got, want):
		if d, ok := v.(*ir.DecimalConst); ok {
			return widened(d, want.(*types.Decimal))
		}
		return &ir.Convert{Base: ir.Base{T: want, At: v.Pos()}, X: v}
	}
	switch w := want.(type) {
	case *types.Option:
		return fitOption(v, w, span)
	case *types.Union:
		for _, m := range w.Members {
			if types.Identical(m, got) {
				return &ir.Convert{Base: ir.Base{T: want, At: v.Pos()}, X: v}
			}
		}
	case *types.Record:
		if g, ok := got.(*types.Record); ok && (g.Name == "" || w.Name == "") {
			return fitRecord(v, g, w, span)
		}
	}
	return nil
}

// fitsType reports whether a value of type got can be turned into a want.
func fitsType(got, want types.Type) bool {
	return fit(&ir.LocalRef{Base: ir.Base{T: got}}, want, source.Span{}) != nil
}

// widens reports whether got becomes want by itself. Of decimals only the scale
// counts: a value with too many digits is an error of its record.
func widens(got, want types.Type) bool {
	g, gok := got.(*types.Decimal)
	w, wok := want.(*types.Decimal)
	return types.Is(got, types.Int32) && types.Is(want, types.Int) ||
		types.Is(got, types.Float32) && types.Is(want, types.Float) ||
		gok && wok && g.Scale <= w.Scale
}

// widened gives a literal a type with as many digits behind the point or more;
// nil if it has too many before it. Beside a number of 38 digits it may have.
func widened(d *ir.DecimalConst, want *types.Decimal) ir.Expr {
	got := d.T.(*types.Decimal)
	if got.Precision-got.Scale > want.Precision-want.Scale {
		if want.Precision == maxDigits {
			return &ir.Convert{Base: ir.Base{T: want, At: d.At}, X: d}
		}
		return nil
	}
	return &ir.DecimalConst{Base: ir.Base{T: want, At: d.At}, Value: d.Value}
}

// fitOption turns none, a T or an option of something narrower into an option.
func fitOption(v ir.Expr, want *types.Option, span source.Span) ir.Expr {
	if types.Is(v.Type(), types.None) {
		return &ir.NoneConst{Base: base(want, span)}
	}
	if o, ok := v.Type().(*types.Option); ok {
		bind := &ir.Local{Name: "v", Type: o.Elem, Pos: span.Start}
		inner := fit(&ir.LocalRef{Base: base(o.Elem, span), Local: bind}, want.Elem, span)
		if inner == nil {
			return nil
		}
		return &ir.OptionalMap{Base: base(want, span), X: v, Bind: bind, Body: inner}
	}
	inner := fit(v, want.Elem, span)
	if inner == nil {
		return nil
	}
	return &ir.Convert{Base: ir.Base{T: want, At: v.Pos()}, X: inner}
}

// fitRecord turns a record into another of the same fields, one of which has
// no name. Fields in another order or of narrower types are copied one by one.
func fitRecord(v ir.Expr, got, want *types.Record, span source.Span) ir.Expr {
	if len(got.Fields) != len(want.Fields) {
		return nil
	}
	same := true
	for i, f := range want.Fields {
		same = same && got.Fields[i].Name == f.Name && types.Identical(got.Fields[i].Type, f.Type)
	}
	if same {
		return &ir.Convert{Base: ir.Base{T: want, At: v.Pos()}, X: v}
	}
	from := &ir.Local{Name: "v", Type: got, Pos: span.Start}
	lit := &ir.RecordLit{Base: base(want, span), Fields: make([]ir.Expr, len(want.Fields))}
	for i, f := range want.Fields {
		j := got.FieldIndex(f.Name)
		if j < 0 {
			return nil
		}
		field := &ir.FieldOf{Base: base(got.Fields[j].Type, span), X: &ir.LocalRef{Base: base(got, span), Local: from}, Index: j}
		if lit.Fields[i] = fit(field, f.Type, span); lit.Fields[i] == nil {
			return nil
		}
	}
	let := &ir.Let{StmtBase: ir.StmtBase{At: span.Start}, Local: from, Value: v}
	return &ir.Do{Base: base(want, span), Body: []ir.Stmt{let}, Value: lit}
}

// join returns the type that values of both a and b fit, nil if there is none.
func join(a, b types.Type) types.Type {
	switch {
	case types.Is(a, types.Never) || isInvalid(b):
		return b
	case types.Is(b, types.Never) || isInvalid(a):
		return a
	case types.Identical(a, b):
		return a
	case types.Is(a, types.None):
		return optionOf(b)
	case types.Is(b, types.None):
		return optionOf(a)
	}
	if a, ok := a.(*types.Decimal); ok {
		if b, ok := b.(*types.Decimal); ok {
			return joinDecimals(a, b)
		}
	}
	switch {
	case fitsType(a, b):
		return b
	case fitsType(b, a):
		return a
	}
	ao, aok := a.(*types.Option)
	bo, bok := b.(*types.Option)
	switch {
	case aok && !bok:
		return joinOption(ao.Elem, b)
	case bok && !aok:
		return joinOption(a, bo.Elem)
	}
	return nil
}

// joinDecimals returns the type that holds both, as far as 38 digits do.
func joinDecimals(a, b *types.Decimal) types.Type {
	scale := max(a.Scale, b.Scale)
	whole := max(a.Precision-a.Scale, b.Precision-b.Scale)
	return &types.Decimal{Precision: min(whole+scale, maxDigits), Scale: scale}
}

func joinOption(a, b types.Type) types.Type {
	t := join(a, b)
	if t == nil {
		return nil
	}
	return optionOf(t)
}

// optionOf returns t?, or t if it is an option already.
func optionOf(t types.Type) types.Type {
	if _, ok := t.(*types.Option); ok || types.Is(t, types.None) || isInvalid(t) || types.Is(t, types.Never) {
		return t
	}
	return &types.Option{Elem: t}
}

// elemOf returns T of T?, and t itself if it is no option.
func elemOf(t types.Type) types.Type {
	if o, ok := t.(*types.Option); ok {
		return o.Elem
	}
	return t
}

// count writes a number with its noun.
func count(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun + "s"
	case 1:
		return "one " + noun
	default:
		return fmt.Sprintf("%d %ss", n, noun)
	}
}
