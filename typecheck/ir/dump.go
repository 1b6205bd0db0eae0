package ir

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// Dump writes a program as text for goldens: compact, without positions, the
// same for the same program. Expressions are written in prefix form.
func Dump(p *Program) string {
	d := &dumper{}
	d.line("program %s", p.Name)
	for _, r := range p.Records {
		d.line("record %s%s", r, fieldsText(r))
	}
	for _, e := range p.Enums {
		d.line("enum %s", e.Name)
	}
	for _, u := range p.Unions {
		d.line("union %s", u.Name)
	}
	for _, x := range p.Params {
		d.line("param %s: %s = %s", x.Name, x.Type, text(x.Default))
	}
	for _, f := range p.Funcs {
		d.function(f)
	}
	for _, s := range p.Sources {
		d.source(s)
	}
	for _, s := range p.Steps {
		d.step(s)
	}
	for _, s := range p.Sinks {
		d.line("sink %s uid %q%s <- %s%s", connectorText(s.Connector), s.UID, policyText("error", s.OnError), s.In.Name, exactly(s.ExactlyOnce))
	}
	for _, t := range p.Tests {
		d.line("test %q", t.Name)
		d.in(func() {
			for _, s := range t.Steps {
				d.testStep(s)
			}
		})
	}
	return d.b.String()
}

// testStep writes a line of a test.
func (d *dumper) testStep(s TestStep) {
	switch s := s.(type) {
	case *TestLet:
		d.line("let %s = %s", s.Local.Name, text(s.Value))
	case *TestFeed:
		d.line("feed %s %s", s.Stream.Name, text(s.Value))
	case *TestWatermark:
		d.line("watermark %s", text(s.To))
	case *TestClock:
		d.line("advance %s", text(s.By))
	case *TestExpect:
		op := Eq
		if s.Differs {
			op = Ne
		}
		what := ""
		if a := s.Asked; a != nil {
			what = fmt.Sprintf("state %s/%s[%s][%s]", a.Step.UID, a.State.Name, text(a.Key), text(a.Entry))
		} else {
			what = s.Stream.Name
		}
		d.line("expect %s %s %s", what, op, text(s.Want))
	default:
		panic("ir: unknown step of a test")
	}
}

type dumper struct {
	b     strings.Builder
	depth int
}

func (d *dumper) line(format string, args ...any) {
	d.b.WriteString(strings.Repeat("  ", d.depth))
	fmt.Fprintf(&d.b, format, args...)
	d.b.WriteByte('\n')
}

// in writes what body writes one level deeper.
func (d *dumper) in(body func()) {
	d.depth++
	body()
	d.depth--
}

func exactly(once bool) string {
	if once {
		return " exactly once"
	}
	return ""
}

// fieldsText lists the fields of a record that has a name.
func fieldsText(r *types.Record) string {
	if r.Name == "" {
		return ""
	}
	fields := make([]string, len(r.Fields))
	for i, f := range r.Fields {
		fields[i] = f.Name + ": " + f.Type.String()
		if f.Default != nil {
			fields[i] += " = " + text(f.Default.(Expr))
		}
	}
	return " { " + strings.Join(fields, ", ") + " }"
}

func connectorText(c *Connector) string {
	if c == nil {
		return "?"
	}
	names := make([]string, 0, len(c.Args))
	for n := range c.Args {
		names = append(names, n)
	}
	sort.Strings(names)
	for i, n := range names {
		names[i] = n + ": " + text(c.Args[n])
	}
	return c.Name + "(" + strings.Join(names, ", ") + ")"
}

func policyText(on string, p Policy) string {
	switch p.Action {
	case Skip:
		return " on " + on + " skip"
	case To:
		return " on " + on + " to " + p.To.Name + ": " + p.To.Elem.String()
	default:
		return ""
	}
}

