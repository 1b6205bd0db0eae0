// Package value holds the scalar values of Flow as Go has them, and the
// operations on them that generated code calls.
//
// What goes in and out are plain Go values: int64, float64, string, and the
// integer types declared here. An operation that can fail is a method of
// [Fault], which keeps the first mistake of a record with its place in the
// program; the operation itself then gives a harmless zero, so that generated
// code checks once per handler and not once per addition. Operations that
// cannot fail are plain functions.
//
// Nothing here panics, allocates without need, reads a clock, or changes a
// package variable.
package value

// Timestamp is a moment in microseconds since 1970-01-01T00:00:00Z, from
// [MinTime] to [MaxTime].
type Timestamp int64

// The borders of time: the first microsecond of the year 1 and the last of the
// year 9999, both in UTC.
const (
	MinTime Timestamp = -62135596800000000
	MaxTime Timestamp = 253402300799999999
)

// Duration is a length of time in microseconds, possibly negative.
type Duration int64

// The units of a duration.
const (
	Microsecond Duration = 1
	Millisecond          = 1000 * Microsecond
	Second               = 1000 * Millisecond
	Minute               = 60 * Second
	Hour                 = 60 * Minute
	Day                  = 24 * Hour
)

// Date is a day of the proleptic Gregorian calendar in days since 1970-01-01,
// from [MinDate] to [MaxDate].
type Date int32

// The borders of dates: 0001-01-01 and 9999-12-31.
const (
	MinDate Date = -719162
	MaxDate Date = 2932896
)

// UUID is the 16 bytes of a universally unique identifier, in the order of its
// text form.
type UUID [16]byte

// JSON is the raw text of one valid JSON value.
type JSON string

// Option is a value that may be missing. The zero Option is none; V is the
// zero value whenever OK is false, so that options compare with ==.
type Option[T any] struct {
	V  T
	OK bool
}

// Some returns the option that holds v.
func Some[T any](v T) Option[T] { return Option[T]{V: v, OK: true} }

// Or returns what o holds, or else.
func (o Option[T]) Or(otherwise T) T {
	if o.OK {
		return o.V
	}
	return otherwise
}

// Pos is a place in the source text of a program, packed into one word: the
// index of the file (16 bits), the line and the column (24 bits each), both
// counted from 1. The zero Pos is nowhere.
type Pos uint64

// At packs a place. What does not fit its bits is cut to the largest value, so
// that a position is vague rather than wrong.
func At(file, line, column int) Pos {
	return Pos(clamp(file, 1<<16-1)<<48 | clamp(line, 1<<24-1)<<24 | clamp(column, 1<<24-1))
}

func clamp(n int, most uint64) uint64 {
	if n < 0 {
		return 0
	}
	return min(uint64(n), most)
}

// File returns the index of the file.
func (p Pos) File() int { return int(p >> 48) }

// Line returns the line, counted from 1.
func (p Pos) Line() int { return int(p >> 24 & (1<<24 - 1)) }

// Column returns the column, counted from 1 in bytes.
func (p Pos) Column() int { return int(p & (1<<24 - 1)) }

// IsValid reports whether p names a place.
func (p Pos) IsValid() bool { return p.Line() > 0 }
