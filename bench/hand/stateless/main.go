// Command stateless does by hand what bench/stateless.flow says: it reads
// events as JSON lines, keeps some of them and gives them another shape.
package main

import (
	"strconv"

	"github.com/flow-lang/flowc/bench/hand/loop"
	"github.com/flow-lang/flowc/bench/hand/scan"
)

// event is what the program needs of a line.
type event struct {
	id, price, at int64
	user          []byte // valid while the line is
	temp          float64
	paid          bool
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

func main() {
	var s scan.Scanner
	loop.Run(func(line, out []byte) ([]byte, error) {
		e, err := decode(&s, line)
		if err != nil || !e.paid || e.price < 2500 {
			return out, err
		}
		out = append(out, `{"id":`...)
		out = strconv.AppendInt(out, e.id, 10)
		out = append(out, `,"user":`...)
		out = loop.AppendString(out, e.user)
		out = append(out, `,"fahrenheit":`...)
		out = loop.AppendFloat(out, e.temp*1.8+32.0)
		out = append(out, `,"at":`...)
		out = loop.AppendTime(out, e.at)
		return append(out, "}\n"...), nil
	})
}

// decode reads one line; unknown fields are passed over.
func decode(s *scan.Scanner, line []byte) (event, error) {
	var e event
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
			field, e.id = hasID, s.Int()
		case "user":
			field, e.user = hasUser, s.String()
		case "price":
			field, e.price = hasPrice, s.Int()
		case "temp":
			field, e.temp = hasTemp, s.Float()
		case "channel":
			field = hasChannel
			s.String()
		case "url":
			field = hasURL
			s.String()
		case "at":
			field, e.at = hasAt, s.Time()
		case "paid":
			field, e.paid = hasPaid, s.Bool()
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
