package state_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// inRows is what generated code is for an operator whose snapshots are of rows.
type inRows struct {
	cells *state.Strings[rowCell]
	saver *state.Saver
	due   *state.Queue
}

type rowCell struct {
	state.Head

	hasN    bool
	n       int64
	hasText bool
	text    string
	textAt  value.Timestamp
	idle    state.Timer
}

const allOfRow = 1<<0 | 1<<1 | 1<<2

func newInRows() *inRows {
	cells := state.NewStrings[rowCell]()
	return &inRows{cells: cells, due: state.NewQueue(cells), saver: state.NewSaver(cells, 128, true)}
}

func (s *inRows) SaveKey(w *state.Saver, id uint32) {
	key := s.cells.Key(id)
	w.Key(avro.AppendString(w.Begin(value.HashString(key)), key))
}

func (s *inRows) SaveCell(w *state.Saver, id uint32) {
	c := s.cells.Cell(id)
	has := uint32(0)
	if c.hasN {
		has |= 1 << 0
	}
	if c.hasText {
		has |= 1 << 1
	}
	if c.idle.IsSet() {
		has |= 1 << 2
	}
	if !w.Row(has, allOfRow, 1<<1) {
		return
	}
	if c.hasN {
		w.FieldInt(c.n)
	}
	if c.hasText {
		w.FieldAt(avro.AppendString(w.Open(), c.text), c.textAt)
	}
	if c.idle.IsSet() {
		w.TimerField(&c.idle)
	}
	w.EndRow()
}

func (s *inRows) SaveShared(*state.Saver) {}

func (s *inRows) Restore(r *state.Record) error {
	id, same := s.saver.Same(r)
	if !same {
		key := s.saver.Read(r.Key).View()
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
	case 0:
		if c.hasN, c.n = r.Gone == state.Present, 0; c.hasN {
			c.n = s.saver.Read(r.Value).Int()
		}
	case 1:
		if c.hasText, c.text, c.textAt = r.Gone == state.Present, "", 0; c.hasText {
			c.text, c.textAt = s.saver.Read(r.Value).Text(), r.Written
		}
	case 2:
		return s.saver.RestoreTimer(r, s.due, &c.idle, id, 0)
	}
	return nil
}

func (s *inRows) RestoreRows(rows []state.Row) error {
	hashes, err := s.saver.Texts(rows)
	if err != nil {
		return err
	}
	s.cells.TouchRows(hashes)
	for i := range rows {
		r := &rows[i]
		id, c := s.cells.AtRow(r)
		s.saver.RestoreRow(r, s.cells.Know(id))
		if r.Has&(1<<0) != 0 {
			c.n, c.hasN = s.saver.NextInt(), true
		}
		if r.Has&(1<<1) != 0 {
			c.text, c.hasText = s.saver.NextField().Text(), true
			c.textAt = s.saver.FieldTime(r, 1<<1)
		}
		if r.Has&(1<<2) != 0 {
			if err := s.saver.RestoreTimerField(s.due, &c.idle, id, 0); err != nil {
				return err
			}
		}
		if r.Gone&(1<<0) != 0 {
			c.n, c.hasN = 0, false
		}
		if r.Gone&(1<<1) != 0 {
			c.text, c.hasText = "", false
		}
		if r.Gone&(1<<2) != 0 {
			s.due.Cancel(&c.idle)
		}
		if err := s.saver.CloseRow(); err != nil {
			return err
		}
	}
	return nil
}

// step is a handler that does something at random.
func (s *inRows) step(random *rand.Rand, now value.Timestamp) {
	key := fmt.Sprintf("k%d", random.IntN(40))
	id, cell := s.cells.At(value.HashString(key), key)
	if s.cells.Owes(id) {
		s.saver.Give(s, id)
	}
	c := *cell
	switch random.IntN(7) {
	case 0:
		c.hasN, c.n = false, 0
	case 1, 2:
		c.hasN, c.n = true, random.Int64()>>random.IntN(64)
	case 3:
		c.hasText, c.text = false, ""
	case 4, 5:
		c.hasText, c.text, c.textAt = true, strings.Repeat("x", random.IntN(300)), now
	case 6:
		s.due.Set(&c.idle, id, 0, now+value.Timestamp(random.IntN(50)))
	}
	s.keep(id, &c)
	for s.due.Next() <= now {
		e := s.due.Pop()
		cell := s.cells.Cell(e.ID)
		if s.cells.Owes(e.ID) {
			s.saver.Give(s, e.ID)
		}
		if s.due.Fires(&cell.idle, e) {
			c := *cell
			s.keep(e.ID, &c)
		}
	}
}

