// Command keyed does by hand what bench/keyed.flow says: it reads events as
// JSON lines, keeps three numbers per user, and writes them after each event.
package main

import (
	"strconv"

	"github.com/flow-lang/flowc/bench/hand/event"
	"github.com/flow-lang/flowc/bench/hand/loop"
	"github.com/flow-lang/flowc/bench/hand/scan"
)

// totals is what one user has.
type totals struct{ count, sum, most int64 }

func main() {
	var s scan.Scanner
	users := map[string]*totals{}
	loop.Run(func(line, out []byte) ([]byte, error) {
		e, err := event.Decode(&s, line)
		if err != nil {
			return out, err
		}
		t := users[string(e.User)]
		if t == nil {
			t = &totals{}
			users[string(e.User)] = t
		}
		t.count++
		t.sum += e.Price
		t.most = max(t.most, e.Price)
		out = append(out, `{"user":`...)
		out = loop.AppendString(out, e.User)
		out = append(out, `,"count":`...)
		out = strconv.AppendInt(out, t.count, 10)
		out = append(out, `,"sum":`...)
		out = strconv.AppendInt(out, t.sum, 10)
		out = append(out, `,"most":`...)
		out = strconv.AppendInt(out, t.most, 10)
		return append(out, "}\n"...), nil
	})
}
