package models

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/stdlib/models/service"
)

// callRow is a row of calls.flow.
type callRow struct {
	Op, K  string
	At     moment
	ID, N  int
	Reason string
}

// A caller is a step that calls Answer or Steady, as its documentation has it.
type caller struct {
	op      string
	retries int64
	total   bool                                  // answers have the order of all records, else of those of a key
	none    bool                                  // answers have no order
	policy  func(e event, reason string) *callRow // what comes of a record that has failed
}

var callers = []caller{
	{op: "o", retries: 2, total: true, policy: func(e event, reason string) *callRow {
		return &callRow{Op: "o", K: e.k, At: e.at, ID: e.id, Reason: reason}
	}},
	{op: "u", retries: 2, none: true, policy: func(event, string) *callRow { return nil }},
	{op: "k", retries: 2, policy: func(e event, _ string) *callRow {
		return &callRow{Op: "k", At: e.at, Reason: "default"}
	}},
	{op: "t", retries: 1 << 30},
}

// reason is why the last call for a record has failed, "" if it has not.
func reason(id, retries int64) string {
	switch fails := service.Fails(id); {
	case fails < 0:
		return service.Never{}.Error()
	case fails > retries:
		return service.ErrBusy.Error()
	}
	return ""
}

// called is what Steady and Answer make of all records, by step.
func called(events []event) grouped {
	g := grouped{}
	for _, s := range callers {
		for _, e := range events {
			row := &callRow{Op: s.op, K: e.k, At: e.at, ID: e.id, N: 10 * e.n}
			if why := reason(int64(e.id), s.retries); why != "" && s.policy != nil {
				row = s.policy(e, why)
			}
			if row != nil {
				g.add(s.op, order(*row, s.total), *row)
			}
		}
	}
	return g
}

// order names the group within which rows keep their order. Those that failed and
// stand elsewhere have one of their own.
func order(r callRow, total bool) string {
	switch {
	case r.Reason != "":
		return "failed"
	case total:
		return ""
	}
	return r.K
}

// TestCalls: each record gets one answer, or what the policy says, whatever fails,
// takes too long, or is made again after a crash; in the order that is promised;
// what a cache gives is no older than its ttl.
func TestCalls(t *testing.T) {
	spec := program(t, "calls")
	n := checks(t, 20, 60, 30_000)
	rapid.Check(t, func(t *rapid.T) {
		events := drawEvents(t, 5*second)
		service.Reset()
		of := spec()
		wire := of.Wire
		of.Wire = func(g *rt.Graph) {
			service.Begin()
			wire(g)
		}
		disk := runOver(t, of, map[string]string{"in.jsonl": rows(events)})
		out := decode[callRow](t, read(t, disk, "out.jsonl"))
		got, found := grouped{}, map[string][]callRow{}
		for _, r := range out {
			i := slices.IndexFunc(callers, func(c caller) bool { return c.op == r.Op })
			if i < 0 {
				found[r.Op] = append(found[r.Op], r)
				continue
			}
			got.add(r.Op, order(r, callers[i].total), r)
		}
		want := called(events)
		for _, c := range callers {
			for _, g := range []grouped{want, got} {
				for id, rows := range g {
					if c.none && strings.HasPrefix(id, c.op+" ") || id == "k failed" { // defaults do not say of whom
						slices.Sort(rows)
					}
				}
			}
		}
		same(t, "answers", want, got)
		checkTries(t)
		for _, l := range lookups {
			l.check(t, events, found[l.op])
		}
		checkBehind(t, events, decode[windowRow](t, read(t, disk, "panes.jsonl")), decode[aside](t, read(t, disk, "late.jsonl")))
	})
	note(t, "library calls", n)
}

// checkBehind: windows behind calls that keep the order hold what they would hold
// without the calls, and no more records are late.
func checkBehind(t *rapid.T, events []event, given []windowRow, late []aside) {
	want, got, wantLate, gotLate := grouped{}, grouped{}, grouped{}, grouped{}
	windows := kind{op: "w", windows: tumbling(10 * second)}
	for _, key := range keysOf(events) {
		given, late := windows.model(key, events)
		for _, r := range given {
			r.Sum *= 10
			want.add("w", key, r)
		}
		for _, l := range late {
			wantLate.add("w", key, aside{"w", key, l, events[l-1].at})
		}
	}
	for _, r := range given {
		got.add(r.Op, r.K, r)
	}
	for _, a := range late {
		gotLate.add(a.Op, a.K, a)
	}
	same(t, "windows behind calls", want, got)
	same(t, "late behind calls", wantLate, gotLate)
}

