package rt

import (
	"bytes"
	"context"
	"sync/atomic"
	"time"
)

// maxTapped is the number of bytes of a row that a tap keeps.
const maxTapped = 4 << 10

// A tapPoint is where rows can be sampled: a source, as it reads them, or a sink,
// as it writes them. Rows go by at the price of one look at a pointer; a tap
// takes at most one of each piece that goes by and never makes anybody wait.
type tapPoint struct{ on atomic.Pointer[tap] }

// tap is somebody who looks at rows.
type tap struct{ rows chan []byte }

// sample lets the tap, if there is one, have the first row of a piece.
func (p *tapPoint) sample(piece []byte) {
	t := p.on.Load()
	if t == nil {
		return
	}
	row := piece
	if end := bytes.IndexByte(piece, '\n'); end >= 0 {
		row = piece[:end]
	}
	if len(bytes.TrimSpace(row)) == 0 {
		return
	}
	select {
	case t.rows <- bytes.Clone(row[:min(len(row), maxTapped)]):
	default: // nobody is fast enough
	}
}

// Tapped are the streams that can be tapped: those of sources and of sinks, by
// their names.
func (j *Job) Tapped() (names []string) {
	for _, s := range j.graph.sources {
		names = append(names, s.spec.Name)
	}
	for _, s := range j.graph.sinks {
		names = append(names, s.spec.Name)
	}
	return names
}

// Tap samples the rows of a stream until it has most, wait is over, or ctx is
// done. A row that is longer than 4 KiB is cut off. ok is false if no stream of
// that name can be tapped. Of two who tap the same stream the later one gets the
// rows.
func (j *Job) Tap(ctx context.Context, name string, most int, wait time.Duration) (rows [][]byte, ok bool) {
	p := j.tapPoint(name)
	if p == nil {
		return nil, false
	}
	t := &tap{rows: make(chan []byte, most)}
	p.on.Store(t)
	defer p.on.CompareAndSwap(t, nil)
	over := time.NewTimer(wait)
	defer over.Stop()
	for len(rows) < most {
		select {
		case row := <-t.rows:
			rows = append(rows, row)
		case <-over.C:
			return rows, true
		case <-ctx.Done():
			return rows, true
		}
	}
	return rows, true
}

// tapPoint finds a stream. What the program writes counts before what it reads.
func (j *Job) tapPoint(name string) *tapPoint {
	for _, s := range j.graph.sinks {
		if s.spec.Name == name {
			return &s.tap
		}
	}
	for _, s := range j.graph.sources {
		if s.spec.Name == name {
			return &s.tap
		}
	}
	return nil
}
