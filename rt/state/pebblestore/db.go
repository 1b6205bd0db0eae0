package pebblestore

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/flow-lang/flowc/rt/state"
)

// Name is how the backend is called on the command line.
const Name = "pebble"

func init() {
	state.Register(Name, func(o state.StoresOptions) (state.Stores, error) { return Open(o, vfs.Default) })
}

// The names in the folder of a job.
const (
	marker       = "FLOWC-STATE" // the file that says whose it is
	liveName     = "pebble"      // the folder of Pebble's files
	linkedPrefix = "linked-"     // of folders with the files that a checkpoint takes
)

// DB is the database of one job: all shards of all operators share it.
type DB struct {
	db     *pebble.DB
	fs     vfs.FS
	opts   *pebble.Options
	lock   io.Closer
	root   string
	dir    string // of Pebble's files
	files  atomic.Int64
	sends  sync.WaitGroup
	broken atomic.Pointer[error] // of a batch that could not be stored
	ending *atomic.Bool          // tables are not written any more: Close would wait for compactions

	mu     sync.Mutex
	shards []*shard
}

// Open takes a folder, which it makes if it is not there, empties it, and begins with
// the files that the options give. It refuses a folder that holds anything but state.
func Open(o state.StoresOptions, on vfs.FS) (*DB, error) {
	if o.ReadOnly {
		return openGiven(o)
	}
	ending := &atomic.Bool{}
	fs := unsynced{on, ending}
	d := &DB{fs: fs, ending: ending, root: o.Dir, dir: fs.PathJoin(o.Dir, liveName)}
	if err := d.claim(o.Dir); err != nil {
		return nil, fmt.Errorf("state in %s: %w", o.Dir, cause(err))
	}
	err := d.fill(o.Files)
	if err == nil {
		err = d.open(&o)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("state in %s: %w", o.Dir, cause(err)), d.fs.RemoveAll(d.dir), d.lock.Close())
	}
	return d, nil
}

// openGiven opens the files of the options where they are.
func openGiven(o state.StoresOptions) (*DB, error) {
	const dir = "given"
	fs, err := newGiven(dir, o.Files)
	if err != nil {
		return nil, err
	}
	d := &DB{fs: fs, ending: &atomic.Bool{}, root: dir, dir: dir, lock: noLock{}}
	return d, d.open(&o)
}

type noLock struct{}

func (noLock) Close() error { return nil }

// open opens the database.
func (d *DB) open(o *state.StoresOptions) (err error) {
	cache := pebble.NewCache(max(o.Cache, 1<<20))
	defer cache.Unref()
	d.opts = options(o, d.fs, cache, d.ending)
	compactions := &scheduler{}
	d.opts.Experimental.CompactionScheduler = compactions
	if d.db, err = pebble.Open(d.dir, d.opts); err == nil && !o.ReadOnly {
		compactions.begin()
	}
	return err
}

// claim takes the lock of the folder and removes what an earlier run has left.
func (d *DB) claim(dir string) error {
	if err := d.fs.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	names, err := d.fs.List(dir)
	if err != nil {
		return err
	}
	own := len(names) == 0
	for _, name := range names {
		own = own || name == marker
	}
	if !own {
		return fmt.Errorf("it holds %s, which is no state of a pipeline: name an empty folder", names[0])
	}
	lock, err := d.fs.Lock(d.fs.PathJoin(dir, marker))
	if err != nil {
		return fmt.Errorf("another process has its state there: name another folder (%w)", cause(err))
	}
	// The marker must outlast a loss of power if anything does that comes after it.
	err = syncDir(d.fs.(unsynced).FS, dir)
	for _, name := range names {
		if err == nil && (name == liveName || strings.HasPrefix(name, linkedPrefix)) {
			err = d.fs.RemoveAll(d.fs.PathJoin(dir, name))
		}
	}
	if err != nil {
		return errors.Join(err, lock.Close())
	}
	d.lock = lock
	return d.fs.MkdirAll(d.dir, 0o755)
}

func syncDir(fs vfs.FS, dir string) error {
	f, err := fs.OpenDir(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// cause strips the path of an error of a file, which says nothing to a user.
func cause(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// options are how Pebble runs: without a log, as what is stored counts only
// until the job ends, with small blocks and with Bloom filters on all levels, as
// most of what is looked for and not in memory is not there at all. Rows of one key
// are no versions of each other, whose older ones were best put aside: they are read
// together.
func options(o *state.StoresOptions, fs vfs.FS, cache *pebble.Cache, ending *atomic.Bool) *pebble.Options {
	opts := &pebble.Options{
		Cache:                       cache,
		Comparer:                    comparer,
		DisableWAL:                  true,
		ErrorIfExists:               len(o.Files) == 0,
		ErrorIfNotExists:            len(o.Files) > 0,
		ReadOnly:                    o.ReadOnly,
		FS:                          fs,
		FormatMajorVersion:          pebble.FormatNewest,
		L0CompactionThreshold:       4,
		L0StopWritesThreshold:       1000, // ingested files stop nobody
		LBaseMaxBytes:               64 << 20,
		MemTableSize:                64 << 10,  // nothing is written through it
		MaxManifestFileSize:         256 << 10, // each checkpoint has it
		MemTableStopWritesThreshold: 2,
		Logger:                      logger{o},
	}
	for i := range opts.Levels {
		opts.Levels[i].BlockSize = 4 << 10
		opts.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	opts.ApplyCompressionSettings(func() pebble.DBCompressionSettings { return pebble.DBCompressionFastest })
	opts.Experimental.SpanPolicyFunc = func([]byte) (pebble.SpanPolicy, []byte, error) {
		return pebble.SpanPolicy{DisableValueSeparationBySuffix: true}, nil, nil
	}
	opts.EventListener = &pebble.EventListener{
		BackgroundError: func(err error) {
			if !ending.Load() {
				o.Fail(fmt.Errorf("state in %s: %w", o.Dir, err))
			}
		},
		DataCorruption: func(info pebble.DataCorruptionInfo) {
			o.Fail(fmt.Errorf("state in %s: %s is damaged: %w", o.Dir, filepath.Base(info.Path), info.Details))
		},
	}
	return opts
}

// logger passes on what Pebble says.
type logger struct{ o *state.StoresOptions }

func (l logger) Infof(string, ...any) {}

func (l logger) Errorf(format string, args ...any) {
	l.o.Warn("pebble: " + strings.TrimSpace(fmt.Sprintf(format, args...)))
}

func (l logger) Fatalf(format string, args ...any) {
	l.o.Fatal(fmt.Errorf("state in %s: %s", l.o.Dir, strings.TrimSpace(fmt.Sprintf(format, args...))))
	panic("pebblestore: Fatal has returned")
}

// Aside runs work in a goroutine.
func (d *DB) Aside(work func(beside bool)) { go work(true) }

// Close ends the database and removes its files. No shard is used any more.
func (d *DB) Close() error {
	d.sends.Wait()
	d.ending.Store(true)
	var errs []error
	for _, s := range d.shards {
		errs = append(errs, s.close())
	}
	return errors.Join(append(errs, d.db.Close(), d.fs.RemoveAll(d.dir), d.lock.Close())...)
}
