package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// What rt asks the shard of a keyed step for: figures, and what a key has in a
// state that is queryable. Keys and values are shown as a sink would write them.

// queryMethods are the methods that this file declares.
var queryMethods = []string{"StateFigures", "KeyHash", "FindKey", "NextKey", "AppendKey", "KeyRange", "Answer"}

// queried lists the states of the step that can be asked for.
func (n *stepCode) queried() (states []*stateCode) {
	for i := range n.keyed.states {
		if s := &n.keyed.states[i]; s.state.Queryable != "" {
			states = append(states, s)
		}
	}
	return states
}

// writeQueries declares the methods that rt.Sized and rt.Queryable ask for.
func (n *stepCode) writeQueries() {
	n.writeFigures()
	states := n.queried()
	if len(states) == 0 {
		return
	}
	for _, s := range states {
		if s.state.Agg != nil {
			n.writeResult(s.state.Agg, s.result)
		}
		for i, name := range s.results {
			if name != "" {
				n.writeResult(s.state.Group.Parts[i].Agg, name)
			}
		}
	}
	n.writeKeys()
	n.writeAnswer(states)
}

// query adds a method to the file of queries.
func (n *stepCode) query(doc, name string, params []jen.Code, result jen.Code, body ...jen.Code) {
	decl := comment("%s %s", name, doc).Func().Params(n.receiver()).Id(name).Params(params...)
	if result != nil {
		decl = decl.Add(result)
	}
	n.g.queries.add(decl.Block(body...))
}

// writeFigures declares:
//
//	// StateFigures tells the size of the state.
//	func (s *temperatureJumps) StateFigures() rt.StateFigures {
//		return rt.StateFigures{Keys: int64(s.cells.Len()), Bytes: int64(s.cells.Bytes()), Timers: int64(s.due.Len())}
//	}
func (n *stepCode) writeFigures() {
	k := n.keyed
	number := func(of, method string) *jen.Statement { return jen.Int64().Call(self(of).Dot(method).Call()) }
	fields := []jen.Code{
		jen.Id("Keys").Op(":").Add(number(k.cells, "Len")),
		jen.Id("Bytes").Op(":").Add(number(k.cells, "Bytes")),
	}
	var timers *jen.Statement
	for _, queue := range []string{k.due, k.clock} {
		switch {
		case queue == "":
		case timers == nil:
			timers = number(queue, "Len")
		default:
			timers = timers.Op("+").Add(number(queue, "Len"))
		}
	}
	if timers != nil {
		fields = append(fields, jen.Id("Timers").Op(":").Add(timers))
	}
	figures := jen.Qual(rtPath, "StateFigures")
	n.query("tells the size of the state.", "StateFigures", nil, figures.Clone(), jen.Return(figures.Clone().Values(fields...)))
}

// writeKeys declares the methods that find, list and show keys.
func (n *stepCode) writeKeys() {
	g, t := n.g, n.step.KeyType()
	decoder := jen.Id("d").Op("*").Qual(wirePath, "Dec")
	read := func() *jen.Statement { return jen.Id("key").Op(":=").Add(g.readFunc(t)).Call(jen.Id("d")) }
	key := operand{code: jen.Id("key"), prec: precPrimary, t: t, stable: true, addressable: true}
	id := func(name string) *jen.Statement { return jen.Id(name).Uint32() }
	cells := self(n.keyed.cells)
	held := func() *jen.Statement { return g.fromTableKey(t, cells.Clone().Dot("Key").Call(jen.Id("id"))) }

	hash, hashed := g.hashOf(key), []jen.Code{read(), jen.Return(g.hashOf(key))}
	if n.op.Key == nil {
		hash, hashed = jen.Lit(0), []jen.Code{jen.Return(jen.Lit(0))} // of the first key group
	}
	n.query("reads a key and returns its hash.", "KeyHash", []jen.Code{decoder.Clone()}, jen.Uint64(), hashed...)
	n.query("reads a key and returns the id of its cell.", "FindKey", []jen.Code{decoder.Clone()}, jen.Params(id("id"), jen.Id("ok").Bool()),
		read(),
		jen.List(jen.Id("id"), jen.Id("_"), jen.Id("ok")).Op("=").Add(cells.Clone()).Dot("Get").Call(hash, g.tableKey(key)),
		jen.Return(jen.Id("id"), jen.Id("ok")))
	n.query("returns the first id from one on that has a cell.", "NextKey", []jen.Code{id("id")}, jen.Params(id("next"), jen.Id("ok").Bool()),
		jen.Return(cells.Clone().Dot("Next").Call(jen.Id("id"))))
	n.query("appends the key of an id.", "AppendKey",
		[]jen.Code{jen.Id("b").Index().Byte(), id("id"), jen.Id("f").Op("*").Qual(valuePath, "Fault")}, jen.Index().Byte(),
		jen.Id("key").Op(":=").Add(held()),
		jen.Return(g.shown(t, jen.Id("b"), jen.Op("&").Id("key"), jen.Id("f"), n.op.Pos)))
	n.query("returns what tells whether the key of an id lies in a range.", "KeyRange",
		[]jen.Code{jen.Id("q").Op("*").Qual(rtPath, "Query")}, jen.Func().Params(id("id")).Bool(),
		jen.Id("within").Op(":=").Qual(rtPath, "Range").Call(jen.Id("q"), g.readFunc(t), g.compareFunc(t)),
		jen.Return(jen.Func().Params(id("id")).Bool().Block(jen.Return(jen.Id("within").Call(held())))))
}

