package plan

import (
	"fmt"
	"slices"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Schema describes the program's sources, sinks and state.
func Schema(g *Graph) schema.Job {
	p := g.Program
	job := schema.Job{
		Version: schema.Latest, Pipeline: p.Name, KeyGroups: p.KeyGroups,
		Retired: acknowledged(p.Retired), Accepted: acknowledged(p.Accepted),
	}
	for _, s := range p.Sources {
		job.Sources = append(job.Sources, schema.Source{
			UID: s.UID, Name: s.Name, Type: typeOf(s.Out.Elem, nil), Connector: s.Connector.Name, From: placeOf(s.Connector),
		})
	}
	for _, s := range p.Steps {
		if HoldsState(s.Op) {
			job.Operators = append(job.Operators, operatorOf(s))
		}
	}
	for _, s := range p.Sinks {
		to := placeOf(s.Connector)
		job.Sinks = append(job.Sinks, schema.Sink{
			UID: s.UID, Name: s.Name, Type: typeOf(s.In.Elem, nil), Connector: s.Connector.Name, To: to, Keeps: to != "",
		})
	}
	return job
}

// HoldsState reports whether a step of op is among the operators of the schema:
// it has state, timers or messages that wait.
func HoldsState(op *ir.Operator) bool {
	return len(op.States)+len(op.Timers) > 0 || takesMessages(op)
}

// takesMessages reports whether op has an input for messages, which are state
// while they are on their way.
func takesMessages(op *ir.Operator) bool {
	return slices.ContainsFunc(op.Ins, func(in *ir.In) bool { return in.Kind == ir.Message })
}

// acknowledged lists what the lines of one kind name.
func acknowledged(list []*ir.Acknowledgement) []string {
	var paths []string
	for _, a := range list {
		paths = append(paths, a.Path)
	}
	return paths
}

// placeOf says where a connector reads or writes: its path as text, "" for
// standard input and output.
func placeOf(c *ir.Connector) string {
	path := c.Args["path"]
	if s, ok := path.(*ir.StringConst); ok && s.Value == ir.StdPath || path == nil {
		return ""
	}
	return written(path, nil)
}

// wireOf says how remote functions write the messages to an input, nil for JSON of
// any name.
func wireOf(in *ir.In) *schema.Wire {
	w := &schema.Wire{}
	if in.Wire != nil {
		w.Type, w.Protobuf = in.Wire.Type, in.Wire.Protobuf
	}
	if !w.Protobuf {
		w.Names = renamed(nil, in.Elem, "", nil)
	}
	if w.Type == "" && w.Names == nil {
		return nil
	}
	return w
}

// renamed adds the paths of fields that have other names in JSON, each with that
// name. around are the records that t is in.
func renamed(names []string, t types.Type, path string, around []*types.Record) []string {
	switch t := t.(type) {
	case *types.Record:
		if slices.Contains(around, t) {
			return names
		}
		around = append(around, t)
		for _, f := range t.Fields {
			at := path + f.Name
			if f.Wire != f.Name {
				names = append(names, at+" "+f.Wire)
			}
			names = renamed(names, f.Type, at+".", around)
		}
	case *types.Union:
		for _, m := range t.Members {
			names = renamed(names, m, path+m.Name+".", around)
		}
	case *types.Map:
		names = renamed(names, t.Value, path, around)
	default:
		for _, part := range types.Parts(t) {
			names = renamed(names, part, path, around)
		}
	}
	return names
}

func operatorOf(s *ir.Step) schema.Operator {
	op := schema.Operator{UID: s.UID, Was: s.WasUID, Name: s.Op.Name, Key: optionalType(s.Op.Key)}
	for _, in := range s.Op.Ins {
		switch in.Kind {
		case ir.Keyed:
			key := meaningOf(in.Key.Body, in.Key.Params[0])
			op.Inputs = append(op.Inputs, schema.Input{Name: in.Name, Key: &key})
		case ir.Message:
			op.Inputs = append(op.Inputs, schema.Input{Name: in.Name, Message: optionalType(in.Elem), Wire: wireOf(in)})
		case ir.Plain, ir.Broadcast:
		}
	}
	for _, p := range s.Op.Params {
		if p.ShapesState {
			op.Params = append(op.Params, paramOf(p.Local.Name, meaningOf(p.Value, nil)))
		}
	}
	for _, f := range s.Op.Shaping {
		var record *ir.Local
		if len(f.Func.Params) > 0 {
			record = f.Func.Params[0]
		}
		op.Params = append(op.Params, paramOf(f.Name, meaningOf(f.Func.Body, record)))
	}
	if r := s.Rekey; r != nil {
		by := meaningOf(r.Func.Expr(), r.Func.Params[0])
		op.Rekey = &schema.Rekey{From: typeOf(r.Func.Params[0].Type, nil), By: by.Now, Was: by.Was, Merges: r.Merge != nil}
	}
	for _, st := range s.Op.States {
		state := stateOf(st)
		if st.Kind == ir.DynamicState {
			state.Names, state.Made = namesOf(s.Op, st)
		}
		op.States = append(op.States, state)
	}
	for _, t := range s.Op.Timers {
		timer := schema.Timer{Name: t.Name, Was: t.Was, Index: optionalType(t.IndexType), Processing: t.Processing}
		if t.State != nil {
			timer.Entry = t.State.Name
		}
		op.Timers = append(op.Timers, timer)
	}
	return op
}

func paramOf(name string, text schema.Text) schema.Param {
	return schema.Param{Name: name, Value: text.Now, Was: text.Was}
}

// kinds are the names of the state kinds.
var kinds = map[ir.StateKind]schema.Kind{
	ir.ValueState: schema.Value, ir.ListState: schema.List, ir.MapState: schema.Map, ir.SortedState: schema.Sorted,
	ir.SetState: schema.Set, ir.AggregateState: schema.Aggregate, ir.DynamicState: schema.Dynamic,
}

// afters are the names of the accesses that a ttl counts from.
var afters = map[ir.TTLAfter]schema.After{
	ir.AfterWrite: schema.AfterWrite, ir.AfterRead: schema.AfterRead, ir.AfterCreate: schema.AfterCreate,
}

func stateOf(s *ir.State) schema.State {
	out := schema.State{
		Name: s.Name, Was: s.Was, Kind: kinds[s.Kind], Type: optionalType(s.Elem), MapKey: optionalType(s.MapKey),
		Broadcast: s.Broadcast, Queryable: s.Queryable, Retention: schema.Retention{Forever: s.Forever},
	}
	switch {
	case s.Kind == ir.DynamicState:
		out.MapKey = nil // its values and names are alike in all programs
	case s.Group != nil:
		out.Type = groupOf(s.Group)
	case s.Agg != nil:
		out.Type = accumulatorOf(s.Agg)
	case s.Value != nil:
		out.Type = optionalType(s.Value)
	}
	if s.Queryable != "" && s.Folds() {
		out.Result = optionalType(s.Shown())
	}
	if s.Init != nil {
		text := written(s.Init, nil) // which is read again as Flow
		out.Initial = &text
	}
	if m := s.Migrate; m != nil {
		by := meaningOf(m.Func.Expr(), m.Func.Params[0])
		out.Migrate = &schema.Migrate{Kind: kinds[m.Kind], Whole: m.Whole, Type: optionalType(m.Func.Params[0].Type), By: by.Now, Was: by.Was}
	}
	if s.TTL != nil {
		out.Retention.After, out.Retention.Processing, out.Retention.Watermark = afters[s.TTL.After], s.TTL.Processing, s.TTL.Watermark
		if d, ok := s.TTL.For.(*ir.IntConst); ok {
			out.Retention.TTL = d.Value
		}
	}
	return out
}

// groupOf describes the cell of a group.
func groupOf(g *ir.Group) *schema.Type {
	out := &schema.Type{Shape: schema.Record}
	for _, p := range g.Parts {
		f := schema.Field{Name: p.Name}
		switch p.Kind {
		case ir.ListState:
			none := "[]"
			f.Type, f.Default = schema.Type{Shape: schema.ListOf, Elem: optionalType(p.Elem)}, &none
		case ir.AggregateState:
			f.Type = schema.Type{Shape: schema.Option, Elem: accumulatorOf(p.Agg)}
		default:
			f.Type, f.Default = typeOf(p.Elem, nil), defaultOf(p.Init)
		}
		out.Fields = append(out.Fields, f)
	}
	return out
}

// defaultOf is a constant as text, nil if e is none.
func defaultOf(e ir.Expr) *string {
	if e == nil || !constant(e) {
		return nil
	}
	text := FlowText(e)
	return &text
}

// accumulatorOf describes what an aggregate has folded.
func accumulatorOf(a *ir.Aggregate) *schema.Type {
	out := &schema.Type{Shape: schema.Accumulator}
	for _, p := range a.Parts {
		part := &schema.Part{Func: p.Func.Declared, Empty: !p.Func.Fails() || p.Func.Declared == "sum"}
		for _, e := range p.Args {
			part.Args = append(part.Args, meaningOf(e, a.Param))
		}
		inner := schema.Type{Shape: schema.Record}
		for _, s := range p.Func.States {
			inner.Fields = append(inner.Fields, accumulated(s))
		}
		out.Fields = append(out.Fields, schema.Field{Name: p.Name, Type: inner, Part: part})
	}
	return out
}

// accumulated describes a state of an aggregate function as a field: a value
// without initial value is an option, and a collection is one value.
func accumulated(s *ir.State) schema.Field {
	f := schema.Field{Name: s.Name}
	switch s.Kind {
	case ir.ListState:
		f.Type = schema.Type{Shape: schema.ListOf, Elem: optionalType(s.Elem)}
	case ir.SetState:
		f.Type = schema.Type{Shape: schema.SetOf, Elem: optionalType(s.Elem)}
	case ir.MapState, ir.SortedState:
		f.Type = schema.Type{Shape: schema.MapOf, Key: optionalType(s.MapKey), Elem: optionalType(s.Value)}
	case ir.ValueState:
		if f.Type = typeOf(s.Elem, nil); s.Init == nil {
			f.Type = schema.Type{Shape: schema.Option, Elem: optionalType(s.Elem)}
		}
		f.Default = defaultOf(s.Init)
	default:
		panic(fmt.Sprintf("plan: an aggregate function with state of kind %s", s.Kind))
	}
	return f
}

// TypeOf describes a type of values.
func TypeOf(t types.Type) schema.Type { return typeOf(t, nil) }

func optionalType(t types.Type) *schema.Type {
	if t == nil {
		return nil
	}
	out := typeOf(t, nil)
	return &out
}

// typeOf describes a type. inside are the named types around it, which it
// refers to by name.
func typeOf(t types.Type, inside []types.Type) schema.Type {
	switch t := t.(type) {
	case *types.Basic:
		return schema.Type{Shape: schema.TypeName(t.Kind.String())}
	case *types.Decimal:
		return schema.Type{Shape: schema.Decimal, Precision: t.Precision, Scale: t.Scale}
	case *types.Option:
		return schema.Type{Shape: schema.Option, Elem: elemOf(t.Elem, inside)}
	case *types.List:
		return schema.Type{Shape: schema.ListOf, Elem: elemOf(t.Elem, inside)}
	case *types.Set:
		return schema.Type{Shape: schema.SetOf, Elem: elemOf(t.Elem, inside)}
	case *types.Map:
		return schema.Type{Shape: schema.MapOf, Key: elemOf(t.Key, inside), Elem: elemOf(t.Value, inside)}
	case *types.Enum:
		out := schema.Type{Shape: schema.Enum, Name: t.Name}
		for _, s := range t.Symbols {
			out.Symbols = append(out.Symbols, schema.Symbol{Name: s.Name, Value: s.Number, Was: s.Was})
		}
		return out
	case *types.Record:
		return recordOf(t, inside)
	case *types.Union:
		return unionOf(t, inside)
	default:
		panic(fmt.Sprintf("plan: no description of %T", t))
	}
}

func elemOf(t types.Type, inside []types.Type) *schema.Type {
	out := typeOf(t, inside)
	return &out
}

// named reports whether t is one of the types around.
func named(t types.Type, inside []types.Type) bool {
	for _, outer := range inside {
		if types.Identical(outer, t) {
			return true
		}
	}
	return false
}

func recordOf(t *types.Record, inside []types.Type) schema.Type {
	name := ""
	if t.Name != "" {
		name = t.String()
	}
	if named(t, inside) {
		return schema.Type{Shape: schema.Ref, Name: name}
	}
	inside = append(inside, t)
	out := schema.Type{Shape: schema.Record, Name: name}
	for _, f := range t.Fields {
		field := schema.Field{Name: f.Name, Was: f.Was, Type: typeOf(f.Type, inside)}
		if e, ok := f.Default.(ir.Expr); ok {
			text := FlowText(e)
			field.Default = &text
		}
		out.Fields = append(out.Fields, field)
	}
	return out
}

func unionOf(t *types.Union, inside []types.Type) schema.Type {
	if named(t, inside) {
		return schema.Type{Shape: schema.Ref, Name: t.Name}
	}
	inside = append(inside, t)
	out := schema.Type{Shape: schema.Union, Name: t.Name}
	for _, m := range t.Members {
		out.Members = append(out.Members, typeOf(m, inside))
	}
	return out
}
