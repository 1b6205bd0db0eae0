package cli

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
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
		if !once {
			io.WriteString(a.stdout, "\x1b[H\x1b[2J")
		}
		now.write(a.stdout, &before)
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

// write draws the table.
func (s *jobStatus) write(w io.Writer, before *jobStatus) {
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
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(t, "\n\tNAME\tRECORDS\tPER SECOND\tBUSY\tBLOCKED\tQUEUED\tKEYS\tTIMERS\tLATE\tFAILED\tLAG\t\n")
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
	_ = t.Flush() // it writes to w
	s.writeCalls(w, before)
}

// writeCalls draws the table of the functions that steps call, if any does.
func (s *jobStatus) writeCalls(w io.Writer, before *jobStatus) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	seconds, any := float64(s.Now-before.Now)/1e6, false
	for i := range s.Operators {
		n := &s.Operators[i]
		if n.Calls == nil {
			continue
		}
		if !any {
			any = true
			fmt.Fprintf(t, "\nCALLS OF\tIN ALL\tPER SECOND\tIN FLIGHT\tBACKLOG\tMEAN\tBATCH\tFAILED\tTIMED OUT\tAGAIN\tGIVEN UP\t\n")
		}
		was := &callStatus{}
		if i < len(before.Operators) && before.Operators[i].Calls != nil {
			was = before.Operators[i].Calls
		}
		n.Calls.row(t, n.Name, was, seconds)
	}
	_ = t.Flush() // it writes to w
}

func (c *callStatus) row(w io.Writer, name string, was *callStatus, seconds float64) {
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
	fmt.Fprintf(w, "%s\t%d\t%.0f\t%d\t%d\t%s\t%s\t%d\t%d\t%d\t%d\t\n", name, c.Calls, rate,
		c.InFlight, c.Backlog, mean, batch, c.Failed, c.TimedOut, c.Retried, c.GivenUp)
}

func (s *jobStatus) row(w io.Writer, what string, n, was *nodeStatus, seconds float64) {
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
	fmt.Fprintf(w, "%s\t%s\t%d\t%.0f\t%s\t%s\t%d\t%d\t%d\t%d\t%d\t%s\t\n", what, n.Name, n.Records, rate,
		share(n.Busy+n.Writing, was.Busy+was.Writing), share(n.Backpressured, was.Backpressured),
		n.Queued, n.Keys, n.Timers, n.Late, n.Failed+n.Malformed, lag)
}

// ago says how long before the status a time was.
func (s *jobStatus) ago(at int64) string {
	return (time.Duration(s.Now-at) * time.Microsecond).Round(100 * time.Millisecond).String()
}
