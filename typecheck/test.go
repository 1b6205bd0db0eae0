package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// checkTests checks the test blocks of the pipeline.
func (c *checker) checkTests() {
	names := map[string]source.Span{}
	for _, d := range c.main.file.Decls {
		d, ok := d.(*lang.TestDecl)
		if !ok {
			continue
		}
		name := constantText(d.Name)
		if first, twice := names[name]; twice {
			c.add(mistake(DuplicateName, d.Name.Span(), "two tests are called %q", name).
				note(first, "the first is here").help("say what this one is about"))
		}
		names[name] = d.Name.Span()
		c.prog.Tests = append(c.prog.Tests, c.test(name, d))
	}
	c.drain()
}

func (c *checker) test(name string, d *lang.TestDecl) *ir.Test {
	k := &coder{c, &frame{kind: pureCode, what: "a test"}, &scope{mod: c.main}}
	t := &testCheck{coder: k, test: &ir.Test{Name: name, Pos: d.Pos}}
	for _, s := range d.Steps {
		if step := t.step(s); step != nil {
			t.test.Steps = append(t.test.Steps, step)
		}
	}
	return t.test
}

// testCheck is a test block while it is checked.
type testCheck struct {
	*coder
	test *ir.Test
}

// step checks one line; it gives nil if the line is wrong.
func (t *testCheck) step(s lang.TestStep) ir.TestStep {
	at := ir.StmtBase{At: s.Span().Start}
	switch s := s.(type) {
	case *lang.TestLet:
		return &ir.TestLet{Let: t.let(s.Let).(*ir.Let)}
	case *lang.TestFeed:
		stream := t.stream(&lang.IdentExpr{Range: s.Stream.Range, Name: s.Stream.Text})
		want := types.Type(invalidType)
		if stream != nil {
			want = stream.Elem
		}
		return &ir.TestFeed{StmtBase: at, Stream: stream, Value: t.value(s.Value, want, "the stream "+s.Stream.Text)}
	case *lang.TestWatermark:
		t.wantEventTime(s)
		return &ir.TestWatermark{StmtBase: at, To: t.value(s.At, timestampType, "watermark")}
	case *lang.TestClock:
		return &ir.TestClock{StmtBase: at, By: t.value(s.By, durationType, "advance")}
	case *lang.TestExpect:
		return t.expect(s)
	default:
		panic("typecheck: unknown step of a test")
	}
}

// wantEventTime reports a watermark that no source has.
func (t *testCheck) wantEventTime(s *lang.TestWatermark) {
	for _, src := range t.prog.Sources {
		if src.EventTime != nil {
			return
		}
	}
	t.add(mistake(Misplaced, s.Span(), "no source has event time, so there is no watermark").
		help("say which field it is: source … { event time at }; or let processing time pass: advance 5m"))
}

// stream finds the stream that a test feeds or sees, nil if there is none. A
// test alone does not make a stream read.
func (t *testCheck) stream(e lang.Expr) *ir.Stream {
	w := &wiring{coder: t.coder}
	if own := t.rootOf(e); own != nil {
		defer func(used bool) { own.used = used }(own.used)
	}
	out := w.streamRef(e)
	if out.main == nil || t.files.Tests {
		return w.mainOf(out, e.Span())
	}
	return out.main
}

// rootOf returns the declaration of the stream whose output e names.
func (t *testCheck) rootOf(e lang.Expr) *entry {
	switch e := e.(type) {
	case *lang.IdentExpr:
		return t.scope.mod.lookup(e.Name)
	case *lang.FieldExpr:
		return t.rootOf(e.X)
	case *lang.ParenExpr:
		return t.rootOf(e.X)
	}
	return nil
}

// expect checks expect alerts == […] and expect state "uid/name"[key] == v.
func (t *testCheck) expect(s *lang.TestExpect) ir.TestStep {
	out := &ir.TestExpect{StmtBase: ir.StmtBase{At: s.Pos}, Differs: s.Op == "!="}
	want, what := types.Type(invalidType), "the state"
	if s.State != nil {
		if out.Asked, want = t.asked(s); out.Asked == nil {
			want = invalidType
		}
	} else {
		what = "the stream " + streamText(s.X)
		if out.Stream = t.stream(s.X); out.Stream != nil {
			want = &types.List{Elem: out.Stream.Elem}
		}
	}
	if isInvalid(want) {
		t.loose(s.Want)
		return nil
	}
	out.Want = t.value(s.Want, want, what)
	return out
}

// loose checks a value whose type is not known. An empty collection is nothing
// by itself.
func (t *testCheck) loose(e lang.Expr) {
	switch e := e.(type) {
	case *lang.ListLit:
		if len(e.Elems) == 0 {
			return
		}
	case *lang.MapLit:
		if len(e.Entries) == 0 {
			return
		}
	}
	t.expr(e, nil)
}
