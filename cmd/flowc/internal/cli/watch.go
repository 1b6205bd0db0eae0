package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/flow-lang/flowc/cmd/flowc/internal/load"
	"github.com/flow-lang/flowc/compat"
	"github.com/flow-lang/flowc/lang/diag"
)

// lookAgain is how often the files of a watched program are looked at; a change
// counts when they have been the same for that long.
const lookAgain = 150 * time.Millisecond

// A watcher runs a program, and each new version of it from the last checkpoint
// of the one before, if it fits that.
type watcher struct {
	*app
	path   string
	format *choice
	lock   *lockFlag
	flags  []string // of the pipeline
	own    string   // a folder for checkpoints, "" if the flags name a place

	side    compat.Side          // of the version that runs, or ran last
	begun   bool                 // there was one
	seen    map[string]fileState // the files of the newest version
	job     *exec.Cmd            // nil while none runs
	ended   chan error           // what job's Wait gives
	signals chan os.Signal
}

// fileState tells whether a file has changed.
type fileState struct {
	size int64
	at   time.Time
	gone bool
}

// watch runs the program at path and each version that follows, until it is
// interrupted.
func (a *app) watch(ctx context.Context, path string, format *choice, lock *lockFlag, flags []string) error {
	w := &watcher{app: a, path: path, format: format, lock: lock, flags: flags, signals: make(chan os.Signal, 1)}
	if hasFlag(flags, "savepoint-on-end") {
		return &usageError{"--savepoint-on-end does not go with --watch", "a new version goes on from a checkpoint: leave it out"}
	}
	if !hasFlag(flags, "checkpoint-to") {
		own, err := os.MkdirTemp("", "flowc-watch-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(own)
		w.own = own
	}
	signal.Notify(w.signals, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(w.signals)
	for {
		if err := w.next(ctx); err != nil {
			return err
		}
		if done, err := w.wait(); done {
			return err
		}
	}
}

// next takes the newest version of the program: it checks it, builds it beside the
// one that runs, and starts it in its place. One with mistakes, or that does not fit
// the state of the one before, changes nothing.
func (w *watcher) next(ctx context.Context) error {
	w.seen = w.look(w.files())
	side, built, err := w.build(ctx)
	switch {
	case ctx.Err() != nil:
		return nil // wait has the signal
	case err != nil:
		if w.exit(err) == exitBug {
			return errFound
		}
		w.say("waiting for the next version%s", map[bool]string{true: "; the one before goes on"}[w.job != nil])
		return nil
	}
	_ = w.stop(syscall.SIGTERM) // one that fails has said so, and leaves its last checkpoint
	again := w.begun
	if err := w.start(side, built); err != nil {
		return err
	}
	if again {
		w.say("%s has changed and goes on from the last checkpoint", w.path)
	}
	return nil
}

// build checks the program as it is now, holds it against the one that was started
// last, and builds it.
func (w *watcher) build(ctx context.Context) (side compat.Side, built string, err error) {
	code, err := w.generate(w.path, w.format, w.lock, wantedLinks(w.flags))
	if err != nil {
		return side, "", err
	}
	side = code.side()
	if w.begun {
		r := compat.Check(w.side, side, compat.Backward)
		r.Ignore(today())
		if len(r.Findings(0)) > 0 {
			return side, "", errors.Join(r.Write(w.stderr, "text", 0, colored(w.stderr)), errFound)
		}
	}
	built, err = w.builtFor(ctx, code, w.path, w.format, w.lock, w.flags)
	return side, built, err
}

func (w *watcher) say(format string, args ...any) {
	fmt.Fprintf(w.stderr, "flowc: "+format+"\n", args...)
}

// start runs a version. What the flags say about where to start is for the first.
func (w *watcher) start(side compat.Side, built string) error {
	flags := w.flags
	if w.begun {
		flags = withoutStart(flags)
	}
	if w.own != "" {
		flags = append([]string{"--checkpoint-to", w.own}, flags...)
	}
	cmd := exec.Command(built, flags...)
	cmd.Args[0] = programName(w.path)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start %s: %w", built, err)
	}
	w.side, w.begun, w.job, w.ended = side, true, cmd, make(chan error, 1)
	go func() { w.ended <- cmd.Wait() }()
	return nil
}

// stop ends the version that runs, if one does, with a last checkpoint.
func (w *watcher) stop(with os.Signal) error {
	if w.job == nil {
		return nil
	}
	if w.job.Process.Signal(with) != nil {
		_ = w.job.Process.Kill() // where there are no signals; an end of its own is told by ended
	}
	return w.over(<-w.ended)
}

// over notes that the version that ran has ended with err, and returns errFound if
// it failed.
func (w *watcher) over(err error) error {
	w.job = nil
	if err != nil {
		return errFound
	}
	return nil
}

// wait returns when there is something to do: when the program's files have
// changed, or with done when the watcher was told to stop.
func (w *watcher) wait() (done bool, err error) {
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	changed := false
	for {
		select {
		case s := <-w.signals:
			// A terminal gives its interrupt to the pipeline as well, which stops at once at a second one.
			if s == os.Interrupt && isTerminal(os.Stdin) && w.job != nil {
				return true, w.over(<-w.ended)
			}
			return true, w.stop(s)
		case err := <-w.ended:
			if err := w.over(err); err != nil {
				w.say("the pipeline has failed; waiting for the next version")
				continue
			}
			if w.own != "" { // there is nothing to go on with: the next begins anew
				if err := clearFolder(w.own); err != nil {
					return true, err
				}
			}
			w.say("the pipeline has come to its end; waiting for the next version")
		case <-tick.C:
			now := w.look(slices.Collect(maps.Keys(w.seen)))
			switch same := maps.Equal(now, w.seen); {
			case !same:
				w.seen, changed = now, true
			case changed:
				return false, nil
			}
		}
	}
}

func clearFolder(dir string) error {
	return errors.Join(os.RemoveAll(dir), os.Mkdir(dir, 0o700))
}

// files are the paths of the program and of what it imports.
func (w *watcher) files() []string {
	p := load.Read(w.path, &diag.List{})
	files := []string{w.path}
	for name := range p.Texts {
		files = append(files, p.Shown(name))
	}
	return files
}

func (w *watcher) look(files []string) map[string]fileState {
	out := map[string]fileState{}
	for _, f := range files {
		info, err := os.Stat(f)
		if err != nil {
			out[f] = fileState{gone: true}
			continue
		}
		out[f] = fileState{size: info.Size(), at: info.ModTime()}
	}
	return out
}

func hasFlag(flags []string, name string) bool {
	return slices.ContainsFunc(flags, func(arg string) bool {
		is, _, _ := flagOf(arg)
		return is == name
	})
}

// withoutStart leaves out of the flags of a pipeline those that say from where a
// job starts.
func withoutStart(flags []string) []string {
	var out []string
	for i := 0; i < len(flags); i++ {
		switch name, _, whole := flagOf(flags[i]); name {
		case "fresh":
		case "from", "reset-source", "allow-dropped":
			if !whole {
				i++
			}
		default:
			out = append(out, flags[i])
		}
	}
	return out
}
