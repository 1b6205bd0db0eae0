// Package event decodes the events of the contests: what each of the programs
// needs of a line.
package event

import "github.com/flow-lang/flowc/bench/hand/scan"

// Event is what the programs need of a line.
type Event struct {
	ID    int64
	User  []byte // good while the line is
	Price int64
	Temp  float64
	At    int64 // µs since 1970
	Paid  bool
}

// The fields that a line must have, each once.
const (
	hasID = 1 << iota
	hasUser
	hasPrice
	hasTemp
	hasChannel
	hasURL
	hasAt
	hasPaid
	hasAll = 1<<iota - 1
)

// Decode reads one line; unknown fields are passed over, known ones that the
// program does not need are checked and dropped.
func Decode(s *scan.Scanner, line []byte) (Event, error) {
	var e Event
	has := 0
	s.Reset(line)
	s.Begin()
	for first := true; ; first = false {
		key, more := s.Key(first)
		if !more {
			break
		}
		field := 0
		switch string(key) {
		case "id":
			field, e.ID = hasID, s.Int()
		case "user":
			field, e.User = hasUser, s.String()
		case "price":
			field, e.Price = hasPrice, s.Int()
		case "temp":
			field, e.Temp = hasTemp, s.Float()
		case "channel":
			field = hasChannel
			s.String()
		case "url":
			field = hasURL
			s.String()
		case "at":
			field, e.At = hasAt, s.Time()
		case "paid":
			field, e.Paid = hasPaid, s.Bool()
		default:
			s.Skip()
		}
		if has&field != 0 {
			return e, scan.ErrSyntax
		}
		has |= field
	}
	if s.Err() != nil || has != hasAll {
		return e, scan.ErrSyntax
	}
	return e, nil
}
