package sim_test

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// The state of the operators under test, saved the plainest way: each cell is one
// value, and changes are found by a comparison with what was saved last.

var visitsJob = schema.Job{Operators: []schema.Operator{
	{UID: "users", Key: &schema.Type{Shape: schema.String}, States: []schema.State{{Name: "cell", Kind: schema.Value, Type: &schema.Type{Shape: schema.Bytes}}}},
	{UID: "regions", Key: &schema.Type{Shape: schema.String}, States: []schema.State{{Name: "cell", Kind: schema.Value, Type: &schema.Type{Shape: schema.Bytes}}}},
}}

// saved is what snapshots know of an operator's cells.
type saved struct{ last map[string]cellRecord }

type cellRecord struct {
	group int
	value string
}

// cut is a snapshot of the cells as they are now.
func (s *saved) cut(all bool, now map[string]cellRecord) state.Snapshot {
	snapshot := &savedSnapshot{of: s, before: s.last}
	var changed, gone []string
	for key, c := range now {
		if all || s.last[key] != c {
			changed = append(changed, key)
		}
	}
	for key := range s.last {
		if _, there := now[key]; !there && !all {
			gone = append(gone, key)
		}
	}
	slices.Sort(changed)
	slices.Sort(gone)
	for _, key := range changed {
		snapshot.list = append(snapshot.list, state.Record{Group: now[key].group, Key: savedText(key), Value: savedText(now[key].value)})
	}
	for _, key := range gone {
		snapshot.list = append(snapshot.list, state.Record{Group: s.last[key].group, Key: savedText(key), Gone: state.EntryGone})
	}
	s.last = now
	return snapshot
}

// savedText is a string or bytes as Avro has it.
func savedText(s string) []byte { return append(binary.AppendVarint(nil, int64(len(s))), s...) }

func savedString(b []byte) string {
	_, n := binary.Varint(b)
	return string(b[n:])
}

type savedSnapshot struct {
	of     *saved
	before map[string]cellRecord
	list   []state.Record
}

// Next gives two records at a time, so that the job goes on meanwhile.
func (s *savedSnapshot) Next(_ int, emit func(*state.Record)) bool {
	n := min(2, len(s.list))
	for i := range s.list[:n] {
		emit(&s.list[i])
	}
	s.list = s.list[n:]
	return len(s.list) == 0
}

func (s *savedSnapshot) Drop() { s.of.last, s.list = s.before, nil }

func (o *users) cellsNow() map[string]cellRecord {
	now := map[string]cellRecord{}
	for id := range o.cells.IDs() {
		c := o.cells.Cell(id)
		text := binary.AppendVarint(nil, c.visits)
		text = binary.AppendVarint(text, int64(c.end.Get().V))
		key := strings.Clone(o.cells.Key(id))
		now[key] = cellRecord{value.Group(value.HashString(key), schema.DefaultKeyGroups), string(text)}
	}
	return now
}

func (o *users) Track()                      { o.last = o.cellsNow() }
func (o *users) Cut(all bool) state.Snapshot { return o.cut(all, o.cellsNow()) }
func (o *users) Copy() state.Snapshot        { return (&saved{}).cut(true, o.cellsNow()) }

func (o *users) Restore(r *state.Record) error {
	key := savedString(r.Key)
	id, c := o.cells.At(value.HashString(key), key)
	if r.Gone == state.EntryGone {
		o.due.Cancel(&c.end)
		o.cells.Remove(id)
		return nil
	}
	text := []byte(savedString(r.Value))
	visits, n := binary.Varint(text)
	end, _ := binary.Varint(text[n:])
	c.visits = visits
	o.due.Set(&c.end, id, 0, value.Timestamp(end))
	return nil
}

func (o *users) Restored(mark value.Timestamp) error { o.mark = mark; return nil }

func (o *regions) cellsNow() map[string]cellRecord {
	now := map[string]cellRecord{}
	for id := range o.cells.IDs() {
		c := o.cells.Cell(id)
		text := fmt.Sprintf("%d %d %d %d %d", int64(c.start), c.sessions, c.visits, c.late, c.users)
		key := o.cells.Key(id)
		now[fmt.Sprint(key)] = cellRecord{value.Group(value.HashInt(key), schema.DefaultKeyGroups), text}
	}
	return now
}

func (o *regions) Track()                      { o.last = o.cellsNow() }
func (o *regions) Cut(all bool) state.Snapshot { return o.cut(all, o.cellsNow()) }
func (o *regions) Copy() state.Snapshot        { return (&saved{}).cut(true, o.cellsNow()) }

func (o *regions) Restore(r *state.Record) error {
	var key int64
	if _, err := fmt.Sscan(savedString(r.Key), &key); err != nil {
		return err
	}
	id, c := o.cells.At(value.HashInt(key), key)
	if r.Gone == state.EntryGone {
		o.due.Cancel(&c.end)
		o.cells.Remove(id)
		return nil
	}
	var start int64
	if _, err := fmt.Sscan(savedString(r.Value), &start, &c.sessions, &c.visits, &c.late, &c.users); err != nil {
		return err
	}
	c.start = value.Timestamp(start)
	o.due.Set(&c.end, id, 0, c.start+window)
	return nil
}

func (o *regions) Restored(mark value.Timestamp) error { o.mark = mark; return nil }
