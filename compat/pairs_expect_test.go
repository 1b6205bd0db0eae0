package compat_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// entry is one saved thing: a value, an element, an entry, a timer, a message.
type entry struct {
	key, sub, of any
	written      value.Timestamp
}

// place is a state, timer or input of a program: of an operator, with the number
// that its records have.
type place struct{ op, number int }

// saved is what a program has saved, by place.
type saved map[place][]entry

func layoutOf(job *schema.Job, at place) *savepoint.Layout {
	l, err := savepoint.LayoutOf(&job.Operators[at.op], at.number)
	must(err)
	return l
}

func numbersOf(op *schema.Operator) int {
	n := len(op.States) + len(op.Timers)
	if op.Messages() != nil {
		n++
	}
	return n
}

// fillState makes saved state for a program.
func (d dice) fillState(job *schema.Job) saved {
	out := saved{}
	for i := range job.Operators {
		op := &job.Operators[i]
		keys := []any{nil} // of a step without a key, which has one state
		if op.Key != nil {
			keys = nil
			for range 4 {
				keys = append(keys, d.value(kindOf(op.Key), 0))
			}
			keys = sortedSet(kindOf(op.Key), keys)
		}
		for n := range numbersOf(op) {
			at := place{i, n}
			l := layoutOf(job, at)
			for _, key := range keys {
				if l.Shared {
					key = nil
				}
				if key == nil && len(out[at]) > 0 || op.Key != nil && d.chance(1, 4) {
					continue
				}
				out[at] = append(out[at], d.entries(l, key)...)
			}
		}
	}
	return out
}

// entries makes what is saved for one key.
func (d dice) entries(l *savepoint.Layout, key any) []entry {
	var out []entry
	one := func(sub any) {
		e := entry{key: key, sub: sub}
		if l.Value != nil {
			e.of = d.value(kindOf(l.Value), 0)
		}
		if l.Written {
			e.written = value.Timestamp(d.IntN(1000))
		}
		out = append(out, e)
	}
	switch {
	case l.Sub == nil:
		one(nil)
	case l.SubName == "index" && !l.Timer && !l.Message:
		for i := range 1 + d.IntN(3) {
			one(int64(i))
		}
	default:
		var subs []any
		for range 1 + d.IntN(3) {
			subs = append(subs, d.value(kindOf(l.Sub), 0))
		}
		for _, s := range sortedSet(kindOf(l.Sub), subs) {
			one(s)
		}
	}
	return out
}

// records are the records of what is saved.
func (s saved) records(job *schema.Job) []stored {
	var out []stored
	for at, list := range s {
		l := layoutOf(job, at)
		for _, e := range list {
			r := stored{job.Operators[at.op].UID, state.Record{State: at.number, Written: e.written}}
			if l.Key != nil {
				r.Key = encode(nil, kindOf(l.Key), e.key)
			}
			if l.Sub != nil {
				r.Sub = encode(nil, kindOf(l.Sub), e.sub)
			}
			if l.Value != nil {
				r.Value = encode(nil, kindOf(l.Value), e.of)
			}
			r.Group = groupOf(job, l.Key, r.Key)
			out = append(out, r)
		}
	}
	sortStored(out)
	return out
}

// expectation is what the rules say about one program after another.
type expectation struct {
	old, new *schema.Job
	made     map[string]string // constants of migrations and merges, by "uid/state" and uid

	verdicts map[string]evolve.Verdict // by "uid/name"
	worst    evolve.Verdict
	misfits  []string // "uid/name" of what has a value that does not fit
	after    saved
	taken    map[place]bool    // of the old program
	met      map[string]string // old key by new one, of keys that the program changes
}

func (x *expectation) judge(name string, v evolve.Verdict) {
	x.verdicts[name] = max(x.verdicts[name], v)
	x.worst = max(x.worst, v)
}

