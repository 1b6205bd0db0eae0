package rt

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// What options mean that say nothing.
const (
	defaultInterval  = 10 * time.Second
	defaultTimeout   = 10 * time.Minute
	defaultRetain    = 3
	defaultTolerable = 3
	defaultRestarts  = 3
)

// session is what outlives a job that fails and is started again: its checkpoints
// and their lock, and what connectors keep.
type session struct {
	opts    Options
	log     *checkpoint.Log // nil if there are no checkpoints
	kept    Kept
	lineage string // names all that goes on from one fresh start; "" if nothing can

	answers *Checkpointed // nil if nobody asks

	claimed bool   // the log is ours
	from    origin // what the first job went on from
}

// origin is what a job goes on from. The zero origin is nothing.
type origin struct {
	image    checkpoint.Image
	manifest *checkpoint.Manifest // if it is a checkpoint of the session's log
}

// newSession opens the checkpoints.
func newSession(opts Options) (*session, error) {
	s := &session{opts: opts}
	o := &s.opts
	o.CheckpointInterval = orDefault(o.CheckpointInterval, defaultInterval)
	o.CheckpointTimeout = orDefault(o.CheckpointTimeout, defaultTimeout)
	o.Retain = orDefault(o.Retain, defaultRetain)
	o.TolerableFailures = max(0, orDefault(o.TolerableFailures, defaultTolerable))
	o.RestartAttempts = max(0, orDefault(o.RestartAttempts, defaultRestarts))
	o.systemDefaults()
	if o.Fresh && o.From != "" {
		return nil, usagef("--fresh starts anew and --from does not: give one of them")
	}
	if err := s.prepare(); err != nil {
		return nil, err
	}
	store := o.Store
	if store == nil && o.CheckpointTo != "" {
		var err error
		if store, err = checkpoint.OpenStore(o.FS, o.CheckpointTo); err != nil {
			return nil, err
		}
	}
	if store == nil {
		return s, nil
	}
	log, err := checkpoint.Open(store, fmt.Sprintf("process %d on %s", os.Getpid(), o.host()), s.token(), func(err error) {
		o.Log.Warn("an old checkpoint is damaged", "error", err)
	})
	if err != nil {
		return nil, err
	}
	s.log = log
	return s, nil
}

// prepare looks at the places that the job will write to: at what it could find out
// at its end only, when all its work would be lost, and at what it would spoil.
func (s *session) prepare() error {
	o := &s.opts
	if o.SavepointOnEnd != "" {
		if err := (&savepointRequest{dir: o.SavepointOnEnd}).look(o.FS, savepoint.Free); err != nil {
			return err
		}
	}
	if o.Store != nil || o.CheckpointTo == "" {
		return nil
	}
	files, dir, err := vfs.At(o.FS, o.CheckpointTo)
	if err != nil {
		return err
	}
	if _, err := files.Stat(files.PathJoin(dir, savepoint.ManifestName)); err == nil {
		return fmt.Errorf("%s: it is a savepoint, and checkpoints want a directory of their own: to go on from it, give --from %[1]s", o.CheckpointTo)
	}
	return nil
}

func orDefault[T comparable](given, standard T) T {
	var zero T
	if given == zero {
		return standard
	}
	return given
}

func (o *Options) host() string {
	if o.Host != "" {
		return o.Host
	}
	name, err := os.Hostname()
	if err != nil {
		return "this host"
	}
	return name
}

// systemRandom returns a number that nobody can foresee.
func systemRandom() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return binary.LittleEndian.Uint64(b[:])
}

// token returns a name that no other process has.
func (s *session) token() string { return fmt.Sprintf("%016x", s.opts.Random()) }

// close gives the checkpoints back.
func (s *session) close() error {
	if s.log == nil {
		return nil
	}
	return s.log.Close()
}

// start makes a job that goes on from where the options say.
func (s *session) start(spec Spec) (*Job, error) {
	from, err := s.origin()
	if err != nil {
		return nil, err
	}
	s.from = from
	if s.opts.Opened != nil {
		s.answers = newCheckpointed(s, spec)
		s.answers.publish(from)
		s.opts.Opened(s.answers)
	}
	return s.begin(spec, from)
}

// begin makes a job that goes on from a snapshot.
func (s *session) begin(spec Spec, from origin) (*Job, error) {
	if from.image != nil {
		s.lineage = from.image.State().Run
	}
	if s.lineage == "" && (s.log != nil || s.opts.Savepoints || s.opts.SavepointOnEnd != "") {
		s.lineage = s.token()[:8]
	}
	return newJob(spec, s, from)
}

// origin finds the snapshot that the options ask for.
func (s *session) origin() (origin, error) {
	o := &s.opts
	switch {
	case o.Fresh:
		return origin{}, nil
	case o.From == "latest" && s.log == nil:
		return origin{}, usagef("--from latest is the latest of the checkpoints that --checkpoint-to names: give that, too, or the place of a snapshot")
	case o.From != "" && o.From != "latest":
		return s.openSnapshot(o.From)
	case s.log == nil:
		return origin{}, nil
	}
	from, err := s.latest()
	if err == nil && from.image == nil && o.From == "latest" {
		err = fmt.Errorf("%s: there is no checkpoint to go on from: take out --from latest to start anew", s.log.Place())
	}
	return from, err
}

