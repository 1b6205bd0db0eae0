package compat_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/compat"
	"github.com/flow-lang/flowc/rt/evolve"
)

const released = `pipeline sums

record Point { user: string, n: int, at: timestamp }
record Node { name: string, next: list<A>, tags: map<string, list<decimal(18, 2)>> = [:] }
enum Phase { off, on = 7 }
record Said { text: string json "the text" }
record A { x: int = 3 }
record B { y: Phase }
union Event = A | B

source points: Point = jsonl("in.jsonl") { event time at }

operator sums(size: duration shapes state = 1h) {
  in  p: Point key { u: p.user, n: p.n }
  in  m: B message "shop/B" json
  out Point
  state node: value<Node> forever queryable "nodes of it"
  state events: list<Event> ttl 1h30m after create
  state m: map<string, { a: int, b: Phase? }> forever
  state s: sorted<timestamp, aggregate<(p: Point) => { n: count(), hi: max(p.n) }>> forever
  state total: value<int> = 0 forever
  state seen: set<uuid> forever
  state phase: value<Phase> forever
  state text: value<string> = "a \"quoted\" @1 text" forever
  timer idle: event time
  timer close[timestamp]: processing time
  on p { emit p; idle.set(time + size) }
  on m { phase = m.y }
  on idle { clear }
  on close[w] { clear }
}

operator heard {
  in  p: Point key p.user
  in  m: Said message
  out Point
  state last: value<string> forever
  on p { emit p }
  on m { last = m.text }
}

stream heards = points |> heard uid "heard"
stream out = points |> sums uid "sums"
stream hours = points |> tumbling(size: 1h, key: r => r.user, agg: r => sum(r.n), late: drop) uid "per-hour"

sink heards to jsonl("heards/")
sink out to jsonl("out/")
sink hours to jsonl(stdout)
key_groups 128
`

// same fails if anything differs between two descriptions.
func same(t *testing.T, what string, a, b compat.Side) {
	t.Helper()
	for _, e := range compat.Check(a, b, compat.Full).Entries {
		if e.Rule != evolve.Same {
			t.Errorf("%s: %s %s: %s (%s, %s)", what, e.Rule, e.Where(), e.Message, e.Old, e.New)
		}
	}
}

// TestLockRoundTrip writes descriptions into locks and reads them back.
func TestLockRoundTrip(t *testing.T) {
	t.Parallel()
	programs := map[string]string{"released": released}
	for _, pattern := range []string{"../examples/*.flow", "../oracle/testdata/*.txtar"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			_, program, found := strings.Cut(string(text), ".flow --\n")
			if !found {
				program = string(text)
			}
			program, _, _ = strings.Cut(program, "\n-- ")
			if strings.Contains(program, "\npipeline ") && !strings.Contains(program, "\nimport ") {
				programs[name] = program + "\n"
			}
		}
	}
	for name, text := range programs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := side(t, "app.flow", text)
			l, changes := compat.Update(nil, s.Job)
			if len(changes) == 0 {
				t.Fatal("there is nothing in it")
			}
			back, err := compat.ReadLock(l.Text())
			if err != nil {
				t.Fatalf("%v\n%s", err, l.Text())
			}
			if diff := cmp.Diff(l.Text(), back.Text()); diff != "" {
				t.Errorf("(-written +read)\n%s", diff)
			}
			job, err := back.Job(1)
			if err != nil {
				t.Fatalf("%v\n%s", err, l.Text())
			}
			same(t, name, compat.Side{Name: "lock", Job: job}, s)
			if next, changes := compat.Update(back, s.Job); next != back {
				t.Errorf("the lock of the same program changes: %v", changes)
			}
		})
	}
}

