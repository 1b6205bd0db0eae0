package checkpoint_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/flow-lang/flowc/reliability"
	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/vfs"
)

// history is a log that is written on a disk which may lose its power at any
// operation.
type history struct {
	t      *testing.T
	random *rand.Rand
	disk   vfs.Crashable
	acked  int64             // epoch of the last checkpoint that was said to be there
	trying int64             // epoch of the one that is being written
	states map[int64][]byte  // what a checkpoint of an epoch must hold
	files  []checkpoint.File // of the checkpoint before
	points int
	bad    int
}

// crash loses the power of a copy of the disk before it is changed, and looks what
// is left.
func (h *history) crash(op, _ string) error {
	if op == "read" || op == "open" || op == "list" {
		return nil
	}
	for kept := 0; kept <= 100; kept += 25 {
		h.points++
		left := h.disk.Crash(h.random, kept)
		if err := h.check(left); err != nil {
			h.bad++
			h.t.Errorf("after %d checkpoints, %d %% kept: %v", h.acked, kept, err)
		}
		if h.points%16 == 0 {
			h.again(left, kept)
		}
	}
	return nil
}

// check looks whether the newest checkpoint of a disk is the last that was said to
// be there, or the one that was being written, and holds what it should.
func (h *history) check(disk vfs.FS) error {
	store, err := checkpoint.OpenStore(disk, "cp")
	if err != nil {
		return err
	}
	log, err := checkpoint.OpenToRead(store)
	if err != nil {
		return err
	}
	m, err := log.Newest()
	switch {
	case err != nil:
		return err
	case m == nil && h.acked == 0:
		return nil
	case m == nil:
		return errors.New("there is no checkpoint")
	case m.Epoch != h.acked && m.Epoch != h.trying:
		return fmt.Errorf("the newest is of epoch %d, not %d or %d", m.Epoch, h.acked, h.trying)
	}
	var got []byte
	if err := log.Image(m).Records(0, 0, 7, func(r *state.Record) error {
		got = append(append(got, r.Key...), r.Value...)
		return nil
	}); err != nil {
		return err
	}
	if !bytes.Equal(got, h.states[m.Epoch]) {
		return fmt.Errorf("the checkpoint of epoch %d holds other records", m.Epoch)
	}
	return nil
}

// again has another process begin on what is left, which loses its power, too.
func (h *history) again(left vfs.Crashable, kept int) {
	var second *history
	system := vfs.Hooked(left, func(string, string) error {
		if err := second.check(left.Crash(second.random, kept)); err != nil {
			h.bad++
			h.t.Errorf("after a second loss of power: %v", err)
		}
		h.points++
		return nil
	})
	second = &history{t: h.t, random: h.random, disk: left, acked: h.acked, trying: h.trying, states: h.states}
	store, err := checkpoint.OpenStore(system, "cp")
	if err != nil {
		h.t.Fatal(err)
	}
	log, err := checkpoint.Open(store, "second", "second", func(error) {})
	if err != nil {
		h.t.Fatal(err)
	}
	m, err := log.Newest()
	if err != nil {
		h.t.Fatal(err)
	}
	var claim checkpoint.Claim
	if m != nil {
		claim.From = m.Number
		second.acked, second.trying = m.Epoch, m.Epoch
	}
	if err := log.Claim(claim); err != nil {
		h.t.Fatal(err)
	}
}

