package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// topCommand is "flowc top ADDR".
func (a *app) topCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "top ADDR",
		Short: "Show what a running pipeline does",
		Long: "top shows the table of the dashboard: the records of each source, step and sink, in all and per\n" +
			"second, how busy they are, how far watermarks lag behind the clock, and the last checkpoint. On a\n" +
			"terminal it is drawn anew each second until it is interrupted or the pipeline ends; else once.\n" +
			"Where the terminal has too few lines, those that are busy or held back most stand first.",
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
	if err := r.get(ctx, "/status", &now); err != nil {
		return err
	}
	resized := make(chan os.Signal, 1)
	if !once {
		notifyResized(resized)
		defer signal.Stop(resized)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-resized:
			if before.Now > 0 {
				a.draw(&now, &before)
			}
			continue
		case <-tick.C:
		}
		before, now = now, jobStatus{}
		err := r.get(ctx, "/status", &now)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil && !once:
			fmt.Fprintf(a.stderr, "flowc: the pipeline has ended: %v\n", err)
			return nil
		case err != nil:
			return err
		case once:
			now.write(a.stdout, &before, 0, 0)
			return nil
		}
		a.draw(&now, &before)
	}
}

// draw fills the terminal with the table.
func (a *app) draw(now, before *jobStatus) {
	width, height := 0, 0
	if f, ok := a.stdout.w.(*os.File); ok {
		width, height, _ = term.GetSize(int(f.Fd())) // 0 if it does not say
	}
	var b bytes.Buffer
	now.write(&b, before, width, height)
	lines := strings.SplitAfter(b.String(), "\n")
	lines = lines[:len(lines)-1]
	if height > 0 {
		lines = lines[:min(len(lines), height-1)] // the cursor stands below them
	}
	io.WriteString(a.stdout, "\x1b[H")
	for _, line := range lines { // each is drawn over what was there, so that nothing flickers
		io.WriteString(a.stdout, cut(strings.TrimSuffix(line, "\n"), width)+"\x1b[K\n")
	}
	io.WriteString(a.stdout, "\x1b[J")
}

// jobStatus is what /status answers.
type jobStatus struct {
	Job         string
	Now, Start  int64 // µs since 1970
	Running     bool
	Failed      bool
	Restarts    int
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

// write draws the table in so many columns and lines; 0 means as many as it takes.
// Where there are fewer lines than rows, the rows that do most stand first, and the
// others are counted.
func (s *jobStatus) write(w io.Writer, before *jobStatus, width, height int) {
	said := s.writeHead(w)
	nodes, calls := s.nodes(before), s.calls(before)
	if height > 0 {
		room := height - said - 2 // for the blank line, and the one the cursor is left in
		if len(calls.rows) > 1 {
			room -= min(len(calls.rows)+1, max(room/3, 4)) // functions have a third
		}
		nodes.fit(room)
		calls.fit(height - said - 2 - nodes.lines() - 1)
	}
	fmt.Fprintln(w)
	nodes.write(w, width)
	if len(calls.rows) > 1 {
		fmt.Fprintln(w)
		calls.write(w, width)
	}
}

// writeHead says what the job is and how it is, and returns in how many lines.
func (s *jobStatus) writeHead(w io.Writer) (lines int) {
	state := "running"
	switch {
	case s.Failed:
		state = "failed and starting again, after running"
	case !s.Running:
		state = "not running"
	}
	fmt.Fprintf(w, "%s: %s for %s, %d shards", s.Job, state, (time.Duration(s.Now-s.Start) * time.Microsecond).Round(time.Second), s.Parallelism)
	if s.Restarts > 0 {
		fmt.Fprintf(w, ", %d restarts", s.Restarts)
	}
	fmt.Fprintln(w)
	c := &s.Checkpoints
	if !c.Enabled {
		return 1
	}
	last := "none yet"
	if n := len(c.History); n > 0 {
		h := c.History[n-1]
		last = fmt.Sprintf("last %s ago in %s, %d bytes", s.ago(h.At), time.Duration(h.Duration*float64(time.Second)).Round(time.Millisecond), h.Bytes)
	}
	fmt.Fprintf(w, "checkpoints: %d, %d failed, %s\n", c.Completed, c.Failed, last)
	return 2
}

// nodes is the table of sources, steps and sinks. What does most is busy or held
// back for most of the time.
func (s *jobStatus) nodes(before *jobStatus) *ranked {
	t := &ranked{table: table{left: 2, drop: []int{8, 6, 5, 9, 11, 10, 4, 7}}}
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
			seconds := float64(s.Now-before.Now) / 1e6
			s.row(&t.table, part.what, n, was, seconds)
			share := max(n.Busy+n.Writing-was.Busy-was.Writing, n.Backpressured-was.Backpressured) / max(seconds, 0.001)
			t.does = append(t.does, math.Round(100*share)) // whole percents, so that rows stay where they are
		}
	}
	return t
}

// calls is the table of the functions that steps call.
func (s *jobStatus) calls(before *jobStatus) *ranked {
	t := &ranked{table: table{left: 1, drop: []int{9, 8, 6, 10, 7, 4}}}
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
		n.Calls.row(&t.table, n.Name, was, seconds)
		t.does = append(t.does, n.Calls.Waited-was.Waited)
	}
	return t
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
