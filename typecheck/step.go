package typecheck

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// stepUse is an operator applied to streams, as written.
type stepUse struct {
	left    *ir.Stream // the stream on its left; nil if there is none
	bad     bool       // the stream on its left is wrong
	op      *lang.Name
	args    []*lang.Arg
	clauses *lang.StepClauses
	span    source.Span
	last    bool // of its wiring: the result has the stream's name
}

// stepInfo is a step with what its rules need.
type stepInfo struct {
	step    *ir.Step
	facts   *operatorFacts
	span    source.Span // of the operator's name
	uidSpan source.Span
	stream  string // the name of the stream that it helps to make
	prefix  string // of its uid
	entry   *entry
	inside  string          // the fragment that it stands in, or ""
	waived  map[string]bool // named outputs that may go unread
	last    bool            // of its wiring: the stream has its outputs
}

// stepArgs is what a step gives to an operator's parameters.
type stepArgs struct {
	inputs  []*ir.Stream
	sources []source.Span
	slots   []*lang.Arg // of the parameters
	found   bindings
	types   []types.Type // the type parameters as such
	open    *scope       // knows them
	values  []ir.Expr
	lambdas []*closure
	aggs    []*ir.Aggregate
	ranges  [][2]ir.Expr
	sides   []map[string]*closure
	lists   [][]*closure
	shaping []*ir.Shaping   // functions that shape state
	waived  map[string]bool // named outputs that may go unread
}

// step checks one step. It returns a bad result if the operator is not known.
func (w *wiring) step(u *stepUse) *wired {
	own := w.operatorCalled(u.op)
	if own == nil && u.op.Qualifier == nil && writtenOperators[u.op.Ident.Text] {
		if own = w.written(u); own == nil {
			return &wired{bad: true}
		}
	}
	if own == nil || !own.isOperator() {
		w.noOperator(u, own)
		w.loseArgs(u.args)
		return &wired{bad: true}
	}
	own.applied++
	if _, fragment := own.decl.(*lang.FragmentDecl); fragment {
		return w.fragment(u, own)
	}
	d := own.decl.(*lang.OperatorDecl)
	a := &stepArgs{found: bindings{}, types: paramTypes(d.TypeParams), open: &scope{mod: own.mod}}
	for i, p := range d.TypeParams {
		a.open.bindType(p.Text, a.types[i])
	}
	ins := inputDecls(d)
	u.args = w.waive(u.args, a, d)
	if !w.arrangeStep(u, a, own, inputNames(ins), d.Params) {
		return &wired{bad: true}
	}
	for i, in := range ins {
		w.inferInput(a, i, in.Type, in.Name)
	}
	args, ok := w.arguments(u, a, own, d.Params, d.TypeParams)
	if !ok {
		return &wired{bad: true}
	}
	if own.mod.library == "" {
		return w.instantiate(u, a, own, args)
	}
	var out *wired
	inner := w.apart(func() { out = w.instantiate(u, a, own, args) })
	w.ofLibrary(inner, own, u.op.Span())
	return out
}

// apart checks something of the standard library, with the functions that it
// calls, and gives what there is to say about it, which is not reported yet.
func (c *checker) apart(check func()) []diag.Diagnostic {
	report, errors, pending := c.report, c.errors, c.pending
	inner := &diag.List{}
	c.report, c.pending = inner, nil
	check()
	c.drain()
	c.report, c.errors, c.pending = report, errors, pending
	return inner.Sorted()
}

// ofLibrary reports what there is to say about the use of own at span: what is
// wrong with the program's text, or else that own does not work on what it is given.
func (c *checker) ofLibrary(found []diag.Diagnostic, own *entry, span source.Span) {
	var inside *diag.Diagnostic
	for i, d := range found {
		switch {
		case !c.inLibrary(d.Span):
			c.add(message{d})
		case inside == nil && d.Severity == diag.Error:
			inside = &found[i]
		}
	}
	if inside == nil {
		return
	}
	help := "give it other values"
	if inside.Code == KeyType {
		help = inside.Help // of the value, which is the program's
	}
	c.add(mistake(TypeMismatch, span, "%s does not work on what it is given: %s", own.name, inside.Message).
		note(inside.Span, "it is done here").help("%s", help))
}

