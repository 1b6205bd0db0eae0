package oracle

import (
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
)

// maxDepth bounds how deep functions may call themselves.
const maxDepth = 10000

// frame is a handler, function or lambda at work. Frames of one handler share
// its effects.
type frame struct {
	m      *machine
	step   *step
	cell   *cell
	locals map[*ir.Local]any
	at     meta
	eff    *effects
	depth  int
	other  *cell // of the other accumulator, in a merge
}

// effects are what a handler has done, kept back until it has succeeded.
type effects struct {
	emits  []emitted
	sends  []message
	shared *cell // the broadcast state
}

// emitted is a record that waits for its handler to succeed.
type emitted struct {
	out  int
	rec  any
	time int64
}

// handle runs the handler of input i for rec.
func (s *step) handle(i int, rec any, at meta) {
	in := plainIns(s.ir.Op)[i]
	s.receive(in, rec, at, func(f *frame) any {
		if in.Key == nil {
			return nil
		}
		return f.apply(in.Key, rec)
	})
}

// receive runs the handler of an input for rec and the key that keyOf gives.
func (s *step) receive(in *ir.In, rec any, at meta, keyOf func(*frame) any) {
	at.mark = s.mark
	var h *ir.Handler
	for _, x := range s.ir.Op.Handlers {
		if x.In == in {
			h = x
		}
	}
	if h == nil {
		return
	}
	var failure *Failure
	var emits []emitted
	func() {
		defer catch(&failure)
		f := &frame{m: s.m, step: s, locals: map[*ir.Local]any{}, at: at}
		key := keyOf(f)
		if h.Param != nil {
			f.locals[h.Param] = rec
		}
		s.m.calling(s.ir.Pos, func() { emits = s.transact(f, key, h) })
	}()
	if failure != nil {
		failure.Record = toJSON(rec, in.Elem)
		s.m.failed(s.ir.OnError, s.failedRecord(rec, in), failure, at)
		return
	}
	s.send(emits, at.mark)
	s.fireOwn()
}

// fireOwn fires what a handler has left due: timers that were set in the past.
func (s *step) fireOwn() {
	for {
		d, ok := earliest(s.due(s.mark))
		if !ok {
			return
		}
		s.fire(d)
	}
}

// failedRecord is the record field of Failed<T>: the record itself where the
// step has one type of input and no timers, JSON text where several types meet.
func (s *step) failedRecord(rec any, in *ir.In) any {
	if to := s.ir.OnError.To; to != nil && failedIsJSON(to.Elem) {
		return jsonText(toJSON(rec, in.Elem))
	}
	return rec
}

// plainIns are the inputs that streams are wired to.
func plainIns(op *ir.Operator) []*ir.In {
	var ins []*ir.In
	for _, in := range op.Ins {
		if in.Kind != ir.Message {
			ins = append(ins, in)
		}
	}
	return ins
}

// transact runs h on a copy of the key's cell and keeps the copy if h succeeds.
func (s *step) transact(f *frame, key any, h *ir.Handler) []emitted {
	text := ""
	if key != nil {
		text = keyText(key, s.ir.Op.Key)
	}
	f.cell = s.cells[text].copy(key)
	f.eff = &effects{shared: s.shared.copy(nil)}
	s.expire(f.cell, f.at)
	s.expire(f.eff.shared, f.at)
	f.run(h.Body)
	if h.In != nil && h.In.Kind == ir.Broadcast {
		s.shared = f.eff.shared // others only read it, and what has ended for one record has not for an earlier one
	}
	s.m.post(f.eff.sends)
	if f.cell.empty() {
		delete(s.cells, text)
	} else {
		s.cells[text] = f.cell
	}
	return f.eff.emits
}

func (c *cell) copy(key any) *cell {
	n := &cell{key: key, values: map[*ir.State]*slot{}, items: map[*ir.State][]*item{}, timers: map[timerID]int64{}}
	if c == nil {
		return n
	}
	for s, v := range c.values {
		w := *v
		n.values[s] = &w
	}
	for s, items := range c.items {
		n.items[s] = copyItems(items)
	}
	for t, at := range c.timers {
		n.timers[t] = at
	}
	return n
}

