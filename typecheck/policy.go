package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// failedStream is a stream of Failed<T> records that policies fill.
type failedStream struct {
	name    string
	span    source.Span // of the first policy that names it
	stream  *ir.Stream
	records []types.Type // of each policy, the type of the records that fail
	decided bool
	read    bool
}

// declareFailed enters the streams that policies name.
func (c *checker) declareFailed() {
	for _, m := range c.userModules() {
		for _, d := range m.file.Decls {
			for _, p := range policiesOf(d) {
				if p.Action == "to" && p.To != nil {
					c.declareOneFailed(p)
				}
			}
		}
	}
}

func (c *checker) declareOneFailed(p *lang.PolicyClause) {
	if c.failed[p.To.Text] != nil {
		return
	}
	if old := c.main.names[p.To.Text]; old != nil {
		c.duplicate(p.To, old.span)
		return
	}
	e := &entry{name: p.To.Text, span: p.To.Span(), mod: c.main}
	c.main.names[e.name] = e
	c.main.order = append(c.main.order, e)
	c.failed[e.name] = &failedStream{
		name: e.name, span: e.span,
		stream: &ir.Stream{Name: e.name, Elem: invalidType, Pos: e.span.Start, Failed: true},
	}
}

// policiesOf returns the policies that stand in d.
func policiesOf(d lang.Decl) []*lang.PolicyClause {
	var out []*lang.PolicyClause
	clauses := func(cs []lang.SourceClause) {
		for _, cl := range cs {
			if p, ok := cl.(*lang.PolicyClause); ok {
				out = append(out, p)
			}
		}
	}
	one := func(p *lang.PolicyClause) {
		if p != nil {
			out = append(out, p)
		}
	}
	wire := func(w *lang.WireExpr) {
		if w == nil {
			return
		}
		one(w.Clauses.OnError)
		for _, s := range w.Steps {
			one(s.Clauses.OnError)
		}
	}
	switch d := d.(type) {
	case *lang.SourceDecl:
		clauses(d.Clauses)
	case *lang.SinkDecl:
		one(d.OnError)
		clauses(d.Clauses)
	case *lang.StreamDecl:
		wire(d.Wire)
	case *lang.FragmentDecl:
		wire(d.Wire)
	case *lang.OperatorDecl:
		for _, m := range d.Members {
			if p, ok := m.(*lang.PolicyClause); ok {
				one(p)
			}
		}
	}
	return out
}

// policy turns a clause into what happens to a record of type t that fails.
func (c *checker) policy(p *lang.PolicyClause, t types.Type) ir.Policy {
	switch {
	case p == nil:
		return ir.Policy{}
	case p.Action == "skip":
		return ir.Policy{Action: ir.Skip}
	case p.Action == "to" && p.To != nil && c.failed[p.To.Text] != nil:
		return ir.Policy{Action: ir.To, To: c.failInto(c.failed[p.To.Text], p, t)}
	}
	return ir.Policy{}
}

// failInto notes that records of type t go to f.
func (c *checker) failInto(f *failedStream, p *lang.PolicyClause, t types.Type) *ir.Stream {
	f.records = append(f.records, t)
	if f.decided {
		before := f.stream.Elem
		if !types.Identical(before, c.failedType(f)) && !isInvalid(t) {
			c.add(mistake(StreamCycle, p.Span(), "the stream %s feeds a step whose failures go to it", f.name).
				note(f.span, "%s is named here first", f.name).help("send these failures to another stream"))
		}
	}
	return f.stream
}

// failedType is Failed<T> where all records that fail are of one type, else
// Failed<json>.
func (c *checker) failedType(f *failedStream) types.Type {
	var t types.Type = jsonType
	for i, r := range f.records {
		switch {
		case i == 0:
			t = r
		case !types.Identical(t, r):
			t = jsonType
		}
	}
	return c.instance(c.std.names["Failed"], []types.Type{t}, nil)
}

// decide fixes the type of f.
func (c *checker) decide(f *failedStream) {
	if !f.decided {
		f.decided = true
		f.stream.Elem = c.failedType(f)
	}
}

