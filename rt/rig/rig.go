// Package rig runs the test blocks of a program.
//
// It drives the program's own pumps, lanes, shards and writers in one goroutine
// and one shard, over a clock that moves when the test says so. A row that a test
// feeds goes all the way before the next line of the test; so does what a rising
// watermark or processing time brings about. Sources and sinks stand in memory:
// nothing is read from outside and nothing is written.
//
// A test that holds is run again, and the job is killed and restored from a
// checkpoint between its lines: see [Do].
//
// Generated code calls [Main] with the tests; what they gave goes to standard
// output as JSON, one test a line, for flowc to show.
package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"runtime/debug"
	"strings"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/value"
)

// Test is a test block.
type Test struct {
	Name string
	At   value.Pos
	Run  func(*Run) // does its lines until one fails
	// Stores are the backends in which the state lies by turns, besides memory; nil
	// means all that are linked.
	Stores []string
}

// Result is what a test gave.
type Result struct {
	Name    string   `json:"name"`
	Place   string   `json:"place"` // of the test, or of the line that failed: file:line:column
	OK      bool     `json:"ok"`
	Message string   `json:"message,omitempty"` // why it failed, in one clause
	Details []string `json:"details,omitempty"` // further lines of it
	Compare bool     `json:"compare,omitempty"` // Want and Got were compared
	Want    []string `json:"want,omitempty"`
	Got     []string `json:"got,omitempty"`
	Bug     bool     `json:"bug,omitempty"` // the runtime is wrong, not the program
	// Restarts is how often the job was killed and restored. If the test holds
	// without that, State is where the job that failed had its state, and Restart the
	// line before which it was killed; "" if it takes more than one.
	Restarts int    `json:"restarts,omitempty"`
	State    string `json:"state,omitempty"`
	Restart  string `json:"restart,omitempty"`
}

// start is the processing time at which every test begins:
// 2024-05-01T00:00:00Z.
const start = value.Timestamp(1714521600000000)

// prefix begins the uid of every source and sink that is not the program's.
const prefix = "rig "

// Run is a test while it runs. Its methods return false once something has
// failed; the test then ends.
type Run struct {
	// Fault takes the mistakes of the test's own expressions.
	Fault *value.Fault
	// Time is that of the last watermark that the test has named, and of what it
	// feeds to streams that have no source.
	Time value.Timestamp

	spec    *rt.Spec
	job     *rt.Job
	actors  []rt.Actor
	inputs  map[string]*input
	sinks   map[string]*output
	now     value.Timestamp
	result  Result
	failed  bool
	lines   int // that have begun
	crashes *crashes
}

// once runs a test, with crashes if they are not nil.
func once(spec *rt.Spec, test Test, c *crashes) *Run {
	r := &Run{
		Fault: &value.Fault{}, Time: start, spec: spec, now: start, crashes: c,
		inputs: map[string]*input{}, sinks: map[string]*output{},
		result: Result{Name: test.Name, Place: spec.Place(test.At)},
	}
	r.guard(test)
	r.result.OK = !r.failed
	return r
}

// guard runs the test, and turns a panic into its failure.
func (r *Run) guard(test Test) {
	defer func() {
		if v := recover(); v != nil {
			r.bug(&rt.Bug{Task: "the test", Value: v, Stack: debug.Stack()})
		}
	}()
	if !r.begin(test.At) {
		return
	}
	defer func() { _ = r.job.Close() }() // closes what stands in memory
	if r.open(test.At) {
		test.Run(r)
		r.sound(test.At)
	}
}

// begin starts the job.
func (r *Run) begin(at value.Pos) bool {
	opts := rt.Options{
		Parallelism: 1, Poison: true, Now: func() value.Timestamp { return r.now }, Source: r.source, Sink: r.sink,
		Random: func() uint64 { return 0 }, // calls are made in the order in which they begin
	}
	if r.crashes != nil {
		r.crashes.options(&opts)
	}
	job, err := rt.NewJob(*r.spec, opts)
	if err != nil {
		return r.fail(at, err.Error())
	}
	r.job, r.actors = job, job.Actors()
	return true
}

// open puts the rig's own sources at the end of time, so that they hold no
// watermark back.
func (r *Run) open(at value.Pos) bool {
	for _, a := range r.actors {
		if uid, reads := sourceOf(a); reads && strings.HasPrefix(uid, prefix) {
			r.inputs[uid].floor = value.Some(value.MaxTime)
			r.step(a)
		}
	}
	return r.settle(at)
}

// Params returns the values of the program's parameters.
func (r *Run) Params() *rt.Params { return r.job.Params() }

// Feed gives a row to a source.
func (r *Run) Feed(at value.Pos, uid string, row []byte) bool {
	return r.line(at) && r.give(uid, row) && r.settle(at)
}

// give lets the pump of a source read a row.
func (r *Run) give(uid string, row []byte) bool {
	for _, a := range r.actors {
		if of, reads := sourceOf(a); reads && of == uid {
			r.inputs[uid].row = row
			r.step(a)
			return true
		}
	}
	panic("rig: no source " + uid)
}

// Watermark raises the watermark of the program's sources to at least to.
func (r *Run) Watermark(at value.Pos, to value.Timestamp) bool {
	if !r.line(at) {
		return false
	}
	r.Time = to
	for _, a := range r.actors {
		if uid, reads := sourceOf(a); reads && !strings.HasPrefix(uid, prefix) {
			r.inputs[uid].floor = value.Some(to)
			r.step(a)
		}
	}
	return r.settle(at)
}

