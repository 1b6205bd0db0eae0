package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/types"
)

// fragment puts the wiring that a fragment names in the place of a step.
func (w *wiring) fragment(u *stepUse, own *entry) *wired {
	d := own.decl.(*lang.FragmentDecl)
	if own.wiring {
		w.add(mistake(StreamCycle, u.op.Span(), "the fragment %s applies itself", own.name).
			note(own.span, "%s is declared here", own.name).help("a fragment is put in the place of its name; it cannot hold itself"))
		return &wired{bad: true}
	}
	streams, ps := fragmentParams(d)
	a := &stepArgs{found: bindings{}, types: paramTypes(d.TypeParams), open: &scope{mod: own.mod}}
	for i, p := range d.TypeParams {
		a.open.bindType(p.Text, a.types[i])
	}
	if !w.arrangeStep(u, a, own, paramNames(streams), ps) {
		return &wired{bad: true}
	}
	for i, p := range streams {
		if t, ok := w.resolve(a.open, p.Type).(*types.Stream); ok && a.inputs[i] != nil {
			a.found.unify(t.Elem, a.inputs[i].Elem)
		}
	}
	args, ok := w.arguments(u, a, own, ps, d.TypeParams)
	if !ok {
		return &wired{bad: true}
	}
	sc := &scope{mod: own.mod}
	for i, p := range d.TypeParams {
		sc.bindType(p.Text, args[i])
	}
	if !w.bindFragment(sc, a, streams, ps) {
		return &wired{bad: true}
	}
	own.wiring = true
	defer func() { own.wiring = false }()
	return w.putInPlace(u, own, d, sc)
}

// fragmentParams parts a fragment's streams from its other parameters.
func fragmentParams(d *lang.FragmentDecl) (streams, others []*lang.ParamDecl) {
	for _, p := range d.Params {
		if p.Type != nil && p.Type.Name != nil && p.Type.Name.Qualifier == nil && p.Type.Name.Ident != nil && p.Type.Name.Ident.Text == "stream" {
			streams = append(streams, p)
		} else {
			others = append(others, p)
		}
	}
	return streams, others
}

// bindFragment enters a fragment's parameters: streams, values and functions.
func (w *wiring) bindFragment(sc *scope, a *stepArgs, streams, ps []*lang.ParamDecl) bool {
	good := true
	for i, p := range streams {
		t, ok := w.resolve(sc, p.Type).(*types.Stream)
		if !ok {
			return false
		}
		s := a.inputs[i]
		if !types.Identical(s.Elem, t.Elem) && !isInvalid(s.Elem) {
			if !fitsType(s.Elem, t.Elem) {
				w.add(mistake(TypeMismatch, a.sources[i], "the fragment's %s is a stream of %s, and this one has %s", p.Name.Text, t.Elem, s.Elem).
					note(p.Name.Span(), "%s is declared here", p.Name.Text).help("change the records before: map(r => …)"))
				good = false
				continue
			}
			s = w.adapt(s, t.Elem, a.sources[i])
		}
		sc.bind(&binding{kind: streamParam, name: p.Name.Text, span: p.Name.Span(), what: "a stream", stream: &wired{main: s}})
	}
	for i, p := range ps {
		t := w.resolve(sc, p.Type)
		if !isValueType(t) {
			_, ok := w.bindCompileTime(sc, a, i, p, t)
			good = good && ok
			continue
		}
		v := a.values[i]
		switch {
		case v != nil:
			v = w.convert(v, t, a.slots[i].Value.Span(), "the argument "+p.Name.Text)
		case p.Default != nil:
			v = w.defaultOf(sc, p, t)
		default:
			v = invalid(p.Span())
		}
		good = good && !isInvalid(v.Type())
		sc.bind(&binding{kind: aliasOf, name: p.Name.Text, span: p.Name.Span(), what: "a parameter", alias: v, konst: constantValue(v)})
	}
	return good
}

// putInPlace checks the wiring of a fragment for one use of it.
func (w *wiring) putInPlace(u *stepUse, own *entry, d *lang.FragmentDecl, sc *scope) *wired {
	k := &coder{w.checker, &frame{kind: pureCode, what: "the argument of a step"}, sc}
	in := &wiring{coder: k, name: w.name, prefix: w.prefix, inside: own.name}
	if !u.last {
		in.name += "." + own.name
	}
	if u.clauses.UID != nil {
		in.prefix += constantText(u.clauses.UID) + "/"
	}
	for _, clause := range []struct {
		there bool
		span  func() source.Span
		what  string
	}{
		{u.clauses.Retention != nil, func() source.Span { return u.clauses.Retention.Span() }, "a retention"},
		{u.clauses.OnError != nil, func() source.Span { return u.clauses.OnError.Span() }, "an error policy"},
	} {
		if clause.there {
			w.add(mistake(Misplaced, clause.span(), "a fragment has no place for %s", clause.what).
				note(own.span, "%s is declared here", own.name).help("write it after the step inside the fragment"))
		}
	}
	out := in.wire(d.Wire)
	t, ok := w.resolve(sc, d.Result).(*types.Stream)
	if !ok || out.main == nil {
		return out
	}
	if !types.Identical(out.main.Elem, t.Elem) && !isInvalid(out.main.Elem) && !isInvalid(t.Elem) {
		if !fitsType(out.main.Elem, t.Elem) {
			w.add(mistake(TypeMismatch, d.Wire.Span(), "the fragment %s gives %s, and its wiring %s", own.name, t.Elem, out.main.Elem).
				note(d.Result.Span(), "its result is declared here").help("declare -> stream<%s>", out.main.Elem))
			return &wired{bad: true}
		}
		changed := *out
		changed.main = w.adapt(out.main, t.Elem, d.Wire.Span())
		return &changed
	}
	return out
}