func (s *inRows) keep(id uint32, c *rowCell) {
	if !c.hasN && !c.hasText && !c.idle.IsSet() {
		s.cells.Remove(id)
		return
	}
	s.cells.Put(id, c)
}

func (s *inRows) all() contents {
	m := contents{}
	for w := s.saver.Copy(s); !w.Next(100, m.apply); {
	}
	return m
}

// TestRows cuts snapshots at random moments, writes them as rows or gives them as
// records while handlers go on, drops some, and restores what is left, from rows and
// from the records that they stand for.
func TestRows(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		checkRows(t, rand.New(rand.NewPCG(seed, 7)))
	}
}

func checkRows(t *testing.T, random *rand.Rand) {
	t.Helper()
	s, now := newInRows(), value.Timestamp(0)
	s.saver.Track(s)
	run := func(n int) {
		for range n {
			now += value.Timestamp(random.IntN(6))
			s.step(random, now)
		}
	}
	byRow, byRecord := newInRows(), newInRows()
	for cut := range 12 {
		run(random.IntN(80))
		want := s.all()
		all := random.IntN(6) == 0
		snapshot := s.saver.Cut(s, all)
		if all {
			byRow, byRecord = newInRows(), newInRows()
		}
		var section state.Encoder
		drop := random.IntN(4) == 0
		stop, encodes := random.IntN(20), random.IntN(2) == 0
		for i := 0; !drop || i < stop; i++ {
			done := false
			if encodes {
				done = snapshot.(state.Encoding).Encode(random.IntN(80), &section)
			} else {
				done = snapshot.Next(random.IntN(80), section.Add)
			}
			if done {
				break
			}
			run(random.IntN(4))
		}
		if drop {
			snapshot.Drop()
			continue
		}
		data := section.Take()
		seen := map[string]bool{}
		restore := func(rows []state.Row) error {
			for i := range rows {
				rows[i].First = all
				if key := string(rows[i].Key); all && seen[key] {
					t.Fatalf("cut %d of all has two rows of key %q", cut, key)
				} else {
					seen[key] = true
				}
			}
			return byRow.RestoreRows(rows)
		}
		if err := state.DecodeRows(data, restore, byRow.Restore); err != nil {
			t.Fatalf("cut %d: %v", cut, err)
		}
		if err := state.DecodeAhead(data, func([]state.Record) {}, byRecord.Restore); err != nil {
			t.Fatalf("cut %d: %v", cut, err)
		}
		for how, restored := range map[string]*inRows{"rows": byRow, "records": byRecord} {
			if diff := cmp.Diff(want, restored.all()); diff != "" {
				t.Fatalf("cut %d, all %v (-at the cut +restored by %s):\n%s", cut, all, how, diff)
			}
		}
		if random.IntN(3) == 0 { // go on from the restored one
			s = byRow
			s.saver.Track(s)
			run(random.IntN(5))
			byRow, byRecord = newInRows(), newInRows()
			for _, to := range []*inRows{byRow, byRecord} {
				to.cells.Reserve(random.IntN(3000))
				var base state.Encoder
				for w := s.saver.Copy(s).(state.Encoding); !w.Encode(1000, &base); {
				}
				if err := state.DecodeRows(base.Take(), to.RestoreRows, to.Restore); err != nil {
					t.Fatal(err)
				}
			}
			snapshot := s.saver.Cut(s, false)
			for !snapshot.Next(1000, func(*state.Record) {}) {
			}
		}
	}
}

