package typecheck

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Entries of a collection are bounded by a timer family whose handler removes
// the entry of its index, if every path that writes an entry sets the timer of
// the same index. Whether two indices are the same is decided by how they are
// written: as the same computation on names that keep their values.

// writeOf returns the state that a statement writes, and the key of the entry if
// it writes one; nil if it writes none.
func writeOf(s ir.Stmt) (*ir.State, ir.Expr) {
	switch s := s.(type) {
	case *ir.StateSet:
		return s.State, nil
	case *ir.EntrySet:
		return s.Place.State, s.Place.Key
	case *ir.Append:
		return s.Place.State, s.Place.Key
	case *ir.SetAdd:
		return s.State, s.Value
	case *ir.AggAdd:
		return s.Place.State, s.Place.Key
	case *ir.AggMerge:
		return s.Place.State, s.Place.Key
	default:
		return nil, nil
	}
}

// removalOf returns the state of which a statement removes entries, and their
// key, or the key before which it removes them.
func removalOf(s ir.Stmt) (*ir.State, ir.Expr) {
	switch s := s.(type) {
	case *ir.EntryRemove:
		return s.State, s.Key
	case *ir.RemoveBefore:
		return s.State, s.Key
	default:
		return nil, nil
	}
}

// changeOf is what a statement does to the state and the timer of a path; nil
// if it is no statement that could do anything.
func (a *pathAnalysis) changeOf(s ir.Stmt) func(*pathState) {
	if st, key := writeOf(s); st != nil {
		return func(p *pathState) {
			if st == a.state && a.same(key) {
				p.cell, p.write = written, s.Pos()
			}
			if st == a.timer.State && a.entry == "" {
				p.armed = armed
			}
		}
	}
	if st, key := removalOf(s); st != nil {
		return func(p *pathState) {
			if st == a.state && a.removes(s, key) {
				p.cell = cleared
			}
			if st == a.timer.State && a.entry == "" {
				p.armed = disarmed
			}
		}
	}
	switch s := s.(type) {
	case *ir.StateClear:
		return func(p *pathState) {
			if s.State == a.state {
				p.cell = cleared
			}
			if s.State == a.timer.State {
				p.armed = disarmed
			}
		}
	case *ir.ClearAll:
		return func(p *pathState) { p.cell, p.armed = cleared, disarmed }
	case *ir.TimerSet:
		return func(p *pathState) {
			if s.Timer == a.timer && a.same(s.Index) {
				p.armed = armed
			}
		}
	case *ir.TimerCancel:
		return func(p *pathState) {
			if s.Timer != a.timer {
				return
			}
			if a.same(s.Index) || p.cell == written { // another index may have the same value
				p.armed = disarmed
			}
		}
	}
	return nil
}

// same reports whether key is that of the entry that is followed; all keys are
// where the whole state is. It notes the key.
func (a *pathAnalysis) same(key ir.Expr) bool {
	if key == nil {
		return true
	}
	name := a.names.of(key)
	a.names.note(name)
	return a.entry == "" || a.entry == name
}

// removes reports whether a removal takes the entry that is followed with it.
func (a *pathAnalysis) removes(s ir.Stmt, key ir.Expr) bool {
	if a.entry == "" {
		return false // others stay
	}
	if _, before := s.(*ir.RemoveBefore); !before {
		return a.names.of(key) == a.entry
	}
	sum, ok := key.(*ir.Binary)
	if !ok || sum.Op != ir.Add {
		return false
	}
	more, ok := sum.Y.(*ir.IntConst)
	return ok && more.Value > 0 && a.names.of(sum.X) == a.entry
}

// bound notes that l has another value from here on. What was said of an entry
// whose key l is a part of is settled: either its timer is set, or it is lost.
func (a *pathAnalysis) bound(ps paths, l *ir.Local, value ir.Expr) paths {
	if l == nil {
		return ps
	}
	token := a.names.bind(l, value)
	if a.entry == "" || token == "" || !strings.Contains(a.entry, token) {
		return ps
	}
	return ps.each(func(p *pathState) {
		if p.leaks() {
			p.cell = lost
			return
		}
		p.cell, p.armed = untouched, unknown
	})
}

// indexNames writes keys of entries as text, so that equal texts are equal keys.
type indexNames struct {
	tokens map[*ir.Local]string // of locals: a name of its own, or the text of its value
	found  []string             // the keys of entries, as they were met
	count  int
}

func (n *indexNames) note(name string) {
	if n.found != nil && indexOf(n.found, name) < 0 {
		n.found = append(n.found, name)
	}
}

// fresh makes a text that nothing else has. The marks at its ends keep it from
// being found inside another.
func (n *indexNames) fresh() string {
	n.count++
	return fmt.Sprintf("<%d>", n.count)
}

