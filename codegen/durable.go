package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// durable reports whether a keyed step has anything to save. Such a step is a
// state.Durable; what all of them do alike is done by its state.Saver.
func (n *stepCode) durable() bool {
	e := n.messageEdge()
	return len(n.op.States)+len(n.op.Timers) > 0 || e != nil && e.due != ""
}

// durableMethods are the names that the methods have.
var durableMethods = []string{"SaveKey", "SaveCell", "SaveShared", "SaveMessages", "Track", "Cut", "Copy", "Ahead", "Reserve", "Restore", "RestoreRows", "restoreRow", "Restored", "Spill", "firstTimers", "Lifetime"}

// addSaver adds the field with the saver.
func (n *stepCode) addSaver() {
	if !n.durable() {
		return
	}
	n.keyed.saver = n.field("saver", jen.Op("*").Qual(statePath, "Saver"), func(w *wiring) jen.Code {
		return jen.Qual(statePath, "NewSaver").Call(
			jen.Id(w.cells), jen.Id("t").Dot("KeyGroups").Call(), jen.Id("t").Dot("Index").Call().Op("==").Lit(0))
	})
}

// owes writes the statement that gives the cell id to the snapshot that owes it,
// before a handler changes it.
func (n *stepCode) owes(id *jen.Statement) jen.Code {
	if n.keyed.saver == "" {
		return jen.Null()
	}
	return jen.If(self(n.keyed.cells).Dot("Owes").Call(id)).Block(
		self(n.keyed.saver).Dot("Give").Call(jen.Id(receiver), id.Clone()),
	)
}

// owesShared is owes for what the shard holds for all keys.
func (n *stepCode) owesShared() jen.Code {
	if n.keyed.saver == "" || n.keyed.shared == "" {
		return jen.Null()
	}
	return jen.If(self(n.keyed.saver).Dot("OwesShared").Call()).Block(
		self(n.keyed.saver).Dot("GiveShared").Call(jen.Id(receiver)),
	)
}

// snapshot adds a method to the file of them.
func (n *stepCode) snapshot(doc, name string, params []jen.Code, result *jen.Statement, body ...jen.Code) {
	decl := comment("%s %s", name, doc).Func().Params(n.receiver()).Id(name).Params(params...)
	if result != nil {
		decl = decl.Add(result)
	}
	n.g.snapshots.add(decl.Block(body...))
}

// writeDurable declares the methods of state.Durable and state.Saved.
func (n *stepCode) writeDurable() {
	if !n.durable() {
		return
	}
	saver := func() jen.Code { return jen.Id("w").Op("*").Qual(statePath, "Saver") }
	id := jen.Id("id").Uint32()
	n.snapshot("tells what the key of an id is.", "SaveKey", []jen.Code{saver(), id}, nil, n.saveKey()...)
	n.snapshot("gives what the cell of an id holds.", "SaveCell", []jen.Code{saver(), id}, nil, n.saveCell()...)
	n.snapshot("gives what the shard holds for all keys.", "SaveShared", []jen.Code{saver()}, nil, n.saveStates(self(n.keyed.shared), true)...)
	if n.keyed.waiting != "" {
		n.writeSaveMessages()
	}
	own := func(name string, args ...jen.Code) *jen.Statement {
		return self(n.keyed.saver).Dot(name).Call(append([]jen.Code{jen.Id(receiver)}, args...)...)
	}
	snapshot := jen.Qual(statePath, "Snapshot")
	n.snapshot("begins to note changes.", "Track", nil, nil, own("Track"))
	keep := jen.Null()
	if n.calls != nil {
		keep = self(n.calls.keep).Call()
	}
	n.snapshot("begins a snapshot of all or of what has changed.", "Cut", []jen.Code{jen.Id("all").Bool()}, snapshot, keep, jen.Return(own("Cut", jen.Id("all"))))
	n.snapshot("begins a snapshot of all that ends no epoch.", "Copy", nil, snapshot.Clone(), keep, jen.Return(own("Copy")))
	if n.op.Key != nil {
		n.snapshot("fetches what the look-ups of keys need into the cache.", "Ahead", []jen.Code{jen.Id("hashes").Index().Uint64()}, nil,
			self(n.keyed.cells).Dot("Touch").Call(jen.Id("hashes")))
	}
	n.writeRestore()
	n.writeRestoreRows()
	n.writeRestored()
	n.writeSpill()
	n.writeLifetime()
}

