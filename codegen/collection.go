package codegen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// A collection in state is a handle in the key's cell and a field of the step
// that has the operations on it, which is called like the state:
//
//	s.stock.Put(&c.stock, r.Item, 3)
//
// A list without a ttl has its operations itself: c.amounts.Append(3). What
// handlers change is noted in the step's journal, by which a handler that fails
// is undone.

// isCollection reports whether s is read and changed entry by entry.
func isCollection(s *ir.State) bool { return s.Kind != ir.ValueState }

// plainList reports whether s is a list that needs no operations of the step.
func plainList(s *ir.State) bool { return s.Kind == ir.ListState && s.TTL == nil }

// entryTypes returns the Go types of the keys and values of a collection that
// is a map underneath; those of a set hold nothing.
func (g *generator) entryTypes(s *ir.State) (key types.Type, value *jen.Statement) {
	if s.Kind == ir.SetState {
		return s.Elem, jen.Struct()
	}
	switch {
	case s.Kind == ir.DynamicState:
		return s.MapKey, jen.Qual(dynamicPath, "Value")
	case s.Agg != nil:
		return s.MapKey, jen.Id(g.accumulator(s.Agg).name)
	case s.Group != nil:
		return s.MapKey, jen.Id(g.group(s).name)
	}
	return s.MapKey, g.goType(s.Value)
}

// collectionNames returns the names in package state of the type of a handle
// and of the operations on it.
func (g *generator) collectionNames(s *ir.State) (handle, ops string) {
	handle = "Map"
	if s.Kind == ir.ListState {
		handle = "List"
	}
	switch {
	case s.TTL != nil:
		handle = "TTL" + handle
	case g.few[s]:
		handle = "Few" + handle
	}
	return handle, handle + "s"
}

// collectionTypes returns the type arguments of both.
func (g *generator) collectionTypes(s *ir.State) []jen.Code {
	if s.Kind == ir.ListState {
		return []jen.Code{g.goType(s.Elem)}
	}
	key, value := g.entryTypes(s)
	return []jen.Code{g.entryType(key), value}
}

// handleType is the type of a collection's handle in the cell.
func (g *generator) handleType(s *ir.State) *jen.Statement {
	if s.Kind == ir.AggregateState {
		return jen.Id(g.accumulator(s.Agg).name)
	}
	handle, _ := g.collectionNames(s)
	return jen.Qual(statePath, handle).Types(g.collectionTypes(s)...)
}

// addCollection adds the field with the operations on a collection:
//
//	stock: state.NewMaps[string, int64](journal, state.Ordered[string]().Owning(strings.Clone))
func (n *stepCode) addCollection(s *stateCode) {
	st := s.state
	n.addOps(st)
	if plainList(st) || st.Kind == ir.AggregateState {
		return
	}
	_, ops := n.g.collectionNames(st)
	arguments := n.g.collectionTypes(st)
	n.needJournal()
	s.ops = n.field(s.value, jen.Op("*").Qual(statePath, ops).Types(arguments...), func(w *wiring) jen.Code {
		made := []jen.Code{jen.Id(w.journal)}
		if st.Kind != ir.ListState {
			key, _ := n.g.entryTypes(st)
			made = append(made, n.g.orderOf(key))
		}
		if st.TTL != nil {
			made = append(made, jen.Qual(statePath, "TTL").Values(
				jen.Id("For").Op(":").Add(w.expr(st.TTL.For, n.op.Params...)),
				jen.Id("After").Op(":").Qual(statePath, ttlAfter[st.TTL.After]),
			))
		}
		return jen.Qual(statePath, "New"+ops).Types(arguments...).Call(made...)
	})
}

// ttlAfter names the accesses that a ttl counts from.
var ttlAfter = map[ir.TTLAfter]string{ir.AfterWrite: "AfterWrite", ir.AfterRead: "AfterRead", ir.AfterCreate: "AfterCreate"}

// needJournal gives the step the journal of its collections.
func (n *stepCode) needJournal() {
	if n.keyed.journal == "" {
		n.keyed.journal = n.field("journal", jen.Op("*").Qual(statePath, "Journal"), func(w *wiring) jen.Code { return jen.Id(w.journal) })
	}
}

