// Package oracle runs a checked program in the plainest way there is: one
// record at a time, one goroutine, values behind interfaces, a walk over the
// tree. Tests hold what generated code gives against what it gives.
//
// It is written from docs/language.md and shares nothing with the code
// generator or the runtime below the type checker. It is slow on purpose: where
// a clever way and an obvious way exist, it takes the obvious one. Nothing but
// tests may import it.
package oracle

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// The least and the greatest time, the first of year 1 and the last of 9999, in
// microseconds since 1970.
const (
	minTime = -62135596800000000
	maxTime = 253402300799999999
)

// lastMark is the greatest watermark of input that has not ended: that nothing
// more comes no record can say.
const lastMark = maxTime - 1

// Input is what a program is fed with.
type Input struct {
	// Rows are the lines of each source, by its name: JSON, or CSV with its header.
	Rows map[string][]string
	// Params are values of param("…") in place of their defaults, as values of
	// the oracle (int64, float64, string, bool).
	Params map[string]any
	// Now is the processing time. It stands still but for what Clock says.
	Now int64
	// Clock is how much processing time passes before each row of the only source,
	// µs; timers in processing time fire meanwhile, and messages for later come. The
	// input has no end then. nil means that none passes, and neither fires nor comes.
	Clock []int64
	// KeepGoing leaves out the records that would stop the job and lists their
	// failures: a job that runs in parallel may stop at any of them.
	KeepGoing bool
	// Hash64 is hash64 of a value whose JSON is given, where it matters which
	// number that is; nil means any.
	Hash64 func(json string) int64
}

// Output is what a program gave.
type Output struct {
	// Sinks holds the rows of each sink, by its uid, as JSON lines.
	Sinks map[string][]string
	// Written lists the rows of all sinks in the order in which they came.
	Written []Written
	// State holds each key's value states, by "uid/state", then by the key as
	// JSON.
	State map[string]map[string]string
	// Skipped counts the records that a policy of skip left out.
	Skipped int
	// Failures are what would have stopped a job that keeps going.
	Failures []*Failure
}

// Written is a row of a sink.
type Written struct {
	Sink string // uid
	Row  string
	Time int64 // of the record, µs since 1970
}

// Failure is a run-time error of a record, or a malformed row of input.
type Failure struct {
	Reason string
	Pos    source.Pos // in the program; of a malformed row, of the source
	Record string     // as JSON; "null" for a timer; of a malformed row, its text
	File   string     // that a malformed row stands in
	Row    int        // its number there, from 1; 0 for other failures
}

// Place says where the mistake is: in the program, or in the input.
func (f *Failure) Place() string {
	if f.Row > 0 {
		return fmt.Sprintf("%s:%d", f.File, f.Row)
	}
	return f.Pos.String()
}

// Error returns the place and the reason.
func (f *Failure) Error() string { return f.Place() + ": " + f.Reason }

// Run feeds in to p and returns what comes out. The error is a *Failure if the
// program stopped at a record.
func Run(p *ir.Program, in Input) (out *Output, err error) {
	m := newMachine(p, in)
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(*Failure)
			if !ok {
				panic(r)
			}
			out, err = m.output(), f
		}
	}()
	m.readAll()
	return m.output(), nil
}

// machine is a program at work.
type machine struct {
	prog    *ir.Program
	in      Input
	sources []*reader
	steps   []*step
	readers map[*ir.Stream][]consumer
	sinks   map[string][]string
	written []Written
	skipped int
	stops   []*Failure

	now      int64     // the processing time
	messages []message // on their way, in the order in which they were sent
	later    []message // that wait for a processing time, in that order
}

// consumer is an input of a step, or a sink.
type consumer struct {
	step  *step
	input int
	sink  *ir.Sink
}

// reader is a source with its position.
type reader struct {
	src  *ir.Source
	rows []string
	csv  *table // nil for rows of JSON
	next int
	seen int64 // greatest event time
	mark int64
}

// step is one use of an operator with its state.
type step struct {
	m      *machine
	ir     *ir.Step
	order  int
	cells  map[string]*cell
	shared *cell // the broadcast state
	mark   int64
	from   []*reader // the sources whose watermarks reach it
	args   map[*ir.Local]any
}

// cell is the state of one key.
type cell struct {
	key    any
	values map[*ir.State]*slot
	items  map[*ir.State][]*item // of collections and aggregates
	timers map[timerID]int64
}

// slot is the value of one state with the times a ttl counts from.
type slot struct {
	value                  any
	written, created, read int64
}

// timerID names a timer of a key; index is the canonical text of a family's.
type timerID struct {
	timer *ir.Timer
	index string
}

// meta is what travels with a record.
type meta struct{ time, mark int64 }

