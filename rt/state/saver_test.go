package state_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// everyCell and everyKind are what generated code is for an operator with a state
// of every kind.
type everyCell struct {
	state.Head

	hasN  bool
	n     int64
	nAt   value.Timestamp
	items state.List[string]
	m     state.Map[int64, string]
	set   state.Set[string]
	ended state.TTLMap[string, int64]
	log   state.TTLList[int64]
	few   state.FewMap[int64, string]
	idle  state.Timer
	close state.WholeTimers
}

type everyShared struct {
	rates state.Map[string, int64]
}

type everyKind struct {
	journal *state.Journal
	cells   *state.Strings[everyCell]
	saver   *state.Saver
	due     *state.Queue
	m       *state.Maps[int64, string]
	set     *state.Maps[string, struct{}]
	ended   *state.TTLMaps[string, int64]
	log     *state.TTLLists[int64]
	few     *state.FewMaps[int64, string]
	close   *state.WholeFamilies[int64]
	rates   *state.Maps[string, int64]
	shared  everyShared
	waiting state.Waiting[everyMessage]
}

type everyMessage struct {
	key string
	n   int64
}

const (
	stateN = iota
	stateItems
	stateM
	stateSet
	stateEnded
	stateLog
	stateFew
	stateRates
	timerIdle
	timerClose
	messages
)

func newEveryKind() *everyKind {
	j := state.NewJournal()
	cells := state.NewStrings[everyCell]()
	due := state.NewQueue(cells)
	ttl := state.TTL{For: 50, After: state.AfterWrite}
	return &everyKind{
		journal: j, cells: cells, due: due,
		saver: state.NewSaver(cells, 128, true),
		m:     state.NewMaps[int64, string](j, state.Ordered[int64]()),
		set:   state.NewMaps[string, struct{}](j, state.Ordered[string]()),
		ended: state.NewTTLMaps[string, int64](j, state.Ordered[string](), ttl),
		log:   state.NewTTLLists[int64](j, ttl),
		few:   state.NewFewMaps[int64, string](j, state.Ordered[int64]()),
		close: state.NewWholeFamilies[int64](j, due, timerClose-timerIdle),
		rates: state.NewMaps[string, int64](j, state.Ordered[string]()),
	}
}

func (s *everyKind) SaveKey(w *state.Saver, id uint32) {
	key := s.cells.Key(id)
	w.Key(avro.AppendString(w.Begin(value.HashString(key)), key))
}

func (s *everyKind) SaveCell(w *state.Saver, id uint32) {
	c := s.cells.Cell(id)
	if w.Has(stateN, c.hasN) {
		w.Put(avro.AppendInt(w.Room(), c.n), c.nAt)
	}
	state.SaveList(w, stateItems, &c.items, avro.AppendString)
	s.m.Save(w, stateM, &c.m, avro.AppendInt, avro.AppendString)
	s.set.Save(w, stateSet, &c.set, avro.AppendString, nil)
	s.ended.Save(w, stateEnded, &c.ended, avro.AppendString, avro.AppendInt)
	s.log.Save(w, stateLog, &c.log, avro.AppendInt)
	s.few.Save(w, stateFew, &c.few, avro.AppendInt, avro.AppendString)
	w.SaveTimer(timerIdle, &c.idle)
	s.close.Save(w, timerClose, &c.close)
}

func (s *everyKind) SaveShared(w *state.Saver) {
	s.rates.Save(w, stateRates, &s.shared.rates, avro.AppendString, avro.AppendInt)
}

func (s *everyKind) SaveMessages(w *state.Saver) {
	s.waiting.Save(w, messages,
		func(b []byte, m *everyMessage) []byte { return avro.AppendString(b, m.key) },
		func(b []byte, m *everyMessage) []byte { return avro.AppendInt(b, m.n) })
}