func (d *dumper) source(s *Source) {
	d.line("source %s: %s = %s uid %q%s%s", s.Name, s.Out.Elem, connectorText(s.Connector), s.UID,
		policyText("malformed", s.OnMalformed), policyText("error", s.OnError))
	d.in(func() {
		if s.EventTime != nil {
			d.line("event time %s", lambdaText(s.EventTime))
		}
		if s.Lag != 0 || s.Idle != 0 {
			d.line("watermark lag %d idle %d", s.Lag, s.Idle)
		}
	})
}

func (d *dumper) step(s *Step) {
	var ins, outs []string
	for _, in := range s.Inputs {
		ins = append(ins, in.Name)
	}
	for _, out := range s.Outputs {
		name := "-"
		if out != nil {
			name = out.Name
		}
		outs = append(outs, name)
	}
	d.line("step %s uid %q (%s) -> %s%s", s.Name, s.UID, strings.Join(ins, ", "), strings.Join(outs, ", "), policyText("error", s.OnError))
	d.in(func() { d.operator(s.Op) })
}

func (d *dumper) operator(op *Operator) {
	for _, p := range op.Params {
		d.line("param %s: %s = %s", p.Local.Name, p.Local.Type, text(p.Value))
	}
	for _, in := range op.Ins {
		key := ""
		if in.Key != nil {
			key = " key " + lambdaText(in.Key)
		}
		switch in.Kind {
		case Broadcast:
			key = " broadcast"
		case Message:
			key = " message"
		}
		d.line("in %s: %s%s", in.Name, in.Elem, key)
	}
	for _, out := range op.Outs {
		d.line("out %s: %s", out.Name, out.Elem)
	}
	for _, s := range op.States {
		d.line("state %s: %s%s%s", s.Name, stateText(s), initial(s), retention(s))
		d.aggregate(s.Agg)
		d.group(s.Group)
	}
	if c := op.Calls; c != nil {
		line := "waits for " + c.Let.Local.Name
		if c.Key != nil {
			line += " key " + lambdaText(c.Key)
		}
		if c.Keeps {
			line += " in order"
		}
		d.line("%s", line)
	}
	for _, t := range op.Timers {
		d.line("timer %s%s processing=%t%s", t.Name, family(t), t.Processing, entryTime(t))
	}
	for _, f := range op.Helpers {
		d.function(f)
	}
	for _, h := range op.Handlers {
		d.handler(h)
	}
}

func family(t *Timer) string {
	if t.IndexType == nil {
		return ""
	}
	return "[" + t.IndexType.String() + "]"
}

func initial(s *State) string {
	if s.Init == nil {
		return ""
	}
	return " = " + text(s.Init)
}

func retention(s *State) string {
	switch {
	case s.Forever:
		return " forever"
	case s.TTL != nil:
		out := fmt.Sprintf(" ttl %s after %d processing=%t", text(s.TTL.For), s.TTL.After, s.TTL.Processing)
		if s.TTL.Watermark {
			out += " by watermark"
		}
		return out
	default:
		return ""
	}
}

func (d *dumper) handler(h *Handler) {
	name := ""
	if h.In != nil {
		name = h.In.Name
	} else {
		name = h.Timer.Name
	}
	if h.Param != nil && h.Param.Name != name {
		name += "[" + h.Param.Name + "]"
	}
	d.line("on %s", name)
	d.in(func() { d.stmts(h.Body) })
}

func (d *dumper) function(f *Func) {
	params := make([]string, len(f.Params))
	for i, p := range f.Params {
		params[i] = p.Name + ": " + p.Type.String()
	}
	recursive := ""
	if f.Recursive {
		recursive = " recursive"
	}
	d.line("func %s(%s) -> %s%s", f.Name, strings.Join(params, ", "), f.Result, recursive)
	d.in(func() { d.stmts(f.Body) })
}

func (d *dumper) stmts(list []Stmt) {
	for _, s := range list {
		d.stmt(s)
	}
}

