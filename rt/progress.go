package rt

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flow-lang/flowc/rt/value"
)

// progressEvery is how often the live line changes.
const progressEvery = 200 * time.Millisecond

// showProgress keeps one live line on standard error until the function it
// returns is called, which takes the line away.
func showProgress(now *atomic.Pointer[Job], c *command) (hide func()) {
	if !wantsProgress(c) {
		return func() {}
	}
	done := make(chan struct{})
	var showing sync.WaitGroup
	showing.Go(func() {
		ticks := time.NewTicker(progressEvery)
		defer ticks.Stop()
		var last Stats
		for {
			select {
			case <-done:
				_, _ = os.Stderr.WriteString("\r\x1b[K")
				return
			case <-ticks.C:
				j := now.Load()
				if j == nil {
					continue
				}
				p := j.progress()
				_, _ = fmt.Fprintf(os.Stderr, "\r\x1b[K%s", p.line(last))
				last = p.stats
			}
		}
	})
	return func() { close(done); showing.Wait() }
}

// wantsProgress reports whether a live line is asked for or useful: it is not
// where output goes to the same terminal.
func wantsProgress(c *command) bool {
	switch c.progress {
	case "always":
		return true
	case "never":
		return false
	default:
		return !c.quiet && isTerminal(os.Stderr) && !isTerminal(os.Stdout)
	}
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// progress is how far a job is.
type progress struct {
	stats      Stats
	now        value.Timestamp
	mark       value.Timestamp // the least of all sources that have event time; value.MaxTime if none has
	saves      bool
	checkpoint value.Timestamp // when the last was whole; 0 if none was
}

// progress looks how far the job is, without keeping it from anything.
func (j *Job) progress() progress {
	p := progress{stats: j.Stats(), now: j.now(), mark: value.MaxTime, saves: j.opts.CheckpointTo != "" || j.opts.Store != nil}
	for _, s := range j.graph.sources {
		if !s.spec.EventTime {
			continue
		}
		s.mu.Lock()
		for _, part := range s.parts {
			if !part.ended && !part.idle {
				p.mark = min(p.mark, part.mark)
			}
		}
		s.mu.Unlock()
	}
	p.checkpoint = j.checkpoints.read().At
	return p
}

// line says how far the job is, and how fast since last.
func (p progress) line(last Stats) string {
	s := p.stats
	rate := 0.0
	if d := s.Duration - last.Duration; d > 0 {
		rate = float64(s.In-last.In) / d.Seconds()
	}
	text := fmt.Sprintf("%d in, %d out, %.0f records/s, %s", s.In, s.Out, rate, s.Duration.Round(time.Second/10))
	if p.mark > value.MinTime && p.mark < value.MaxTime-1 {
		text += fmt.Sprintf(", watermark %s, lag %s", value.FormatTimestamp(p.mark), micros(int64(p.now-p.mark)).Round(time.Second/10))
	}
	switch {
	case p.checkpoint != 0:
		text += fmt.Sprintf(", checkpoint %s ago", micros(int64(p.now-p.checkpoint)).Round(time.Second/10))
	case p.saves:
		text += ", no checkpoint yet"
	}
	return text
}
