package oracle

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// constant evaluates an expression that reads nothing.
func constant(x any) any {
	return (&frame{locals: map[*ir.Local]any{}}).eval(x.(ir.Expr))
}

// eval gives the value of an expression.
func (f *frame) eval(x ir.Expr) any {
	switch x := x.(type) {
	case *ir.BoolConst:
		return x.Value
	case *ir.IntConst:
		return x.Value
	case *ir.FloatConst:
		return narrow(x.Value, x.T)
	case *ir.StringConst:
		return x.Value
	case *ir.BytesConst:
		return x.Value
	case *ir.DecimalConst:
		d, _ := readDecimal(x.Value, x.T.(*types.Decimal))
		return d
	case *ir.EnumConst:
		return symbol(x.Symbol)
	case *ir.NoneConst:
		return none
	case *ir.LocalRef:
		return f.local(x.Local)
	case *ir.ParamRef:
		return f.param(x.Param)
	case *ir.Convert:
		return convert(f.eval(x.X), x.X.Type(), x.T, x.Pos())
	case *ir.Unary:
		return f.unary(x)
	case *ir.Binary:
		return f.binary(x)
	case *ir.Call:
		return f.call(x.Func, f.list(x.Args), x.Pos())
	case *ir.Builtin:
		return f.builtin(x)
	case *ir.Interp:
		return f.interp(x)
	case *ir.Key:
		return f.cell.key
	case *ir.Time:
		return f.at.time
	case *ir.Watermark:
		return f.at.mark
	case *ir.Now:
		return f.m.now
	case *ir.StateGet:
		return f.state(x.State)
	case *ir.TimerAt:
		return f.timerAt(x)
	default:
		return f.evalChoice(x)
	}
}

// evalChoice gives the value of expressions that choose or put together.
func (f *frame) evalChoice(x ir.Expr) any {
	switch x := x.(type) {
	case *ir.FieldOf:
		return f.eval(x.X).([]any)[x.Index]
	case *ir.Coalesce:
		return f.coalesce(x)
	case *ir.OptionalMap:
		return f.optionalMap(x)
	case *ir.RecordLit:
		return f.list(x.Fields)
	case *ir.With:
		out := append([]any{}, f.eval(x.X).([]any)...)
		for _, fv := range x.Fields {
			out[fv.Index] = f.eval(fv.Value)
		}
		return out
	case *ir.ListLit:
		return f.list(x.Elems)
	case *ir.SetLit:
		return makeSet(f.list(x.Elems), x.T.(*types.Set).Elem)
	case *ir.MapLit:
		out := dict{}
		for i, k := range x.Keys {
			out = out.put(f.eval(k), f.eval(x.Values[i]), x.T.(*types.Map).Key)
		}
		return out
	case *ir.Index:
		return f.index(x)
	case *ir.If:
		if f.eval(x.Cond).(bool) {
			return f.eval(x.Then)
		}
		return f.eval(x.Else)
	case *ir.IfLet:
		if o := f.eval(x.X).(option); o.ok {
			f.locals[x.Bind] = o.v
			return f.eval(x.Then)
		}
		return f.eval(x.Else)
	case *ir.Match:
		return f.eval(f.arm(f.eval(x.X), x.X.Type(), x.Arms).Body)
	case *ir.Do:
		if w, v := f.block(x.Body); w != goOn {
			panic(unwound{f, w, v})
		}
		return f.eval(x.Value)
	default:
		return f.readState(x)
	}
}

func (f *frame) list(xs []ir.Expr) []any {
	out := make([]any, len(xs))
	for i, x := range xs {
		out[i] = f.eval(x)
	}
	return out
}

func (f *frame) local(l *ir.Local) any {
	if v, ok := f.locals[l]; ok {
		return v
	}
	return f.step.args[l]
}

func (f *frame) param(p *ir.Param) any {
	if f.m != nil {
		if v, ok := f.m.in.Params[p.Name]; ok {
			return v
		}
	}
	return f.eval(p.Default)
}

func (f *frame) state(s *ir.State) any {
	sl := f.home(s).values[s]
	if sl != nil && s.TTL != nil {
		sl.read = max(sl.read, f.accessTime(s.TTL))
	}
	if s.Init == nil {
		if sl == nil {
			return none
		}
		return some(sl.value)
	}
	if sl == nil {
		return f.eval(s.Init)
	}
	return sl.value
}

