package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
	"github.com/flow-lang/flowc/typecheck/types"
)

// edgeCode is an input of a keyed step, as those see it who send to it.
//
// A key that is a field of the record is read from the record on both sides. A
// computed key travels with the record in a pair, and is computed by a Go type
// of its own at the sender.
type edgeCode struct {
	g    *generator
	edge *plan.Edge
	node *node  // computes the key; nil if it is a field, or that of a message
	pair string // type of key and record; "" if the key is a field
	want string // name for fields and variables that lead here
	due  string // field of the pair with the time that a message waits for; "" if none waits
}

func (g *generator) nameEdge(e *plan.Edge) {
	step := g.steps[e.Step]
	code := &edgeCode{g: g, edge: e, want: "to" + exported(step.name)}
	if len(step.op.Ins) > 1 {
		code.want += exported(e.Input().Name)
	}
	switch {
	case code.message():
		code.pair = g.names.pick(step.name + exported(e.Input().Name) + "Message")
		if e.Waits {
			code.due = "Due"
		}
	case e.Path == nil && !code.broadcast() && !code.plain():
		code.pair = g.names.pick(step.name + exported(e.Input().Name) + "Pair")
		code.node = g.newNode(step.name+exported(e.Input().Name)+"Edge", &g.operators)
		code.node.members.pick("send")
	}
	g.edges[e] = code
}

// elem is the type of what travels.
func (e *edgeCode) elem() *jen.Statement {
	if e.pair != "" {
		return jen.Id(e.pair)
	}
	return e.g.goType(e.edge.Input().Elem)
}

// linkType is the type of a field that leads to the edge.
func (e *edgeCode) linkType() *jen.Statement {
	if e.node != nil {
		return jen.Op("*").Id(e.node.name)
	}
	return jen.Op("*").Qual(rtPath, "Sender").Types(e.elem())
}

// broadcast reports whether every shard gets every record.
func (e *edgeCode) broadcast() bool { return e.edge.Input().Kind == ir.Broadcast }

// message reports whether the sender gives the key.
func (e *edgeCode) message() bool { return e.edge.Input().Kind == ir.Message }

// plain reports whether it leads to a step without keys.
func (e *edgeCode) plain() bool { return e.edge.Input().Kind == ir.Plain }

// send passes on the record v, which lies in a variable.
func (e *edgeCode) send(field *jen.Statement, v operand, meta *jen.Statement) jen.Code {
	if e.broadcast() {
		return field.Dot("SendAll").Call(pointer(v), meta)
	}
	if e.node != nil {
		return field.Dot("send").Call(pointer(v), meta)
	}
	if e.plain() {
		return field.Dot("Send").Call(jen.Lit(0), pointer(v), meta) // to the shard of the first key group
	}
	return field.Dot("Send").Call(e.g.hashOf(e.keyIn(v)), pointer(v), meta)
}

// keyIn reads the key from a record.
func (e *edgeCode) keyIn(v operand) operand {
	t := e.edge.Input().Elem
	for _, i := range e.edge.Path {
		r := t.(*types.Record)
		t = r.Fields[i].Type
		v = operand{code: v.base().Dot(e.g.record(r).fields[i]), prec: precPrimary, t: t, stable: true, addressable: true}
	}
	return v
}