// bind says what a local stands for: its value's text, if that is a computation
// on names that keep their values. Else it returns the local's own text.
func (n *indexNames) bind(l *ir.Local, value ir.Expr) string {
	if value != nil && !l.Var {
		if text, pure := n.text(value); pure && !strings.Contains(text, "var<") {
			n.tokens[l] = text
			return ""
		}
	}
	return n.local(l)
}

func (n *indexNames) local(l *ir.Local) string {
	if n.tokens[l] == "" {
		n.tokens[l] = n.fresh()
		if l.Var {
			n.tokens[l] = "var" + n.tokens[l]
		}
	}
	return n.tokens[l]
}

// pass gives the parameters of a helper the texts of the arguments, and returns
// these.
func (n *indexNames) pass(fn *ir.Func, args []ir.Expr) string {
	all := ""
	for i, p := range fn.Params {
		n.tokens[p] = n.of(args[i])
		all += n.tokens[p] + ","
	}
	return all
}

// of is the text of a key; one that cannot be followed has a text of its own.
func (n *indexNames) of(e ir.Expr) string {
	if text, pure := n.text(e); pure {
		return text
	}
	return fmt.Sprintf("<at %s>", e.Pos())
}

// text writes an expression that gives the same value wherever it stands in a
// handler, until one of its names is bound again. ok is false if e is none.
func (n *indexNames) text(e ir.Expr) (text string, ok bool) {
	switch e := e.(type) {
	case *ir.LocalRef:
		return n.local(e.Local), true
	case *ir.ParamRef:
		return "param " + e.Param.Name, true
	case *ir.Key:
		return "key", true
	case *ir.Time:
		return "time", true
	case *ir.BoolConst, *ir.IntConst, *ir.FloatConst, *ir.StringConst, *ir.BytesConst, *ir.DecimalConst:
		return constantKey(e), true
	case *ir.EnumConst:
		return e.T.(*types.Enum).Symbols[e.Symbol].Name, true
	case *ir.Convert:
		return n.text(e.X)
	case *ir.FieldOf:
		return n.all(fmt.Sprintf("field %d", e.Index), e.X)
	case *ir.Unary:
		return n.all(string(e.Op), e.X)
	case *ir.Binary:
		return n.all(string(e.Op), e.X, e.Y)
	case *ir.RecordLit:
		return n.all("record", e.Fields...)
	case *ir.Builtin:
		if len(e.Lambdas) == 0 {
			return n.all(e.Name, e.Args...)
		}
	case *ir.Call:
		if e.Func.Op == nil {
			return n.all(e.Func.Name, e.Args...)
		}
	}
	return "", false
}

func (n *indexNames) all(name string, args ...ir.Expr) (string, bool) {
	parts := []string{name}
	for _, a := range args {
		text, ok := n.text(a)
		if !ok {
			return "", false
		}
		parts = append(parts, text)
	}
	return "(" + strings.Join(parts, " ") + ")", true
}

func newPathAnalysis(st *ir.State, t *ir.Timer, entry string) *pathAnalysis {
	return &pathAnalysis{
		state: st, timer: t, entry: entry, calls: map[callKey]callResult{},
		names: &indexNames{tokens: map[*ir.Local]string{}},
	}
}

// findEntryLeak returns a path on which the timer family, or the entry timer, of
// the handler own does not bound the entries of st; nil if it does.
func findEntryLeak(op *ir.Operator, st *ir.State, own *ir.Handler) *leak {
	if own.Param == nil || !types.Identical(own.Param.Type, entryKey(st)) {
		return &leak{end: own.Pos, timer: own.Timer, inHandler: true}
	}
	a := newPathAnalysis(st, own.Timer, "")
	index := a.names.local(own.Param)
	a.entry = index
	for _, p := range a.handler(own.Body, pathState{armed: disarmed}) {
		if p.cell != cleared {
			return &leak{write: p.write, end: p.end(own.Pos), timer: own.Timer, inHandler: true, branches: a.decisions(p)}
		}
	}
	if own.Timer.State == st {
		return nil // each write sets it
	}
	for _, h := range op.Handlers {
		for _, entry := range a.entriesIn(h) {
			if h == own && entry == index {
				continue
			}
			a.entry, a.calls = entry, map[callKey]callResult{}
			for _, p := range a.handler(h.Body, pathState{}) {
				if p.leaks() {
					return &leak{write: p.write, end: p.end(h.Pos), timer: own.Timer, branches: a.decisions(p)}
				}
			}
		}
	}
	return nil
}

// entriesIn lists the keys of the entries that a handler writes.
func (a *pathAnalysis) entriesIn(h *ir.Handler) []string {
	a.entry, a.calls = "", map[callKey]callResult{}
	a.names.found = []string{}
	a.handler(h.Body, pathState{})
	found := a.names.found
	a.names.found = nil
	return found
}

// removed says in a message what nothing removes.
func removed(st *ir.State) string {
	if entryKey(st) != nil {
		return "its entries"
	}
	return "it"
}
