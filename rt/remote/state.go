package remote

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/dynamic"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// The states of a step, in their order. Names of values are made by the function,
// so they are dynamic state.
const (
	valuesState  = iota // map of names to values
	endsState           // map of names to when a value ends
	pendingState        // sorted by number: what has not been answered
	delayedState        // sorted by number: messages that wait
)

// valuesName is what the first of them is called.
const valuesName = "values"

// cell is all that one address holds.
type cell struct {
	state.Head

	values  state.Map[string, typed]
	ends    state.Map[string, value.Timestamp]
	pending state.Map[int64, pendingCall]
	delayed state.Map[int64, delayedMessage]
}

func (c *cell) empty() bool {
	return c.values.Empty() && c.pending.Empty() && c.delayed.Empty()
}

// typed is a value that is there.
type typed struct {
	name string // of its type
	data []byte
}

// pendingCall is an invocation that has not been answered.
type pendingCall struct {
	callerType, callerID string // "" if it comes from a stream
	argument             TypedValue
	time                 value.Timestamp
}

// delayedMessage is a message that waits.
type delayedMessage struct {
	due          value.Timestamp
	token        string // "" if it cannot be cancelled
	toType, toID string
	argument     TypedValue
	time         value.Timestamp // of what has sent it
}

// scalars are the types of single values, as they are shown in savepoints.
var scalars = map[string]schema.TypeName{
	TypeBool: schema.Bool, TypeInt: schema.Int32, TypeLong: schema.Int, TypeFloat: schema.Float32, TypeDouble: schema.Float, TypeString: schema.String,
}

// packTyped appends a value as dynamic state is saved: single values as what they
// are, all else as JSON if it is, or else as bytes. The type keeps its name.
func packTyped(b []byte, v typed) []byte {
	t := schema.Type{Shape: scalars[v.name], Name: v.name}
	var data []byte
	var err error
	switch t.Shape {
	case schema.Bool:
		var x bool
		x, err = ReadBool(v.data)
		data = avro.AppendBool(nil, x)
	case schema.Int32:
		var x int32
		x, err = ReadInt32(v.data)
		data = avro.AppendInt(nil, x)
	case schema.Int:
		var x int64
		x, err = ReadInt(v.data)
		data = avro.AppendInt(nil, x)
	case schema.Float32:
		var x float32
		x, err = ReadFloat32(v.data)
		data = avro.AppendFloat32(nil, x)
	case schema.Float:
		var x float64
		x, err = ReadFloat(v.data)
		data = avro.AppendFloat(nil, x)
	case schema.String:
		var x string
		x, err = ReadString(v.data)
		data = avro.AppendString(nil, x)
	default:
		t.Shape = schema.Bytes
		if utf8.Valid(v.data) && json.Valid(v.data) {
			t.Shape = schema.JSON
		}
		data = avro.AppendBytes(nil, v.data)
	}
	if err != nil {
		t.Shape, data = schema.Bytes, avro.AppendBytes(nil, v.data)
	}
	return dynamic.Pack(b, dynamic.Value{Schema: dynamic.Describe(&t), Data: data})
}

// unpackTyped reads a value that was saved.
func unpackTyped(r *avro.Reader) typed {
	saved := dynamic.Unpack(r)
	t, err := dynamic.Parse(saved.Schema)
	if err != nil {
		r.Fail("%s", err)
		return typed{}
	}
	in := avro.NewReader(saved.Data)
	v := typed{name: t.Name}
	switch t.Shape {
	case schema.Bool:
		v.data = AppendBool(nil, in.Bool())
	case schema.Int32:
		v.data = AppendInt32(nil, in.Int32())
	case schema.Int:
		v.data = AppendInt(nil, in.Int())
	case schema.Float32:
		v.data = AppendFloat32(nil, in.Float32())
	case schema.Float:
		v.data = AppendFloat(nil, in.Float())
	case schema.String:
		v.data = AppendString(nil, in.Text())
	case schema.Bytes, schema.JSON:
		v.data = in.Bytes()
	default:
		in.Fail("a remote function has no value of type %s", t)
	}
	if err := in.Close(); err != nil {
		r.Fail("%s", err)
	}
	return v
}

