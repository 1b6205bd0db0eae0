package rig

import (
	"context"
	"encoding/json"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/value"
)

// input stands in for a source: it reads what the test gives it.
type input struct {
	row   []byte // what is read next
	floor value.Option[value.Timestamp]
}

func (r *Run) source(uid string) rt.SourceConnector {
	in := &input{}
	r.inputs[uid] = in
	return in
}

// Open returns the one partition.
func (in *input) Open(*rt.Env, []json.RawMessage) ([]rt.Reader, error) { return []rt.Reader{in}, nil }

// Describe names the connector.
func (in *input) Describe() string { return "test" }

// Read gives the row. It is called when there is one, or a time.
func (in *input) Read(_ context.Context, b *rt.Block) error {
	b.Bytes = append(b.Bytes, in.row...)
	b.Path, b.Line, b.Floor = "a row of the test", 1, in.floor
	in.row, in.floor = nil, value.Option[value.Timestamp]{}
	return nil
}

// Position returns none: what is read comes from the test.
func (in *input) Position() any { return nil }

// Bounded reports that input may always come.
func (in *input) Bounded() bool { return false }

// Close does nothing.
func (in *input) Close() error { return nil }

// output stands in for a sink: it keeps what is written.
type output struct{ rows []byte }

// sink returns the one of before if the job has been restarted: what it has was
// written before the checkpoint.
func (r *Run) sink(uid string) rt.SinkConnector {
	out := r.sinks[uid]
	if out == nil {
		out = &output{}
		r.sinks[uid] = out
	}
	return out
}

// Open returns the one writer.
func (out *output) Open(*rt.Env, *rt.Recovery) ([]rt.Writer, error) { return []rt.Writer{out}, nil }

// Describe names the connector.
func (out *output) Describe() string { return "test" }

// Grade names no promise: nothing outlasts the test.
func (out *output) Grade() rt.Grade { return rt.AtLeastOnce }

// Write keeps rows.
func (out *output) Write(rows []byte) error {
	out.rows = append(out.rows, rows...)
	return nil
}

// Flush does nothing.
func (out *output) Flush() error { return nil }

// Prepare does nothing.
func (out *output) Prepare(int64) ([]byte, error) { return nil, nil }

// Commit does nothing.
func (out *output) Commit(int64) error { return nil }

// Close does nothing.
func (out *output) Close() error { return nil }