// TestLockEpochs goes through three releases, the third of which is as the first:
// it gets a number of its own.
func TestLockEpochs(t *testing.T) {
	t.Parallel()
	one := side(t, "app.flow", released)
	two := side(t, "app.flow", strings.Replace(released, "state total: value<int> = 0", "state total: value<float> = 0.0", 1))
	l, _ := compat.Update(nil, one.Job)
	l, changes := compat.Update(l, two.Job)
	want := []string{`- initial sums/total "0"`, `+ initial sums/total "0.0"`, "+ state sums/total value float", "- state sums/total value int"}
	if diff := cmp.Diff(len(want), len(changes)); diff != "" {
		t.Errorf("changes %q", changes)
	}
	l, _ = compat.Update(l, one.Job)
	back, err := compat.ReadLock(l.Text())
	if err != nil {
		t.Fatal(err)
	}
	if back.Latest() != 3 {
		t.Errorf("latest epoch %d, want 3", back.Latest())
	}
	for epoch, s := range map[int]compat.Side{1: one, 2: two, 3: one} {
		job, err := back.Job(epoch)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "an epoch", compat.Side{Job: job}, s)
	}
	r, err := compat.Transitive(back, "app.flow.lock", one, compat.Backward)
	if err != nil {
		t.Fatal(err)
	}
	var narrow []int
	for _, e := range r.Entries {
		if e.Rule == evolve.NoConversion {
			narrow = append(narrow, e.Epoch)
		}
	}
	if diff := cmp.Diff([]int{2}, narrow); diff != "" {
		t.Errorf("epochs from which total breaks (-want +got):\n%s", diff)
	}
}

// TestLockFaults holds what is said about lock files that two people changed.
func TestLockFaults(t *testing.T) {
	t.Parallel()
	base := side(t, "app.flow", released)
	l, _ := compat.Update(nil, base.Job)
	ours, _ := compat.Update(l, side(t, "app.flow", strings.Replace(released, "forever queryable \"nodes of it\"", "forever", 1)).Job)
	theirs, _ := compat.Update(l, side(t, "app.flow", strings.Replace(released, "key_groups 128", "key_groups 64", 1)).Job)
	epoch := func(l *compat.Lock) string { return "epoch 2 " + l.Epochs[1].Sum + "\n" }
	tests := []struct{ name, text, want string }{
		{"conflict", strings.Replace(l.Text(), "version 1\n", "<<<<<<< HEAD\nversion 1\n", 1), "line 3: a merge conflict"},
		{"two second epochs", strings.Replace(ours.Text(), epoch(ours), epoch(ours)+epoch(theirs), 1), "epoch 2 stands here twice"},
		{"merged in silence", strings.Replace(ours.Text(), "groups 128 @1\n", "groups 128 @1-1\ngroups 64 @2\n", 1), "epoch 2 are not those that were locked"},
		{"edited", strings.Replace(l.Text(), "groups 128", "groups 129", 1), "epoch 1 are not those that were locked"},
		{"from the future", strings.Replace(l.Text(), "version 1", "version 9", 1), "version 9"},
		{"empty", "", "no version"},
		{"not a lock", "hello\n", "does not end with its epochs"},
		{"no epochs", "version 1\npipeline p\n", "no epoch"},
		{"broken range", strings.Replace(l.Text(), "groups 128 @1", "groups 128 @3-1", 1), "are no epochs"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := compat.ReadLock(tt.text)
			var fault *compat.LockError
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("ReadLock: %v, want something with %q", err, tt.want)
			}
		})
	}
}

// FuzzReadLock feeds the reader with what nobody wrote.
func FuzzReadLock(f *testing.F) {
	f.Add("version 1\npipeline p\nepoch 1 cbf29ce484222325\n")
	f.Add("version 1\nstate a/b value { x: list<R?> = \"1\" } @1\nrecord R 1 r: R? @1-2\nepoch 1 0\n")
	f.Fuzz(func(_ *testing.T, text string) {
		l, err := compat.ReadLock(text)
		if err != nil {
			return
		}
		_, _ = l.Job(l.Latest())
	})
}
