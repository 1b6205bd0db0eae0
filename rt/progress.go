package rt

import (
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"
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
				s := j.Stats()
				_, _ = fmt.Fprintf(os.Stderr, "\r\x1b[K%s", progressLine(s, last))
				last = s
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

// progressLine says how far the job is, and how fast since last.
func progressLine(s, last Stats) string {
	rate := 0.0
	if d := s.Duration - last.Duration; d > 0 {
		rate = float64(s.In-last.In) / d.Seconds()
	}
	return fmt.Sprintf("%d in, %d out, %.0f records/s, %s", s.In, s.Out, rate, s.Duration.Round(time.Second/10))
}
