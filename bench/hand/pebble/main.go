// Command pebble does by hand what bench/keyed.flow says, with the numbers of each
// user in Pebble: a Get and a Set for each event. Once a second it flushes and takes
// a checkpoint of the store, of which it keeps the last.
//
// Usage: pebble CACHE INPUT OUTPUT, where CACHE is the size of Pebble's cache in
// bytes
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"

	"github.com/flow-lang/flowc/bench/hand/event"
	"github.com/flow-lang/flowc/bench/hand/loop"
	"github.com/flow-lang/flowc/bench/hand/scan"
)

// dir is where the store is, and its checkpoints are beside it.
const dir = "raw"

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pebble:", err)
		os.Exit(1)
	}
}

func run() error {
	if len(os.Args) != 4 {
		return errors.New("usage: pebble CACHE INPUT OUTPUT")
	}
	size, err := strconv.ParseInt(os.Args[1], 10, 64)
	if err != nil {
		return err
	}
	os.Args = append(os.Args[:1], os.Args[2:]...)
	if err := errors.Join(os.RemoveAll(dir), os.RemoveAll(dir+"-0"), os.RemoveAll(dir+"-1")); err != nil {
		return err
	}
	cache := pebble.NewCache(size)
	defer cache.Unref()
	options := &pebble.Options{Cache: cache, DisableWAL: true, Logger: quiet{}}
	for i := range options.Levels {
		options.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	db, err := pebble.Open(dir, options)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	st := store{db: db, next: time.Now().Add(time.Second)}
	var s scan.Scanner
	loop.Run(func(line, out []byte) ([]byte, error) { return st.event(&s, line, out) })
	return st.checkpoint()
}

// store is the state of the program.
type store struct {
	db     *pebble.DB
	rows   int
	number int       // of the last checkpoint
	next   time.Time // when the next is due
	value  [24]byte
}

// event handles one line.
func (st *store) event(s *scan.Scanner, line, out []byte) ([]byte, error) {
	e, err := event.Decode(s, line)
	if err != nil {
		return out, err
	}
	var count, sum, most uint64
	held, closer, err := st.db.Get(e.User)
	switch {
	case err == nil:
		count, sum, most = binary.LittleEndian.Uint64(held), binary.LittleEndian.Uint64(held[8:]), binary.LittleEndian.Uint64(held[16:])
		if err := closer.Close(); err != nil {
			return out, err
		}
	case !errors.Is(err, pebble.ErrNotFound):
		return out, err
	}
	count, sum, most = count+1, sum+uint64(e.Price), max(most, uint64(e.Price))
	binary.LittleEndian.PutUint64(st.value[:], count)
	binary.LittleEndian.PutUint64(st.value[8:], sum)
	binary.LittleEndian.PutUint64(st.value[16:], most)
	if err := st.db.Set(e.User, st.value[:], pebble.NoSync); err != nil {
		return out, err
	}
	if st.rows++; st.rows%256 == 0 && time.Now().After(st.next) {
		if err := st.checkpoint(); err != nil {
			return out, err
		}
	}
	out = append(out, `{"user":`...)
	out = loop.AppendString(out, e.User)
	out = append(out, `,"count":`...)
	out = strconv.AppendUint(out, count, 10)
	out = append(out, `,"sum":`...)
	out = strconv.AppendUint(out, sum, 10)
	out = append(out, `,"most":`...)
	out = strconv.AppendUint(out, most, 10)
	return append(out, "}\n"...), nil
}

// checkpoint makes what is in the store durable, in a folder beside it.
func (st *store) checkpoint() error {
	if err := st.db.Flush(); err != nil {
		return err
	}
	st.number++
	to := fmt.Sprintf("%s-%d", dir, st.number%2)
	if err := os.RemoveAll(to); err != nil {
		return err
	}
	st.next = time.Now().Add(time.Second)
	return st.db.Checkpoint(to)
}

// quiet drops what Pebble has to tell but for what ends it.
type quiet struct{}

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}
func (quiet) Fatalf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}
