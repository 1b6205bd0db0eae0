// Package rig puts a checked program on a test rig.
//
// In goes an [ir.Program] that was checked with its tests, out comes a program
// that a driver can hold: every source reads rows that the driver gives it, every
// stream that a test expects has a sink of its own, every stream without a source
// that a test feeds has one, and every state that a test looks at can be asked for
// by a record of its key. What the program itself says is not changed, and it is
// compiled as any other: a test runs the code that will run.
//
// It reads no file and writes no Go. It takes the program over: what it was
// given must not be planned any more.
package rig

import (
	"fmt"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Prefix begins the uid of every source and sink that is the rig's own. No uid
// of a program has a space.
const Prefix = "rig "

// Rig is a program with its tests.
type Rig struct {
	Program *ir.Program
	Tests   []*Test
}

// Test is a test block.
type Test struct {
	Name  string
	Steps []Step
	Pos   source.Pos
}

// Step is one line of a test.
//
//sumtype:decl
type Step interface{ step() }

type (
	// Let gives a name to a value.
	Let struct{ *ir.Let }
	// Feed gives a row to a source.
	Feed struct {
		Row
		Pos source.Pos
	}
	// Watermark raises the watermark of the program's sources.
	Watermark struct{ *ir.TestWatermark }
	// Clock lets processing time pass.
	Clock struct{ *ir.TestClock }
	// Expect compares the rows of a sink since the test began, or the last one if
	// there is something to ask first.
	Expect struct {
		Sink    string // uid
		Ask     *Row   // nil for a stream
		Differs bool
		Want    ir.Expr // a list of records for a stream, of a state one record
		// Shell is the record that a value of the stream stands in as its only field;
		// nil if the stream has records. Want then lists values.
		Shell *types.Record
		// Before names the map that Want reads; nil elsewhere.
		Before *ir.Let
		Pos    source.Pos
	}
)

func (*Let) step()       {}
func (*Feed) step()      {}
func (*Watermark) step() {}
func (*Clock) step()     {}
func (*Expect) step()    {}

// Exprs returns the expressions of a line.
func Exprs(s Step) []ir.Expr {
	switch s := s.(type) {
	case *Let:
		return []ir.Expr{s.Value}
	case *Feed:
		return []ir.Expr{s.Value}
	case *Watermark:
		return []ir.Expr{s.To}
	case *Clock:
		return []ir.Expr{s.By}
	case *Expect:
		list := []ir.Expr{s.Want}
		if s.Ask != nil {
			list = append(list, s.Ask.Value)
		}
		if s.Before != nil {
			list = append(list, s.Before.Value)
		}
		return list
	default:
		panic(fmt.Sprintf("rig: no such step %T", s))
	}
}

// Row is a record for a source. The time in Value is that of the driver's last
// row.
type Row struct {
	Source string // uid
	Value  ir.Expr
}

// Mount puts a checked program on a rig.
func Mount(p *ir.Program) *Rig {
	b := &builder{
		rig:     &Rig{Program: p},
		fed:     map[*ir.Stream]*fed{},
		seen:    map[*ir.Stream]string{},
		asks:    map[asked]*ask{},
		shellOf: map[*ir.Stream]*types.Record{},
	}
	for _, s := range p.Sources {
		s.Connector = rows(s.UID)
	}
	for _, s := range p.Sinks {
		s.Connector = rows(s.UID)
	}
	// What a test feeds comes first, as what others see of it includes that.
	for _, t := range p.Tests {
		for _, s := range t.Steps {
			if f, ok := s.(*ir.TestFeed); ok && f.Stream.Source == nil {
				b.feedable(f.Stream)
			}
		}
	}
	for _, t := range p.Tests {
		b.rig.Tests = append(b.rig.Tests, b.test(t))
	}
	return b.rig
}

type builder struct {
	rig     *Rig
	fed     map[*ir.Stream]*fed   // streams without a source that tests feed
	seen    map[*ir.Stream]string // uid of the sink
	asks    map[asked]*ask
	shellOf map[*ir.Stream]*types.Record // of streams of values that are no records
}

// rows is the connector that stands for what the driver gives and takes.
func rows(uid string) *ir.Connector {
	return &ir.Connector{Name: "jsonl", Args: map[string]ir.Expr{
		"path": &ir.StringConst{Base: ir.Base{T: types.Of(types.String)}, Value: uid},
	}}
}

func (b *builder) test(t *ir.Test) *Test {
	out := &Test{Name: t.Name, Pos: t.Pos}
	for _, s := range t.Steps {
		switch s := s.(type) {
		case *ir.TestLet:
			out.Steps = append(out.Steps, &Let{s.Let})
		case *ir.TestWatermark:
			out.Steps = append(out.Steps, &Watermark{s})
		case *ir.TestClock:
			out.Steps = append(out.Steps, &Clock{s})
		case *ir.TestFeed:
			out.Steps = append(out.Steps, &Feed{Row: b.row(s), Pos: s.At})
		case *ir.TestExpect:
			out.Steps = append(out.Steps, b.expect(s))
		default:
			panic(fmt.Sprintf("rig: no such step %T", s))
		}
	}
	return out
}

func (b *builder) expect(s *ir.TestExpect) *Expect {
	if s.Asked != nil {
		return b.expectState(s)
	}
	stream := s.Stream
	if f := b.fed[stream]; f != nil {
		stream = f.out
	}
	uid := b.see(stream)
	return &Expect{Sink: uid, Differs: s.Differs, Want: s.Want, Shell: b.shellOf[stream], Pos: s.At}
}

// see gives a stream a sink of the rig and returns its uid.
func (b *builder) see(s *ir.Stream) string {
	if uid, ok := b.seen[s]; ok {
		return uid
	}
	uid := fmt.Sprintf("%sexpect %d", Prefix, len(b.seen)+1)
	b.seen[s] = uid
	b.sink(uid, b.inRecord(s))
	return uid
}

func (b *builder) sink(uid string, in *ir.Stream) {
	b.rig.Program.Sinks = append(b.rig.Program.Sinks, &ir.Sink{Name: "expected", UID: uid, Connector: rows(uid), In: in})
}

// inRecord returns a stream of records: s itself, or one that has what s gives
// as the field value.
func (b *builder) inRecord(s *ir.Stream) *ir.Stream {
	switch s.Elem.(type) {
	case *types.Record, *types.Union:
		return s
	}
	row := b.shell(field("value", s.Elem))
	b.shellOf[s] = row
	in := &ir.In{Name: "x", Elem: s.Elem}
	x := &ir.Local{Name: "x", Type: s.Elem}
	op := &ir.Operator{Name: "expected", Ins: []*ir.In{in}}
	out := output(op, row)
	op.Handlers = []*ir.Handler{{In: in, Param: x, Body: []ir.Stmt{
		&ir.Emit{Out: op.Outs[0], Value: &ir.RecordLit{Base: ir.Base{T: row}, Fields: []ir.Expr{read(x)}}},
	}}}
	step := &ir.Step{Name: "expected", Op: op, Inputs: []*ir.Stream{s}, Outputs: []*ir.Stream{out}}
	out.Step = step
	b.rig.Program.Steps = append(b.rig.Program.Steps, step)
	return out
}

// output adds an output to op and returns a stream for it, whose step is still
// to be set.
func output(op *ir.Operator, t types.Type) *ir.Stream {
	name := ""
	if len(op.Outs) > 0 {
		name = fmt.Sprintf("told_%d", len(op.Outs))
	}
	op.Outs = append(op.Outs, &ir.Out{Name: name, Elem: t})
	return &ir.Stream{Name: "expected", Elem: t, Out: len(op.Outs) - 1}
}

// shell returns an anonymous record, which the program then has.
func (b *builder) shell(fields ...types.Field) *types.Record {
	r := &types.Record{Fields: fields}
	b.rig.Program.Records = append(b.rig.Program.Records, r)
	return r
}

func field(name string, t types.Type) types.Field {
	return types.Field{Name: name, Wire: name, Type: t}
}

func read(l *ir.Local) ir.Expr { return &ir.LocalRef{Base: ir.Base{T: l.Type}, Local: l} }

// part reads a field of a record.
func part(l *ir.Local, i int) ir.Expr {
	return &ir.FieldOf{Base: ir.Base{T: l.Type.(*types.Record).Fields[i].Type}, X: read(l), Index: i}
}
