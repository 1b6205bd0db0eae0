package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

// topCommand is "flowc top ADDR".
func (a *app) topCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "top ADDR",
		Short: "Show what a running pipeline does",
		Long: "top shows the table of the dashboard: the records of each source, step and sink, in all and per\n" +
			"second, how busy they are, how far watermarks lag behind the clock, and the last checkpoint. On a\n" +
			"terminal it is drawn anew each second until it is interrupted or the pipeline ends; else once.",
		Example: "  flowc top 127.0.0.1:8080\n" +
			"  flowc top 127.0.0.1:8080 --once",
		Args: func(cmd *cobra.Command, args []string) error { return wantAddr(cmd, args) },
	}
	once := cmd.Flags().Bool("once", false, "show it once")
	every := cmd.Flags().Duration("every", time.Second, "time between two looks, which rates are of")
	flags := addRemote(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *every < 100*time.Millisecond {
			return &usageError{"--every cannot be less than 100ms", seeHelp(cmd)}
		}
		r, err := flags.remote(args[0])
		if err != nil {
			return err
		}
		return a.top(cmd.Context(), r, *every, *once || !isTerminal(a.stdout.w))
	}
	return cmd
}

// top draws the table. Rates are of two looks, also if it is drawn once.
func (a *app) top(ctx context.Context, r *remote, every time.Duration, once bool) error {
	var before, now jobStatus
	if err := r.get(ctx, "/status", &before); err != nil {
		return err
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(every):
		}
		now = jobStatus{}
		err := r.get(ctx, "/status", &now)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !once:
			fmt.Fprintf(a.stderr, "flowc: the pipeline has ended: %v\n", err)
			return nil
		case err != nil:
			return err
		}
		width := 0
		if !once {
			io.WriteString(a.stdout, "\x1b[H\x1b[2J")
			if f, ok := a.stdout.w.(*os.File); ok {
				width = widthOf(f)
			}
		}
		now.write(a.stdout, &before, width)
		if once {
			return nil
		}
		before = now
	}
}

// jobStatus is what /status answers.
type jobStatus struct {
	Job         string
	Now, Start  int64 // µs since 1970
	Running     bool
	Parallelism int
	Sources     []nodeStatus
	Operators   []nodeStatus
	Sinks       []nodeStatus
	Checkpoints struct {
		Enabled           bool
		Completed, Failed int64
		History           []struct {
			At       int64
			Duration float64
			Bytes    int64
		}
	}
}

// nodeStatus is a source, step or sink.
type nodeStatus struct {
	UID, Name     string
	Records       int64
	Busy          float64 // seconds, over all shards
	Backpressured float64 // the same
	Writing       float64 // of a sink
	Watermark     *int64
	Queued        int
	Keys, Late    int64
	Failed        int64
	Malformed     int64
	Timers        int64 `json:"timers_pending"`
	Calls         *callStatus
}

// callStatus is of the calls of a step that calls a function.
type callStatus struct {
	Calls, Failed, Retried, Backlog int64
	InFlight                        int64 `json:"in_flight"`
	TimedOut                        int64 `json:"timed_out"`
	GivenUp                         int64 `json:"given_up"`
	Returned                        int64
	Waited                          float64 // seconds, for those that returned
	Batches, Records                int64   // of a remote function
}

