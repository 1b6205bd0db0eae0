package compat_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	pebblefs "github.com/cockroachdb/pebble/v2/vfs"
	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/compat"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/state/pebblestore"
	"github.com/flow-lang/flowc/rt/vfs"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/plan"
)

var (
	pairs    = flag.Int("pairs", 30, "how many pairs of programs are restored one after the other, each both ways")
	pairSeed = flag.Uint64("pair-seed", 1, "seed of the first pair")
	allRules = flag.Bool("pair-rules", false, "fail unless the pairs are about every rule: some are of one pair in a thousand")
)

// schemaOf is what the compiler says of a program's state.
func schemaOf(text string) (*schema.Job, error) {
	var report diag.List
	prog := typecheck.Check(typecheck.Files{Main: lang.Parse("generated.flow", text, &report)}, &report)
	for _, d := range report.Sorted() {
		if d.Severity == diag.Error {
			return nil, fmt.Errorf("%s: %s", d.Span, d.Message)
		}
	}
	job := plan.Schema(plan.Build(prog))
	return &job, nil
}

// TestPairs makes pairs of programs, of which one is the other with some changes,
// saves state of the one and lets the other go on from it, both ways. The verdict
// of the check must be what the rules say, and what the restore then does; and
// what is there after it, each value of each key, what the rules make of it.
func TestPairs(t *testing.T) {
	t.Parallel()
	var run, refused, misfits, restored, skipped atomic.Int64
	var rules sync.Map
	var wg sync.WaitGroup
	next := *pairSeed
	var mu sync.Mutex
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for {
				mu.Lock()
				seed := next
				next++
				mu.Unlock()
				if seed >= *pairSeed+uint64(*pairs) || t.Failed() {
					return
				}
				for _, r := range onePair(t, seed, &rules) {
					run.Add(1)
					switch r {
					case "refused":
						refused.Add(1)
					case "misfit":
						misfits.Add(1)
					case "restored":
						restored.Add(1)
					default:
						skipped.Add(1)
					}
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d restores: %d refused by the check, %d for a value, %d restored, %d no programs", run.Load(), refused.Load(), misfits.Load(), restored.Load(), skipped.Load())
	if *allRules {
		everyRule(t, &rules)
	}
}

// everyRule holds that the pairs were about every rule of state but those of
// names in dynamic state, which programs say in handlers that the pairs have not, and
// of what remote functions delay, which they have not either.
func everyRule(t *testing.T, seen *sync.Map) {
	t.Helper()
	for _, r := range evolve.Rules() {
		if _, ok := seen.Load(r.ID); !ok && !slices.Contains([]evolve.RuleID{
			evolve.SinkRemoved, evolve.SourceAdded, evolve.SourceRemoved, evolve.IgnoreIsOver, evolve.IgnoreUnused, evolve.AckOfNothing,
			evolve.NameType, evolve.NameLooked, evolve.DelayedRead,
		}, r.ID) {
			t.Errorf("no pair was about %s: %s", r.ID, r.Title)
		}
	}
}

// onePair makes the pair of a seed, and says what became of each direction.
func onePair(t *testing.T, seed uint64, rules *sync.Map) []string {
	d := dice{rand.New(rand.NewPCG(seed, 0x65766f6c))}
	a := d.program()
	b, done := d.changed(a)
	next, more := d.changed(b)
	jobA, errA := schemaOf(a.text())
	jobB, errB := schemaOf(b.text())
	jobC, errC := schemaOf(next.text())
	if errA != nil || errB != nil || errC != nil {
		return []string{"no program"}
	}
	done = append(append(done, "and then"), more...)
	var out []string
	for i, c := range []*pairCase{
		{old: a, was: jobA, new: b, is: jobB}, {old: b, was: jobB, new: a, is: jobA},
		{old: b, was: jobB, new: next, is: jobC}, {old: a, was: jobA, new: next, is: jobC},
	} {
		c.t, c.seed, c.dice, c.rules, c.done, c.parallelism = t, seed, d, rules, done, 1+i+int(seed%3)
		out = append(out, c.run())
		if c.acknowledge() {
			out = append(out, c.run())
		}
	}
	return out
}

// pairCase is a pair in one direction.
type pairCase struct {
	t            *testing.T
	seed         uint64
	dice         dice
	rules        *sync.Map
	old, new     *programM
	done         []string
	acknowledged bool // every loss
	parallelism  int

	was, is *schema.Job
	plan    *evolve.Plan
}

func (c *pairCase) errorf(format string, args ...any) {
	c.t.Helper()
	var lines []string
	if c.plan != nil {
		for i := range c.plan.Changes {
			lines = append(lines, fmt.Sprintf("%s %s", c.plan.Changes[i].Verdict(), c.plan.Changes[i].String()))
		}
	}
	c.t.Errorf("seed %d (%s): %s\nthe changes: %s\n--- the old program:\n%s\n--- the new one:\n%s", c.seed, strings.Join(c.done, ", "), fmt.Sprintf(format, args...), strings.Join(lines, "\n"), c.old.text(), c.new.text())
}

// acknowledge makes the new program say that all losses are meant; it reports
// whether there are any.
func (c *pairCase) acknowledge() bool {
	if len(c.plan.Findings()) == 0 || c.t.Failed() {
		return false
	}
	var lines []string
	for _, f := range c.plan.Findings() {
		for _, m := range f.Mends {
			if m.Kind == evolve.AddLine {
				lines = append(lines, m.Text)
			}
		}
	}
	c.new = c.new.copy()
	c.new.acknowledge(lines)
	var err error
	if c.is, err = schemaOf(c.new.text()); err != nil {
		c.errorf("the mends make no program: %v", err)
		return false
	}
	c.acknowledged = true
	return true
}

// run restores the new program from state of the old one.
func (c *pairCase) run() string {
	c.plan = evolve.Resolve(c.was, c.is, nil, evolve.Hooks{})
	for i := range c.plan.Changes {
		c.rules.Store(c.plan.Changes[i].Rule, true)
	}
	c.locked()
	before := c.dice.fillState(c.was)
	made, hooks := c.byHand()
	want := expect(c.was, c.is, made, before)
	if !c.verdicts(want) {
		return "wrong"
	}
	return c.restore(want, before, hooks)
}

// byHand are the constants of the new program's own migrations, and the hooks
// that the compiler would make.
func (c *pairCase) byHand() (map[string]string, evolve.Hooks) {
	made := map[string]string{}
	h := evolve.Hooks{Migrate: map[string]func(dst, old []byte) ([]byte, error){}, Rekey: map[string]func(dst, old []byte) ([]byte, error){}, Merge: map[string]func(dst, a, b []byte) ([]byte, error){}}
	for i, s := range c.new.steps {
		at := c.is.OperatorAt(s.uid)
		if at < 0 {
			continue
		}
		op := &c.is.Operators[at]
		if op.Rekey != nil {
			h.Rekey[s.uid] = func(dst, old []byte) ([]byte, error) { return rekeyHook(dst, old, &op.Rekey.From, op.Key), nil }
		}
		if _, merged, ok := strings.Cut(s.rekey, "merge (a, b) => "); ok {
			made[s.uid] = merged
			k := kindOf(op.States[0].Type)
			h.Merge[s.uid] = func(dst, _, _ []byte) ([]byte, error) { return encode(dst, k, constant(k, merged)), nil }
		}
		for n, st := range c.new.steps[i].states {
			if st.migrate != "" {
				made[s.uid+"/"+st.name] = st.made
				k := kindOf(op.States[n].Type)
				h.Migrate[s.uid+"/"+st.name] = func(dst, _ []byte) ([]byte, error) { return encode(dst, k, constant(k, st.made)), nil }
			}
		}
	}
	return made, h
}

// locked holds that a lock says the same of the old program as its state does.
func (c *pairCase) locked() {
	l, _ := compat.Update(nil, c.was)
	read, err := compat.ReadLock(l.Text())
	if err != nil {
		c.errorf("the lock of the old program: %v", err)
		return
	}
	job, err := read.Job(1)
	if err != nil {
		c.errorf("the lock of the old program: %v", err)
		return
	}
	list := func(p *evolve.Plan) []string {
		var out []string
		for i := range p.Changes {
			ch := &p.Changes[i]
			out = append(out, fmt.Sprintf("%s %s %s", ch.Rule, ch.Verdict(), ch.Where()))
		}
		slices.Sort(out)
		return out
	}
	if diff := cmp.Diff(list(c.plan), list(evolve.Resolve(job, c.is, nil, evolve.Hooks{}))); diff != "" {
		c.errorf("against the lock of the old program (-program +lock):\n%s", diff)
	}
}

// verdicts holds the check to the rules.
func (c *pairCase) verdicts(want *expectation) bool {
	got := map[string]evolve.Verdict{}
	for i := range c.plan.Changes {
		ch := &c.plan.Changes[i]
		if ch.What == evolve.OfSource || ch.What == evolve.OfSink || ch.What == evolve.OfProgram || ch.What == evolve.OfStep && ch.Rule == evolve.StepRenamed {
			continue
		}
		got[ch.UID+"/"+ch.State] = max(got[ch.UID+"/"+ch.State], ch.Verdict())
	}
	all := maps.Clone(got)
	maps.Copy(all, want.verdicts)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if got[name] != want.verdicts[name] {
			c.errorf("%s is %s, and the rules say %s", name, got[name], want.verdicts[name])
			return false
		}
	}
	if c.plan.Verdict() != want.worst && !(c.plan.Verdict() == evolve.StartsEmpty && want.worst < evolve.StartsEmpty) {
		c.errorf("all is %s, and the rules say %s", c.plan.Verdict(), want.worst)
		return false
	}
	return true
}

// restore holds what the restore does to the verdicts.
func (c *pairCase) restore(want *expectation, before saved, hooks evolve.Hooks) string {
	files := vfs.NewMem()
	var err error
	incremental := c.seed%2 == 1
	if incremental {
		err = c.dice.saveCheckpoint(files, "before", c.was, before.records(c.was))
	} else {
		err = save(files, "before", c.was, before.records(c.was))
	}
	if err != nil {
		c.errorf("save: %v", err)
		return "wrong"
	}
	bytes, err := contents(files, "before")
	if err != nil {
		c.errorf("save: %v", err)
		return "wrong"
	}
	var stores state.Stores
	if c.seed%8 < 2 { // also from checkpoints
		stores, err = pebblestore.Open(state.StoresOptions{Dir: "st", Cache: 1 << 20, Fail: func(err error) { c.errorf("the store fails: %v", err) }}, pebblefs.NewMem())
		if err != nil {
			c.errorf("a store: %v", err)
			return "wrong"
		}
	}
	got, err := restore(files, "before", c.is, hooks, c.parallelism, incremental && reflect.DeepEqual(c.was, c.is), stores)
	if stores != nil {
		err = errors.Join(err, stores.Close())
	}
	c.untouched(files, bytes)
	findings := want.worst == evolve.Breaks || want.worst.Finding() && !c.acknowledged
	var refusal *evolve.Refusal
	var misfit *evolve.Misfit
	switch {
	case errors.As(err, &refusal):
		if !findings {
			c.errorf("the restore refuses what the rules allow: %v", err)
		}
		if _, err := files.Stat("after"); err == nil {
			c.errorf("a refused restore has left a savepoint")
		}
		return "refused"
	case errors.As(err, &misfit):
		if len(want.misfits) == 0 || findings {
			c.errorf("the restore refuses a value that fits: %v", err)
		} else if !slices.Contains(want.misfits, misfit.UID+"/"+misfit.State) && !slices.Contains(want.misfits, misfit.UID+"/") || misfit.Value == "" {
			c.errorf("the restore refuses another value than those of %v: %v", want.misfits, err)
		}
		return "misfit"
	case err != nil:
		c.errorf("the restore fails: %v", err)
		return "wrong"
	case findings:
		c.errorf("the restore does what the rules refuse")
		return "wrong"
	case len(want.misfits) > 0:
		c.errorf("the restore takes values that do not fit: %v", want.misfits)
		return "wrong"
	}
	c.compare(want, got)
	c.lazily(before, got)
	return "restored"
}

// compare holds what is there after the restore to the rules.
func (c *pairCase) compare(want *expectation, got []stored) {
	c.t.Helper()
	expected := want.after.records(c.is)
	for i := range max(len(expected), len(got)) {
		switch {
		case i >= len(got):
			c.errorf("lost: %s", &expected[i])
		case i >= len(expected):
			c.errorf("there is more than there should be: %s", &got[i])
		case expected[i].String() != got[i].String():
			c.errorf("the state is\n%s\nand should be\n%s", &got[i], &expected[i])
		default:
			continue
		}
		return
	}
}

// untouched holds that the old snapshot is as it was, byte for byte.
func (c *pairCase) untouched(files vfs.FS, before map[string]string) {
	after, err := contents(files, "before")
	if err != nil {
		c.errorf("the old snapshot after the restore: %v", err)
		return
	}
	if !maps.Equal(before, after) {
		c.errorf("the old snapshot has changed")
	}
}