// expect works out what becomes of before.
func expect(old, new *schema.Job, made map[string]string, before saved) *expectation {
	x := &expectation{old: old, new: new, made: made, verdicts: map[string]evolve.Verdict{}, after: saved{}, taken: map[place]bool{}, met: map[string]string{}}
	if old.KeyGroups != new.KeyGroups {
		x.worst = evolve.Migrates
	}
	if old.Sources[0].From != new.Sources[0].From {
		x.worst = evolve.MeaningChanged
	}
	for _, s := range old.Sinks {
		if s.Keeps && !slices.ContainsFunc(new.Sinks, func(n schema.Sink) bool { return n.UID == s.UID }) {
			x.worst = max(x.worst, evolve.Dropped)
		}
	}
	for i := range new.Operators {
		x.step(i, before)
	}
	for i := range old.Operators {
		x.gone(i)
	}
	return x
}

// former is the step that one was, -1 for none.
func (x *expectation) former(op *schema.Operator) int {
	at := func(j *schema.Job, uid string) int {
		return j.OperatorAt(uid)
	}
	if i := at(x.old, op.UID); i >= 0 {
		return i
	}
	for _, was := range op.Was {
		if i := at(x.old, was); i >= 0 && at(x.new, was) < 0 {
			return i
		}
	}
	return -1
}

func (x *expectation) step(i int, before saved) {
	op := &x.new.Operators[i]
	from := x.former(op)
	var old *schema.Operator
	if from >= 0 {
		old = &x.old.Operators[from]
		x.keys(from, i) // also if nothing of it goes on
		if k := x.keys(from, i); k.same && !sameText(inputKey(old), inputKey(op)) {
			x.judge(op.UID+"/", evolve.MeaningChanged)
		}
		for k := range op.Params {
			if old.Params[k].Value != op.Params[k].Value {
				x.judge(op.UID+"/"+op.Params[k].Name, evolve.MeaningChanged)
			}
		}
	}
	for n := range op.States {
		x.state(i, n, from, before)
	}
	for n := range op.Timers {
		x.timer(i, n, from, before)
	}
	x.messages(i, from, before)
}

// inputKey returns the key of the first input that has one.
func inputKey(op *schema.Operator) *schema.Text {
	if keys := inputKeys(op); len(keys) > 0 {
		return keys[0]
	}
	return &schema.Text{}
}

// shareKey reports whether an input of each has the same key, or one of them has none.
func shareKey(old, op *schema.Operator) bool {
	was, is := inputKeys(old), inputKeys(op)
	return len(was) == 0 || len(is) == 0 || slices.ContainsFunc(is, func(now *schema.Text) bool {
		return slices.ContainsFunc(was, func(before *schema.Text) bool { return sameText(before, now) })
	})
}

func inputKeys(op *schema.Operator) (keys []*schema.Text) {
	for _, in := range op.Inputs {
		if in.Key != nil {
			keys = append(keys, in.Key)
		}
	}
	return keys
}

// sameText reports whether two expressions say the same, seen through the renames
// that the new program declares.
func sameText(old, now *schema.Text) bool {
	return old.Now == now.Now || slices.Contains(now.Was, old.Now)
}

// keyChange is what becomes of the keys of a step.
type keyChange struct {
	from    int // step of the old program
	same    bool
	convert func(any) any
}

