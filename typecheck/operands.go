package typecheck

import (
	"fmt"
	"math"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// unary checks !x and -x.
func (k *coder) unary(e *lang.UnaryExpr, want types.Type) ir.Expr {
	if e.Op == "!" {
		return &ir.Unary{Base: base(boolType, e.Span()), Op: ir.Not, X: k.value(e.X, boolType, "the operand of !")}
	}
	if lit, ok := e.X.(*lang.IntLit); ok {
		return k.intLit(lit, true, e.Span(), want)
	}
	x := k.expr(e.X, want)
	switch c := x.(type) {
	case *ir.FloatConst:
		return &ir.FloatConst{Base: base(c.T, e.Span()), Value: -c.Value}
	case *ir.IntConst:
		if types.Is(c.T, types.Duration) && c.Value != math.MinInt64 {
			return &ir.IntConst{Base: base(c.T, e.Span()), Value: -c.Value}
		}
	}
	if isInvalid(x.Type()) {
		return x
	}
	if !isNumber(x.Type()) && !types.Is(x.Type(), types.Duration) {
		k.add(mistake(BadOperands, e.Span(), "%s has no negative", describe(x.Type())).help("numbers and durations have one"))
		return invalid(e.Span())
	}
	return &ir.Unary{Base: base(x.Type(), e.Span()), Op: ir.Neg, X: x}
}

func isDecimal(t types.Type) bool {
	_, ok := t.(*types.Decimal)
	return ok
}

func isNumber(t types.Type) bool {
	switch t := t.(type) {
	case *types.Basic:
		switch t.Kind {
		case types.Int32, types.Int, types.Float32, types.Float:
			return true
		}
	case *types.Decimal:
		return true
	}
	return false
}

// isOrdered reports whether < and the like compare values of t.
func isOrdered(t types.Type) bool {
	switch t := t.(type) {
	case *types.Basic:
		switch t.Kind {
		case types.Int32, types.Int, types.Float32, types.Float, types.String, types.Bytes,
			types.Timestamp, types.Duration, types.Date, types.UUID:
			return true
		}
	case *types.Decimal:
		return true
	}
	return false
}

// isLiteral reports whether the type of e depends on its place: a number, none,
// or an empty list.
func isLiteral(e lang.Expr) bool {
	switch e := e.(type) {
	case *lang.IntLit, *lang.FloatLit, *lang.NoneLit:
		return true
	case *lang.ListLit:
		return len(e.Elems) == 0
	case *lang.MapLit:
		return len(e.Entries) == 0
	case *lang.ParenExpr:
		return isLiteral(e.X)
	case *lang.UnaryExpr:
		return isLiteral(e.X)
	}
	return false
}

// binary checks x + y and so on. A chain such as a + b + c leans to the left
// and may be very long, so it is walked and not recursed into.
func (k *coder) binary(e *lang.BinaryExpr, want types.Type) ir.Expr {
	if e.Op == "??" {
		return k.coalesce(e, want)
	}
	var chain []*lang.BinaryExpr
	for b := e; ; {
		chain = append(chain, b)
		left, ok := b.X.(*lang.BinaryExpr)
		if !ok || left.Op == "??" {
			break
		}
		b = left
	}
	if compares(e.Op) || e.Op == "in" || e.Op == "&&" || e.Op == "||" {
		want = nil // of the operands' type nothing is known from outside
	}
	first := chain[len(chain)-1]
	var x ir.Expr
	var y ir.Expr
	if isLiteral(first.X) && !isLiteral(first.Y) && first.Op != "in" {
		y = k.expr(first.Y, want)
		x = k.expr(first.X, neighbour(y.Type(), want))
	} else {
		x = k.expr(first.X, want)
		y = k.operand(first, x, want)
	}
	x = k.combine(first, x, y)
	for i := len(chain) - 2; i >= 0; i-- {
		x = k.combine(chain[i], x, k.operand(chain[i], x, want))
	}
	return x
}

func compares(op string) bool {
	switch op {
	case "==", "!=", "<", "<=", ">", ">=":
		return true
	}
	return false
}

// operand checks the right side of an operation on x.
func (k *coder) operand(e *lang.BinaryExpr, x ir.Expr, want types.Type) ir.Expr {
	if e.Op == "in" {
		if elems := k.stateElements(e.Y); elems != nil {
			return elems
		}
		return k.expr(e.Y, &types.List{Elem: x.Type()})
	}
	return k.expr(e.Y, neighbour(x.Type(), want))
}

// neighbour is the type that a literal beside a value of type t should have.
func neighbour(t, want types.Type) types.Type {
	if types.Is(t, types.None) {
		return want
	}
	return t
}

// combine is one operation on two checked values.
func (k *coder) combine(e *lang.BinaryExpr, x, y ir.Expr) ir.Expr {
	span := e.OpSpan
	if isInvalid(x.Type()) || isInvalid(y.Type()) {
		return invalid(e.Span())
	}
	op := ir.Op(e.Op)
	var out ir.Expr
	switch {
	case e.Op == "&&" || e.Op == "||":
		x = k.convert(x, boolType, e.X.Span(), "the left side of "+e.Op)
		y = k.convert(y, boolType, e.Y.Span(), "the right side of "+e.Op)
		return &ir.Binary{Base: base(boolType, span), Op: op, X: x, Y: y}
	case e.Op == "in":
		out = k.membership(x, y, span)
	case e.Op == "==" || e.Op == "!=":
		out = equality(op, x, y, span)
	case compares(e.Op):
		out = ordering(op, x, y, span)
	default:
		out = arithmetic(op, x, y, span)
	}
	if out == nil {
		k.badOperands(e, x.Type(), y.Type())
		return invalid(e.Span())
	}
	return out
}

// membership is x in y of a list, set or map.
func (k *coder) membership(x, y ir.Expr, span source.Span) ir.Expr {
	if out := stateMembership(x, y, span); out != nil {
		return out
	}
	var elem types.Type
	switch t := y.Type().(type) {
	case *types.List:
		elem = t.Elem
	case *types.Set:
		elem = t.Elem
	case *types.Map:
		elem = t.Key
	default:
		return nil
	}
	if x = fit(x, elem, span); x == nil {
		return nil
	}
	return &ir.Binary{Base: base(boolType, span), Op: ir.Has, X: x, Y: y}
}

func equality(op ir.Op, x, y ir.Expr, span source.Span) ir.Expr {
	t := join(x.Type(), y.Type())
	if t == nil || types.Is(t, types.None) || types.Is(t, types.Unit) {
		return nil
	}
	if holdsAggregate(t) && !isNone(x) && !isNone(y) {
		return nil
	}
	return &ir.Binary{Base: base(boolType, span), Op: op, X: fit(x, t, span), Y: fit(y, t, span)}
}

// isNone reports whether e is the literal none, which can be compared with any
// option.
func isNone(e ir.Expr) bool {
	_, ok := e.(*ir.NoneConst)
	return ok
}

func ordering(op ir.Op, x, y ir.Expr, span source.Span) ir.Expr {
	t := join(x.Type(), y.Type())
	if t == nil || !isOrdered(t) {
		return nil
	}
	return &ir.Binary{Base: base(boolType, span), Op: op, X: fit(x, t, span), Y: fit(y, t, span)}
}

// arithmetic is + - * / % on numbers, decimals, strings (+) and times.
func arithmetic(op ir.Op, x, y ir.Expr, span source.Span) ir.Expr {
	if out := timeArithmetic(op, x, y, span); out != nil {
		return out
	}
	if out := decimalArithmetic(op, x, y, span); out != nil {
		return out
	}
	t := join(x.Type(), y.Type())
	if t == nil || !(isNumber(t) || op == ir.Add && types.Is(t, types.String)) {
		return nil
	}
	if _, decimal := t.(*types.Decimal); decimal {
		return nil
	}
	return &ir.Binary{Base: base(t, span), Op: op, X: fit(x, t, span), Y: fit(y, t, span)}
}

// timeArithmetic is what timestamps and durations can do with each other.
func timeArithmetic(op ir.Op, x, y ir.Expr, span source.Span) ir.Expr {
	is := func(e ir.Expr, k types.Kind) bool { return types.Is(e.Type(), k) }
	whole := func(e ir.Expr) bool { return is(e, types.Int) || is(e, types.Int32) }
	plus := op == ir.Add || op == ir.Sub
	var t types.Type
	switch {
	case is(x, types.Timestamp) && is(y, types.Duration) && plus:
		t = timestampType
	case is(x, types.Duration) && is(y, types.Timestamp) && op == ir.Add:
		t, x, y = timestampType, y, x
	case is(x, types.Timestamp) && is(y, types.Timestamp) && op == ir.Sub:
		t = durationType
	case is(x, types.Duration) && is(y, types.Duration) && (plus || op == ir.Rem):
		t = durationType
	case is(x, types.Duration) && is(y, types.Duration) && op == ir.Div:
		t = intType
	case is(x, types.Duration) && whole(y) && (op == ir.Mul || op == ir.Div):
		t, y = durationType, fit(y, intType, span)
	case whole(x) && is(y, types.Duration) && op == ir.Mul:
		t, x, y = durationType, y, fit(x, intType, span)
	default:
		return nil
	}
	return &ir.Binary{Base: base(t, span), Op: op, X: x, Y: y}
}

// decimalArithmetic follows SQL: + - % keep the larger scale, * adds scales, /
// gives max(6, the left one's).
func decimalArithmetic(op ir.Op, x, y ir.Expr, span source.Span) ir.Expr {
	a, aok := x.Type().(*types.Decimal)
	b, bok := y.Type().(*types.Decimal)
	if !aok || !bok {
		return nil
	}
	scale := max(a.Scale, b.Scale)
	switch op {
	case ir.Mul:
		scale = min(a.Scale+b.Scale, maxDigits)
	case ir.Div:
		scale = max(6, a.Scale)
	}
	return &ir.Binary{Base: base(&types.Decimal{Precision: maxDigits, Scale: scale}, span), Op: op, X: x, Y: y}
}

// maxDigits is how many digits a decimal can have.
const maxDigits = 38

// badOperands reports an operation that its operands do not know.
func (k *coder) badOperands(e *lang.BinaryExpr, x, y types.Type) {
	m := mistake(BadOperands, e.OpSpan, "%q does not work on %s and %s", e.Op, describe(x), describe(y))
	xo, xok := x.(*types.Option)
	yo, yok := y.(*types.Option)
	number := func(t types.Type) bool { return isNumber(t) }
	whole := func(t types.Type) bool { return types.Is(t, types.Int) || types.Is(t, types.Int32) }
	switch {
	case e.Op == "in":
		m = m.help("the right side is a list, a set or a map of such values")
	case types.Is(x, types.None) || types.Is(y, types.None):
		m = m.help("only an optional value can be none")
	case xok && !compares(e.Op) || xok && isOrdered(xo.Elem) && e.Op != "==" && e.Op != "!=":
		m = m.help("the left side may be none: take it apart with if let, or write (… ?? %s)", types.Sample(xo.Elem))
	case yok && !compares(e.Op) || yok && isOrdered(yo.Elem) && e.Op != "==" && e.Op != "!=":
		m = m.help("the right side may be none: take it apart with if let, or write (… ?? %s)", types.Sample(yo.Elem))
	case e.Op == "+" && (types.Is(x, types.String) || types.Is(y, types.String)):
		m = m.help("put both into one string: \"${…}${…}\"")
	case isDecimal(x) && number(y) && !isDecimal(y):
		m = m.help("%s", decimalHelp(e.Y))
	case isDecimal(y) && number(x) && !isDecimal(x):
		m = m.help("%s", decimalHelp(e.X))
	case whole(x) && number(y):
		m = m.help("make both the same: float(…)")
	case number(x) && whole(y):
		m = m.help("make both the same: float(…), or a literal with a point such as 3.0")
	case types.Is(x, types.Timestamp) && types.Is(y, types.String), types.Is(x, types.String) && types.Is(y, types.Timestamp):
		m = m.help("%s", timestampHelp)
	case types.Is(x, types.Timestamp) || types.Is(y, types.Timestamp):
		m = m.help("to a timestamp a duration is added, such as + 5m")
	case types.Is(x, types.JSON) || types.Is(y, types.JSON):
		m = m.help("take the value out of the json: (x.as_int ?? 0)")
	}
	if _, enum := x.(*types.Enum); enum && compares(e.Op) {
		m = m.help("an enum has no order: use ==, or in, or give its symbols numbers by match")
	}
	if join(x, y) == nil {
		m = m.help("make both sides of one type")
	}
	k.add(m.help("%s has no %s", describe(x), e.Op))
}

// decimalHelp says how e, a number of another type, becomes a decimal.
func decimalHelp(e lang.Expr) string {
	switch e := e.(type) {
	case *lang.IntLit:
		return fmt.Sprintf("a decimal's literal has a point and ends with d: %d.0d", e.Value)
	case *lang.FloatLit:
		return fmt.Sprintf("a decimal's literal ends with d: %sd", e.Text)
	}
	return "make both the same: decimal(…)"
}

// coalesce checks x ?? y.
func (k *coder) coalesce(e *lang.BinaryExpr, want types.Type) ir.Expr {
	var hint types.Type
	if want != nil && !types.Is(want, types.None) {
		hint = optionOf(want)
	}
	x := k.expr(e.X, hint)
	o, ok := x.Type().(*types.Option)
	if !ok {
		if p := k.partRead(x); p != nil && k.partOr(p, e.Y) {
			return x
		}
		y := k.expr(e.Y, want)
		if isInvalid(x.Type()) {
			return y
		}
		k.add(mistake(NotOptional, e.OpSpan, "%s is never none, so what stands after ?? is never used", describe(x.Type())).
			help("leave out ?? and what follows"))
		return invalid(e.Span())
	}
	y := k.expr(e.Y, o.Elem)
	t := join(o.Elem, y.Type())
	if t == nil {
		m := mistake(TypeMismatch, e.Y.Span(), "what stands after ?? is %s, not %s", o.Elem, describe(y.Type()))
		k.add(k.mismatchHelp(m, y.Type(), o.Elem))
		return invalid(e.Span())
	}
	return &ir.Coalesce{Base: base(t, e.OpSpan), X: fit(x, optionOf(t), e.Span()), Y: fit(y, t, e.Y.Span())}
}

// badKey reports a type that cannot be a key.
func (c *checker) badKey(span source.Span, t types.Type, what string) {
	m := mistake(KeyType, span, "%s cannot be %s", what, t)
	switch {
	case types.Is(t, types.Float) || types.Is(t, types.Float32):
		m = m.help("equal floats may differ in their last bit; use a whole number, such as int(round(x * 100.0, 0)), or a string")
	case types.Is(t, types.JSON):
		m = m.help("take a field out of it: x.at(\"id\")?.as_string ?? \"\"")
	default:
		if o, ok := t.(*types.Option); ok && types.CanBeKey(o.Elem) {
			m = m.help("say what stands for none: … ?? %s", types.Sample(o.Elem))
		} else {
			m = m.help("a key is %s, an enum, or a record of these", list([]string{"bool", "int", "string", "bytes", "a time", "uuid"}))
		}
	}
	c.add(m)
}
