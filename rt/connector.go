package rt

import (
	"context"
	"io"
	"log/slog"

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

	inputs, outputs []string
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
	// Open returns one reader per partition, at least one. An error names what
	// could not be opened and says what to do.
	Open(env *Env) ([]Reader, error)

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

	// Bounded reports whether all input is there already, so that Read never
	// waits for it.
	Bounded() bool

	// Close releases what the reader holds.
	Close() error
}

// A SinkConnector opens the writers of a sink.
type SinkConnector interface {
	// Open returns one writer for all shards, or one for each of
	// env.Parallelism shards. It is called before the first record is read.
	Open(env *Env) ([]Writer, error)

	// Describe returns the connector in one line, as in Flow.
	Describe() string
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

	// Close ends the output. With commit set it makes all of it final; without,
	// the job has failed, and what is not final must not look so.
	Close(commit bool) error
}