// inLibrary reports whether a place is in the standard library's text.
func (c *checker) inLibrary(span source.Span) bool {
	file := span.Start.Filename
	return strings.HasPrefix(file, "stdlib/") && c.modules[file] == nil
}

// operatorCalled finds the declaration of a step's operator. A stream may have
// the name of an operator of the library and does not hide it here.
func (w *wiring) operatorCalled(n *lang.Name) *entry {
	own := w.entryOf(w.scope.mod, n)
	if own != nil && own.isOperator() || n.Qualifier != nil || w.scope.mod.std == nil {
		return own
	}
	if std := w.scope.mod.std.names[n.Ident.Text]; std != nil && std.isOperator() {
		return std
	}
	if writtenOperators[n.Ident.Text] {
		return nil
	}
	return own
}

// loseArgs checks the streams of a step whose operator is not known.
func (w *wiring) loseArgs(args []*lang.Arg) {
	for _, a := range args {
		if id, ok := a.Value.(*lang.IdentExpr); ok {
			if own := w.scope.mod.lookup(id.Name); own != nil {
				own.used = true
			}
		}
	}
}

// noOperator reports a step whose name is none of an operator.
func (w *wiring) noOperator(u *stepUse, own *entry) {
	name := u.op.Ident.Text
	if u.op.Qualifier != nil {
		name = u.op.Qualifier.Text + "." + name
	}
	names := w.scope.mod.candidates((*entry).isOperator)
	switch {
	case own != nil:
		m := mistake(UnknownOperator, u.op.Span(), "%q is %s, no operator", name, own.kindOf()).note(own.span, "%s is declared here", own.name)
		if own.isFunc() {
			m = m.help("apply it to each record: map(%s)", name)
		}
		w.add(m.meant(name, names).help("a step is an operator or a fragment"))
	default:
		m := mistake(UnknownOperator, u.op.Span(), "unknown operator %q", name).once()
		switch strings.ToLower(strings.ReplaceAll(name, "_", "")) {
		case "groupby", "keyby", "partitionby":
			m = m.help("what counts and sums takes the key itself: running(key: x => …, agg: count()), and so does an operator: in x: T key x.…")
		}
		w.add(m.meant(name, append(names, sortedKeys(writtenOperators)...)).
			help("declare it: operator %s { … }", u.op.Ident.Text))
	}
}

// inputDecls returns the inputs that a step wires: all but message inputs.
func inputDecls(d *lang.OperatorDecl) []*lang.InDecl {
	var ins []*lang.InDecl
	for _, m := range d.Members {
		if in, ok := m.(*lang.InDecl); ok && in.Kind != lang.MessageIn {
			ins = append(ins, in)
		}
	}
	return ins
}

func inputNames(ins []*lang.InDecl) []string {
	names := make([]string, len(ins))
	for i, in := range ins {
		names[i] = in.Name.Text
	}
	return names
}

// arrangeStep brings a step's arguments into order: inputs that the stream on
// the left does not fill, then parameters.
func (w *wiring) arrangeStep(u *stepUse, a *stepArgs, own *entry, ins []string, ps []*lang.ParamDecl) bool {
	a.inputs, a.sources = make([]*ir.Stream, len(ins)), make([]source.Span, len(ins))
	first := 0
	if u.left != nil || u.bad {
		if first = 1; len(ins) > 0 {
			a.inputs[0], a.sources[0] = u.left, u.op.Span()
		}
	}
	first = min(first, len(ins))
	names := append(append([]string(nil), ins[first:]...), paramNames(ps)...)
	d, _ := own.decl.(*lang.OperatorDecl)
	if w.noStream(u.args, own, d) {
		w.loseArgs(u.args)
		return false
	}
	slots, ok := w.arrange(u.args, names, own.name, own.span, sideOutputs(d)...)
	if !ok {
		w.loseArgs(u.args)
		return false
	}
	good := !u.bad
	for i := range ins[first:] {
		arg := slots[i]
		if arg == nil {
			w.add(mistake(MissingInput, u.op.Span(), "the input %q of %s is missing", ins[first+i], own.name).
				note(own.span, "%s is declared here", own.name).help("add %s: …, the name of a stream", ins[first+i]))
			good = false
			continue
		}
		if !namesStream(arg.Value) {
			w.add(mistake(MissingInput, arg.Value.Span(), "the input %q of %s takes a stream", ins[first+i], own.name).
				note(own.span, "%s is declared here", own.name).help("name a stream first: %s: …", ins[first+i]))
			good = false
			continue
		}
		s := w.mainOf(w.streamRef(arg.Value), arg.Value.Span())
		a.inputs[first+i], a.sources[first+i] = s, arg.Value.Span()
		good = good && s != nil
	}
	a.slots = slots[len(ins)-first:]
	return good
}

