package rt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"syscall"
	"time"
)

// Exit codes of a pipeline binary.
const (
	exitFine  = 0
	exitFail  = 1 // the job failed
	exitUsage = 2 // wrong flags or parameters
	exitBug   = 3 // a mistake of flowc
)

// Main is the main function of a pipeline binary: it reads the arguments, runs
// the pipeline and exits. serve answers questions about it at --http.
func Main(spec Spec, serve Service) {
	os.Exit(main(spec, serve, os.Args[1:]))
}

func main(spec Spec, serve Service, args []string) int {
	c, err := parseArgs(args)
	if err != nil {
		return report(spec.Name, err)
	}
	switch c.name {
	case "help":
		return printed(usage(&spec, filepath.Base(os.Args[0])), nil)
	case "version":
		return printed(versionText(&spec), nil)
	case "describe":
		return report(spec.Name, runDescribe(&spec, serve, c))
	case "savepoint":
		return report(spec.Name, askSavepoint(serve, c))
	default:
		return runCommand(spec, serve, c)
	}
}

// printed writes text to standard output and returns the exit code.
func printed(text string, err error) int {
	if err == nil {
		_, err = os.Stdout.WriteString(text)
	}
	return report("", err)
}

// versionText says what the binary was made of.
func versionText(spec *Spec) string {
	text := spec.Name
	if spec.Hash != "" {
		text += " " + spec.Hash
	}
	if spec.Flowc != "" {
		text += " (flowc " + spec.Flowc + ")"
	}
	text += " " + runtime.Version()
	if spec.Lock != "" {
		text += ", lock " + spec.Lock
	}
	return text + "\n"
}

// runCommand runs the pipeline.
func runCommand(spec Spec, serve Service, c *command) int {
	keep := tuneGC()
	defer runtime.KeepAlive(keep)
	ctx, stop, release := stopBySignal()
	defer release()
	log := newLog(c).With("job", spec.Name)
	server, err := startServer(&spec, serve, c, log, stop)
	if err != nil {
		return report(spec.Name, err)
	}
	defer server.Close()
	var figures Stats
	opts := Options{
		Params:      c.params,
		Parallelism: c.parallelism,
		Log:         log,
		Report:      func(s Stats) { figures = s },
		Scanned:     showScan(c),
	}
	c.saving.set(&opts)
	c.state.set(&opts)
	if c.http.Addr != "" {
		opts.Savepoints = true
		opts.Opened = server.AttachCheckpoints
		opts.Parallelism = roomToServe(opts.Parallelism)
	}
	var now atomic.Pointer[Job]
	opts.Begun = func(j *Job) {
		now.Store(j)
		server.Attach(j)
	}
	hide := showProgress(&now, c)
	err = Run(ctx, spec, opts)
	hide()
	code := report(spec.Name, err)
	if !c.quiet && code == exitFine {
		_, _ = fmt.Fprintln(os.Stderr, summary(spec.Name, figures))
	}
	return code
}

// tuneGC lets the collector run rarely: state lies outside its graph, and what
// flows is recycled. It returns untouched memory, which counts as live, so that
// a small heap is collected at 80 MB and not at 4.
func tuneGC() []byte {
	if os.Getenv("GOGC") != "" {
		return nil
	}
	debug.SetGCPercent(400)
	return make([]byte, 16<<20)
}

// sameSignal is how long signals are taken for the first one: timeout(1), and
// whoever signals a process and then its group, send two at once.
const sameSignal = 500 * time.Millisecond

// stopBySignal returns a context that the first SIGINT or SIGTERM ends, or stop.
// A later signal ends the process. A broken pipe is an error of the write,
// not a signal.
func stopBySignal() (ctx context.Context, stop, release func()) {
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	done := make(chan struct{})
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() {
		select {
		case <-signals:
			cancel()
		case <-done:
			return
		}
		time.Sleep(sameSignal)
		for len(signals) > 0 {
			<-signals
		}
		select {
		case <-signals:
			_, _ = os.Stderr.WriteString("stopped at once: output may be cut off\n")
			os.Exit(exitFail)
		case <-done:
		}
	}()
	return ctx, cancel, func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
}

func newLog(c *command) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.logLevel)) // checked by parseArgs
	options := &slog.HandlerOptions{Level: level}
	if c.logFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options))
}

// report writes an error to standard error and returns the exit code for it.
func report(name string, err error) int {
	return reportTo(os.Stderr, name, err)
}

func reportTo(w io.Writer, name string, err error) int {
	var usage *UsageError
	var bug *Bug
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &usage):
		_, _ = fmt.Fprintf(w, "%v\n  help: --help shows the flags and parameters\n", err)
		return exitUsage
	case errors.As(err, &bug):
		_, _ = fmt.Fprintf(w, "%s: this is a bug in flowc, not in your program: %v\n"+
			"  help: please report it, with the program and what follows, at https://github.com/flow-lang/flowc/issues\n\n%s\n",
			name, bug, bug.Stack)
		return exitBug
	default:
		_, _ = fmt.Fprintln(w, err)
	}
	return exitFail
}

// summary is the last line of a run.
func summary(name string, s Stats) string {
	text := fmt.Sprintf("%s: %d records in, %d out, %s", name, s.In, s.Out, s.Duration.Round(time.Millisecond))
	if s.Skipped > 0 {
		text += fmt.Sprintf(", %d skipped", s.Skipped)
	}
	if s.Waiting > 0 {
		text += fmt.Sprintf(", %d processing-time timers or delayed messages did not come", s.Waiting)
	}
	if s.Calls > 0 {
		text += ", " + callsLeft(s.Calls, s.Saved)
	}
	if s.Stopped {
		text += ", stopped before the end of the input"
	}
	return text
}

// callsLeft says what becomes of records whose calls had not come back.
func callsLeft(n int64, saved bool) string {
	records, wait, are := "records", "wait", "are"
	if n == 1 {
		records, wait, are = "record", "waits", "is"
	}
	if saved {
		return fmt.Sprintf("%d %s %s for calls that the next start will make", n, records, wait)
	}
	return fmt.Sprintf("%d %s whose calls had not come back %s lost", n, records, are)
}
