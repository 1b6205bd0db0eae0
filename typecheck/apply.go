package typecheck

import (
	"errors"
	"regexp/syntax"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// application is one call of a built-in function or method.
type application struct {
	*coder
	b     *builtin
	recv  ir.Expr // nil for a function
	args  []*lang.Arg
	found bindings
	what  string
	span  source.Span // of the name
	whole source.Span
	want  types.Type
}

// applyBuiltin checks a call of b. recv is nil for a function.
func (k *coder) applyBuiltin(b *builtin, recv ir.Expr, args []*lang.Arg, span, whole source.Span, want types.Type) ir.Expr {
	names := make([]string, len(b.params))
	for i, p := range b.params {
		names[i] = p.name
	}
	slots, ok := k.arrange(args, names, b.name, source.Span{})
	if ok && hasNil(slots) {
		k.add(mistake(WrongArguments, span, "%s takes %s, not %d", b.name, count(len(names), "argument"), len(args)).
			help("write %s(%s)", b.name, b.parameters()))
		ok = false
	}
	if !ok {
		k.looseArgs(args)
		return invalid(whole)
	}
	a := &application{k, b, recv, slots, bindings{}, b.name, span, whole, want}
	return a.check()
}

func hasNil(slots []*lang.Arg) bool {
	for _, a := range slots {
		if a == nil {
			return true
		}
	}
	return false
}

func (a *application) check() ir.Expr {
	name := a.b.name
	offset := 0
	var out []ir.Expr
	if a.recv != nil {
		name = receiverKind(a.b.recv) + "." + name
		offset = 1
		if !a.found.unify(a.b.recv, a.recv.Type()) {
			return invalid(a.whole)
		}
		t := a.found.substitute(a.checker, a.b.recv)
		if types.Is(a.recv.Type(), types.Float32) {
			t = a.recv.Type()
		}
		out = append(out, a.convert(a.recv, t, a.span, "the receiver of "+a.b.name))
	}
	values := a.values()
	for i, p := range a.b.params {
		if values[i] != nil {
			values[i] = a.convert(values[i], a.found.substitute(a.checker, p.t), a.args[i].Value.Span(), "the argument "+p.name)
		}
	}
	lambdas := a.lambdas(offset)
	out = append(out, values...)
	if !a.classesHold() {
		return invalid(a.whole)
	}
	for i, v := range out {
		if v != nil && isInvalid(v.Type()) {
			return invalid(a.whole)
		}
		if v == nil && lambdas[i] == nil {
			return invalid(a.whole)
		}
	}
	if a.b.pattern {
		a.checkPattern(out[len(out)-1])
	}
	t := decimalResult(name, a.found.substitute(a.checker, a.b.result), out)
	return &ir.Builtin{Base: base(t, a.span), Name: name, Args: out, Lambdas: lambdas, Reads: ir.Property(a.b.property)}
}

// decimalResult returns the type of a call whose result has the type t by the
// table: of decimals, a sum has 38 digits, and a number that is rounded to digits
// known at compile time has no more of them.
func decimalResult(name string, t types.Type, args []ir.Expr) types.Type {
	d, ok := t.(*types.Decimal)
	if !ok {
		return t
	}
	switch name {
	case "list.sum":
		return &types.Decimal{Precision: maxDigits, Scale: d.Scale}
	case "round":
		digits, known := args[1].(*ir.IntConst)
		if known && digits.Value >= 0 && digits.Value < int64(d.Scale) {
			cut := d.Scale - int(digits.Value)
			return &types.Decimal{Precision: min(d.Precision-cut+1, maxDigits), Scale: int(digits.Value)}
		}
	}
	return t
}

// values checks the arguments that are no lambdas: first those with a type of
// their own, then the literals, which take the type of their neighbours.
func (a *application) values() []ir.Expr {
	out := make([]ir.Expr, len(a.args))
	for _, literals := range []bool{false, true} {
		for i, p := range a.b.params {
			if _, lambda := p.t.(*types.Func); lambda || isLiteral(a.args[i].Value) != literals {
				continue
			}
			out[i] = a.expr(a.args[i].Value, a.hint(p.t))
			if p.t == types.Type(typeU) {
				out[i] = roomy(out[i])
			}
			if t := out[i].Type(); types.Is(t, types.None) || !a.found.unify(p.t, t) {
				want := a.found.substitute(a.checker, p.t)
				m := mistake(TypeMismatch, a.args[i].Value.Span(), "the argument %s takes %s, not %s", p.name, want, describe(t))
				a.add(a.mismatchHelp(m, t, want))
				out[i] = invalid(a.args[i].Value.Span())
			}
		}
	}
	return out
}

// hint is the type that an argument is wanted to have, nil if nothing is known.
func (a *application) hint(t types.Type) types.Type {
	t = a.found.substitute(a.checker, t)
	if !hasParams(t) {
		return t
	}
	if t == types.Type(typeT) || t == types.Type(typeU) {
		return a.want
	}
	return nil
}

// lambdas checks the arguments that are functions.
func (a *application) lambdas(offset int) map[int]*ir.Lambda {
	var out map[int]*ir.Lambda
	for i, p := range a.b.params {
		f, ok := p.t.(*types.Func)
		if !ok {
			continue
		}
		cl := a.closure(a.args[i].Value, a.found.substitute(a.checker, f).(*types.Func), "the argument "+p.name)
		if cl == nil {
			continue
		}
		l := a.open(cl, a.args[i].Value.Span())
		if l == nil || !a.found.unify(f.Result, l.Body.Type()) {
			continue
		}
		l.Body = a.convert(l.Body, a.found.substitute(a.checker, f.Result), l.bodySpan, "the result of "+p.name)
		if isInvalid(l.Body.Type()) {
			continue
		}
		if out == nil {
			out = map[int]*ir.Lambda{}
		}
		out[i+offset] = &l.Lambda
	}
	return out
}

// classesHold checks what the type parameters stand for.
func (a *application) classesHold() bool {
	for _, w := range []struct {
		p *types.Param
		c class
	}{{typeT, a.b.where}, {typeU, a.b.whereU}} {
		t := a.found[w.p]
		if t == nil || isInvalid(t) || types.Is(t, types.Never) || w.c.holds(t) {
			continue
		}
		m := mistake(TypeMismatch, a.span, "%s wants %s, not %s", a.what, classNames[w.c], describe(t))
		if o, ok := t.(*types.Option); ok && w.c.holds(o.Elem) {
			m = m.help("say what stands for none: … ?? %s", types.Sample(o.Elem))
		}
		if w.c == floatClass && isNumber(t) {
			m = m.help("a whole number is round already")
		}
		if types.Is(t, types.String) && (a.b.name == "float" || a.b.name == "int") {
			m = m.help("read it from the text: (parse_%s(…) ?? %s)", a.b.name, types.Sample(a.b.result))
		}
		a.add(m.help("give it %s", classNames[w.c]))
		return false
	}
	return true
}

// checkPattern checks a regular expression, which must be a literal.
func (a *application) checkPattern(v ir.Expr) {
	span := a.args[len(a.args)-1].Value.Span()
	s, ok := v.(*ir.StringConst)
	if !ok {
		a.add(mistake(NotConstant, span, "a regular expression must be a literal").help("write it in quotes: `[0-9]+`"))
		return
	}
	_, err := syntax.Parse(s.Value, syntax.Perl)
	if wrong := (*syntax.Error)(nil); errors.As(err, &wrong) {
		a.add(mistake(BadConstant, span, "%q is no regular expression: %s", s.Value, wrong.Code).
			help("the syntax is RE2: https://github.com/google/re2/wiki/Syntax"))
	}
}