func (x *expectation) keys(from, to int) keyChange {
	old, op := &x.old.Operators[from], &x.new.Operators[to]
	if old.Key == nil && op.Key == nil {
		return keyChange{from: from, same: true, convert: func(v any) any { return v }}
	}
	c := changeOf(kindOf(old.Key), kindOf(op.Key), nil)
	out := keyChange{from: from, same: c.verdict <= evolve.ReadsAsIs, convert: func(v any) any { n, _ := c.convert(v); return n }}
	again := op.Rekey != nil && evolve.RekeyRepeatable(old) && op.Rekey.By == old.Rekey.By
	of := op.Rekey != nil && changeOf(kindOf(old.Key), kindOf(&op.Rekey.From), nil).verdict <= evolve.ReadsAsIs && !again
	switch {
	case out.same && !of:
		x.judge(op.UID+"/", c.verdict)
		return out
	case op.Rekey != nil && changeOf(kindOf(old.Key), kindOf(&op.Rekey.From), nil).verdict <= evolve.Migrates:
		out.same = false
		c := changeOf(kindOf(old.Key), kindOf(&op.Rekey.From), nil)
		out.convert = func(v any) any { n, _ := c.convert(v); return rekeyed(n, kindOf(op.Key)) }
		x.judge(op.UID+"/", evolve.MigratesChecked)
	default:
		x.judge(op.UID+"/", evolve.Breaks)
	}
	return out
}

// rekeyed is what the rekeys of this test make of a key.
func rekeyed(v any, to *kind) any {
	switch v := v.(type) {
	case int64:
		return strconv.FormatInt(v, 10)
	case string:
		if to.Shape == schema.String {
			return v + "x"
		}
		return int64(len(v))
	}
	return nil
}

// rekeyHook is rekeyed for the restore.
func rekeyHook(dst, old []byte, from, to *schema.Type) []byte {
	n, size := binary.Varint(old)
	if from.Shape == schema.Int {
		return encode(dst, kindOf(to), rekeyed(n, kindOf(to)))
	}
	return encode(dst, kindOf(to), rekeyed(string(old[size:]), kindOf(to)))
}

// find finds a state that a state of the new program was.
func (x *expectation) find(from int, s *schema.State) (place, *schema.State) {
	look := func(op int, name string) (place, *schema.State) {
		for n := range x.old.Operators[op].States {
			if x.old.Operators[op].States[n].Name == name && !x.taken[place{op, n}] {
				return place{op, n}, &x.old.Operators[op].States[n]
			}
		}
		return place{}, nil
	}
	if from >= 0 {
		if at, was := look(from, s.Name); was != nil {
			return at, was
		}
	}
	for _, was := range s.Was {
		op, name := from, was
		if uid, rest, ok := strings.Cut(was, "/"); ok {
			name = rest
			op = x.old.OperatorAt(uid)
		}
		if op < 0 || x.keeps(op, name) {
			continue
		}
		if at, st := look(op, name); st != nil {
			return at, st
		}
	}
	return place{}, nil
}

// keeps reports whether the new program has a state where it was.
func (x *expectation) keeps(op int, name string) bool {
	for i := range x.new.Operators {
		if x.former(&x.new.Operators[i]) == op {
			return slices.ContainsFunc(x.new.Operators[i].States, func(s schema.State) bool { return s.Name == name })
		}
	}
	return false
}

func (x *expectation) state(op, n, from int, before saved) {
	s := &x.new.Operators[op].States[n]
	name := x.new.Operators[op].UID + "/" + s.Name
	at, was := x.find(from, s)
	if was == nil {
		x.judge(name, evolve.StartsEmpty)
		return
	}
	x.taken[at] = true
	if was.Broadcast != s.Broadcast {
		x.judge(name, evolve.Breaks)
		return
	}
	m := &mover{x: x, name: name, old: was, new: s, made: x.made[name]}
	m.judge()
	x.judge(name, m.change.verdict)
	stamp := x.retention(name, op, at.op, from, was, s)
	key := keyChange{same: true, convert: func(v any) any { return v }}
	if !s.Broadcast {
		key = x.keys(at.op, op)
		if at.op != from && key.same && !shareKey(&x.old.Operators[at.op], &x.new.Operators[op]) {
			x.judge(x.new.Operators[op].UID+"/", evolve.MeaningChanged)
		}
	}
	if m.change.verdict == evolve.Breaks || x.verdicts[x.new.Operators[op].UID+"/"] == evolve.Breaks {
		return
	}
	x.move(name, place{op, n}, before[at], key, m.move, stamp)
}

