package sim_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/reliability"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// input is the rows of each partition.
type input [][]row

type row struct {
	user  string
	at    value.Timestamp
	reset bool
}

// randomInput returns rows whose times are out of order by up to disorder. Only
// a single partition has resets.
func randomInput(random *rand.Rand, partitions, rows, disorder int) input {
	in := make(input, partitions)
	for p := range in {
		at := value.Timestamp(1000)
		for range rows {
			at += value.Timestamp(random.IntN(30))
			in[p] = append(in[p], row{
				user:  fmt.Sprintf("p%d-user-with-a-long-name-%d", p, random.IntN(20)),
				at:    at - value.Timestamp(random.IntN(disorder+1)),
				reset: partitions == 1 && random.IntN(15) == 0,
			})
		}
	}
	return in
}

func (in input) text(p int) string {
	var b strings.Builder
	for _, r := range in[p] {
		kind := "visit"
		if r.reset {
			kind = "reset"
		}
		fmt.Fprintf(&b, "%s,%d,%s\n", r.user, r.at, kind)
	}
	return b.String()
}

// files puts the partitions into a file system.
func (in input) files(t testing.TB) vfs.FS {
	t.Helper()
	fs := vfs.NewMem()
	for p := range in {
		f, err := fs.Create(fmt.Sprintf("in-%d", p))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, in.text(p)); err != nil {
			t.Fatal(err)
		}
	}
	return fs
}

