package pebblestore_test

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/state/pebblestore"
	"github.com/flow-lang/flowc/rt/value"
)

// The contest of state in a store with Pebble alone: each event reads the 100
// bytes of a key, changes them and writes them, and every checkpointEvery events
// there is a checkpoint. Pebble alone has a block cache as large as the whole
// cache of the other.
const (
	benchKeys       = 1_000_000
	checkpointEvery = 500_000
	valueSize       = 100
)

// body is what a key holds.
type body struct {
	state.Head

	value [valueSize]byte
}

// totals is an operator as generated code has them.
type totals struct {
	saver *state.Saver
	cells *state.Ints[body]
}

func (o *totals) SaveKey(w *state.Saver, id uint32) {
	key := o.cells.Key(id)
	w.Key(avro.AppendInt(w.Begin(value.HashInt(key)), key))
}

func (o *totals) SaveCell(w *state.Saver, id uint32) {
	if w.Has(0, true) {
		w.Put(append(w.Room(), o.cells.Cell(id).value[:]...), 0)
	}
}

func (o *totals) SaveMessages(*state.Saver)      {}
func (o *totals) SaveShared(*state.Saver)        {}
func (o *totals) Track()                         { o.saver.Track(o) }
func (o *totals) Cut(all bool) state.Snapshot    { return o.saver.Cut(o, all) }
func (o *totals) Copy() state.Snapshot           { return o.saver.Copy(o) }
func (o *totals) Restored(value.Timestamp) error { return nil }

func (o *totals) Restore(r *state.Record) error {
	id, same := o.saver.Same(r)
	if !same {
		key := o.saver.Read(r.Key).Int()
		id, _ = o.cells.At(value.HashInt(key), key)
	}
	copy(o.cells.Cell(id).value[:], r.Value)
	return nil
}

func (o *totals) Spill(s state.SpillOptions) *state.Spill {
	return state.NewSpill(o, o.saver, s, state.SpillTimers{})
}

func (o *totals) event(key int64) {
	id, c := o.cells.At(value.HashInt(key), key)
	if o.cells.Owes(id) {
		o.saver.Give(o, id)
	}
	next := *c
	binary.LittleEndian.PutUint64(next.value[:], binary.LittleEndian.Uint64(next.value[:])+1)
	o.cells.Put(id, &next)
}

// picks returns how the keys of events are chosen: from a hot set that the cache
// holds, or each for a while and then no more.
func picks() map[string]func(rng *rand.Rand, i int) int64 {
	return map[string]func(rng *rand.Rand, i int) int64{
		"hot": func(rng *rand.Rand, _ int) int64 { return rng.Int64N(benchKeys / 20) },
		"recency": func(rng *rand.Rand, i int) int64 {
			at := int64(i/16)%benchKeys + benchKeys
			return (at - int64(rng.ExpFloat64()*1000)) % benchKeys
		},
	}
}

// cacheOf is a tenth of what all keys take in memory.
const cacheOf = benchKeys / 10 * (valueSize + 48)

func folder(b *testing.B) string {
	dir, err := os.MkdirTemp(b.TempDir(), "")
	if err != nil {
		b.Fatal(err)
	}
	return dir
}

func BenchmarkSpill(b *testing.B) {
	for _, name := range []string{"hot", "recency"} {
		pick := picks()[name]
		b.Run(name, func(b *testing.B) {
			fail := func(err error) { b.Error(err) }
			db, err := pebblestore.Open(state.StoresOptions{Dir: folder(b), Cache: cacheOf / 4, Warn: func(string) {}, Fail: fail, Fatal: fail}, vfs.Default)
			if err != nil {
				b.Fatal(err)
			}
			o := &totals{cells: state.NewInts[body]()}
			o.saver = state.NewSaver(o.cells, 1024, true)
			sp := o.Spill(state.SpillOptions{Store: db.Shard(state.Shape{States: 1, Maps: []bool{false}}, 0, 1023), Room: cacheOf * 3 / 4, Fail: fail})
			rng := rand.New(rand.NewPCG(1, 1))
			for key := range int64(benchKeys) {
				o.event(key)
				if key%4096 == 0 && sp.Tick(0, 0) {
					sp.Store()
				}
			}
			sp.Store()
			var cut state.Snapshot
			most := 0
			b.ResetTimer()
			for i := range b.N {
				o.event(pick(rng, i))
				if i%4096 != 0 {
					continue
				}
				if full := sp.Tick(0, 0); cut == nil && (full || i/4096%(checkpointEvery/4096) == 0) {
					cut = sp.Cut(false)
				}
				if cut != nil && cut.Next(128<<10, func(*state.Record) {}) {
					cut = nil
				}
				most = max(most, sp.Bytes())
			}
			b.StopTimer()
			b.ReportMetric(float64(most)/(cacheOf*3/4), "room")
			if err := db.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func BenchmarkPebble(b *testing.B) {
	for _, name := range []string{"hot", "recency"} {
		pick := picks()[name]
		b.Run(name, func(b *testing.B) {
			cache := pebble.NewCache(cacheOf)
			defer cache.Unref()
			opts := &pebble.Options{DisableWAL: true, Cache: cache, MemTableSize: 16 << 20}
			for i := range opts.Levels {
				opts.Levels[i].BlockSize = 4 << 10
				opts.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
			}
			dir := folder(b)
			db, err := pebble.Open(dir+"/db", opts)
			if err != nil {
				b.Fatal(err)
			}
			var key [8]byte
			val := make([]byte, valueSize)
			for k := range uint64(benchKeys) {
				binary.BigEndian.PutUint64(key[:], k*0x9e3779b97f4a7c15)
				if err := db.Set(key[:], val, pebble.NoSync); err != nil {
					b.Fatal(err)
				}
			}
			rng := rand.New(rand.NewPCG(1, 1))
			b.ResetTimer()
			for i := range b.N {
				binary.BigEndian.PutUint64(key[:], uint64(pick(rng, i))*0x9e3779b97f4a7c15)
				old, closer, err := db.Get(key[:])
				if err != nil {
					b.Fatal(err)
				}
				copy(val, old)
				_ = closer.Close()
				binary.LittleEndian.PutUint64(val, binary.LittleEndian.Uint64(val)+1)
				if err := db.Set(key[:], val, pebble.NoSync); err != nil {
					b.Fatal(err)
				}
				if i%checkpointEvery == 0 {
					if err := db.Flush(); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.StopTimer()
			_ = db.Close()
		})
	}
}
