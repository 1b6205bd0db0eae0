package pebblestore_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	pebblefs "github.com/cockroachdb/pebble/v2/vfs"
	"github.com/cockroachdb/pebble/v2/vfs/errorfs"

	"github.com/flow-lang/flowc/reliability"
	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/state/pebblestore"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// machine is a computer that loses its power: the disk of its checkpoints, and
// that on which Pebble has its files. A job runs on it that stores what changes,
// and takes a checkpoint of Pebble's files.
type machine struct {
	t        *testing.T
	random   *rand.Rand
	disk     vfs.Crashable
	pebble   *pebblefs.MemFS
	acked    int64
	states   map[int64]string // all records, by epoch
	points   int
	restores int
	bad      int

	mu    sync.Mutex // held while power is lost: Pebble has goroutines of its own
	quiet bool       // no power is lost any more
}

var machineShape = state.Shape{Operator: 1, States: 2, Maps: []bool{false, true}}

// crash loses the power of copies of both disks, and starts the job there again:
// Pebble's folder may be in any state, and what a shard goes on from is the last
// checkpoint that was said to be there, or the one that was being written.
func (m *machine) crash() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.quiet {
		return
	}
	kept := m.random.IntN(5) * 25
	m.points++
	disk := m.disk.Crash(m.random, kept)
	folder := m.pebble.CrashClone(pebblefs.CrashCloneCfg{UnsyncedDataPercent: kept, RNG: rand.New(rand.NewPCG(m.random.Uint64(), 1))})
	if err := m.restart(disk, folder); err != nil {
		m.bad++
		m.t.Errorf("after %d checkpoints, %d %% kept: %v", m.acked, kept, err)
	}
}

// restart goes on from what is left of the checkpoints.
func (m *machine) restart(disk vfs.FS, folder pebblefs.FS) error {
	store, err := checkpoint.OpenStore(disk, "cp")
	if err != nil {
		return err
	}
	log, err := checkpoint.OpenToRead(store)
	if err != nil {
		return err
	}
	newest, err := log.Newest()
	if err != nil {
		return err
	}
	o := options(m.t, "state")
	if newest != nil {
		o.Files = log.StoreFiles(newest)
	}
	db, err := pebblestore.Open(o, folder)
	if err != nil {
		return err
	}
	defer func() {
		if err := db.Close(); err != nil {
			m.t.Error(err)
		}
	}()
	shard := db.Shard(machineShape, 0, 7)
	epoch := int64(0)
	if newest != nil {
		epoch = newest.Epoch
	}
	if epoch != m.acked && epoch != m.acked+1 {
		return fmt.Errorf("the newest checkpoint is of epoch %d, not %d", epoch, m.acked)
	}
	if got := all(m.t, shard); got != m.states[epoch] {
		return fmt.Errorf("epoch %d holds\n%s\nnot\n%s", epoch, got, m.states[epoch])
	}
	m.restores++
	if newest == nil || m.restores%8 != 0 {
		return nil
	}
	return m.read(log, newest)
}

// read reads a checkpoint as a job with its state in memory does.
func (m *machine) read(log *checkpoint.Log, newest *checkpoint.Manifest) error {
	var got bytes.Buffer
	if err := log.Image(newest).Records(0, 0, 7, func(r *state.Record) error {
		write(&got, r)
		return nil
	}); err != nil {
		return err
	}
	if got.String() != m.states[newest.Epoch] {
		return fmt.Errorf("epoch %d is read as\n%s\nnot\n%s", newest.Epoch, got.String(), m.states[newest.Epoch])
	}
	return nil
}

func write(to *bytes.Buffer, r *state.Record) {
	fmt.Fprintf(to, "%d %q %d %q %q\n", r.Group, r.Key, r.State, r.Sub, r.Value)
}