func (s *everyKind) Restore(r *state.Record) error {
	if r.State == messages && r.Gone != state.KeyGone {
		key := s.saver.Read(r.Key).Text()
		return s.waiting.Restore(s.saver, r, value.HashString(key), func(in *avro.Reader, _ value.Timestamp) everyMessage {
			return everyMessage{key, in.Int()}
		})
	}
	if r.State == stateRates && r.Gone != state.KeyGone {
		return s.rates.Restore(s.saver, r, &s.shared.rates, (*avro.Reader).Text, (*avro.Reader).Int)
	}
	id, same := s.saver.Same(r)
	if !same {
		key := s.saver.Read(r.Key).View()
		if err := s.saver.CloseKey(); err != nil {
			return err
		}
		id, _ = s.cells.At(value.HashString(key), key)
		s.saver.Found(r, id)
	}
	if r.Gone == state.KeyGone {
		s.cells.Remove(id)
		s.saver.Forget()
		return nil
	}
	c := s.cells.Cell(id)
	switch r.State {
	case stateN:
		c.hasN, c.n, c.nAt = false, 0, 0
		if r.Gone == state.Present {
			c.hasN, c.n, c.nAt = true, s.saver.Read(r.Value).Int(), r.Written
		}
		return nil
	case stateItems:
		return state.RestoreList(s.saver, r, &c.items, (*avro.Reader).Text)
	case stateM:
		return s.m.Restore(s.saver, r, &c.m, (*avro.Reader).Int, (*avro.Reader).Text)
	case stateSet:
		return s.set.Restore(s.saver, r, &c.set, (*avro.Reader).Text, nil)
	case stateEnded:
		return s.ended.Restore(s.saver, r, &c.ended, (*avro.Reader).Text, (*avro.Reader).Int)
	case stateLog:
		return s.log.Restore(s.saver, r, &c.log, (*avro.Reader).Int)
	case stateFew:
		return s.few.Restore(s.saver, r, &c.few, (*avro.Reader).Int, (*avro.Reader).Text)
	case timerIdle:
		return s.saver.RestoreTimer(r, s.due, &c.idle, id, 0)
	case timerClose:
		return s.close.Restore(s.saver, r, &c.close, id, (*avro.Reader).Int)
	}
	return state.ErrNoSuchState
}

// step is a handler that does something at random, and may be undone.
func (s *everyKind) step(random *rand.Rand, now value.Timestamp) {
	key := fmt.Sprintf("k%d", random.IntN(12))
	id, cell := s.cells.At(value.HashString(key), key)
	if s.cells.Owes(id) {
		s.saver.Give(s, id)
	}
	if random.IntN(4) == 0 {
		s.waiting.Add(now+1+value.Timestamp(random.IntN(20)), now, value.HashString(key), everyMessage{key, int64(now)})
	}
	c := *cell
	s.ended.Begin(&c.ended, now, now)
	s.log.Begin(&c.log, now, now)
	for range 1 + random.IntN(4) {
		s.change(random, &c, id, now)
	}
	if random.IntN(8) == 0 {
		s.journal.Rollback()
		s.keep(id, cell)
		return
	}
	s.keep(id, &c)
	s.journal.Commit()
}

func (s *everyKind) change(random *rand.Rand, c *everyCell, id uint32, now value.Timestamp) {
	n := int64(random.IntN(200))
	text := fmt.Sprintf("v%d", n%40)
	switch random.IntN(28) {
	case 0:
		*c = everyCell{idle: c.idle, close: c.close}
		s.due.Cancel(&c.idle)
		s.close.Clear(&c.close)
	case 1:
		c.hasN, c.n = false, 0
	case 2, 3:
		c.hasN, c.n, c.nAt = true, n, now
	case 4:
		c.items.Clear()
	case 5, 6:
		c.items.Append(text)
	case 7:
		s.m.Clear(&c.m)
	case 8, 9, 10:
		s.m.Put(&c.m, n, text)
	case 11:
		s.m.Remove(&c.m, n)
	case 12:
		s.m.RemoveBefore(&c.m, n/4)
	case 13:
		s.set.Put(&c.set, text, struct{}{})
	case 14:
		s.set.Remove(&c.set, text)
	case 15, 16:
		s.ended.Put(&c.ended, text, n)
	case 17:
		s.log.Append(&c.log, n)
	case 18:
		s.due.Set(&c.idle, id, 0, now+value.Timestamp(n))
	case 19:
		s.close.Set(&c.close, id, n%5, now+value.Timestamp(n))
	case 20:
		s.close.Cancel(&c.close, id, n%5)
	case 21:
		s.log.Clear(&c.log)
	case 22, 23:
		s.few.Put(&c.few, n%3, text)
	case 24, 25, 26:
		s.few.Remove(&c.few, n%3)
	case 27:
		s.few.Clear(&c.few)
	}
}

