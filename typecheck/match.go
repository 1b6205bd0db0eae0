package typecheck

import (
	"fmt"
	"strconv"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// matching checks the arms of one match: their patterns, and that together
// they miss no case.
type matching struct {
	k       *coder
	e       *lang.MatchExpr
	t       types.Type
	none    bool                   // whether any arm names none
	seen    map[string]source.Span // cases that an arm fits
	all     source.Span            // of the arm that fits everything left
	hasAll  bool
	hasSome bool // a name that fits all but none
	broken  bool // a pattern was wrong: nothing is said about missing cases
}

func newMatching(k *coder, e *lang.MatchExpr, t types.Type) *matching {
	m := &matching{k: k, e: e, t: t, seen: map[string]source.Span{}, broken: isInvalid(t)}
	for _, a := range e.Arms {
		for _, p := range a.Patterns {
			if _, ok := p.(*lang.NonePattern); ok {
				m.none = true
			}
		}
	}
	return m
}

// arm checks the patterns of one arm and binds its name in body.
func (m *matching) arm(body *coder, a *lang.MatchArm) *ir.Arm {
	arm := &ir.Arm{At: a.Pos}
	for _, p := range a.Patterns {
		if m.hasAll {
			m.k.add(mistake(UnreachableArm, p.Span(), "no value comes to this arm").
				note(m.all, "this arm fits everything").help("put it before, or leave it out"))
		}
		ip, bind, t := m.pattern(p)
		if ip == nil {
			m.broken = true
			if bind != nil {
				body.local(bind, invalidType, constLocal, "a pattern's name")
			}
			continue
		}
		arm.Patterns = append(arm.Patterns, ip)
		if bind == nil {
			continue
		}
		if len(a.Patterns) > 1 {
			m.k.add(mistake(Misplaced, bind.Span(), "an arm with several patterns cannot name the value").
				help("write one arm for each"))
		}
		arm.Bind = body.local(bind, t, constLocal, "a pattern's name")
	}
	return arm
}

// pattern checks one pattern. It returns nil if the pattern is wrong, and the
// name that it binds, with its type.
func (m *matching) pattern(p lang.Pattern) (ir.Pattern, *lang.Ident, types.Type) {
	switch p := p.(type) {
	case *lang.WildcardPattern:
		m.everything(p.Span())
		return ir.AnyPattern{}, nil, nil
	case *lang.BindPattern:
		if enum, ok := elemOf(m.t).(*types.Enum); ok && enum.SymbolIndex(p.Name.Text) >= 0 {
			m.k.add(mistake(TypeMismatch, p.Span(), "%s by itself is a name that every value fits, and not the symbol of %s", p.Name.Text, enum.Name).
				note(enum.Origin, "%s is declared here", enum.Name).
				help("write %s.%s, or another name if every value is meant", enum.Name, p.Name.Text))
			return nil, p.Name, nil
		}
		if o, ok := m.t.(*types.Option); ok && m.none {
			m.hasSome = true
			if _, fits := m.seen["none"]; fits {
				m.everything(p.Span())
			}
			return ir.SomePattern{}, p.Name, o.Elem
		}
		m.everything(p.Span())
		return ir.AnyPattern{}, p.Name, m.t
	case *lang.NonePattern:
		if _, ok := m.t.(*types.Option); !ok {
			return m.wrong(p, nil, "none")
		}
		m.fits("none", p.Span())
		if m.hasSome {
			m.everything(p.Span())
		}
		return ir.NonePattern{}, nil, nil
	case *lang.LiteralPattern:
		return m.literal(p)
	case *lang.EnumPattern:
		return m.enum(p)
	case *lang.MemberPattern:
		return m.member(p)
	default:
		panic(fmt.Sprintf("typecheck: no such pattern %T", p))
	}
}

func (m *matching) everything(span source.Span) {
	if !m.hasAll {
		m.hasAll, m.all = true, span
	}
}

// fits notes that an arm takes a case; the second one of a case is a mistake.
func (m *matching) fits(name string, span source.Span) {
	if old, twice := m.seen[name]; twice {
		m.k.add(mistake(UnreachableArm, span, "%s is taken by an arm above", name).
			note(old, "it is taken here").help("leave out one of the two"))
		return
	}
	m.seen[name] = span
}

// wrong reports a pattern that values of the matched type never fit.
func (m *matching) wrong(p lang.Pattern, bind *lang.Ident, got string) (ir.Pattern, *lang.Ident, types.Type) {
	if !isInvalid(m.t) {
		m.k.add(mistake(TypeMismatch, p.Span(), "what is matched is %s, and this pattern is %s", m.t, got).
			help("%s", m.advice()))
	}
	return nil, bind, nil
}

// advice says what patterns fit the matched type.
func (m *matching) advice() string {
	switch t := elemOf(m.t).(type) {
	case *types.Enum:
		return "name a symbol of it: " + t.Name + "." + t.Symbols[0].Name
	case *types.Union:
		return "name a member of it: " + t.Members[0].Name + " x"
	}
	return "write a literal of that type, a name, or _"
}

func (m *matching) literal(p *lang.LiteralPattern) (ir.Pattern, *lang.Ident, types.Type) {
	v := m.k.expr(p.Value, m.t)
	if isInvalid(v.Type()) {
		return nil, nil, nil
	}
	fitted := fit(v, m.t, p.Span())
	if fitted == nil || !isConstant(v) {
		return m.wrong(p, nil, describe(v.Type()))
	}
	m.fits(constantKey(v), p.Span())
	return ir.ConstPattern{Value: fitted}, nil, nil
}

// constantKey writes a constant so that equal ones are equal texts.
func constantKey(v ir.Expr) string {
	switch v := v.(type) {
	case *ir.BoolConst:
		return strconv.FormatBool(v.Value)
	case *ir.IntConst:
		return strconv.FormatInt(v.Value, 10)
	case *ir.FloatConst:
		return strconv.FormatFloat(v.Value, 'g', -1, 64)
	case *ir.StringConst:
		return strconv.Quote(v.Value)
	case *ir.BytesConst:
		return "b" + strconv.Quote(string(v.Value))
	case *ir.DecimalConst:
		return v.Value + "d"
	}
	return fmt.Sprintf("%T", v)
}

func (m *matching) enum(p *lang.EnumPattern) (ir.Pattern, *lang.Ident, types.Type) {
	enum, ok := elemOf(m.t).(*types.Enum)
	named := m.k.patternType(p.Type)
	if isInvalid(named) {
		return nil, nil, nil
	}
	if !ok || named != types.Type(enum) {
		return m.wrong(p, nil, describe(named)+"."+p.Symbol.Text)
	}
	v := m.k.symbol(p.Symbol, enum)
	if isInvalid(v.Type()) {
		return nil, nil, nil
	}
	m.fits(enum.Name+"."+p.Symbol.Text, p.Span())
	return ir.ConstPattern{Value: fit(v, m.t, p.Span())}, nil, nil
}

// patternType resolves the type that a pattern names.
func (k *coder) patternType(n *lang.Name) types.Type {
	return k.resolve(k.scope, &lang.TypeExpr{Range: n.Range, Name: n})
}

func (m *matching) member(p *lang.MemberPattern) (ir.Pattern, *lang.Ident, types.Type) {
	named := m.k.patternType(p.Type)
	if isInvalid(named) {
		return nil, p.Bind, nil
	}
	union, ok := elemOf(m.t).(*types.Union)
	if !ok {
		return m.wrong(p, p.Bind, describe(named))
	}
	for i, r := range union.Members {
		if types.Identical(r, named) {
			m.fits(r.Name, p.Span())
			return ir.MemberPattern{Member: i}, p.Bind, r
		}
	}
	m.k.add(mistake(TypeMismatch, p.Span(), "%s is no member of %s", named, union).
		note(union.Origin, "%s is declared here", union.Name).
		meant(p.Type.Ident.Text, memberNames(union)))
	return nil, p.Bind, nil
}

func memberNames(u *types.Union) []string {
	names := make([]string, len(u.Members))
	for i, r := range u.Members {
		names[i] = r.Name
	}
	return names
}

// finish reports the cases that no arm takes.
func (m *matching) finish() {
	if m.broken || m.hasAll {
		return
	}
	missing := m.missing()
	if len(missing) == 0 {
		return
	}
	msg := mistake(MissingCase, m.e.X.Span(), "the match misses %s", list(missing))
	switch t := elemOf(m.t).(type) {
	case *types.Enum:
		msg = msg.note(t.Origin, "%s is declared here", t.Name)
	case *types.Union:
		msg = msg.note(t.Origin, "%s is declared here", t.Name)
	}
	if missing[0] == everythingElse {
		msg = msg.help("add _ => …")
	}
	m.k.add(msg.help("add %s => …, or _ => … for all that is left", missing[0]))
}

const everythingElse = "all other values"

// missing names the cases that no arm takes.
func (m *matching) missing() []string {
	var out []string
	t := m.t
	if o, ok := t.(*types.Option); ok {
		if _, fits := m.seen["none"]; !fits {
			out = append(out, "none")
		}
		if m.hasSome {
			return out
		}
		t = o.Elem
	}
	var cases []string
	switch t := t.(type) {
	case *types.Enum:
		for _, s := range t.Symbols {
			cases = append(cases, t.Name+"."+s.Name)
		}
	case *types.Union:
		cases = memberNames(t)
	case *types.Basic:
		if t.Kind == types.Bool {
			cases = []string{"true", "false"}
		}
	}
	if cases == nil {
		cases = []string{everythingElse}
	}
	for _, c := range cases {
		if _, fits := m.seen[c]; !fits {
			out = append(out, c)
		}
	}
	return out
}