// all returns the records of a store as text.
func all(t *testing.T, s state.Store) string {
	t.Helper()
	c, err := s.Scan(state.Place{})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for done := false; !done; {
		if done, err = c.Next(1<<20, func(r *state.Record) { write(&b, r) }); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// run takes checkpoints of a store that changes, and loses the power before
// operations of both disks.
func (m *machine) run(checkpoints int) {
	m.states = map[int64]string{}
	watched := errorfs.Wrap(m.pebble, errorfs.InjectorFunc(func(op errorfs.Op) error {
		if op.Kind.ReadOrWrite() == errorfs.OpIsWrite && op.Kind != errorfs.OpReuseForWrite {
			m.crash()
		}
		return nil
	}))
	store, err := checkpoint.OpenStore(vfs.Hooked(m.disk, func(op, _ string) error {
		if op != "read" && op != "open" && op != "list" {
			m.crash()
		}
		return nil
	}), "cp")
	if err != nil {
		m.t.Fatal(err)
	}
	log, err := checkpoint.Open(store, "first", "first", func(error) {})
	if err != nil {
		m.t.Fatal(err)
	}
	if err := log.Claim(checkpoint.Claim{}); err != nil {
		m.t.Fatal(err)
	}
	db, err := pebblestore.Open(options(m.t, "state"), watched)
	if err != nil {
		m.t.Fatal(err)
	}
	shard := db.Shard(machineShape, 0, 7)
	keeper := log.Keeper(pebblestore.Name, nil)
	for epoch := int64(1); epoch <= int64(checkpoints); epoch++ {
		m.change(shard, epoch)
		m.checkpoint(log, db, keeper, epoch)
	}
	m.mu.Lock()
	m.quiet = true // closing removes the folder
	m.mu.Unlock()
	if err := db.Close(); err != nil {
		m.t.Fatal(err)
	}
}

// change stores some changes.
func (m *machine) change(shard state.Store, epoch int64) {
	batch := shard.Batch()
	for range 1 + m.random.IntN(12) {
		r := state.Record{Group: m.random.IntN(8), Key: fmt.Appendf(nil, "%d", m.random.IntN(6)), State: m.random.IntN(2)}
		if r.State == 1 {
			r.Sub = fmt.Appendf(nil, "%d", m.random.IntN(4))
		}
		switch m.random.IntN(8) {
		case 0:
			r.Gone, r.State, r.Sub = state.KeyGone, 0, nil
		case 1:
			r.Gone, r.Sub = state.AllGone, nil
		case 2:
			r.Gone = state.EntryGone
		default:
			r.Value = bytes.Repeat([]byte{byte(epoch)}, 1+m.random.IntN(300))
		}
		batch.Add(&r)
	}
	batch.Send(value.MinTime, value.MinTime)
	if err := batch.Wait(); err != nil {
		m.t.Fatal(err)
	}
	now := all(m.t, shard)
	m.mu.Lock()
	m.states[epoch] = now
	m.mu.Unlock()
}

// checkpoint makes a checkpoint of Pebble's files.
func (m *machine) checkpoint(log *checkpoint.Log, db *pebblestore.DB, keeper *checkpoint.Keeper, epoch int64) {
	files, release, err := db.Files()
	if err != nil {
		m.t.Fatal(err)
	}
	if _, err := keeper.Put(files); err != nil {
		m.t.Fatal(err)
	}
	if err := release(); err != nil {
		m.t.Fatal(err)
	}
	next := &checkpoint.Manifest{}
	next.Epoch = epoch
	next.Operators = []checkpoint.Operator{{UID: "op"}}
	next.Job.Operators = []schema.Operator{{UID: "op", States: []schema.State{{Name: "v", Kind: schema.Value}, {Name: "m", Kind: schema.Map}}}}
	keeper.Name(next, []checkpoint.StoredOperator{{UID: "op", Number: machineShape.Operator}}, nil)
	if err := log.Commit(next); err != nil {
		m.t.Fatal(err)
	}
	m.mu.Lock()
	m.acked = epoch
	m.mu.Unlock()
	if err := log.Retain(2); err != nil {
		m.t.Fatal(err)
	}
}

// TestLossOfPower: whatever is left of Pebble's files, the next start has the state
// of the checkpoint, and nothing else.
func TestLossOfPower(t *testing.T) {
	t.Parallel()
	points, restores, bad := 0, 0, 0
	want := reliability.Size(300, 20_000, 500_000)
	for seed := reliability.FirstSeed(t); points < want && !t.Failed(); seed++ {
		random := rand.New(rand.NewPCG(seed, 8))
		m := &machine{t: t, random: random, disk: vfs.NewCrashable(), pebble: pebblefs.NewCrashableMem()}
		m.run(3 + random.IntN(6))
		points, restores, bad = points+m.points, restores+m.restores, bad+m.bad
	}
	reliability.Note(t, "T3 pebble", bad, reliability.Count{Name: "crash points", N: int64(points)}, reliability.Count{Name: "restores", N: int64(restores)})
}
