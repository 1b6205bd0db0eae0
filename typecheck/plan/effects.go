package plan

import (
	"strings"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Effects knows what the functions of a program can do.
type Effects struct {
	funcs map[*ir.Func]*effect
	// entryTimes are when the timers of a state's entries are set for.
	entryTimes map[*ir.State][]ir.Expr
}

// effect is what a piece of code can do.
type effect struct {
	fails  bool // it can make a mistake
	emits  bool
	drops  bool // it ends the handler
	acts   bool // it changes state, sets timers, emits or sends
	params bool // it reads param("…") or env("…")
	mark   bool // it reads the watermark
}

// effectsOf judges all functions: to begin with none does anything, and what
// one does goes to its callers until nothing changes any more.
func effectsOf(p *ir.Program) *Effects {
	e := &Effects{funcs: map[*ir.Func]*effect{}, entryTimes: map[*ir.State][]ir.Expr{}}
	for _, s := range p.Steps {
		for _, t := range s.Op.Timers {
			if t.State != nil {
				e.entryTimes[t.State] = append(e.entryTimes[t.State], t.At)
			}
		}
	}
	all := append([]*ir.Func(nil), p.Funcs...)
	for _, s := range p.Steps {
		all = append(all, s.Op.Helpers...)
	}
	for _, f := range all {
		e.funcs[f] = &effect{fails: f.Recursive || f.Extern != nil}
	}
	callers := map[*ir.Func][]*ir.Func{}
	for _, f := range all {
		for _, s := range f.Body {
			ir.Inspect(s, func(n ir.Node) bool {
				if c, ok := n.(*ir.Call); ok {
					callers[c.Func] = append(callers[c.Func], f)
				}
				return true
			})
		}
	}
	for len(all) > 0 {
		f := all[len(all)-1]
		all = all[:len(all)-1]
		got := e.ofAll(f.Body)
		got.fails = got.fails || f.Recursive || f.Extern != nil
		if got != *e.funcs[f] {
			*e.funcs[f] = got
			all = append(all, callers[f]...)
		}
	}
	return e
}

// CanFail reports whether evaluating x can make a mistake of the record.
func (e *Effects) CanFail(x ir.Expr) bool { return x != nil && e.of(x).fails }

// ExprReadsParams reports whether x needs the parameters given at start.
func (e *Effects) ExprReadsParams(x ir.Expr) bool { return e.of(x).params }

// FuncFails reports whether a call of f can make a mistake.
func (e *Effects) FuncFails(f *ir.Func) bool { return e.funcs[f].fails }

// FuncDrops reports whether a call of the helper f can end the handler.
func (e *Effects) FuncDrops(f *ir.Func) bool { return e.funcs[f].drops }

// FuncActs reports whether a call of the helper f does more than give a value.
func (e *Effects) FuncActs(f *ir.Func) bool { return e.funcs[f].acts || e.funcs[f].drops }

// FuncReadsParams reports whether f needs the parameters given at start.
func (e *Effects) FuncReadsParams(f *ir.Func) bool { return e.funcs[f].params }

// HandlerFails reports whether h can make a mistake.
func (e *Effects) HandlerFails(h *ir.Handler) bool { return e.ofAll(h.Body).fails }

// Called lists the helpers of op that its handlers call, directly or through
// others, in order of declaration.
func (e *Effects) Called(op *ir.Operator) []*ir.Func {
	called := map[*ir.Func]bool{}
	var follow func(body []ir.Stmt)
	follow = func(body []ir.Stmt) {
		ir.InspectAll(body, func(n ir.Node) bool {
			if c, ok := n.(*ir.Call); ok && c.Func.Op != nil && !called[c.Func] {
				called[c.Func] = true
				follow(c.Func.Body)
			}
			return true
		})
	}
	for _, h := range op.Handlers {
		follow(h.Body)
	}
	var list []*ir.Func
	for _, f := range op.Helpers {
		if called[f] {
			list = append(list, f)
		}
	}
	return list
}

// Fails reports whether anything in op can make a mistake.
func (e *Effects) Fails(op *ir.Operator) bool {
	return e.any(op, func(f effect) bool { return f.fails })
}

// ReadsParams reports whether op needs the parameters given at start in its
// handlers, helpers, or anything they call.
func (e *Effects) ReadsParams(op *ir.Operator) bool {
	return e.any(op, func(f effect) bool { return f.params })
}

// ReadsWatermark reports whether op reads the watermark.
func (e *Effects) ReadsWatermark(op *ir.Operator) bool {
	return e.any(op, func(f effect) bool { return f.mark })
}

func (e *Effects) any(op *ir.Operator, is func(effect) bool) bool {
	for _, h := range op.Handlers {
		if is(e.ofAll(h.Body)) {
			return true
		}
	}
	for _, f := range op.Helpers {
		if is(*e.funcs[f]) {
			return true
		}
	}
	return false
}

// ofAll judges a list of statements.
func (e *Effects) ofAll(list []ir.Stmt) effect {
	var all effect
	for _, s := range list {
		all.and(e.of(s))
	}
	return all
}

// of judges a statement or an expression with all that is inside it.
func (e *Effects) of(n ir.Node) effect {
	var all effect
	ir.Inspect(n, func(m ir.Node) bool {
		all.and(e.single(m))
		all.acts = all.acts || acts(m)
		return true
	})
	return all
}

func (e *effect) and(other effect) {
	e.fails = e.fails || other.fails
	e.emits = e.emits || other.emits
	e.drops = e.drops || other.drops
	e.acts = e.acts || other.acts
	e.params = e.params || other.params
	e.mark = e.mark || other.mark
}

// acts reports whether a node is a statement that leaves something behind.
func acts(n ir.Node) bool {
	switch n.(type) {
	case *ir.Emit, *ir.Send, *ir.StateSet, *ir.StateClear, *ir.ClearAll, *ir.TimerSet, *ir.TimerCancel, *ir.AggAdd, *ir.AggMerge,
		*ir.EntrySet, *ir.Append, *ir.SetAdd, *ir.EntryRemove, *ir.RemoveBefore:
		return true
	}
	return false
}

// single judges a node without what is inside it.
func (e *Effects) single(n ir.Node) effect {
	switch n := n.(type) {
	case *ir.Emit:
		return effect{emits: true}
	case *ir.Send:
		return effect{emits: true, fails: n.After != nil || n.To.Op.Remote != nil} // the time may lie past the year 9999, and a number have no JSON
	case *ir.Drop:
		return effect{drops: true}
	case *ir.FailStmt:
		return effect{fails: true}
	case *ir.ParamRef:
		return effect{params: true}
	case *ir.Watermark:
		return effect{mark: true}
	case *ir.AggAdd:
		return e.ofAdd(n.Place)
	case *ir.AggMerge:
		all := e.ofWrite(n.Place)
		all.and(e.ofMerge(aggregateAt(n.Place)))
		return all
	case *ir.AggResult:
		return e.ofResult(n)
	case *ir.EntryGet:
		return effect{fails: n.Place.State.Kind == ir.DynamicState} // what is there may be of another type
	case *ir.EntrySet:
		return e.ofWrite(n.Place)
	case *ir.Append:
		return e.ofWrite(n.Place)
	case *ir.Call:
		return *e.funcs[n.Func]
	case *ir.Unary:
		return effect{fails: n.Op == ir.Neg && !isFloat(n.T) && !isDecimal(n.T)}
	case *ir.Convert:
		return effect{fails: convertFails(n)}
	case *ir.Binary:
		return effect{fails: binaryFails(n)}
	case *ir.Index:
		_, list := n.X.Type().(*types.List)
		return effect{fails: list}
	case *ir.Builtin:
		return effect{fails: builtinFails(n)}
	default:
		return effect{}
	}
}

// binaryFails reports whether the operation itself can fail.
func binaryFails(n *ir.Binary) bool {
	switch n.Op {
	case ir.Add, ir.Sub, ir.Mul:
		if types.Is(n.X.Type(), types.Timestamp) && types.Is(n.Y.Type(), types.Timestamp) {
			return false // the years 1 to 9999 fit a duration
		}
		return !isFloat(n.X.Type()) && !types.Is(n.X.Type(), types.String)
	case ir.Div, ir.Rem:
		return !SafeDivisor(n)
	default:
		return false
	}
}

// SafeDivisor reports whether n divides numbers by a constant for which no
// division can fail: not 0, nor -1, which turns the least integer into one that
// does not fit. The remainder of float32 has no plain form.
func SafeDivisor(n *ir.Binary) bool {
	switch y := n.Y.(type) {
	case *ir.IntConst:
		number := types.Is(n.X.Type(), types.Int) || types.Is(n.X.Type(), types.Int32)
		return number && y.Value != 0 && y.Value != -1
	case *ir.FloatConst:
		return y.Value != 0 && !(n.Op == ir.Rem && types.Is(n.X.Type(), types.Float32))
	}
	return false
}

// convertFails reports whether a decimal may have too many digits for the type
// that it widens to.
func convertFails(n *ir.Convert) bool {
	to, ok := n.T.(*types.Decimal)
	if !ok {
		return false
	}
	from, ok := n.X.Type().(*types.Decimal)
	return ok && !to.Holds(from)
}

func isFloat(t types.Type) bool { return types.Is(t, types.Float) || types.Is(t, types.Float32) }

func isDecimal(t types.Type) bool {
	_, ok := t.(*types.Decimal)
	return ok
}

// builtinFails reports whether a built-in function can fail for its types.
func builtinFails(n *ir.Builtin) bool {
	switch n.Name {
	case "abs":
		return !isFloat(n.T) && !isDecimal(n.T)
	case "int":
		return isFloat(n.Args[0].Type()) || isDecimal(n.Args[0].Type())
	case "floor", "ceil", "round":
		return isDecimal(n.T)
	case "hash64":
		return !types.CanBeKey(n.Args[0].Type())
	case "timestamp.truncate", "string.slice", "list.slice", "string.pad_left", "to_json", "gcd", "range":
		return true
	case "list.sum":
		return !isFloat(n.T)
	default:
		return strings.HasPrefix(n.Name, "timestamp.in_zone.")
	}
}
