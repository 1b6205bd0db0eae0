package models

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// windowRow is a row of windows.flow.
type windowRow struct {
	Op             string
	K              string
	Start, End, At moment
	N, Sum         int
	IDs            []int
}

// aside is a record that was late.
type aside struct {
	Op, K string
	ID    int
	At    moment
}

// A pane is a window of a key as the models hold it.
type pane struct {
	start, end moment
	events     []event
	fired      bool
	soon       moment // when it gives what it holds so far; 0 is never
}

// A kind is a window operator as its documentation has it.
type kind struct {
	op       string
	lateness moment
	windows  func(at moment) []pane // those that hold a time, by their end; nil of sessions
	gap      moment                 // of sessions
	hasty    int                    // lateness is nothing for records with a greater id, if it is not 0
	best     int                    // of top: how many
	early    moment                 // how often a pane that has changed gives what it holds so far; 0 is never
	mixed    bool                   // collect lists by parts, not as records came
}

func tumbling(size moment) func(moment) []pane { return sliding(size, size) }

// sliding windows start at the multiples of every.
func sliding(size, every moment) func(moment) []pane {
	return func(at moment) (out []pane) {
		for s := at.floor(every); s > at-size; s -= every {
			out = append(out, pane{start: s, end: s + size})
		}
		slices.Reverse(out)
		return out
	}
}

// cumulative windows start together, and one ends at each step.
func cumulative(step, size moment) func(moment) []pane {
	return func(at moment) (out []pane) {
		w := at.floor(size)
		for e := w + step; e <= w+size; e += step {
			if e > at {
				out = append(out, pane{start: w, end: e})
			}
		}
		return out
	}
}

var kinds = []kind{
	{op: "t0", windows: tumbling(10 * second)},
	{op: "t1", windows: tumbling(10 * second), lateness: 7 * second},
	{op: "s0", windows: sliding(12*second, 3*second), mixed: true},
	{op: "s1", windows: sliding(10*second, 4*second), lateness: 5 * second, mixed: true},
	{op: "g0", gap: 4 * second, mixed: true},
	{op: "g1", gap: 4 * second, lateness: 9 * second, mixed: true},
	{op: "c1", windows: cumulative(5*second, 20*second), lateness: 8 * second, mixed: true},
	{op: "p1", windows: tumbling(10 * second), lateness: 6 * second, best: 3},
	{op: "t2", windows: tumbling(10 * second), lateness: 7 * second, early: 5 * second},
	{op: "g2", gap: 4 * second, lateness: 9 * second, mixed: true, early: 2 * second},
	{op: "p2", windows: tumbling(10 * second), best: 3, early: 4 * second},
}

// waits is for how long a window takes records after its end when e comes.
func (k *kind) waits(e event) moment {
	if k.hasty > 0 && e.id > k.hasty {
		return 0
	}
	return k.lateness
}

// row is what a pane gives.
func (k *kind) row(key string, p *pane) windowRow {
	r := windowRow{Op: k.op, K: key, Start: p.start, End: p.end, At: p.end - 1}
	list := slices.Clone(p.events)
	if k.best > 0 {
		slices.SortStableFunc(list, func(a, b event) int { return b.n - a.n })
		list = list[:min(k.best, len(list))]
	}
	for _, e := range list {
		r.N++
		r.Sum += e.n
		r.IDs = append(r.IDs, e.id)
	}
	if k.mixed {
		slices.Sort(r.IDs)
	}
	return r
}

// model says what a window operator gives for a key, and which records are late:
// a window fires when the watermark reaches its end, and again for each record
// that it takes then, up to its lateness.
func (k *kind) model(key string, events []event) (out []windowRow, late []int) {
	var panes []*pane
	fire := func(wm moment) {
		slices.SortStableFunc(panes, func(a, b *pane) int { return cmp.Compare(a.end, b.end) })
		for _, p := range panes {
			if p.soon > 0 && p.soon <= wm {
				r := k.row(key, p)
				r.Op, r.At = r.Op+" early", p.soon-1
				out = append(out, r)
				p.soon = 0
			}
			if !p.fired && p.end <= wm {
				p.fired = true
				out = append(out, k.row(key, p))
			}
		}
	}
	for _, e := range events {
		fire(e.wm)
		if e.k != key {
			continue
		}
		add := k.add
		if k.gap > 0 {
			add = k.join
		}
		touched := add(&panes, e)
		if touched == nil {
			late = append(late, e.id)
		}
		for _, p := range touched {
			p.fired, p.soon = false, k.next(p, e.wm)
		}
		fire(e.wm)
	}
	fire(never)
	return out, late
}

// next is when a pane that has changed gives what it holds so far: at the first
// multiple of early since its start that the watermark is to reach, if that is before
// its end.
func (k *kind) next(p *pane, wm moment) moment {
	for at := p.start + k.early; k.early > 0 && at < p.end; at += k.early {
		if at > wm {
			return at
		}
	}
	return 0
}

// add adds a record to every window that holds its time and takes records still.
func (k *kind) add(panes *[]*pane, e event) (touched []*pane) {
	for _, w := range k.windows(e.at) {
		if w.end+k.waits(e) <= e.wm {
			continue
		}
		i := slices.IndexFunc(*panes, func(p *pane) bool { return p.start == w.start && p.end == w.end })
		if i < 0 {
			i = len(*panes)
			*panes = append(*panes, &pane{start: w.start, end: w.end})
		}
		p := (*panes)[i]
		p.events = append(p.events, e)
		touched = append(touched, p)
	}
	return touched
}

