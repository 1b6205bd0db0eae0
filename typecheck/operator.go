package typecheck

import (
	"fmt"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// operatorCheck is one use of an operator while it is checked.
type operatorCheck struct {
	*checker
	decl   *lang.OperatorDecl
	op     *ir.Operator
	scope  *scope // its parameters, then its states, timers and helpers
	badKey bool   // the key's mistake is reported already
	policy *lang.PolicyClause
	bodies []func() // of helpers, checked after all names are known
	facts  *operatorFacts

	handlers  map[string]source.Span // by name
	unhandled []handled              // inputs and timers that no handler is called after
	stray     []*lang.Ident          // names of handlers of nothing

	broken     []*lang.RequireDecl   // requirements that do not hold
	undecided  []*lang.RequireDecl   // that hang on what is not known at compile time
	leavesOut  []*binding            // parameters that are none, which its code asks for
	missing    map[string]string     // named outputs that are left out with such a parameter, which is said
	stepClause *lang.RetentionClause // after the step's uid, nil if there is none
	stepCoder  *coder                // checks it
	asksStep   bool                  // whether a state takes its retention from there
	aggregate  bool                  // whether it is the inside of an aggregate
}

// operatorFacts is what the rules on retention need beyond ir.Operator.
type operatorFacts struct {
	op       *ir.Operator
	spans    map[*ir.State]source.Span // of the states' names
	retained map[*ir.State]bool        // said to be kept by its step's clause
	entry    *entry
	step     *stepInfo // nil for an operator that no step uses
	broken   bool      // whether a mistake was found in it
	asked    bool      // it was said that its step has no clause on retention
}

// operator checks the members of a declaration in a scope that knows its type
// parameters and its parameters. clause is what stands after the step's uid on
// retention, nil if nothing does, and step the code that checks it.
func (c *checker) operator(own *entry, sc *scope, ps []*ir.OpParam, clause *lang.RetentionClause, step *coder) *operatorCheck {
	d := own.decl.(*lang.OperatorDecl)
	own.checked = true
	o := &operatorCheck{
		checker: c, decl: d, scope: sc.child(), stepClause: clause, stepCoder: step, handlers: map[string]source.Span{},
		op: &ir.Operator{Name: d.Name.Text, Params: ps, Pos: d.Name.Pos, Library: own.mod.library},
	}
	o.facts = &operatorFacts{op: o.op, spans: map[*ir.State]source.Span{}, retained: map[*ir.State]bool{}, entry: own}
	errors := c.errors
	o.firstMembers()
	o.secondMembers()
	o.matchHandlers()
	for _, m := range d.Members {
		if h, ok := m.(*lang.HandlerDecl); ok {
			o.handler(h)
		}
	}
	for _, body := range o.bodies {
		body()
	}
	o.missingHandlers()
	o.leaveOut()
	if own.remote != nil && len(o.op.Ins) == 1 && len(o.op.Outs) == 1 {
		o.remote(own.remote)
	}
	o.findCalls()
	o.checkMessageInputs()
	o.checkBroadcast()
	o.facts.broken = c.errors > errors
	c.facts = append(c.facts, o.facts)
	return o
}

// firstMembers checks what other members build on: aliases, requirements,
// inputs and outputs.
func (o *operatorCheck) firstMembers() {
	for _, m := range o.decl.Members {
		switch m := m.(type) {
		case *lang.TypeAliasDecl:
			o.scope.bindType(m.Name.Text, o.valueType(o.scope, m.Type))
		case *lang.RequireDecl:
			o.require(m)
		}
	}
	for _, m := range o.decl.Members {
		switch m := m.(type) {
		case *lang.InDecl:
			o.input(m)
		case *lang.OutDecl:
			o.output(m)
		}
	}
}

// secondMembers checks states and timers, and the heads of helpers.
func (o *operatorCheck) secondMembers() {
	for _, m := range o.decl.Members {
		switch m := m.(type) {
		case *lang.TypeAliasDecl, *lang.RequireDecl, *lang.InDecl, *lang.OutDecl, *lang.HandlerDecl, *lang.TimerDecl:
		case *lang.StateDecl:
			o.state(m)
		case *lang.FuncDecl:
			o.helper(m)
		case *lang.PolicyClause:
			o.setPolicy(m)
		default:
			panic(fmt.Sprintf("typecheck: no such member %T", m))
		}
	}
	for _, m := range o.decl.Members {
		if t, ok := m.(*lang.TimerDecl); ok {
			o.timer(t)
		}
	}
}

// require checks a condition on the parameters, which must hold at the step.
func (o *operatorCheck) require(m *lang.RequireDecl) {
	k := o.coder(&frame{kind: pureCode, what: "a requirement", required: true})
	v := k.fold(m.Cond)
	switch {
	case v == nil || v.kind != boolConstant:
		if isInvalid(k.value(m.Cond, boolType, "the requirement").Type()) {
			return
		}
		o.undecided = append(o.undecided, m)
	case !v.bool:
		o.broken = append(o.broken, m)
	}
}

func (o *operatorCheck) coder(f *frame) *coder {
	f.op = o
	return &coder{o.checker, f, o.scope}
}

// input checks in a: A key a.id.
func (o *operatorCheck) input(m *lang.InDecl) {
	in := &ir.In{Name: m.Name.Text, Elem: o.valueType(o.scope, m.Type), Pos: m.Name.Pos}
	for _, other := range o.op.Ins {
		if other.Name == in.Name {
			o.duplicate(m.Name, at(other.Pos))
		}
	}
	o.op.Ins = append(o.op.Ins, in)
	switch {
	case m.Kind == lang.BroadcastIn:
		in.Kind = ir.Broadcast
	case m.Kind == lang.MessageIn:
		in.Kind = ir.Message
		if m.Wire != nil {
			o.wire(m, in)
		}
	case m.Key != nil:
		in.Kind = ir.Keyed
		o.key(m, in)
	}
}

// key checks the expression after key; all keyed inputs must agree on its type.
func (o *operatorCheck) key(m *lang.InDecl, in *ir.In) {
	k := o.coder(&frame{kind: keyCode, what: "a key"}).inner()
	l := &ir.Local{Name: in.Name, Type: in.Elem, Pos: m.Name.Pos}
	k.scope.bind(&binding{kind: constLocal, name: in.Name, span: m.Name.Span(), what: "an input's record", quiet: true, local: l})
	body := k.expr(m.Key, nil)
	t := body.Type()
	switch {
	case isInvalid(t):
		o.badKey = true
	case !types.CanBeKey(t):
		o.badKey = true
		o.checker.badKey(m.Key.Span(), t, "a key")
		body = invalid(m.Key.Span())
	case o.op.Key == nil:
		o.op.Key = t
	default:
		if fitted := fit(body, o.op.Key, m.Key.Span()); fitted != nil {
			body = fitted
			break
		}
		first := firstKeyed(o.op.Ins)
		o.add(mistake(KeysDiffer, m.Key.Span(), "the key of %s is %s, and the key of %s is %s", in.Name, t, first.Name, o.op.Key).
			note(at(first.Key.Pos), "the first key is here").help("all inputs of an operator share their key's type"))
		body = invalid(m.Key.Span())
	}
	in.Key = &ir.Lambda{Params: []*ir.Local{l}, Body: body, Pos: m.Key.Span().Start}
}

func firstKeyed(ins []*ir.In) *ir.In {
	for _, in := range ins {
		if in.Kind == ir.Keyed && in.Key != nil {
			return in
		}
	}
	return ins[0]
}

// output checks out Good and out bad: Bad.
func (o *operatorCheck) output(m *lang.OutDecl) {
	out := &ir.Out{Elem: o.valueType(o.scope, m.Type), Pos: m.Pos}
	if m.Name != nil {
		out.Name, out.Pos = m.Name.Text, m.Name.Pos
	}
	if other := o.out(out.Name); other != nil {
		what := "the output " + out.Name
		if out.Name == "" {
			what = "the main output"
		}
		o.add(mistake(DuplicateName, m.Span(), "%s is declared twice", what).
			note(at(other.Pos), "the first is here").help("give it another name: out other: T"))
		return
	}
	o.op.Outs = append(o.op.Outs, out)
}

// out returns the output called name, nil if there is none.
func (o *operatorCheck) out(name string) *ir.Out {
	for _, out := range o.op.Outs {
		if out.Name == name {
			return out
		}
	}
	return nil
}

func (o *operatorCheck) outNames() []string {
	var names []string
	for _, out := range o.op.Outs {
		if out.Name != "" {
			names = append(names, out.Name)
		}
	}
	return names
}

// helper declares a function of the operator; its body is checked later.
func (o *operatorCheck) helper(m *lang.FuncDecl) {
	fn := &ir.Func{Name: m.Name.Text, Doc: m.Doc, Pos: m.Name.Pos, Op: o.op}
	o.op.Helpers = append(o.op.Helpers, fn)
	o.bind(m.Name, &binding{kind: helperName, what: "a function", helper: &helper{m, fn}})
	k := o.checker.signature(o.scope, m, fn, &frame{kind: helperCode, what: "the function " + m.Name.Text, op: o, from: fn})
	o.bodies = append(o.bodies, func() { k.funcBody(m, fn) })
}

// bind enters a name of the operator.
func (o *operatorCheck) bind(name *lang.Ident, b *binding) {
	if old := o.scope.names[name.Text]; old != nil {
		o.duplicate(name, old.span)
		return
	}
	b.name, b.span = name.Text, name.Span()
	o.scope.bind(b)
}

func (o *operatorCheck) setPolicy(m *lang.PolicyClause) {
	if m.On != "error" {
		o.add(mistake(Misplaced, m.Span(), "an operator has no malformed input").help("write on error %s", m.Action))
		return
	}
	if o.policy != nil {
		o.add(mistake(DuplicateName, m.Span(), "the operator has two error policies").
			note(o.policy.Span(), "the first is here").help("leave out one of the two"))
		return
	}
	o.policy = m
}

// handler checks on r { … }, on idle { … } and on close[w] { … }.
func (o *operatorCheck) handler(m *lang.HandlerDecl) {
	h := &ir.Handler{Pos: m.Pos}
	f := &frame{kind: handlerCode, what: "a handler", result: unitType}
	k := o.coder(f).inner()
	for _, name := range o.stray {
		if name.Text != m.Name.Text {
			k.local(name, invalidType, constLocal, "an input's record")
		}
	}
	in, timer := o.inputCalled(m.Name.Text), o.timerCalled(m.Name.Text)
	if first, ok := o.handlers[m.Name.Text]; ok {
		o.add(mistake(DuplicateName, m.Name.Span(), "%q has two handlers", m.Name.Text).
			note(first, "the first is here").help("put both into one"))
	} else if in != nil || timer != nil {
		o.handlers[m.Name.Text] = at(m.Pos)
	}
	switch {
	case in != nil:
		h.In, f.in = in, in
		h.Param = k.local(m.Name, in.Elem, constLocal, "an input's record")
		if m.Index != nil {
			o.add(mistake(Misplaced, m.Index.Span(), "the handler of an input has no index").help("write on %s { … }", in.Name))
		}
	case timer != nil:
		h.Timer, f.timer = timer, timer
		o.timerIndex(k, m, h, timer)
	default:
		names := append(o.inputNames(), o.timerNames()...)
		msg := mistake(UnknownName, m.Name.Span(), "%q is neither an input nor a timer of %s", m.Name.Text, o.op.Name).
			note(o.decl.Name.Span(), "%s is declared here", o.op.Name)
		free := o.unhandled[:min(len(o.unhandled), maxStray)]
		for _, h := range free {
			msg = msg.note(h.span, "the %s %s has no handler", h.kind, h.name)
			k.local(&lang.Ident{Range: m.Name.Range, Text: h.name}, invalidType, constLocal, "an input's record")
		}
		if len(free) == 1 {
			msg = msg.help("write on %s { … }", free[0].head)
		}
		o.add(msg.meant(m.Name.Text, names).help("declare it: in %s: T, or timer %s: event time", m.Name.Text, m.Name.Text))
		k.local(m.Name, invalidType, constLocal, "an input's record")
	}
	h.Body = k.inner().stmts(m.Body.Stmts)
	if h.In != nil || h.Timer != nil {
		o.op.Handlers = append(o.op.Handlers, h)
	}
}

// timerIndex binds the index of a timer family in its handler.
func (o *operatorCheck) timerIndex(k *coder, m *lang.HandlerDecl, h *ir.Handler, timer *ir.Timer) {
	switch {
	case timer.IndexType != nil && m.Index != nil:
		h.Param = k.local(m.Index, timer.IndexType, constLocal, "a timer's index")
	case timer.IndexType != nil:
		o.add(mistake(Misplaced, m.Name.Span(), "the handler of the family %s names the index", timer.Name).
			note(at(timer.Pos), "%s is declared here", timer.Name).help("write on %s[i] { … }", timer.Name))
	case m.Index != nil:
		o.add(mistake(Misplaced, m.Index.Span(), "%s is one timer and has no index", timer.Name).
			note(at(timer.Pos), "%s is declared here", timer.Name).help("write on %s { … }", timer.Name))
		k.local(m.Index, invalidType, constLocal, "a timer's index")
	}
}

func (o *operatorCheck) inputCalled(name string) *ir.In {
	for _, in := range o.op.Ins {
		if in.Name == name {
			return in
		}
	}
	return nil
}

func (o *operatorCheck) timerCalled(name string) *ir.Timer {
	for _, t := range o.op.Timers {
		if t.Name == name {
			return t
		}
	}
	return nil
}

func (o *operatorCheck) inputNames() []string {
	names := make([]string, len(o.op.Ins))
	for i, in := range o.op.Ins {
		names[i] = in.Name
	}
	return names
}

func (o *operatorCheck) timerNames() []string {
	names := make([]string, len(o.op.Timers))
	for i, t := range o.op.Timers {
		names[i] = t.Name
	}
	return names
}

// handled is an input or timer that wants a handler.
type handled struct {
	kind, name, head string // head is what stands after on
	span             source.Span
}

// maxStray is how many handlers of nothing are looked at more closely.
const maxStray = 10

// matchHandlers finds the inputs and timers that no handler is called after, and
// the handlers that are called after nothing.
func (o *operatorCheck) matchHandlers() {
	names, known := map[string]*lang.Ident{}, map[string]bool{}
	for _, m := range o.decl.Members {
		if h, ok := m.(*lang.HandlerDecl); ok && names[h.Name.Text] == nil {
			names[h.Name.Text] = h.Name
		}
	}
	want := func(kind, name, head string, pos source.Pos) {
		known[name] = true
		if names[name] == nil {
			o.unhandled = append(o.unhandled, handled{kind, name, head, at(pos)})
		}
	}
	for _, in := range o.op.Ins {
		want("input", in.Name, in.Name, in.Pos)
	}
	for _, t := range o.op.Timers {
		head := t.Name
		if t.IndexType != nil {
			head += "[i]"
		}
		want("timer", t.Name, head, t.Pos)
	}
	for _, m := range o.decl.Members {
		if h, ok := m.(*lang.HandlerDecl); ok && !known[h.Name.Text] && names[h.Name.Text] == h.Name && len(o.stray) < maxStray {
			o.stray = append(o.stray, h.Name)
		}
	}
}

// missingHandlers reports inputs and timers that nothing handles, unless the
// handlers that are there for nothing can be theirs.
func (o *operatorCheck) missingHandlers() {
	missing := o.unhandled
	if len(missing) <= len(o.stray) {
		missing = nil
	}
	for _, h := range missing {
		o.add(mistake(MissingHandler, h.span, "the %s %s has no handler", h.kind, h.name).help("add on %s { … }", h.head))
	}
	if len(o.op.Ins) == 0 {
		o.add(mistake(MissingInput, o.decl.Name.Span(), "the operator %s has no input", o.op.Name).help("add in r: T"))
	}
}
