package state

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/value"
)

// What comes and goes again and again must take no more room and time than what there is
// at once.

// churned is an operator whose keys have a map, a map whose entries end, and a timer.
type churned struct {
	cells   *Ints[churnedCell]
	journal *Journal
	m       *Maps[int64, int64]
	ended   *TTLMaps[int64, int64]
	due     *Queue
	saver   *Saver
}

type churnedCell struct {
	Head
	m     Map[int64, int64]
	ended TTLMap[int64, int64]
	idle  Timer
}

func newChurned(order Order[int64]) *churned {
	s := &churned{cells: NewInts[churnedCell](), journal: NewJournal()}
	s.m = NewMaps[int64, int64](s.journal, order)
	s.ended = NewTTLMaps[int64, int64](s.journal, order, TTL{For: 1 << 40})
	s.due = NewQueue(s.cells)
	s.saver = NewSaver(s.cells, 4, true)
	return s
}

func (s *churned) SaveKey(w *Saver, id uint32) {
	key := s.cells.Key(id)
	w.Key(avro.AppendInt(w.Begin(value.HashInt(key)), key))
}

func (s *churned) SaveCell(w *Saver, id uint32) {
	c := s.cells.Cell(id)
	s.m.Save(w, 0, &c.m, avro.AppendInt, avro.AppendInt)
	s.ended.Save(w, 1, &c.ended, avro.AppendInt, avro.AppendInt)
}

func (s *churned) SaveShared(*Saver) {}

// handle runs a handler of a key, which keeps it if it is not empty.
func (s *churned) handle(key int64, now value.Timestamp, run func(id uint32, c *churnedCell)) {
	id, cell := s.cells.At(value.HashInt(key), key)
	c := *cell
	s.ended.Begin(&c.ended, now, now)
	run(id, &c)
	if c.m.Empty() && c.ended.Empty() && !c.idle.IsSet() {
		s.cells.Remove(id)
	} else {
		s.cells.Put(id, &c)
	}
	s.journal.Commit()
}

// TestChangedEntriesThatComeAndGo: entries of a map that snapshots have, no two of which
// are the same, come and go, and what has changed is not sorted again for each.
func TestChangedEntriesThatComeAndGo(t *testing.T) {
	t.Parallel()
	const entries = 20_000
	compared := 0
	s := newChurned(OrderedBy(func(a, b int64) int {
		compared++
		return cmp.Compare(a, b)
	}))
	s.saver.Track(s)
	s.handle(1, 0, func(_ uint32, c *churnedCell) { s.m.Put(&c.m, -1, 1) })
	snapshot := func() (records int) {
		cut := s.saver.Cut(s, false)
		for !cut.Next(1<<20, func(*Record) { records++ }) {
		}
		return records
	}
	snapshot()
	compared = 0
	for i := range int64(entries) {
		s.handle(1, 0, func(_ uint32, c *churnedCell) {
			s.m.Put(&c.m, i, 1)
			s.m.Remove(&c.m, i)
		})
	}
	if most := entries * 200; compared > most {
		t.Errorf("%d entries that come and go take %d comparisons of keys, more than %d", entries, compared, most)
	}
	if n := snapshot(); n != entries {
		t.Errorf("a snapshot has %d records of %d entries that have come and gone", n, entries)
	}
}

// TestEndedEntriesThatComeAndGo: what tells when the entries of a map end knows of no more
// of them than there are, also where they are removed long before they would end, and
// those that there are end at their time.
func TestEndedEntriesThatComeAndGo(t *testing.T) {
	t.Parallel()
	s := newChurned(Ordered[int64]())
	s.handle(1, 0, func(_ uint32, c *churnedCell) { s.ended.Put(&c.ended, -1, 1) })
	var now value.Timestamp
	for i := range int64(20_000) {
		now += 1 << 24
		s.handle(1, now, func(_ uint32, c *churnedCell) {
			s.ended.Put(&c.ended, i, 1)
			if i%16 > 0 {
				s.ended.Remove(&c.ended, i-1)
			}
		})
		b := s.cells.Cell(0).ended.body
		if most := 8*b.entries.Len() + 256; cap(b.due) > most {
			t.Fatalf("%d entries have room for the times of %d", b.entries.Len(), cap(b.due))
		}
	}
	n := s.cells.Cell(0).ended.Len()
	if n < 1000 {
		t.Fatalf("%d entries are left: too few to test anything", n)
	}
	end := now + 1<<40
	s.handle(1, end-1, func(uint32, *churnedCell) {})
	if got := s.cells.Cell(0).ended.Len(); got == 0 || got == n {
		t.Errorf("of %d entries %d are left a moment before the last one ends", n, got)
	}
	s.handle(1, end, func(uint32, *churnedCell) {})
	if got := s.cells.Len(); got != 0 {
		t.Errorf("the key is there when all of its entries have ended")
	}
}

