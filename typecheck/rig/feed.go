package rig

import (
	"fmt"
	"slices"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// fed is a stream without a source that tests feed.
type fed struct {
	source *ir.Source
	row    *types.Record // what the source reads: the time and the record
	out    *ir.Stream    // the stream with what tests feed
}

// row returns what a test feeds to a stream as a row of a source.
func (b *builder) row(s *ir.TestFeed) Row {
	if src := s.Stream.Source; src != nil {
		return Row{Source: src.UID, Value: s.Value}
	}
	f := b.fed[s.Stream]
	return Row{Source: f.source.UID, Value: &ir.RecordLit{
		Base: ir.Base{T: f.row, At: s.At}, Fields: []ir.Expr{&ir.Time{Base: ir.Base{T: types.Of(types.Timestamp)}}, s.Value},
	}}
}

// feedable puts a step behind a stream that adds what tests feed, and lets all
// who read the stream read that:
//
//	operator fed {
//		in  x:   T
//		in  fed: { time: timestamp, record: T }
//		out T
//		on x   { emit x }
//		on fed { emit fed.record }
//	}
func (b *builder) feedable(s *ir.Stream) {
	if b.fed[s] != nil {
		return
	}
	row := b.shell(field("time", types.Of(types.Timestamp)), field("record", s.Elem))
	f := &fed{row: row}
	f.source = b.source(fmt.Sprintf("feed %d", len(b.fed)+1), row, func(r *ir.Local) ir.Expr { return part(r, 0) })
	b.fed[s] = f

	from, added := &ir.In{Name: "x", Elem: s.Elem}, &ir.In{Name: "fed", Elem: row}
	x, r := &ir.Local{Name: "x", Type: s.Elem}, &ir.Local{Name: "fed", Type: row}
	op := &ir.Operator{Name: "fed", Ins: []*ir.In{from, added}}
	f.out = output(op, s.Elem)
	f.out.Name = s.Name
	op.Handlers = []*ir.Handler{
		{In: from, Param: x, Body: []ir.Stmt{&ir.Emit{Out: op.Outs[0], Value: read(x)}}},
		{In: added, Param: r, Body: []ir.Stmt{&ir.Emit{Out: op.Outs[0], Value: part(r, 1)}}},
	}
	b.reroute(s, f.out)
	step := &ir.Step{Name: "fed", Op: op, Inputs: []*ir.Stream{s, f.source.Out}, Outputs: []*ir.Stream{f.out}}
	f.out.Step = step
	p := b.rig.Program
	p.Steps = slices.Insert(p.Steps, b.firstReader(f.out), step)
}

// reroute lets all who read one stream read another.
func (b *builder) reroute(from, to *ir.Stream) {
	for _, s := range b.rig.Program.Steps {
		for i, in := range s.Inputs {
			if in == from {
				s.Inputs[i] = to
			}
		}
	}
	for _, s := range b.rig.Program.Sinks {
		if s.In == from {
			s.In = to
		}
	}
}

// firstReader returns the index of the first step that reads a stream, as what
// feeds it must stand before.
func (b *builder) firstReader(s *ir.Stream) int {
	steps := b.rig.Program.Steps
	for i, step := range steps {
		if slices.Contains(step.Inputs, s) {
			return i
		}
	}
	return len(steps)
}

// source adds a source of the rig. Its watermark is the driver's to set, which
// puts it at the end of time, so that it holds nothing back.
func (b *builder) source(name string, row *types.Record, time func(*ir.Local) ir.Expr) *ir.Source {
	uid := Prefix + name
	r := &ir.Local{Name: "r", Type: row}
	s := &ir.Source{Name: "fed", UID: uid, Connector: rows(uid), EventTime: &ir.Lambda{Params: []*ir.Local{r}, Body: time(r)}}
	s.Out = &ir.Stream{Name: "fed", Elem: row, Source: s}
	b.rig.Program.Sources = append(b.rig.Program.Sources, s)
	return s
}

// beginning is a time before every other, so that what is asked is as old as the
// watermark and no ttl has run out for it alone.
func beginning(*ir.Local) ir.Expr {
	return &ir.IntConst{Base: ir.Base{T: types.Of(types.Timestamp)}, Value: minTime}
}

// minTime is the first microsecond of the year 1, as value.MinTime.
const minTime = -62135596800000000