// retention judges how long entries live, and says when they count as written.
func (x *expectation) retention(name string, op, src, from int, was, s *schema.State) func(value.Timestamp) value.Timestamp {
	had, has := was.Retention.After != "", s.Retention.After != ""
	switch {
	case had && !has:
		x.judge(name, evolve.ReadsAsIs)
		return func(value.Timestamp) value.Timestamp { return 0 }
	case has && !had:
		x.judge(name, evolve.Migrates)
		mark := x.markOf(op, src, from)
		if s.Retention.Processing {
			mark = now
		}
		return func(value.Timestamp) value.Timestamp { return mark }
	case had && (was.Retention.After != s.Retention.After || was.Retention.Processing != s.Retention.Processing):
		x.judge(name, evolve.MeaningChanged)
	case had && (was.Retention.TTL != s.Retention.TTL || was.Retention.Watermark != s.Retention.Watermark):
		x.judge(name, evolve.ReadsAsIs)
	}
	return func(t value.Timestamp) value.Timestamp { return t }
}

// markOf is the watermark of a step after the restore: the furthest of all that
// it goes on from.
func (x *expectation) markOf(op, src, from int) value.Timestamp {
	mark := markOf(x.old.Operators[src].UID)
	if from >= 0 {
		mark = max(mark, markOf(x.old.Operators[from].UID))
	}
	for _, s := range x.new.Operators[op].States {
		for _, was := range s.Was {
			uid, name, ok := strings.Cut(was, "/")
			at := x.old.OperatorAt(uid)
			if ok && at >= 0 && !x.keeps(at, name) && slices.ContainsFunc(x.old.Operators[at].States, func(o schema.State) bool { return o.Name == name }) {
				mark = max(mark, markOf(uid))
			}
		}
	}
	return mark
}

// move converts the entries of each key.
func (x *expectation) move(name string, to place, list []entry, key keyChange, convert func([]entry) ([]entry, bool), stamp func(value.Timestamp) value.Timestamp) {
	var keys []any
	byKey := map[string][]entry{}
	for _, e := range list {
		id := fmt.Sprint(e.key)
		if byKey[id] == nil {
			keys = append(keys, e.key)
		}
		byKey[id] = append(byKey[id], e)
	}
	merged := x.made[x.new.Operators[to.op].UID]
	for _, k := range keys {
		out, fits := convert(byKey[fmt.Sprint(k)])
		n := key.convert(k)
		id := fmt.Sprint(n)
		if !fits {
			x.misfits = append(x.misfits, name)
			return
		}
		if !key.same && merged == "" && x.meets(key.from, to.op, id, fmt.Sprint(k)) {
			x.misfits = append(x.misfits, x.new.Operators[to.op].UID+"/")
		}
		for _, e := range out {
			e.key, e.written = n, stamp(e.written)
			x.after[to] = append(x.after[to], e)
		}
		if merged != "" && to.number == 0 {
			x.merge(to, n, merged)
		}
	}
}

// meets reports whether another key of the same step has become the same.
func (x *expectation) meets(from, to int, key, old string) bool {
	at := fmt.Sprint(from, to, key)
	was, ok := x.met[at]
	x.met[at] = old
	return ok && was != old
}

// merge puts the values of a key together, if there are several.
func (x *expectation) merge(to place, key any, merged string) {
	var kept []entry
	var one entry
	several := -1
	for _, e := range x.after[to] {
		if fmt.Sprint(e.key) == fmt.Sprint(key) {
			e.written = max(e.written, one.written)
			one = e
			several++
			continue
		}
		kept = append(kept, e)
	}
	if several < 1 {
		return
	}
	one.of = constant(kindOf(x.new.Operators[to.op].States[to.number].Type), merged)
	x.after[to] = append(kept, one)
}