// stateField selects a field of a state: of the key's cell, or of what the
// shard holds for all keys.
func (c *coder) stateField(s *ir.State, name string) *jen.Statement {
	if s.Broadcast {
		return self(c.op.keyed.shared).Dot(name)
	}
	return c.cellField(name)
}

// handle selects the handle of a collection.
func (c *coder) handle(s *ir.State) *jen.Statement { return c.stateField(s, c.op.stateOf(s).value) }

// operation calls an operation on a collection.
func (c *coder) operation(s *ir.State, name string, args ...jen.Code) *jen.Statement {
	if plainList(s) {
		return c.handle(s).Dot(name).Call(args...)
	}
	return self(c.op.stateOf(s).ops).Dot(name).Call(append([]jen.Code{jen.Op("&").Add(c.handle(s))}, args...)...)
}

// readCollection writes an expression that reads a collection.
func (n *stepCode) readCollection(c *coder, e ir.Expr) operand {
	switch e := e.(type) {
	case *ir.EntryGet:
		switch {
		case e.Place.State.Group != nil:
			return c.getGroup(e)
		case e.Place.State.Kind == ir.DynamicState:
			return c.getDynamic(e)
		}
		key := c.expr(e.Place.Key)
		got := call(c.operation(e.Place.State, "Get", c.keyOf(e.Place.State, key)), e.T)
		if c.holds(e.Place.State) {
			got = c.temp("view", got)
			c.add(jen.If(got.base().Dot("OK")).Block(c.holdParts(e.Place.State, got.base().Dot("V"))...))
		}
		return got
	case *ir.EntryHas:
		return call(c.operation(e.State, "Has", c.keyOf(e.State, c.expr(e.Key))), e.T)
	case *ir.StateLen:
		return call(jen.Int64().Call(c.stateLen(e)), e.T)
	case *ir.StateEnd:
		return c.stateEnd(e)
	case *ir.StateKeys:
		return c.stateKeys(e)
	case *ir.AggResult:
		return c.aggResult(e)
	case *ir.OtherGet:
		return c.otherGet(e)
	default:
		panic(fmt.Sprintf("codegen: no such expression %T", e))
	}
}

// stateLen is the number of elements, or of those in a range.
func (c *coder) stateLen(e *ir.StateLen) *jen.Statement {
	if e.Range == nil {
		return c.handle(e.State).Dot("Len").Call()
	}
	return c.operation(e.State, "Count", c.span(e.State, e.Range))
}

// span writes the range of keys of a sorted state.
func (c *coder) span(s *ir.State, r *ir.Range) *jen.Statement {
	switch {
	case r == nil || r.From == nil && r.To == nil:
		return jen.Qual(statePath, "Span").Types(c.g.entryType(s.MapKey)).Values()
	case r.To == nil:
		return jen.Qual(statePath, "From").Call(c.keyOf(s, c.checked(r.From)[0]))
	case r.From == nil:
		return jen.Qual(statePath, "Before").Call(c.keyOf(s, c.checked(r.To)[0]))
	default:
		v := c.checked(r.From, r.To)
		return jen.Qual(statePath, "Between").Call(c.keyOf(s, v[0]), c.keyOf(s, v[1]))
	}
}

// checked evaluates expressions and leaves if one has failed.
func (c *coder) checked(list ...ir.Expr) []operand {
	v := c.values(list)
	for _, e := range list {
		if !c.g.graph.Effects.CanFail(e) {
			continue
		}
		for i := range v {
			if !v[i].stable {
				v[i] = c.temp("v", v[i])
			}
		}
		c.checkFault()
		break
	}
	return v
}