// Advance lets processing time pass. Timers fire one after the other, each at its
// time.
func (r *Run) Advance(at value.Pos, by value.Duration) bool {
	if !r.line(at) {
		return false
	}
	if by < 0 {
		return r.fail(at, "processing time does not go back")
	}
	for end := r.now + value.Timestamp(by); ; {
		due := r.job.Due()
		r.now = max(r.now, min(end, due))
		if !r.settle(at) {
			return false
		}
		if r.now == end && r.job.Due() > end {
			return true
		}
	}
}

// Rows returns the rows of a sink since the test began.
func (r *Run) Rows(sink string) []string { return texts(lines(r.sinks[sink].rows)) }

// Expect compares the rows of a sink since the test began.
func (r *Run) Expect(at value.Pos, sink string, differs bool, want [][]byte) bool {
	return r.line(at) && r.compare(at, differs, texts(want), texts(lines(r.sinks[sink].rows)))
}

// ExpectValues is Expect of a stream whose values are no records: each stands in
// a row as its only field.
func (r *Run) ExpectValues(at value.Pos, sink string, differs bool, want [][]byte) bool {
	return r.line(at) && r.compare(at, differs, bare(texts(want)), bare(texts(lines(r.sinks[sink].rows))))
}

// ExpectState asks a source of the rig for state and compares the answer.
func (r *Run) ExpectState(at value.Pos, sink, ask string, row []byte, differs bool, want []byte) bool {
	if !r.line(at) {
		return false
	}
	out := r.sinks[sink]
	before := len(out.rows)
	if !r.give(ask, row) || !r.settle(at) {
		return false
	}
	return r.compare(at, differs, bare(texts([][]byte{want})), bare(texts(lines(out.rows[before:]))))
}

// compare fails the test unless want and got are equal, or differ if that is
// wanted.
func (r *Run) compare(at value.Pos, differs bool, want, got []string) bool {
	equal := strings.Join(want, "\n") == strings.Join(got, "\n")
	if equal != differs {
		return true
	}
	r.result.Compare, r.result.Want, r.result.Got = true, want, got
	if differs {
		return r.fail(at, "both sides are equal")
	}
	return r.fail(at, "what came is not what was expected")
}

// sound reports whether all is well until here: no mistake in the test's
// expressions, and none of the job.
func (r *Run) sound(at value.Pos) bool {
	if r.failed {
		return false
	}
	if r.Fault.Failed() {
		reason, where := r.Fault.Take()
		return r.fail(where, reason)
	}
	return r.healthy(at)
}

// healthy reports whether the job has not failed.
func (r *Run) healthy(at value.Pos) bool {
	err := r.job.Err()
	if err == nil || r.failed {
		return !r.failed
	}
	var bug *rt.Bug
	if errors.As(err, &bug) {
		r.bug(bug)
		return false
	}
	first, rest, _ := strings.Cut(err.Error(), "\n")
	r.fail(at, "the job failed")
	r.result.Details = append([]string{first}, strings.Split(rest, "\n")...)
	return false
}

func (r *Run) bug(b *rt.Bug) {
	r.failed = true
	r.result.Bug, r.result.Message = true, b.Error()
	r.result.Details = strings.Split(string(b.Stack), "\n")
}

// fail ends the test at a place, and returns false.
func (r *Run) fail(at value.Pos, message string) bool {
	r.failed = true
	r.result.Message = message
	if place := r.spec.Place(at); place != "" {
		r.result.Place = place
	}
	return false
}

// settle steps tasks and writers until none has anything to do.
func (r *Run) settle(at value.Pos) bool {
	for busy := true; busy; {
		busy = false
		for _, a := range r.actors {
			if _, reads := sourceOf(a); !reads && !a.Done() && a.Ready(r.now) {
				r.step(a)
				busy = true
			}
		}
	}
	return r.healthy(at)
}

func (r *Run) step(a rt.Actor) { a.Step(context.Background(), r.now) }

// sourceOf returns the uid of the source that a pump reads.
func sourceOf(a rt.Actor) (uid string, reads bool) {
	p, reads := a.(interface{ Reads() string })
	if !reads {
		return "", false
	}
	return p.Reads(), true
}

// lines cuts text at its line ends.
func lines(text []byte) [][]byte {
	return bytes.Split(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
}

// Rows writes each record of a list as a line.
func Rows[T any](list []T, row func([]byte, *T) []byte) [][]byte {
	rows := make([][]byte, len(list))
	for i := range list {
		rows[i] = row(nil, &list[i])
	}
	return rows
}

// texts returns rows as they are shown, without those that are empty.
func texts(rows [][]byte) []string {
	var list []string
	for _, row := range rows {
		if row = bytes.TrimSpace(row); len(row) > 0 {
			list = append(list, string(row))
		}
	}
	return list
}

// bare returns what rows of the rig hold, as it is shown.
func bare(rows []string) []string {
	for i, row := range rows {
		var r struct {
			Value        json.RawMessage
			Keys, Values []json.RawMessage
		}
		if err := json.Unmarshal([]byte(row), &r); err != nil {
			panic("rig: " + err.Error()) // generated code wrote it
		}
		switch {
		case r.Value == nil && len(r.Keys) == 0:
			rows[i] = "[:]"
		case r.Value == nil:
			rows[i] = entries(r.Keys, r.Values)
		case string(r.Value) == "null":
			rows[i] = "none"
		default:
			rows[i] = string(r.Value)
		}
	}
	return rows
}

// entries writes a map as a literal of Flow.
func entries(keys, values []json.RawMessage) string {
	list := make([]string, len(keys))
	for i := range keys {
		list[i] = string(keys[i]) + ": " + string(values[i])
	}
	return "[" + strings.Join(list, ", ") + "]"
}
