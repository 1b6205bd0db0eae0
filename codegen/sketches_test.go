package codegen_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	sketches "github.com/flow-lang/flowc/golden/gen/sketches"
)

// reading is a row of input of the program sketches.
type reading struct {
	User string    `json:"user"`
	At   time.Time `json:"at"`
	V    float64   `json:"v"`
}

// TestSketches holds what windows estimate to what is exact: they share slices, so
// that every one of them merges sketches.
func TestSketches(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(7, 11))
	draw := map[string]func() float64{
		"few":    func() float64 { return float64(rnd.IntN(200)) },
		"many":   func() float64 { return rnd.NormFloat64() * 100 },
		"skewed": func() float64 { return math.Exp(rnd.NormFloat64() * 4) },
		"none":   func() float64 { return 0 },
		"below":  func() float64 { return -float64(rnd.IntN(3000)) },
		"huge":   func() float64 { return math.Ldexp(rnd.Float64()-0.5, rnd.IntN(1200)-600) },
	}
	begin := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	var rows []reading
	var input []byte
	for i := range 24_000 {
		at := begin.Add(time.Duration(i) * 300 * time.Millisecond)
		for _, user := range []string{"few", "many", "skewed", "none", "below", "huge"} {
			if i%2 == 0 || user == "many" {
				rows = append(rows, reading{user, at, draw[user]()})
				line, err := json.Marshal(rows[len(rows)-1])
				if err != nil {
					t.Fatal(err)
				}
				input = append(append(input, line...), '\n')
			}
		}
	}
	got := run(t, sketches.Pipeline(), 1, map[string][]byte{"in.jsonl": input})
	windows := 0
	for user, lines := range got {
		for _, line := range lines {
			windows++
			checkSketch(t, user, line, rows)
		}
	}
	if windows < 30 {
		t.Errorf("only %d windows", windows)
	}
	if diff := cmp.Diff(got, run(t, sketches.Pipeline(), 3, map[string][]byte{"in.jsonl": input})); diff != "" {
		t.Errorf("three shards give something else (-one +three):\n%s", diff)
	}
}

// checkSketch holds a row of output to the exact figures of its window.
func checkSketch(t *testing.T, user, line string, rows []reading) {
	t.Helper()
	var w struct {
		End                        time.Time
		N, Distinct                int
		Least, Tenth, Median, Most float64
	}
	if err := json.Unmarshal([]byte(line), &w); err != nil {
		t.Fatal(err)
	}
	var values []float64
	for _, r := range rows {
		if r.User == user && r.At.Before(w.End) && !r.At.Before(w.End.Add(-time.Hour)) {
			values = append(values, r.V)
		}
	}
	slices.Sort(values)
	if w.N != len(values) || w.Least != values[0] || w.Most != values[w.N-1] {
		t.Errorf("%s: of %d values from %g to %g: %s", user, len(values), values[0], values[len(values)-1], line)
	}
	near := func(what string, got float64, q float64) {
		want := values[int(q*float64(len(values)-1))]
		// Counters of the values nearest to zero may have become one.
		if math.Abs(got-want) > 0.0101*math.Abs(want) && !(math.Abs(want) < 1e-30 && math.Abs(got) < 1e-20) {
			t.Errorf("%s: the %s is %g, estimated as %g", user, what, want, got)
		}
	}
	near("tenth", w.Tenth, 0.1)
	near("median", w.Median, 0.5)
	distinct := len(slices.Compact(values))
	limit := 5 * 1.04 / 64 * float64(distinct)
	if distinct <= 256 {
		limit = 0
	}
	if off := math.Abs(float64(w.Distinct - distinct)); off > limit {
		t.Errorf("%s: %d different values, estimated as %d", user, distinct, w.Distinct)
	}
	if w.N == 0 {
		t.Error(fmt.Sprint("a window of nothing: ", line))
	}
}
