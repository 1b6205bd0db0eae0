package statetest

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// counterShape is that of the operator counter.
var counterShape = state.Shape{Operator: 1, States: 3, Clock: []bool{false}, Maps: []bool{false, true, true, false}}

// singleShape is that of the operator counter without the map of a key.
var singleShape = state.Shape{Operator: 2, States: 3, Clock: []bool{false}, Maps: []bool{false, false, true, false}, Rows: true}

// counter is an operator as generated code has them: it counts, keeps a map whose
// entries have timers, some of which take their entry out, and forgets a key that its
// timer finds idle. What it has of all keys is when those of some remainders came last.
// Without the map of a key a key is a row.
type counter struct {
	single  bool // a key has a number instead of its map
	saver   *state.Saver
	cells   *state.Ints[cell]
	journal *state.Journal
	seen    *state.Maps[int64, int64]
	last    state.Map[int64, int64]
	ends    *state.Families[int64]
	due     *state.Queue
	fired   []string
}

type cell struct {
	state.Head

	n    int64
	last int64 // time of the last record of an even number; 0: none
	seen state.Map[int64, int64]
	idle state.Timer
	ends state.Timers[int64]
}

// ends is when the timer of an entry is due that was written at a time: a long time
// after it, together with many others.
func ends(written value.Timestamp) value.Timestamp {
	const every = 60
	return (written/every + 3) * every
}

func newCounter() *counter {
	c := &counter{cells: state.NewInts[cell](), journal: state.NewJournal()}
	c.seen = state.NewMaps[int64, int64](c.journal, state.Ordered[int64]())
	c.due = state.NewQueue(c.cells)
	c.ends = state.NewEntryTimers(c.journal, c.due, 1, state.Ordered[int64]())
	c.saver = state.NewSaver(c.cells, groups, true)
	return c
}

// newSingle returns a counter whose keys are rows.
func newSingle() *counter {
	c := newCounter()
	c.single = true
	return c
}

// add handles a record of a key.
func (c *counter) add(key int64, at value.Timestamp) {
	id, cell := c.cells.At(value.HashInt(key), key)
	if c.cells.Owes(id) {
		c.saver.Give(c, id)
	}
	if key%9 == 0 {
		if c.saver.OwesShared() {
			c.saver.GiveShared(c)
		}
		c.seen.Put(&c.last, key%90, int64(at))
	}
	next := *cell
	next.n++
	if c.single {
		next.last = int64(at) * (1 - next.n%2)
	} else {
		c.note(id, &next, at)
	}
	c.due.Set(&next.idle, id, 0, at+100)
	c.cells.Put(id, &next)
	c.journal.Commit()
}

// note puts the record into the map.
func (c *counter) note(id uint32, next *cell, at value.Timestamp) {
	c.seen.Put(&next.seen, next.n%5, int64(at))
	c.ends.Set(&next.ends, id, next.n%5, ends(at))
	if next.n%7 == 0 {
		c.seen.Remove(&next.seen, next.n%3)
		c.ends.Cancel(&next.ends, id, next.n%3)
	}
}

// advance fires timers.
func (c *counter) advance(mark value.Timestamp) {
	for c.due.Due(mark) {
		e := c.due.Pop()
		cell := c.cells.Cell(e.ID)
		if c.cells.Owes(e.ID) {
			c.saver.Give(c, e.ID)
		}
		if e.Timer == 1 {
			c.end(e, cell)
			continue
		}
		if !c.due.Fires(&cell.idle, e) {
			continue
		}
		c.fired = append(c.fired, fmt.Sprintf("%d %d %d %v", e.At, c.cells.Key(e.ID), cell.n, maps.Collect(c.seen.All(&cell.seen))))
		if cell.n%4 == 0 {
			next := *cell // one of four stays, without a timer
			c.cells.Put(e.ID, &next)
			continue
		}
		c.cells.Remove(e.ID)
	}
}

