// Command collections does by hand what bench/collections.flow says: it reads
// events as JSON lines, keeps a map, a list and a sorted list per user, and
// writes a summary after each event.
package main

import (
	"slices"
	"strconv"

	"github.com/flow-lang/flowc/bench/hand/event"
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

func main() {
	var s scan.Scanner
	users := map[string]*account{}
	loop.Run(func(line, out []byte) ([]byte, error) {
		e, err := event.Decode(&s, line)
		if err != nil {
			return out, err
		}
		a := users[string(e.User)]
		if a == nil {
			a = &account{classes: map[int64]int64{}}
			users[string(e.User)] = a
		}
		class, open, recent := a.add(&e)
		out = append(out, `{"user":`...)
		out = loop.AppendString(out, e.User)
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
func (a *account) add(e *event.Event) (class, open, recent int64) {
	const minute = 60_000_000
	class = a.classes[e.Price/100] + e.Price
	a.classes[e.Price/100] = class
	if len(a.open) == 16 {
		a.open = a.open[:0]
	}
	a.open = append(a.open, e.Price)
	for _, price := range a.open {
		open += price
	}
	i, found := a.find(e.At)
	if found {
		a.recent[i].price = e.Price
	} else {
		a.recent = slices.Insert(a.recent, i, paid{e.At, e.Price})
	}
	if i, _ := a.find(e.At - minute); i > 0 {
		a.recent = slices.Delete(a.recent, 0, i)
	}
	i, _ = a.find(e.At - minute/6)
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