func (s *everyKind) keep(id uint32, c *everyCell) {
	if !c.hasN && c.items.Empty() && c.m.Empty() && c.set.Empty() && c.ended.Empty() && c.log.Empty() && c.few.Empty() && !c.idle.IsSet() && c.close.Empty() {
		s.m.Recycle(&c.m)
		s.set.Recycle(&c.set)
		s.few.Recycle(&c.few)
		s.cells.Remove(id)
		return
	}
	s.cells.Put(id, c)
}

// fire lets timers fire that are due.
func (s *everyKind) fire(now value.Timestamp) {
	for s.waiting.Next() <= now {
		s.waiting.Pop()
	}
	for s.due.Next() <= now {
		e := s.due.Pop()
		cell := s.cells.Cell(e.ID)
		if s.cells.Owes(e.ID) {
			s.saver.Give(s, e.ID)
		}
		fired := false
		if e.Timer == 0 {
			fired = s.due.Fires(&cell.idle, e)
		} else {
			_, fired = s.close.Fires(&cell.close, e)
		}
		if fired {
			c := *cell
			s.keep(e.ID, &c)
			s.journal.Commit()
		}
	}
}

// change of the shared state.
func (s *everyKind) broadcast(random *rand.Rand) {
	if s.saver.OwesShared() {
		s.saver.GiveShared(s)
	}
	rate := fmt.Sprintf("r%d", random.IntN(30))
	if random.IntN(3) == 0 {
		s.rates.Remove(&s.shared.rates, rate)
	} else {
		s.rates.Put(&s.shared.rates, rate, int64(random.IntN(9)))
	}
	s.journal.Commit()
}

// contents is what a snapshot says, by "state/key/sub"; sub is "" for what is one.
type contents map[string]string

func (m contents) apply(r *state.Record) {
	switch at := fmt.Sprintf("%d/%x/", r.State, r.Key); r.Gone {
	case state.Present:
		m[at+fmt.Sprintf("%x", r.Sub)] = fmt.Sprintf("%x@%d", r.Value, r.Written)
	case state.EntryGone:
		delete(m, at+fmt.Sprintf("%x", r.Sub))
	case state.AllGone:
		for k := range m {
			if len(k) > len(at) && k[:len(at)] == at || k == at {
				delete(m, k)
			}
		}
	case state.KeyGone:
		for s := range timerClose + 1 {
			m.apply(&state.Record{State: s, Key: r.Key, Gone: state.AllGone})
		}
	}
}

// all is what the operator holds.
func (s *everyKind) all() contents {
	m := contents{}
	w := s.saver.Copy(s)
	for !w.Next(100, m.apply) {
	}
	return m
}

// TestSnapshots cuts snapshots at random moments, writes them while handlers go
// on, drops some, and holds what they add up to against what was there at each
// cut; and restores each.
func TestSnapshots(t *testing.T) {
	t.Parallel()
	s := newEveryKind()
	random := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		s.step(random, 0)
		s.broadcast(random)
	}
	if n := len(s.all()); n < 100 {
		t.Fatalf("500 steps leave %d records: too few to test anything", n)
	}
	for seed := range uint64(100) {
		if !t.Run(fmt.Sprint(seed), func(t *testing.T) { checkSnapshots(t, seed) }) {
			return
		}
	}
}

