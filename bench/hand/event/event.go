// Package event decodes the events of the contests about state, of which it needs
// the user and the price.
package event

import "github.com/flow-lang/flowc/bench/hand/scan"

// Event is what the programs need of a line.
type Event struct {
	User  []byte // good while the line is
	Price int64
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
			field = hasID
			s.Int()
		case "user":
			field, e.User = hasUser, s.String()
		case "price":
			field, e.Price = hasPrice, s.Int()
		case "temp":
			field = hasTemp
			s.Float()
		case "channel":
			field = hasChannel
			s.String()
		case "url":
			field = hasURL
			s.String()
		case "at":
			field = hasAt
			s.Time()
		case "paid":
			field = hasPaid
			s.Bool()
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