// empty reports whether nothing would be lost with c.
func (c *cell) empty() bool {
	for _, items := range c.items {
		if len(items) > 0 {
			return false
		}
	}
	return len(c.values) == 0 && len(c.timers) == 0
}

// expire drops what a ttl has ended: write time + ttl ≤ now.
func (s *step) expire(c *cell, at meta) {
	for st, sl := range c.values {
		if s.expired(st, *sl, at) {
			delete(c.values, st)
		}
	}
	for st, items := range c.items {
		var kept []*item
		for _, it := range items {
			if !s.expired(st, it.slot, at) {
				kept = append(kept, it)
			}
		}
		c.items[st] = kept
	}
}

// expired reports whether the ttl of st has ended what a slot holds.
func (s *step) expired(st *ir.State, sl slot, at meta) bool {
	if st.TTL == nil {
		return false
	}
	d := (&frame{m: s.m, step: s, locals: map[*ir.Local]any{}}).eval(st.TTL.For).(int64)
	since := map[ir.TTLAfter]int64{ir.AfterWrite: sl.written, ir.AfterCreate: sl.created, ir.AfterRead: sl.read}[st.TTL.After]
	return since+d <= s.clock(st.TTL, at)
}

// clock is the time that a ttl counts by.
func (s *step) clock(t *ir.TTL, at meta) int64 {
	if t.Processing {
		return s.m.now
	}
	if t.Watermark {
		return at.mark
	}
	return max(at.time, at.mark)
}

// fire runs the handler of a timer that has come.
func (s *step) fire(d due) {
	d.disarm()
	var h *ir.Handler
	for _, x := range s.ir.Op.Handlers {
		if x.Timer == d.id.timer {
			h = x
		}
	}
	if h == nil {
		return
	}
	at := meta{time: d.at, mark: s.mark}
	if s.outlived(d, at) {
		return
	}
	var failure *Failure
	var emits []emitted
	func() {
		defer catch(&failure)
		f := &frame{m: s.m, step: s, locals: map[*ir.Local]any{}, at: at}
		if h.Param != nil {
			f.locals[h.Param] = parseKey(d.id.index, h.Param.Type)
		}
		s.m.calling(s.ir.Pos, func() { emits = s.transact(f, d.cell.key, h) })
	}()
	if failure != nil {
		failure.Record = "null"
		s.m.failed(s.ir.OnError, jsonText("null"), failure, at)
		return
	}
	s.send(emits, at.mark)
}

// outlived reports whether a ttl has ended the entry whose timer has come.
func (s *step) outlived(d due, at meta) bool {
	st := d.id.timer.State
	if st == nil {
		return false
	}
	for _, it := range d.cell.items[st] {
		if keyText(it.key, d.id.timer.IndexType) == d.id.index {
			return s.expired(st, it.slot, at)
		}
	}
	return true
}

// send passes a handler's records on.
func (s *step) send(emits []emitted, mark int64) {
	for _, e := range emits {
		s.m.deliver(s.ir.Outputs[e.out], e.rec, meta{e.time, mark})
	}
}

// fail ends the handler.
func fail(pos source.Pos, reason string) { panic(&Failure{Reason: reason, Pos: pos}) }

// apply calls a lambda.
func (f *frame) apply(l *ir.Lambda, args ...any) any {
	for i, p := range l.Params {
		f.locals[p] = args[i]
	}
	return f.eval(l.Body)
}

// call calls a function.
func (f *frame) call(fn *ir.Func, args []any, pos source.Pos) any {
	if f.depth >= maxDepth {
		fail(pos, "calls nest too deep")
	}
	g := &frame{m: f.m, step: f.step, cell: f.cell, locals: map[*ir.Local]any{}, at: f.at, eff: f.eff, depth: f.depth + 1}
	for i, p := range fn.Params {
		g.locals[p] = args[i]
	}
	w, v := g.block(fn.Body)
	if w == dropped {
		panic(unwound{f, w, nil})
	}
	return v
}