// spills reports whether cells of the step may lie in a store: if no record must
// be in memory for what is to come, as those of messages that wait and of records
// under way.
func (n *stepCode) spills() bool {
	if n.op.Remote != nil {
		return false // what has not been answered is in memory anyway
	}
	return len(n.op.States)+len(n.op.Timers) > 0 && n.keyed.waiting == "" && n.calls == nil
}

// writeSpill declares the method that joins the operator to a store:
//
//	// Spill joins the operator to a store.
//	func (s *visits) Spill(o state.SpillOptions) *state.Spill {
//		return state.NewSpill(s, s.saver, o, state.SpillTimers{Due: s.due, First: s.firstTimers})
//	}
func (n *stepCode) writeSpill() {
	if !n.spills() {
		return
	}
	k := n.keyed
	var first [2][]jen.Code
	for _, t := range k.timers {
		if t.rides {
			continue
		}
		at := 0
		if t.timer.Processing {
			at = 1
		}
		first[at] = append(first[at], jen.Id("c").Dot(t.field).Dot("First").Call())
	}
	timers := jen.Dict{}
	for name, field := range map[string]string{"Due": k.due, "Clock": k.clock} {
		if field != "" {
			timers[jen.Id(name)] = self(field)
		}
	}
	if k.rearm != "" {
		timers[jen.Id("Rearm")] = self(k.rearm)
	}
	if len(k.timers) > 0 {
		timers[jen.Id("First")] = self("firstTimers")
		least := func(list []jen.Code) jen.Code {
			switch len(list) {
			case 0:
				return jen.Qual(statePath, "Never")
			case 1:
				return list[0]
			default:
				return jen.Min(list...)
			}
		}
		n.snapshot("tells when the first timers of a cell are due.", "firstTimers", []jen.Code{jen.Id("id").Uint32()},
			jen.Params(jen.List(jen.Id("due"), jen.Id("clock")).Qual(valuePath, "Timestamp")),
			jen.Id("c").Op(":=").Add(self(k.cells)).Dot("Cell").Call(jen.Id("id")),
			jen.Return(least(first[0]), least(first[1])))
	}
	n.snapshot("joins the operator to a store.", "Spill", []jen.Code{jen.Id("o").Qual(statePath, "SpillOptions")},
		jen.Op("*").Qual(statePath, "Spill"),
		jen.Return(jen.Qual(statePath, "NewSpill").Call(jen.Id(receiver), self(k.saver), jen.Id("o"), jen.Qual(statePath, "SpillTimers").Values(timers))))
}

// writeLifetime declares the method that says what a ttl ends, if any does:
//
//	// Lifetime tells the ttl of a state, 0 without one, and whether it is by the clock.
//	func (s *visits) Lifetime(number int) (ttl value.Duration, clock bool) {
//		switch number {
//		case 0:
//			return s.seenTTL, false
//		}
//		return 0, false
//	}
func (n *stepCode) writeLifetime() {
	var cases []jen.Code
	for i := range n.keyed.states {
		s := &n.keyed.states[i]
		if s.state.TTL == nil {
			continue
		}
		ttl := self(s.ops).Dot("TTL").Call().Dot("For")
		if s.lifetime != "" {
			ttl = self(s.lifetime)
		}
		cases = append(cases, jen.Case(jen.Lit(s.state.Index)).Block(jen.Return(ttl, jen.Lit(s.state.TTL.Processing))))
	}
	if len(cases) == 0 {
		return
	}
	n.snapshot("tells the ttl of a state, 0 without one, and whether it is by the clock.", "Lifetime", []jen.Code{jen.Id("number").Int()},
		jen.Params(jen.Id("ttl").Qual(valuePath, "Duration"), jen.Id("clock").Bool()),
		jen.Switch(jen.Id("number")).Block(cases...),
		jen.Return(jen.Lit(0), jen.False()))
}

