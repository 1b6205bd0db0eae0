package savepoint

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// Filter says which records are wanted. The zero Filter is all.
type Filter struct {
	UID    string // "" is every operator
	State  string // "" is every state and timer
	Key    string // "" is every key; else one, as text: see ParseKey
	Prefix string // of keys that are strings
	From   string // the first key, as text; "" is no border
	To     string // the key after the last, as text
}

// States lists the layouts of the states that a filter wants, with their
// operators and numbers, in the order of the description.
func (s *Savepoint) States(f *Filter) ([]Selected, error) {
	var list []Selected
	for i := range s.Job.Operators {
		op := &s.Job.Operators[i]
		if f.UID != "" && f.UID != op.UID {
			continue
		}
		for n := range numbers(op) {
			l, err := LayoutOf(op, n)
			if err != nil {
				return nil, err
			}
			if l != nil && (f.State == "" || f.State == l.Name) {
				list = append(list, Selected{Layout: l, Operator: i, Number: n})
			}
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: no state %s", s.dir, f.what())
	}
	return list, nil
}

func (f *Filter) what() string {
	switch {
	case f.UID == "" && f.State == "":
		return "at all"
	case f.UID == "":
		return fmt.Sprintf("is called %q", f.State)
	case f.State == "":
		return fmt.Sprintf("has the uid %q", f.UID)
	}
	return fmt.Sprintf("is called %q at the uid %q", f.State, f.UID)
}

// Selected is a state or timer of a savepoint.
type Selected struct {
	*Layout
	Operator int
	Number   int
}

// ParseKey reads a key as text: JSON, or the text itself where a type is written
// as a JSON string.
func ParseKey(t *schema.Type, text string) ([]byte, error) {
	switch t.Shape {
	case schema.String, schema.UUID, schema.Date, schema.Timestamp, schema.Duration, schema.Enum, schema.Bytes:
		if b, err := avro.FromJSON(nil, t, wire.AppendString(nil, text)); err == nil {
			return b, nil
		}
	default:
	}
	if !json.Valid([]byte(text)) {
		return avro.FromJSON(nil, t, wire.AppendString(nil, text))
	}
	return avro.FromJSON(nil, t, []byte(text))
}

// bounds is a filter's keys in the order of one state.
type bounds struct {
	key, from, to []byte // canonical; nil is none
	prefix        []byte
	group         int    // of key; -1 if there is none
	none          bool   // no record has one of them
	all           bool   // each record has
	ordered       []byte // the key that was asked about last
}

// boundsOf reads the keys of a filter. A state whose keys are not of that kind has
// none that fit.
func (f *Filter) boundsOf(l *Layout, groups int) (b bounds) {
	b.group, b.all = -1, f.Key == "" && f.Prefix == "" && f.From == "" && f.To == ""
	ordered := func(text string) []byte {
		if text == "" || b.none {
			return nil
		}
		if l.Key == nil {
			b.none = true
			return nil
		}
		key, err := ParseKey(l.Key, text)
		if err != nil {
			b.none = true
			return nil
		}
		if text == f.Key {
			b.group, _ = l.groupOf(key, groups)
		}
		return avro.AppendOrdered(nil, l.Key, avro.NewReader(key))
	}
	b.key, b.from, b.to = ordered(f.Key), ordered(f.From), ordered(f.To)
	if f.Prefix != "" {
		if l.Key == nil || l.Key.Shape != schema.String {
			b.none = true
		}
		b.prefix = value.AppendStringKey(nil, f.Prefix)
		b.prefix = b.prefix[:len(b.prefix)-2] // what ends it
	}
	return b
}

// wants reports whether the record of a state has a key that is wanted.
func (b *bounds) wants(l *Layout, r *state.Record) bool {
	if b.all {
		return true
	}
	key := b.ordered[:0]
	if l.Key != nil {
		key = avro.AppendOrdered(key, l.Key, avro.NewReader(r.Key))
	}
	b.ordered = key
	return (b.key == nil || bytes.Equal(key, b.key)) && bytes.HasPrefix(key, b.prefix) &&
		(b.from == nil || bytes.Compare(key, b.from) >= 0) && (b.to == nil || bytes.Compare(key, b.to) < 0)
}

// Scan gives the records that a filter wants, state by state, each sorted by key
// group, key, and entry. A record is good until each returns.
func (s *Savepoint) Scan(f *Filter, each func(Selected, *state.Record) error) error {
	states, err := s.States(f)
	if err != nil {
		return err
	}
	for _, st := range states {
		b := f.boundsOf(st.Layout, s.KeyGroups)
		if b.none {
			continue
		}
		for i, p := range s.parts {
			if p.operator != st.Operator || p.number != st.Number || b.group >= 0 && (b.group < s.Files[i].First || b.group > s.Files[i].Last) {
				continue
			}
			err := s.read(i, func(r *state.Record) error {
				if !b.wants(st.Layout, r) {
					return nil
				}
				return each(st, r)
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// AppendJSON appends a record as the row of JSON that commands print:
// {"uid","state","key","value"}, with "map_key" or "index", "type" of what is
// dynamic, and "written_at" of what has a ttl. The key is null in broadcast state.
func (l *Layout) AppendJSON(dst []byte, r *state.Record) ([]byte, error) {
	dst = wire.AppendString(append(dst, `{"uid":`...), l.UID)
	dst = wire.AppendString(append(dst, `,"state":`...), l.Name)
	dst = append(dst, `,"key":`...)
	if l.Key == nil {
		dst = append(dst, "null"...)
	}
	var err error
	part := func(name string, t *schema.Type, b []byte) {
		if t == nil || err != nil {
			return
		}
		if name != "" {
			dst = append(append(append(dst, `,"`...), name...), `":`...)
		}
		in := avro.NewReader(b)
		dst = avro.AppendJSON(dst, t, in)
		err = in.Close()
	}
	part("", l.Key, r.Key)
	part(l.SubName, l.Sub, r.Sub)
	if l.Dynamic {
		dst, err = appendDynamic(dst, r.Value)
	} else {
		part("value", l.Value, r.Value)
	}
	if l.Written {
		dst = wire.AppendTimestamp(append(dst, `,"written_at":`...), r.Written)
	}
	return append(dst, '}'), err
}

// Row is a record as JSON.
type Row struct {
	UID     string          `json:"uid"`
	State   string          `json:"state"`
	Key     json.RawMessage `json:"key"`
	MapKey  json.RawMessage `json:"map_key"`
	Index   json.RawMessage `json:"index"`
	Type    json.RawMessage `json:"type"` // of a dynamic value: a schema.Type
	Value   json.RawMessage `json:"value"`
	Written *string         `json:"written_at"`
	Removed bool            `json:"removed"` // in a change: the entry goes
}

// Row returns a record as the row that AppendJSON writes.
func (l *Layout) Row(r *state.Record) (*Row, error) {
	text, err := l.AppendJSON(nil, r)
	if err != nil {
		return nil, err
	}
	row := &Row{}
	return row, json.Unmarshal(text, row)
}

// Entry is the key of an entry of a map or the index of an element or a timer, as
// JSON; "" if there is none.
func (row *Row) Entry() string { return string(row.MapKey) + string(row.Index) }

// Named finds a state, timer or input of messages by its name.
func Named(job *schema.Job, uid, name string) (operator, number int, l *Layout, err error) {
	operator = job.OperatorAt(uid)
	if operator < 0 {
		return 0, 0, nil, fmt.Errorf("no operator has the uid %q", uid)
	}
	op := &job.Operators[operator]
	number = numberOf(op, &File{State: name})
	if number < 0 {
		number = numberOf(op, &File{Timer: name})
	}
	if number < 0 {
		number = numberOf(op, &File{Message: name})
	}
	if number >= 0 {
		l, err = LayoutOf(op, number)
	}
	if l == nil && err == nil {
		err = fmt.Errorf("operator %q saves no state %q", uid, name)
	}
	return operator, number, l, err
}

// Record turns a row into a record of a job with that description and so many
// key groups. An entry with a ttl of which the row does not say when it was written
// was written now.
func (row *Row) Record(job *schema.Job, groups int, now time.Time) (operator int, r *state.Record, err error) {
	operator, number, l, err := Named(job, row.UID, row.State)
	if err != nil {
		return 0, nil, err
	}
	r = &state.Record{State: number}
	part := func(name string, t *schema.Type, text json.RawMessage) (b []byte) {
		switch {
		case err != nil:
		case t == nil && len(text) > 0 && string(text) != "null":
			err = fmt.Errorf("%s of operator %q has no %s", row.State, row.UID, name)
		case t != nil && len(text) == 0:
			err = fmt.Errorf("the row has no %q", name)
		case t != nil:
			if b, err = avro.FromJSON(nil, t, text); err != nil {
				err = fmt.Errorf("%s: %w", name, err)
			}
		}
		return b
	}
	r.Key = part("key", l.Key, row.Key)
	subs := map[string]json.RawMessage{"map_key": row.MapKey, "index": row.Index, "value": row.Value}
	for _, name := range []string{"map_key", "index"} {
		if name != l.SubName {
			part(name, nil, subs[name])
		}
	}
	if l.SubName != "" {
		r.Sub = part(l.SubName, l.Sub, subs[l.SubName])
	}
	switch {
	case l.Value == nil || row.Removed:
	case l.Dynamic && err == nil:
		r.Value, err = fromDynamic(row.Type, row.Value)
	default:
		r.Value = part("value", l.Value, row.Value)
	}
	switch {
	case err != nil || !l.Written:
	case row.Written == nil:
		r.Written = value.Timestamp(now.UnixMicro())
	default:
		var ok bool
		if r.Written, ok = value.ParseRFC3339(*row.Written); !ok {
			err = fmt.Errorf("written_at: %q is no timestamp", *row.Written)
		}
	}
	if err == nil {
		r.Group, err = l.groupOf(r.Key, groups)
	}
	return operator, r, err
}

// CellJSON reads the text of a cell, such as that of a CSV file, as [ParseKey] reads a
// key, and returns it as JSON. A cell without text is none where that may be.
func CellJSON(t *schema.Type, text string) (json.RawMessage, error) {
	if t.Shape == schema.Option {
		if text == "" || text == "null" {
			return json.RawMessage("null"), nil
		}
		t = t.Elem
	}
	return KeyJSON(t, text)
}

// KeyJSON reads a key as [ParseKey] does and returns it as JSON.
func KeyJSON(t *schema.Type, text string) (json.RawMessage, error) {
	key, err := ParseKey(t, text)
	if err != nil {
		return nil, err
	}
	return avro.AppendJSON(nil, t, avro.NewReader(key)), nil
}
