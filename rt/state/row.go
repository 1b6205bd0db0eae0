package state

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/value"
)

// Row is what there is of some states of one key in one piece: of those whose numbers
// are less than [RowStates] and that have one value for a key. It stands for the
// records that [Row.Records] gives, and is what most of a snapshot consists of, as it
// is written and read back with less ado.
type Row struct {
	Group  int
	Key    []byte
	Has    uint32 // by state: it has a value
	Gone   uint32 // by state: its value has gone; none of Has
	Timed  uint32 // by state, of Has: it has a time that its life counts from
	Fields []byte // the values of Has by state: a length, so many bytes, and a time if it is Timed

	// Set for RestoreRows, and not saved: there is no other row of its key before.
	First bool

	// What RestoreRows makes of the key, which is not saved: its hash, and the key as
	// its table has it.
	Hash   uint64
	Text   string
	Number int64
}

// RowStates is how many states may be part of a row.
const RowStates = 31

// RowsDurable is a [Durable] that takes rows.
type RowsDurable interface {
	Durable

	// RestoreRows puts rows back as Restore does the records that they stand for.
	RestoreRows(rows []Row) error

	// Reserve says that so many keys are about to be restored.
	Reserve(keys int)
}

// Records calls each with the records that the row stands for. They are good until
// each returns.
func (w *Row) Records(each func(*Record) error) error {
	r := Record{Group: w.Group, Key: w.Key}
	fields := decoder{rest: w.Fields}
	for left := w.Has | w.Gone; left != 0; left &= left - 1 {
		r.State = bits.TrailingZeros32(left)
		r.Value, r.Written, r.Gone = nil, 0, AllGone
		if bit := uint32(1) << r.State; w.Has&bit != 0 {
			r.Value, r.Gone = fields.bytes(), Present
			if w.Timed&bit != 0 {
				r.Written = value.Timestamp(fields.signed())
			}
		}
		if fields.failed {
			return errCut
		}
		if err := each(&r); err != nil {
			return err
		}
	}
	if len(fields.rest) > 0 {
		return errCut
	}
	return nil
}

// Put adds a record of one of the states, in the place of what there is of it.
func (w *Row) Put(r *Record) {
	bit := uint32(1) << r.State
	if w.Has >= bit { // of it or of a state behind
		was := *w
		w.Has, w.Timed, w.Fields = 0, 0, nil
		_ = was.Records(func(o *Record) error { // whose fields were put there
			if o.State > r.State && r.Gone == Present && w.Has < bit {
				w.Put(r)
			}
			if o.State != r.State {
				w.Put(o)
			}
			return nil
		})
	}
	if r.Gone != Present || w.Has >= bit {
		return
	}
	w.Has |= bit
	w.Fields = append(binary.AppendUvarint(w.Fields, uint64(len(r.Value))), r.Value...)
	if r.Written != 0 {
		w.Timed |= bit
		w.Fields = binary.AppendVarint(w.Fields, int64(r.Written))
	}
}

// closeField sets the length of the field that begins at a byte, which was kept free
// for it.
func closeField(fields []byte, at int) []byte {
	n := len(fields) - at - 1
	if n < 0x80 {
		fields[at] = byte(n)
		return fields
	}
	var length [10]byte
	head := binary.AppendUvarint(length[:0], uint64(n))
	fields = append(fields, head[1:]...)
	copy(fields[at+len(head):], fields[at+1:at+1+n])
	copy(fields[at:], head)
	return fields
}

// Row begins the row of a key that holds values of these states, which are some of
// its states that are part of rows, and reports whether they are to be given, by
// [Saver.Open] and [Saver.Field], and [Saver.EndRow] at last. The lives of those that
// are timed count from a time.
func (w *Saver) Row(has, of, timed uint32) bool {
	gone := uint32(0)
	if w.mode == saveChanges {
		gone = *w.known & of &^ has
	}
	switch w.mode {
	case saveCopy:
	case saveNone:
		*w.known |= has
	default:
		*w.known = *w.known&^of | has
	}
	if !w.gives() || has|gone == 0 {
		return false
	}
	if w.direct = w.out != nil && w.weigh == nil; w.direct {
		w.into = w.out.beginRow(w.rec.Group, w.key, has, gone, has&timed)
		w.begun = len(w.into) - 1
		return true
	}
	w.row = Row{Group: w.rec.Group, Key: w.key, Has: has, Gone: gone, Timed: has & timed, Fields: w.row.Fields}
	w.into = w.row.Fields[:0]
	return true
}

// Open begins a field and returns the buffer that the value is appended to.
func (w *Saver) Open() []byte {
	w.field = len(w.into)
	return append(w.into, 0)
}