// stateEnd is the first or last entry as a record of its key and value.
func (c *coder) stateEnd(e *ir.StateEnd) operand {
	name := "First"
	if e.Last {
		name = "Last"
	}
	pair := c.names.pick(unexported(name))
	c.declareVar(pair, jen.Id(pair).Op(":=").Add(c.operation(e.State, name, c.span(e.State, e.Range))))
	end := c.newVar("end", e.T, nil)
	fields := c.g.record(e.T.(*types.Option).Elem.(*types.Record))
	held := jen.Id(pair).Dot("V")
	c.add(jen.If(jen.Id(pair).Dot("OK")).Block(append(c.holdParts(e.State, held.Clone().Dot("Value")),
		end.value().Op("=").Qual(valuePath, "Some").Call(jen.Id(fields.name).Values(
			jen.Id(fields.fields[0]).Op(":").Add(c.g.fromEntryKey(e.State.MapKey, held.Clone().Dot("Key"))),
			jen.Id(fields.fields[1]).Op(":").Add(c.g.viewed(e.State, held.Clone().Dot("Value"))),
		)),
	)...))
	end.stable = true
	return end
}

// stateKeys lists the keys, values or elements.
func (c *coder) stateKeys(e *ir.StateKeys) operand {
	s := e.State
	if plainList(s) {
		return call(c.handle(s).Dot("Items").Call(), e.T)
	}
	elem := e.T.(*types.List).Elem
	keys := s.Kind == ir.SetState || !e.Values
	if s.TTL == nil && !(keys && textEntry(elem)) {
		name := "Values"
		if keys {
			name = "Keys"
		}
		return call(c.operation(s, name), e.T)
	}
	list := c.newVar("list", e.T, jen.Make(c.g.goType(e.T), jen.Lit(0), c.handle(s).Dot("Len").Call()))
	item := jen.Id(c.names.pick("item"))
	head, value := item.Clone(), item
	switch {
	case keys:
		value = c.g.fromEntryKey(elem, item)
	case s.Kind != ir.ListState:
		head = jen.List(jen.Id("_"), item.Clone())
	}
	c.add(jen.For(head.Op(":=").Range().Add(c.operation(s, "All"))).Block(
		list.value().Op("=").Append(list.value(), value),
	))
	return list
}

// changeCollection writes a statement that changes a collection.
func (n *stepCode) changeCollection(c *coder, s ir.Stmt) {
	switch s := s.(type) {
	case *ir.EntrySet:
		if s.Place.Part >= 0 {
			c.setPart(s.Place, s.Value)
			return
		}
		if s.Place.State.Kind == ir.DynamicState {
			n.setDynamic(c, s)
			return
		}
		v := c.checked(s.Place.Key, s.Value)
		if len(c.entryTimers(s.Place.State)) > 0 && !v[0].stable {
			v[0] = c.temp("key", v[0])
		}
		c.add(c.operation(s.Place.State, "Put", c.keyOf(s.Place.State, v[0]), c.stored(s.Value, v[1])))
		v[0].t = s.Place.State.MapKey
		c.armEntry(s.Place.State, v[0], changed{})
	case *ir.Append:
		if s.Place.Part >= 0 {
			c.setPart(s.Place, s.Value)
			return
		}
		v := c.checked(s.Value)
		c.add(c.operation(s.Place.State, "Append", c.stored(s.Value, v[0])))
	case *ir.SetAdd:
		v := c.checked(s.Value)
		c.add(c.operation(s.State, "Put", c.keyOf(s.State, v[0]), jen.Struct().Values()))
	case *ir.EntryRemove:
		key := c.checked(s.Key)[0]
		c.cancelEntry(s.State, key)
		c.add(c.operation(s.State, "Remove", c.keyOf(s.State, key)))
	case *ir.RemoveBefore:
		key := c.checked(s.Key)[0]
		c.cancelBefore(s.State, key)
		c.add(c.operation(s.State, "RemoveBefore", c.keyOf(s.State, key)))
	case *ir.ForState:
		c.forState(s)
	default:
		c.changeAggregate(s)
	}
}

// stored writes a value for state, which outlives the block that the value's
// text may be a view into.
func (c *coder) stored(e ir.Expr, v operand) *jen.Statement {
	if owned(e) {
		return v.value()
	}
	return c.g.clone(c, v)
}

