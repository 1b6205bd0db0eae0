package rt

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// ErrNoCheckpoint says that there is no checkpoint to answer from.
var ErrNoCheckpoint = errors.New("no checkpoint has been completed")

// shadowIdle is how long the queryable state of a checkpoint stays in memory when
// nobody asks for it.
const shadowIdle = 10 * time.Minute

// Checkpointed answers questions about queryable state as of the last checkpoint:
// what the job would go on from, so that no crash takes back what it shows. It
// outlives jobs that fail and are started again, and answers while they do.
//
// The first question reads the queryable states of the checkpoint into memory,
// into the tables of a job that never runs. Later checkpoints are applied to them
// as the changes that they are, when somebody asks. Ten minutes after the last
// question the memory is given back.
type Checkpointed struct {
	spec Spec
	opts Options
	log  *checkpoint.Log // nil if there are no checkpoints

	mu      sync.Mutex // guards what follows
	latest  origin     // no image: there is none yet
	number  int64      // of latest, from 1
	reading chan struct{}
	err     error // of the reading that ended last
	idle    *time.Timer

	look   sync.RWMutex // held for reading while somebody looks at shadow
	shadow *shadow      // nil if it is not in memory
}

// shadow is the queryable state of a snapshot.
type shadow struct {
	job     *Job
	stores  *shadowStores    // in which cells are found; nil if all are in the tables
	number  int64            // of the snapshot
	applied map[applied]bool // its sections; nil if it is no checkpoint of the log
}

// applied is a section of a checkpoint by what stays the same in later ones.
type applied struct {
	uid, file string
	section   checkpoint.Section // without the index of its file
}

func newCheckpointed(s *session, spec Spec) *Checkpointed {
	return &Checkpointed{spec: spec, opts: s.opts, log: s.log}
}

// publish makes a snapshot the last one. A nil Checkpointed is nobody's.
func (c *Checkpointed) publish(from origin) {
	if c == nil || from.image == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if from.manifest != nil && c.latest.manifest != nil && from.manifest.Number <= c.latest.manifest.Number {
		return
	}
	c.latest = from
	c.number++
}

// View calls look with a job that holds the queryable state of the last
// checkpoint and does not run, and with what names that checkpoint. What look sees
// is of one checkpoint, and never of an earlier one than an earlier look saw. The
// error is ErrNoCheckpoint, that of ctx if the checkpoint is not read in time, or
// says why it cannot be read.
func (c *Checkpointed) View(ctx context.Context, look func(j *Job)) error {
	c.mu.Lock()
	wanted := c.number
	c.mu.Unlock()
	if wanted == 0 {
		return ErrNoCheckpoint
	}
	for {
		c.look.RLock()
		if s := c.shadow; s != nil && s.number >= wanted {
			defer c.look.RUnlock()
			look(s.job)
			return s.stores.err()
		}
		c.look.RUnlock()
		if err := c.wait(ctx); err != nil {
			return err
		}
	}
}

// wait waits for the reading at hand, which it begins if there is none.
func (c *Checkpointed) wait(ctx context.Context) error {
	c.mu.Lock()
	if c.reading == nil {
		c.reading = make(chan struct{})
		go c.read(c.latest, c.number, c.reading)
	}
	if c.idle != nil {
		c.idle.Stop()
	}
	c.idle = time.AfterFunc(shadowIdle, c.forget)
	reading := c.reading
	c.mu.Unlock()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-reading:
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// forget gives the memory back.
func (c *Checkpointed) forget() {
	c.look.Lock()
	defer c.look.Unlock()
	c.drop()
}

// drop gives up what was read. c.look is held.
func (c *Checkpointed) drop() {
	if c.shadow == nil {
		return
	}
	if err := c.shadow.stores.close(); err != nil {
		c.opts.Log.Warn("files of a checkpoint that was asked for", "error", err)
	}
	c.shadow = nil
}

// read brings the shadow to a snapshot.
func (c *Checkpointed) read(from origin, number int64, done chan struct{}) {
	err := c.bring(from, number)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil && c.number != number {
		err = nil // its files may be deleted by now; whoever waits asks for the newer one
	}
	c.err, c.reading = err, nil
	close(done)
}

func (c *Checkpointed) bring(from origin, number int64) error {
	c.look.RLock()
	s := c.shadow
	c.look.RUnlock()
	if s != nil && s.follows(from.manifest) {
		c.look.Lock()
		defer c.look.Unlock()
		if err := c.change(s, from); err != nil {
			c.drop()
			return err
		}
		s.number = number
		return nil
	}
	s, err := c.load(from)
	if err != nil {
		return err
	}
	s.number = number
	c.look.Lock()
	defer c.look.Unlock()
	c.drop()
	c.shadow = s
	return nil
}

// load reads a snapshot whole, but for what lies in files of stores.
func (c *Checkpointed) load(from origin) (s *shadow, err error) {
	j, err := c.job()
	if err != nil {
		return nil, err
	}
	image, err := j.evolved(from.image)
	if err != nil {
		return nil, err
	}
	s = &shadow{job: j}
	_, converted := image.(*evolvedImage)
	if !converted {
		if s.stores, err = c.openShadowStores(from.manifest); err != nil {
			return nil, err
		}
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.stores.close())
		}
	}()
	for i := range image.State().Operators {
		op := &image.State().Operators[i]
		st := j.stageCalled(op.UID)
		if st == nil {
			continue
		}
		st.shadowMarks(op)
		if joined, err := s.stores.join(st, from.manifest); joined || err != nil {
			if err != nil {
				return nil, err
			}
			continue
		}
		if err := image.Records(i, 0, j.groups-1, st.shadowRecord(&j.spec)); err != nil {
			return nil, err
		}
	}
	if !converted && from.manifest != nil && from.manifest.Stores == nil {
		s.applied = map[applied]bool{}
		for i := range from.manifest.Operators {
			s.apply(from.manifest, i, func(applied) {})
		}
	}
	return s, nil
}

