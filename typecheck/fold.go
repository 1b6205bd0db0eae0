package typecheck

import (
	"cmp"
	"math"
	"math/big"
	"slices"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// constantKind tells compile-time values apart.
type constantKind int

const (
	boolConstant  constantKind = iota
	wholeConstant              // an int, a duration, a timestamp or a date
	floatConstant
	enumConstant
	textConstant
	listConstant
	noneConstant // of a parameter that a step leaves out, and of what it is compared with
)

// constant is a value that is known at compile time.
type constant struct {
	kind   constantKind
	bool   bool
	whole  int64
	float  float64
	t      types.Type // of an enum's symbol; nil if its enum is not known yet
	text   string     // also the symbol's name
	elems  []*constant
	chosen bool // depends on a parameter, so that it differs from step to step
	narrow bool // an int32
}

// constantValue returns what a checked expression is known to be, nil if that
// shows only at run time.
func constantValue(e ir.Expr) *constant {
	switch e := e.(type) {
	case *ir.BoolConst:
		return &constant{kind: boolConstant, bool: e.Value}
	case *ir.IntConst:
		return &constant{kind: wholeConstant, whole: e.Value, narrow: types.Is(e.T, types.Int32)}
	case *ir.FloatConst:
		return &constant{kind: floatConstant, float: e.Value}
	case *ir.StringConst:
		return &constant{kind: textConstant, text: e.Value}
	case *ir.EnumConst:
		enum := e.T.(*types.Enum)
		return &constant{kind: enumConstant, t: enum, text: enum.Symbols[e.Symbol].Name}
	case *ir.Convert:
		v := constantValue(e.X)
		if v != nil {
			v.narrow = types.Is(e.T, types.Int32)
		}
		return v
	}
	return nil
}

// whole is the constant v; nil if that does not fit its type, as at run time it
// would be an error of the record.
func whole(v *big.Int, narrow bool) *constant {
	if v == nil || !v.IsInt64() || narrow && v.Int64() != int64(int32(v.Int64())) {
		return nil
	}
	return &constant{kind: wholeConstant, whole: v.Int64(), narrow: narrow}
}

// folded computes sums, differences, products, quotients and remainders of whole
// numbers and durations that are written out. What cannot be computed, or does not
// fit its type, is left as it is.
func folded(e ir.Expr) ir.Expr {
	switch x := e.(type) {
	case *ir.Convert:
		if v, ok := folded(x.X).(*ir.IntConst); ok && v != x.X {
			return &ir.Convert{Base: x.Base, X: v}
		}
	case *ir.Unary:
		if v, ok := folded(x.X).(*ir.IntConst); ok && x.Op == ir.Neg && v.Value != math.MinInt64 {
			return wholeConst(x.Base, -v.Value, e)
		}
	case *ir.Binary:
		a, okA := folded(x.X).(*ir.IntConst)
		b, okB := folded(x.Y).(*ir.IntConst)
		if !okA || !okB {
			return e
		}
		if v := compute(x.Op, big.NewInt(a.Value), big.NewInt(b.Value)); v != nil && v.IsInt64() {
			return wholeConst(x.Base, v.Int64(), e)
		}
	}
	return e
}

// compute computes a op b, nil if it is no number.
func compute(op ir.Op, a, b *big.Int) *big.Int {
	switch op {
	case ir.Add:
		return a.Add(a, b)
	case ir.Sub:
		return a.Sub(a, b)
	case ir.Mul:
		return a.Mul(a, b)
	case ir.Div, ir.Rem:
		if b.Sign() == 0 {
			return nil
		}
		if op == ir.Div {
			return a.Quo(a, b)
		}
		return a.Rem(a, b)
	}
	return nil
}

// wholeConst is the constant v in the place of e, which is an int or a duration;
// else, or if v does not fit, e.
func wholeConst(b ir.Base, v int64, e ir.Expr) ir.Expr {
	t, ok := b.T.(*types.Basic)
	if !ok || t.Kind != types.Int && t.Kind != types.Duration && (t.Kind != types.Int32 || v != int64(int32(v))) {
		return e
	}
	return &ir.IntConst{Base: b, Value: v}
}

// fold evaluates e if it is known at compile time, without a message; nil if it
// is not.
func (k *coder) fold(e lang.Expr) *constant {
	switch e := e.(type) {
	case *lang.ParenExpr:
		return k.fold(e.X)
	case *lang.BoolLit:
		return &constant{kind: boolConstant, bool: e.Value}
	case *lang.IntLit:
		if e.Overflow || int64(e.Value) < 0 {
			return nil
		}
		return &constant{kind: wholeConstant, whole: int64(e.Value)}
	case *lang.FloatLit:
		return &constant{kind: floatConstant, float: e.Value}
	case *lang.DurationLit:
		return &constant{kind: wholeConstant, whole: e.Micros}
	case *lang.TimestampLit:
		return &constant{kind: wholeConstant, whole: e.Micros}
	case *lang.StringLit:
		if slices.ContainsFunc(e.Parts, func(p lang.StringPart) bool { return p.Expr != nil }) {
			return nil
		}
		return &constant{kind: textConstant, text: constantText(e)}
	case *lang.IdentExpr:
		if b := k.scope.find(e.Name); b != nil {
			return k.foldParam(b)
		}
		return &constant{kind: enumConstant, text: e.Name} // a symbol that stands alone
	case *lang.FieldExpr:
		if id, ok := e.X.(*lang.IdentExpr); ok && !e.Optional {
			if b := k.scope.find(id.Name); b != nil && b.kind == rangeParam {
				return k.foldBound(b, e.Name.Text)
			}
		}
		return k.foldSymbol(e)
	case *lang.ListLit:
		return k.foldList(e)
	case *lang.NoneLit:
		return &constant{kind: noneConstant}
	case *lang.UnaryExpr:
		return k.foldUnary(e)
	case *lang.BinaryExpr:
		if e.Op == "??" {
			return k.foldOrElse(e)
		}
		return k.foldBinary(e)
	}
	return nil
}

// foldOrElse evaluates x ?? y.
func (k *coder) foldOrElse(e *lang.BinaryExpr) *constant {
	x := k.fold(e.X)
	if x == nil || x.kind != noneConstant {
		return x
	}
	y := k.fold(e.Y)
	if y != nil {
		y.chosen = y.chosen || x.chosen
	}
	return y
}

// foldParam evaluates a parameter, nil if it is none that is known. A requirement
// knows all whose argument is.
func (k *coder) foldParam(b *binding) *constant {
	v := b.konst
	if v == nil && k.frame.required {
		v = b.known
	}
	if v == nil {
		return nil
	}
	b.used = true
	if op := k.frame.op; v.kind == noneConstant && op != nil {
		op.leavesOut = append(op.leavesOut, b)
	}
	c := *v
	c.chosen = true
	return &c
}

// foldBound evaluates a bound of a parameter that is a range.
func (k *coder) foldBound(b *binding, name string) *constant {
	for i, bound := range [...]string{"from", "to"} {
		if name == bound && b.bounds[i] != nil {
			b.used = true
			return k.foldParam(b.bounds[i])
		}
	}
	return nil
}

// foldSymbol evaluates Kind.left.
func (k *coder) foldSymbol(e *lang.FieldExpr) *constant {
	name := qualifiedName(e.X)
	if name == nil || e.Optional || k.scope.find(name.Ident.Text) != nil {
		return nil
	}
	if name.Qualifier != nil && k.scope.find(name.Qualifier.Text) != nil {
		return nil
	}
	own := k.entryOf(k.scope.mod, name)
	if own == nil {
		return nil
	}
	if _, ok := own.decl.(*lang.EnumDecl); !ok {
		return nil
	}
	enum, ok := k.instance(own, nil, nil).(*types.Enum)
	if !ok || enum.SymbolIndex(e.Name.Text) < 0 {
		return nil
	}
	return &constant{kind: enumConstant, t: enum, text: e.Name.Text}
}

func (k *coder) foldList(e *lang.ListLit) *constant {
	out := &constant{kind: listConstant}
	for _, x := range e.Elems {
		v := k.fold(x)
		if v == nil {
			return nil
		}
		out.elems = append(out.elems, v)
		out.chosen = out.chosen || v.chosen
	}
	return out
}

func (k *coder) foldUnary(e *lang.UnaryExpr) *constant {
	v := k.fold(e.X)
	switch {
	case v == nil:
		return nil
	case e.Op == "!" && v.kind == boolConstant:
		return &constant{kind: boolConstant, bool: !v.bool, chosen: v.chosen}
	case e.Op == "-" && v.kind == floatConstant:
		return &constant{kind: floatConstant, float: -v.float, chosen: v.chosen}
	case e.Op == "-" && v.kind == wholeConstant:
		out := whole(new(big.Int).Neg(big.NewInt(v.whole)), v.narrow)
		if out != nil {
			out.chosen = v.chosen
		}
		return out
	}
	return nil
}

func (k *coder) foldBinary(e *lang.BinaryExpr) *constant {
	switch e.Op {
	case "==", "!=", "<", "<=", ">", ">=", "&&", "||", "in", "+", "-", "*", "/", "%":
	default:
		return nil
	}
	y := k.fold(e.Y)
	if y == nil {
		return nil
	}
	x := k.fold(e.X)
	if x == nil {
		return nil
	}
	chosen := x.chosen || y.chosen
	if e.Op == "in" && y.kind == listConstant {
		return &constant{kind: boolConstant, bool: x.in(y.elems), chosen: chosen}
	}
	if x.kind != y.kind {
		return nil
	}
	out := foldOperation(e.Op, x, y)
	if out != nil {
		out.chosen = chosen
	}
	return out
}

// in reports whether x equals one of elems.
func (x *constant) in(elems []*constant) bool {
	for _, e := range elems {
		if x.equals(e) {
			return true
		}
	}
	return false
}

func (x *constant) equals(y *constant) bool {
	return x.kind == y.kind && x.bool == y.bool && x.whole == y.whole && x.float == y.float && x.text == y.text
}

// wholeOps are the operators that compute whole numbers.
var wholeOps = map[string]ir.Op{"+": ir.Add, "-": ir.Sub, "*": ir.Mul, "/": ir.Div, "%": ir.Rem}

// foldOperation is x op y; nil if that is nothing, or does not fit its type.
func foldOperation(op string, x, y *constant) *constant {
	truth := func(b bool) *constant { return &constant{kind: boolConstant, bool: b} }
	switch {
	case op == "==":
		return truth(x.equals(y))
	case op == "!=":
		return truth(!x.equals(y))
	case x.kind == boolConstant && op == "&&":
		return truth(x.bool && y.bool)
	case x.kind == boolConstant && op == "||":
		return truth(x.bool || y.bool)
	case x.kind != wholeConstant && x.kind != floatConstant && x.kind != textConstant:
		return nil
	}
	order := cmp.Compare(x.whole, y.whole)
	switch x.kind {
	case floatConstant:
		order = cmp.Compare(x.float, y.float)
	case textConstant:
		order = cmp.Compare(x.text, y.text)
	}
	switch op {
	case "<":
		return truth(order < 0)
	case "<=":
		return truth(order <= 0)
	case ">":
		return truth(order > 0)
	case ">=":
		return truth(order >= 0)
	}
	switch x.kind {
	case floatConstant:
		return floating(op, x.float, y.float)
	case textConstant:
		return nil
	}
	if op, ok := wholeOps[op]; ok {
		return whole(compute(op, big.NewInt(x.whole), big.NewInt(y.whole)), x.narrow || y.narrow)
	}
	return nil
}

// floating computes a op b; nil if that is nothing.
func floating(op string, a, b float64) *constant {
	out := &constant{kind: floatConstant}
	switch {
	case op == "+":
		out.float = a + b
	case op == "-":
		out.float = a - b
	case op == "*":
		out.float = a * b
	case op == "/" && b != 0:
		out.float = a / b
	case op == "%" && b != 0:
		out.float = math.Mod(a, b)
	default:
		return nil
	}
	return out
}