// saveKey writes the body of SaveKey:
//
//	key := s.cells.Key(id)
//	w.Key(avro.AppendString(w.Begin(value.HashString(key)), key))
func (n *stepCode) saveKey() []jen.Code {
	if n.op.Key == nil {
		return []jen.Code{jen.Id("w").Dot("Key").Call(jen.Id("w").Dot("Begin").Call(jen.Lit(0)))}
	}
	key := jen.Id("key")
	hash, pack, v := "HashInt", "AppendInt", key.Clone()
	if textKey(n.step.KeyType()) {
		hash, pack = "HashString", "AppendString"
	}
	begun := jen.Id("w").Dot("Begin").Call(jen.Qual(valuePath, hash).Call(key))
	appended := jen.Qual(avroPath, pack).Call(begun, v)
	switch {
	case encodedKey(n.op.Key):
		appended = n.g.pack(n.op.Key).Call(begun.Clone(), n.g.fromTableKey(n.op.Key, key.Clone()))
	case isEnum(n.op.Key) && !plainEnum(n.op.Key.(*types.Enum)):
		appended = n.g.pack(n.op.Key).Call(begun.Clone(), n.g.goType(n.op.Key).Call(key.Clone()))
	case types.Is(n.op.Key, types.Bool):
		appended = jen.Qual(avroPath, "AppendBool").Call(begun.Clone(), key.Clone().Op("!=").Lit(0))
	}
	return []jen.Code{
		jen.Id("key").Op(":=").Add(self(n.keyed.cells)).Dot("Key").Call(jen.Id("id")),
		jen.Id("w").Dot("Key").Call(appended),
	}
}

func (n *stepCode) saveCell() []jen.Code {
	body := n.saveStates(jen.Id("c"), false)
	if n.inRows() {
		body = n.saveRow()
	}
	if len(body) == 0 {
		return nil
	}
	return append([]jen.Code{jen.Id("c").Op(":=").Add(self(n.keyed.cells)).Dot("Cell").Call(jen.Id("id"))}, body...)
}

// saveStates gives the states and timers in a cell, or those of all keys.
func (n *stepCode) saveStates(cell *jen.Statement, shared bool) []jen.Code {
	var body []jen.Code
	w := jen.Id("w")
	for i := range n.keyed.states {
		s := &n.keyed.states[i]
		if s.state.Broadcast == shared {
			body = append(body, n.saveState(s, cell))
		}
	}
	if shared {
		return body
	}
	for _, t := range n.keyed.timers {
		number := jen.Lit(len(n.keyed.states) + t.timer.Index)
		field := jen.Op("&").Add(cell.Clone().Dot(t.field))
		switch {
		case t.timer.State != nil:
		case t.family != "":
			args := []jen.Code{w, number, field}
			if wholeIndex(t.timer) == "" {
				args = append(args, n.g.packEntryKey(t.timer.IndexType))
			}
			body = append(body, self(t.family).Dot("Save").Call(args...))
		default:
			body = append(body, w.Clone().Dot("SaveTimer").Call(number, field))
		}
	}
	return body
}

