package sim_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flow-lang/flowc/reliability"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/vfs"
)

// damaged is the checkpoints of a job of which something is going to be wrong.
type damaged struct {
	spec  rt.Spec
	disk  vfs.FS
	names []string // of the newest checkpoint: its files, itself and the marker
	older []string // other files of records in the folder
	tried int
	bad   int
}

// newDamaged runs a program until it has some checkpoints.
func newDamaged(t *testing.T, p *generated, seed uint64) *damaged {
	t.Helper()
	d := &damaged{spec: p.spec(), disk: vfs.NewMem()}
	random := rand.New(rand.NewPCG(seed, 11))
	if err := vfs.WriteFile(d.disk, "in.jsonl", []byte(p.input(random, 40))); err != nil {
		t.Fatal(err)
	}
	opts := options(random, d.disk)
	opts.BlockSize, opts.CheckpointTo, opts.CheckpointInterval = 512, sim.Checkpoints, 10*time.Millisecond
	if _, err := sim.Run(d.spec, sim.Options{Seed: seed, Job: opts}); err != nil {
		t.Fatal(err)
	}
	names, err := d.disk.List(sim.Checkpoints)
	if err != nil {
		t.Fatal(err)
	}
	store, err := checkpoint.OpenStore(d.disk, sim.Checkpoints)
	if err != nil {
		t.Fatal(err)
	}
	log, err := checkpoint.OpenToRead(store)
	if err != nil {
		t.Fatal(err)
	}
	newest, err := log.Newest()
	if err != nil || newest == nil {
		t.Fatalf("Newest() = %v, %v", newest, err)
	}
	for _, f := range newest.Files {
		d.names = append(d.names, f.Name)
	}
	for _, name := range names {
		switch {
		case checkpoint.IsManifest(name) && strings.HasSuffix(name, fmt.Sprint(newest.Number)), strings.HasPrefix(name, "LATEST-"):
			d.names = append(d.names, name)
		case strings.HasSuffix(name, ".data") && !slices.Contains(d.names, name):
			d.older = append(d.older, name)
		}
	}
	return d
}

func (d *damaged) path(name string) string { return d.disk.PathJoin(sim.Checkpoints, name) }

// try puts something else into a file, or takes it away, and looks whether that is
// found before anything is restored. Now and then the job itself is started.
func (d *damaged) try(t *testing.T, name, what string, with []byte) {
	t.Helper()
	path := d.path(name)
	whole, err := vfs.ReadFile(d.disk, path)
	if err != nil {
		t.Fatal(err)
	}
	if with == nil {
		err = d.disk.Remove(path)
	} else {
		err = vfs.WriteFile(d.disk, path, with)
	}
	if err != nil {
		t.Fatal(err)
	}
	d.tried++
	if err := d.found(name); err != nil {
		d.bad++
		t.Errorf("%s, %s: %v", name, what, err)
	}
	if err := vfs.WriteFile(d.disk, path, whole); err != nil {
		t.Fatal(err)
	}
}

// found reports that damage is not found, or is told without the file's name.
func (d *damaged) found(name string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic: %v", v)
		}
	}()
	store, err := checkpoint.OpenStore(d.disk, sim.Checkpoints)
	if err != nil {
		return err
	}
	log, said := checkpoint.OpenToRead(store)
	if said == nil {
		_, said = log.Newest()
	}
	if said == nil {
		return fmt.Errorf("nobody says that anything is wrong")
	}
	if !strings.HasPrefix(name, "LATEST-") && !strings.Contains(said.Error(), name) {
		return fmt.Errorf("the message does not name the file: %w", said)
	}
	if d.tried%100 != 0 {
		return nil
	}
	before, err := vfs.ReadFile(d.disk, d.path("lock"))
	if err != nil {
		return err
	}
	read := false
	disk := vfs.Hooked(d.disk, func(op, name string) error {
		read = read || op == "read" && strings.HasSuffix(name, "in.jsonl")
		return nil
	})
	_, started := sim.Run(d.spec, sim.Options{Job: rt.Options{FS: disk, Parallelism: 1 + d.tried/100%2, CheckpointTo: sim.Checkpoints}})
	switch {
	case started == nil || read:
		return errors.New("the job started on it")
	case !strings.Contains(started.Error(), said.Error()):
		return fmt.Errorf("the job says: %w; want: %w", started, said)
	}
	return vfs.WriteFile(d.disk, d.path("lock"), before)
}

// all tries a flipped bit of every byte, every length, and every file in the place
// of another.
func (d *damaged) all(t *testing.T, random *rand.Rand, every int) {
	for _, name := range d.names {
		whole, err := vfs.ReadFile(d.disk, d.path(name))
		if err != nil {
			t.Fatal(err)
		}
		for at := random.IntN(every); at < len(whole); at += every {
			flipped := bytes.Clone(whole)
			flipped[at] ^= 1 << random.IntN(8)
			d.try(t, name, fmt.Sprintf("a bit of byte %d flipped", at), flipped)
			d.try(t, name, fmt.Sprintf("cut to %d bytes", at), whole[:at:at])
		}
		d.try(t, name, "a byte more", append(bytes.Clone(whole), 0))
		d.try(t, name, "twice", append(bytes.Clone(whole), whole...))
		d.try(t, name, "taken away", nil)
		for _, other := range slices.Concat(d.names, d.older) {
			if text, err := vfs.ReadFile(d.disk, d.path(other)); err == nil && !bytes.Equal(text, whole) {
				d.try(t, name, "swapped for "+other, text)
			}
		}
	}
}

// TestEveryDamageIsFound damages the checkpoints of several programs in every
// place: whatever is wrong is named before the first record is read.
func TestEveryDamageIsFound(t *testing.T) {
	t.Parallel()
	tried, bad := 0, 0
	want := reliability.Size(3000, 50_000, 1_000_000)
	every := reliability.Size(40, 1, 1)
	for seed := reliability.FirstSeed(t); tried < want && !t.Failed(); seed++ {
		d := newDamaged(t, &programs[seed%uint64(len(programs))], seed)
		d.all(t, rand.New(rand.NewPCG(seed, 12)), every)
		tried, bad = tried+d.tried, bad+d.bad
	}
	reliability.Note(t, "T5 checkpoints", bad, reliability.Count{Name: "damages", N: int64(tried)})
}
