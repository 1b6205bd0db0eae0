// Command keyed does by hand what bench/keyed.flow says: it reads events as
// JSON lines, keeps three numbers per user, and writes them after each event.
package main

import (
	"strconv"

	"github.com/flow-lang/flowc/bench/hand/loop"
	"github.com/flow-lang/flowc/bench/hand/scan"
)

// totals is what one user has.
type totals struct{ count, sum, most int64 }

// event is what the program needs of a line.
type event struct {
	user  []byte // valid while the line is
	price int64
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
	users := map[string]*totals{}
	loop.Run(func(line, out []byte) ([]byte, error) {
		e, err := decode(&s, line)
		if err != nil {
			return out, err
		}
		t := users[string(e.user)]
		if t == nil {
			t = &totals{}
			users[string(e.user)] = t
		}
		t.count++
		t.sum += e.price
		t.most = max(t.most, e.price)
		out = append(out, `{"user":`...)
		out = loop.AppendString(out, e.user)
		out = append(out, `,"count":`...)
		out = strconv.AppendInt(out, t.count, 10)
		out = append(out, `,"sum":`...)
		out = strconv.AppendInt(out, t.sum, 10)
		out = append(out, `,"most":`...)
		out = strconv.AppendInt(out, t.most, 10)
		return append(out, "}\n"...), nil
	})
}

// decode reads one line; unknown fields are passed over, known ones that the
// program does not need are checked and dropped.
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
			field = hasID
			s.Int()
		case "user":
			field, e.user = hasUser, s.String()
		case "price":
			field, e.price = hasPrice, s.Int()
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
