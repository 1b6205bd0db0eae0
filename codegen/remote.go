package codegen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// A step that calls a remote function is a remote.Function for each shard, which
// has its state and its calls, in a Go type that encodes records for it and
// decodes what it gives:
//
//	// greeter is one shard of the step at greet.flow:30:24.
//	type greeter struct {
//		*remote.Function
//
//		t   *rt.Task
//		out []rt.Emitted[Greeting]
//		…
//	}

// writeRemote declares the methods of such a step.
func (n *stepCode) writeRemote() {
	n.needTask()
	n.embedded = jen.Op("*").Qual(remotePath, "Function")
	n.addPending()
	n.failure = n.newFailure(n.title(), n.step.IR.OnError, n.step.OnError)
	n.writeInvoke(0)
	n.writeTaken(1)
	n.writeSend()
	n.writeGive()
	n.writeFlush()
	n.writeFail()
	keep := append([]jen.Code{jen.If(jen.Id("keep")).Block(self(n.pending.flush).Call(), jen.Return())}, n.dropPending()...)
	n.addMethod(comment("Flush passes on what the function has given, or drops it.").
		Func().Params(n.receiver()).Id("Flush").Params(jen.Id("keep").Bool()).Block(keep...))
}

// writeInvoke declares the method that takes records from a stream:
//
//	// handleR handles a batch of the input r.
//	func (s *greeter) handleR(in *rt.Batch[GreetRequest]) {
//		lease := s.t.Lease(len(in.Recs))
//		var argument []byte
//		for i := range in.Recs {
//			r, m := &in.Recs[i], in.Meta(i)
//			argument = appendGreetRequest(argument[:0], r)
//			s.Invoke(in.Hash[i], r.Name, nil, remote.TypedValue{Type: "example/GreetRequest", Has: true, Value: argument}, m, lease)
//		}
//	}
func (n *stepCode) writeInvoke(i int) {
	e, in, remote := n.edge(i), n.op.Ins[i], n.op.Remote
	item := jen.Id("in").Dot("Recs").Index(jen.Id("i"))
	r := operand{code: jen.Id("r"), prec: precPrimary, t: in.Elem, stable: true, pointer: true}
	record := jen.Op("&").Add(item.Clone())
	var key *jen.Statement
	if e.pair != "" {
		record, key = jen.Op("&").Add(item.Clone()).Dot("Rec"), item.Clone().Dot("Key")
	} else {
		v := e.keyIn(operand{code: jen.Id("r"), prec: precPrimary, t: in.Elem, stable: true, addressable: true})
		key = v.value()
	}
	c := n.g.newCoder("in", "i", "r", "m", "lease", "argument")
	c.fault = jen.Id("f")
	c.add(jen.List(jen.Id("r"), jen.Id("m")).Op(":=").List(record, jen.Id("in").Dot("Meta").Call(jen.Id("i"))))
	argument, written, fails := n.encodeArgument(r, remote, jen.Id("argument").Index(jen.Empty(), jen.Lit(0)))
	var before []jen.Code
	if written {
		before = append(before, jen.Var().Id("argument").Index().Byte())
		c.add(jen.Id("argument").Op("=").Add(argument))
		argument = jen.Id("argument")
	}
	if fails {
		c.add(jen.If(n.needFault().Dot("Failed").Call()).Block(c.block(func() {
			c.add(jen.Id("lease").Dot("End").Call(self("t")))
			n.failure.code(c, jen.Id("r"), in.Elem, jen.Id("m"))
			c.add(jen.Continue())
		})...))
	}
	typename := n.argumentType("r", in.Elem, remote)
	value := jen.Qual(remotePath, "TypedValue").Values(
		jen.Id("Type").Op(":").Add(typename), jen.Id("Has").Op(":").True(), jen.Id("Value").Op(":").Add(argument))
	c.add(self("Invoke").Call(jen.Id("in").Dot("Hash").Index(jen.Id("i")), key, jen.Nil(), value, jen.Id("m"), jen.Id("lease")))
	n.handleBatch(i, e, before, c.body())
}

// handleBatch declares the method that takes a batch of an input, of whose records
// each is done with by body.
func (n *stepCode) handleBatch(i int, e *edgeCode, before, body []jen.Code) {
	code := append([]jen.Code{jen.Id("lease").Op(":=").Add(self("t")).Dot("Lease").Call(jen.Len(jen.Id("in").Dot("Recs")))}, before...)
	code = append(code, jen.For(jen.Id("i").Op(":=").Range().Id("in").Dot("Recs")).Block(body...))
	n.addMethod(comment("%s handles a batch of the input %s.", n.inputs[i], safeName(n.op.Ins[i].Name)).
		Func().Params(n.receiver()).Id(n.inputs[i]).Params(jen.Id("in").Op("*").Qual(rtPath, "Batch").Types(e.elem())).Block(code...))
}