func newMachine(p *ir.Program, in Input) *machine {
	m := &machine{prog: p, in: in, now: in.Now, readers: map[*ir.Stream][]consumer{}, sinks: map[string][]string{}}
	for _, s := range p.Sources {
		r := &reader{src: s, rows: in.Rows[s.Name], seen: minTime, mark: minTime}
		r.csv, r.next = tableOf(s, r.rows)
		m.sources = append(m.sources, r)
	}
	for i, s := range p.Steps {
		st := &step{m: m, ir: s, order: i, cells: map[string]*cell{}, mark: minTime, args: map[*ir.Local]any{}}
		for j, in := range s.Inputs {
			m.readers[in] = append(m.readers[in], consumer{step: st, input: j})
		}
		m.steps = append(m.steps, st)
	}
	m.findSources()
	for _, s := range p.Sinks {
		m.readers[s.In] = append(m.readers[s.In], consumer{sink: s})
		m.sinks[s.UID] = []string{}
	}
	for _, st := range m.steps {
		for _, p := range st.ir.Op.Params {
			st.args[p.Local] = (&frame{m: m, step: st, locals: map[*ir.Local]any{}}).eval(p.Value)
		}
	}
	return m
}

// findSources finds the sources from which records reach each step.
func (m *machine) findSources() {
	reach := map[*ir.Stream]map[*reader]bool{}
	add := func(s *ir.Stream, r *reader) bool {
		if s == nil || reach[s][r] {
			return false
		}
		if reach[s] == nil {
			reach[s] = map[*reader]bool{}
		}
		reach[s][r] = true
		return true
	}
	for _, r := range m.sources {
		add(r.src.Out, r)
		add(r.src.OnMalformed.To, r)
		add(r.src.OnError.To, r)
	}
	for more := true; more; {
		more = false
		for _, s := range m.steps {
			s.from = nil
			for _, r := range m.sources {
				if !s.reads(reach, r) {
					continue
				}
				s.from = append(s.from, r)
				for _, out := range append([]*ir.Stream{s.ir.OnError.To}, s.ir.Outputs...) {
					more = add(out, r) || more
				}
			}
		}
	}
}

func (s *step) reads(reach map[*ir.Stream]map[*reader]bool, r *reader) bool {
	for _, in := range s.ir.Inputs {
		if reach[in][r] {
			return true
		}
	}
	return false
}

// readAll reads every source to its end, always the one that is behind in event
// time, and then lets time run out.
func (m *machine) readAll() {
	for {
		var next *reader
		for _, r := range m.sources {
			if r.next < len(r.rows) && (next == nil || r.mark < next.mark) {
				next = r
			}
		}
		if next == nil {
			break
		}
		if next.next < len(m.in.Clock) {
			m.pass(m.in.Clock[next.next])
		}
		m.readOne(next)
		m.pass(0)
	}
	if m.in.Clock != nil {
		return
	}
	for _, r := range m.sources {
		r.mark = maxTime
	}
	m.fireDue()
}

// readOne handles the next record of r.
func (m *machine) readOne(r *reader) {
	text := r.rows[r.next]
	r.next++
	rec, reason := r.parse(text)
	if reason != "" {
		m.failed(r.src.OnMalformed, text, &Failure{reason, r.src.Pos, text, m.path(r.src), r.next}, meta{m.now, r.mark})
		return
	}
	at := m.now
	if r.src.EventTime != nil {
		t, f := m.eventTime(r.src, rec)
		if f != nil {
			f.Record = toJSON(rec, r.src.Out.Elem)
			m.failed(r.src.OnError, rec, f, meta{m.now, r.mark})
			return
		}
		at = t
		if at > r.seen {
			r.seen = at
			r.mark = max(r.mark, min(at-r.src.Lag, lastMark))
		}
	}
	m.fireDue()
	m.deliver(r.src.Out, rec, meta{at, r.mark})
	m.fireDue()
	if r.next == len(r.rows) && m.in.Clock == nil {
		r.mark = maxTime
		m.fireDue()
	}
}

// parse reads a row; reason says why it is malformed.
func (r *reader) parse(row string) (rec any, reason string) {
	if r.csv == nil {
		return parseRecord(row, r.src.Out.Elem)
	}
	return r.csv.parse(row, r.src.Out.Elem.(*types.Record))
}

// path is the file that a source reads.
func (m *machine) path(s *ir.Source) string {
	arg := s.Connector.Args["path"]
	if arg == nil {
		return s.Name
	}
	return (&frame{m: m, locals: map[*ir.Local]any{}}).eval(arg).(string)
}

func (m *machine) eventTime(s *ir.Source, rec any) (at int64, failure *Failure) {
	defer catch(&failure)
	f := &frame{m: m, locals: map[*ir.Local]any{}}
	return f.apply(s.EventTime, rec).(int64), nil
}

// catch turns the panic of a record's failure into a value.
func catch(to **Failure) {
	if r := recover(); r != nil {
		f, ok := r.(*Failure)
		if !ok {
			panic(r)
		}
		*to = f
	}
}

// calling runs what a place of the program calls. A mistake inside the standard
// library is at the first place on the way there that is not.
func (m *machine) calling(at source.Pos, run func()) {
	defer func() {
		r := recover()
		if f, ok := r.(*Failure); ok && m.inLibrary(f.Pos) {
			f.Pos = at
		}
		if r != nil {
			panic(r)
		}
	}()
	run()
}

