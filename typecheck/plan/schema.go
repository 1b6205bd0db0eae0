package plan

import (
	"fmt"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Schema describes the program's sources, sinks and state.
func Schema(g *Graph) schema.Job {
	p := g.Program
	job := schema.Job{Version: schema.Latest, Pipeline: p.Name, KeyGroups: p.KeyGroups}
	for _, s := range p.Sources {
		job.Sources = append(job.Sources, schema.Source{
			UID: s.UID, Name: s.Name, Type: typeOf(s.Out.Elem, nil), Connector: s.Connector.Name,
		})
	}
	for _, s := range p.Steps {
		if len(s.Op.States)+len(s.Op.Timers) > 0 {
			job.Operators = append(job.Operators, operatorOf(s))
		}
	}
	for _, s := range p.Sinks {
		job.Sinks = append(job.Sinks, schema.Sink{
			UID: s.UID, Name: s.Name, Type: typeOf(s.In.Elem, nil), Connector: s.Connector.Name,
		})
	}
	return job
}

func operatorOf(s *ir.Step) schema.Operator {
	op := schema.Operator{UID: s.UID, Was: s.WasUID, Name: s.Op.Name, Key: optionalType(s.Op.Key)}
	for _, st := range s.Op.States {
		op.States = append(op.States, stateOf(st))
	}
	for _, t := range s.Op.Timers {
		op.Timers = append(op.Timers, schema.Timer{
			Name: t.Name, Was: t.Was, Index: optionalType(t.IndexType), Processing: t.Processing,
		})
	}
	return op
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
	if s.Value != nil {
		out.Type = optionalType(s.Value)
	}
	if s.TTL != nil {
		out.Retention.After, out.Retention.Processing = afters[s.TTL.After], s.TTL.Processing
		if d, ok := s.TTL.For.(*ir.IntConst); ok {
			out.Retention.TTL = d.Value
		}
	}
	return out
}

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
			out.Symbols = append(out.Symbols, schema.Symbol{Name: s.Name, Value: s.Number})
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