func (d *dumper) stmt(s Stmt) {
	switch s := s.(type) {
	case *IfStmt:
		d.line("if %s", text(s.Cond))
		d.branches(s.Then, s.Else)
	case *IfLetStmt:
		d.line("if let %s = %s", s.Bind.Name, text(s.X))
		d.branches(s.Then, s.Else)
	case *MatchStmt:
		d.line("match %s", text(s.X))
		for _, a := range s.Arms {
			d.line("case %s", armText(a))
			d.in(func() { d.stmts(a.Stmts) })
		}
	case *For:
		name := s.Value.Name
		if s.Key != nil {
			name = s.Key.Name + ", " + name
		}
		d.line("for %s in %s", name, text(s.X))
		d.in(func() { d.stmts(s.Body) })
	case *ForState:
		name := s.Value.Name
		if s.Key != nil {
			name = s.Key.Name + ", " + name
		}
		d.line("for %s in state %s%s", name, s.State.Name, rangeText(s.Range))
		d.in(func() { d.stmts(s.Body) })
	case *While:
		d.line("while %s", text(s.Cond))
		d.in(func() { d.stmts(s.Body) })
	default:
		d.line("%s", stmtText(s))
	}
}

func (d *dumper) branches(then, otherwise []Stmt) {
	d.in(func() { d.stmts(then) })
	if len(otherwise) > 0 {
		d.line("else")
		d.in(func() { d.stmts(otherwise) })
	}
}

// stmtText writes a statement that holds no others on one line.
func stmtText(s Stmt) string {
	switch s := s.(type) {
	case *Let:
		return fmt.Sprintf("let %s: %s = %s", s.Local.Name, s.Local.Type, text(s.Value))
	case *Assign:
		return s.Local.Name + " = " + text(s.Value)
	case *StateSet:
		return "state " + s.State.Name + " = " + text(s.Value)
	case *StateClear:
		return "clear " + s.State.Name
	case *ClearAll:
		return "clear"
	case *TimerSet:
		return "set " + s.Timer.Name + indexText(s.Index) + " to " + text(s.To)
	case *TimerCancel:
		return "cancel " + s.Timer.Name + indexText(s.Index)
	case *Emit:
		at := ""
		if s.AtTime != nil {
			at = " at " + text(s.AtTime)
		}
		return "emit " + s.Out.Name + " " + text(s.Value) + at
	case *Send:
		after := ""
		if s.After != nil {
			after = " after " + text(s.After)
		}
		return fmt.Sprintf("send %q", s.To.UID) + indexText(s.Key) + " " + text(s.Value) + after
	case *Drop:
		return "drop"
	case *FailStmt:
		return "fail " + text(s.Reason)
	case *Return:
		return strings.TrimSpace("return " + text(s.Value))
	case *Break:
		return "break"
	case *Continue:
		return "continue"
	case *ExprStmt:
		return text(s.X)
	case *IfStmt, *IfLetStmt, *MatchStmt, *For, *ForState, *While:
		d := &dumper{}
		d.stmt(s)
		return strings.ReplaceAll(strings.TrimSpace(d.b.String()), "\n", "; ")
	default:
		return entryStmtText(s)
	}
}

func indexText(e Expr) string {
	if e == nil {
		return ""
	}
	return "[" + text(e) + "]"
}

func lambdaText(l *Lambda) string {
	names := make([]string, len(l.Params))
	for i, p := range l.Params {
		names[i] = p.Name
	}
	return "(" + strings.Join(names, ", ") + " => " + text(l.Body) + ")"
}

func armText(a *Arm) string {
	var parts []string
	for _, p := range a.Patterns {
		switch p := p.(type) {
		case AnyPattern:
			parts = append(parts, "_")
		case NonePattern:
			parts = append(parts, "none")
		case SomePattern:
			parts = append(parts, "some")
		case ConstPattern:
			parts = append(parts, text(p.Value))
		case MemberPattern:
			parts = append(parts, "member "+strconv.Itoa(p.Member))
		}
	}
	name := ""
	if a.Bind != nil {
		name = " " + a.Bind.Name
	}
	return strings.Join(parts, " | ") + name
}