// typeField is the number of the field that names the type of a record's value,
// where that is shipped alone; -1 if there is none.
func typeField(t types.Type, to *ir.Remote) int {
	r, ok := t.(*types.Record)
	if !ok || !to.InValue {
		return -1
	}
	return slices.IndexFunc(r.Fields, func(f types.Field) bool { return f.Name == "type" && types.Is(f.Type, types.String) })
}

// argumentType is the name of the type that a record goes to the function as, to
// which a variable points.
func (n *stepCode) argumentType(r string, t types.Type, to *ir.Remote) *jen.Statement {
	f := typeField(t, to)
	if f < 0 {
		return jen.Lit(to.In.Type)
	}
	return jen.Qual("cmp", "Or").Call(jen.Qual("strings", "Clone").Call(jen.Id(r).Dot(n.g.record(t.(*types.Record)).fields[f])), jen.Lit(to.In.Type))
}

// remoteMessage is a record that an operator of the program sends to a remote
// function, as the function's step takes messages. There is no caller: only
// functions have addresses.
func (n *stepCode) remoteMessage(c *coder, e *edgeCode, v operand) *jen.Statement {
	to := e.edge.Step.IR.Op.Remote
	given, r := c.names.pick("given"), c.names.pick("r")
	c.add(jen.Id(given).Op(":=").Add(v.typed(n.g)), jen.Id(r).Op(":=").Op("&").Id(given))
	argument, _, fails := n.encodeArgument(operand{code: jen.Id(r), prec: precPrimary, t: v.t, stable: true, pointer: true}, to, jen.Index().Byte().Call(jen.Nil()))
	if fails {
		encoded := c.names.pick("argument")
		c.add(jen.Id(encoded).Op(":=").Add(argument))
		argument = jen.Id(encoded)
		c.checkFault()
	}
	names := n.g.record(e.edge.Input().Elem.(*types.Record))
	return jen.Id(names.name).Values(
		jen.Id(names.fields[2]).Op(":").Add(n.argumentType(r, v.t, to)), jen.Id(names.fields[3]).Op(":").True(), jen.Id(names.fields[4]).Op(":").Add(argument))
}

// encodeArgument is a record, to which r points, as the function takes it: a view
// of it, or what is written into room.
func (n *stepCode) encodeArgument(r operand, to *ir.Remote, room *jen.Statement) (code *jen.Statement, written, fails bool) {
	switch t := r.t.(type) {
	case *types.Record:
		if to.In.Protobuf {
			return n.g.toProto(t).Call(room, r.code.Clone()), true, false
		}
		if to.InValue {
			i := slices.IndexFunc(t.Fields, func(f types.Field) bool { return f.Name == "value" })
			return r.code.Clone().Dot(n.g.record(t).fields[i]), false, false
		}
	case *types.Basic:
		switch t.Kind {
		case types.Bytes:
			return r.value(), false, false
		case types.JSON:
			return jen.Append(room, r.value().Op("...")), true, false
		}
		return jen.Qual(remotePath, "Append"+remoteWords[t.Kind]).Call(room, r.value()), true, false
	}
	by := n.g.appender(r.t)
	return by.call(room, r.code.Clone(), n.needFault), true, by.fails
}

// remoteWords are the words for single values in names of package remote.
var remoteWords = map[types.Kind]string{
	types.Bool: "Bool", types.Int32: "Int32", types.Int: "Int", types.Float32: "Float32", types.Float: "Float", types.String: "String",
}

// writeTaken declares the method that takes messages of other functions.
func (n *stepCode) writeTaken(i int) {
	e := n.edge(i)
	fields := n.g.record(n.op.Ins[i].Elem.(*types.Record)).fields
	rec := func(f int) *jen.Statement { return jen.Id("r").Dot("Rec").Dot(fields[f]) }
	value := jen.Qual(remotePath, "TypedValue").Values(
		jen.Id("Type").Op(":").Qual("strings", "Clone").Call(rec(2)), jen.Id("Has").Op(":").Add(rec(3)), jen.Id("Value").Op(":").Add(rec(4)))
	n.handleBatch(i, e, nil, []jen.Code{
		jen.Id("r").Op(":=").Op("&").Id("in").Dot("Recs").Index(jen.Id("i")),
		jen.Id("from").Op(":=").Qual(remotePath, "AddressOf").Call(jen.Qual("strings", "Clone").Call(rec(0)), jen.Qual("strings", "Clone").Call(rec(1))),
		self("Invoke").Call(jen.Id("in").Dot("Hash").Index(jen.Id("i")), jen.Id("r").Dot("Key"), jen.Op("&").Id("from"), value, jen.Id("in").Dot("Meta").Call(jen.Id("i")), jen.Id("lease")),
	})
}