// shown writes the call that appends the value behind pointer to b.
func (g *generator) shown(t types.Type, b, pointer, fault *jen.Statement, at source.Pos) *jen.Statement {
	e := g.appender(t)
	args := []jen.Code{b, pointer}
	if e.fails {
		args = append(args, fault)
		if !isStruct(t) {
			args = append(args, g.at(at))
		}
	}
	return jen.Id(e.name).Call(args...)
}

// writeAnswer declares the method that shows what a key has in a state:
//
//	// Answer answers a query with what the key of an id has in a state.
//	func (s *lastTemperature) Answer(which int, id uint32, q *rt.Query) {
//		c := *s.cells.Cell(id)
//		switch which {
//		case 0:
//			if q.Found = c.hasLast; q.Found {
//				q.Out = appendFloat(q.Out, &c.last, &q.Fault, at17x9)
//			}
//		}
//	}
func (n *stepCode) writeAnswer(states []*stateCode) {
	var shared, cases, body []jen.Code
	for _, s := range states {
		one := jen.Case(jen.Lit(s.state.Index))
		if s.state.Broadcast {
			shared = append(shared, one.Block(append(n.answer(s), jen.Return())...))
			continue
		}
		cases = append(cases, one.Block(n.answer(s)...))
	}
	if shared != nil { // there is no cell to look at
		if n.expires(true) {
			body = append(body, n.endShared(jen.Id("q").Dot("Mark"), jen.Id("q").Dot("Mark"), jen.Id("q").Dot("Now")))
		}
		body = append(body, jen.Switch(jen.Id("which")).Block(shared...))
	}
	if cases != nil {
		body = append(body, jen.Id("c").Op(":=").Op("*").Add(self(n.keyed.cells)).Dot("Cell").Call(jen.Id("id")))
		if n.expires(false) {
			body = append(body, n.endCell(jen.Id("q").Dot("Mark"), jen.Id("q").Dot("Mark"), jen.Id("q").Dot("Now")))
		}
		body = append(body, jen.Switch(jen.Id("which")).Block(cases...))
	}
	n.query("answers a query with what the key of an id has in a state.", "Answer",
		[]jen.Code{jen.Id("which").Int(), jen.Id("id").Uint32(), jen.Id("q").Op("*").Qual(rtPath, "Query")}, nil,
		body...)
}

// queryFault is where a value that JSON has no text for is told of.
func queryFault() *jen.Statement { return jen.Op("&").Id("q").Dot("Fault") }