func (n *stepCode) saveState(s *stateCode, cell *jen.Statement) jen.Code {
	w, number := jen.Id("w"), jen.Lit(s.state.Index)
	field := cell.Clone().Dot(s.value)
	written := jen.Lit(0)
	if s.at != "" {
		written = cell.Clone().Dot(s.at)
	}
	whole := func(has, pack *jen.Statement) jen.Code {
		return jen.If(jen.Id("w").Dot("Has").Call(number, has)).Block(
			jen.Id("w").Dot("Put").Call(pack.Call(jen.Id("w").Dot("Room").Call(), field), written),
		)
	}
	handle := jen.Op("&").Add(field.Clone())
	switch st := s.state; {
	case st.Kind == ir.ValueState:
		return whole(cell.Clone().Dot(s.has), n.g.pack(st.Elem))
	case st.Kind == ir.AggregateState:
		return whole(field.Clone().Dot("added"), n.g.packAccumulator(st.Agg))
	case plainList(st):
		return jen.Qual(statePath, "SaveList").Call(w, number, handle, n.g.pack(st.Elem))
	case st.Kind == ir.ListState:
		return self(s.ops).Dot("Save").Call(w, number, handle, n.g.pack(st.Elem))
	default:
		key, _ := n.g.entryTypes(st)
		return self(s.ops).Dot("Save").Call(w, number, handle, n.g.packEntryKey(key), n.g.packEntry(st))
	}
}

// writeRestore declares the method that puts a record back.
func (n *stepCode) writeRestore() {
	k := n.keyed
	saver, r := self(k.saver), jen.Id("r")
	var shared, own []jen.Code
	for i := range k.states {
		s := &k.states[i]
		if s.state.Broadcast {
			shared = append(shared, jen.Case(jen.Lit(s.state.Index)).Block(n.restoreState(s, self(k.shared))...))
		} else {
			own = append(own, jen.Case(jen.Lit(s.state.Index)).Block(n.restoreState(s, jen.Id("c"))...))
		}
	}
	for _, t := range k.timers {
		if t.timer.State == nil {
			own = append(own, jen.Case(jen.Lit(len(k.states)+t.timer.Index)).Block(n.restoreTimer(t)))
		}
	}
	own = append(own, jen.Default().Block(jen.Return(jen.Qual(statePath, "ErrNoSuchState"))))
	var body []jen.Code
	if len(shared) > 0 {
		body = append(body, jen.If(r.Clone().Dot("Gone").Op("!=").Qual(statePath, "KeyGone")).Block(
			jen.Switch(r.Clone().Dot("State")).Block(shared...),
		))
	}
	if k.waiting != "" {
		body = append(body, n.restoreMessage())
	}
	body = append(body,
		jen.List(jen.Id("id"), jen.Id("same")).Op(":=").Add(saver.Clone()).Dot("Same").Call(r),
		jen.If(jen.Op("!").Id("same")).Block(n.findKey()...),
		jen.If(r.Clone().Dot("Gone").Op("==").Qual(statePath, "KeyGone")).Block(
			self(k.cells).Dot("Remove").Call(jen.Id("id")),
			saver.Clone().Dot("Forget").Call(),
			jen.Return(jen.Nil()),
		),
	)
	if len(own) > 1 {
		body = append(body, jen.Id("c").Op(":=").Add(self(k.cells)).Dot("Cell").Call(jen.Id("id")))
	}
	body = append(body, jen.Switch(r.Clone().Dot("State")).Block(own...))
	n.snapshot("puts a record of a snapshot back.", "Restore",
		[]jen.Code{jen.Id("r").Op("*").Qual(statePath, "Record")}, jen.Error(), body...)
}

// findKey reads the key of a record and finds its cell.
func (n *stepCode) findKey() []jen.Code {
	saver := self(n.keyed.saver)
	if n.op.Key == nil {
		return []jen.Code{
			jen.List(jen.Id("id"), jen.Id("_")).Op("=").Add(self(n.keyed.cells)).Dot("At").Call(jen.Lit(0), jen.Lit(0)),
			saver.Dot("Found").Call(jen.Id("r"), jen.Id("id")),
		}
	}
	key := operand{code: jen.Id("key"), prec: precPrimary, t: n.step.KeyType(), stable: true, addressable: true}
	read := n.g.unpacked(n.step.KeyType(), jen.Id("in"))
	if types.Is(n.step.KeyType(), types.String) {
		read = jen.Id("in").Dot("View").Call()
	}
	return append(n.readKey(read),
		jen.List(jen.Id("id"), jen.Id("_")).Op("=").Add(self(n.keyed.cells)).Dot("At").Call(n.g.hashOf(key), n.g.tableKey(key)),
		saver.Clone().Dot("Found").Call(jen.Id("r"), jen.Id("id")),
	)
}