// TestRowsOfAllLengths reads rows whose numbers take one byte and more, alone and cut off
// at each byte.
func TestRowsOfAllLengths(t *testing.T) {
	t.Parallel()
	lengths := []int{0, 1, 127, 128, 300}
	for _, group := range []int{0, 127, 128, 256, 16383, 16384, 65535} {
		for _, has := range []uint32{0, 1, 127, 128, 1<<state.RowStates - 1} {
			for _, key := range lengths {
				for _, fields := range lengths {
					want := state.Row{
						Group: group, Has: has, Key: bytes.Repeat([]byte{0x85}, key), Fields: bytes.Repeat([]byte{1}, fields),
					}
					checkRow(t, want)
				}
			}
		}
	}
}

func checkRow(t *testing.T, want state.Row) {
	t.Helper()
	var e state.Encoder
	e.AddRow(&want)
	section := e.Take()
	var got []state.Row
	read := func(section []byte) error {
		got = nil
		return state.DecodeRows(section, func(rows []state.Row) error {
			got = append(got, rows...)
			return nil
		}, func(*state.Record) error { return nil })
	}
	if err := read(section); err != nil || len(got) != 1 {
		t.Fatalf("group %d, has %d: %d rows, %v", want.Group, want.Has, len(got), err)
	}
	if diff := cmp.Diff(want, got[0], cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("the row is another (-want +got):\n%s", diff)
	}
	for n := 1; n < len(section); n++ {
		if err := read(section[:n:n]); err == nil {
			t.Fatalf("group %d, has %d: %d of %d bytes are a row", want.Group, want.Has, n, len(section))
		}
	}
}

// TestTexts reads keys that are strings of all kinds, and bytes that are none.
func TestTexts(t *testing.T) {
	t.Parallel()
	keys := []string{"", "k", strings.Repeat("k", 63), strings.Repeat("k", 64), strings.Repeat("k", 300), "schlüssel", "\x00"}
	rows := make([]state.Row, len(keys))
	for i, key := range keys {
		rows[i].Key = avro.AppendString(nil, key)
	}
	s := newInRows()
	hashes, err := s.saver.Texts(rows)
	if err != nil || len(hashes) != len(keys) {
		t.Fatalf("%d hashes of %d keys, %v", len(hashes), len(keys), err)
	}
	for i, key := range keys {
		if hash := value.HashString(key); rows[i].Text != key || rows[i].Hash != hash || hashes[i] != hash {
			t.Errorf("key %q is %q with the hashes %x and %x; want %x", key, rows[i].Text, rows[i].Hash, hashes[i], hash)
		}
	}
	for _, none := range []string{"", "\x02", "\x02kk", "\x04k", "\x03k", "\x02\xff", "\x81\x00", "\x00k"} {
		if _, err := s.saver.Texts([]state.Row{{Key: []byte(none)}}); err == nil {
			t.Errorf("%q is a key", none)
		}
	}
}

// FuzzDecode: bytes that are no records are an error, and never a panic.
func FuzzDecode(f *testing.F) {
	var e state.Encoder
	e.Add(&state.Record{State: 1, Group: 700, Key: []byte("k"), Sub: []byte("s"), Value: []byte("v"), Written: -5})
	e.Add(&state.Record{State: 2, Group: 700, Key: []byte("k"), Gone: state.KeyGone})
	e.AddRow(&state.Row{Group: 700, Key: []byte("k"), Has: 5, Gone: 2, Timed: 4, Fields: []byte{1, 'v', 1, 'w', 7}})
	f.Add(e.Take())
	f.Fuzz(func(t *testing.T, section []byte) {
		var again state.Encoder
		whole := state.Decode(section, func(r *state.Record) error {
			again.Add(r)
			return nil
		})
		var rows state.Encoder
		inRows := state.DecodeRows(section, func(lot []state.Row) error {
			for i := range lot {
				rows.AddRow(&lot[i])
			}
			return nil
		}, func(r *state.Record) error {
			rows.Add(r)
			return nil
		})
		if whole != nil {
			return
		}
		if inRows != nil {
			t.Fatalf("records can be decoded, and rows cannot: %v", inRows)
		}
		for _, section := range [][]byte{again.Take(), rows.Take()} {
			if err := state.Decode(section, func(*state.Record) error { return nil }); err != nil {
				t.Errorf("what was encoded cannot be decoded: %v", err)
			}
		}
	})
}
