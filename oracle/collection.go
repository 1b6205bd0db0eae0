package oracle

import (
	"fmt"
	"sort"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// item is an element of a list or set, an entry of a map, or the accumulator of
// an aggregate state. Its value is nil in a set, a group where the state has
// one, and an *accumulator where the state has an aggregate.
type item struct {
	slot
	key   any
	armed map[*ir.Timer]bool // the entry timers that have not fired since the last write
}

// group is the value of an entry that is stored as several parts.
type group []any

// dynamic is a value in dynamic state.
type dynamic struct {
	t     types.Type
	value any
}

// copyItems copies items with all that can change inside them.
func copyItems(items []*item) []*item {
	out := make([]*item, len(items))
	for i, it := range items {
		n := *it
		n.value = copyDeep(it.value)
		n.armed = map[*ir.Timer]bool{}
		for t := range it.armed {
			n.armed[t] = true
		}
		out[i] = &n
	}
	return out
}

// copyDeep copies what changes in place: groups with the lists in them, and
// accumulators. Other values never change.
func copyDeep(v any) any {
	switch v := v.(type) {
	case group:
		n := make(group, len(v))
		for i, p := range v {
			n[i] = copyDeep(p)
		}
		return n
	case *accumulator:
		return v.copy()
	case []any:
		return append([]any{}, v...)
	}
	return v
}

// view is what a handler reads of an entry: a copy, for what it reads does not
// change.
func view(v any) any {
	if g, ok := copyDeep(v).(group); ok {
		return []any(g)
	}
	return copyDeep(v)
}

// home is the cell that holds st: the key's, the step's own if st is broadcast.
func (f *frame) home(st *ir.State) *cell {
	if st.Broadcast {
		return f.eff.shared
	}
	return f.cell
}

// ordering is the type by which the items of st are ordered, nil for lists.
func ordering(st *ir.State) types.Type {
	switch st.Kind {
	case ir.SetState:
		return st.Elem
	case ir.MapState, ir.SortedState, ir.DynamicState:
		return st.MapKey
	default:
		return nil
	}
}

// find returns the item of a key, nil if there is none.
func (f *frame) find(st *ir.State, key any) *item {
	for _, it := range f.home(st).items[st] {
		if compare(it.key, key, ordering(st)) == 0 {
			return it
		}
	}
	return nil
}

// entry returns the item of a key and makes it if it is missing; it counts as
// written. An aggregate state has one item, without a key.
func (f *frame) entry(st *ir.State, key any) *item {
	c, now := f.home(st), f.accessTime(st.TTL)
	it := f.find(st, key)
	if it == nil {
		it = &item{key: key, slot: slot{value: f.empty(st), written: now, created: now, read: now}, armed: map[*ir.Timer]bool{}}
		c.items[st] = append(c.items[st], it)
		if t := ordering(st); t != nil {
			items := c.items[st]
			sort.SliceStable(items, func(i, j int) bool { return compare(items[i].key, items[j].key, t) < 0 })
		}
	}
	it.written, it.read = max(it.written, now), max(it.read, now)
	for _, t := range f.step.ir.Op.Timers {
		if t.State == st {
			it.armed[t] = true
		}
	}
	return it
}

// empty is what a new entry of st holds.
func (f *frame) empty(st *ir.State) any {
	if st.Agg != nil {
		return newAccumulator(st.Agg)
	}
	if st.Group == nil {
		return nil
	}
	g := make(group, len(st.Group.Parts))
	for i, p := range st.Group.Parts {
		switch {
		case p.Agg != nil:
			g[i] = newAccumulator(p.Agg)
		case p.Kind == ir.ListState:
			g[i] = []any{}
		case p.Init != nil:
			g[i] = f.eval(p.Init)
		}
	}
	return g
}

// keyOf evaluates the key of a place, nil if it has none.
func (f *frame) keyOf(p ir.Place) any {
	if p.Key == nil {
		return nil
	}
	return f.eval(p.Key)
}

// within lists the items of st inside a range, as they are now.
func (f *frame) within(st *ir.State, r *ir.Range) []*item {
	items := append([]*item{}, f.home(st).items[st]...)
	if r == nil {
		return items
	}
	var from, to any
	if r.From != nil {
		from = f.eval(r.From)
	}
	if r.To != nil {
		to = f.eval(r.To)
	}
	var out []*item
	for _, it := range items {
		if (r.From == nil || compare(it.key, from, st.MapKey) >= 0) && (r.To == nil || compare(it.key, to, st.MapKey) < 0) {
			out = append(out, it)
		}
	}
	return out
}

// touch notes that an item was read, and gives what is read of it.
func (f *frame) touch(st *ir.State, it *item) any {
	it.read = max(it.read, f.accessTime(st.TTL))
	return view(it.value)
}

// readState gives the value of an expression that reads a collection or an
// aggregate.
func (f *frame) readState(x ir.Expr) any {
	switch x := x.(type) {
	case *ir.EntryGet:
		it := f.find(x.Place.State, f.eval(x.Place.Key))
		if it == nil {
			return none
		}
		if x.Place.State.Kind == ir.DynamicState {
			v := f.touch(x.Place.State, it).(dynamic)
			if want := x.T.(*types.Option).Elem; !types.Identical(v.t, want) {
				fail(x.At, fmt.Sprintf("what is called %q is of type %s, not %s", it.key, v.t, want))
			}
			return some(v.value)
		}
		return some(f.touch(x.Place.State, it))
	case *ir.EntryHas:
		it := f.find(x.State, f.eval(x.Key))
		if it != nil {
			f.touch(x.State, it)
		}
		return it != nil
	case *ir.StateLen:
		return int64(len(f.within(x.State, x.Range)))
	case *ir.StateEnd:
		items := f.within(x.State, x.Range)
		if len(items) == 0 {
			return none
		}
		it := items[0]
		if x.Last {
			it = items[len(items)-1]
		}
		return some([]any{it.key, f.touch(x.State, it)})
	case *ir.StateKeys:
		out := []any{}
		for _, it := range f.within(x.State, nil) {
			v := f.touch(x.State, it)
			if x.State.Kind == ir.SetState || !x.Values {
				v = it.key
			}
			out = append(out, v)
		}
		return out
	case *ir.AggResult:
		return f.aggResult(x)
	case *ir.OtherGet:
		return f.otherState(x.State)
	default:
		panic(fmt.Sprintf("oracle: no such expression %T", x))
	}
}

// changeEntry runs a statement that changes a collection or an aggregate.
func (f *frame) changeEntry(s ir.Stmt) {
	switch s := s.(type) {
	case *ir.EntrySet:
		key, v := f.keyOf(s.Place), f.eval(s.Value)
		it := f.entry(s.Place.State, key)
		switch {
		case s.Place.Part >= 0:
			it.value.(group)[s.Place.Part] = v
		case s.Place.State.Kind == ir.DynamicState:
			it.value = dynamic{s.Value.Type(), v}
		case s.Place.State.Group != nil:
			it.value = group(append([]any{}, v.([]any)...))
		default:
			it.value = v
		}
		f.follow(s.Place.State, key)
	case *ir.Append:
		f.appendTo(s)
	case *ir.SetAdd:
		f.entry(s.State, f.eval(s.Value))
	case *ir.EntryRemove:
		key := f.eval(s.Key)
		f.drop(s.State, func(it *item) bool { return compare(it.key, key, ordering(s.State)) == 0 })
	case *ir.RemoveBefore:
		key := f.eval(s.Key)
		f.drop(s.State, func(it *item) bool { return compare(it.key, key, ordering(s.State)) < 0 })
	case *ir.AggAdd:
		key, v := f.keyOf(s.Place), f.eval(s.Value)
		f.accumulatorAt(s.Place, key).add(f, v)
		f.follow(s.Place.State, key)
	case *ir.AggMerge:
		key, v := f.keyOf(s.Place), f.eval(s.Other)
		f.accumulatorAt(s.Place, key).merge(f, v.(*accumulator))
		f.follow(s.Place.State, key)
	default:
		panic(fmt.Sprintf("oracle: no such statement %T", s))
	}
}

func (f *frame) appendTo(s *ir.Append) {
	key, v := f.keyOf(s.Place), f.eval(s.Value)
	if s.Place.Part >= 0 {
		g := f.entry(s.Place.State, key).value.(group)
		g[s.Place.Part] = append(append([]any{}, g[s.Place.Part].([]any)...), v)
		f.follow(s.Place.State, key)
		return
	}
	now := f.accessTime(s.Place.State.TTL)
	c := f.home(s.Place.State)
	c.items[s.Place.State] = append(c.items[s.Place.State], &item{slot: slot{v, now, now, now}})
}

// drop removes the items for which gone holds.
func (f *frame) drop(st *ir.State, gone func(*item) bool) {
	c := f.home(st)
	var kept []*item
	for _, it := range c.items[st] {
		if !gone(it) {
			kept = append(kept, it)
		}
	}
	c.items[st] = kept
}

// loopState runs over a collection in state as it was at the beginning.
func (f *frame) loopState(s *ir.ForState) (flow, any) {
	type pair struct{ key, value any }
	var pairs []pair
	for _, it := range f.within(s.State, s.Range) {
		p := pair{it.key, f.touch(s.State, it)}
		if s.State.Kind == ir.SetState {
			p.value = it.key
		}
		pairs = append(pairs, p)
	}
	for _, p := range pairs {
		if s.Key != nil {
			f.locals[s.Key] = p.key
		}
		f.locals[s.Value] = p.value
		if w, v := f.block(s.Body); w == leave || w == dropped {
			return w, v
		} else if w == breakOut {
			break
		}
	}
	return goOn, nil
}

// entryDue lists the entry timers of a cell that a watermark makes due.
func (s *step) entryDue(c *cell, mark int64) []due {
	var all []due
	for _, t := range s.ir.Op.Timers {
		if t.State == nil || t.Processing {
			continue
		}
		for _, it := range c.items[t.State] {
			if !it.armed[t] {
				continue
			}
			if at := s.entryTime(t, it); at <= mark {
				all = append(all, due{at, s, c, timerID{t, keyText(it.key, t.IndexType)}})
			}
		}
	}
	return all
}

// entryTime is when the timer of an entry fires.
func (s *step) entryTime(t *ir.Timer, it *item) int64 {
	f := &frame{m: s.m, step: s, locals: map[*ir.Local]any{t.Key: it.key}}
	if t.Value != nil {
		f.locals[t.Value] = view(it.value)
	}
	return f.eval(t.At).(int64)
}

// follow fails the handler if a timer of the entry that it has written would have
// no time.
func (f *frame) follow(st *ir.State, key any) {
	for _, t := range f.step.ir.Op.Timers {
		if t.State == st {
			f.step.entryTime(t, f.find(st, key))
		}
	}
}

// timerAt is when a timer is set for.
func (f *frame) timerAt(x *ir.TimerAt) any {
	if t := x.Timer; t.State != nil {
		if it := f.find(t.State, f.eval(x.Index)); it != nil && it.armed[t] {
			return some(f.step.entryTime(t, it))
		}
		return none
	}
	at, ok := f.cell.timers[f.timer(x.Timer, x.Index)]
	return option{ok, at}
}

// disarm notes that a timer has fired.
func (d due) disarm() {
	delete(d.cell.timers, d.id)
	for _, it := range d.cell.items[d.id.timer.State] {
		if keyText(it.key, d.id.timer.IndexType) == d.id.index {
			delete(it.armed, d.id.timer)
		}
	}
}

// stateText writes what a cell holds of st as JSON; ok is false if it holds
// nothing, or what has no JSON form.
func (c *cell) stateText(st *ir.State) (text string, ok bool) {
	if sl := c.values[st]; sl != nil {
		return toJSON(sl.value, st.Elem), true
	}
	items := c.items[st]
	if len(items) == 0 {
		return "", false
	}
	switch {
	case st.Kind == ir.ListState:
		var list []any
		for _, it := range items {
			list = append(list, it.value)
		}
		return toJSON(list, &types.List{Elem: st.Elem}), true
	case st.Kind == ir.SetState:
		var list []any
		for _, it := range items {
			list = append(list, it.key)
		}
		return toJSON(list, &types.List{Elem: st.Elem}), true
	case st.Value != nil:
		var d dict
		for _, it := range items {
			d = append(d, entry{it.key, it.value})
		}
		return toJSON(d, &types.Map{Key: st.MapKey, Value: st.Value}), true
	}
	return "", false
}