// closeFailed fixes the types of failed streams that nobody reads.
func (c *checker) closeFailed() {
	for _, name := range sortedKeys(c.failed) {
		c.decide(c.failed[name])
	}
}

// resolveFailed works out a stream of failed records: all that fill it are
// looked at first.
func (c *checker) resolveFailed(e *entry) *wired {
	f := c.failed[e.name]
	for _, own := range c.main.order {
		if d, ok := own.decl.(*lang.StreamDecl); ok && c.fills(c.main, d.Wire, e.name, 0) {
			if c.wireOf(own).bad && own.wiring {
				return &wired{bad: true}
			}
		}
	}
	for _, d := range c.main.file.Decls {
		if d, ok := d.(*lang.SinkDecl); ok {
			for _, p := range policiesOf(d) {
				if p.To == nil || p.To.Text != e.name {
					continue
				}
				if s := c.sinkStream(d); s != nil {
					f.records = append(f.records, s.Elem)
				}
			}
		}
	}
	c.decide(f)
	return &wired{main: f.stream}
}

// fills reports whether a step of the wiring sends its failures to name.
func (c *checker) fills(m *module, wire *lang.WireExpr, name string, depth int) bool {
	if wire == nil || depth > maxFragments {
		return false
	}
	to := func(p *lang.PolicyClause) bool { return p != nil && p.To != nil && p.To.Text == name }
	uses := func(n *lang.Name) bool {
		own := c.peek(m, n)
		if own == nil {
			return false
		}
		switch d := own.decl.(type) {
		case *lang.FragmentDecl:
			return c.fills(own.mod, d.Wire, name, depth+1)
		case *lang.OperatorDecl:
			for _, p := range policiesOf(d) {
				if to(p) {
					return true
				}
			}
		}
		return false
	}
	if to(wire.Clauses.OnError) {
		return true
	}
	if call, ok := wire.Head.(*lang.CallExpr); ok {
		if n := qualifiedName(call.Fun); n != nil && uses(n) {
			return true
		}
	}
	for _, s := range wire.Steps {
		if to(s.Clauses.OnError) || uses(s.Op) {
			return true
		}
	}
	return false
}

// maxFragments bounds how deep fragments are looked into.
const maxFragments = 50

// peek finds a declaration without counting it as used.
func (c *checker) peek(m *module, n *lang.Name) *entry {
	if n.Qualifier == nil {
		return m.lookup(n.Ident.Text)
	}
	if of := m.named[n.Qualifier.Text]; of != nil {
		return of.names[n.Ident.Text]
	}
	return nil
}

// stepPolicy sets what happens to a step's records that fail: the clause after
// its uid says so, else the operator.
func (w *wiring) stepPolicy(u *stepUse, o *operatorCheck, info *stepInfo) {
	p := o.policy
	if u.clauses.OnError != nil {
		p = u.clauses.OnError
	}
	if p != nil {
		info.step.OnError = w.policy(p, failingRecord(o.op))
	}
}

// failingRecord is the type of the records that can fail in op: json where
// inputs differ or a timer's handler does more than clear, and of a remote function,
// to which others may have sent what fails.
func failingRecord(op *ir.Operator) types.Type {
	if op.Remote != nil {
		return jsonType
	}
	var t types.Type
	for _, h := range op.Handlers {
		switch {
		case h.Timer != nil && canFail(h.Body):
			return jsonType
		case h.In == nil:
		case t == nil:
			t = h.In.Elem
		case !types.Identical(t, h.In.Elem):
			return jsonType
		}
	}
	if t == nil {
		return jsonType
	}
	return t
}

// canFail reports whether the statements do anything but clear and cancel.
func canFail(body []ir.Stmt) bool {
	for _, s := range body {
		switch s.(type) {
		case *ir.ClearAll, *ir.StateClear, *ir.TimerCancel, *ir.Return, *ir.Drop:
		default:
			return true
		}
	}
	return false
}
