package compat_test

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// TestCrashes lets programs that convert state lose their power before each thing
// that they do to the disk, and start again: they must end as if nothing had been,
// and the old savepoint must be what it was, byte for byte.
func TestCrashes(t *testing.T) {
	t.Parallel()
	points := 0
	for seed, left := uint64(1), 2; left > 0; seed++ {
		d := dice{rand.New(rand.NewPCG(seed, 0x63726173))}
		old := d.program()
		next, _ := d.changed(old)
		was, errA := schemaOf(old.text())
		is, errB := schemaOf(next.text())
		if errA != nil || errB != nil {
			continue
		}
		c := &pairCase{t: t, seed: seed, dice: d, old: old, new: next, was: was, is: is, rules: new(sync.Map)}
		c.plan = evolve.Resolve(was, is, nil, evolve.Hooks{})
		before := d.fillState(was)
		made, hooks := c.byHand()
		want := expect(was, is, made, before)
		if v := c.plan.Verdict(); v != evolve.Migrates && v != evolve.MigratesChecked || len(want.misfits) > 0 {
			continue
		}
		left--
		points += c.crashes(want, before, hooks)
	}
	t.Logf("%d losses of power", points)
}

// crashes crashes one migration at each point.
func (c *pairCase) crashes(want *expectation, before saved, hooks evolve.Hooks) (points int) {
	c.t.Helper()
	for at := 0; ; at++ {
		disk := vfs.NewCrashable()
		if err := save(disk, "before", c.was, before.records(c.was)); err != nil {
			c.t.Fatal(err)
		}
		old, err := contents(disk, "before")
		if err != nil {
			c.t.Fatal(err)
		}
		err = c.migrate(vfs.Hooked(disk, after(at)), hooks, "first")
		left := disk.Crash(c.dice.Rand, at%3)
		if now, lost := contents(left, "before"); lost != nil || !maps.Equal(old, now) {
			c.errorf("operation %d: the old savepoint has changed: %v", at, lost)
		}
		if err == nil {
			return at
		}
		if got, err := load(left, "first"); err == nil {
			c.compare(want, got)
		}
		if err := c.migrate(left, hooks, "again"); err != nil {
			c.errorf("operation %d: it does not start again: %v", at, err)
			return at
		}
		got, err := load(left, "again")
		if err != nil {
			c.errorf("operation %d: %v", at, err)
			return at
		}
		if c.compare(want, got); c.t.Failed() {
			return at
		}
	}
}

var errPower = errors.New("the power is gone")

// after lets so many operations be done.
func after(n int) func(op, name string) error {
	return func(string, string) error {
		if n--; n < 0 {
			return errPower
		}
		return nil
	}
}

// migrate lets the new program go on from what it has made of the old one's
// savepoint already, or, if it says that there is nothing, from that, and end with
// a savepoint.
func (c *pairCase) migrate(files vfs.FS, hooks evolve.Hooks, to string) error {
	o := rt.Options{
		FS: files, Parallelism: 2, CheckpointTo: "cp", SavepointOnEnd: to, RestartAttempts: -1, Host: "here",
		Now: func() value.Timestamp { return now },
	}
	names, err := files.List("cp")
	if err == nil && slices.ContainsFunc(names, checkpoint.IsManifest) {
		err = rt.Run(context.Background(), specOf(c.is, hooks, true, nil), o)
		if err == nil || !strings.Contains(err.Error(), "give --from before again") {
			return err
		}
	}
	o.From = "before"
	return rt.Run(context.Background(), specOf(c.is, hooks, true, nil), o)
}
