package sim_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	ended "github.com/flow-lang/flowc/golden/gen/ended"
	families "github.com/flow-lang/flowc/golden/gen/families"
	lifetimes "github.com/flow-lang/flowc/golden/gen/lifetimes"
	lives "github.com/flow-lang/flowc/golden/gen/lives"
	turned "github.com/flow-lang/flowc/golden/gen/turned"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/state/memstore"
	"github.com/flow-lang/flowc/rt/vfs"
)

// generated is a program as the compiler writes it: what an undisturbed run of it
// gives, in memory and with one shard, is what every life of it must give.
type generated struct {
	spec    func() rt.Spec
	turned  func() rt.Spec // does the same and keeps its state in another way; nil if there is none
	row     func(random *rand.Rand, at string) string
	outputs []string
	step    int // milliseconds between two rows, at most
}

var programs = []generated{
	{lives.Pipeline, turned.Pipeline, func(r *rand.Rand, at string) string {
		return fmt.Sprintf(`{"user":"u%d","page":"p%d","at":%q,"n":%d}`, r.IntN(6), r.IntN(4), at, r.IntN(12))
	}, []string{"stays.jsonl", "pages.jsonl"}, 20_000},
	{families.Pipeline, nil, func(r *rand.Rand, at string) string {
		return fmt.Sprintf(`{"user":"u%d","page":"p%d","at":%q,"n":%d}`, r.IntN(6), r.IntN(4), at, r.IntN(10))
	}, []string{"out.jsonl"}, 120_000},
	{lifetimes.Pipeline, nil, func(r *rand.Rand, at string) string {
		return fmt.Sprintf(`{"id":%d,"kind":"k%d","at":%q}`, r.IntN(6), r.IntN(4), at)
	}, []string{"fresh.jsonl", "named.jsonl"}, 900_000},
	{ended.Pipeline, nil, func(r *rand.Rand, at string) string {
		return fmt.Sprintf(`{"k":"k%d","at":%q,"n":%d,"rate":%t}`, r.IntN(6), at, r.IntN(12), r.IntN(3) == 0)
	}, []string{"out.jsonl"}, 2000},
}

// checkGenerated lives the life of a generated program, with its state in memory
// or in a store, changing at each start.
func checkGenerated(t testing.TB, seed uint64, mutate func(*sim.Life)) (sim.LifeCount, error) {
	random := rand.New(rand.NewPCG(seed, 7))
	p := programs[random.IntN(len(programs))]
	text := p.input(random, 30+random.IntN(120))
	want := map[string]string{}
	plain := vfs.NewMem()
	if err := vfs.WriteFile(plain, "in.jsonl", []byte(text)); err != nil {
		t.Fatal(err)
	}
	if _, err := sim.Run(p.spec(), sim.Options{Job: rt.Options{FS: plain, Parallelism: 1}}); err != nil {
		return sim.LifeCount{}, err
	}
	for _, name := range p.outputs {
		want[name] = content(t, plain, name)
	}
	l := &sim.Life{
		Seed: seed, Random: random, Spec: p.spec(), Disk: vfs.NewCrashable(), Crashes: random.IntN(24), Faults: random.IntN(4), Stops: random.IntN(3) / 2,
		Backends: []string{rt.MemoryState, memstore.Name}, Options: func() rt.Options { return options(random, nil) },
	}
	if p.turned != nil {
		l.Turned = p.turned()
	}
	first, rest := halved(random, text, l.Stops > 0)
	lasting(t, l.Disk, "in.jsonl", first)
	l.Rest = map[string]string{"in.jsonl": rest}
	if mutate != nil {
		mutate(l)
	}
	if err := liveTwice(l); err != nil {
		return l.Count, err
	}
	for _, name := range p.outputs {
		if diff := cmp.Diff(sortedLines(want[name]), sortedLines(content(t, l.Disk, name))); diff != "" {
			return l.Count, fmt.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	return l.Count, nil
}

// input makes up rows whose times go on, with some that come late.
func (p *generated) input(random *rand.Rand, rows int) string {
	var b strings.Builder
	at := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	for range rows {
		at = at.Add(time.Duration(random.IntN(p.step)) * time.Millisecond)
		late := time.Duration(0)
		if random.IntN(8) == 0 {
			late = time.Duration(random.IntN(2*p.step)) * time.Millisecond
		}
		b.WriteString(p.row(random, at.Add(-late).Format(time.RFC3339Nano)) + "\n")
	}
	return b.String()
}

func sortedLines(text string) []string { return slices.Sorted(strings.Lines(text)) }