// readKey reads the key of a record from the reader in.
func (n *stepCode) readKey(read *jen.Statement) []jen.Code {
	saver := self(n.keyed.saver)
	return []jen.Code{
		jen.Id("in").Op(":=").Add(saver).Dot("Read").Call(jen.Id("r").Dot("Key")),
		jen.Id("key").Op(":=").Add(read),
		jen.If(jen.Err().Op(":=").Add(saver.Clone()).Dot("CloseKey").Call(), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err())),
	}
}

// messages is the number of messages that wait, behind those of the timers.
func (n *stepCode) messages() *jen.Statement { return jen.Lit(len(n.op.States) + len(n.op.Timers)) }

// writeSaveMessages declares the method that gives the messages that wait.
func (n *stepCode) writeSaveMessages() {
	e := n.messageEdge()
	part := func(t types.Type, field string) jen.Code {
		return jen.Func().Params(jen.Id("b").Index().Byte(), jen.Id("m").Op("*").Add(e.elem())).Index().Byte().
			Block(jen.Return(n.g.pack(t).Call(jen.Id("b"), jen.Id("m").Dot(field))))
	}
	n.snapshot("gives the messages that wait.", "SaveMessages", []jen.Code{jen.Id("w").Op("*").Qual(statePath, "Saver")}, nil,
		self(n.keyed.waiting).Dot("Save").Call(jen.Id("w"), n.messages(), part(n.op.Key, "Key"), part(e.edge.Input().Elem, "Rec")))
}

// restoreMessage puts the record of a message back.
func (n *stepCode) restoreMessage() jen.Code {
	e := n.messageEdge()
	key := operand{code: jen.Id("key"), prec: precPrimary, t: n.op.Key, stable: true, addressable: true}
	made := jen.Id(e.pair).Values(
		jen.Id("Key").Op(":").Id("key"), jen.Id("Rec").Op(":").Add(n.g.unpacked(e.edge.Input().Elem, jen.Id("in"))), jen.Id(e.due).Op(":").Id("due"))
	read := jen.Func().Params(jen.Id("in").Op("*").Qual(avroPath, "Reader"), jen.Id("due").Qual(valuePath, "Timestamp")).Add(e.elem()).Block(jen.Return(made))
	return jen.If(jen.Id("r").Dot("State").Op("==").Add(n.messages()).Op("&&").Id("r").Dot("Gone").Op("!=").Qual(statePath, "KeyGone")).Block(
		append(n.readKey(n.g.unpacked(n.op.Key, jen.Id("in"))),
			jen.Return(self(n.keyed.waiting).Dot("Restore").Call(self(n.keyed.saver), jen.Id("r"), n.g.hashOf(key), read)),
		)...)
}