func checkSnapshots(t *testing.T, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	s := newEveryKind()
	now := value.Timestamp(0)
	run := func(n int) {
		for range n {
			now += value.Timestamp(random.IntN(6))
			s.fire(now)
			if random.IntN(5) == 0 {
				s.broadcast(random)
			}
			s.step(random, now)
		}
	}
	chain := contents{}
	restored := newEveryKind()
	started := random.IntN(2) == 0
	if started {
		s.saver.Track(s)
	}
	for cut := range 12 {
		run(random.IntN(60))
		want := s.all()
		copies, all := (cut > 0 || started) && random.IntN(4) == 0, cut == 0 && !started || random.IntN(6) == 0
		var snapshot state.Snapshot
		if copies {
			snapshot = s.saver.Copy(s)
		} else {
			snapshot = s.saver.Cut(s, all)
		}
		var records []state.Record
		take := func(r *state.Record) {
			c := *r
			c.Key, c.Sub, c.Value = append([]byte(nil), r.Key...), append([]byte(nil), r.Sub...), append([]byte(nil), r.Value...)
			records = append(records, c)
		}
		drop := random.IntN(4) == 0
		stop := random.IntN(20)
		for i := 0; !snapshot.Next(random.IntN(80), take) && !(drop && i == stop); i++ {
			run(random.IntN(4))
		}
		if drop {
			if random.IntN(2) == 0 {
				run(3)
			}
			snapshot.Drop()
			continue
		}
		got, to := chain, restored
		if copies || all {
			got, to = contents{}, newEveryKind()
		}
		for i := range records {
			if copies || all {
				if records[i].Gone != state.Present {
					t.Fatalf("cut %d: a snapshot of all takes something away: %+v", cut, records[i])
				}
			}
			got.apply(&records[i])
			if err := to.Restore(&records[i]); err != nil {
				t.Fatalf("cut %d: %+v: %v", cut, records[i], err)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("cut %d, copy %v, all %v (-at the cut +the snapshots):\n%s", cut, copies, all, diff)
		}
		to.waiting.Settle()
		if diff := cmp.Diff(want, to.all()); diff != "" {
			t.Fatalf("cut %d, copy %v, all %v (-at the cut +restored):\n%s", cut, copies, all, diff)
		}
		if !copies {
			chain, restored = got, to
		}
		if !copies && random.IntN(3) == 0 {
			s = restored // go on from the restored one
			s.saver.Track(s)
			restored = newEveryKind()
			for _, r := range copied(s) {
				if err := restored.Restore(&r); err != nil {
					t.Fatal(err)
				}
			}
			restored.waiting.Settle()
		}
	}
}

func copied(s *everyKind) []state.Record {
	var records []state.Record
	w := s.saver.Copy(s)
	for !w.Next(100, func(r *state.Record) {
		c := *r
		c.Key, c.Sub, c.Value = append([]byte(nil), r.Key...), append([]byte(nil), r.Sub...), append([]byte(nil), r.Value...)
		records = append(records, c)
	}) {
	}
	return records
}

// TestAdoptWhole holds that all of a cell is given once any of it has changed, if a store
// has it elsewhere: whether the cell as it was has been moved meanwhile or not.
func TestAdoptWhole(t *testing.T) {
	t.Parallel()
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 2))
		was, s := newEveryKind(), newEveryKind()
		for range 200 {
			was.step(random, 0)
		}
		s.saver.Track(s)
		moved, given := contents{}, contents{}
		for _, r := range copied(was) {
			if r.State == messages {
				continue
			}
			moved.apply(&r)
			if err := s.Restore(&r); err != nil {
				t.Fatal(err)
			}
		}
		for id := range s.cells.IDs() {
			s.saver.AdoptWhole(s, id)
		}
		for range random.IntN(20) {
			s.step(random, 0)
		}
		want := s.all()
		keys := map[string]bool{}
		snapshot := s.saver.Cut(s, false)
		for !snapshot.Next(100, func(r *state.Record) {
			if r.State == messages {
				return
			}
			keys[fmt.Sprintf("%x", r.Key)] = true
			moved.apply(r)
			given.apply(r)
		}) {
		}
		of := func(m contents) contents {
			m = maps.Clone(m)
			maps.DeleteFunc(m, func(at, _ string) bool {
				part := strings.Split(at, "/")
				return part[0] == fmt.Sprint(messages) || !keys[part[1]]
			})
			return m
		}
		if diff := cmp.Diff(of(want), of(moved)); diff != "" {
			t.Fatalf("seed %d (-there +stored over what has moved):\n%s", seed, diff)
		}
		if diff := cmp.Diff(of(want), of(given)); diff != "" {
			t.Fatalf("seed %d (-there +stored):\n%s", seed, diff)
		}
	}
}