// latest returns the newest checkpoint of the log, if there is one.
func (s *session) latest() (origin, error) {
	m, err := s.log.ToRestore()
	if err != nil || m == nil {
		return origin{}, err
	}
	return origin{s.log.Image(m), m}, nil
}

// openSnapshot opens the snapshot at a place: a savepoint, a directory of
// checkpoints, or one of its manifests.
func (s *session) openSnapshot(place string) (origin, error) {
	fs, dir, err := vfs.At(s.opts.FS, place)
	if err != nil {
		return origin{}, err
	}
	dir, name := strings.TrimRight(dir, "/"), ""
	if base := fs.PathBase(dir); checkpoint.IsManifest(base) {
		if at, err := fs.Stat(dir); err != nil || !at.IsDir() { // a savepoint may have any name
			dir, name = fs.PathDir(dir), base
		}
	}
	if name == "" {
		image, err := openSavepoint(fs, dir)
		if err == nil || !errors.Is(err, savepoint.ErrNone) {
			return origin{image: image}, err
		}
	}
	log := s.log
	if log == nil || strings.TrimRight(s.log.Place(), "/") != dir {
		if log, err = checkpoint.OpenToRead(checkpoint.InFolder(fs, dir)); err != nil {
			return origin{}, err
		}
	}
	var m *checkpoint.Manifest
	if name != "" {
		m, err = log.At(name)
	} else {
		m, err = log.Newest()
	}
	if err == nil && m == nil {
		err = fmt.Errorf("%s: there is no snapshot to go on from", place)
	}
	if err != nil {
		return origin{}, err
	}
	from := origin{image: log.Image(m)}
	if log == s.log {
		from.manifest = m
	}
	return from, nil
}

// claim makes the log this session's own.
func (s *session) claim(from origin) error {
	if s.log == nil || s.claimed {
		return nil
	}
	s.claimed = true
	var c checkpoint.Claim
	switch {
	case from.manifest != nil:
		c.From = from.manifest.Number
	case from.image != nil:
		c.Origin = from.image.Place()
	}
	return s.log.Claim(c)
}

// run runs the pipeline, again and again from the last checkpoint if it fails
// and may be restarted.
func (s *session) run(ctx context.Context, spec Spec) error {
	j, err := s.start(spec)
	if err != nil {
		return err
	}
	var before error
	var number int64
	for attempt := 0; ; {
		if s.opts.Begun != nil {
			s.opts.Begun(j)
		}
		err = j.Run(ctx)
		if err == nil || ctx.Err() != nil || s.log == nil || !mayRestart(err, before) {
			break
		}
		if n := s.log.Number(); n > number {
			attempt, number = 0, n
		}
		if attempt++; attempt > s.opts.RestartAttempts {
			break
		}
		before = err
		j.noteFailure(err)
		wait := s.backOff(attempt)
		s.opts.Log.Warn("the job has failed and is started again", "error", err, "in", wait, "attempt", attempt)
		if !sleep(ctx, wait) {
			break
		}
		from, failed := s.restart()
		if failed == nil {
			s.answers.publish(from)
			last := j
			if j, failed = s.begin(spec, from); failed == nil {
				j.goOnFrom(last)
			}
		}
		if failed != nil {
			return errors.Join(err, failed)
		}
	}
	return s.withCheckpoint(err)
}

// restart returns what a job that is started again goes on from: the last
// checkpoint, or what the first went on from if there is none.
func (s *session) restart() (origin, error) {
	if !s.log.Committed() {
		return s.from, nil
	}
	return s.latest()
}

// mayRestart reports whether a job that failed may fare better if it is started
// again: not if it was kept from running, or fails at the same record.
func mayRestart(err, before error) bool {
	var usage *UsageError
	var damage *checkpoint.Damage
	if errors.As(err, &usage) || errors.As(err, &damage) || errors.Is(err, checkpoint.ErrFenced) {
		return false
	}
	var record, earlier *RecordError
	if errors.As(err, &record) && errors.As(before, &earlier) {
		return record.Place != earlier.Place || record.Reason != earlier.Reason || record.Record != earlier.Record
	}
	return true
}

// backOff returns how long to wait before an attempt: half a second, twice as
// long each time, up to half a minute, give or take a half.
func (s *session) backOff(attempt int) time.Duration {
	wait := min(500*time.Millisecond<<min(attempt-1, 10), 30*time.Second)
	return wait/2 + time.Duration(s.opts.Random()%uint64(wait))
}

// sleep waits, and returns false if ctx is done before.
func sleep(ctx context.Context, wait time.Duration) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// withCheckpoint adds the last checkpoint to an error.
func (s *session) withCheckpoint(err error) error {
	if err == nil || s.log == nil {
		return err
	}
	last := s.log.Last()
	if last == "" {
		return err
	}
	return &afterCheckpoint{err, last}
}

// afterCheckpoint is an error of a job that has checkpoints.
type afterCheckpoint struct {
	error
	last string // place of the last
}

func (e *afterCheckpoint) Error() string {
	return e.error.Error() + "\n  last checkpoint: " + e.last
}

func (e *afterCheckpoint) Unwrap() error { return e.error }

// systemNow is the system's clock.
func systemNow() value.Timestamp { return value.Timestamp(time.Now().UnixMicro()) }