// write declares what a computed key needs:
//
//	// countLevelsSPair is a record with its key.
//	type countLevelsSPair struct {
//		Key Level
//		Rec Sample
//	}
//
//	// countLevelsSEdge computes the key at levels.flow:22:19.
//	type countLevelsSEdge struct {
//		to *rt.Sender[countLevelsSPair]
//	}
//
//	// send computes the key of a record and sends both.
//	func (s *countLevelsSEdge) send(r *Sample, m rt.Meta) {
//		key := level(r.N)
//		pair := countLevelsSPair{Key: key, Rec: *r}
//		s.to.Send(value.HashInt(int64(key)), &pair, m)
//	}
func (e *edgeCode) write() {
	if e.message() {
		e.writeMessage()
	}
	if e.node == nil {
		return
	}
	g, n, in := e.g, e.node, e.edge.Input()
	step := g.steps[e.edge.Step]
	to := n.field("to", jen.Op("*").Qual(rtPath, "Sender").Types(e.elem()), func(w *wiring) jen.Code { return w.sender(e) })
	c := g.newCoder("r", "m", "key", "pair")
	ir.Inspect(in.Key.Body, c.countReads)
	c.vars[in.Key.Params[0]] = variable{code: jen.Id("r"), pointer: true}
	for _, p := range step.op.Params {
		if c.reads[p.Local] > 0 {
			field := n.field(unexported(p.Local.Name), g.goType(p.Local.Type), func(w *wiring) jen.Code { return w.constant(p) })
			c.vars[p.Local] = variable{code: self(field)}
		}
	}
	if g.graph.Effects.ExprReadsParams(in.Key.Body) {
		c.params = n.needParams()
	}
	fails := g.graph.Effects.CanFail(in.Key.Body)
	if fails {
		c.fault = n.needFault()
		failure := n.newFailure(step.title(), step.step.IR.OnError, step.step.OnError)
		c.bail = func() []jen.Code {
			return c.block(func() {
				failure.code(c, jen.Id("r"), in.Elem, jen.Id("m"))
				c.add(jen.Return())
			})
		}
	}
	key := c.expr(in.Key.Body)
	c.add(c.declare("key", key))
	if fails {
		c.checkFault()
	}
	c.add(
		jen.Id("pair").Op(":=").Id(e.pair).Values(jen.Id("Key").Op(":").Id("key"), jen.Id("Rec").Op(":").Op("*").Id("r")),
		self(to).Dot("Send").Call(g.hashOf(e.keyVar()), jen.Op("&").Id("pair"), jen.Id("m")),
	)
	n.addMethod(comment("send computes the key of a record and sends both.").
		Func().Params(n.receiver()).Id("send").Params(g.recordParams(in.Elem)...).Block(c.body()...))
	n.file.add(comment("%s is a record with its key.", e.pair).
		Type().Id(e.pair).Struct(jen.Id("Key").Add(g.goType(e.edge.KeyOf())), jen.Id("Rec").Add(g.goType(in.Elem))))
	n.declare(comment("%s computes the key at %s.", n.name, where(in.Key.Pos)))
}

// pairPart is a field of what travels with its key.
type pairPart struct {
	field string
	t     types.Type
}

func (e *edgeCode) parts() []pairPart {
	return []pairPart{{"Key", e.edge.KeyOf()}, {"Rec", e.edge.Input().Elem}}
}

// keyVar is the variable key of the edge's key type.
func (e *edgeCode) keyVar() operand {
	return operand{code: jen.Id("key"), prec: precPrimary, t: e.edge.KeyOf(), stable: true, addressable: true}
}

// hashOf writes the hash of a key.
func (g *generator) hashOf(key operand) *jen.Statement {
	if encodedKey(key.t) {
		return jen.Qual(valuePath, "HashString").Call(g.helpers.keyOf(g, key.t).Call(key.value()))
	}
	switch kindOf(key.t) {
	case types.String:
		return jen.Qual(valuePath, "HashString").Call(key.value())
	case types.Bytes:
		return jen.Qual(valuePath, "Hash64").Call(key.value())
	default:
		return jen.Qual(valuePath, "HashInt").Call(g.tableKey(key))
	}
}

// encodedKey reports whether keys of type t are held as their canonical
// encoding.
func encodedKey(t types.Type) bool {
	switch t := t.(type) {
	case *types.Basic:
		return t.Kind == types.UUID
	case *types.Enum:
		return false
	default:
		return true
	}
}

// textKey reports whether the table of keys of type t is one of strings.
func textKey(t types.Type) bool {
	return encodedKey(t) || types.Is(t, types.String) || types.Is(t, types.Bytes)
}

// tableKey writes a key as the table holds it: a string or an int64.
func (g *generator) tableKey(key operand) *jen.Statement {
	if encodedKey(key.t) {
		return g.helpers.keyOf(g, key.t).Call(key.value())
	}
	switch kindOf(key.t) {
	case types.String, types.Int:
		return key.value()
	case types.Bytes:
		return jen.String().Call(key.value())
	case types.Bool:
		return jen.Qual(valuePath, "BoolKey").Call(key.value())
	default:
		return jen.Int64().Call(key.value())
	}
}

// fromTableKey writes the key of type t that the table holds as key.
func (g *generator) fromTableKey(t types.Type, key *jen.Statement) *jen.Statement {
	if encodedKey(t) {
		return g.helpers.keyFrom(g, t).Call(key)
	}
	switch kindOf(t) {
	case types.String, types.Int:
		return key
	case types.Bool:
		return key.Op("!=").Lit(0)
	default:
		return g.goType(t).Call(key)
	}
}

// pointer returns the code for a pointer to a record that lies in a variable or
// is a literal.
func pointer(v operand) *jen.Statement {
	if v.pointer {
		return v.code.Clone()
	}
	return jen.Op("&").Add(v.code.Clone())
}
