package rig

import (
	"fmt"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// asked is what an ask is for: a state, or its entries.
type asked struct {
	state *ir.State
	entry bool
}

// ask is an input of a step by which the driver asks for state, and the sink that
// its answers come to.
type ask struct {
	source *ir.Source
	sink   string        // uid
	answer *types.Record // what comes to it
}

// expectState asks for a state.
func (b *builder) expectState(s *ir.TestExpect) *Expect {
	a := s.Asked
	k := b.ask(a)
	row := k.source.Out.Elem.(*types.Record)
	key := a.Key
	if key == nil {
		key = b.anyKey(a.Step.Op.Key)
	}
	fields := []ir.Expr{key}
	if a.Entry != nil {
		fields = append(fields, a.Entry)
	}
	out := &Expect{
		Sink: k.sink, Differs: s.Differs, Pos: s.At,
		Ask: &Row{Source: k.source.UID, Value: &ir.RecordLit{Base: ir.Base{T: row, At: s.At}, Fields: fields}},
	}
	want := []ir.Expr{s.Want}
	if m, ok := s.Want.Type().(*types.Map); ok && isWholeMap(a) {
		l := &ir.Local{Name: "want", Type: m}
		out.Before = &ir.Let{StmtBase: ir.StmtBase{At: s.At}, Local: l, Value: s.Want}
		want = []ir.Expr{
			&ir.Builtin{Base: ir.Base{T: &types.List{Elem: m.Key}}, Name: "map.keys", Args: []ir.Expr{read(l)}},
			&ir.Builtin{Base: ir.Base{T: &types.List{Elem: m.Value}}, Name: "map.values", Args: []ir.Expr{read(l)}},
		}
	}
	if set, ok := s.Want.Type().(*types.Set); ok && a.State.Kind == ir.SetState {
		want = []ir.Expr{&ir.Builtin{Base: ir.Base{T: &types.List{Elem: set.Elem}}, Name: "set.values", Args: want}}
	}
	out.Want = &ir.RecordLit{Base: ir.Base{T: k.answer, At: s.At}, Fields: want}
	return out
}

func isMap(s *ir.State) bool { return s.Kind == ir.MapState || s.Kind == ir.SortedState }

// isWholeMap reports whether a map is asked for, and not one entry.
func isWholeMap(a *ir.Asked) bool { return isMap(a.State) && a.Entry == nil }

// ask gives a step an input for the keys whose state is asked for, and an output
// for the answers:
//
//	in  ask: { key: K, entry: M } key ask.key
//	out told: { value: V? }
//	on ask { emit told { value: state[ask.entry] } }
func (b *builder) ask(a *ir.Asked) *ask {
	id := asked{a.State, a.Entry != nil}
	if k := b.asks[id]; k != nil {
		return k
	}
	op := a.Step.Op
	fields := []types.Field{field("key", op.Key)}
	if a.Entry != nil {
		fields = append(fields, field("entry", a.State.MapKey))
	}
	row := b.shell(fields...)
	name := fmt.Sprintf("ask %d", len(b.asks)+1)
	k := &ask{source: b.source(name, row, beginning), sink: Prefix + name}
	b.asks[id] = k

	r := &ir.Local{Name: "ask", Type: row}
	keyOf := &ir.Local{Name: "ask", Type: row}
	in := &ir.In{
		Name: fmt.Sprintf("ask_%d", len(b.asks)), Kind: ir.Keyed, Elem: row,
		Key: &ir.Lambda{Params: []*ir.Local{keyOf}, Body: part(keyOf, 0)},
	}
	values, names := b.answer(a, r)
	var told []types.Field
	for i, v := range values {
		told = append(told, field(names[i], v.Type()))
	}
	k.answer = b.shell(told...)
	out := output(op, k.answer)
	out.Step = a.Step
	op.Ins = append(op.Ins, in)
	op.Handlers = append(op.Handlers, &ir.Handler{In: in, Param: r, Body: []ir.Stmt{
		&ir.Emit{Out: op.Outs[out.Out], Value: &ir.RecordLit{Base: ir.Base{T: k.answer}, Fields: values}},
	}})
	a.Step.Inputs = append(a.Step.Inputs, k.source.Out)
	a.Step.Outputs = append(a.Step.Outputs, out)
	b.sink(k.sink, out)
	return k
}

// answer reads what is asked for, and names the fields of the answer.
func (b *builder) answer(a *ir.Asked, r *ir.Local) (values []ir.Expr, names []string) {
	st := a.State
	place := ir.Place{State: st, Part: -1}
	option := func(t types.Type) ir.Base {
		if _, already := t.(*types.Option); already {
			return ir.Base{T: t}
		}
		return ir.Base{T: &types.Option{Elem: t}}
	}
	list := func(t types.Type) ir.Base { return ir.Base{T: &types.List{Elem: t}} }
	var v ir.Expr
	if a.Entry != nil {
		place.Key = part(r, 1)
	}
	switch {
	case st.Agg != nil:
		v = &ir.AggResult{Base: option(st.Agg.Result.Type()), Place: place}
	case a.Entry != nil:
		v = &ir.EntryGet{Base: option(st.Value), Place: place}
	case isMap(st):
		return []ir.Expr{
			&ir.StateKeys{Base: list(st.MapKey), State: st},
			&ir.StateKeys{Base: list(st.Value), State: st, Values: true},
		}, []string{"keys", "values"}
	case st.Kind == ir.ValueState && st.Init == nil:
		v = &ir.StateGet{Base: option(st.Elem), State: st}
	case st.Kind == ir.ValueState:
		v = &ir.StateGet{Base: ir.Base{T: st.Elem}, State: st}
	default:
		v = &ir.StateKeys{Base: list(st.Elem), State: st, Values: true}
	}
	return []ir.Expr{v}, []string{"value"}
}

// anyKey is some value of a key's type: what is asked is the same for all keys.
func (b *builder) anyKey(t types.Type) ir.Expr {
	base := ir.Base{T: t}
	switch t := t.(type) {
	case *types.Enum:
		return &ir.EnumConst{Base: base}
	case *types.Decimal:
		return &ir.DecimalConst{Base: base, Value: "0"}
	case *types.Record:
		lit := &ir.RecordLit{Base: base}
		for _, f := range t.Fields {
			lit.Fields = append(lit.Fields, b.anyKey(f.Type))
		}
		return lit
	case *types.Basic:
		switch t.Kind {
		case types.Bool:
			return &ir.BoolConst{Base: base}
		case types.String:
			return &ir.StringConst{Base: base}
		case types.Bytes:
			return &ir.BytesConst{Base: base}
		case types.UUID:
			return &ir.BytesConst{Base: base, Value: make([]byte, 16)}
		default:
			return &ir.IntConst{Base: base}
		}
	}
	panic(fmt.Sprintf("rig: %s is no type of keys", t))
}