// forState writes a loop over a collection.
func (c *coder) forState(s *ir.ForState) {
	over := c.elements(s)
	keyed := s.Key // what is a key of the map underneath
	if s.State.Kind == ir.SetState {
		keyed = s.Value
	}
	name := func(l *ir.Local) string {
		if l == nil || c.reads[l] == 0 && !l.Var {
			return "_"
		}
		want := unexported(l.Name)
		if l == keyed && textEntry(l.Type) {
			want += "Text"
		} else {
			name := c.names.pick(want)
			c.vars[l] = variable{code: jen.Id(name)}
			if l == s.Value && s.State.Group != nil {
				c.vars[l] = variable{code: jen.Id(name), group: s.State}
			}
			return name
		}
		return c.names.pick(want)
	}
	key, item := name(s.Key), name(s.Value)
	body, label := c.loop(func() {
		for _, n := range []string{key, item} {
			if n != "_" {
				c.loopVar(n)
			}
		}
		if item != "_" && changes(s.State, nodes(s.Body)) {
			c.add(c.holdParts(s.State, jen.Id(item))...)
		}
		if keyed != nil && textEntry(keyed.Type) {
			held := key
			if keyed == s.Value {
				held = item
			}
			c.bindCopy(keyed, call(c.g.fromEntryKey(keyed.Type, jen.Id(held)), keyed.Type))
		}
		c.stmts(s.Body)
	})
	c.add(label, jen.For(loopHead(s, key, item, over)).Block(body...))
}

// loopHead writes the head of a loop, in which a name that nothing reads is _.
func loopHead(s *ir.ForState, key, item string, over *jen.Statement) *jen.Statement {
	names := jen.Id(item)
	switch {
	case s.Key == nil && item == "_" || key == "_" && item == "_":
		return jen.Range().Add(over)
	case plainList(s.State):
		names = jen.Id("_").Op(",").Id(item)
	case s.Key != nil && item == "_":
		names = jen.Id(key)
	case s.Key != nil:
		names = jen.Id(key).Op(",").Id(item)
	}
	return names.Op(":=").Range().Add(over)
}

// elements writes what a loop ranges over. A set is a map whose values are
// nothing.
func (c *coder) elements(s *ir.ForState) *jen.Statement {
	switch {
	case plainList(s.State):
		return c.handle(s.State).Dot("Items").Call()
	case s.Range == nil:
		return c.operation(s.State, "All")
	default:
		return c.operation(s.State, "Range", c.span(s.State, s.Range))
	}
}

// endJournal keeps or undoes what a handler has changed in collections.
func (n *stepCode) endJournal(c *coder, how string) {
	if n.keyed.journal != "" {
		c.add(self(n.keyed.journal).Dot(how).Call())
	}
}

// begin writes what comes before a handler: entries that have ended are
// removed, and accesses count from now on as at the handler's time.
func (n *stepCode) begin(c *coder, keyed bool) {
	for i := range n.keyed.states {
		s := &n.keyed.states[i]
		if s.ops == "" || s.state.TTL == nil {
			continue
		}
		now, at := n.eventNow(), jen.Id("m").Dot("Time")
		switch {
		case s.state.TTL.Processing:
			now = n.needTask().Dot("Now").Call()
			at = now.Clone()
		case s.state.TTL.Watermark:
			now = n.markNow()
		}
		handle := jen.Id("c").Dot(s.value)
		if s.state.Broadcast {
			handle = self(n.keyed.shared).Dot(s.value)
		} else if !keyed {
			continue
		}
		c.add(self(s.ops).Dot("Begin").Call(jen.Op("&").Add(handle), now, at))
	}
}

// sweepCollections removes entries that have ended: of the cell c, or of what
// the shard holds for all keys.
func (n *stepCode) sweepCollections(shared bool) []jen.Code {
	var code []jen.Code
	for _, s := range n.keyed.states {
		if s.ops == "" || s.state.TTL == nil || s.state.Broadcast != shared {
			continue
		}
		handle, by := jen.Id("c").Dot(s.value), "mark"
		if shared {
			handle = self(n.keyed.shared).Dot(s.value)
		}
		if s.state.TTL.Processing {
			by = "now"
		}
		code = append(code, self(s.ops).Dot("Sweep").Call(jen.Op("&").Add(handle), jen.Id(by), jen.Id("budget")))
	}
	return code
}

// holder writes a pointer to the struct that a state's fields are in.
func (c *coder) holder(s *ir.State) *jen.Statement {
	if s.Broadcast {
		return jen.Op("&").Add(self(c.op.keyed.shared))
	}
	return c.here.cell.Clone()
}
