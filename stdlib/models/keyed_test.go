package models

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// keyedRow is a row of keyed.flow.
type keyedRow struct {
	Op, K      string
	At         moment
	ID, N      int
	Start, End moment
	IDs        []int
}

func (e event) row(op string) keyedRow { return keyedRow{Op: op, K: e.k, At: e.at, ID: e.id, N: e.n} }

// in adds the row to what came of its operator and key; the key of dedupe is not k
// alone.
func (r keyedRow) in(g grouped) {
	key := r.K
	if r.Op == "dedupe" {
		key += fmt.Sprint(" ", r.N)
	}
	g.add(r.Op, key, r)
}

// stateless says what the operators without state give for one record.
func stateless(e event) (out []keyedRow) {
	put := func(op string, n int) {
		r := e.row(op)
		r.N = n
		out = append(out, r)
	}
	if e.n%2 == 0 {
		put("filter", e.n)
		put("union", e.n)
	}
	put("map", e.n*10)
	put("union", e.n*10)
	for _, n := range [][]int{{}, {}, {e.n}, {e.n}, {e.n, -e.n}, {e.n, -e.n}, {e.n, -e.n}}[e.n] {
		put("flat_map", n)
		put("union", n)
	}
	switch {
	case e.n >= 4:
		put("hot", e.n)
	case e.n%2 == 0:
		put("even", e.n)
	default:
		put("rest", e.n)
	}
	return out
}

// kept is a value that is forgotten when its ttl has gone by since it was written.
type kept[V any] struct {
	value V
	at    moment
	is    bool
}

// has says whether the value is still there when a record is handled.
func (k *kept[V]) has(e event, ttl moment) bool {
	return k.is && (ttl == 0 || k.at+ttl > max(e.at, e.wm))
}

// set writes it; the time of what is there still never goes back.
func (k *kept[V]) set(e event, ttl moment, v V) {
	at := e.at
	if k.has(e, ttl) {
		at = max(at, k.at)
	}
	*k = kept[V]{v, at, true}
}

// keyed says what the operators with state give for a key.
func keyed(key string, events []event) (out []keyedRow) {
	var own []event
	for _, e := range events {
		if e.k == key {
			own = append(own, e)
		}
	}
	for _, ttl := range []moment{0, 12 * second} {
		op := map[moment]string{0: "running", 12 * second: "running_ttl"}[ttl]
		var sum kept[[]event]
		for _, e := range own {
			list := sum.value
			if !sum.has(e, ttl) {
				list = nil
			}
			sum.set(e, ttl, append(list, e))
			last := sum.value[0]
			for _, s := range sum.value {
				if s.at >= last.at {
					last = s
				}
			}
			out = append(out, keyedRow{Op: op, K: key, At: e.at, ID: last.id, N: len(sum.value)})
		}
	}
	for op, ttl := range map[string]moment{"latest": 0, "latest_ttl": 8 * second} {
		var newest kept[moment]
		for _, e := range own {
			if newest.has(e, ttl) && e.at < newest.value {
				continue
			}
			newest.set(e, ttl, e.at)
			out = append(out, e.row(op))
		}
	}
	for op, ttl := range map[string]moment{"changes": 0, "changes_ttl": 7 * second} {
		var last kept[int]
		for _, e := range own {
			if last.has(e, ttl) && last.value == e.n/3 {
				continue
			}
			last.set(e, ttl, e.n/3)
			out = append(out, e.row(op))
		}
	}
	seen := map[int]*kept[bool]{}
	passed := map[moment]int{}
	for _, e := range own {
		if seen[e.n] == nil {
			seen[e.n] = &kept[bool]{}
		}
		if s := seen[e.n]; !s.has(e, 9*second) {
			s.set(e, 9*second, true)
			out = append(out, e.row("dedupe"))
		}
		w := e.at.floor(10 * second)
		if over(w, e) {
			continue
		}
		if passed[w] < 2 {
			out = append(out, e.row("throttle"))
		}
		passed[w]++
	}
	return out
}

// over says whether a stretch of throttle is over when e comes, which is late then.
func over(stretch moment, e event) bool { return stretch+10*second <= e.wm }