// write draws the table in so many columns; 0 means as many as it takes.
func (s *jobStatus) write(w io.Writer, before *jobStatus, width int) {
	state := "running"
	if !s.Running {
		state = "not running"
	}
	fmt.Fprintf(w, "%s: %s for %s, %d shards\n", s.Job, state, (time.Duration(s.Now-s.Start) * time.Microsecond).Round(time.Second), s.Parallelism)
	if c := &s.Checkpoints; c.Enabled {
		last := "none yet"
		if n := len(c.History); n > 0 {
			h := c.History[n-1]
			last = fmt.Sprintf("last %s ago in %s, %d bytes", s.ago(h.At), time.Duration(h.Duration*float64(time.Second)).Round(time.Millisecond), h.Bytes)
		}
		fmt.Fprintf(w, "checkpoints: %d, %d failed, %s\n", c.Completed, c.Failed, last)
	}
	t := &table{left: 2, drop: []int{8, 6, 5, 9, 11, 10, 4, 7}}
	t.add("", "NAME", "RECORDS", "PER SECOND", "BUSY", "BLOCKED", "QUEUED", "KEYS", "TIMERS", "LATE", "FAILED", "LAG")
	for _, part := range []struct {
		what     string
		now, was []nodeStatus
	}{{"source", s.Sources, before.Sources}, {"step", s.Operators, before.Operators}, {"sink", s.Sinks, before.Sinks}} {
		for i := range part.now {
			n := &part.now[i]
			was := &nodeStatus{}
			if i < len(part.was) {
				was = &part.was[i]
			}
			s.row(t, part.what, n, was, float64(s.Now-before.Now)/1e6)
		}
	}
	fmt.Fprintln(w)
	t.write(w, width)
	s.writeCalls(w, before, width)
}

// writeCalls draws the table of the functions that steps call, if any does.
func (s *jobStatus) writeCalls(w io.Writer, before *jobStatus, width int) {
	t := &table{left: 1, drop: []int{9, 8, 6, 10, 7, 4}}
	t.add("CALLS OF", "IN ALL", "PER SECOND", "IN FLIGHT", "BACKLOG", "MEAN", "BATCH", "FAILED", "TIMED OUT", "AGAIN", "GIVEN UP")
	seconds := float64(s.Now-before.Now) / 1e6
	for i := range s.Operators {
		n := &s.Operators[i]
		if n.Calls == nil {
			continue
		}
		was := &callStatus{}
		if i < len(before.Operators) && before.Operators[i].Calls != nil {
			was = before.Operators[i].Calls
		}
		n.Calls.row(t, n.Name, was, seconds)
	}
	if len(t.rows) > 1 {
		fmt.Fprintln(w)
		t.write(w, width)
	}
}

func (c *callStatus) row(t *table, name string, was *callStatus, seconds float64) {
	rate, mean, batch := 0.0, "-", "-"
	if seconds > 0 {
		rate = float64(c.Calls-was.Calls) / seconds
	}
	if n := c.Returned - was.Returned; n > 0 {
		mean = time.Duration((c.Waited - was.Waited) / float64(n) * float64(time.Second)).Round(10 * time.Microsecond).String()
	}
	if n := c.Batches - was.Batches; n > 0 {
		batch = fmt.Sprintf("%.1f", float64(c.Records-was.Records)/float64(n))
	}
	t.add(name, number(c.Calls), fmt.Sprintf("%.0f", rate), number(c.InFlight), number(c.Backlog), mean, batch,
		number(c.Failed), number(c.TimedOut), number(c.Retried), number(c.GivenUp))
}

func (s *jobStatus) row(t *table, what string, n, was *nodeStatus, seconds float64) {
	share := func(now, before float64) string {
		if seconds <= 0 {
			return "-"
		}
		return fmt.Sprintf("%.0f%%", 100*(now-before)/seconds)
	}
	lag := "-"
	if n.Watermark != nil {
		lag = s.ago(*n.Watermark)
	}
	rate := 0.0
	if seconds > 0 {
		rate = float64(n.Records-was.Records) / seconds
	}
	t.add(what, n.Name, number(n.Records), fmt.Sprintf("%.0f", rate),
		share(n.Busy+n.Writing, was.Busy+was.Writing), share(n.Backpressured, was.Backpressured),
		number(int64(n.Queued)), number(n.Keys), number(n.Timers), number(n.Late), number(n.Failed+n.Malformed), lag)
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// ago says how long before the status a time was.
func (s *jobStatus) ago(at int64) string {
	return (time.Duration(s.Now-at) * time.Microsecond).Round(100 * time.Millisecond).String()
}