// narrow rounds a float to the width of its type.
func narrow(v float64, t types.Type) any {
	if types.Is(t, types.Float32) {
		return float64(float32(v))
	}
	return v
}

// convert widens a value.
func convert(v any, from, to types.Type, pos source.Pos) any {
	switch to := to.(type) {
	case *types.Option:
		if _, ok := from.(*types.Option); ok {
			if o := v.(option); o.ok {
				return some(convert(o.v, from.(*types.Option).Elem, to.Elem, pos))
			}
			return none
		}
		return some(convert(v, from, to.Elem, pos))
	case *types.Union:
		for i, m := range to.Members {
			if types.Identical(m, from) {
				return member{i, v}
			}
		}
	case *types.Decimal:
		return scaled(v.(decimal).rat(), to, pos)
	case *types.Record:
		return convertRecord(v.([]any), from.(*types.Record), to, pos)
	}
	return v
}

// convertRecord fits a record to another of the same fields, by name.
func convertRecord(v []any, from, to *types.Record, pos source.Pos) any {
	out := make([]any, len(to.Fields))
	for i, f := range to.Fields {
		j := from.FieldIndex(f.Name)
		if j < 0 {
			out[i] = missing(f)
			continue
		}
		out[i] = convert(v[j], from.Fields[j].Type, f.Type, pos)
	}
	return out
}

func (f *frame) coalesce(x *ir.Coalesce) any {
	o := f.eval(x.X).(option)
	if !o.ok {
		return f.eval(x.Y)
	}
	if _, ok := x.T.(*types.Option); ok {
		return o
	}
	return o.v
}

func (f *frame) optionalMap(x *ir.OptionalMap) any {
	o := f.eval(x.X).(option)
	if !o.ok {
		return none
	}
	f.locals[x.Bind] = o.v
	v := f.eval(x.Body)
	if _, ok := x.Body.Type().(*types.Option); ok {
		return v
	}
	return some(v)
}

func (f *frame) index(x *ir.Index) any {
	switch c := f.eval(x.X).(type) {
	case dict:
		return c.get(f.eval(x.Index), x.X.Type().(*types.Map).Key)
	case []any:
		i := f.eval(x.Index).(int64)
		if i < 0 || i >= int64(len(c)) {
			fail(x.Pos(), fmt.Sprintf("index %d is outside a list of %d", i, len(c)))
		}
		return c[i]
	default:
		panic(fmt.Sprintf("oracle: %T has no index", c))
	}
}

func (f *frame) interp(x *ir.Interp) any {
	var b strings.Builder
	for _, p := range x.Parts {
		if p.Expr == nil {
			b.WriteString(p.Text)
			continue
		}
		b.WriteString(text(f.eval(p.Expr), p.Expr.Type()))
	}
	return b.String()
}

// arm finds the first arm that v fits, and binds what it names.
func (f *frame) arm(v any, t types.Type, arms []*ir.Arm) *ir.Arm {
	for _, a := range arms {
		if len(a.Patterns) == 0 {
			f.bind(a, v)
			return a
		}
		for _, p := range a.Patterns {
			if bound, ok := f.fits(p, v, t); ok {
				f.bind(a, bound)
				return a
			}
		}
	}
	return nil
}

func (f *frame) bind(a *ir.Arm, v any) {
	if a.Bind != nil {
		f.locals[a.Bind] = v
	}
}

// fits reports whether v fits p, and what an arm would bind.
func (f *frame) fits(p ir.Pattern, v any, t types.Type) (bound any, ok bool) {
	switch p := p.(type) {
	case ir.AnyPattern:
		return v, true
	case ir.NonePattern:
		return v, !v.(option).ok
	case ir.SomePattern:
		return v.(option).v, v.(option).ok
	case ir.MemberPattern:
		if o, isOption := v.(option); isOption {
			if !o.ok {
				return v, false
			}
			v = o.v
		}
		return v.(member).rec, v.(member).index == p.Member
	case ir.ConstPattern:
		if o, isOption := v.(option); isOption {
			if _, want := p.Value.Type().(*types.Option); !want {
				return v, o.ok && equal(o.v, f.eval(p.Value), t.(*types.Option).Elem)
			}
		}
		return v, equal(v, f.eval(p.Value), t)
	default:
		panic(fmt.Sprintf("oracle: no such pattern %T", p))
	}
}