// sideOutputs lists the named outputs of an operator, which a step may waive by
// their names; those of a fragment, where d is nil, it may not.
func sideOutputs(d *lang.OperatorDecl) []string {
	var names []string
	if d != nil {
		for _, m := range d.Members {
			if out, ok := m.(*lang.OutDecl); ok && out.Name != nil {
				names = append(names, out.Name.Text)
			}
		}
	}
	return names
}

// noStream reports an argument for what no stream is given to: an input that takes
// messages, or an output.
func (w *wiring) noStream(args []*lang.Arg, own *entry, d *lang.OperatorDecl) bool {
	if d == nil {
		return false
	}
	outs := sideOutputs(d)
	params := append(inputNames(inputDecls(d)), paramNames(d.Params)...)
	for _, a := range args {
		if indexOf(params, a.Label) >= 0 {
			continue
		}
		if indexOf(outs, a.Label) >= 0 {
			w.add(mistake(UnknownArgument, a.LabelSpan, "%q is an output of %s, no parameter", a.Label, own.name).
				note(own.span, "%s is declared here", own.name).help("to do without its records, write %s: drop; to read them, name the stream and then .%s", a.Label, a.Label))
			return true
		}
		for _, m := range d.Members {
			if in, ok := m.(*lang.InDecl); ok && in.Kind == lang.MessageIn && in.Name.Text == a.Label {
				w.add(mistake(UnknownArgument, a.LabelSpan, "the input %q of %s takes messages, no stream", a.Label, own.name).
					note(in.Name.Span(), "%s is declared here", a.Label).help("leave it out, and let a handler send to it: send \"uid\"[key] …"))
				return true
			}
		}
	}
	return false
}

// namesStream reports whether e is written as a stream's name, or one of its
// outputs.
func namesStream(e lang.Expr) bool {
	switch e := e.(type) {
	case *lang.IdentExpr, *lang.BadExpr:
		return true
	case *lang.ParenExpr:
		return namesStream(e.X)
	case *lang.FieldExpr:
		return namesStream(e.X)
	}
	return false
}

// inferInput learns type arguments from the stream of an input.
func (w *wiring) inferInput(a *stepArgs, i int, t *lang.TypeExpr, name *lang.Ident) {
	if s := a.inputs[i]; s != nil && !isInvalid(s.Elem) {
		a.found.unify(w.resolve(a.open, t), s.Elem)
	}
}

// arguments checks a step's arguments and finds the type arguments. It returns
// them with the values in a.
func (w *wiring) arguments(u *stepUse, a *stepArgs, own *entry, ps []*lang.ParamDecl, tps []*lang.Ident) ([]types.Type, bool) {
	good := w.inPlace(a, ps)
	if !good {
		return nil, false
	}
	a.values, a.lambdas, a.aggs = make([]ir.Expr, len(ps)), make([]*closure, len(ps)), make([]*ir.Aggregate, len(ps))
	a.ranges, a.sides = make([][2]ir.Expr, len(ps)), make([]map[string]*closure, len(ps))
	a.lists = make([][]*closure, len(ps))
	for pass := range 3 {
		for i, p := range ps {
			t := w.resolve(a.open, p.Type)
			_, isRange := t.(*types.Range)
			isFunc := !isValueType(t) && !isRange
			at := w
			if pass == passOf(t, isFunc) && a.slots[i] == nil && isDefaultArgument(p, t) {
				a.slots[i] = &lang.Arg{Range: lang.Range{Pos: p.Default.Span().Start, EndPos: p.Default.Span().End}, Value: p.Default}
				at = w.declaredIn(own)
			}
			switch {
			case pass != passOf(t, isFunc) || isInvalid(t):
			case a.slots[i] == nil && p.Default == nil:
				w.missingArgument(u.op.Span(), own.name, p.Name.Text, t, p.Name.Span())
				good = false
			case a.slots[i] == nil:
			case isFunc:
				good = at.functionArgument(a, i, p, t) && good
			case isRange:
				good = at.rangeArgument(a, i, p, t) && good
			default:
				a.values[i] = w.valueArgument(a, i, p, t)
				good = good && !isInvalid(a.values[i].Type())
			}
		}
	}
	if !good {
		return nil, false
	}
	for i, p := range ps {
		if f, ok := w.resolve(a.open, p.Type).(*types.Func); ok && a.slots[i] == nil {
			w.defaultResult(a, own, p, f)
		}
	}
	return w.inferred(tps, a.types, a.found, own, u.op.Span())
}