// end fires the timer of an entry: one of three stays, without a timer.
func (c *counter) end(e state.Entry, cell *cell) {
	i, due := c.ends.Fires(&cell.ends, e)
	if !due {
		return
	}
	c.fired = append(c.fired, fmt.Sprintf("%d %d ends %d", e.At, c.cells.Key(e.ID), i))
	next := *cell
	if i%3 != 0 {
		c.seen.Remove(&next.seen, i)
	}
	c.cells.Put(e.ID, &next)
	c.journal.Commit()
}

// rearm arms the timers of a key's entries that are due after a time.
func (c *counter) rearm(id uint32, mark, _ value.Timestamp, _ bool) {
	cell := c.cells.Cell(id)
	for i, at := range c.seen.All(&cell.seen) {
		if at := ends(value.Timestamp(at)); at > mark {
			c.ends.Set(&cell.ends, id, i, at)
		}
	}
	c.journal.Commit()
}

func (c *counter) SaveKey(w *state.Saver, id uint32) {
	key := c.cells.Key(id)
	w.Key(avro.AppendInt(w.Begin(value.HashInt(key)), key))
}

func (c *counter) SaveCell(w *state.Saver, id uint32) {
	cell := c.cells.Cell(id)
	if c.single {
		c.saveRow(w, cell)
		return
	}
	if w.Has(0, true) {
		w.Put(avro.AppendInt(w.Room(), cell.n), 0)
	}
	c.seen.Save(w, 1, &cell.seen, avro.AppendInt, avro.AppendInt)
	w.SaveTimer(3, &cell.idle)
}

func (c *counter) SaveShared(w *state.Saver) {
	c.seen.Save(w, 2, &c.last, avro.AppendInt, avro.AppendInt)
}

// saveRow gives a cell as a row.
func (c *counter) saveRow(w *state.Saver, cell *cell) {
	has := uint32(1)
	if cell.last != 0 {
		has |= 2
	}
	if cell.idle.IsSet() {
		has |= 8
	}
	if !w.Row(has, 1|2|8, 2) {
		return
	}
	w.FieldInt(cell.n)
	if cell.last != 0 {
		w.FieldAt(avro.AppendInt(w.Open(), cell.last), value.Timestamp(cell.n))
	}
	if cell.idle.IsSet() {
		w.TimerField(&cell.idle)
	}
	w.EndRow()
}

func (c *counter) SaveMessages(*state.Saver)      {}
func (c *counter) Track()                         { c.saver.Track(c) }
func (c *counter) Cut(all bool) state.Snapshot    { return c.saver.Cut(c, all) }
func (c *counter) Copy() state.Snapshot           { return c.saver.Copy(c) }
func (c *counter) Restored(value.Timestamp) error { return nil }

func (c *counter) Restore(r *state.Record) error {
	if r.State == 2 {
		return c.seen.Restore(c.saver, r, &c.last, (*avro.Reader).Int, (*avro.Reader).Int)
	}
	id, same := c.saver.Same(r)
	if !same {
		key := c.saver.Read(r.Key).Int()
		if err := c.saver.CloseKey(); err != nil {
			return err
		}
		id, _ = c.cells.At(value.HashInt(key), key)
		c.saver.Found(r, id)
	}
	if r.Gone == state.KeyGone {
		c.cells.Remove(id)
		c.saver.Forget()
		return nil
	}
	cell := c.cells.Cell(id)
	switch r.State {
	case 0:
		cell.n = c.saver.Read(r.Value).Int()
		return c.saver.CloseValue()
	case 1:
		if c.single {
			if cell.last = 0; r.Gone == state.Present {
				cell.last = c.saver.Read(r.Value).Int()
			}
			return c.saver.CloseValue()
		}
		return c.seen.Restore(c.saver, r, &cell.seen, (*avro.Reader).Int, (*avro.Reader).Int)
	case 3:
		return c.saver.RestoreTimer(r, c.due, &cell.idle, id, 0)
	default:
		return state.ErrNoSuchState
	}
}

func (c *counter) Spill(o state.SpillOptions) *state.Spill {
	timers := state.SpillTimers{Due: c.due, Rearm: c.rearm, First: func(id uint32) (due, clock value.Timestamp) {
		cell := c.cells.Cell(id)
		return min(cell.idle.First(), cell.ends.First()), state.Never
	}}
	if c.single {
		timers.Rearm = nil
	}
	return state.NewSpill(c, c.saver, o, timers)
}

