package models

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// aggregateRow is a row of aggregates.flow.
type aggregateRow struct {
	Op, K string
	Start *moment
	V     made
}

// made is what the aggregates make of the records IDs. Decimals are kept as text.
type made struct {
	IDs                                                           []int
	N, Total, Least, Early, Newest, Lowest, Highest, Kinds, About int
	Totalx, Most, Mean, Spread, Median, Ninth                     float64
	Totald, Meand                                                 json.Number
	Greatest, Leaders                                             []int
}

// aggregated is the model of every aggregate over records in the order in which
// they were added, or put together.
func aggregated(list []event) made {
	m := made{N: len(list), Least: math.MaxInt, Most: math.Inf(-1)}
	early, newest, lowest, highest := list[0], list[0], list[0], list[0]
	cents := 0
	kinds := map[int]bool{}
	var xs []float64
	for _, e := range list {
		m.IDs = append(m.IDs, e.id)
		m.Total += e.n
		m.Totalx += e.x()
		cents += e.cents()
		m.Least, m.Most = min(m.Least, e.n), max(m.Most, e.x())
		kinds[e.n] = true
		xs = append(xs, e.x())
		if e.at < early.at {
			early = e
		}
		if e.at >= newest.at {
			newest = e
		}
		if e.n < lowest.n {
			lowest = e
		}
		if e.n > highest.n {
			highest = e
		}
	}
	m.Early, m.Newest, m.Lowest, m.Highest = early.id, newest.id, lowest.id, highest.id
	m.Kinds, m.About = len(kinds), len(kinds)
	m.Mean = float64(m.Total) / float64(m.N)
	for _, x := range xs {
		m.Spread += (x - m.Totalx/float64(m.N)) * (x - m.Totalx/float64(m.N)) / float64(m.N)
	}
	m.Spread = math.Sqrt(m.Spread)
	slices.Sort(xs)
	m.Median, m.Ninth = xs[int(0.5*float64(m.N-1))], xs[int(0.9*float64(m.N-1))]
	m.Totald = json.Number(fmt.Sprintf("%d.%02d", cents/100, cents%100))
	m.Meand = meanOf(cents, m.N)
	best := slices.Clone(list)
	slices.SortStableFunc(best, func(a, b event) int { return b.n - a.n })
	for _, e := range best[:min(3, len(best))] {
		m.Greatest = append(m.Greatest, e.n)
	}
	for _, e := range best[:min(2, len(best))] {
		m.Leaders = append(m.Leaders, e.id)
	}
	return m
}

// meanOf divides hundredths, to six digits, halves to even.
func meanOf(cents, n int) json.Number {
	r := big.NewRat(int64(cents)*10_000, int64(n))
	floor := new(big.Int).Div(r.Num(), r.Denom())
	rest := new(big.Rat).Sub(r, new(big.Rat).SetInt(floor))
	if c := rest.Cmp(big.NewRat(1, 2)); c > 0 || c == 0 && floor.Bit(0) == 1 {
		floor.Add(floor, big.NewInt(1))
	}
	text := fmt.Sprintf("%07d", floor)
	return json.Number(text[:len(text)-6] + "." + text[len(text)-6:])
}

// differs says in what two results differ: floats by more than rounding, and
// quantiles by more than a hundredth.
func (m made) differs(o made) string {
	near := func(a, b, by float64) bool { return math.Abs(a-b) <= by*max(math.Abs(a), math.Abs(b))+1e-9 }
	switch {
	case !near(m.Totalx, o.Totalx, 1e-12), !near(m.Mean, o.Mean, 1e-12), !near(m.Spread, o.Spread, 1e-7):
		return "floats"
	case !near(m.Median, o.Median, 0.0101), !near(m.Ninth, o.Ninth, 0.0101):
		return "quantiles"
	}
	m.Totalx, m.Mean, m.Spread, m.Median, m.Ninth = o.Totalx, o.Mean, o.Spread, o.Median, o.Ninth
	if a, b := fmt.Sprintf("%+v", m), fmt.Sprintf("%+v", o); a != b {
		return a + "\n" + b
	}
	return ""
}

// aggregateKinds are the windows of aggregates.flow.
var aggregateKinds = []kind{
	{op: "sliding", windows: sliding(12*second, 4*second), mixed: true},
	{op: "session", gap: 5 * second, lateness: 6 * second, mixed: true},
}

// TestAggregates: aggregates make of the records of each key so far, and of those
// of each window, what their models make of the same records. Which these are the
// models of windows say; in which order parts were put together, collect.
func TestAggregates(t *testing.T) {
	spec := program(t, "aggregates")
	n := checks(t, 30, 150, 50_000)
	rapid.Check(t, func(t *rapid.T) {
		events := drawEvents(t, 5*second)
		want, got := grouped{}, grouped{}
		for _, key := range keysOf(events) {
			var ids []int
			for _, e := range events {
				if e.k == key {
					ids = append(ids, e.id)
					want.add("running", key, ids)
				}
			}
			for i := range aggregateKinds {
				given, _ := aggregateKinds[i].model(key, events)
				for _, r := range given {
					want.add(r.Op, r.K, r.IDs)
				}
			}
		}
		out, _ := run(t, spec(), rows(events))
		for _, r := range decode[aggregateRow](t, out) {
			var list []event
			for _, id := range r.V.IDs {
				list = append(list, events[id-1])
			}
			if d := aggregated(list).differs(r.V); d != "" {
				t.Fatalf("%s of %s: %s", r.Op, r.K, d)
			}
			if !strings.HasPrefix(r.Op, "running") {
				slices.Sort(r.V.IDs)
			}
			got.add(r.Op, r.K, r.V.IDs)
		}
		same(t, "records", want, got)
	})
	note(t, "library aggregates", n)
}