// restoreState writes what puts a record of a state back.
func (n *stepCode) restoreState(s *stateCode, cell *jen.Statement) []jen.Code {
	saver, r := self(n.keyed.saver), jen.Id("r")
	field := cell.Clone().Dot(s.value)
	handle := jen.Op("&").Add(field.Clone())
	whole := func(zero, into, read jen.Code) []jen.Code {
		set := []jen.Code{jen.Add(into).Op("=").Add(zero), jen.Return(jen.Nil())}
		code := []jen.Code{
			jen.If(r.Clone().Dot("Gone").Op("!=").Qual(statePath, "Present")).Block(set...),
			jen.Id("v").Op(":=").Add(read),
			jen.If(jen.Err().Op(":=").Add(saver.Clone()).Dot("CloseValue").Call(), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err())),
		}
		if s.at != "" {
			code = append(code, cell.Clone().Dot(s.at).Op("=").Add(r.Clone()).Dot("Written"))
		}
		return code
	}
	in := saver.Clone().Dot("Read").Call(r.Clone().Dot("Value"))
	switch st := s.state; {
	case st.Kind == ir.ValueState:
		both := jen.List(field, cell.Clone().Dot(s.has))
		return append(whole(jen.List(n.g.zero(st.Elem), jen.False()), both, n.g.unpacked(st.Elem, in)),
			both.Clone().Op("=").List(jen.Id("v"), jen.True()), jen.Return(jen.Nil()))
	case st.Kind == ir.AggregateState:
		return append(whole(n.g.handleType(st).Values(), field, n.g.unpackAccumulator(st.Agg).Call(in)),
			field.Clone().Op("=").Id("v"), jen.Return(jen.Nil()))
	case plainList(st):
		return []jen.Code{jen.Return(jen.Qual(statePath, "RestoreList").Call(saver, r, handle, n.g.unpack(st.Elem)))}
	case st.Kind == ir.ListState:
		return []jen.Code{jen.Return(self(s.ops).Dot("Restore").Call(saver, r, handle, n.g.unpack(st.Elem)))}
	default:
		key, _ := n.g.entryTypes(st)
		return []jen.Code{jen.Return(self(s.ops).Dot("Restore").Call(saver, r, handle, n.g.unpackEntryKey(key), n.g.unpackEntry(st)))}
	}
}

// restoreTimer writes what puts a record of a timer back.
func (n *stepCode) restoreTimer(t timerCode) jen.Code {
	saver, r := self(n.keyed.saver), jen.Id("r")
	field := jen.Op("&").Id("c").Dot(t.field)
	if t.family != "" {
		return jen.Return(self(t.family).Dot("Restore").Call(saver, r, field, jen.Id("id"), n.g.unpackEntryKey(t.timer.IndexType)))
	}
	return jen.Return(saver.Dot("RestoreTimer").Call(r, n.queue(t.timer), field, jen.Id("id"), jen.Id(t.number)))
}

// writeRestored declares the method that ends a restore: the watermark is known,
// and timers of entries are armed that have not fired.
//
//	func (s *visits) Restored(mark value.Timestamp) error {
//		s.mark = mark
//		for id := range s.cells.IDs() {
//			s.rearm(id, mark, state.Always, true)
//		}
//		return nil
//	}
func (n *stepCode) writeRestored() {
	k := n.keyed
	var body []jen.Code
	for _, field := range []string{k.mark, k.watermark} {
		if field != "" {
			body = append(body, self(field).Op("=").Id("mark"))
		}
	}
	if k.waiting != "" {
		body = append(body, self(k.waiting).Dot("Settle").Call())
	}
	if n.calls != nil {
		body = append(body, n.restorePending())
	}
	if n.writeRearmCell(); k.rearm != "" {
		body = append(body, jen.For(jen.Id("id").Op(":=").Range().Add(self(k.cells)).Dot("IDs").Call()).Block(
			self(k.rearm).Call(jen.Id("id"), jen.Id("mark"), jen.Qual(statePath, "Always"), jen.True()),
		))
	}
	n.snapshot("ends a restore.", "Restored",
		[]jen.Code{jen.Id("mark").Qual(valuePath, "Timestamp")}, jen.Error(), append(body, jen.Return(jen.Nil()))...)
}