// join makes one session of a record and all that it touches and that take
// records still.
func (k *kind) join(panes *[]*pane, e event) []*pane {
	one := &pane{start: e.at, end: e.at + k.gap, events: []event{e}}
	var others []*pane
	for _, p := range *panes {
		if p.end+k.waits(e) > e.wm && p.start < e.at+k.gap && e.at < p.end {
			one.start, one.end = min(one.start, p.start), max(one.end, p.end)
			one.events = append(one.events, p.events...)
			continue
		}
		others = append(others, p)
	}
	if len(others) == len(*panes) && one.end+k.waits(e) <= e.wm {
		return nil
	}
	*panes = append(others, one)
	return []*pane{one}
}

// counted is the model of count_window. With a ttl, what a key holds is forgotten
// when that has gone by since its last record.
func counted(op, key string, n int, ttl moment, events []event) (out []windowRow) {
	var held []event
	last := -never
	for _, e := range events {
		if e.k != key {
			continue
		}
		if ttl > 0 && last+ttl <= max(e.at, e.wm) {
			held, last = nil, -never
		}
		held, last = append(held, e), max(last, e.at)
		if len(held) < n {
			continue
		}
		r := windowRow{Op: op, K: key, Start: held[0].at, End: e.at, At: e.at}
		for _, h := range held {
			r.N, r.Sum, r.IDs = r.N+1, r.Sum+h.n, append(r.IDs, h.id)
		}
		out = append(out, r)
		held, last = nil, -never
	}
	return out
}

// TestWindows: windows give what their models give, and what is late is late.
func TestWindows(t *testing.T) {
	spec := program(t, "windows")
	n := checks(t, 50, 240, 100_000)
	rapid.Check(t, func(t *rapid.T) {
		events := drawEvents(t, 5*second)
		want, wantLate := grouped{}, grouped{}
		for _, key := range keysOf(events) {
			for i := range kinds {
				given, late := kinds[i].model(key, events)
				for _, r := range given {
					want.add(r.Op, r.K, r)
				}
				for _, l := range late {
					wantLate.add(kinds[i].op, key, aside{kinds[i].op, key, l, events[l-1].at})
				}
			}
			for _, r := range append(counted("n3", key, 3, 0, events), counted("n4", key, 4, 15*second, events)...) {
				want.add(r.Op, r.K, r)
			}
		}
		out, aslate := run(t, spec(), rows(events))
		given, late := decode[windowRow](t, out), decode[aside](t, aslate)
		got, gotLate := grouped{}, grouped{}
		for _, r := range given {
			if slices.ContainsFunc(kinds, func(k kind) bool { return k.op == strings.TrimSuffix(r.Op, " early") && k.mixed }) {
				slices.Sort(r.IDs)
			}
			got.add(r.Op, r.K, r)
		}
		for _, a := range late {
			gotLate.add(a.Op, a.K, a)
		}
		same(t, "windows", want, got)
		same(t, "late", wantLate, gotLate)
		checkTaken(t, given, late, events, "t0", "s0", "g0", "t1", "s1", "g1", "c1", "t2", "g2")
		checkSessions(t, given, events)
	})
	note(t, "library windows", n)
}

// checkTaken holds, without a model: what no window took is late, and nothing else,
// and a window without lateness comes once.
func checkTaken(t *rapid.T, given []windowRow, late []aside, events []event, ops ...string) {
	taken := map[string]map[int]bool{}
	times := map[string]int{}
	for _, r := range given {
		if taken[r.Op] == nil {
			taken[r.Op] = map[int]bool{}
		}
		for _, id := range r.IDs {
			taken[r.Op][id] = true
		}
		w := fmt.Sprint(r.Op, r.K, r.Start, r.End)
		if times[w]++; times[w] > 1 && (r.Op == "t0" || r.Op == "s0" || r.Op == "g0") {
			t.Fatalf("window %s came more than once", w)
		}
	}
	for _, op := range ops {
		left := map[int]bool{}
		for _, a := range late {
			left[a.ID] = left[a.ID] || a.Op == op
		}
		for _, e := range events {
			if taken[op][e.id] == left[e.id] {
				t.Fatalf("%s: record %d: taken %t, late %t", op, e.id, taken[op][e.id], left[e.id])
			}
		}
	}
}

// checkSessions holds the sessions of a run in which nothing was late against
// stretches of sorted times.
func checkSessions(t *rapid.T, rows []windowRow, events []event) {
	if slices.ContainsFunc(events, func(e event) bool { return e.at < e.wm }) {
		return
	}
	for _, key := range keysOf(events) {
		var times []moment
		for _, e := range events {
			if e.k == key {
				times = append(times, e.at)
			}
		}
		slices.Sort(times)
		var want, got []string
		for i, from := 0, 0; i < len(times); i++ {
			if i+1 == len(times) || times[i+1] >= times[i]+4*second {
				want = append(want, fmt.Sprint(times[from], times[i]+4*second, i+1-from))
				from = i + 1
			}
		}
		for _, r := range rows {
			if r.Op == "g0" && r.K == key {
				got = append(got, fmt.Sprint(r.Start, r.End, r.N))
			}
		}
		if !slices.Equal(want, got) {
			t.Fatalf("sessions of %s: %v, not %v", key, got, want)
		}
	}
}
