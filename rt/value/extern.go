package value

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"
	"unicode/utf8"
)

// Values on their way to and from a user's own Go functions.

// Catch makes a panic of a user's function a mistake of the record. It is
// deferred.
func (f *Fault) Catch(at Pos) {
	if v := recover(); v != nil {
		f.Fail(at, fmt.Sprintf("the Go function panics: %.1000v", v))
	}
}

// FailBy records the error that a user's function has given. Unless the error says
// that it is not temporary, the next call may go well.
func (f *Fault) FailBy(at Pos, err error) {
	if !f.failed {
		f.again = !lasting(err)
	}
	f.Fail(at, err.Error())
}

// lasting reports whether an error, or one that it wraps, says by a method Temporary
// that it is not temporary. That of package net and its like, which have Timeout beside,
// does not count: a connection that is refused is none to them.
func lasting(err error) bool {
	switch e := any(err).(type) {
	case interface{ Timeout() bool }:
	case interface{ Temporary() bool }:
		if !e.Temporary() {
			return true
		}
	}
	switch e := any(err).(type) {
	case interface{ Unwrap() error }:
		return lasting(e.Unwrap())
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(e.Unwrap(), lasting)
	}
	return false
}

// Go returns the time, in UTC.
func (t Timestamp) Go() time.Time { return time.UnixMicro(int64(t)).UTC() }

// Go returns the beginning of the day, in UTC.
func (d Date) Go() time.Time { return (Timestamp(d) * Timestamp(Day)).Go() }

// ToGoDuration returns a duration in Go's nanoseconds. It fails beyond about 292
// years, which Go has no duration for.
func (f *Fault) ToGoDuration(d Duration, at Pos) time.Duration {
	const most = math.MaxInt64 / int64(time.Microsecond)
	if int64(d) > most || int64(d) < -most {
		f.Fail(at, "the duration is longer than one of Go can be")
		return 0
	}
	return time.Duration(d) * time.Microsecond
}

// FromGoTime takes a time, without what is less than a microsecond. It fails
// outside of the years 1 to 9999.
func (f *Fault) FromGoTime(t time.Time, at Pos) Timestamp {
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		f.Fail(at, fmt.Sprintf("the Go function gives a time in the year %d", y))
		return 0
	}
	return Timestamp(t.UnixMicro())
}

// FromGoString takes a text. It fails if that is no UTF-8.
func (f *Fault) FromGoString(s string, at Pos) string {
	if !utf8.ValidString(s) {
		f.Fail(at, fmt.Sprintf("the Go function gives a text that is not UTF-8: %.80q", s))
	}
	return s
}

// FromGoJSON takes a JSON value as text. It fails if it is none.
func (f *Fault) FromGoJSON(b []byte, at Pos) JSON {
	if !json.Valid(b) || !utf8.Valid(b) {
		f.Fail(at, fmt.Sprintf("the Go function gives what is no JSON: %.80q", b))
		return "null"
	}
	return JSON(b)
}

// NewLike returns a pointer to a zero value of what like points to: generated
// code cannot name the types of a user's Go.
func NewLike[T any](like *T) *T { return new(T) }

// MakeLike returns a list of n zero values of the type of like's elements.
func MakeLike[S ~[]T, T any](like S, n int) S { return make(S, n) }
