package oracle

import "github.com/flow-lang/flowc/typecheck/ir"

// accumulator is an aggregate at work: a cell of state for each of its parts.
type accumulator struct {
	agg   *ir.Aggregate
	parts []*cell
	added bool
}

func newAccumulator(agg *ir.Aggregate) *accumulator {
	a := &accumulator{agg: agg}
	for range agg.Parts {
		a.parts = append(a.parts, (*cell)(nil).copy(nil))
	}
	return a
}

func (a *accumulator) copy() *accumulator {
	n := &accumulator{agg: a.agg, added: a.added}
	for _, p := range a.parts {
		n.parts = append(n.parts, p.copy(nil))
	}
	return n
}

// part is a frame for the code of part i, which sees the part's state alone.
func (a *accumulator) part(f *frame, i int) *frame {
	return &frame{m: f.m, step: f.step, cell: a.parts[i], locals: map[*ir.Local]any{}, at: f.at, eff: f.eff, depth: f.depth}
}

// add folds a record in.
func (a *accumulator) add(f *frame, rec any) {
	a.added = true
	f.locals[a.agg.Param] = rec
	for i, p := range a.agg.Parts {
		g := a.part(f, i)
		for j, arg := range p.Args {
			g.locals[p.Func.Params[j]] = f.eval(arg)
		}
		f.m.calling(p.Span.Start, func() { g.block(p.Func.Add) })
	}
}

// merge folds another accumulator in; b is not changed.
func (a *accumulator) merge(f *frame, b *accumulator) {
	if !b.added {
		return
	}
	a.added = true
	for i, p := range a.agg.Parts {
		g := a.part(f, i)
		g.other = b.parts[i]
		f.m.calling(p.Span.Start, func() { g.block(p.Func.Merge) })
	}
}

// result is an option: none if nothing was added.
func (a *accumulator) result(f *frame) any {
	if !a.added {
		return none
	}
	for i, p := range a.agg.Parts {
		f.m.calling(p.Span.Start, func() { f.locals[p.Result] = a.part(f, i).eval(p.Func.Result) })
	}
	v := f.eval(a.agg.Result)
	if o, ok := v.(option); ok {
		return o
	}
	return some(v)
}

// accumulatorAt returns the accumulator of a place, and makes its entry if it is
// missing.
func (f *frame) accumulatorAt(p ir.Place, key any) *accumulator {
	v := f.entry(p.State, key).value
	if p.Part >= 0 {
		v = v.(group)[p.Part]
	}
	return v.(*accumulator)
}

// aggResult is .result of a place, a view or a range.
func (f *frame) aggResult(x *ir.AggResult) any {
	if x.View != nil {
		return f.eval(x.View).(*accumulator).result(f)
	}
	st := x.Place.State
	if x.Range != nil {
		return f.mergeRange(st, x.Range).result(f)
	}
	it := f.find(st, f.keyOf(x.Place))
	if it == nil {
		return none
	}
	v := it.value
	if x.Place.Part >= 0 {
		v = v.(group)[x.Place.Part]
	}
	f.touch(st, it)
	return v.(*accumulator).result(f)
}

// mergeRange merges the entries of a range in the order of their keys: one after
// the other, or where the language says so from a pivot downwards, from the pivot
// upwards, and both.
func (f *frame) mergeRange(st *ir.State, r *ir.Range) *accumulator {
	all, before := newAccumulator(st.Agg), []*accumulator{}
	around := st.AroundPivot(r)
	var pivot int64
	if around {
		pivot = pivotOf(f.eval(r.From).(int64), f.eval(r.To).(int64))
	}
	for _, it := range f.within(st, r) {
		a := f.touch(st, it).(*accumulator)
		if around && it.key.(int64) < pivot {
			before = append(before, a)
			continue
		}
		all.merge(f, a)
	}
	if len(before) == 0 {
		return all
	}
	sum := before[len(before)-1]
	for i := len(before) - 2; i >= 0; i-- {
		before[i].merge(f, sum)
		sum = before[i]
	}
	sum.merge(f, all)
	return sum
}

// pivotOf is the key of a range, save its first, that has the most zeros at its
// end, in binary; of two keys at most it is the last.
func pivotOf(low, high int64) int64 {
	best := low
	for bit := 0; bit < 64; bit++ {
		unit := int64(1) << bit
		if p := (high - 1) &^ (unit - 1); p > low && p < high {
			best = p
		}
	}
	return best
}

// otherState reads a state of the other accumulator in a merge.
func (f *frame) otherState(st *ir.State) any {
	g := *f
	g.cell, g.other = f.other, nil
	if st.Kind == ir.ValueState {
		return g.state(st)
	}
	list, d := []any{}, dict{}
	for _, it := range g.cell.items[st] {
		list, d = append(list, it.value), append(d, entry{it.key, it.value})
	}
	switch st.Kind {
	case ir.SetState:
		out := set{}
		for _, e := range d {
			out = append(out, e.key)
		}
		return out
	case ir.ListState:
		return list
	default:
		return d
	}
}
