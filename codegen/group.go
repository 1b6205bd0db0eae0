package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
)

// groupCode is the group in an entry of a map as a Go type. Its parts are held
// as the states of a key are:
//
//	// openEntry is an entry of the state open at visits.flow:20:9.
//	type openEntry struct {
//		last value.Timestamp
//		rows state.List[Visit]
//		sum  aggregateN
//	}
//
// What handlers read of one is a record, its view. A group of values only is
// held as that record.
type groupCode struct {
	name   string
	fields []string
	record bool // the Go type is that of the view
}

// group returns the Go type of the entries of s, and declares it first if that
// has not been done.
func (g *generator) group(s *ir.State) *groupCode {
	if code := g.groups[s.Group]; code != nil {
		return code
	}
	code := &groupCode{record: true}
	g.groups[s.Group] = code
	for _, p := range s.Group.Parts {
		code.record = code.record && p.Kind == ir.ValueState
	}
	if code.record {
		view := g.record(s.Group.View)
		code.name, code.fields = view.name, view.fields
		return code
	}
	code.name = g.names.pick(unexported(s.Name) + "Entry")
	fields := newNames(nil, "view")
	var members []jen.Code
	for _, p := range s.Group.Parts {
		name := fields.pick(unexported(p.Name))
		code.fields = append(code.fields, name)
		members = append(members, jen.Id(name).Add(g.partType(p)))
	}
	g.operators.add(
		comment("%s is an entry of the state %s at %s.", code.name, safeName(s.Name), where(s.Pos)).Type().Id(code.name).Struct(members...),
		g.viewMethod(code, s.Group),
	)
	return code
}

// partType is the Go type of a part in its entry.
func (g *generator) partType(p *ir.GroupPart) *jen.Statement {
	switch p.Kind {
	case ir.ListState:
		return jen.Qual(statePath, "List").Types(g.goType(p.Elem))
	case ir.AggregateState:
		return jen.Id(g.accumulator(p.Agg).name)
	default:
		return g.goType(p.Elem)
	}
}

// viewMethod declares the method that gives the view of an entry.
func (g *generator) viewMethod(code *groupCode, group *ir.Group) jen.Code {
	view := g.record(group.View)
	var values []jen.Code
	for i, p := range group.Parts {
		part := jen.Id("e").Dot(code.fields[i])
		if p.Kind == ir.ListState {
			part = part.Dot("Items").Call()
		}
		values = append(values, jen.Id(view.fields[i]).Op(":").Add(part))
	}
	return comment("view is what handlers read of the entry.").
		Func().Params(jen.Id("e").Op("*").Id(code.name)).Id("view").Params().Id(view.name).
		Block(jen.Return(jen.Id(view.name).Add(literal(values))))
}

// viewed turns an entry of s, which can be addressed, into its view.
func (g *generator) viewed(s *ir.State, entry *jen.Statement) *jen.Statement {
	if s.Group == nil || g.group(s).record {
		return entry
	}
	return entry.Dot("view").Call()
}

// groupField reads part i of a view that is still an entry.
func (c *coder) groupField(entry variable, i int) operand {
	s := entry.group
	p := s.Group.Parts[i]
	o := operand{
		code: entry.code.Clone().Dot(c.g.group(s).fields[i]), prec: precPrimary, t: s.Group.View.Fields[i].Type,
		stable: true, addressable: true,
	}
	if p.Kind == ir.ListState && !c.g.group(s).record {
		o.code, o.addressable = o.code.Dot("Items").Call(), false
	}
	return o
}

// getGroup reads the view of an entry as an option.
func (c *coder) getGroup(e *ir.EntryGet) operand {
	s := e.Place.State
	if c.g.group(s).record {
		return call(c.operation(s, "Get", c.keyOf(s, c.expr(e.Place.Key))), e.T)
	}
	entry := c.lookUpEntry(e)
	v := c.newVar("view", e.T, nil)
	c.add(jen.If(entry.Clone().Op("!=").Nil()).Block(append(c.holdParts(s, entry),
		v.value().Op("=").Qual(valuePath, "Some").Call(c.g.viewed(s, entry.Clone())),
	)...))
	v.stable = true
	return v
}

// lookUpEntry finds an entry and returns the pointer to it, which is nil if there
// is none.
func (c *coder) lookUpEntry(e *ir.EntryGet) *jen.Statement {
	s := e.Place.State
	key := c.keyOf(s, c.checked(e.Place.Key)[0])
	name := c.names.pick(unexported(s.Name) + "At")
	c.declareVar(name, jen.Id(name).Op(":=").Add(c.operation(s, "View", key)))
	return jen.Id(name)
}

// ifEntry runs then with bind as the view of an entry, or otherwise. The view is
// the entry itself as long as then, whose code is body, does not change it.
func (c *coder) ifEntry(e *ir.EntryGet, bind *ir.Local, body []ir.Node, then, otherwise func()) {
	s := e.Place.State
	entry := c.lookUpEntry(e)
	c.branch(entry.Clone().Op("!=").Nil(), func() {
		c.bindEntry(s, bind, entry, body)
		then()
	}, otherwise)
}

// bindEntry makes the entry that a pointer leads to known under the name of a
// local, for code that reads it.
func (c *coder) bindEntry(s *ir.State, bind *ir.Local, entry *jen.Statement, body []ir.Node) {
	switch {
	case bind == nil || c.reads[bind] == 0 && !bind.Var:
	case bind.Var:
		c.bindCopy(bind, call(c.g.viewed(s, jen.Op("*").Add(entry)), bind.Type))
	case changes(s, body):
		name := c.names.pick(unexported(bind.Name))
		c.declareVar(name, jen.Id(name).Op(":=").Op("*").Add(entry))
		c.add(c.holdParts(s, jen.Id(name))...)
		c.vars[bind] = variable{code: jen.Id(name), group: s}
	default:
		c.vars[bind] = variable{code: entry, pointer: true, group: s}
	}
}

