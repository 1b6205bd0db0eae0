package checkpoint

import (
	"encoding/binary"
	"errors"

	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// How a record is written: a byte of flags; the number of its state; its key
// group and key, unless they are those of the record before; its sub-key and
// value, unless they are empty; the time it was written, unless that is zero.
// Numbers are varints, and what has a length has it before.
const (
	flagGone    = 3 // two bits: a state.Gone
	flagSameKey = 1 << 2
	flagSub     = 1 << 3
	flagValue   = 1 << 4
	flagWritten = 1 << 5
	flagUnknown = 3 << 6
)

// Encoder writes the records of one section. The zero Encoder is ready.
type Encoder struct {
	buf   []byte
	key   []byte // of the record before
	group int
	began bool
}

// Add appends a record.
func (e *Encoder) Add(r *state.Record) {
	flags := byte(r.Gone)
	same := e.began && r.Group == e.group && string(r.Key) == string(e.key)
	set := func(on bool, flag byte) {
		if on {
			flags |= flag
		}
	}
	set(same, flagSameKey)
	set(len(r.Sub) > 0, flagSub)
	set(len(r.Value) > 0, flagValue)
	set(r.Written != 0, flagWritten)
	b := binary.AppendUvarint(append(e.buf, flags), uint64(r.State))
	if !same {
		b = binary.AppendUvarint(b, uint64(r.Group))
		b = appendBytes(b, r.Key)
		e.key, e.group, e.began = append(e.key[:0], r.Key...), r.Group, true
	}
	if len(r.Sub) > 0 {
		b = appendBytes(b, r.Sub)
	}
	if len(r.Value) > 0 {
		b = appendBytes(b, r.Value)
	}
	if r.Written != 0 {
		b = binary.AppendVarint(b, int64(r.Written))
	}
	e.buf = b
}

// Len returns how many bytes have been written.
func (e *Encoder) Len() int { return len(e.buf) }

// Take returns what has been written, and begins a new section.
func (e *Encoder) Take() []byte {
	b := e.buf
	*e = Encoder{}
	return b
}

func appendBytes(b, field []byte) []byte {
	return append(binary.AppendUvarint(b, uint64(len(field))), field...)
}

var errCut = errors.New("a record is cut off or no record")

// Decode calls each with the records of a section, which are good until it
// returns.
func Decode(section []byte, each func(*state.Record) error) error {
	d := decoder{rest: section}
	var r state.Record
	for len(d.rest) > 0 {
		if err := d.next(&r); err != nil {
			return err
		}
		if err := each(&r); err != nil {
			return err
		}
	}
	return nil
}

// atOnce is how many records are decoded before the first is given, for who looks
// ahead.
const atOnce = 128

// decodeAhead is Decode that tells of a lot of records before it gives them one by
// one.
func decodeAhead(section []byte, ahead func([]state.Record), each func(*state.Record) error) error {
	d := decoder{rest: section}
	lot := make([]state.Record, atOnce)
	before := &lot[0]
	for len(d.rest) > 0 {
		n, failed := 0, error(nil)
		for n < atOnce && len(d.rest) > 0 && failed == nil {
			r := &lot[n]
			r.Group, r.Key = before.Group, before.Key
			if failed = d.next(r); failed == nil {
				before = r
				n++
			}
		}
		ahead(lot[:n])
		for i := range lot[:n] {
			if err := each(&lot[i]); err != nil {
				return err
			}
		}
		if failed != nil {
			return failed
		}
	}
	return nil
}

// decoder takes fields off the beginning of rest.
type decoder struct {
	rest   []byte
	failed bool
	began  bool // there was a record before
}

// next reads a record, which has the group and the key of the one before unless it
// brings others.
func (d *decoder) next(r *state.Record) error {
	flags := d.rest[0]
	d.rest = d.rest[1:]
	if flags&flagUnknown != 0 || flags&flagSameKey != 0 && !d.began {
		return errCut
	}
	d.began = true
	r.Gone = state.Gone(flags & flagGone)
	r.State = d.number()
	if flags&flagSameKey == 0 {
		r.Group = d.number()
		r.Key = d.bytes()
	}
	r.Sub, r.Value, r.Written = nil, nil, 0
	if flags&flagSub != 0 {
		r.Sub = d.bytes()
	}
	if flags&flagValue != 0 {
		r.Value = d.bytes()
	}
	if flags&flagWritten != 0 {
		r.Written = value.Timestamp(d.signed())
	}
	if d.failed {
		return errCut
	}
	return nil
}

func (d *decoder) unsigned() uint64 {
	if len(d.rest) > 0 && d.rest[0] < 0x80 { // as nearly all are
		v := d.rest[0]
		d.rest = d.rest[1:]
		return uint64(v)
	}
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.failed, d.rest = true, nil
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) signed() int64 {
	v, n := binary.Varint(d.rest)
	if n <= 0 {
		d.failed, d.rest = true, nil
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

// number is an unsigned number that an int holds.
func (d *decoder) number() int {
	v := d.unsigned()
	if v > 1<<31-1 {
		d.failed = true
		return 0
	}
	return int(v)
}

func (d *decoder) bytes() []byte {
	n := d.unsigned()
	if n > uint64(len(d.rest)) {
		d.failed, d.rest = true, nil
		return nil
	}
	field := d.rest[:n:n]
	d.rest = d.rest[n:]
	return field
}