// patterned is the model of pattern: of the records of a key that are not late, in
// the order of their times, each match is the one that ends first, and of those
// that end together the one that began first; the next begins behind it.
func patterned(op, key string, within moment, strict bool, steps []func(event) bool, events []event) (out []keyedRow, late []event) {
	var list []event
	for _, e := range events {
		switch {
		case e.k != key:
		case behind(e):
			late = append(late, e)
		default:
			i := len(list)
			for i > 0 && list[i-1].at > e.at {
				i--
			}
			list = append(list[:i], append([]event{e}, list[i:]...)...)
		}
	}
	for from := 0; from < len(list); {
		var best []int
		for i := from; i < len(list); i++ {
			m := matchFrom(list, i, within, strict, steps)
			if m != nil && (best == nil || m[len(m)-1] < best[len(best)-1]) {
				best = m
			}
		}
		if best == nil {
			break
		}
		first, last := list[best[0]], list[best[len(best)-1]]
		r := keyedRow{Op: op, K: key, At: last.at, N: len(best), Start: first.at, End: last.at}
		for _, i := range best {
			r.IDs = append(r.IDs, list[i].id)
		}
		out = append(out, r)
		from = best[len(best)-1] + 1
	}
	return out, late
}

// matchFrom returns the places of the match that begins at a place, if one does.
func matchFrom(list []event, from int, within moment, strict bool, steps []func(event) bool) []int {
	var out []int
	for i := from; i < len(list); i++ {
		switch {
		case list[i].at > list[from].at+within:
			return nil
		case steps[len(out)](list[i]):
			out = append(out, i)
		case strict || len(out) == 0:
			return nil
		}
		if len(out) == len(steps) {
			return out
		}
	}
	return nil
}

// TestKeyed: the steps without windows give what their models give.
func TestKeyed(t *testing.T) {
	spec := program(t, "keyed")
	n := checks(t, 60, 300, 100_000)
	three := []func(event) bool{
		func(e event) bool { return e.n < 3 }, func(e event) bool { return e.n >= 3 }, func(e event) bool { return e.n%2 == 0 },
	}
	five := []func(event) bool{func(e event) bool { return e.n == 5 }}
	rapid.Check(t, func(t *rapid.T) {
		events := drawEvents(t, 5*second)
		want, wantLate := grouped{}, grouped{}
		for _, e := range events {
			for _, r := range stateless(e) {
				r.in(want)
			}
			if over(e.at.floor(10*second), e) {
				wantLate.add("throttle", e.k, e.row("throttle"))
			}
		}
		for _, key := range keysOf(events) {
			given := keyed(key, events)
			for _, p := range []struct {
				op     string
				within moment
				strict bool
				steps  []func(event) bool
			}{{"loose", 12 * second, false, three}, {"strict", 12 * second, true, three}, {"single", second, false, five}} {
				rows, late := patterned(p.op, key, p.within, p.strict, p.steps, events)
				given = append(given, rows...)
				for _, e := range late {
					wantLate.add(p.op, key, e.row(p.op))
				}
			}
			for _, r := range given {
				r.in(want)
			}
		}
		out, aslate := run(t, spec(), rows(events))
		got, gotLate, sampled := grouped{}, grouped{}, grouped{}
		for _, r := range decode[keyedRow](t, out) {
			if len(r.IDs) == 0 {
				r.IDs = nil
			}
			if r.Op == "sample" {
				r.in(sampled)
				continue
			}
			r.in(got)
		}
		for _, r := range decode[keyedRow](t, aslate) {
			r.IDs = nil
			gotLate.add(r.Op, r.K, r)
		}
		same(t, "rows", want, got)
		same(t, "late", wantLate, gotLate)
		checkSample(t, sampled, events)
	})
	note(t, "library steps", n)
}

// checkSample: of a key all records pass, or none, the same in every run.
func checkSample(t *rapid.T, got grouped, events []event) {
	for _, key := range keysOf(events) {
		var all []string
		for _, e := range events {
			if e.k == key {
				all = append(all, fmt.Sprintf("%+v", e.row("sample")))
			}
		}
		if rows := got["sample "+key]; len(rows) > 0 {
			same(t, "sample", grouped{key: all}, grouped{key: rows})
			alwaysSampled[key] = true
		} else if alwaysSampled[key] {
			t.Fatalf("%s passed before, and does not now", key)
		}
	}
}

var alwaysSampled = map[string]bool{}