// inPlace reports a function without a name in the place of a value: whoever gives
// one means another parameter.
func (w *wiring) inPlace(a *stepArgs, ps []*lang.ParamDecl) bool {
	for i, p := range ps {
		if a.slots[i] == nil || a.slots[i].Label != "" {
			continue
		}
		t := w.resolve(a.open, p.Type)
		if _, lambda := a.slots[i].Value.(*lang.LambdaExpr); lambda && isValueType(t) && !isInvalid(t) {
			w.add(mistake(TypeMismatch, a.slots[i].Value.Span(), "the argument %s takes %s, not a function", p.Name.Text, t).
				note(p.Name.Span(), "%s is declared here", p.Name.Text).
				help("without names, arguments stand in the order of the parameters: %s", strings.Join(paramNames(ps), ", ")))
			return false
		}
	}
	return true
}

// isDefaultArgument reports whether the default of a parameter counts as an
// argument: that of a range, an aggregate or a list of functions. Those of values
// and functions are bound where the operator is made concrete.
func isDefaultArgument(p *lang.ParamDecl, t types.Type) bool {
	_, isFunc := t.(*types.Func)
	return p.Default != nil && !isFunc && !isValueType(t)
}

// declaredIn is the place where the names in an operator's declaration are
// known.
func (w *wiring) declaredIn(own *entry) *wiring {
	at := *w
	at.coder = &coder{w.checker, &frame{kind: pureCode, what: "a default"}, &scope{mod: own.mod}}
	return &at
}

// defaultResult finds the type argument that only the result of a function's
// default tells.
func (w *wiring) defaultResult(a *stepArgs, own *entry, p *lang.ParamDecl, f *types.Func) {
	result, ok := f.Result.(*types.Param)
	if !ok || a.found[result] != nil {
		return
	}
	k := w.declaredIn(own)
	takes := a.found.substitute(w.checker, &types.Func{Params: f.Params, Result: f.Result}).(*types.Func)
	if cl := k.closure(p.Default, takes, "the default of "+p.Name.Text); cl != nil {
		if l := k.open(cl, p.Default.Span()); l != nil {
			a.found[result] = l.Body.Type()
		}
	}
}

// passOf says when an argument is checked: functions after the values that tell
// what they take, and what may be left out of their results after these.
func passOf(t types.Type, isFunc bool) int {
	_, option := t.(*types.Option)
	switch {
	case isFunc:
		return 1
	case option && hasParams(t):
		return 2
	default:
		return 0
	}
}

// valueArgument checks an argument that is a value, as far as the parameter's
// type is known by now.
func (w *wiring) valueArgument(a *stepArgs, i int, p *lang.ParamDecl, t types.Type) ir.Expr {
	arg := a.slots[i].Value
	want := a.found.substitute(w.checker, t)
	if enum, ok := want.(*types.Enum); ok {
		if id, ok := arg.(*lang.IdentExpr); ok && w.scope.find(id.Name) == nil {
			return w.symbol(&lang.Ident{Range: id.Range, Text: id.Name}, enum)
		}
	}
	what := "the argument " + p.Name.Text
	if !hasParams(want) {
		return w.value(arg, want, what)
	}
	v := w.needsValue(w.expr(arg, nil), arg.Span(), what)
	if !a.found.unify(t, v.Type()) {
		return w.convert(v, a.found.substitute(w.checker, t), arg.Span(), what)
	}
	return v
}

