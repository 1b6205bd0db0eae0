package state

import (
	"encoding/binary"
	"errors"
	"slices"

	"github.com/flow-lang/flowc/rt/value"
)

// How a record is written: a byte of flags; the number of its state; its key
// group and key, unless they are those of the record before; its sub-key and
// value, unless they are empty; the time it was written, unless that is zero.
// Numbers are varints, and what has a length has it before.
//
// A row has another byte of flags; key group and key; the states that it has values
// of, those whose values have gone and those with times, as numbers, but for what is
// empty; its fields.
const (
	flagGone    = 3 // two bits: a Gone
	flagSameKey = 1 << 2
	flagSub     = 1 << 3
	flagValue   = 1 << 4
	flagWritten = 1 << 5
	flagRow     = 1 << 6
	flagUnknown = 1 << 7

	// Those of a row.
	flagRowGone  = 1 << 0
	flagRowTimed = 1 << 1
	flagsOfRow   = flagRow | flagRowGone | flagRowTimed
)

// Encoder writes the records and rows of one section. The zero Encoder is ready. What
// several encoders wrote may be put together.
type Encoder struct {
	buf   []byte
	key   []byte // of the record before
	group int
	same  bool // the record before has that key
	rows  int
}

// Add appends a record.
func (e *Encoder) Add(r *Record) {
	flags := byte(r.Gone)
	same := e.same && r.Group == e.group && string(r.Key) == string(e.key)
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
		e.key, e.group, e.same = append(e.key[:0], r.Key...), r.Group, true
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

// AddRow appends a row.
func (e *Encoder) AddRow(r *Row) {
	b := e.beginRow(r.Group, r.Key, r.Has, r.Gone, r.Timed)
	e.buf = closeField(append(b, r.Fields...), len(b)-1)
}

// beginRow returns the section with a row that begins: the byte at its end is free for
// the length of its fields, which the caller appends.
func (e *Encoder) beginRow(group int, key []byte, has, gone, timed uint32) []byte {
	const most = 6*binary.MaxVarintLen64 + RowStates*(1+binary.MaxVarintLen64) // bytes of numbers
	b := slices.Grow(e.buf, most+len(key))
	flags := byte(flagRow)
	if gone != 0 {
		flags |= flagRowGone
	}
	if timed != 0 {
		flags |= flagRowTimed
	}
	b = appendUnsigned(append(b, flags), uint64(group))
	b = append(appendUnsigned(b, uint64(len(key))), key...)
	b = appendUnsigned(b, uint64(has))
	if gone != 0 {
		b = appendUnsigned(b, uint64(gone))
	}
	if timed != 0 {
		b = appendUnsigned(b, uint64(timed))
	}
	e.same = false
	e.rows++
	return append(b, 0)
}

// appendUnsigned appends a number, which is mostly small.
func appendUnsigned(b []byte, v uint64) []byte {
	if v < 0x80 {
		return append(b, byte(v))
	}
	return binary.AppendUvarint(b, v)
}

// Rows returns how many rows have been written.
func (e *Encoder) Rows() int { return e.rows }

// append appends what another encoder has written.
func (e *Encoder) append(other *Encoder) {
	e.buf = append(e.buf, other.buf...)
	e.rows += other.rows
	e.same = false
}

// Len returns how many bytes have been written.
func (e *Encoder) Len() int { return len(e.buf) }

// Reserve makes room for a section of so many bytes, which begins.
func (e *Encoder) Reserve(bytes int) { e.buf = slices.Grow(e.buf, bytes) }

// Reuse makes the room of an earlier section that of one that begins, and reports whether
// there is any.
func (e *Encoder) Reuse(room []byte) bool {
	e.buf = room[:0]
	return cap(room) > 0
}

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

// Decode calls each with the records of a section, and those that its rows stand for.
// They are good until it returns.
func Decode(section []byte, each func(*Record) error) error {
	return DecodeAhead(section, nil, each)
}

// atOnce is how many records or rows are decoded before the first is given, for who
// looks ahead.
const atOnce = 128

// DecodeAhead is Decode that tells of a lot of records before it gives them one by
// one, if ahead is not nil.
func DecodeAhead(section []byte, ahead func([]Record), each func(*Record) error) error {
	records := make([]Record, 0, atOnce)
	give := func() error {
		if ahead != nil {
			ahead(records)
		}
		for i := range records {
			if err := each(&records[i]); err != nil {
				return err
			}
		}
		records = records[:0]
		return nil
	}
	add := func(r *Record) error {
		if records = append(records, *r); len(records) == atOnce {
			return give()
		}
		return nil
	}
	d := decoder{rest: section}
	var item Record
	var row Row
	for len(d.rest) > 0 {
		isRow, err := d.next(&item, &row)
		switch {
		case err != nil:
		case isRow:
			err = row.Records(add)
		default:
			err = add(&item)
		}
		if err != nil {
			return errors.Join(give(), err)
		}
	}
	return give()
}

// DecodeRows calls rows with the rows of a section, many at once, and each with its
// records, in the order in which they stand there. They are good until it returns.
func DecodeRows(section []byte, rows func([]Row) error, each func(*Record) error) error {
	d := decoder{rest: section}
	var item Record
	lot := make([]Row, atOnce)
	n := 0
	for len(d.rest) > 0 {
		var err error
		isRow := true
		if got := d.plainRows(lot[n:]); got > 0 {
			n += got
		} else if isRow, err = d.next(&item, &lot[n]); isRow && err == nil {
			n++
		}
		if n == atOnce || n > 0 && (!isRow || len(d.rest) == 0) {
			err = errors.Join(rows(lot[:n]), err)
			n = 0
		}
		if !isRow && err == nil {
			err = each(&item)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// decoder takes fields off the beginning of rest.
type decoder struct {
	rest   []byte
	failed bool
	same   bool // what stood before was a record
}

// next reads a record, which has the group and the key of the one before unless it
// brings others, or a row.
func (d *decoder) next(r *Record, row *Row) (isRow bool, err error) {
	if n := plainRow(d.rest, row); n > 0 {
		d.rest, d.same = d.rest[n:], false
		return true, nil
	}
	flags := d.rest[0]
	d.rest = d.rest[1:]
	if flags&flagRow != 0 {
		return true, d.row(row, flags)
	}
	if flags&flagUnknown != 0 || flags&flagSameKey != 0 && !d.same {
		return false, errCut
	}
	d.same = true
	r.Gone = Gone(flags & flagGone)
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
		return false, errCut
	}
	return false, nil
}

// row reads a row behind its flags.
func (d *decoder) row(r *Row, flags byte) error {
	if flags&^flagsOfRow != 0 {
		return errCut
	}
	b := d.rest
	group, at := unsignedAt(b, 0)
	key, at := bytesAt(b, at)
	has, at := unsignedAt(b, at)
	gone, timed := uint64(0), uint64(0)
	if flags&flagRowGone != 0 {
		gone, at = unsignedAt(b, at)
	}
	if flags&flagRowTimed != 0 {
		timed, at = unsignedAt(b, at)
	}
	fields, at := bytesAt(b, at)
	const most = 1<<RowStates - 1
	if at > len(b) || group > most || has|gone > most || has&gone != 0 || timed&^has != 0 {
		return errCut
	}
	r.Group, r.Key, r.Fields = int(group), key, fields
	r.Has, r.Gone, r.Timed = uint32(has), uint32(gone), uint32(timed)
	d.rest, d.same = b[at:], false
	return nil
}

// plainRows reads as many rows as are plain and one behind the other, up to as many as
// lot has, and returns how many.
func (d *decoder) plainRows(lot []Row) int {
	b := d.rest
	for i := range lot {
		n := plainRow(b, &lot[i])
		if n == 0 {
			d.rest, d.same = b, d.same && i == 0
			return i
		}
		b = b[n:]
	}
	d.rest, d.same = b, false
	return len(lot)
}

// plainRow reads a row from the beginning of b whose numbers take a byte each, but the
// key group, which may take two, and which takes nothing away and has no times: as nearly
// all are. It returns how many bytes it has; 0 if it is no such row.
func plainRow(b []byte, r *Row) int {
	if len(b) < 5 || b[0] != flagRow {
		return 0
	}
	group, at := int(b[1]), 2
	if group >= 0x80 {
		if b[2] >= 0x80 {
			return 0
		}
		group, at = group&0x7f|int(b[2])<<7, 3
	}
	key := at + 1
	has := key + int(b[at])
	if has+1 >= len(b) || (b[at]|b[has]|b[has+1]) >= 0x80 {
		return 0
	}
	fields := has + 2
	end := fields + int(b[has+1])
	if end > len(b) {
		return 0
	}
	r.Group, r.Key, r.Fields = group, b[key:has:has], b[fields:end:end]
	r.Has, r.Gone, r.Timed = uint32(b[has]), 0, 0
	return end
}

// unsignedAt reads a number at a place in b, and returns the next place, which is
// behind the end of b when there is no number.
func unsignedAt(b []byte, at int) (v uint64, next int) {
	if at < len(b) && b[at] < 0x80 { // as nearly all are
		return uint64(b[at]), at + 1
	}
	return longAt(b, at)
}

func longAt(b []byte, at int) (v uint64, next int) {
	if at < len(b) {
		if v, n := binary.Uvarint(b[at:]); n > 0 {
			return v, at + n
		}
	}
	return 0, len(b) + 1
}

// bytesAt reads a length, and so many bytes.
func bytesAt(b []byte, at int) (field []byte, next int) {
	n, at := unsignedAt(b, at)
	if at > len(b) || n > uint64(len(b)-at) {
		return nil, len(b) + 1
	}
	next = at + int(n)
	return b[at:next:next], next
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