// follows reports whether a checkpoint has, beside what the shadow knows, only
// changes to it.
func (s *shadow) follows(m *checkpoint.Manifest) bool {
	if m == nil || s.applied == nil {
		return false
	}
	follows := true
	for i := range m.Operators {
		s.each(m, i, func(a applied) {
			if !s.applied[a] && a.section.Base {
				follows = false
			}
		})
	}
	return follows
}

// each calls do with the sections of an operator.
func (s *shadow) each(m *checkpoint.Manifest, operator int, do func(applied)) {
	op := &m.Operators[operator]
	for _, section := range op.Sections {
		a := applied{uid: op.UID, section: section}
		if section.Length > 0 {
			a.file = m.Files[section.File].Name
		}
		a.section.File = 0
		do(a)
	}
}

// apply takes note of the sections of an operator, and calls do with those that
// are new.
func (s *shadow) apply(m *checkpoint.Manifest, operator int, do func(applied)) {
	s.each(m, operator, func(a applied) {
		if !s.applied[a] {
			s.applied[a] = true
			do(a)
		}
	})
}

// change applies what a checkpoint has beside what the shadow knows.
func (c *Checkpointed) change(s *shadow, from origin) error {
	for i := range from.manifest.Operators {
		op := &from.manifest.Operators[i]
		fresh := map[applied]bool{}
		s.apply(from.manifest, i, func(a applied) { fresh[a] = true })
		st := s.job.stageCalled(op.UID)
		if st == nil {
			continue
		}
		st.shadowMarks(op)
		wanted := func(section checkpoint.Section, file string) bool {
			section.File = 0
			return fresh[applied{op.UID, file, section}]
		}
		if err := c.log.Sections(from.manifest, i, wanted, st.shadowRecord(&s.job.spec)); err != nil {
			return err
		}
	}
	return nil
}

// job makes a job for the tables of its operators.
func (c *Checkpointed) job() (*Job, error) {
	j := &Job{spec: c.spec, opts: c.opts, saves: &session{opts: c.opts}}
	j.defaults()
	params, err := newParams(c.spec.Params, j.opts.Params, j.opts.Getenv)
	if err != nil {
		return nil, err
	}
	j.params = params
	j.graph = &Graph{job: j}
	c.spec.Wire(j.graph)
	if err := j.graph.build(); err != nil {
		return nil, err
	}
	j.start = j.now()
	return j, nil
}

// stageCalled returns the stage with a uid, if it has state that can be asked for.
func (j *Job) stageCalled(uid string) *stage {
	op := j.spec.Job.Operator(uid)
	if op == nil {
		return nil
	}
	for i := range op.States {
		if op.States[i].Queryable == "" {
			continue
		}
		for _, s := range j.graph.stages {
			if s.spec.UID == uid {
				return s
			}
		}
	}
	return nil
}

// shadowMarks puts the watermarks of shards where a snapshot has them.
func (s *stage) shadowMarks(op *checkpoint.Operator) {
	for i, sh := range s.shards {
		first, last := sh.task.job.groupsOf(i)
		mark := value.MinTime
		for _, was := range op.Shards {
			if was.First <= last && first <= was.Last {
				mark = max(mark, was.Mark)
			}
		}
		sh.in.mark = mark
	}
}

// shadowRecord returns what gives records of queryable states to the shards of
// their key groups, and leaves out all others.
func (s *stage) shadowRecord(spec *Spec) func(*state.Record) error {
	op := spec.Job.Operator(s.spec.UID)
	return func(r *state.Record) error {
		if r.Gone != state.KeyGone && (r.State >= len(op.States) || op.States[r.State].Queryable == "") {
			return nil
		}
		shard := 0
		if route := s.shards[0].task.job.route; route != nil {
			shard = int(route[r.Group])
		}
		durable, ok := s.shards[shard].op.(state.Durable)
		if !ok {
			return fmt.Errorf("the state of the step %q cannot be read: build the program again, with this version of flowc", s.spec.Name)
		}
		return durable.Restore(r)
	}
}
