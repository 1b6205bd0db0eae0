// Package savepoint writes and reads savepoints: directories that hold all state
// of a job and need nothing else.
//
// For each state and timer there is an Avro object container file for each range
// of key groups, sorted by key group, key, and entry; savepoint.json names them
// with their hashes and holds all else: the description of the program's state,
// the positions of its sources, watermarks, and what its sinks have prepared. What
// is in a savepoint decides its bytes: not the parallelism of the job that wrote
// it, nor its backend.
//
// The package does not interpret state; it knows types from the description. All
// its files go through a [vfs.FS].
package savepoint

import (
	"fmt"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// Layout says how the records of one state or timer stand in a file: the key
// group, and behind it those of Key, Sub, Value and the time of the write that
// there are.
type Layout struct {
	UID     string       // of the operator
	Name    string       // of the state, timer or input
	Timer   bool         // it is a timer
	Message bool         // it is the input of messages that wait
	Dynamic bool         // it is dynamic state, whose values are a schema.DynamicValue
	Shared  bool         // it is broadcast state, which all shards have
	Key     *schema.Type // nil in broadcast state and without a key
	Sub     *schema.Type // nil of a value, an aggregate, a plain timer
	SubName string       // "map_key", "index"; "value" for an element of a set, which has no Value
	Value   *schema.Type // nil of a set
	Written bool         // there is a time of the write
}

// LayoutOf returns the layout of the records of an operator with that number, as
// in state.Record. It is nil for a timer that follows entries, which is not
// saved. An error says that the description is broken.
func LayoutOf(op *schema.Operator, number int) (*Layout, error) {
	if number < 0 || number >= numbers(op) {
		return nil, fmt.Errorf("operator %q has no state with the number %d", op.UID, number)
	}
	l := &Layout{UID: op.UID, Key: op.Key}
	timers := len(op.States) + len(op.Timers)
	switch {
	case number < len(op.States):
		l.ofState(&op.States[number])
	case number == timers:
		in := op.Messages()
		l.Name, l.Message, l.Sub, l.SubName, l.Value = in.Name, true, schema.MessageTurn(), "index", in.WaitingMessage()
	default:
		t := &op.Timers[number-len(op.States)]
		if t.Entry != "" {
			return nil, nil
		}
		l.Name, l.Timer, l.Value = t.Name, true, &schema.Type{Shape: schema.Timestamp}
		if t.Index != nil {
			l.Sub, l.SubName = t.Index, "index"
		}
	}
	if err := l.check(); err != nil {
		return nil, fmt.Errorf("%s of operator %q: %w", l.Name, op.UID, err)
	}
	return l, nil
}

// numbers is how many states, timers and inputs of messages an operator has.
func numbers(op *schema.Operator) int {
	n := len(op.States) + len(op.Timers)
	if op.Messages() != nil {
		n++
	}
	return n
}

func (l *Layout) ofState(s *schema.State) {
	l.Name, l.Value, l.Written = s.Name, s.Type, s.Retention.After != ""
	if s.Broadcast {
		l.Shared, l.Key = true, nil
	}
	switch s.Kind {
	case schema.List:
		l.Sub, l.SubName = &schema.Type{Shape: schema.Int}, "index"
	case schema.Map, schema.Sorted:
		l.Sub, l.SubName = s.MapKey, "map_key"
	case schema.Set:
		l.Sub, l.SubName, l.Value = s.Type, "value", nil
	case schema.Dynamic:
		l.Sub, l.SubName, l.Value = &schema.Type{Shape: schema.String}, "map_key", schema.DynamicValue()
		l.Dynamic = true
	case schema.Value, schema.Aggregate:
	}
}

func (l *Layout) check() error {
	for _, t := range []*schema.Type{l.Key, l.Sub} {
		if t != nil {
			if err := avro.CheckKey(t); err != nil {
				return err
			}
		}
	}
	if l.Value == nil && l.SubName == "value" {
		return nil
	}
	return avro.Check(l.Value)
}

// RowType is the layout as a record, of which AppendRow appends a value.
func (l *Layout) RowType() *schema.Type {
	row := &schema.Type{Shape: schema.Record, Name: "Entry", Fields: []schema.Field{{Name: "key_group", Type: schema.Type{Shape: schema.Int32}}}}
	add := func(name string, t *schema.Type) {
		if t != nil {
			row.Fields = append(row.Fields, schema.Field{Name: name, Type: *t})
		}
	}
	add("key", l.Key)
	add(l.SubName, l.Sub)
	add("value", l.Value)
	if l.Written {
		add("written_at", &schema.Type{Shape: schema.Timestamp})
	}
	return row
}

// Schema returns the Avro schema of the files.
func (l *Layout) Schema() (string, error) { return avro.Schema(l.RowType(), "Entry") }

// AppendRow appends a record as it stands in a file.
func (l *Layout) AppendRow(dst []byte, r *state.Record) []byte {
	dst = avro.AppendInt(dst, r.Group)
	dst = append(append(append(dst, r.Key...), r.Sub...), r.Value...)
	if l.Written {
		dst = avro.AppendInt(dst, r.Written)
	}
	return dst
}

// readRow reads a record that stands in a file. Its parts are views of the input.
func (l *Layout) readRow(in *avro.Reader, r *state.Record) {
	r.Group = int(in.Int32())
	r.Key, r.Sub, r.Value, r.Written, r.Gone = nil, nil, nil, 0, state.Present
	if l.Key != nil {
		r.Key = in.Raw(l.Key)
	}
	if l.Sub != nil {
		r.Sub = in.Raw(l.Sub)
	}
	if l.Value != nil {
		r.Value = in.Raw(l.Value)
	}
	if l.Written {
		r.Written = in.Timestamp()
	}
}

// AppendOrder appends the place of a record among those of its state: bytes that
// sort by key group, key, and entry.
func (l *Layout) AppendOrder(dst []byte, r *state.Record) ([]byte, error) {
	dst = append(dst, byte(r.Group>>8), byte(r.Group))
	for _, part := range []struct {
		t     *schema.Type
		bytes []byte
	}{{l.Key, r.Key}, {l.Sub, r.Sub}} {
		if part.t == nil {
			continue
		}
		in := avro.NewReader(part.bytes)
		dst = avro.AppendOrdered(dst, part.t, in)
		if err := in.Close(); err != nil {
			return dst, fmt.Errorf("%s of operator %q: a key that is none: %w", l.Name, l.UID, err)
		}
	}
	return dst, nil
}

// groupOf is the key group of a key, of so many.
func (l *Layout) groupOf(key []byte, groups int) (int, error) {
	if l.Key == nil {
		return 0, nil
	}
	hash, err := avro.HashKey(l.Key, key)
	return value.Group(hash, groups), err
}
