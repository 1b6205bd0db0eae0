package rt

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/state"
)

// Scan is how far a job has looked, before it begins, whether all saved values fit
// a program that has changed.
type Scan struct {
	UID    string // of the step whose state is looked at
	Looked int64  // records so far, of all steps
	All    int64  // of how many; 0 if that is not known, as of checkpoints with changes
	Done   bool   // all fit, or one did not
}

// scanEvery is after how many records of a scan the next is told of.
const scanEvery = 1 << 14

// scans reports whether a value might not fit.
func (e *evolvedImage) scans() bool {
	for to, feeds := range e.feeds {
		if len(feeds) > 0 && e.plan.Checked(to) {
			return true
		}
	}
	return false
}

// scan converts, before anything has changed, all records of which one might not
// fit.
func (e *evolvedImage) scan(tell func(Scan)) error {
	var at Scan
	for to, feeds := range e.feeds {
		if e.plan.Checked(to) {
			for _, from := range feeds {
				at.All += e.count(from)
			}
		}
	}
	for to, feeds := range e.feeds {
		if !e.plan.Checked(to) {
			continue
		}
		at.UID = e.plan.New.Operators[to].UID
		for _, from := range feeds {
			if err := e.scanStep(from, to, &at, tell); err != nil {
				return err
			}
		}
	}
	return nil
}

// scanStep converts what one step has of another.
func (e *evolvedImage) scanStep(from, to int, at *Scan, tell func(Scan)) error {
	e.looked = func() {
		if at.Looked++; at.Looked%scanEvery == 0 && tell != nil {
			tell(*at)
		}
	}
	err := e.convert(from, to, 0, groupsOf(e.plan.New)-1, func(*state.Record) error { return nil })
	e.looked = nil
	if tell != nil && at.Looked >= scanEvery {
		done := *at
		done.Done = true
		tell(done)
	}
	var misfit *evolve.Misfit
	if errors.As(err, &misfit) {
		err = fmt.Errorf("the saved state does not fit this program: %w", err)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", e.Place(), err)
	}
	return nil
}

// count returns how many records the image has of one of its operators, 0 if it
// does not say.
func (e *evolvedImage) count(operator int) int64 {
	s, ok := e.Image.(interface{ Count(uid string) int64 })
	if !ok {
		return 0
	}
	return s.Count(e.Image.State().Operators[operator].UID)
}

// scanLines is how often a scan is told of where there is no terminal.
const scanLines = 5 * time.Second

// showScan returns what tells of a scan: one live line on a terminal, else a line
// now and then.
func showScan(c *command) func(Scan) {
	if c.quiet || c.progress == "never" {
		return nil
	}
	return scanTeller(os.Stderr, c.progress == "always" || isTerminal(os.Stderr), time.Now)
}

func scanTeller(to io.Writer, live bool, now func() time.Time) func(Scan) {
	last := now()
	every := scanLines
	if live {
		every = progressEvery
	}
	return func(s Scan) {
		switch {
		case live && s.Done:
			_, _ = io.WriteString(to, "\r\x1b[K")
			return
		case s.Done || now().Sub(last) < every:
			return
		}
		last = now()
		if live {
			_, _ = fmt.Fprintf(to, "\r\x1b[K%s", s.line())
			return
		}
		_, _ = fmt.Fprintln(to, s.line())
	}
}

// line says how far a scan is.
func (s Scan) line() string {
	text := fmt.Sprintf("looking whether the saved state fits: %d values", s.Looked)
	if s.All > 0 {
		text = fmt.Sprintf("looking whether the saved state fits: %d of %d values (%d %%)", s.Looked, s.All, 100*s.Looked/s.All)
	}
	return text + ", step " + s.UID
}