func (m *machine) inLibrary(at source.Pos) bool {
	return slices.Contains(m.prog.Files[m.prog.Own:], at.Filename)
}

// deliver hands rec to everybody who reads s.
func (m *machine) deliver(s *ir.Stream, rec any, at meta) {
	if s == nil {
		return
	}
	for _, c := range m.readers[s] {
		if c.sink != nil {
			m.write(c.sink, rec, at)
			continue
		}
		c.step.handle(c.input, rec, at)
	}
}

// write encodes rec for a sink; a value without JSON form fails it, unless it is
// one that has failed already: then null stands for it.
func (m *machine) write(s *ir.Sink, rec any, at meta) {
	var failure *Failure
	text := func() (text string) {
		defer catch(&failure)
		if s.In.Failed && s.OnError.Action == ir.Fail {
			return toJSON(rec, s.In.Elem)
		}
		return encode(rec, s.In.Elem, s.Pos)
	}()
	if failure != nil {
		failure.Record = toJSON(rec, s.In.Elem)
		m.failed(s.OnError, rec, failure, at)
		return
	}
	m.sinks[s.UID] = append(m.sinks[s.UID], text)
	m.written = append(m.written, Written{s.UID, text, at.time})
}

// failed does with a failed record what its policy says.
func (m *machine) failed(p ir.Policy, record any, why *Failure, at meta) {
	switch p.Action {
	case ir.Fail:
		if !m.in.KeepGoing {
			panic(why)
		}
		m.stops = append(m.stops, why)
	case ir.Skip:
		m.skipped++
	case ir.To:
		m.deliver(p.To, []any{record, why.Reason, why.Place()}, at)
	}
}

// watermark is the least mark of the sources that reach the step.
func (s *step) watermark() int64 {
	least := int64(math.MaxInt64)
	for _, r := range s.from {
		least = min(least, r.mark)
	}
	if len(s.from) == 0 {
		return minTime
	}
	return least
}

// due is a timer that has come.
type due struct {
	at   int64
	step *step
	cell *cell
	id   timerID
}

// fireDue fires every timer that is due, in order of time, step, key,
// declaration and index; what they emit goes all the way in between.
func (m *machine) fireDue() {
	for {
		m.deliverMessages()
		d, ok := m.firstDue()
		if !ok {
			break
		}
		d.step.mark = max(d.step.mark, d.at)
		for _, s := range m.steps {
			if s.order > d.step.order {
				s.mark = max(s.mark, min(s.watermark(), d.at-1))
			}
		}
		d.step.fire(d)
	}
	for _, s := range m.steps {
		s.mark = max(s.mark, s.watermark())
	}
}

func (m *machine) firstDue() (due, bool) {
	var all []due
	for _, s := range m.steps {
		all = append(all, s.due(s.watermark())...)
	}
	return earliest(all)
}

// due lists the step's timers that a watermark makes due.
func (s *step) due(mark int64) []due {
	var all []due
	for _, c := range s.cells {
		for id, at := range c.timers {
			if !id.timer.Processing && at <= mark {
				all = append(all, due{at, s, c, id})
			}
		}
		all = append(all, s.entryDue(c, mark)...)
	}
	return all
}

func earliest(all []due) (due, bool) {
	if len(all) == 0 {
		return due{}, false
	}
	sort.Slice(all, func(i, j int) bool { return all[i].before(all[j]) })
	return all[0], true
}

func (d due) before(e due) bool {
	if d.at != e.at {
		return d.at < e.at
	}
	if d.step.order != e.step.order {
		return d.step.order < e.step.order
	}
	if key := d.step.ir.Op.Key; key == nil {
		// one cell
	} else if c := compare(d.cell.key, e.cell.key, key); c != 0 {
		return c < 0
	}
	if d.id.timer.Index != e.id.timer.Index {
		return d.id.timer.Index < e.id.timer.Index
	}
	index := d.id.timer.IndexType
	if index == nil {
		return false
	}
	return compare(parseKey(d.id.index, index), parseKey(e.id.index, index), index) < 0
}

// output gathers what there is to see.
func (m *machine) output() *Output {
	out := &Output{Sinks: m.sinks, Written: m.written, State: map[string]map[string]string{}, Skipped: m.skipped, Failures: m.stops}
	for _, s := range m.steps {
		for _, st := range s.ir.Op.States {
			rows := map[string]string{}
			for _, c := range s.cells {
				if text, ok := c.stateText(st); ok {
					rows[keyJSON(c.key, s.ir.Op.Key)] = text
				}
			}
			out.State[s.ir.UID+"/"+st.Name] = rows
		}
	}
	return out
}

// keyJSON is a key as JSON, or null where there is none.
func keyJSON(key any, t types.Type) string {
	if t == nil {
		return "null"
	}
	return toJSON(key, t)
}