// target is the type under which a function can send to a step: that of a remote
// function, and the pipeline and the uid of any other.
func (g *generator) target(e *edgeCode) string {
	op := e.edge.Step.IR.Op
	if op.Remote != nil {
		return op.Remote.Type
	}
	return g.program.Name + "/" + e.edge.Step.IR.UID
}

// writeSend declares the method that takes messages to other functions, and to
// operators of the program, whose messages are JSON unless they say otherwise.
func (n *stepCode) writeSend() {
	g := n.g
	var cases []jen.Code
	for _, edge := range n.step.Sends {
		e := g.edges[edge]
		list := self(n.pending.sends[e])
		c := g.newCoder("to", "from", "v", "m")
		var rec *jen.Statement
		if elem := edge.Input().Elem; edge.Step.IR.Op.Remote != nil {
			names := g.record(elem.(*types.Record))
			rec = jen.Id(names.name).Values(
				jen.Id(names.fields[0]).Op(":").Id("from").Dot("Type").Call(), jen.Id(names.fields[1]).Op(":").Id("from").Dot("ID"),
				jen.Id(names.fields[2]).Op(":").Id("v").Dot("Type"), jen.Id(names.fields[3]).Op(":").Id("v").Dot("Has"), jen.Id(names.fields[4]).Op(":").Id("v").Dot("Value"))
		} else {
			if wire := edge.Input().Wire; wire != nil {
				c.add(jen.Id("r").Op(":=").Qual(remotePath, "Record").Values(jen.Id("Type").Op(":").Id("v").Dot("Type"), jen.Id("Value").Op(":").Id("v").Dot("Value")))
				c.add(g.decodeValue(elem, wire, false)...)
			} else {
				c.add(g.decodeJSON(elem, jen.Id("v").Dot("Value"))...)
			}
			rec = jen.Id("out")
		}
		fields := []jen.Code{jen.Id("Key").Op(":").Id("to").Dot("ID"), jen.Id("Rec").Op(":").Add(rec)}
		if e.due != "" {
			fields = append(fields, jen.Id(e.due).Op(":").Qual(valuePath, "MinTime"))
		}
		c.add(list.Clone().Op("=").Append(list.Clone(), jen.Qual(rtPath, "Emitted").Types(e.elem()).
			Values(jen.Id("Rec").Op(":").Id(e.pair).Values(fields...), jen.Id("Meta").Op(":").Id("m"))))
		cases = append(cases, jen.Case(jen.Lit(g.target(e))).Block(c.body()...))
	}
	cases = append(cases, jen.Default().Block(jen.Return(jen.Qual(remotePath, "ErrNoTarget"))))
	n.addMethod(comment("Send takes a message of the function to another.").
		Func().Params(n.receiver()).Id("Send").
		Params(jen.List(jen.Id("to"), jen.Id("from")).Op("*").Qual(remotePath, "Address"), jen.Id("v").Op("*").Qual(remotePath, "TypedValue"), jen.Id("m").Qual(rtPath, "Meta")).
		Error().Block(jen.Switch(jen.Id("to").Dot("Type").Call()).Block(cases...), jen.Return(jen.Nil())))
}

// decodeJSON reads the variable out from JSON.
func (g *generator) decodeJSON(t types.Type, text *jen.Statement) []jen.Code {
	read := g.readInto(jen.Id("out"), t, false)
	return append(append([]jen.Code{
		jen.Var().Id("out").Add(g.goType(t)),
		jen.Id("d").Op(":=").Op("&").Qual(wirePath, "Dec").Values(),
		jen.Id("d").Dot("Reset").Call(text),
	}, read...),
		jen.If(jen.Op("!").Id("d").Dot("End").Call()).Block(jen.Return(jen.Id("d").Dot("Err").Call())),
	)
}

