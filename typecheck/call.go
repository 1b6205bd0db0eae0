package typecheck

import (
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// call checks f(a), x.method(a) and the calls that the compiler resolves itself.
func (k *coder) call(e *lang.CallExpr, want types.Type) ir.Expr {
	switch f := e.Fun.(type) {
	case *lang.IdentExpr:
		return k.callName(e, f, want)
	case *lang.FieldExpr:
		return k.callField(e, f)
	case *lang.ParenExpr:
		inner := *e
		inner.Fun = f.X
		return k.call(&inner, want)
	case *lang.IndexExpr:
		if b := k.functionsNamed(f.X); b != nil {
			return k.callNth(e, f, b)
		}
	}
	k.expr(e.Fun, nil)
	k.looseArgs(e.Args)
	k.add(mistake(NotCallable, e.Fun.Span(), "only a function can be called").help("call it by its name"))
	return invalid(e.Span())
}

// looseArgs checks arguments whose parameters are not known.
func (k *coder) looseArgs(args []*lang.Arg) {
	if k.frame.agg != nil {
		k = k.frame.agg.args // what was meant as an aggregate is applied to each record
	}
	for _, a := range args {
		if _, lambda := a.Value.(*lang.LambdaExpr); !lambda {
			k.expr(a.Value, nil)
		}
	}
}

func (k *coder) callName(e *lang.CallExpr, f *lang.IdentExpr, want types.Type) ir.Expr {
	if own := k.aggregateCalled(f.Name, len(e.Args)); own != nil {
		return k.part(e, own)
	}
	b := k.scope.find(f.Name)
	if b != nil && b.closure != nil {
		b.used = true
		return k.callClosure(e, b)
	}
	if b != nil && b.helper != nil {
		b.used = true
		return k.callHelper(e, b)
	}
	own := k.scope.mod.lookup(f.Name)
	if own != nil && own.isFunc() {
		own.used = true
		return k.callFunc(e, own)
	}
	if special := specialOf(f.Name); special != nil {
		return special(k, e, want)
	}
	if bi := functions[f.Name]; bi != nil {
		return k.applyBuiltin(bi, nil, e.Args, f.Span(), e.Span(), want)
	}
	k.looseArgs(e.Args)
	switch {
	case b != nil && b.local != nil && isInvalid(b.local.Type):
		b.used = true // its mistake is reported already
	case b != nil:
		b.used = true
		k.add(mistake(NotCallable, f.Span(), "%q is %s and cannot be called", f.Name, b.what).
			note(b.span, "%s is declared here", f.Name).help("leave out the parentheses"))
	case own != nil:
		own.used = true
		m := mistake(NotCallable, f.Span(), "%q is %s and cannot be called", f.Name, own.kindOf()).
			note(own.span, "%s is declared here", f.Name)
		if own.isOperator() {
			m = m.help("apply it to a stream: … |> %s(…)", f.Name)
		}
		if d, ok := own.decl.(*lang.AggregateDecl); ok {
			if m = k.misusedAggregate(e, d); k.frame.agg == nil {
				m = m.note(own.span, "%s is declared here", f.Name)
			}
		}
		if _, record := own.decl.(*lang.RecordDecl); record {
			m = m.help("a record is written with braces: %s { … }", f.Name)
		}
		k.add(m.help("only functions are called"))
	default:
		k.unknownFunction(f)
	}
	return invalid(e.Span())
}

func (k *coder) unknownFunction(f *lang.IdentExpr) {
	if k.full() {
		return
	}
	names := append(sortedKeys(functions), specialNames...)
	names = append(names, k.scope.mod.candidates((*entry).isFunc)...)
	names = append(names, k.scope.visible(func(b *binding) bool { return b.closure != nil || b.helper != nil })...)
	m := mistake(UnknownName, f.Span(), "unknown function %q", f.Name).once()
	if k.frame.agg != nil {
		aggs := append(k.scope.mod.candidates((*entry).isAggregate), k.std.candidates((*entry).isAggregate)...)
		if name := strings.ToLower(strings.ReplaceAll(f.Name, "_", "")); name == "countif" || name == "sumif" {
			m = m.help("count what fits by sum(if … { 1 } else { 0 })")
		}
		m = m.meant(f.Name, aggs).help("an aggregate is such as count(), sum(r.n) or max(r.n)")
	}
	for _, of := range sortedKeys(methods) {
		b := methods[of][f.Name]
		if b == nil {
			b = methods[of][known(f.Name, sortedKeys(methods[of]))]
		}
		switch {
		case b == nil:
		case b.property:
			m = m.help("it is written behind its value: x.%s", b.name)
		default:
			m = m.help("it is written behind its value: x.%s(%s)", b.name, b.parameters())
		}
	}
	k.add(m.meant(f.Name, names).
		help("declare it: func %s(…) -> … = …", f.Name))
}

// misusedAggregate begins the message about an aggregate that is called with
// other arguments than it takes, or where there is none.
func (k *coder) misusedAggregate(e *lang.CallExpr, d *lang.AggregateDecl) message {
	params := list(paramNames(d.Params))
	if k.frame.agg == nil {
		return mistake(NotCallable, e.Fun.Span(), "%q is an aggregate and stands where records are added up", d.Name.Text).
			help("write it so: agg: r => %s(%s)", d.Name.Text, strings.ReplaceAll(params, " and ", ", "))
	}
	m := mistake(WrongArguments, e.Fun.Span(), "%s takes %s, not %d", d.Name.Text, count(len(d.Params), "argument"), len(e.Args))
	if k.frame.bare {
		return m.help("what it reads of the record stands behind a lambda: r => %s(r.…)", d.Name.Text)
	}
	return m.help("write %s(%s)", d.Name.Text, strings.ReplaceAll(params, " and ", ", "))
}

// callField calls a method, or a function of an import.
func (k *coder) callField(e *lang.CallExpr, f *lang.FieldExpr) ir.Expr {
	if own := k.importedAggregate(f); own != nil {
		return k.part(e, own)
	}
	if own, ok := k.importedFunc(f); ok {
		if own == nil {
			k.looseArgs(e.Args)
			return invalid(e.Span())
		}
		return k.callFunc(e, own)
	}
	if v, ok := k.callSide(e, f); ok {
		return v
	}
	if b := k.collectionNamed(f.X); b != nil && readsDynamic(b, f) {
		return k.getDynamic(e, f, b)
	}
	if k.isEffect(e) {
		return invalid(e.Span())
	}
	if id, ok := f.X.(*lang.IdentExpr); ok && functions[f.Name.Text] != nil && k.missesType(id) {
		k.looseArgs(e.Args)
		k.add(mistake(UnknownName, id.Span(), "unknown name %q", id.Name).
			help("%s belongs to no other name: write %[1]s(…)", f.Name.Text))
		return invalid(e.Span())
	}
	x := k.expr(f.X, nil)
	if f.Optional {
		return k.optionally(x, f, func(v ir.Expr) ir.Expr { return k.method(v, e, f) })
	}
	return k.method(x, e, f)
}

// importedAggregate resolves w.spread inside an aggregate; nil if f is something
// else.
func (k *coder) importedAggregate(f *lang.FieldExpr) *entry {
	x, isName := f.X.(*lang.IdentExpr)
	if k.frame.agg == nil || !isName || f.Optional || k.scope.find(x.Name) != nil || k.scope.mod.named[x.Name] == nil {
		return nil
	}
	own := k.scope.mod.named[x.Name].names[f.Name.Text]
	if own == nil {
		return nil
	}
	if _, ok := own.decl.(*lang.AggregateDecl); !ok {
		return nil
	}
	k.scope.mod.used[x.Name] = true
	return own
}

// importedFunc resolves w.shout. ok is false if f is a method.
func (k *coder) importedFunc(f *lang.FieldExpr) (own *entry, ok bool) {
	x, isName := f.X.(*lang.IdentExpr)
	if !isName || f.Optional || k.scope.find(x.Name) != nil || k.scope.mod.named[x.Name] == nil {
		return nil, false
	}
	of := k.scope.mod.named[x.Name]
	k.scope.mod.used[x.Name] = true
	own = of.names[f.Name.Text]
	if own == nil {
		k.unknownImported(f.Name, of)
		return nil, true
	}
	own.used = true
	if !own.isFunc() {
		k.add(mistake(NotCallable, f.Span(), "%q is %s and cannot be called", x.Name+"."+f.Name.Text, own.kindOf()).
			note(own.span, "%s is declared here", f.Name.Text).help("only functions are called"))
		return nil, true
	}
	return own, true
}

// method calls x.name(args).
func (k *coder) method(x ir.Expr, e *lang.CallExpr, f *lang.FieldExpr) ir.Expr {
	t := x.Type()
	if isInvalid(t) {
		k.looseArgs(e.Args)
		return x
	}
	b := methods[receiverKind(t)][f.Name.Text]
	switch {
	case b != nil && b.property:
		k.looseArgs(e.Args)
		k.add(mistake(NotCallable, f.Name.Span(), "%q is a value and is not called", f.Name.Text).help("leave out the parentheses"))
	case b != nil:
		return k.applyBuiltin(b, x, e.Args, f.Name.Span(), e.Span(), nil)
	case types.Is(t, types.Timestamp) && f.Name.Text == "in_zone":
		k.looseArgs(e.Args)
		k.add(mistake(NotAValue, f.Name.Span(), "a time in a zone is no value of its own").
			help("read a part of it: .in_zone(\"Europe/Berlin\").hour"))
	default:
		k.looseArgs(e.Args)
		if r, ok := t.(*types.Record); ok && r.FieldIndex(f.Name.Text) >= 0 {
			k.add(mistake(NotCallable, f.Name.Span(), "%q is a field and cannot be called", f.Name.Text).help("leave out the parentheses"))
			break
		}
		k.unknownMember(f.Name, t)
	}
	return invalid(e.Span())
}

// inZone reads t.in_zone("Europe/Berlin").hour; ok is false if e is something else.
func (k *coder) inZone(e *lang.FieldExpr) (v ir.Expr, ok bool) {
	call, isCall := e.X.(*lang.CallExpr)
	if !isCall {
		return nil, false
	}
	f, isField := call.Fun.(*lang.FieldExpr)
	if !isField || f.Name.Text != "in_zone" || len(call.Args) != 1 || f.Optional || e.Optional {
		return nil, false
	}
	x := k.value(f.X, timestampType, "what is put into a zone")
	zone := k.value(call.Args[0].Value, stringType, "a zone's name")
	for _, name := range append([]string{"date"}, zoneFields...) {
		if name == e.Name.Text {
			return &ir.Builtin{Base: base(zoneFieldType(name), e.Name.Span()), Name: "timestamp.in_zone." + name, Args: []ir.Expr{x, zone}, Reads: true}, true
		}
	}
	k.add(mistake(UnknownField, e.Name.Span(), "a time in a zone has nothing called %q", e.Name.Text).
		meant(e.Name.Text, append([]string{"date"}, zoneFields...)).help("it has %s", list(append([]string{"date"}, zoneFields...))))
	return invalid(e.Span()), true
}

// arrange brings arguments into the order of the parameters: by name where they
// have one, else by place; also are names that stand for something else. A slot is nil where no argument was given. ok is
// false if an argument fits no parameter.
func (k *coder) arrange(args []*lang.Arg, names []string, what string, declared source.Span, also ...string) (slots []*lang.Arg, ok bool) {
	slots, ok = make([]*lang.Arg, len(names)), true
	all := names[:len(names):len(names)]
	for _, name := range also {
		if indexOf(names, name) < 0 {
			all = append(all, name)
		}
	}
	next := 0
	for _, a := range args {
		i := -1
		if a.Label == "" {
			for next < len(names) && slots[next] != nil {
				next++
			}
			i = next
			if i == len(names) {
				k.add(mistake(WrongArguments, a.Span(), "%s takes %s", what, count(len(names), "argument")).
					note(declared, "it is declared here").help("leave this one out"))
				return slots, false
			}
		} else if i = indexOf(names, a.Label); i < 0 {
			k.add(mistake(UnknownArgument, a.LabelSpan, "%s has no parameter %q", what, a.Label).
				note(declared, "it is declared here").meant(a.Label, all).
				help("%s", listed("parameter", all)))
			ok = false
			continue
		}
		if slots[i] != nil {
			k.add(mistake(DuplicateName, a.Span(), "the argument %q is given twice", names[i]).
				note(slots[i].Span(), "it is given here first").help("leave out one of the two"))
			ok = false
			continue
		}
		slots[i] = a
	}
	return slots, ok
}

func indexOf(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}

// missingArgument reports a parameter without argument.
func (k *coder) missingArgument(span source.Span, what, name string, t types.Type, declared source.Span) {
	k.add(mistake(WrongArguments, span, "the argument %q of %s is missing", name, what).
		note(declared, "it is declared here").help("add %s: … of type %s", name, t))
}