// changes reports whether code may change the entries of s.
func changes(s *ir.State, body []ir.Node) bool {
	found := false
	for _, n := range body {
		ir.Inspect(n, func(n ir.Node) bool {
			switch n := n.(type) {
			case *ir.Call:
				found = found || n.Func.Op != nil
			case ir.Stmt:
				found = found || changedBy(n) == s
				_, all := n.(*ir.ClearAll)
				found = found || all
			}
			return !found
		})
	}
	return found
}

// changedBy returns the state that a statement changes, nil if it changes none.
func changedBy(s ir.Stmt) *ir.State {
	switch s := s.(type) {
	case *ir.EntrySet:
		return s.Place.State
	case *ir.Append:
		return s.Place.State
	case *ir.AggAdd:
		return s.Place.State
	case *ir.AggMerge:
		return s.Place.State
	case *ir.EntryRemove:
		return s.State
	case *ir.RemoveBefore:
		return s.State
	case *ir.StateClear:
		return s.State
	}
	return nil
}

// nodes lists statements as nodes.
func nodes(list []ir.Stmt) []ir.Node {
	out := make([]ir.Node, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

// entryToChange writes the pointer to the entry with a key, which is made if
// there is none.
//
//	open, fresh := s.open.Ref(&c.open, m.Time)
//	if fresh {
//		open.last = m.Time
//	}
func (c *coder) entryToChange(s *ir.State, want string, key operand) changed {
	entry := jen.Id(c.names.pick(want))
	ref := func() *jen.Statement { return c.operation(s, "Ref", c.keyOf(s, key)) }
	var set []*ir.GroupPart
	if s.Group != nil {
		for _, p := range s.Group.Parts {
			if p.Init != nil && !isZero(p.Init) {
				set = append(set, p)
			}
		}
	}
	asked := len(set) > 0
	for _, t := range c.entryTimers(s) {
		asked = asked || c.op.staysSet(t)
	}
	if !asked {
		c.add(jen.List(entry.Clone(), jen.Id("_")).Op(":=").Add(ref()))
		return changed{at: entry}
	}
	if readsState(set) {
		// The initial values are worked out first, as they may look at the map.
		made := c.block(func() { c.initParts(s, set, nil, key) })
		c.add(jen.If(jen.Op("!").Add(c.operation(s, "Has", c.keyOf(s, key)))).Block(made...))
		c.add(jen.List(entry.Clone(), jen.Id("_")).Op(":=").Add(ref()))
		return changed{at: entry}
	}
	fresh := jen.Id(c.names.pick("fresh"))
	c.add(jen.List(entry.Clone(), fresh.Clone()).Op(":=").Add(ref()))
	if len(set) > 0 {
		c.add(jen.If(fresh.Clone()).Block(c.block(func() { c.initParts(s, set, entry, key) })...))
	}
	return changed{entry, fresh}
}

// initParts gives the parts of a new entry their initial values: those of the
// entry that a pointer leads to, or of one that is put in the map.
func (c *coder) initParts(s *ir.State, set []*ir.GroupPart, entry *jen.Statement, key operand) {
	code := c.g.group(s)
	var list []ir.Expr
	for _, p := range set {
		ir.Inspect(p.Init, c.countReads)
		list = append(list, p.Init)
	}
	values := c.checked(list...)
	var fields []jen.Code
	for i, p := range set {
		name := code.fields[0]
		for j := range s.Group.Parts {
			if s.Group.Parts[j] == p {
				name = code.fields[j]
			}
		}
		values[i].t = p.Elem
		if entry != nil {
			c.add(entry.Clone().Dot(name).Op("=").Add(c.stored(p.Init, values[i])))
			continue
		}
		fields = append(fields, jen.Id(name).Op(":").Add(c.stored(p.Init, values[i])))
	}
	if entry == nil {
		c.add(c.operation(s, "Put", c.keyOf(s, key), jen.Id(code.name).Values(fields...)))
	}
}

// readsState reports whether the initial values of parts look at collections,
// themselves or in helpers.
func readsState(parts []*ir.GroupPart) bool {
	found := false
	for _, p := range parts {
		ir.Inspect(p.Init, func(n ir.Node) bool {
			switch n := n.(type) {
			case *ir.EntryGet, *ir.EntryHas, *ir.StateLen, *ir.StateEnd, *ir.StateKeys, *ir.AggResult, *ir.ForState:
				found = true
			case *ir.Call:
				found = found || n.Func.Op != nil
			}
			return !found
		})
	}
	return found
}

// setPart writes one part of an entry: a value, or what is appended to a list.
func (c *coder) setPart(p ir.Place, value ir.Expr) {
	v := c.checked(p.Key, value)
	key, part := v[0], p.State.Group.Parts[p.Part]
	if !key.stable {
		key = c.temp("key", key)
	}
	if !v[1].stable {
		v[1] = c.temp(unexported(part.Name), v[1])
	}
	v[1].t, key.t = part.Elem, p.State.MapKey
	entry := c.entryToChange(p.State, unexported(p.State.Name), key)
	field := entry.at.Clone().Dot(c.g.group(p.State).fields[p.Part])
	if part.Kind == ir.ListState {
		c.add(field.Dot("Append").Call(c.stored(value, v[1])))
	} else {
		c.add(field.Op("=").Add(c.stored(value, v[1])))
	}
	c.armEntry(p.State, key, entry)
}