// writeGive declares the method that takes what the function gives to an egress.
func (n *stepCode) writeGive() {
	list := n.pending.lists[0]
	var body []jen.Code
	if list == "" {
		body = []jen.Code{jen.Return(jen.Nil())} // nobody reads it
	} else {
		body = append(n.g.decodeValue(n.op.Outs[0].Elem, &n.op.Remote.Out, true),
			self(list).Op("=").Append(self(list), jen.Qual(rtPath, "Emitted").Types(n.g.goType(n.op.Outs[0].Elem)).
				Values(jen.Id("Rec").Op(":").Id("out"), jen.Id("Meta").Op(":").Id("m"))),
			jen.Return(jen.Nil()))
	}
	n.addMethod(comment("Give takes what the function gives to an egress.").
		Func().Params(n.receiver()).Id("Give").Params(jen.Id("r").Op("*").Qual(remotePath, "Record"), jen.Id("m").Qual(rtPath, "Meta")).
		Error().Block(body...))
}

// writeFail declares the method that deals with what the function cannot handle.
func (n *stepCode) writeFail() {
	c := n.g.newCoder("r", "m")
	n.failure.code(c, jen.Id("r"), jsonOf, jen.Id("m"))
	n.addMethod(comment("Fail deals with an invocation that the function cannot handle.").
		Func().Params(n.receiver()).Id("Fail").Params(jen.Id("r").Op("*").Qual(valuePath, "JSON"), jen.Id("m").Qual(rtPath, "Meta")).
		Block(c.body()...))
}

// jsonOf is the type of what is shown of an invocation.
var jsonOf = &types.Basic{Kind: types.JSON}

// decodeValue reads the variable out from the value of the record r, which may be
// one for a topic.
func (g *generator) decodeValue(t types.Type, wire *ir.Wire, topics bool) []jen.Code {
	held := jen.Id("r").Dot("Value")
	failed := jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err()))
	want := jen.If(jen.Err().Op(":=").Id("r").Dot("Want").Call(jen.Lit(wire.Type)), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err()))
	var code []jen.Code
	if wire.Named {
		code = append(code, want)
	}
	switch t := t.(type) {
	case *types.Basic:
		switch t.Kind {
		case types.Bytes:
			return append(code, jen.Id("out").Op(":=").Add(held))
		case types.JSON:
			return append(code, g.decodeJSON(t, held)...)
		case types.String:
			return append(code, jen.List(jen.Id("out"), jen.Err()).Op(":=").Id("r").Dot("Text").Call(), failed)
		}
		return []jen.Code{want, jen.List(jen.Id("out"), jen.Err()).Op(":=").Qual(remotePath, "Read"+remoteWords[t.Kind]).Call(held), failed}
	case *types.Record:
		if set := g.kafkaFields(t); set != nil && topics {
			return []jen.Code{jen.Id("out").Op(":=").Add(g.goType(t)).Values(set...)}
		}
		if wire.Protobuf {
			return append(code, jen.List(jen.Id("out"), jen.Err()).Op(":=").Add(g.fromProto(t)).Call(held), failed)
		}
		return append(code, g.decodeJSON(t, held)...)
	case *types.Union:
		return append([]jen.Code{jen.Var().Id("out").Add(g.goType(t))}, g.decodeUnion(t, wire, held, topics)...)
	default:
		panic(fmt.Sprintf("codegen: a remote function that gives %s", t))
	}
}

// decodeUnion reads the variable out from the value of the record r: the name of
// the value's type says which member it is, or, in JSON, the value itself.
func (g *generator) decodeUnion(t *types.Union, wire *ir.Wire, held *jen.Statement, topics bool) (body []jen.Code) {
	names := g.unionOf(t)
	var cases []jen.Code
	for i, m := range t.Members {
		read := g.readInto(jen.Id("out").Dot(names.fields[i]), m, false)
		if wire.Protobuf {
			read = []jen.Code{
				jen.List(jen.Id("v"), jen.Err()).Op(":=").Add(g.fromProto(m)).Call(held),
				jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err())),
				jen.Id("out").Dot(names.fields[i]).Op("=").Id("v"),
			}
		}
		cases = append(cases, jen.Case(memberNames(t, i)...).Block(append([]jen.Code{jen.Id("out").Dot(names.tag).Op("=").Id(names.tags[i])}, read...)...))
	}
	if wire.Protobuf {
		cases = append(cases, jen.Default().Block(jen.Return(jen.Id("r").Dot("Want").Call(jen.Lit(protoMembers(t))))))
		body = []jen.Code{jen.Switch(jen.Id("r").Dot("Message").Call()).Block(cases...)}
	} else {
		cases = append(cases, jen.Default().Block(g.readInto(jen.Id("out"), t, false)...))
		body = []jen.Code{
			jen.Id("d").Op(":=").Op("&").Qual(wirePath, "Dec").Values(),
			jen.Id("d").Dot("Reset").Call(held),
			jen.Switch(jen.Id("r").Dot("Name").Call()).Block(cases...),
			jen.If(jen.Op("!").Id("d").Dot("End").Call()).Block(jen.Return(jen.Id("d").Dot("Err").Call())),
		}
	}
	if topic := g.topicMember(t); topic != nil && topics {
		body = []jen.Code{jen.If(jen.Id("r").Dot("Type").Op("==").Lit("")).Block(topic...).Else().Block(body...)}
	}
	return body
}