// answer writes what one state answers.
func (n *stepCode) answer(s *stateCode) []jen.Code {
	st := s.state
	field := func(name string) *jen.Statement {
		if st.Broadcast {
			return self(n.keyed.shared).Dot(name)
		}
		return jen.Id("c").Dot(name)
	}
	found, out := jen.Id("q").Dot("Found"), jen.Id("q").Dot("Out")
	switch st.Kind {
	case ir.ValueState:
		return []jen.Code{jen.If(found.Clone().Op("=").Add(field(s.has)), found.Clone()).Block(
			out.Clone().Op("=").Add(n.g.shown(st.Elem, out.Clone(), jen.Op("&").Add(field(s.value)), queryFault(), st.Pos)),
		)}
	case ir.AggregateState:
		t := st.Agg.Result.Type()
		result := self(s.result).Call(jen.Op("&").Add(field(s.value)), queryFault(), n.queryMeta())
		return []jen.Code{jen.If(jen.Id("r").Op(":=").Add(result), jen.Id("r").Dot("OK")).Block(
			found.Clone().Op("=").True(),
			out.Clone().Op("=").Add(n.g.shown(t, out.Clone(), jen.Op("&").Id("r").Dot("V"), queryFault(), st.Pos)),
		)}
	default:
		return n.answerEntries(s, field(s.value))
	}
}

// queryMeta is the time at which aggregates are asked for their result.
func (n *stepCode) queryMeta() *jen.Statement {
	mark := jen.Id("q").Dot("Mark")
	return jen.Qual(rtPath, "Meta").Values(jen.Id("Time").Op(":").Add(mark.Clone()), jen.Id("Mark").Op(":").Add(mark))
}

// answerEntries writes what a collection answers:
//
//	entries := rt.Entries[string, int64]{
//		Name:  "map_key",
//		Read:  (*wire.Dec).String,
//		Key:   func(b []byte, key string) []byte { return appendString(b, &key) },
//		Value: func(b []byte, v *int64) []byte { return appendInt(b, v) },
//		All: func(keys state.Span[string]) iter.Seq2[string, int64] { return s.stock.Peek(&c.stock, keys) },
//	}
//	entries.Answer(q)
func (n *stepCode) answerEntries(s *stateCode, handle *jen.Statement) []jen.Code {
	g, st := n.g, s.state
	key, held, name := types.Type(types.Of(types.Int)), jen.Int64(), "index"
	var value *jen.Statement
	if st.Kind == ir.ListState {
		value = g.goType(st.Elem)
	} else {
		key, value = g.entryTypes(st)
		held, name = g.entryType(key), "map_key"
	}
	b := jen.Id("b").Index().Byte()
	fields := []jen.Code{jen.Id("Name").Op(":").Lit(name), jen.Id("Read").Op(":").Add(g.readEntryKey(key))}
	show := jen.Return(g.shown(key, jen.Id("b"), jen.Op("&").Id("key"), queryFault(), st.Pos))
	body := []jen.Code{show}
	param := "key"
	if textEntry(key) {
		param = "text"
		body = []jen.Code{jen.Id("key").Op(":=").Add(g.fromEntryKey(key, jen.Id("text"))), show}
	}
	fields = append(fields, jen.Id("Key").Op(":").Func().Params(b.Clone(), jen.Id(param).Add(held.Clone())).Index().Byte().Block(body...))
	if st.Kind != ir.SetState {
		fields = append(fields, jen.Id("Value").Op(":").Func().Params(b.Clone(), jen.Id("v").Op("*").Add(value.Clone())).Index().Byte().
			Block(n.shownEntry(s)...))
	}
	return []jen.Code{
		jen.Id("entries").Op(":=").Qual(rtPath, "Entries").Types(held.Clone(), value.Clone()).
			Add(multiLine(append(fields, jen.Id("All").Op(":").Add(n.peek(s, handle, held, value)))...)),
		jen.Id("entries").Dot("Answer").Call(jen.Id("q")),
	}
}

// peek writes the function that loops over a collection.
func (n *stepCode) peek(s *stateCode, handle, key, value *jen.Statement) *jen.Statement {
	if plainList(s.state) {
		return handle.Clone().Dot("Peek")
	}
	args := []jen.Code{jen.Op("&").Add(handle.Clone()), jen.Id("keys")}
	if s.state.TTL != nil {
		by := "Mark"
		if s.state.TTL.Processing {
			by = "Now"
		}
		args = append(args, jen.Id("q").Dot(by))
	}
	return jen.Func().Params(jen.Id("keys").Qual(statePath, "Span").Types(key.Clone())).
		Qual("iter", "Seq2").Types(key.Clone(), value.Clone()).
		Block(jen.Return(self(s.ops).Dot("Peek").Call(args...)))
}