// writeRearmCell declares the method that arms the timers of a cell's entries, if there
// may be any, but for those that have fired by the times, of event and of processing time.
// After a restore there may be some whose time is past and that have not fired:
//
//	func (s *visits) rearm(id uint32, mark, now value.Timestamp, restored bool) {
//		c := s.cells.Cell(id)
//		for key, entry := range s.open.All(&c.open) {
//			s.rearmEnd(id, c, key, &entry, mark, restored)
//		}
//		s.journal.Commit()
//	}
func (n *stepCode) writeRearmCell() {
	k := n.keyed
	var loops []jen.Code
	for _, t := range k.timers {
		s := t.timer.State
		if s == nil || t.rides {
			continue
		}
		rearm := n.members.pick("rearm" + exported(t.timer.Name))
		n.writeRearm(rearm, t)
		fired := "mark"
		if t.timer.Processing {
			fired = "now"
		}
		head := jen.List(jen.Id("key"), jen.Id("entry"))
		args := []jen.Code{jen.Id("id"), jen.Id("c"), n.g.fromEntryKey(s.MapKey, jen.Id("key")), jen.Op("&").Id("entry"), jen.Id(fired), jen.Id("restored")}
		loops = append(loops, jen.For(head.Op(":=").Range().Add(self(n.stateOf(s).ops)).Dot("All").Call(jen.Op("&").Id("c").Dot(n.stateOf(s).value))).Block(
			self(rearm).Call(args...),
		))
	}
	if len(loops) == 0 {
		return
	}
	k.rearm = n.members.pick("rearm")
	body := append([]jen.Code{jen.Id("c").Op(":=").Add(self(k.cells)).Dot("Cell").Call(jen.Id("id"))}, loops...)
	n.snapshot("arms the timers of a key's entries that have not fired by the times.", k.rearm,
		[]jen.Code{jen.Id("id").Uint32(), jen.List(jen.Id("mark"), jen.Id("now")).Qual(valuePath, "Timestamp"), jen.Id("restored").Bool()}, nil,
		append(body, self(k.journal).Dot("Commit").Call())...)
}

// writeRearm declares the method that arms the timer of one entry, unless it has fired
// by a time.
func (n *stepCode) writeRearm(name string, t timerCode) {
	s, timer := t.timer.State, t.timer
	_, entry := n.g.entryTypes(s)
	c := n.coder(nil, "id", "c", "key", "entry", "fired", "restored")
	ir.Inspect(timer.At, c.countReads)
	meta := jen.Qual(rtPath, "Meta").Values(jen.Dict{jen.Id("Time"): jen.Id("fired"), jen.Id("Mark"): jen.Id("fired")})
	c.here = scope{cell: jen.Id("c"), id: jen.Id("id"), meta: jen.Parens(meta)}
	key := operand{code: jen.Id("key"), prec: precPrimary, t: s.MapKey, stable: true, addressable: true}
	c.bindTo(timer.Key, key)
	if timer.Value != nil {
		c.vars[timer.Value] = variable{code: jen.Id("entry"), pointer: true}
		if s.Group != nil {
			c.vars[timer.Value] = variable{code: jen.Id("entry"), pointer: true, group: s}
		}
	}
	if n.g.graph.Effects.CanFail(timer.At) {
		c.fault = n.needFault() // where no handler can fail, too
		failed := []jen.Code{c.fault.Clone().Dot("Take").Call(), jen.Return()}
		c.leave = func() []jen.Code { return failed }
		c.bail = c.leave
	}
	at := c.checked(timer.At)[0]
	if !at.stable {
		at = c.temp("at", at)
	}
	set := c.setEntry(timer, jen.Id("id"), key, at.value())
	later := at.value().Op(">").Id("fired")
	if n.endsEntry(timer) { // so it has not fired, though its time may be past after a restore
		if timer.Index > 0 && n.keyed.timers[timer.Index-1].chance {
			c.add(jen.If(jen.Id("restored").Op("&&").Add(at.value()).Op("<=").Id("fired")).Block(self(n.keyed.past).Op("=").Id("fired")))
		}
		later = jen.Id("restored").Op("||").Add(later)
	}
	c.add(jen.If(later).Block(set))
	n.snapshot("arms the timer of an entry, unless it has fired.", name, []jen.Code{
		jen.Id("id").Uint32(), jen.Id("c").Op("*").Id(n.keyed.cell), jen.Id("key").Add(n.g.goType(s.MapKey)),
		jen.Id("entry").Op("*").Add(entry), jen.Id("fired").Qual(valuePath, "Timestamp"), jen.Id("restored").Bool(),
	}, nil, c.body()...)
}

func isEnum(t types.Type) bool {
	_, ok := t.(*types.Enum)
	return ok
}