// Field ends a field.
func (w *Saver) Field(b []byte) { w.into = closeField(b, w.field) }

// FieldAt is Field of a value whose life counts from a time.
func (w *Saver) FieldAt(b []byte, written value.Timestamp) {
	w.Field(b)
	w.into = binary.AppendVarint(w.into, int64(written))
}

// FieldInt is a field with a whole number.
func (w *Saver) FieldInt(v int64) {
	const most = 1 + binary.MaxVarintLen64
	u := uint64(v)<<1 ^ uint64(v>>63)
	b := slices.Grow(w.into, most)
	n := len(b)
	b = b[:n+most]
	at := n + 1
	for ; u >= 0x80; u >>= 7 {
		b[at] = byte(u) | 0x80
		at++
	}
	b[at], b[n] = byte(u), byte(at-n)
	w.into = b[:at+1]
}

// TimerField is a field with the time of a timer that is set.
func (w *Saver) TimerField(t *Timer) { w.Field(binary.AppendVarint(w.Open(), int64(unpack(t.at)))) }

// EndRow gives the row.
func (w *Saver) EndRow() {
	if w.direct {
		w.out.buf = closeField(w.into, w.begun)
		return
	}
	w.row.Fields = w.into
	switch {
	case w.out != nil:
		w.out.AddRow(&w.row)
	case w.emitRow != nil:
		w.emitRow(&w.row)
	}
	given := w.out != nil || w.emitRow != nil
	if given && w.weigh == nil {
		return
	}
	// Whoever takes records takes all that a row stands for, and it has been made here.
	_ = w.row.Records(func(r *Record) error {
		if w.weigh != nil {
			w.weigh.add(r)
		}
		if !given {
			w.emit(r)
		}
		return nil
	})
}

// Hashes returns the hashes of rows.
func (w *Saver) Hashes(rows []Row) []uint64 {
	w.hashes = slices.Grow(w.hashes[:0], len(rows))[:len(rows)]
	for i := range rows {
		w.hashes[i] = rows[i].Hash
	}
	return w.hashes
}

// Texts reads the keys of rows, which are strings, and returns their hashes.
func (w *Saver) Texts(rows []Row) ([]uint64, error) {
	w.hashes = slices.Grow(w.hashes[:0], len(rows))[:len(rows)]
	for i := range rows {
		r := &rows[i]
		key, ok := avro.Short(r.Key)
		if !ok {
			key = w.Read(r.Key).View()
			if err := w.CloseKey(); err != nil {
				return nil, err
			}
		}
		r.Hash, r.Text = value.HashString(key), key
		w.hashes[i] = r.Hash
	}
	return w.hashes, nil
}

// RestoreRow begins to read a row that is restored: its fields are read one after the
// other. The key with that id is known from it now.
func (w *Saver) RestoreRow(r *Row, known *uint32) {
	*known = *known&^r.Gone | r.Has
	w.fields, w.rows = decoder{rest: r.Fields}, true
}

// NextField returns a reader of the next field.
func (w *Saver) NextField() *avro.Reader {
	w.in.Reset(w.fields.bytes())
	return &w.in
}

// NextInt reads a whole number that is the next field. [Saver.CloseRow] says when there is
// none.
func (w *Saver) NextInt() int64 {
	b := w.fields.rest
	if len(b) < 2 || b[0] == 0 || int(b[0]) >= len(b) {
		w.fields.failed = true
		return 0
	}
	field := b[1 : 1+b[0]]
	w.fields.rest = b[1+b[0]:]
	u := uint64(field[0])
	switch {
	case u < 0x80:
		w.fields.failed = w.fields.failed || len(field) > 1
	case len(field) == 2 && field[1] < 0x80:
		u = u&0x7f | uint64(field[1])<<7
	default:
		var n int
		if u, n = binary.Uvarint(field); n != len(field) {
			w.fields.failed = true
		}
	}
	return int64(u>>1) ^ -int64(u&1)
}

// FieldTime returns the time that the life of the field before counts from, of the
// state with that bit.
func (w *Saver) FieldTime(r *Row, bit uint32) value.Timestamp {
	if r.Timed&bit == 0 {
		return 0
	}
	return value.Timestamp(w.fields.signed())
}

// RestoreTimerField puts a timer back that is the next field.
func (w *Saver) RestoreTimerField(q *Queue, t *Timer, id, timer uint32) error {
	at := w.NextField().Timestamp()
	if err := w.CloseValue(); err != nil {
		return err
	}
	q.Set(t, id, timer, at)
	return nil
}

// CloseRow returns what is wrong with a row whose fields have been read.
func (w *Saver) CloseRow() error {
	if w.fields.failed || len(w.fields.rest) > 0 {
		return errCut
	}
	return nil
}