// spilled runs an operator in memory and one most of whose cells lie in a store,
// with snapshots now and then that are given, given up or read whole, and holds
// what they do and what they give against each other. The latter begins anew now and
// then from what is stored, after restart if that is not nil. make makes the operator.
func spilled(t *testing.T, make func() *counter, store state.Store, restart func(), seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 2))
	plain, spilled := make(), make()
	plain.Track()
	o := state.SpillOptions{Store: store, Room: 20_000, Fail: func(err error) { t.Error(err) }}
	sp := spilled.Spill(o)
	log := known{} // what the snapshots of changes have given
	var now, mark value.Timestamp
	var cut state.Snapshot
	for step := range 400 {
		for range rng.IntN(40) {
			now += value.Timestamp(rng.IntN(3))
			key := rng.Int64N(2000)
			if rng.IntN(2) == 0 {
				key = int64(step) // some are hot for a while
			}
			plain.add(key, now)
			spilled.add(key, now)
		}
		if rng.IntN(3) == 0 {
			mark = now
			plain.advance(mark)
			spilled.advance(mark)
		}
		sp.Tick(mark, now)
		if cut == nil && rng.IntN(4) == 0 {
			cut = sp.Cut(false)
		}
		if cut != nil && cut.Next(500, log.apply) {
			cut = nil
		}
		if rng.IntN(60) == 0 && cut == nil {
			dropped := sp.Cut(rng.IntN(2) == 0)
			dropped.Next(300, func(*state.Record) {})
			dropped.Drop()
		}
		if restart != nil && rng.IntN(30) == 0 {
			if cut != nil {
				log.drain(cut)
				cut = nil
			}
			log.drain(sp.Cut(false))
			sp.Cut(false).Drop() // when the one before is stored
			restart()
			fired := spilled.fired
			spilled = make()
			spilled.fired = fired
			sp = spilled.Spill(o)
			if err := cmp.Or(sp.Reopen(func(int) bool { return true }), sp.Restored(mark)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if cut != nil {
		log.drain(cut)
	}
	log.drain(sp.Cut(false))
	all, whole := known{}, known{}
	all.drain(sp.Cut(true))
	whole.drain(plain.Cut(true))
	whole.compare(t, "the snapshot of all", all)
	whole.compare(t, "the snapshots of changes", log)
	sp.Tick(mark, now)
	if n, most := spilled.cells.Len(), 20_000/sp.CellSize(); n > most+most/16+1 {
		t.Errorf("%d cells are in memory at the end, and %d have room", n, most)
	}
	plain.advance(value.MaxTime)
	spilled.advance(value.MaxTime)
	want(t, "timers", spilled.fired, plain.fired...)
}

// known is records by key, state and sub.
type known map[string]string

func (k known) drain(s state.Snapshot) {
	for !s.Next(1000, k.apply) {
	}
}

// apply adds a record, or takes away.
func (k known) apply(r *state.Record) {
	key := fmt.Sprintf("%d %q ", r.Group, r.Key)
	of := key + fmt.Sprintf("%d ", r.State)
	prefix := map[state.Gone]string{state.AllGone: of, state.KeyGone: key}[r.Gone]
	switch {
	case prefix != "":
		maps.DeleteFunc(k, func(name, _ string) bool { return strings.HasPrefix(name, prefix) })
	case r.Gone == state.EntryGone:
		delete(k, of+string(r.Sub))
	default:
		k[of+string(r.Sub)] = fmt.Sprintf("%x %d", r.Value, r.Written)
	}
}

// compare reports the first few differences.
func (k known) compare(t *testing.T, what string, got known) {
	t.Helper()
	n := 0
	for _, name := range slices.Sorted(maps.Keys(k)) {
		if got[name] != k[name] && n < 5 {
			n++
			t.Errorf("%s: %q is %q, want %q", what, name, got[name], k[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, ok := k[name]; !ok && n < 5 {
			n++
			t.Errorf("%s: %q is there, and should not be", what, name)
		}
	}
}
