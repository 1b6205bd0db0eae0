package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// tap shows the records of a stream to those who ask a running job for them:
//
//	if s.tapAverages.On() {
//		s.tapAverages.Show(appendAverage(nil, &average))
//	}
//
// Sources and sinks show the rows that they read and write themselves, and what
// nobody reads is not made.
type tap struct {
	field  string // of the node
	encode encoderFunc
}

// tap returns what shows the records of a stream that are passed on to targets;
// nil if nothing does.
func (n *node) tap(s *ir.Stream, targets []plan.Target) *tap {
	if len(targets) == 0 || s.Source != nil {
		return nil
	}
	for _, t := range targets {
		if _, sink := t.(plan.SinkTarget); sink {
			return nil
		}
	}
	for _, t := range n.taps {
		if t.stream == s {
			return t.tap
		}
	}
	t := &tap{encode: n.g.shower(s.Elem)}
	t.field = n.field("tap"+exported(s.Name), jen.Op("*").Qual(rtPath, "Tap"), func(*wiring) jen.Code {
		return jen.Id("t").Dot("Tap").Call(jen.Lit(s.Name))
	})
	n.taps = append(n.taps, tapOf{s, t})
	return t
}

// tapOf is the tap of a stream.
type tapOf struct {
	stream *ir.Stream
	*tap
}

// code shows the record v, which lies in a variable.
func (t *tap) code(v operand) jen.Code {
	row := t.encode.call(jen.Nil(), pointer(v), func() *jen.Statement { return self(t.field).Dot("Fault").Call() })
	return jen.If(self(t.field).Dot("On").Call()).Block(self(t.field).Dot("Show").Call(row))
}
