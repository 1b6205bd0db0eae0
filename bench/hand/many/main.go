// Command many does by hand what bench/many.flow says: it keeps three numbers for
// each of very many users in a map of pointers, and writes those of one in a
// thousand.
package main

import (
	"strconv"

	"github.com/flow-lang/flowc/bench/hand/loop"
	"github.com/flow-lang/flowc/bench/hand/scan"
)

// totals is what one user has.
type totals struct{ count, sum, most int64 }

func main() {
	var s scan.Scanner
	users := map[string]*totals{}
	loop.Run(func(line, out []byte) ([]byte, error) {
		user, price, err := decode(&s, line)
		if err != nil {
			return out, err
		}
		t := users[string(user)]
		if t == nil {
			t = &totals{}
			users[string(user)] = t
		}
		t.count++
		t.sum += price
		t.most = max(t.most, price)
		if t.sum%1000 != 0 {
			return out, nil
		}
		out = append(out, `{"user":`...)
		out = loop.AppendString(out, user)
		out = append(out, `,"count":`...)
		out = strconv.AppendInt(out, t.count, 10)
		out = append(out, `,"sum":`...)
		out = strconv.AppendInt(out, t.sum, 10)
		out = append(out, `,"most":`...)
		out = strconv.AppendInt(out, t.most, 10)
		return append(out, "}\n"...), nil
	})
}

// decode reads one line, whose user is good while the line is.
func decode(s *scan.Scanner, line []byte) (user []byte, price int64, err error) {
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
		case "user":
			field, user = 1, s.String()
		case "price":
			field, price = 2, s.Int()
		default:
			s.Skip()
		}
		if has&field != 0 {
			return nil, 0, scan.ErrSyntax
		}
		has |= field
	}
	if s.Err() != nil || has != 3 {
		return nil, 0, scan.ErrSyntax
	}
	return user, price, nil
}
