package rt

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flow-lang/flowc/rt/value"
)

// maxTapped is the number of bytes of a row that a tap keeps.
const maxTapped = 4 << 10

// A tapPoint is where rows can be sampled: a source, as it reads them, a sink, as
// it writes them, or a stream between them, by a [Tap] of each task that it goes
// through. Rows go by at the price of one look at a pointer; a tap takes at most
// one of each piece that goes by and one in tapPause, and never makes anybody wait.
type tapPoint struct {
	on    atomic.Pointer[[]*tap] // who looks; nil if nobody does. A list is not changed
	mu    sync.Mutex             // held to put another list there
	shown atomic.Int64           // when sample has shown a row, µs since 1970
}

// tap is somebody who looks at rows.
type tap struct{ rows chan []byte }

// add lets t look.
func (p *tapPoint) add(t *tap) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := []*tap{t}
	if on := p.on.Load(); on != nil {
		list = append(list, *on...)
	}
	p.on.Store(&list)
}

// remove ends what add began.
func (p *tapPoint) remove(t *tap) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := slices.DeleteFunc(slices.Clone(*p.on.Load()), func(other *tap) bool { return other == t })
	if len(list) == 0 {
		p.on.Store(nil)
	} else {
		p.on.Store(&list)
	}
}

// sample lets those who look, if there are any, have the first row of a piece.
func (p *tapPoint) sample(j *Job, piece []byte) {
	if p.on.Load() == nil {
		return
	}
	now, shown := j.now(), p.shown.Load()
	if now < value.Timestamp(shown)+tapPause || !p.shown.CompareAndSwap(shown, int64(now)) {
		return
	}
	row := piece
	if end := bytes.IndexByte(piece, '\n'); end >= 0 {
		row = piece[:end]
	}
	if len(bytes.TrimSpace(row)) > 0 {
		p.show(row)
	}
}

// show lets everybody who looks have a row.
func (p *tapPoint) show(row []byte) {
	on := p.on.Load()
	if on == nil {
		return // they have just gone
	}
	row = bytes.Clone(row[:min(len(row), maxTapped)])
	for _, t := range *on {
		select {
		case t.rows <- row:
		default: // it is not fast enough
		}
	}
}

// Tap is where a task shows the records of a stream that no source reads and no
// sink writes. Generated code asks [Tap.On] for each record, and writes one as
// JSON only if somebody looks, and that not for each.
type Tap struct {
	point *tapPoint
	task  *Task
	shown value.Timestamp // when, by the clock of the task's steps
	fault value.Fault
}

// streamTap is a stream that tasks show records of.
type streamTap struct {
	name  string
	point tapPoint
}

// Tap returns where the task shows the records of a stream. Of streams with the
// same name those who look see all.
func (t *Task) Tap(stream string) *Tap {
	i := slices.IndexFunc(t.job.taps, func(s *streamTap) bool { return s.name == stream })
	if i < 0 {
		i = len(t.job.taps)
		t.job.taps = append(t.job.taps, &streamTap{name: stream})
	}
	return &Tap{point: &t.job.taps[i].point, task: t, shown: value.MinTime}
}

// tapPause is how long a task, a source or a sink shows no further record of a
// stream, in µs.
const tapPause value.Timestamp = 1000

// On reports whether somebody wants to see the record at hand.
func (t *Tap) On() bool { return t.point.on.Load() != nil && t.task.now >= t.shown+tapPause }

// Fault takes what is wrong with a record that has no text as JSON.
func (t *Tap) Fault() *value.Fault { return &t.fault }

// Show shows a record as JSON, unless writing it has failed.
func (t *Tap) Show(row []byte) {
	t.shown = t.task.now
	if t.fault.Failed() {
		t.fault.Take()
		return
	}
	t.point.show(row)
}

// Tapped are the streams that can be tapped, by their names: those of sources,
// those between, and those of sinks.
func (j *Job) Tapped() (names []string) {
	for _, s := range j.graph.sources {
		names = append(names, s.spec.Name)
	}
	for _, s := range j.taps {
		names = append(names, s.name)
	}
	slices.Sort(names[len(j.graph.sources):])
	for _, s := range j.graph.sinks {
		names = append(names, s.spec.Name)
	}
	return names
}

// Tap samples the rows of a stream until it has most, wait is over, ctx is done, or
// the job has ended. A row that is longer than 4 KiB is cut off. ok is false if no stream of
// that name can be tapped. All who tap the same stream at a time get the rows.
func (j *Job) Tap(ctx context.Context, name string, most int, wait time.Duration) (rows [][]byte, ok bool) {
	p := j.tapPoint(name)
	if p == nil {
		return nil, false
	}
	t := &tap{rows: make(chan []byte, most)}
	p.add(t)
	defer p.remove(t)
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
		case <-j.ended:
			for len(rows) < most && len(t.rows) > 0 { // nobody adds to them
				rows = append(rows, <-t.rows)
			}
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
	for _, s := range j.taps {
		if s.name == name {
			return &s.point
		}
	}
	return nil
}
