package rt

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// evolved returns image as this program is to find it: as it is, if the program
// that wrote it described its state in the same way, and else with every record
// turned into what the check before a deploy says of it. What the check calls a
// finding is refused, in the same words, and so is a value that does not fit:
// both before anything has changed.
func (j *Job) evolved(image checkpoint.Image) (checkpoint.Image, error) {
	e, err := j.resolved(image)
	if e == nil {
		return image, err
	}
	return e, e.scan(j.opts.Scanned)
}

// resolved is evolved before any value has been looked at; nil if the program is the
// one that wrote the image.
func (j *Job) resolved(image checkpoint.Image) (*evolvedImage, error) {
	old, now := &image.State().Job, &j.spec.Job
	described := *old
	described.Held = nil // it is of the savepoint, not of the program
	if reflect.DeepEqual(&described, now) {
		return nil, nil
	}
	plan := evolve.Resolve(old, now, j.opts.AllowDropped, j.spec.Hooks)
	if err := plan.Refuse(); err != nil {
		return nil, fmt.Errorf("%s: %w", image.Place(), err)
	}
	e := &evolvedImage{Image: checkpoint.Fold(image), plan: plan, state: *image.State(), now: j.opts.Now(), atOnce: heldBytes}
	e.describe()
	return e, nil
}

// evolvedImage is the image of an older program as a newer one finds it.
type evolvedImage struct {
	checkpoint.Image
	plan  *evolve.Plan
	state checkpoint.State
	feeds [][]int // by operator of the new program: those of the image that it has records of
	now   value.Timestamp

	atOnce int64 // bytes that a conversion holds of a state, about

	looked func() // called with each record that is converted in a scan; else nil
}

// State returns what the image holds besides records, under the new names.
func (e *evolvedImage) State() *checkpoint.State { return &e.state }

// describe finds what each operator of the new program goes on from.
func (e *evolvedImage) describe() {
	saved := e.Image.State()
	at := map[string]int{} // operator of the image, by uid
	for i := range saved.Operators {
		at[saved.Operators[i].UID] = i
	}
	e.state.Operators = nil
	for i := range e.plan.New.Operators {
		op := checkpoint.Operator{UID: e.plan.New.Operators[i].UID}
		var feeds []int
		for _, from := range e.plan.Feeds(i) {
			if k, ok := at[e.plan.Old.Operators[from].UID]; ok {
				feeds = append(feeds, k)
				op.Shards = append(op.Shards, saved.Operators[k].Shards...)
			}
		}
		e.rescale(op.Shards)
		e.feeds = append(e.feeds, feeds)
		e.state.Operators = append(e.state.Operators, op)
	}
	e.state.Sinks = nil
	for _, s := range saved.Sinks {
		if !e.plan.SinkMoved(s.UID) {
			e.state.Sinks = append(e.state.Sinks, s)
		}
	}
}

// rescale gives what shards knew to all key groups, if keys have other groups
// now.
func (e *evolvedImage) rescale(shards []checkpoint.Shard) {
	if groupsOf(e.plan.Old) == groupsOf(e.plan.New) {
		return
	}
	for i := range shards {
		shards[i].First, shards[i].Last = 0, groupsOf(e.plan.New)-1
	}
}

// moment is when an operator of the new program is restored. A step that has seen
// no watermark, as one whose sources have no event time, is at the time of the
// restore: at the beginning of time all that gets a time to live would be over with
// the first record.
func (e *evolvedImage) moment(operator int) evolve.Moment {
	at := evolve.Moment{Mark: value.MinTime, Now: e.now}
	for _, s := range e.state.Operators[operator].Shards {
		at.Mark = max(at.Mark, s.Mark)
	}
	if at.Mark == value.MinTime {
		at.Mark = at.Now
	}
	return at
}

// Records calls each with the records of an operator of the new program.
func (e *evolvedImage) Records(operator, first, last int, each func(*state.Record) error) error {
	for _, from := range e.feeds[operator] {
		if err := e.convert(from, operator, first, last, each); err != nil {
			return err
		}
	}
	return nil
}

// conversion is one operator of the image on its way to one of the new program.
type conversion struct {
	movers      map[int]*evolve.Mover // by state of the old operator; nil for none
	key         *schema.Type          // of the new operator
	first, last int                   // key groups
	groups      int
	rehash      bool // keys may have other groups
	each        func(*state.Record) error
	looked      func() // called with each record; may be nil
}

// convert gives one operator of the image to one of the new program.
func (e *evolvedImage) convert(from, to, first, last int, each func(*state.Record) error) error {
	was := e.plan.Old.OperatorAt(e.Image.State().Operators[from].UID)
	op := &e.plan.New.Operators[to]
	c := &conversion{
		movers: map[int]*evolve.Mover{}, key: op.Key, first: first, last: last,
		groups: groupsOf(e.plan.New), each: each, looked: e.looked,
	}
	c.rehash = groupsOf(e.plan.Old) != c.groups || !reflect.DeepEqual(e.plan.Old.Operators[was].Key, op.Key)
	at := e.moment(to)
	var one *evolve.Mover
	count := len(e.plan.Old.Operators[was].States) + len(e.plan.Old.Operators[was].Timers) + 1 // for messages
	for i := range count {
		if m := e.plan.Mover(was, i, at); m != nil && m.Op == to {
			c.rehash = c.rehash || m.Rekeys()
			if one != nil {
				m.Share(one)
			}
			one = m
			c.movers[i] = m
		}
	}
	for _, m := range c.movers {
		m.Bound(c.group, first, last, e.atOnce)
	}
	return c.passes(e.Image, from, groupsOf(e.plan.Old))
}

// heldBytes is about how many bytes of records a conversion holds, of each state whose
// records have to wait for each other.
const heldBytes = 256 << 20

// passes converts all records, and those again that had to be left out since too many
// had to be held.
func (c *conversion) passes(image checkpoint.Image, from, groups int) error {
	low, high := c.first, c.last
	if c.rehash {
		low, high = 0, groups-1
	}
	for len(c.movers) > 0 {
		if err := image.Records(from, low, high, c.record); err != nil {
			return err
		}
		for _, i := range slices.Sorted(maps.Keys(c.movers)) {
			if err := c.movers[i].Flush(c.emit); err != nil {
				return err
			}
		}
		c.looked = nil // each record is looked at once
		again := c.last
		maps.DeleteFunc(c.movers, func(_ int, m *evolve.Mover) bool {
			if !m.Next() {
				return true
			}
			again = min(again, m.Low())
			return false
		})
		if !c.rehash {
			low = again
		}
	}
	return nil
}

// group is the key group of a converted key.
func (c *conversion) group(key []byte) (int, error) {
	hash, err := avro.HashKey(c.key, key)
	return value.Group(hash, c.groups), err
}

// record converts one record.
func (c *conversion) record(r *state.Record) error {
	if c.looked != nil {
		c.looked()
	}
	m := c.movers[r.State]
	switch {
	case m == nil:
		return nil
	case m.Same:
		as := *r
		as.State = m.State
		return c.emit(&as)
	}
	return m.Convert(r, c.emit)
}

// emit gives a converted record to whom it belongs.
func (c *conversion) emit(r *state.Record) error {
	if c.rehash && c.key != nil && len(r.Key) > 0 {
		var err error
		if r.Group, err = c.group(r.Key); err != nil {
			return err
		}
	}
	if r.Group < c.first || r.Group > c.last {
		return nil
	}
	return c.each(r)
}
