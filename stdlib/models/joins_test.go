package models

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// joinRow is a row of joins.flow; 0 is none. Of what is late, one side is.
type joinRow struct {
	Op, K       string
	Left, Right int
	At          moment
}

// A join is a join operator as its documentation has it.
type join struct {
	op          string
	left, right bool // also those of a side that meet none
	// late says whether a record comes too late.
	late func(e event) bool
	// pair says whether two records of a key meet, and when.
	pair func(l, r event) (moment, bool)
	// alone is the time of a record that met none.
	alone func(e event) moment
	// newest: of the right ones that it meets, a left one takes the newest, of those
	// of one time the last to come.
	newest bool
}

// windowJoin joins records of one window.
func windowJoin(op string, left, right bool, size, lateness moment) join {
	end := func(e event) moment { return e.at.floor(size) + size }
	return join{
		op: op, left: left, right: right,
		late:  func(e event) bool { return end(e)+lateness <= e.wm },
		pair:  func(l, r event) (moment, bool) { return end(l) - 1, end(l) == end(r) },
		alone: func(e event) moment { return end(e) - 1 },
	}
}

// behind says whether a record is behind the watermark.
func behind(e event) bool { return e.at < e.wm }

// intervalJoin joins records that lie so far apart. One that met none comes when
// none can meet it any more.
func intervalJoin(op string, left, right bool, from, to moment) join {
	return join{
		op: op, left: left, right: right, late: behind,
		pair: func(l, r event) (moment, bool) {
			apart := r.at - l.at
			return max(l.at, r.at), from <= apart && apart <= to
		},
		alone: func(e event) moment {
			if e.right {
				return e.at + max(-from, 0)
			}
			return e.at + max(to, 0)
		},
	}
}

// temporalJoin joins a left record with the newest right one not after it that has
// not lived for the ttl yet.
func temporalJoin(op string, left bool, ttl moment) join {
	return join{
		op: op, left: left, late: behind, newest: true,
		pair:  func(l, r event) (moment, bool) { return l.at, r.at <= l.at && l.at < r.at+ttl },
		alone: func(e event) moment { return e.at },
	}
}

var joins = []join{
	windowJoin("w0", false, false, 8*second, 0), windowJoin("w1", true, false, 8*second, 5*second),
	windowJoin("w2", false, true, 8*second, 0), windowJoin("w3", true, true, 8*second, 5*second),
	intervalJoin("i0", false, false, 0, 6*second), intervalJoin("i1", true, false, 0, 6*second),
	intervalJoin("i2", false, true, 0, 6*second), intervalJoin("i3", true, true, 0, 6*second),
	intervalJoin("i4", true, true, -5*second, 3*second), intervalJoin("i5", true, true, 2*second, 7*second),
	intervalJoin("i6", true, true, -7*second, -1*second),
	temporalJoin("v0", false, never), temporalJoin("v1", true, never), temporalJoin("v2", true, 4*second),
}

// model says which pairs of a key a join gives, and what is late. It looks at
// every left record and every right one: all that is not late meets all that it
// should, whatever came first.
func (j *join) model(key string, events []event) (out, late []joinRow) {
	var lefts, rights []event
	for _, e := range events {
		switch {
		case e.k != key:
		case j.late(e) && e.right:
			late = append(late, joinRow{j.op, key, 0, e.id, e.at})
		case j.late(e):
			late = append(late, joinRow{j.op, key, e.id, 0, e.at})
		case e.right:
			rights = append(rights, e)
		default:
			lefts = append(lefts, e)
		}
	}
	met := map[int]bool{}
	for _, l := range lefts {
		var pairs []joinRow
		var newest event
		for _, r := range rights {
			at, ok := j.pair(l, r)
			if !ok {
				continue
			}
			met[l.id], met[r.id] = true, true
			if j.newest && len(pairs) > 0 {
				if r.at < newest.at {
					continue
				}
				pairs = nil
			}
			newest = r
			pairs = append(pairs, joinRow{j.op, key, l.id, r.id, at})
		}
		out = append(out, pairs...)
		if j.left && !met[l.id] {
			out = append(out, joinRow{j.op, key, l.id, 0, j.alone(l)})
		}
	}
	for _, r := range rights {
		if j.right && !met[r.id] {
			out = append(out, joinRow{j.op, key, 0, r.id, j.alone(r)})
		}
	}
	return out, late
}

// TestJoins: joins give the pairs that their models give, and what is late is
// late. The order of a key's pairs is not looked at.
func TestJoins(t *testing.T) {
	spec := program(t, "joins")
	n := checks(t, 60, 300, 100_000)
	rapid.Check(t, func(t *rapid.T) {
		events := drawEvents(t, 4*second)
		want, wantLate := grouped{}, grouped{}
		for _, key := range keysOf(events) {
			for i := range joins {
				given, late := joins[i].model(key, events)
				for _, r := range given {
					want.add(r.Op, r.K, r)
				}
				for _, r := range late {
					wantLate.add(r.Op, r.K, r)
				}
			}
		}
		out, aslate := run(t, spec(), rows(events))
		got, gotLate := grouped{}, grouped{}
		for _, r := range decode[joinRow](t, out) {
			got.add(r.Op, r.K, r)
		}
		for _, r := range decode[joinRow](t, aslate) {
			gotLate.add(r.Op, r.K, r)
		}
		for _, g := range []grouped{want, got, wantLate, gotLate} {
			for _, rows := range g {
				slices.Sort(rows)
			}
		}
		same(t, "pairs", want, got)
		same(t, "late", wantLate, gotLate)
	})
	note(t, "library joins", n)
}
