package ir

import "github.com/flow-lang/flowc/lang/source"

// Test is a test block.
type Test struct {
	Name  string
	Steps []TestStep
	Pos   source.Pos
}

// TestStep is one line of a test.
//
//sumtype:decl
type TestStep interface {
	Pos() source.Pos
	testStep()
}

type (
	// TestLet gives a name to a value, for the lines after it.
	TestLet struct{ *Let }
	// TestFeed gives a record to a stream. Value has the stream's type.
	TestFeed struct {
		StmtBase
		Stream *Stream
		Value  Expr
	}
	// TestWatermark raises the watermark of every source with event time.
	TestWatermark struct {
		StmtBase
		To Expr // a timestamp
	}
	// TestClock lets processing time pass.
	TestClock struct {
		StmtBase
		By Expr // a duration
	}
	// TestExpect compares what a stream has given, or what a state holds; exactly
	// one of Stream and Asked is set.
	TestExpect struct {
		StmtBase
		Stream  *Stream
		Asked   *Asked
		Differs bool // "!=" is written
		Want    Expr // a list of the stream's type, or what Asked gives
	}
)

func (*TestLet) testStep()       {}
func (*TestFeed) testStep()      {}
func (*TestWatermark) testStep() {}
func (*TestClock) testStep()     {}
func (*TestExpect) testStep()    {}

// TestExprs returns the expressions of a line of a test.
func TestExprs(s TestStep) []Expr {
	switch s := s.(type) {
	case *TestLet:
		return []Expr{s.Value}
	case *TestFeed:
		return []Expr{s.Value}
	case *TestWatermark:
		return []Expr{s.To}
	case *TestClock:
		return []Expr{s.By}
	case *TestExpect:
		list := []Expr{s.Want}
		if s.Asked != nil && s.Asked.Key != nil {
			list = append(list, s.Asked.Key)
		}
		if s.Asked != nil && s.Asked.Entry != nil {
			list = append(list, s.Asked.Entry)
		}
		return list
	default:
		panic("ir: unknown step of a test")
	}
}

// Asked is state that a test looks at: a value, a list, a set or map as a whole,
// the result of an aggregate, or one entry.
type Asked struct {
	Step  *Step
	State *State
	Key   Expr // of the operator's key type; nil of broadcast state
	Entry Expr // of a map or sorted state: the entry's key; nil for all of it
}