// TestTimersOfKeysThatComeAndGo: keys that are gone long before their timers take no room
// until then, and those that stay have theirs fire, in order.
func TestTimersOfKeysThatComeAndGo(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	s := newChurned(Ordered[int64]())
	model := map[int64]value.Timestamp{}
	var now value.Timestamp
	fire := func(upTo value.Timestamp) {
		var got, want []string
		for s.due.Due(upTo) {
			e := s.due.Pop()
			if s.due.Fires(&s.cells.Cell(e.ID).idle, e) {
				got = append(got, fmt.Sprint(e.At, s.cells.Key(e.ID)))
				s.cells.Remove(e.ID)
			}
		}
		var keys []int64
		for key, at := range model {
			if at <= upTo {
				keys = append(keys, key)
			}
		}
		slices.SortFunc(keys, func(a, b int64) int { return cmp.Or(cmp.Compare(model[a], model[b]), cmp.Compare(a, b)) })
		for _, key := range keys {
			want = append(want, fmt.Sprint(model[key], key))
			delete(model, key)
		}
		if d := gocmp.Diff(want, got); d != "" {
			t.Fatalf("timers up to %d (-want +got):\n%s", upTo, d)
		}
	}
	for i := range int64(200_000) {
		now += value.Timestamp(random.IntN(3))
		at := now + value.Timestamp(random.IntN(1<<random.IntN(24)))
		s.handle(i, now, func(id uint32, c *churnedCell) {
			s.due.Set(&c.idle, id, 0, at)
			model[i] = at
		})
		if gone := i - 3; gone%16 > 0 {
			s.handle(gone, now, func(_ uint32, c *churnedCell) { *c = churnedCell{} })
			delete(model, gone)
		}
		if random.IntN(20_000) == 0 {
			fire(now)
		}
		if most := 4*len(model) + 2*manyEntries; s.due.Len() > most || int(s.cells.ids) > 2*most {
			t.Fatalf("%d keys have %d timers and room for %d keys", len(model), s.due.Len(), s.cells.ids)
		}
	}
	fire(value.MaxTime)
}

// TestCellsOfAStoreThatComeAndGo: a table whose cells a store has lists those that have
// been put, and no more of them than there are where keys come and go.
func TestCellsOfAStoreThatComeAndGo(t *testing.T) {
	t.Parallel()
	s := newChurned(Ordered[int64]())
	s.cells.onMiss(func(uint32) bool { return false })
	s.saver.Track(s)
	put := func(_ uint32, c *churnedCell) { s.m.Put(&c.m, 1, 1) }
	for range 2 {
		for i := range int64(50_000) {
			s.handle(i, 0, put)
			if i%100 > 0 {
				s.handle(i, 0, func(_ uint32, c *churnedCell) { *c = churnedCell{} })
			}
			if most := 2*s.cells.Len() + 2*slabSize; s.cells.dirty() > most {
				t.Fatalf("%d keys are listed as %d that have been put", s.cells.Len(), s.cells.dirty())
			}
		}
		given := map[string]bool{}
		cut := s.saver.Cut(s, false)
		for !cut.Next(1<<20, func(r *Record) { given[string(r.Key)] = true }) {
		}
		if len(given) != s.cells.Len() {
			t.Errorf("a snapshot has %d of %d keys", len(given), s.cells.Len())
		}
	}
}

// TestMapThatEmpties: a map that was large takes no more room than a small one when most
// of its entries are gone, and has the others.
func TestMapThatEmpties(t *testing.T) {
	t.Parallel()
	s := newChurned(Ordered[int64]())
	s.saver.Track(s)
	var m Map[int64, int64]
	for round := range int64(2) {
		for i := range int64(50_000) {
			s.m.Put(&m, i, i+round)
		}
		s.journal.Commit()
		for i := range int64(50_000) {
			if i%500 > 0 {
				s.m.Remove(&m, i)
			}
		}
		if round == 0 {
			s.journal.Rollback()
			if m.Len() != 50_000 {
				t.Fatalf("%d entries of 50000 come back", m.Len())
			}
			continue
		}
		s.journal.Commit()
	}
	for i := range int64(50_000) {
		if got, want := s.m.Get(&m, i), i%500 == 0; got.OK != want || want && got.V != i+1 {
			t.Fatalf("entry %d is %v", i, got)
		}
	}
	if n := m.Len(); len(m.tree.slots) > 32*n || cap(m.tree.chunks[0].keys) > 32*n {
		t.Errorf("%d entries have %d slots and room for %d", n, len(m.tree.slots), cap(m.tree.chunks[0].keys))
	}
}