// protoMembers names the members of a union: one of A, B, C.
func protoMembers(t *types.Union) string {
	var names []string
	for i := range t.Members {
		names = append(names, t.Tag(i))
	}
	return "one of " + strings.Join(names, ", ")
}

// topicMember puts a record for a topic into the first member of a union that has
// the shape of one; it is nil where none has.
func (g *generator) topicMember(t *types.Union) []jen.Code {
	names := g.unionOf(t)
	for i, m := range t.Members {
		if set := g.kafkaFields(m); set != nil {
			return []jen.Code{
				jen.Id("out").Dot(names.tag).Op("=").Id(names.tags[i]),
				jen.Id("out").Dot(names.fields[i]).Op("=").Add(g.goType(m)).Values(set...),
			}
		}
	}
	return nil
}

// kafkaFields fills a record that has the shape of one for a topic: topic, value,
// and any of key, egress and type. It is nil for other records.
func (g *generator) kafkaFields(t *types.Record) (set []jen.Code) {
	names := g.record(t).fields
	topic, held := false, false
	for i, f := range t.Fields {
		code := map[string]string{"topic": "Topic", "key": "Key", "egress": "Egress", "type": "Type"}[f.Name]
		switch {
		case f.Name == "value" && types.Is(f.Type, types.Bytes):
			held, code = true, "Value"
		case code == "" || !types.Is(f.Type, types.String):
			return nil
		}
		topic = topic || code == "Topic"
		set = append(set, jen.Id(names[i]).Op(":").Id("r").Dot(code))
	}
	if !topic || !held {
		return nil
	}
	return set
}

// remoteSpec describes the function to the shard, whose program is s.
func (n *stepCode) remoteSpec(w *wiring) jen.Code {
	r := n.op.Remote
	var endpoint, fields []jen.Code
	text := func(list *[]jen.Code, name string, e ir.Expr) {
		if e != nil {
			*list = append(*list, jen.Id(name).Op(":").Add(w.expr(e)))
		}
	}
	text(&endpoint, "URL", r.Endpoint)
	text(&endpoint, "Token", r.Token)
	text(&endpoint, "CA", r.CA)
	text(&endpoint, "Cert", r.Cert)
	text(&endpoint, "Key", r.Key)
	for _, d := range []struct {
		name string
		e    ir.Expr
	}{{"Call", r.Call}, {"Connect", r.Connect}, {"Read", r.Read}, {"Write", r.Write}} {
		if d.e != nil {
			endpoint = append(endpoint, jen.Id(d.name).Op(":").Qual(remotePath, "Wait").Call(w.expr(d.e)))
		}
	}
	fields = append(fields,
		jen.Id("At").Op(":").Add(n.g.position(n.step.IR.Pos)), jen.Id("Type").Op(":").Lit(r.Type),
		jen.Id("Endpoint").Op(":").Qual(remotePath, "Endpoint").Add(multiLine(endpoint...)))
	text(&fields, "Most", r.Most)
	var values, targets []jen.Code
	for _, v := range r.Values {
		value := []jen.Code{jen.Id("Name").Op(":").Lit(v.Name)}
		text(&value, "TTL", v.TTL)
		if v.AfterInvoke {
			value = append(value, jen.Id("AfterInvoke").Op(":").True())
		}
		values = append(values, jen.Values(value...))
	}
	if len(values) > 0 {
		fields = append(fields, jen.Id("States").Op(":").Index().Qual(remotePath, "State").Add(multiLine(values...)))
	}
	for _, e := range n.step.Sends {
		targets = append(targets, jen.Lit(n.g.target(n.g.edges[e])))
	}
	fields = append(fields, jen.Id("Targets").Op(":").Index().String().Values(targets...), jen.Id("Program").Op(":").Id("s"))
	return jen.Id("s").Dot("Function").Op("=").Qual(remotePath, "New").Call(jen.Id("t"), jen.Qual(remotePath, "Spec").Add(multiLine(fields...)))
}
