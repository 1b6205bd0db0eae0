package codegen

import (
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// keyedCode is what a keyed step has beside its handlers: a cell per key, and
// the queues of its timers.
type keyedCode struct {
	cell   string         // type of the cell
	states []stateCode    // by index of Op.States
	timers []timerCode    // by index of Op.Timers
	on     map[int]string // method that loads, runs and keeps for an input, by index of Op.Ins
	fire   []string       // the same for a timer, by index of Op.Timers
	ahead  map[int]string // method that fetches what the handler for an input needs of collections, by index of Op.Ins

	cells, due, clock, mark, watermark string // fields; "" if it needs none
	journal                            string // the same
	past                               string // field with the mark of a restore, until the timers have fired that were past then; "" if nobody asks
	saver                              string // the same
	shared                             string // field with the broadcast state, likewise
	waiting                            string // field with the messages that wait for a time, likewise
	sharedType                         string // its type
	keep, expire, expireShared         string // methods
	rearm                              string // method that arms the timers of entries; "" without
}

// stateCode is a state: fields of the cell, and methods of the step.
type stateCode struct {
	state    *ir.State
	value    string   // field
	ops      string   // field of the step with the operations on a collection; "" if it needs none
	has      string   // field that says whether there is a value
	at       string   // field with the time that a ttl counts from; "" without one
	lifetime string   // field of the step that holds the ttl
	get      string   // method that reads it with its initial value; "" if the zero value is that
	own      string   // the same as a method of what holds it, an aggregate function
	set      string   // method that writes it; "" without a ttl
	result   string   // method that gives the result of an aggregate, if it is queryable
	results  []string // the same by part of a group; "" of others
}

// timerCode is a timer: a field of the cell, and the number of its declaration.
type timerCode struct {
	timer  *ir.Timer
	field  string
	number string // constant
	family string // field of the step with the operations on a family; "" if it is none
	rides  bool   // it runs with the timer after it, and has no field and no number
	chance bool   // it rides because of what parameters are
	end    string // method that gives the time of an entry, if it rises; "" if it does not
	arm    string // method that arms the timer of the first entry, likewise
}

// rises reports whether of the entries' timers the first alone is held.
func (t *timerCode) rises() bool { return t.end != "" }

// alone reports whether the timer is the only one of its key, or held as if it were.
func (t *timerCode) alone() bool { return t.timer.IndexType == nil || t.rises() }

// nameKeyed gives the names that a keyed step needs.
func (n *stepCode) nameKeyed() {
	k := &keyedCode{cell: n.g.names.pick(n.name + "Cell"), on: map[int]string{}, ahead: map[int]string{}}
	n.keyed = k
	for _, name := range slices.Concat([]string{"Advance", "Clock", "Sweep", "Waiting"}, durableMethods, queryMethods) {
		n.members.pick(name)
	}
	for i, in := range n.op.Ins {
		k.on[i] = n.members.pick("on" + exported(in.Name))
		k.ahead[i] = n.members.pick("ahead" + exported(in.Name))
	}
	cell := newNames(nil)
	for _, s := range n.op.States {
		code := stateCode{state: s, value: cell.pick(unexported(s.Name))}
		if isCollection(s) {
			if wholeTTL(s) {
				code.at = cell.pick(code.value + "At")
			}
			if s.Agg != nil && s.Queryable != "" {
				code.result = n.members.pick("result" + exported(s.Name))
			}
			if s.Group != nil && s.Queryable != "" {
				for _, p := range s.Group.Parts {
					name := ""
					if p.Agg != nil {
						name = n.members.pick("result" + exported(s.Name) + exported(p.Name))
					}
					code.results = append(code.results, name)
				}
			}
			k.states = append(k.states, code)
			continue
		}
		code.has = cell.pick("has" + exported(s.Name))
		if s.TTL != nil {
			code.at = cell.pick(code.value + "At")
			code.set = n.members.pick("set" + exported(s.Name))
		}
		if s.Init != nil && !isZero(s.Init) {
			code.get = n.members.pick("get" + exported(s.Name))
		}
		k.states = append(k.states, code)
	}
	for _, t := range n.op.Timers {
		k.timers = append(k.timers, timerCode{
			timer: t, field: cell.pick(unexported(t.Name)), number: n.g.names.pick(n.name + exported(t.Name)),
		})
		k.fire = append(k.fire, n.members.pick("on"+exported(t.Name)))
	}
	for _, s := range n.op.States {
		if s.Broadcast && k.sharedType == "" {
			k.sharedType = n.g.names.pick(n.name + "Shared")
		}
	}
	n.nameTimers()
	k.keep = n.members.pick("keep")
	k.expire = n.members.pick("expire")
	k.expireShared = n.members.pick("expireShared")
}

// isZero reports whether e is a constant that is Go's zero value of its type.
func isZero(e ir.Expr) bool {
	switch e := e.(type) {
	case *ir.BoolConst:
		return !e.Value
	case *ir.IntConst:
		return e.Value == 0
	case *ir.FloatConst:
		return e.Value == 0
	case *ir.StringConst:
		return e.Value == ""
	case *ir.EnumConst:
		return byNumber(e.T.(*types.Enum))[0] == e.Symbol
	case *ir.DecimalConst:
		return decimalUnits(e).Sign() == 0
	case *ir.NoneConst:
		return true
	case *ir.SetLit:
		return len(e.Elems) == 0
	case *ir.MapLit:
		return len(e.Keys) == 0
	case *ir.Convert:
		return isZero(e.X) && !isOption(e.T)
	}
	return false
}

// tableName is the type of the table of cells: by string or by integer.
func (n *stepCode) tableName() string {
	if textKey(n.step.KeyType()) {
		return "Strings"
	}
	return "Ints"
}

// addState adds the fields for cells and timers.
func (n *stepCode) addState() {
	k := n.keyed
	table := jen.Op("*").Qual(statePath, n.tableName()).Types(jen.Id(k.cell))
	k.cells = n.field("cells", table, func(w *wiring) jen.Code {
		if w.cells != "" {
			return jen.Id(w.cells)
		}
		return n.newTable()
	})
	n.addSaver()
	if n.hasTimers(false) {
		k.due = n.field("due", jen.Op("*").Qual(statePath, "Queue"), func(w *wiring) jen.Code { return n.newQueue(w, w.due) })
	}
	if n.hasTimers(true) {
		k.clock = n.field("clock", jen.Op("*").Qual(statePath, "Queue"), func(w *wiring) jen.Code { return n.newQueue(w, w.clock) })
	}
	for i := range k.timers {
		if t := &k.timers[i]; !t.rides && !t.alone() {
			n.addFamily(&k.timers[i])
		}
	}
	if e := n.messageEdge(); e != nil && e.due != "" {
		n.addWaiting(e)
	}
	if len(n.op.Timers) > 0 || k.waiting != "" {
		k.mark = n.field("mark", jen.Qual(valuePath, "Timestamp"), func(*wiring) jen.Code { return jen.Qual(valuePath, "MinTime") })
	}
	if slices.ContainsFunc(k.timers, func(t timerCode) bool { return t.chance }) {
		k.past = n.field("past", jen.Qual(valuePath, "Timestamp"), func(*wiring) jen.Code { return jen.Qual(statePath, "Always") })
	}
	if n.g.graph.Effects.ReadsWatermark(n.op) || n.hasTimers(false) && n.endsByEvents() {
		k.watermark = n.field("watermark", jen.Qual(valuePath, "Timestamp"), nil)
	}
	if k.sharedType != "" {
		k.shared = n.field("shared", jen.Id(k.sharedType), nil)
	}
	for i := range k.states {
		if s := &k.states[i]; isCollection(s.state) {
			n.addCollection(s)
		}
		if s := &k.states[i]; wholeTTL(s.state) {
			s.lifetime = n.field(s.value+"TTL", jen.Qual(valuePath, "Duration"), func(w *wiring) jen.Code { return w.expr(s.state.TTL.For, n.op.Params...) })
		}
	}
}

// endsByEvents reports whether a ttl in event time ends some of the state.
func (n *stepCode) endsByEvents() bool {
	return slices.ContainsFunc(n.op.States, func(s *ir.State) bool { return s.TTL != nil && !s.TTL.Processing })
}

// markNow is the watermark that the handler sees.
func (n *stepCode) markNow() *jen.Statement {
	if n.keyed.watermark != "" {
		return self(n.keyed.watermark)
	}
	return jen.Id("m").Dot("Mark")
}

// eventNow is the later of the handler's time and the watermark that it sees.
func (n *stepCode) eventNow() *jen.Statement { return jen.Max(jen.Id("m").Dot("Time"), n.markNow()) }

// hasTimers reports whether the step has timers of a kind.
func (n *stepCode) hasTimers(processing bool) bool {
	for _, t := range n.op.Timers {
		if t.Processing == processing {
			return true
		}
	}
	return false
}

// hasTTL reports whether any state has a ttl.
func (n *stepCode) hasTTL() bool {
	for _, s := range n.op.States {
		if s.TTL != nil {
			return true
		}
	}
	return false
}

// wholeTTL reports whether s has a ttl that ends all of it at once, as that of a
// value does and of an aggregate.
func wholeTTL(s *ir.State) bool {
	return s.TTL != nil && (!isCollection(s) || s.Kind == ir.AggregateState)
}

// expires reports whether any state of a key, or of all keys, has a ttl that ends
// all of it at once.
func (n *stepCode) expires(shared bool) bool {
	for _, s := range n.op.States {
		if wholeTTL(s) && s.Broadcast == shared {
			return true
		}
	}
	return false
}

// writeKeyed declares the cell, the handlers, and what rt calls.
func (n *stepCode) writeKeyed() {
	n.writeCell()
	for i, in := range n.op.Ins {
		if n.calls != nil {
			n.writeCalls()
			continue
		}
		n.writeBatch(i, in)
		if n.cellless(in) {
			n.writeBroadcast(i, in)
		} else {
			n.writeLoad(i, in)
		}
	}
	n.writeTimers()
	for i := range n.keyed.states {
		n.writeAccess(&n.keyed.states[i])
	}
	n.writeKeep()
	n.writeDurable()
	for _, shared := range []bool{false, true} {
		if n.expires(shared) {
			n.writeExpire(shared)
		}
	}
	if n.hasTTL() {
		n.writeSweep()
	}
	n.writeQueries()
	if n.keyed.clock == "" && n.keyed.waiting == "" || n.keyed.mark == "" || !n.hasTTL() {
		n.embedded = jen.Qual(rtPath, "Stateless").Comment("for what it does not need")
	}
}

// cellless reports whether the records of an input belong to no cell: those that
// every shard sees, and those without a key in a step that has keys.
func (n *stepCode) cellless(in *ir.In) bool {
	return in.Kind == ir.Broadcast || in.Kind == ir.Plain && n.op.Key != nil
}

// writeCell declares what one key holds:
//
//	// temperatureJumpsCell is all that one key holds.
//	type temperatureJumpsCell struct {
//		state.Head
//
//		hasLast bool
//		last    float64
//		idle    state.Timer
//	}
func (n *stepCode) writeCell() {
	k := n.keyed
	has, rest := n.stateFields(false)
	var numbers []jen.Code
	for i, t := range k.timers {
		if t.rides {
			continue
		}
		rest = append(rest, jen.Id(t.field).Add(n.timerType(&t)))
		numbers = append(numbers, jen.Id(t.number).Op("=").Lit(i))
	}
	head := []jen.Code{jen.Qual(statePath, "Head"), jen.Line()}
	n.file.add(comment("%s is all that one key holds.", k.cell).Type().Id(k.cell).Struct(slices.Concat(head, has, rest)...))
	if k.sharedType != "" {
		has, rest := n.stateFields(true)
		n.file.add(comment("%s is what a shard holds for all keys.", k.sharedType).Type().Id(k.sharedType).Struct(append(has, rest...)...))
	}
	if len(numbers) > 0 {
		n.file.add(comment("The timers of %s, in order of declaration.", n.name).Const().Defs(numbers...))
	}
}

// stateFields lists the fields of the states that belong to a key, or to all
// keys.
func (n *stepCode) stateFields(shared bool) (has, rest []jen.Code) {
	for _, s := range n.keyed.states {
		if s.state.Broadcast != shared {
			continue
		}
		if isCollection(s.state) {
			rest = append(rest, jen.Id(s.value).Add(n.g.handleType(s.state)))
		} else {
			has = append(has, jen.Id(s.has).Bool())
			rest = append(rest, jen.Id(s.value).Add(n.g.goType(s.state.Elem)))
		}
		if s.at != "" {
			rest = append(rest, jen.Id(s.at).Qual(valuePath, "Timestamp"))
		}
	}
	return has, rest
}

// writeBatch declares the method that takes records from the edge:
//
//	// handleR handles a batch of the input r.
//	func (s *temperatureJumps) handleR(in *rt.Batch[Reading]) {
//		s.cells.Touch(in.Hash)
//		for i := range in.Recs {
//			if i%state.Ahead == 0 {
//				s.aheadR(in, i)
//			}
//			m := in.Meta(i)
//			if s.due.Next() <= m.Mark {
//				s.Advance(m.Mark)
//			}
//			s.mark = m.Mark
//			s.onR(in.Hash[i], &in.Recs[i], m)
//			if s.due.Next() <= m.Mark {
//				s.Advance(m.Mark)
//			}
//		}
//	}
func (n *stepCode) writeBatch(i int, in *ir.In) {
	k := n.keyed
	edge := n.edge(i)
	record := jen.Id("in").Dot("Recs").Index(jen.Id("i"))
	args := []jen.Code{jen.Id("in").Dot("Hash").Index(jen.Id("i")), jen.Op("&").Add(record), jen.Id("m")}
	if n.cellless(in) {
		args = args[1:]
	} else if edge.pair != "" {
		args = []jen.Code{args[0], record.Clone().Dot("Key"), jen.Op("&").Add(record.Clone().Dot("Rec")), jen.Id("m")}
	}
	fire := func() jen.Code {
		if k.due == "" {
			return jen.Null()
		}
		return jen.If(self(k.due).Dot("Next").Call().Op("<=").Id("m").Dot("Mark")).Block(self("Advance").Call(jen.Id("m").Dot("Mark")))
	}
	var body []jen.Code
	needs := n.ahead(in)
	if len(needs.list) > 0 {
		body = append(body, jen.If(jen.Id("i").Op("%").Qual(statePath, "Ahead").Op("==").Lit(0)).Block(self(k.ahead[i]).Call(jen.Id("in"), jen.Id("i"))))
	}
	body = append(body, jen.Id("m").Op(":=").Id("in").Dot("Meta").Call(jen.Id("i")))
	if k.due != "" {
		body = append(body, fire())
	}
	if k.mark != "" {
		body = append(body, self(k.mark).Op("=").Id("m").Dot("Mark"))
	}
	if edge.due != "" {
		body = append(body, n.waitForDue(edge))
	}
	body = append(body, self(k.on[i]).Call(args...))
	if k.due != "" {
		body = append(body, fire())
	}
	touch := jen.Null()
	if !n.cellless(in) {
		touch = self(k.cells).Dot("Touch").Call(jen.Id("in").Dot("Hash"))
	}
	n.addMethod(comment("%s handles a batch of the input %s.", n.inputs[i], safeName(in.Name)).
		Func().Params(n.receiver()).Id(n.inputs[i]).Params(jen.Id("in").Op("*").Qual(rtPath, "Batch").Types(edge.elem())).
		Block(
			touch,
			jen.For(jen.Id("i").Op(":=").Range().Id("in").Dot("Recs")).Block(body...),
		))
	if len(needs.list) > 0 {
		n.writeAhead(i, in, needs)
	}
}

// edge returns the edge of an input.
func (n *stepCode) edge(i int) *edgeCode {
	for e, code := range n.g.edges {
		if e.Step == n.step && e.In == i {
			return code
		}
	}
	panic("codegen: a keyed step has an input that no edge leads to")
}

// writeKeep declares the method that stores a cell, or forgets a key that holds
// nothing any more.
func (n *stepCode) writeKeep() {
	k := n.keyed
	body := []jen.Code{self(k.cells).Dot("Remove").Call(jen.Id("id"))}
	if has, rest := n.stateFields(false); len(has)+len(rest)+len(k.timers) > 0 {
		var room []jen.Code
		for _, s := range k.states {
			if s.ops != "" && s.state.TTL == nil && !s.state.Broadcast {
				room = append(room, self(s.ops).Dot("Recycle").Call(jen.Op("&").Id("c").Dot(s.value)))
			}
		}
		body = []jen.Code{
			jen.If(n.emptyCell()).Block(append(append(room, body...), jen.Return())...),
			self(k.cells).Dot("Put").Call(jen.Id("id"), jen.Id("c")),
		}
	}
	n.addMethod(comment("%s stores a cell, or forgets a key that holds nothing any more.", k.keep).
		Func().Params(n.receiver()).Id(k.keep).Params(jen.Id("id").Uint32(), jen.Id("c").Op("*").Id(k.cell)).Block(body...))
}