// write writes a log of checkpoints, of which each has a file of its own and those
// of some before.
func (h *history) write(checkpoints int) {
	h.states = map[int64][]byte{}
	system := vfs.Hooked(h.disk, h.crash)
	store, err := checkpoint.OpenStore(system, "cp")
	if err != nil {
		h.t.Fatal(err)
	}
	log, err := checkpoint.Open(store, "first", "first", func(error) {})
	if err != nil {
		h.t.Fatal(err)
	}
	if err := log.Claim(checkpoint.Claim{}); err != nil {
		h.t.Fatal(err)
	}
	for epoch := int64(1); epoch <= int64(checkpoints); epoch++ {
		h.trying = epoch
		if h.random.IntN(4) == 0 {
			h.files = nil // all is written anew
		}
		var e state.Encoder
		var content []byte
		for k := range 1 + h.random.IntN(5) {
			r := state.Record{Group: k, Key: fmt.Appendf(nil, "key %d", k), Value: bytes.Repeat([]byte{byte(epoch)}, h.random.IntN(6000)/(1+h.random.IntN(40)))}
			e.Add(&r)
			content = append(append(content, r.Key...), r.Value...)
		}
		section := e.Take()
		// What it must hold is known before it is written.
		before := h.states[epoch-1]
		if h.files == nil {
			before = nil
		}
		h.states[epoch] = append(slices.Clone(before), content...)
		f, err := log.Put(section)
		if err != nil {
			h.t.Fatal(err)
		}
		h.files = append(slices.Clone(h.files), f)
		m := &checkpoint.Manifest{Files: h.files}
		m.Epoch = epoch
		op := checkpoint.Operator{UID: "op"}
		for i, f := range h.files {
			op.Sections = append(op.Sections, checkpoint.Section{Last: 7, Epoch: epoch - int64(len(h.files)-1-i), Base: i == 0, File: i, Length: f.Length})
		}
		m.Operators = []checkpoint.Operator{op}
		if err := log.Commit(m); err != nil {
			h.t.Fatal(err)
		}
		h.acked = epoch
		if err := log.Retain(1 + h.random.IntN(3)); err != nil {
			h.t.Fatal(err)
		}
	}
}

// TestLossOfPower loses the power before each operation on the disk, with none,
// some and all kept of what was not synced: the newest checkpoint is then the last
// that was said to be there, or the one that was being written, and whole. So it
// is when the process that begins then loses its power, too.
func TestLossOfPower(t *testing.T) {
	t.Parallel()
	points, bad := 0, 0
	want := reliability.Size(5000, 200_000, 5_000_000)
	for seed := reliability.FirstSeed(t); points < want && !t.Failed(); seed++ {
		random := rand.New(rand.NewPCG(seed, 3))
		h := &history{t: t, random: random, disk: vfs.NewCrashable()}
		h.write(3 + random.IntN(6))
		points, bad = points+h.points, bad+h.bad
	}
	reliability.Note(t, "T3 protocol", bad, reliability.Count{Name: "crash points", N: int64(points)})
}

// lockless is a store whose lock keeps nobody out, as that of a bucket.
type lockless struct{ checkpoint.Store }

func (lockless) Lock(string) (io.Closer, error) { return io.NopCloser(nil), nil }

// TestZombiesCommitNothing lets several processes write to one log, none of which
// knows of the others, in any order: what counts is what the last has written that
// took the log over, and the others are told.
func TestZombiesCommitNothing(t *testing.T) {
	t.Parallel()
	seeds := reliability.Size(200, 1000, 20_000)
	commits, refused, bad := 0, 0, 0
	for seed := range uint64(seeds) {
		random := rand.New(rand.NewPCG(seed, 5))
		system := vfs.NewMem()
		var logs []*checkpoint.Log
		owner := -1
		last := int64(0)
		for step := range int64(30) {
			if len(logs) == 0 || random.IntN(8) == 0 {
				store, err := checkpoint.OpenStore(system, "cp")
				if err != nil {
					t.Fatal(err)
				}
				log, err := checkpoint.Open(lockless{store}, "someone", fmt.Sprint(len(logs)), func(error) {})
				if err != nil {
					t.Fatal(err)
				}
				m, err := log.Newest()
				if err != nil || (m == nil) != (last == 0) || m != nil && m.Epoch != last {
					t.Fatalf("seed %d: the newest is %v, %v, want that of epoch %d", seed, m, err, last)
				}
				var claim checkpoint.Claim
				if m != nil {
					claim.From = m.Number
				}
				if err := log.Claim(claim); err != nil {
					t.Fatal(err)
				}
				owner, logs = len(logs), append(logs, log)
			}
			who := random.IntN(len(logs))
			m := &checkpoint.Manifest{}
			m.Epoch = step + 1
			err := logs[who].Commit(m)
			switch {
			case who == owner && err == nil:
				commits++
				last = m.Epoch
			case who != owner && errors.Is(err, checkpoint.ErrFenced):
				refused++
			default:
				bad++
				t.Errorf("seed %d: process %d of %d: Commit() error = %v", seed, who, owner, err)
			}
		}
	}
	reliability.Note(t, "T19 zombies", bad, reliability.Count{Name: "seeds", N: int64(seeds)},
		reliability.Count{Name: "commits", N: int64(commits)}, reliability.Count{Name: "commits refused", N: int64(refused)})
}
