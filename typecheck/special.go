package typecheck

import (
	"encoding/hex"
	"strings"
	"time"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// specialNames are the calls that the compiler resolves itself.
var specialNames = []string{"date", "env", "now", "param", "set", "uuid"}

// specialOf returns the checker of a call that is no ordinary function, nil if
// name is none.
func specialOf(name string) func(*coder, *lang.CallExpr, types.Type) ir.Expr {
	switch name {
	case "date":
		return (*coder).dateCall
	case "uuid":
		return (*coder).uuidCall
	case "set":
		return (*coder).setCall
	case "now":
		return (*coder).nowCall
	case "param":
		return (*coder).paramCall
	case "env":
		return (*coder).envCall
	}
	return nil
}

// literalArg returns the text of a call's only argument, which must be a
// string literal.
func (k *coder) literalArg(e *lang.CallExpr, name, example string) (string, bool) {
	if len(e.Args) == 1 {
		if lit, ok := e.Args[0].Value.(*lang.StringLit); ok && plainText(lit) {
			return constantText(lit), true
		}
	}
	k.looseArgs(e.Args)
	k.add(mistake(NotConstant, e.Span(), "%s takes one text that is known at compile time", name).help("write %s", example))
	return "", false
}

func plainText(lit *lang.StringLit) bool {
	for _, p := range lit.Parts {
		if p.Expr != nil {
			return false
		}
	}
	return true
}

// dateCall checks date("2024-05-01").
func (k *coder) dateCall(e *lang.CallExpr, _ types.Type) ir.Expr {
	text, ok := k.literalArg(e, "date", "date(\"2024-05-01\")")
	if !ok {
		return invalid(e.Span())
	}
	t, err := time.Parse(time.DateOnly, text)
	if err != nil || t.Year() < 1 {
		k.add(mistake(BadConstant, e.Args[0].Span(), "%q is no date", text).help("write year, month and day: date(\"2024-05-01\")"))
		return invalid(e.Span())
	}
	days := t.Unix() / 86400
	return &ir.IntConst{Base: base(dateType, e.Span()), Value: days}
}

// uuidCall checks uuid("123e4567-e89b-12d3-a456-426614174000").
func (k *coder) uuidCall(e *lang.CallExpr, _ types.Type) ir.Expr {
	const example = "uuid(\"123e4567-e89b-12d3-a456-426614174000\")"
	text, ok := k.literalArg(e, "uuid", example)
	if !ok {
		return invalid(e.Span())
	}
	parts := strings.Split(text, "-")
	good := len(parts) == 5 && len(parts[0]) == 8 && len(parts[1]) == 4 && len(parts[2]) == 4 && len(parts[3]) == 4 && len(parts[4]) == 12
	raw, err := hex.DecodeString(strings.Join(parts, ""))
	if !good || err != nil {
		k.add(mistake(BadConstant, e.Args[0].Span(), "%q is no uuid", text).help("write 32 hexadecimal digits: %s", example))
		return invalid(e.Span())
	}
	return &ir.BytesConst{Base: base(uuidType, e.Span()), Value: raw}
}

// setCall checks set([1, 2]).
func (k *coder) setCall(e *lang.CallExpr, want types.Type) ir.Expr {
	if len(e.Args) != 1 {
		k.looseArgs(e.Args)
		k.add(mistake(WrongArguments, e.Span(), "set takes one argument, not %d", len(e.Args)).help("write set([1, 2])"))
		return invalid(e.Span())
	}
	var elem types.Type
	if s, ok := elemOfWanted(want).(*types.Set); ok {
		elem = s.Elem
	}
	lit, ok := e.Args[0].Value.(*lang.ListLit)
	if !ok {
		k.looseArgs(e.Args)
		k.add(mistake(NotConstant, e.Args[0].Span(), "set takes a list written out").help("write set([1, 2])"))
		return invalid(e.Span())
	}
	elems, t := k.elements(lit.Elems, elem, "an element of the set")
	switch {
	case t == nil:
		k.add(mistake(NeedsType, e.Span(), "the type of an empty set is not known here").help("say it: let s: set<int> = set([])"))
		return invalid(e.Span())
	case isInvalid(t):
		return invalid(e.Span())
	case !types.CanBeKey(t):
		k.badKey(e.Args[0].Span(), t, "an element of a set")
		return invalid(e.Span())
	}
	return &ir.SetLit{Base: base(&types.Set{Elem: t}, e.Span()), Elems: elems}
}

// nowCall checks now().
func (k *coder) nowCall(e *lang.CallExpr, _ types.Type) ir.Expr {
	switch {
	case len(e.Args) > 0:
		k.looseArgs(e.Args)
		k.add(mistake(WrongArguments, e.Span(), "now takes no argument").help("write now()"))
	case k.frame.kind != handlerCode && k.frame.kind != helperCode:
		k.add(mistake(Misplaced, e.Span(), "\"now\" is known only in an operator's handlers").
			help("functions are pure: give the time as an argument"))
	default:
		return &ir.Now{Base: base(timestampType, e.Span())}
	}
	return invalid(e.Span())
}

// paramCall checks param("least", 10).
func (k *coder) paramCall(e *lang.CallExpr, want types.Type) ir.Expr {
	lit, plain := firstText(e)
	if len(e.Args) != 2 || !plain {
		k.looseArgs(e.Args)
		k.add(mistake(WrongArguments, e.Span(), "param takes a name in quotes and a default").help("write param(\"least\", 10)"))
		return invalid(e.Span())
	}
	if !paramName(lit) {
		k.add(mistake(BadConstant, e.Args[0].Span(), "%q is no name of a parameter", lit).
			help("use letters, digits, _ and -: param(\"least\", …)"))
	}
	v := k.expr(e.Args[1].Value, want)
	v = k.needsValue(v, e.Args[1].Span(), "the default of "+lit)
	if isInvalid(v.Type()) {
		return v
	}
	if !isConstant(v) || !givenAtStart(v.Type()) {
		k.add(mistake(NotConstant, e.Args[1].Span(), "the default of %s must be a literal of a scalar type", lit).
			help("write param(%q, 10)", lit))
		return invalid(e.Span())
	}
	return k.parameter(e, &ir.Param{Name: lit, Type: v.Type(), Default: v, Pos: e.Pos})
}

// envCall checks env("BROKERS") and env("BROKERS", "localhost").
func (k *coder) envCall(e *lang.CallExpr, _ types.Type) ir.Expr {
	lit, plain := firstText(e)
	if len(e.Args) < 1 || len(e.Args) > 2 || !plain || lit == "" {
		k.looseArgs(e.Args)
		k.add(mistake(WrongArguments, e.Span(), "env takes the name of a variable in quotes, and a default if it may be missing").
			help("write env(\"BROKERS\")"))
		return invalid(e.Span())
	}
	if strings.ContainsFunc(lit, func(r rune) bool { return r <= ' ' || r == '=' || r == 0x7f }) {
		k.add(mistake(BadConstant, e.Args[0].Span(), "%q is no name of an environment variable", lit).
			help("use letters, digits and _: env(\"BROKERS\")"))
	}
	p := &ir.Param{Name: lit, Type: stringType, Env: true, Pos: e.Pos}
	if len(e.Args) == 2 {
		if p.Default = k.constantOf(e.Args[1].Value, stringType, "the default of "+lit); isInvalid(p.Default.Type()) {
			return invalid(e.Span())
		}
	}
	return k.parameter(e, p)
}

func firstText(e *lang.CallExpr) (string, bool) {
	if len(e.Args) == 0 {
		return "", false
	}
	lit, ok := e.Args[0].Value.(*lang.StringLit)
	return constantText(lit), ok && plainText(lit)
}

// paramName reports whether a parameter can be given by that name at start.
func paramName(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
		if !letter && (i == 0 || !(r >= '0' && r <= '9' || r == '-')) {
			return false
		}
	}
	return s != ""
}

// givenAtStart reports whether a value of t can be given on a command line.
func givenAtStart(t types.Type) bool {
	_, enum := t.(*types.Enum)
	_, decimal := t.(*types.Decimal)
	basic, ok := t.(*types.Basic)
	return enum || decimal || ok && basic.Kind != types.JSON && basic.Kind != types.Bytes
}

// parameter notes a value given at start; its second use must agree with the
// first.
func (k *coder) parameter(e *lang.CallExpr, p *ir.Param) ir.Expr {
	key := "param " + p.Name
	if p.Env {
		key = "env " + p.Name
	}
	old := k.params[key]
	if old == nil {
		k.params[key] = p
		old = p
	}
	same := types.Identical(old.Type, p.Type) && (old.Default == nil) == (p.Default == nil) &&
		(old.Default == nil || constantKey(old.Default) == constantKey(p.Default))
	if !same {
		k.add(mistake(ParamDiffers, e.Span(), "%q has another default here than above", p.Name).
			note(at(old.Pos), "it is used here first").help("give both the same type and default"))
		return invalid(e.Span())
	}
	return &ir.ParamRef{Base: base(old.Type, e.Span()), Param: old}
}