// content returns a file's text.
func content(t testing.TB, fs vfs.FS, name string) string {
	t.Helper()
	f, err := fs.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// byKey returns the lines of each first word, in order.
func byKey(text string) map[string][]string {
	keys := map[string][]string{}
	for line := range strings.Lines(text) {
		key, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		keys[key] = append(keys[key], rest)
	}
	return keys
}

// options returns the options that a seed decides besides the order of steps.
func options(random *rand.Rand, fs vfs.FS) rt.Options {
	return rt.Options{
		FS:          fs,
		Parallelism: 1 + random.IntN(4),
		BlockSize:   64 << random.IntN(10),
		Window:      random.IntN(8),
		Poison:      true,
	}
}

// checkSeed simulates one seed over one partition and compares with the oracle.
func checkSeed(t testing.TB, seed uint64, mutant rt.Mutant) error {
	random := rand.New(rand.NewPCG(seed, 1))
	in := randomInput(random, 1, 40+random.IntN(200), random.IntN(4)*lag)
	fs := in.files(t)
	opts := options(random, fs)
	opts.Mutant = mutant
	if _, err := sim.Run(pipeline("in-0", 1, random.IntN(4) == 0), sim.Options{Seed: seed, Job: opts}); err != nil {
		return err
	}
	want := oracle(in[0])
	if diff := cmp.Diff(want.users, byKey(content(t, fs, "users"))); diff != "" {
		return fmt.Errorf("users (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want.regions, byKey(content(t, fs, "regions"))); diff != "" {
		return fmt.Errorf("regions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(in.text(0), content(t, fs, "raw")); diff != "" {
		return fmt.Errorf("raw (-want +got):\n%s", diff)
	}
	return nil
}

// seeds is how many seeds the tests try.
func seeds(n uint64) uint64 {
	if testing.Short() {
		return n / 10
	}
	return n
}

// TestEverySeedGivesTheOraclesOutput: one partition has one meaning, whatever
// the parallelism, the block size and the order of steps.
func TestEverySeedGivesTheOraclesOutput(t *testing.T) {
	t.Parallel()
	for seed := range seeds(2500) {
		if err := checkSeed(t, seed, 0); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// checkPartitions simulates several partitions. Their order is free, so it
// checks what holds in any: nothing is late whose partition is in order, users
// see their own visits in order, and all visits are summed.
func checkPartitions(t testing.TB, seed uint64, mutant rt.Mutant) error {
	random := rand.New(rand.NewPCG(seed, 2))
	in := randomInput(random, 2+random.IntN(3), 20+random.IntN(100), lag)
	fs := in.files(t)
	opts := options(random, fs)
	opts.Mutant = mutant
	if _, err := sim.Run(pipeline("in-*", len(in), random.IntN(4) == 0), sim.Options{Seed: seed, Job: opts}); err != nil {
		return err
	}
	rows := content(t, fs, "users")
	if err := checkUsers(in, rows); err != nil {
		return err
	}
	return checkRegions(rows, content(t, fs, "regions"))
}

// checkUsers checks what users' rows say in any order of partitions.
func checkUsers(in input, rows string) error {
	if i := strings.Index(rows, "late"); i >= 0 {
		return fmt.Errorf("a visit is late though its partition is in order: …%s", rows[max(0, i-60):i+4])
	}
	got := byKey(rows)
	for p := range in {
		want := map[string][]string{}
		for _, r := range in[p] {
			want[r.user] = append(want[r.user], fmt.Sprint(r.at))
		}
		for user, times := range want {
			for i, line := range got[user] {
				if at, _, _ := strings.Cut(line, " "); i >= len(times) || at != times[i] {
					return fmt.Errorf("visits of %s: %q, want times %q", user, got[user], times)
				}
			}
			if len(got[user]) != len(times) {
				return fmt.Errorf("%s has %d visits, want %d", user, len(got[user]), len(times))
			}
		}
	}
	return nil
}

// checkRegions compares the sums of all regions with the sessions that the
// users' rows show.
func checkRegions(users, regions string) error {
	var want, got int64
	for _, lines := range byKey(users) {
		last := int64(0)
		for _, line := range lines {
			var at, visits int64
			_, _ = fmt.Sscan(line, &at, &visits)
			if visits <= last {
				want += last
			}
			last = visits
		}
		want += last
	}
	for _, lines := range byKey(regions) {
		for _, line := range lines {
			var at, sessions, visits, late int64
			_, _ = fmt.Sscan(line, &at, &sessions, &visits, &late)
			if late > 0 {
				return fmt.Errorf("a session is late in its region: %s", line)
			}
			got += visits
		}
	}
	if got != want {
		return fmt.Errorf("regions sum up to %d visits, want %d", got, want)
	}
	return nil
}

func TestPartitionsKeepTheirPromise(t *testing.T) {
	t.Parallel()
	for seed := range seeds(1000) {
		if err := checkPartitions(t, seed, 0); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// TestMutantsAreFound: the tests above can fail.
func TestMutantsAreFound(t *testing.T) {
	t.Parallel()
	const limit = 500
	for mutant := rt.BlocksAsTheyCome; mutant <= rt.LostMessages; mutant++ {
		t.Run(fmt.Sprint(mutant), func(t *testing.T) {
			t.Parallel()
			for seed := range uint64(limit) {
				if checkSeed(t, seed, mutant) != nil || checkPartitions(t, seed, mutant) != nil || checkGifts(t, seed, mutant) != nil {
					t.Logf("found at seed %d", seed)
					return
				}
			}
			t.Errorf("mutant %d survives %d seeds", mutant, limit)
		})
	}
}

func TestSameSeedSameTrace(t *testing.T) {
	t.Parallel()
	traces := map[uint64]bool{}
	for seed := range uint64(50) {
		var results []sim.Result
		for range 2 {
			random := rand.New(rand.NewPCG(seed, 3))
			in := randomInput(random, 3, 100, lag)
			r, err := sim.Run(pipeline("in-*", 3, seed%2 == 0), sim.Options{Seed: seed, Job: options(random, in.files(t))})
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
			results = append(results, r)
		}
		if diff := cmp.Diff(results[0], results[1]); diff != "" {
			t.Errorf("seed %d (-first +second):\n%s", seed, diff)
		}
		traces[results[0].Trace] = true
	}
	if len(traces) != 50 {
		t.Errorf("50 seeds gave %d traces", len(traces))
	}
}

// TestMalformedRowIsTheFirst: of several malformed rows the message names the
// first, and rows before it are written, whatever the order of steps.
func TestMalformedRowIsTheFirst(t *testing.T) {
	t.Parallel()
	for seed := range seeds(300) {
		random := rand.New(rand.NewPCG(seed, 4))
		in := randomInput(random, 1, 200, lag)
		fs := in.files(t)
		f, err := fs.Create("in-0")
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Split(in.text(0), "\n")
		text[100], text[110], text[150] = "first", "second", "third"
		if _, err := io.WriteString(f, strings.Join(text, "\n")); err != nil {
			t.Fatal(err)
		}
		_, err = sim.Run(pipeline("in-0", 1, false), sim.Options{Seed: seed, Job: options(random, fs)})
		var record *rt.RecordError
		if !errors.As(err, &record) || record.Place != "in-0:101" || record.Record != "first" {
			t.Fatalf("seed %d: error = %v, want one at in-0:101", seed, err)
		}
		if raw := content(t, fs, "raw"); !strings.HasPrefix(strings.Join(text[:100], "\n")+"\n", raw) {
			t.Fatalf("seed %d: rows after the first mistake were written:\n%s", seed, raw)
		}
	}
}

// TestGoroutinesGiveTheSame runs the pipeline as production does.
func TestGoroutinesGiveTheSame(t *testing.T) {
	t.Parallel()
	starts := reliability.Size(60, 500, 10_000)
	for seed := range uint64(starts) {
		random := rand.New(rand.NewPCG(seed, 5))
		in := randomInput(random, 1, 1000, 2*lag)
		fs := in.files(t)
		if err := rt.Run(context.Background(), pipeline("in-0", 1, random.IntN(2) == 0), options(random, fs)); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		want := oracle(in[0])
		if diff := cmp.Diff(want.users, byKey(content(t, fs, "users"))); diff != "" {
			t.Fatalf("seed %d: users (-want +got):\n%s", seed, diff)
		}
		if diff := cmp.Diff(want.regions, byKey(content(t, fs, "regions"))); diff != "" {
			t.Fatalf("seed %d: regions (-want +got):\n%s", seed, diff)
		}
	}
	reliability.Note(t, "T17", 0, reliability.Count{Name: "jobs with goroutines", N: int64(starts)})
}

// outcome is what the oracle says: lines by key.
type outcome struct{ users, regions map[string][]string }

// oracleTimer is a timer of the oracle.
type oracleTimer struct {
	at  value.Timestamp
	key string
}

// oracle does what the pipeline means, one record at a time, with plain maps.
func oracle(rows []row) outcome {
	o := &plain{visits: map[string]int64{}, ends: map[string]value.Timestamp{}, regions: map[int64]*regionCell{}, mark: value.MinTime, regionMark: value.MinTime}
	greatest := value.MinTime
	for _, r := range rows {
		greatest = max(greatest, r.at)
		o.raise(max(o.mark, greatest-lag))
		o.visits[r.user]++
		if r.reset {
			o.visits[r.user] = 0
		}
		o.ends[r.user] = r.at + gap
		o.users = append(o.users, string(userRow(nil, r.user, r.at, o.visits[r.user], r.at < o.mark)))
		o.raise(o.mark)
	}
	o.raise(value.MaxTime)
	return outcome{byKey(strings.Join(o.users, "")), byKey(strings.Join(o.sums, ""))}
}

// plain is the oracle's state.
type plain struct {
	visits           map[string]int64
	ends             map[string]value.Timestamp
	regions          map[int64]*regionCell
	mark, regionMark value.Timestamp
	users, sums      []string
}

// raise lets the watermark pass through the times of timers.
func (o *plain) raise(mark value.Timestamp) {
	for {
		var due []oracleTimer
		for user, at := range o.ends {
			if at <= mark {
				due = append(due, oracleTimer{at, user})
			}
		}
		if len(due) == 0 {
			break
		}
		sort.Slice(due, func(i, j int) bool {
			return due[i].at < due[j].at || due[i].at == due[j].at && due[i].key < due[j].key
		})
		first := due[0]
		seen := max(first.at-1, o.mark)
		o.raiseRegions(seen)
		s := session{User: first.key, Region: regionOf(first.key), At: first.at, Visits: o.visits[first.key]}
		delete(o.ends, first.key)
		delete(o.visits, first.key)
		c := o.regions[s.Region]
		if c == nil {
			c = &regionCell{}
			o.regions[s.Region] = c
		}
		c.add(&s, rt.Meta{Time: first.at, Mark: seen})
		o.raiseRegions(seen)
	}
	o.mark = mark
	o.raiseRegions(mark)
}

func (o *plain) raiseRegions(mark value.Timestamp) {
	var due []int64
	for region, c := range o.regions {
		if c.start+window <= mark {
			due = append(due, region)
		}
	}
	for _, region := range due {
		c := o.regions[region]
		o.sums = append(o.sums, string(regionRow(nil, region, c.start+window, c)))
		delete(o.regions, region)
	}
	o.regionMark = mark
}