// lambdaArgument checks an argument that is a function, and learns from its result.
func (w *wiring) lambdaArgument(a *stepArgs, i int, p *lang.ParamDecl, f *types.Func) bool {
	t := a.found.substitute(w.checker, f).(*types.Func)
	if anyHasParams(t.Params) {
		w.add(mistake(NeedsType, a.slots[i].Value.Span(), "the types of the parameters of %s are not known here", p.Name.Text).
			note(p.Name.Span(), "%s is declared here", p.Name.Text).help("say them: (x: int) => …"))
		return false
	}
	cl := w.closure(a.slots[i].Value, t, "the argument "+p.Name.Text)
	if cl == nil {
		return false
	}
	l := w.open(cl, a.slots[i].Value.Span())
	if l == nil {
		return false
	}
	if !a.found.unify(f.Result, l.Body.Type()) {
		if want, list := a.found.substitute(w.checker, f.Result).(*types.List); list && hasParams(want) && !isInvalid(l.Body.Type()) {
			w.add(mistake(TypeMismatch, l.bodySpan, "the result of %s takes a list, not %s", p.Name.Text, describe(l.Body.Type())).
				help("write a list, such as [x]"))
			return false
		}
		w.convert(l.Body, a.found.substitute(w.checker, f.Result), l.bodySpan, "the result of "+p.Name.Text)
		return false
	}
	a.lambdas[i] = cl
	return true
}

// instantiate makes the operator concrete for a step and adds the step to the
// program.
func (w *wiring) instantiate(u *stepUse, a *stepArgs, own *entry, args []types.Type) *wired {
	d := own.decl.(*lang.OperatorDecl)
	sc := &scope{mod: own.mod}
	for i, p := range d.TypeParams {
		sc.bindType(p.Text, args[i])
	}
	ps, ok := w.bindParams(sc, a, d.Params)
	if !ok {
		return &wired{bad: true}
	}
	o := w.operator(own, sc, ps, u.clauses.Retention, w.coder)
	o.op.Shaping = a.shaping
	w.clausesFit(u, o)
	w.leastHold(o)
	o.keyCalls(w, a)
	info := &stepInfo{facts: o.facts, span: u.op.Span(), stream: w.name, prefix: w.prefix, entry: own, inside: w.inside, waived: a.waived, last: u.last}
	info.step = &ir.Step{
		Name: own.name, Doc: d.Doc, Op: o.op, Pos: u.op.Pos,
		Outputs: make([]*ir.Stream, len(o.op.Outs)),
	}
	o.facts.step = info
	if u.clauses.UID != nil {
		info.step.UID, info.uidSpan = w.prefix+constantText(u.clauses.UID), u.clauses.UID.Span()
	}
	for _, was := range u.clauses.Was {
		info.step.WasUID = append(info.step.WasUID, w.prefix+constantText(was))
	}
	w.fitInputs(a, o, info.step)
	w.steps = append(w.steps, info)
	w.prog.Steps = append(w.prog.Steps, info.step)
	w.stepPolicy(u, o, info)
	return w.outputs(u, own, o, info.step)
}

// outputs makes the streams of a step.
func (w *wiring) outputs(u *stepUse, own *entry, o *operatorCheck, step *ir.Step) *wired {
	out := &wired{outs: map[string]*ir.Stream{}, missing: map[string]string{}, op: own.name, span: own.span}
	name := w.name
	if !u.last {
		name += "." + own.name
	}
	for name, param := range o.missing {
		out.missing[name] = fmt.Sprintf("%s has it with an argument %s: …", own.name, param)
	}
	for i, o := range step.Op.Outs {
		s := &ir.Stream{Name: name, Elem: o.Elem, Pos: u.op.Pos, Step: step, Out: i}
		if o.Name == "" {
			out.main = s
			continue
		}
		s.Name = name + "." + o.Name
		out.outs[o.Name] = s
	}
	return out
}

