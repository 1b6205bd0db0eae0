package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// suite is everything that is measured. A name matches -run if one of its
// figures' names does.
var suite = []measurement{
	contestOf("stateless-json", contest{
		users: 100_000,
		candidates: []candidate{
			hand("hand loop", "./bench/hand/stateless"),
			flow("flow", "bench/stateless.flow", "1"),
		},
		comparisons: []comparison{
			{name: "stateless-json", against: "hand loop", of: "flow", to: "hand loop", goal: 0.85},
		},
	}),
	contestOf("keyed-json/1e5", keyed("1e5", 100_000)),
	contestOf("keyed-json/1e6", keyed("1e6", 1_000_000)),
	contestOf("collections-json", contest{
		users: 10_000,
		candidates: []candidate{
			hand("hand loop", "./bench/hand/collections"),
			flow("flow", "bench/collections.flow", "1"),
		},
		comparisons: []comparison{
			{name: "collections-json", against: "hand loop", of: "flow", to: "hand loop", goal: 0.8},
		},
	}),
	contestOf("windows", contest{
		users: 100,
		candidates: []candidate{
			flow("tumbling", "bench/tumbling.flow", "1"),
			flow("sliding", "bench/sliding.flow", "1"),
		},
		comparisons: []comparison{
			// A minute by seconds may cost at most 1.6 times as much.
			{name: "sliding-60s-by-1s", against: "tumbling 60s", of: "sliding", to: "tumbling", goal: 0.625},
		},
	}),
	{name: "check/temperature", run: checkTime},
	{name: "run-after-edit/temperature", run: runAfterEdit},
	{name: "binary/temperature", run: binarySize},
}

// keyed is the contest of the job with state.
func keyed(size string, users int) contest {
	one := flow("flow", "bench/keyed.flow", "1")
	return contest{
		users: users,
		candidates: []candidate{
			hand("hand loop", "./bench/hand/keyed"),
			one,
			flow("two shards", "bench/keyed.flow", "2"),
			twice(one),
			hand("idiomatic Go", "./bench/hand/idiomatic"),
		},
		comparisons: []comparison{
			{name: "keyed-json/" + size, against: "hand loop", of: "flow", to: "hand loop", goal: 0.9},
			{name: "keyed-json/" + size, against: "idiomatic Go", of: "flow", to: "idiomatic Go", goal: 8},
			{name: "two-shards/" + size, against: "one shard", of: "two shards", to: "flow", clock: true, goal: 1.5},
			{name: "two-jobs-side-by-side/" + size, against: "one job", of: "two of flow", to: "flow", clock: true},
		},
	}
}

// A measurement gives some figures.
type measurement struct {
	name string
	run  func(*workshop) ([]Figure, error)
	also []string // names of its other figures
	far  bool     // it needs more than Go, and is run only where -run names it
}

// contestOf makes a measurement of a contest.
func contestOf(name string, c contest) measurement {
	m := measurement{name: name, run: c.run}
	for _, k := range c.comparisons {
		m.also = append(m.also, k.name)
	}
	return m
}

// measureAll runs the measurements that match and returns their figures.
func measureAll(w *workshop, wanted *regexp.Regexp) ([]Figure, error) {
	var figures []Figure
	for _, m := range slices.Concat(suite, durable, reads, functions, nexmark, versus) {
		if m.far && wanted.String() == "" || !wanted.MatchString(strings.Join(append(m.also, m.name), "\n")) {
			continue
		}
		got, err := m.run(w)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
		figures = append(figures, got...)
	}
	return figures, nil
}