func (x *expectation) timer(op, n, from int, before saved) {
	o := &x.new.Operators[op]
	t := &o.Timers[n]
	name := o.UID + "/" + t.Name
	at := -1
	if from >= 0 {
		for _, was := range append([]string{t.Name}, t.Was...) {
			i := slices.IndexFunc(x.old.Operators[from].Timers, func(b schema.Timer) bool { return b.Name == was })
			if at < 0 && i >= 0 && !x.taken[place{from, len(x.old.Operators[from].States) + i}] {
				at = i
			}
		}
	}
	if at < 0 {
		x.judge(name, evolve.StartsEmpty)
		return
	}
	was := &x.old.Operators[from].Timers[at]
	src := place{from, len(x.old.Operators[from].States) + at}
	x.taken[src] = true
	if was.Processing != t.Processing || (was.Index == nil) != (t.Index == nil) {
		x.judge(name, evolve.Breaks)
		return
	}
	convert := func(list []entry) ([]entry, bool) { return list, true }
	if t.Index != nil {
		c := changeOf(kindOf(was.Index), kindOf(t.Index), nil)
		x.judge(name, c.and(keysMeet(kindOf(was.Index), kindOf(t.Index))))
		convert = func(list []entry) ([]entry, bool) { return subsTo(list, kindOf(t.Index), c.convert) }
	} else {
		x.judge(name, evolve.Unchanged)
	}
	if x.verdicts[name] == evolve.Breaks || x.verdicts[o.UID+"/"] == evolve.Breaks {
		return
	}
	x.move(name, place{op, len(o.States) + n}, before[src], x.keys(from, op), convert, func(t value.Timestamp) value.Timestamp { return t })
}

// subsTo converts the keys of entries, of which no two may meet.
func subsTo(list []entry, k *kind, convert func(any) (any, bool)) ([]entry, bool) {
	out := slices.Clone(list)
	for i := range out {
		var ok bool
		if out[i].sub, ok = convert(out[i].sub); !ok {
			return nil, false
		}
		for j := range out[:i] {
			if compareValues(k, out[j].sub, out[i].sub) == 0 {
				return nil, false
			}
		}
	}
	return out, true
}

func (x *expectation) messages(op, from int, before saved) {
	o := &x.new.Operators[op]
	in := o.Messages()
	var was *schema.Input
	if from >= 0 {
		was = x.old.Operators[from].Messages()
	}
	switch {
	case in == nil:
		return
	case was == nil:
		if from >= 0 {
			x.judge(o.UID+"/"+in.Name, evolve.StartsEmpty)
		}
		return
	}
	src := place{from, numbersOf(&x.old.Operators[from]) - 1}
	x.taken[src] = true
	name := o.UID + "/" + in.Name
	c := changeOf(kindOf(was.Message), kindOf(in.Message), nil)
	x.judge(name, c.verdict)
	if c.verdict == evolve.Breaks || x.verdicts[o.UID+"/"] == evolve.Breaks {
		return
	}
	convert := func(list []entry) ([]entry, bool) {
		var out []entry
		for _, e := range list {
			waits := e.of.(record)
			m, fits := c.convert(waits[1])
			if !fits {
				return nil, false
			}
			e.of = record{waits[0], m}
			out = append(out, e)
		}
		return out, true
	}
	x.move(name, place{op, numbersOf(o) - 1}, before[src], x.keys(from, op), convert, func(t value.Timestamp) value.Timestamp { return t })
}

// gone judges what nobody has any more.
func (x *expectation) gone(op int) {
	o := &x.old.Operators[op]
	uid := o.UID
	for i := range x.new.Operators {
		if x.former(&x.new.Operators[i]) == op {
			uid = x.new.Operators[i].UID
			break
		}
	}
	for n := range numbersOf(o) {
		if !x.taken[place{op, n}] {
			x.judge(uid+"/"+layoutOf(x.old, place{op, n}).Name, evolve.Dropped)
		}
	}
}