func packArgument(b []byte, v *TypedValue) []byte {
	return avro.AppendBytes(avro.AppendBool(avro.AppendString(b, v.Type), v.Has), v.Value)
}

func unpackArgument(r *avro.Reader) TypedValue {
	return TypedValue{Type: r.Text(), Has: r.Bool(), Value: r.Bytes()}
}

func packPending(b []byte, p pendingCall) []byte {
	b = packArgument(avro.AppendString(avro.AppendString(b, p.callerType), p.callerID), &p.argument)
	return avro.AppendInt(b, p.time)
}

func unpackPending(r *avro.Reader) pendingCall {
	return pendingCall{callerType: r.Text(), callerID: r.Text(), argument: unpackArgument(r), time: r.Timestamp()}
}

func packDelayed(b []byte, d delayedMessage) []byte {
	b = avro.AppendString(avro.AppendInt(b, d.due), d.token)
	b = packArgument(avro.AppendString(avro.AppendString(b, d.toType), d.toID), &d.argument)
	return avro.AppendInt(b, d.time)
}

func unpackDelayed(r *avro.Reader) delayedMessage {
	return delayedMessage{due: r.Timestamp(), token: r.Text(), toType: r.Text(), toID: r.Text(), argument: unpackArgument(r), time: r.Timestamp()}
}

// SaveKey tells what the key of an id is.
func (f *Function) SaveKey(w *state.Saver, id uint32) {
	key := f.cells.Key(id)
	w.Key(avro.AppendString(w.Begin(value.HashString(key)), key))
}

// SaveCell gives what the cell of an id holds.
func (f *Function) SaveCell(w *state.Saver, id uint32) {
	c := f.cells.Cell(id)
	f.values.Save(w, valuesState, &c.values, avro.AppendString[string], packTyped)
	f.ends.Save(w, endsState, &c.ends, avro.AppendString[string], avro.AppendInt[value.Timestamp])
	f.pending.Save(w, pendingState, &c.pending, avro.AppendInt[int64], packPending)
	f.delayed.Save(w, delayedState, &c.delayed, avro.AppendInt[int64], packDelayed)
}

// SaveShared gives nothing: all state has a key.
func (f *Function) SaveShared(*state.Saver) {}

// Track begins to note changes.
func (f *Function) Track() { f.saver.Track(f) }

// Cut begins a snapshot of all or of what has changed.
func (f *Function) Cut(all bool) state.Snapshot { return f.saver.Cut(f, all) }

// Copy begins a snapshot of all that ends no epoch.
func (f *Function) Copy() state.Snapshot { return f.saver.Copy(f) }

// Restore puts a record of a snapshot back.
func (f *Function) Restore(r *state.Record) error {
	id, same := f.saver.Same(r)
	if !same {
		key := f.saver.Read(r.Key).View()
		if err := f.saver.CloseKey(); err != nil {
			return err
		}
		id, _ = f.cells.At(value.HashString(key), key)
		f.saver.Found(r, id)
	}
	if r.Gone == state.KeyGone {
		f.cells.Remove(id)
		f.saver.Forget()
		return nil
	}
	c := f.cells.Cell(id)
	switch r.State {
	case valuesState:
		return f.values.Restore(f.saver, r, &c.values, (*avro.Reader).Text, unpackTyped)
	case endsState:
		return f.ends.Restore(f.saver, r, &c.ends, (*avro.Reader).Text, (*avro.Reader).Timestamp)
	case pendingState:
		return f.pending.Restore(f.saver, r, &c.pending, (*avro.Reader).Int, unpackPending)
	case delayedState:
		return f.delayed.Restore(f.saver, r, &c.delayed, (*avro.Reader).Int, unpackDelayed)
	default:
		return state.ErrNoSuchState
	}
}

// Restored ends a restore: what has not been answered is sent again.
func (f *Function) Restored(mark value.Timestamp) error {
	f.mark = mark
	for id := range f.cells.IDs() {
		c := f.cells.Cell(id)
		for n, d := range f.delayed.All(&c.delayed) {
			f.wait(id, n, d.due)
		}
		for n := range f.pending.All(&c.pending) {
			f.add(id, mark, rt.Lease{})
			f.live[id].next = n + 1
		}
	}
	f.journal.Commit()
	return nil
}
