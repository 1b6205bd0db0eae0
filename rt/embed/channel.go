package embed

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"

	"github.com/flow-lang/flowc/rt"
)

// In returns the channel that stands in for the source with a uid. T is marshalled
// to a row of JSON as encoding/json does. Closing the channel ends the source; a
// send waits while the pipeline has enough, and for ever when it has ended: select
// on Done, too. In, From and Out panic when the pipeline has been started, or the
// source or sink has a channel already.
func In[T any](p *Pipeline, uid string) chan<- T {
	in := &input[T]{uid: uid, values: make(chan T, 64)}
	join[rt.SourceConnector](p, p.ins, uid, in)
	return in.values
}

// From has a source take the values of an iterator, to its end.
func From[T any](p *Pipeline, uid string, values iter.Seq[T]) {
	in := In[T](p, uid)
	p.feeds = append(p.feeds, func() {
		defer close(in)
		for v := range values {
			select {
			case in <- v:
			case <-p.ended:
				return
			}
		}
	})
}

// Out returns the channel that stands in for the sink with a uid, whose rows are
// unmarshalled to T as encoding/json does. It is closed when the pipeline has
// ended. A pipeline waits for who reads it.
func Out[T any](p *Pipeline, uid string) <-chan T {
	out := &output[T]{pipeline: p, uid: uid, values: make(chan T, 64)}
	join[rt.SinkConnector](p, p.outs, uid, out)
	p.closers = append(p.closers, func() { close(out.values) })
	return out.values
}

// input is a source whose rows come from a channel.
type input[T any] struct {
	uid    string
	values chan T
}

// Open returns the only reader.
func (in *input[T]) Open(*rt.Env, []json.RawMessage) ([]rt.Reader, error) {
	return []rt.Reader{in}, nil
}

// Describe names the channel.
func (in *input[T]) Describe() string { return "go()" }

// Read waits for a value, and takes those that are there.
func (in *input[T]) Read(ctx context.Context, b *rt.Block) error {
	var v T
	var open bool
	select {
	case v, open = <-in.values:
	case <-ctx.Done():
		return ctx.Err()
	}
	b.Path, b.Line = in.uid, 1
	for open {
		row, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("source %q: %w", in.uid, err)
		}
		b.Bytes = append(append(b.Bytes, row...), '\n')
		if len(b.Bytes) >= rt.BlockSize/4 {
			return nil
		}
		select {
		case v, open = <-in.values:
		default:
			return nil
		}
	}
	if len(b.Bytes) > 0 {
		return nil // the end comes with the next call
	}
	return io.EOF
}

// Position returns none: values cannot be read again.
func (in *input[T]) Position() any { return nil }

// Bounded reports that more may come.
func (in *input[T]) Bounded() bool { return false }

// Close leaves the channel to who sends: the pipeline may be started again.
func (in *input[T]) Close() error { return nil }

// output is a sink whose rows go to a channel.
type output[T any] struct {
	pipeline *Pipeline
	uid      string
	values   chan T
}

// Open returns the only writer.
func (out *output[T]) Open(*rt.Env, *rt.Recovery) ([]rt.Writer, error) { return []rt.Writer{out}, nil }

// Describe names the channel.
func (out *output[T]) Describe() string { return "go()" }

// Grade says that values may come again after a failure.
func (out *output[T]) Grade() rt.Grade { return rt.AtLeastOnce }

// Write gives each row on as a value.
func (out *output[T]) Write(rows []byte) error {
	for row := range bytes.Lines(rows) {
		var v T
		if err := json.Unmarshal(row, &v); err != nil {
			return fmt.Errorf("a row is no %T: %w", v, err)
		}
		select {
		case out.values <- v:
		case <-out.pipeline.dropped:
		}
	}
	return nil
}

// Flush has nothing to do: values are there at once.
func (out *output[T]) Flush() error { return nil }

// Prepare has nothing to keep.
func (out *output[T]) Prepare(int64) ([]byte, error) { return nil, nil }

// Commit has nothing to do.
func (out *output[T]) Commit(int64) error { return nil }

// Close leaves the channel open: the pipeline may be started again.
func (out *output[T]) Close() error { return nil }
