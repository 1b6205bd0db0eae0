// Command collections does by hand what bench/collections.flow says: it reads
// events as JSON lines, keeps a map, a list and a sorted list per user, and
// writes a summary after each event.
package main

import (
	"slices"
	"strconv"

	"github.com/flow-lang/flowc/bench/hand/loop"
	"github.com/flow-lang/flowc/bench/hand/scan"
)

// account is what one user has.
type account struct {
	classes map[int64]int64
	open    []int64
	recent  []paid // by time
}

// paid is a price and when it was paid, in microseconds.
type paid struct{ at, price int64 }

// event is what the program needs of a line.
type event struct {
	user      []byte // valid while the line is
	price, at int64
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
	users := map[string]*account{}
	loop.Run(func(line, out []byte) ([]byte, error) {
		e, err := decode(&s, line)
		if err != nil {
			return out, err
		}
		a := users[string(e.user)]
		if a == nil {
			a = &account{classes: map[int64]int64{}}
			users[string(e.user)] = a
		}
		class, open, recent := a.add(&e)
		out = append(out, `{"user":`...)
		out = loop.AppendString(out, e.user)
		out = append(out, `,"class":`...)
		out = strconv.AppendInt(out, class, 10)
		out = append(out, `,"open":`...)
		out = strconv.AppendInt(out, open, 10)
		out = append(out, `,"recent":`...)
		out = strconv.AppendInt(out, recent, 10)
		return append(out, "}\n"...), nil
	})
}

// add takes an event and returns the sums that it leads to.
func (a *account) add(e *event) (class, open, recent int64) {
	const minute = 60_000_000
	class = a.classes[e.price/100] + e.price
	a.classes[e.price/100] = class
	if len(a.open) == 16 {
		a.open = a.open[:0]
	}
	a.open = append(a.open, e.price)
	for _, price := range a.open {
		open += price
	}
	i, found := a.find(e.at)
	if found {
		a.recent[i].price = e.price
	} else {
		a.recent = slices.Insert(a.recent, i, paid{e.at, e.price})
	}
	if i, _ := a.find(e.at - minute); i > 0 {
		a.recent = slices.Delete(a.recent, 0, i)
	}
	i, _ = a.find(e.at - minute/6)
	for _, p := range a.recent[i:] {
		recent += p.price
	}
	return class, open, recent
}

// find returns where the first entry is that does not come before at.
func (a *account) find(at int64) (int, bool) {
	return slices.BinarySearchFunc(a.recent, at, func(p paid, at int64) int {
		switch {
		case p.at < at:
			return -1
		case p.at > at:
			return 1
		}
		return 0
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
			field, e.at = hasAt, s.Time()
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