// shownEntry writes the statements that append the value of an entry, to which
// v points, to b.
func (n *stepCode) shownEntry(s *stateCode) []jen.Code {
	g, st := n.g, s.state
	switch {
	case st.Agg != nil:
		return []jen.Code{
			jen.Id("r").Op(":=").Add(self(s.result)).Call(jen.Id("v"), queryFault(), n.queryMeta()),
			jen.Return(g.shown(&types.Option{Elem: st.Agg.Result.Type()}, jen.Id("b"), jen.Op("&").Id("r"), queryFault(), st.Pos)),
		}
	case st.Group != nil:
		return n.shownGroup(s)
	case st.Kind == ir.DynamicState:
		return []jen.Code{jen.Return(jen.Qual(dynamicPath, "AppendJSON").Call(jen.Id("b"), jen.Id("v"), queryFault(), g.at(st.Pos)))}
	case st.Kind == ir.ListState:
		return []jen.Code{jen.Return(g.shown(st.Elem, jen.Id("b"), jen.Id("v"), queryFault(), st.Pos))}
	default:
		return []jen.Code{jen.Return(g.shown(st.Value, jen.Id("b"), jen.Id("v"), queryFault(), st.Pos))}
	}
}

// shownGroup writes the statements that append the entry of a group, to which v
// points, to b: its view, with the result of each aggregate.
//
//	view := RecordLastSum{Last: v.last, Sum: s.resultOpenSum(&v.sum, &q.Fault, rt.Meta{…})}
//	return appendRecordLastSum(b, &view)
func (n *stepCode) shownGroup(s *stateCode) []jen.Code {
	g, t := n.g, s.state.Shown()
	show := func(pointer *jen.Statement) jen.Code {
		return jen.Return(g.shown(t, jen.Id("b"), pointer, queryFault(), s.state.Pos))
	}
	code := g.group(s.state)
	if code.record {
		return []jen.Code{show(jen.Id("v"))}
	}
	view := g.record(t.(*types.Record))
	var values []jen.Code
	for i, p := range s.state.Group.Parts {
		part := jen.Id("v").Dot(code.fields[i])
		switch p.Kind {
		case ir.ListState:
			part = part.Dot("Items").Call()
		case ir.AggregateState:
			part = self(s.results[i]).Call(jen.Op("&").Add(part), queryFault(), n.queryMeta())
		}
		values = append(values, jen.Id(view.fields[i]).Op(":").Add(part))
	}
	return []jen.Code{
		jen.Id("view").Op(":=").Id(view.name).Add(literal(values)),
		show(jen.Op("&").Id("view")),
	}
}

// readEntryKey writes a function that reads a key as the collection holds it.
func (g *generator) readEntryKey(t types.Type) *jen.Statement {
	if !textEntry(t) {
		return g.readFunc(t)
	}
	read := operand{code: g.readFunc(t).Call(jen.Id("d")), prec: precPrimary, t: t}
	return jen.Func().Params(jen.Id("d").Op("*").Qual(wirePath, "Dec")).String().Block(jen.Return(g.entryKey(read)))
}

// writeResult declares the method that gives the result of an accumulator:
//
//	// resultSum is the result of sum.
//	func (s *running) resultSum(v *aggregateSum, f *value.Fault, m rt.Meta) (result value.Option[int64]) {
func (n *stepCode) writeResult(agg *ir.Aggregate, name string) {
	g := n.g
	t := &types.Option{Elem: agg.Result.Type()}
	c := g.newCoder("v", "f", "m", "out")
	c.op, c.fault = n, jen.Id("f")
	c.here = scope{meta: jen.Id("m")}
	local := &ir.Local{Name: "v", Type: &types.Aggregate{Of: agg}}
	c.vars[local] = variable{code: jen.Id("v"), pointer: true}
	c.bail = func() []jen.Code { return []jen.Code{jen.Return(g.zero(t))} }
	view := &ir.LocalRef{Base: ir.Base{T: local.Type}, Local: local}
	v := c.aggResult(&ir.AggResult{Base: ir.Base{T: t}, Place: ir.Place{Part: -1}, View: view})
	c.add(jen.Return(v.value()))
	n.query("is the result of an aggregate in state.", name,
		[]jen.Code{jen.Id("v").Op("*").Id(g.accumulator(agg).name), jen.Id("f").Op("*").Qual(valuePath, "Fault"), jen.Id("m").Qual(rtPath, "Meta")},
		g.goType(t), c.body()...)
}
