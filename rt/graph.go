package rt

import (
	"fmt"
	"sync"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/value"
)

// Graph is a program that is being wired: sinks first, then stages, then
// sources, each after what it feeds.
type Graph struct {
	job     *Job
	sources []*source
	stages  []*stage // a stage stands after those it feeds
	sinks   []*Sink
}

// Params returns the values that parameters were given at start.
func (g *Graph) Params() *Params { return &g.job.params }

// Operator is one shard of a keyed stage. Records come by the functions that
// were given to [Connect]; it is used by one goroutine at a time.
type Operator interface {
	// Advance raises the watermark: it fires all event-time timers that are due
	// at mark, in the order of their time, key, declaration and index.
	Advance(mark value.Timestamp)

	// Clock fires the processing-time timers that are due at now and returns
	// when the next one is, or value.MaxTime if there is none.
	Clock(now value.Timestamp) (next value.Timestamp)

	// Sweep visits at most budget cells and drops what a ttl has ended.
	Sweep(mark, now value.Timestamp, budget int)
}

// A Waiter is an Operator that can tell how many processing-time timers are set
// and how many messages wait for a processing time. Those that are left at the
// end of the input do not come, and the job says how many.
type Waiter interface {
	Waiting() int
}

// Stateless can be embedded by an Operator that has neither timers nor ttls.
type Stateless struct{}

// Advance does nothing.
func (Stateless) Advance(value.Timestamp) {}

// Clock returns that nothing is due, ever.
func (Stateless) Clock(value.Timestamp) value.Timestamp { return value.MaxTime }

// Sweep does nothing.
func (Stateless) Sweep(value.Timestamp, value.Timestamp, int) {}

// stage is a keyed stage without the types of its operator.
type stage struct {
	spec   StageSpec
	index  int
	stored checkpoint.StoredOperator // what it has in stores
	kept   bool                      // they have its rows from the beginning
	inputs []string
	build  func() // makes the operators of all shards
	shards []*shard
	ups    []upstream // who sends to it, in order of their first sender
	loop   *loop      // that messages make of it and others; nil if none do

	sharing sync.Mutex // guards shared
	shared  any        // of its shards; nil until one asks
}

// upstream is a source or a stage that sends to a stage.
type upstream struct {
	source   *source // one of source
	stage    *stage  // and stage is set
	keyed    bool    // it sends to an input that is not broadcast
	messages bool    // it sends messages; what else it sends has an upstream of its own
}

// timeless reports whether what comes from u has no event time.
func (u upstream) timeless() bool {
	if u.source != nil {
		return !u.source.spec.EventTime
	}
	for _, up := range u.stage.ups {
		if !up.messages && !up.timeless() {
			return false
		}
	}
	return true
}

// Stage is a keyed stage whose shards are operators of type O.
type Stage[O Operator] struct {
	stage *stage
	ops   []O // by shard, once the graph is built
}

// NewStage adds a keyed stage. makeShard is called once for each shard when
// the graph is complete.
func NewStage[O Operator](g *Graph, spec StageSpec, makeShard func(*Task) O) *Stage[O] {
	s := &stage{spec: spec, index: len(g.stages)}
	typed := &Stage[O]{stage: s, ops: make([]O, g.job.shards)}
	s.shards = make([]*shard, g.job.shards)
	for i := range s.shards {
		s.shards[i] = newShard(g.job, s, i)
	}
	s.build = func() {
		for i, sh := range s.shards {
			typed.ops[i] = makeShard(sh.task)
			sh.op = typed.ops[i]
			if op, ok := sh.op.(Calling); ok {
				sh.caller, sh.out = op.Caller(), sh.task.Outside()
			}
		}
	}
	g.stages = append(g.stages, s)
	return typed
}

// Lane decodes blocks of one source and runs the steps fused to it.
type Lane interface {
	// Block handles all rows of b. It sets b.Max to the greatest event time in
	// it, if there is any, and b.Records to the number of decoded records.
	Block(b *Block)
}

// An OverlongLane is a Lane that takes rows longer than rows may be itself,
// instead of the source's policy.
type OverlongLane interface {
	Overlong(b *Block)
}

// AddSource adds a source. makeLane is called once for each lane when the graph
// is complete.
func AddSource[L Lane](g *Graph, spec SourceSpec, makeLane func(*Task) L) {
	s := newSource(g.job, spec, len(g.sources))
	lanes := g.job.shards
	if spec.Serial {
		lanes = 1
	}
	s.lanes = make([]*lane, lanes)
	for i := range s.lanes {
		s.lanes[i] = newLane(g.job, s, i)
	}
	s.build = func() {
		for _, l := range s.lanes {
			l.typed = makeLane(l.task)
		}
	}
	g.sources = append(g.sources, s)
}

// build makes all shards and lanes. After it the graph does not change.
func (g *Graph) build() error {
	if len(g.sources) == 0 {
		return fmt.Errorf("%s has no source", g.job.spec.Name)
	}
	for _, s := range g.stages {
		s.build()
	}
	for _, s := range g.sources {
		s.build()
	}
	for _, t := range g.job.tasks() {
		t.seal()
	}
	g.findLoops()
	return nil
}

// groupOf returns the index of the inlet group for a sender, and adds one if
// it is the first task of that source or stage that sends such.
func (s *stage) groupOf(up upstream) int {
	for i, u := range s.ups {
		if u.source == up.source && u.stage == up.stage && u.messages == up.messages {
			return i
		}
	}
	s.ups = append(s.ups, up)
	return len(s.ups) - 1
}
