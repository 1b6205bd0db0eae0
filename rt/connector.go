package rt

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"sync"

	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// Env is the world that connectors see.
type Env struct {
	FS          vfs.FS
	Stdin       io.Reader
	Stdout      io.Writer
	Now         func() value.Timestamp
	Parallelism int // number of shards
	BlockSize   int // of blocks that a reader should fill, in bytes
	Log         *slog.Logger
	Run         string // names all that goes on from one fresh start; "" if no other process can go on from it
	Kept        *Kept

	inputs, outputs []string
}

// Kept is what connectors keep when a job is started again within the process,
// such as input that can be read only once.
type Kept struct {
	mu     sync.Mutex
	things map[string]any
}

// Get returns what is kept under a name, and makes it if nothing is. A nil Kept
// keeps nothing.
func (k *Kept) Get(name string, create func() any) any {
	if k == nil {
		return create()
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.things == nil {
		k.things = map[string]any{}
	}
	if _, ok := k.things[name]; !ok {
		k.things[name] = create()
	}
	return k.things[name]
}

// Recovery is what the writers of a sink had prepared when the snapshot was
// taken that the job goes on from. A sink makes final what it names, and takes
// back what was written after it.
type Recovery struct {
	Epoch  int64    // of the snapshot
	States [][]byte // of its writers, as Prepare gave them; nil if the sink is new
}

// Reads takes note of a file that a source reads, so that no sink empties it.
// Sources are opened before sinks.
func (e *Env) Reads(path string) { e.inputs = append(e.inputs, path) }

// Inputs returns the files that sources read.
func (e *Env) Inputs() []string { return e.inputs }

// Writes takes note of a file or directory that a sink writes, so that no other
// sink overwrites it.
func (e *Env) Writes(path string) { e.outputs = append(e.outputs, path) }

// Outputs returns the files and directories that sinks write.
func (e *Env) Outputs() []string { return e.outputs }

// A SourceConnector opens the partitions of a source.
type SourceConnector interface {
	// Open returns one reader per partition, at least one. from has the positions
	// of the partitions to go on from, in their order, each as JSON; it is nil at
	// a fresh start, and has a nil for a partition that is to begin anew. If the
	// number of partitions is another than then, the connector shares out what is
	// left. An error names what could not be opened and says what to do.
	Open(env *Env, from []json.RawMessage) ([]Reader, error)

	// Describe returns the connector in one line, as in Flow.
	Describe() string
}

// A Reader reads one partition. It is used by one goroutine.
type Reader interface {
	// Read fills b with at least one whole row, or returns io.EOF at the end of
	// the partition. b.Bytes comes empty, with room for a block; Read may
	// replace it by a larger slice. Read returns early with what there is rather
	// than wait for more input, and returns ctx.Err() once ctx is done and there
	// is nothing to return.
	Read(ctx context.Context, b *Block) error

	// Position returns the place behind the last block that Read has filled, as a
	// value that can be written as JSON and does not change; nil if there is none
	// to go on from.
	Position() any

	// Bounded reports whether all input is there already, so that Read never
	// waits for it.
	Bounded() bool

	// Close releases what the reader holds.
	Close() error
}

// A SinkConnector opens the writers of a sink.
type SinkConnector interface {
	// Open returns one writer for all shards, or one for each of
	// env.Parallelism shards. It is called before the first record is read. from
	// is nil at a fresh start.
	Open(env *Env, from *Recovery) ([]Writer, error)

	// Describe returns the connector in one line, as in Flow.
	Describe() string

	// Grade returns what the sink promises.
	Grade() Grade
}

// A Writer writes rows. It is used by one goroutine. After an error only Close
// is called.
type Writer interface {
	// Write writes whole rows. It may keep them until Flush, but not rows
	// itself.
	Write(rows []byte) error

	// Flush makes what was written visible to readers. It is called when there
	// is nothing to write, and at least once a second.
	Flush() error

	// Prepare ends an epoch: what was written in it must outlast a crash, and be
	// possible to make final, when Prepare returns. What it returns is stored with
	// the snapshot. That may fail: then it is prepared again with the next epoch.
	Prepare(epoch int64) (state []byte, err error)

	// Commit makes final all that was prepared up to an epoch.
	Commit(epoch int64) error

	// Close releases what the writer holds. What is not final must not look so.
	Close() error
}

// A Grade says what a sink promises about its rows when the job has failed and
// gone on from a snapshot.
type Grade string

// The grades.
const (
	Transactional Grade = "transactional" // each row once: what came after the snapshot is taken back
	Idempotent    Grade = "idempotent"    // a row that comes again replaces itself
	AtLeastOnce   Grade = "at least once" // a row may come again
)