// checkTries: in one life of the job no record is asked for more often than once and
// its retries, and where that is of no use, once.
func checkTries(t *rapid.T) {
	tries := map[string]int64{}
	for _, e := range service.Log {
		if e.ID == 0 || e.Key != "" || e.Op != "o" && e.Op != "u" && e.Op != "k" {
			continue
		}
		most := 3
		if service.Fails(e.ID) < 0 {
			most = 1
		}
		record := fmt.Sprint(e.Op, " ", e.ID, " in life ", e.Life)
		if tries[record]++; tries[record] > int64(most) {
			t.Fatalf("more than %d calls for %s", most, record)
		}
	}
}

// A lookup is a lookup_join, as its documentation has it.
type lookup struct {
	op    string
	left  bool
	total bool // rows have the order of all records, else of those of a key
	size  int  // of the cache
	ttl   int64
}

var lookups = []lookup{
	{op: "l0", left: true, total: true},
	{op: "l1", size: 2, ttl: 20_000},
	{op: "l2", left: true, total: true, size: 10, ttl: 50_000},
}

// An outcome is what a record was told: when what it was told has been asked for, 0 if
// there is nothing, or that the call has failed.
type outcome struct {
	asked int64
	fails bool
}

// check holds what has come of a lookup against what its records were told: of each
// there is one row, in order.
func (l *lookup) check(t *rapid.T, events []event, given []callRow) {
	told := l.told(t)
	rows := map[int]int{}
	last := map[string]int{}
	for _, r := range given {
		of := outcome{asked: int64(r.N), fails: r.Reason != ""}
		if !slices.Contains(told[int64(r.ID)], of) {
			t.Fatalf("%s: record %d has %+v, and was told %+v", l.op, r.ID, r, told[int64(r.ID)])
		}
		if e := events[r.ID-1]; r.K != e.k || r.At != e.at {
			t.Fatalf("%s: %+v is not of %+v", l.op, r, e)
		}
		rows[r.ID]++
		if last[order(r, l.total)] >= r.ID {
			t.Fatalf("%s: record %d comes behind %d", l.op, r.ID, last[order(r, l.total)])
		}
		last[order(r, l.total)] = r.ID
	}
	for _, e := range events {
		want := 1
		if !l.left && e.k == "k3" {
			want = 0
		}
		if rows[e.id] != want {
			t.Fatalf("%s: of record %d there are %d rows, not %d", l.op, e.id, rows[e.id], want)
		}
	}
}

// told returns what each record was told, by its id, whenever it asked. It holds that
// what is kept, of the last keys by their use, and no longer than the ttl, is not asked
// for again, and all else is.
func (l *lookup) told(t *rapid.T) map[int64][]outcome {
	type kept struct {
		key          string
		asked, until int64
	}
	var cache []kept // the last by use at the end
	var wants *service.Entry
	told := map[int64][]outcome{}
	life := 0
	for i := range service.Log {
		e := &service.Log[i]
		if e.Op != l.op {
			continue
		}
		if e.Life != life {
			life, cache, wants = e.Life, nil, nil
		}
		at := slices.IndexFunc(cache, func(k kept) bool { return k.key == e.Key })
		switch {
		case e.ID != 0 && wants != nil:
			t.Fatalf("%s: nobody was asked for what %+v wants", l.op, *wants)
		case e.ID != 0 && at >= 0 && e.At < cache[at].until:
			k := cache[at]
			cache = append(slices.Delete(cache, at, at+1), k)
			told[e.ID] = append(told[e.ID], outcome{asked: k.asked})
		case e.ID != 0:
			wants = e
			if at >= 0 {
				cache = slices.Delete(cache, at, at+1)
			}
		case wants == nil || wants.Key != e.Key:
			t.Fatalf("%s: %+v is asked for, though it is kept", l.op, *e)
		default:
			of := outcome{fails: e.Fails}
			if !e.Fails && e.Key != "k3" {
				of.asked = e.At
			}
			told[wants.ID] = append(told[wants.ID], of)
			if wants = nil; !e.Fails && l.size > 0 {
				cache = append(cache, kept{e.Key, of.asked, e.At + l.ttl})
				cache = cache[max(0, len(cache)-l.size):]
			}
		}
	}
	return told
}