// bindParams enters an operator's parameters with their arguments.
func (w *wiring) bindParams(sc *scope, a *stepArgs, ps []*lang.ParamDecl) ([]*ir.OpParam, bool) {
	var out []*ir.OpParam
	good := true
	for i, p := range ps {
		t := w.resolve(sc, p.Type)
		if !isValueType(t) {
			more, ok := w.bindCompileTime(sc, a, i, p, t)
			out, good = append(out, more...), good && ok
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
		if p.ShapesState {
			v = folded(v)
		}
		good = good && !isInvalid(v.Type())
		l := &ir.Local{Name: p.Name.Text, Type: t, Pos: p.Name.Pos}
		b := sc.bind(&binding{kind: operatorParam, name: l.Name, span: p.Name.Span(), what: "a parameter", local: l})
		b.known = constantValue(folded(v))
		if _, none := v.(*ir.NoneConst); none {
			b.konst = &constant{kind: noneConstant}
		}
		if _, enum := t.(*types.Enum); enum || p.ShapesState {
			b.konst = constantValue(v)
			if b.konst == nil && good {
				span := p.Span()
				if a.slots[i] != nil {
					span = a.slots[i].Value.Span()
				}
				w.add(mistake(NotConstant, span, "the argument %s must be a constant", p.Name.Text).
					note(p.Name.Span(), "%s is declared here", p.Name.Text).help("it decides what the step's state looks like: write a literal"))
				good = false
			}
		}
		out = append(out, &ir.OpParam{Local: l, Value: v, ShapesState: p.ShapesState})
	}
	return out, good
}

// defaultOf checks the default of a parameter; an enum's symbol may stand alone.
func (w *wiring) defaultOf(sc *scope, p *lang.ParamDecl, t types.Type) ir.Expr {
	k := &coder{w.checker, &frame{kind: pureCode, what: "a default"}, sc}
	if enum, ok := t.(*types.Enum); ok {
		if id, ok := p.Default.(*lang.IdentExpr); ok && sc.find(id.Name) == nil {
			return k.symbol(&lang.Ident{Range: id.Range, Text: id.Name}, enum)
		}
	}
	return k.value(p.Default, t, "the default of "+p.Name.Text)
}

// bindFunction enters a parameter that is a function.
func (w *wiring) bindFunction(sc *scope, a *stepArgs, i int, p *lang.ParamDecl, f *types.Func) {
	cl := a.lambdas[i]
	if cl == nil {
		k := &coder{w.checker, &frame{kind: pureCode, what: "a default"}, sc}
		if p.Default == nil {
			return
		}
		if cl = k.closure(p.Default, f, "the default of "+p.Name.Text); cl == nil {
			return
		}
	}
	fitted := *cl
	fitted.params, fitted.result = f.Params, f.Result
	sc.bind(&binding{kind: lambdaParam, name: p.Name.Text, span: p.Name.Span(), what: "a parameter", closure: &fitted})
	w.shaping(a, p, []*closure{&fitted}, false)
}

// shaping keeps functions that shape state, so that it is known when others do: as one
// function of the parameters that they have all.
func (w *wiring) shaping(a *stepArgs, p *lang.ParamDecl, functions []*closure, list bool) {
	if !p.ShapesState || len(functions) == 0 {
		return
	}
	span := functions[0].span
	one := &ir.Lambda{Pos: span.Start}
	args := make([]ir.Expr, len(functions[0].params))
	for i, t := range functions[0].params {
		l := &ir.Local{Name: "v", Type: t, Pos: span.Start}
		one.Params = append(one.Params, l)
		args[i] = &ir.LocalRef{Base: base(t, span), Local: l}
	}
	var results []ir.Expr
	for _, f := range functions {
		v := w.inline(f, args, f.span)
		if isInvalid(v.Type()) {
			return
		}
		results = append(results, v)
	}
	if one.Body = results[0]; list {
		one.Body = &ir.ListLit{Base: base(&types.List{Elem: results[0].Type()}, span), Elems: results}
	}
	a.shaping = append(a.shaping, &ir.Shaping{Name: p.Name.Text, Func: one})
}

// fitInputs checks that each stream has the records that its input takes.
func (w *wiring) fitInputs(a *stepArgs, o *operatorCheck, step *ir.Step) {
	n := 0
	for _, in := range o.op.Ins {
		if in.Kind == ir.Message {
			continue
		}
		s := a.inputs[n]
		switch {
		case types.Identical(s.Elem, in.Elem) || isInvalid(s.Elem) || isInvalid(in.Elem):
		case fitsType(s.Elem, in.Elem):
			s = w.adapt(s, in.Elem, a.sources[n])
		default:
			w.inputMismatch(a.sources[n], s, in, o)
		}
		step.Inputs = append(step.Inputs, s)
		n++
	}
}

// adapt puts a step between that turns each record into a t, as the library's
// map would.
func (w *wiring) adapt(s *ir.Stream, t types.Type, span source.Span) *ir.Stream {
	r := &ir.Local{Name: "r", Type: s.Elem, Pos: span.Start}
	in := &ir.In{Name: "r", Elem: s.Elem, Pos: span.Start}
	out := &ir.Out{Elem: t, Pos: span.Start}
	emit := &ir.Emit{StmtBase: ir.StmtBase{At: span.Start}, Out: out, Value: fit(&ir.LocalRef{Base: base(s.Elem, span), Local: r}, t, span)}
	op := &ir.Operator{
		Name: "map", Ins: []*ir.In{in}, Outs: []*ir.Out{out}, Pos: span.Start, Library: w.std.names["map"].span.Start.Filename,
		Handlers: []*ir.Handler{{In: in, Param: r, Body: []ir.Stmt{emit}, Pos: span.Start}},
	}
	step := &ir.Step{Name: "map", Op: op, Inputs: []*ir.Stream{s}, Outputs: make([]*ir.Stream, 1), Pos: span.Start}
	w.read(s)
	w.steps = append(w.steps, &stepInfo{step: step, facts: &operatorFacts{op: op}, span: span, stream: w.name})
	w.prog.Steps = append(w.prog.Steps, step)
	made := &ir.Stream{Name: s.Name + ".map", Elem: t, Pos: span.Start, Step: step}
	w.read(made)
	return made
}

func (w *wiring) inputMismatch(span source.Span, s *ir.Stream, in *ir.In, o *operatorCheck) {
	union := o.op.Name == "union" && writtenOperators[o.op.Name] && o.op.Library != ""
	want, records := in.Elem.(*types.Record)
	got, ok := s.Elem.(*types.Record)
	var m message
	if union {
		m = mistake(TypeMismatch, span, "union takes streams of one type: the first has %s, and this one %s", in.Elem, s.Elem)
		if records && want.Name != "" {
			m = m.note(want.Origin, "%s is declared here", want.Name)
		}
	} else {
		m = mistake(TypeMismatch, span, "the input %s of %s takes %s, and the stream has %s", in.Name, o.op.Name, in.Elem, s.Elem).
			note(at(in.Pos), "%s is declared here", in.Name)
	}
	if records && ok && (union || got.Name == "") {
		what, write := recordDifference(got, want)
		m = m.help("%s: … |> map(r => %s)", what, write)
	}
	w.add(m.help("change the records before: … |> map(r => …)"))
}

// least is how little arguments of the library's operators may be that need not be
// known before the job runs, so that no operator can require it.
var least = map[string]int64{
	"capacity": 1, "timeout": 1, "one_in": 1, "lateness": 0, "retries": 0, "backoff": 0, "max_backoff": 0, "cache": 0, "cache_ttl": 0,
}

// leastHold checks the arguments of an operator of the library that are known.
func (w *wiring) leastHold(o *operatorCheck) {
	if o.op.Library == "" {
		return
	}
	for _, p := range o.op.Params {
		bound, ok := least[p.Local.Name]
		n, known := folded(p.Value).(*ir.IntConst)
		switch {
		case !ok || !known || n.Value >= bound:
		case bound == 0:
			w.add(mistake(RequireFailed, at(n.At), "%s must not be negative", p.Local.Name).help("change the arguments"))
		default:
			w.add(mistake(RequireFailed, at(n.At), "%s must be more than nothing", p.Local.Name).help("change the arguments"))
		}
	}
}

// clausesFit checks the clauses of a step against the operator that it uses.
func (w *wiring) clausesFit(u *stepUse, o *operatorCheck) {
	for _, r := range o.broken {
		w.add(mistake(RequireFailed, u.op.Span(), "%s", constantText(r.Message)).
			note(r.Span(), "%s requires it here", o.op.Name).help("change the arguments"))
	}
	for _, r := range o.undecided {
		w.add(mistake(NotConstant, u.op.Span(), "what %s requires cannot be worked out before the job runs", o.op.Name).
			note(r.Span(), "%s requires it here", o.op.Name).help("give literals for the arguments that it reads"))
	}
	if r := u.clauses.Retention; r != nil && !o.asksStep {
		w.add(mistake(Misplaced, r.Span(), "no state of %s takes its retention from the step", o.op.Name).
			note(o.decl.Name.Span(), "%s is declared here", o.op.Name).help("leave it out, or declare the state with: retention step"))
	}
}
