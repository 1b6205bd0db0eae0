package graph

import (
	"strings"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
	"github.com/flow-lang/flowc/typecheck/types"
)

// unsaid stands for what would be too long for a label: the text of the program
// has it.
const unsaid = "…"

// duration writes microseconds as in Flow.
func duration(us int64) string {
	return plan.FlowText(&ir.IntConst{Base: ir.Base{T: &types.Basic{Kind: types.Duration}}, Value: us})
}

// exprText writes what keys and arguments are made of as in Flow: names,
// fields, constants, parameters and operators on them.
func exprText(e ir.Expr) string { return writer{}.expr(e) }

// A writer knows what the names of inlined lambdas stand for.
type writer map[*ir.Local]ir.Expr

func (w writer) expr(e ir.Expr) string {
	switch e := e.(type) {
	case *ir.LocalRef:
		if value, ok := w[e.Local]; ok {
			return w.expr(value)
		}
		return e.Local.Name
	case *ir.ParamRef:
		if e.Param.Env {
			return "env(" + quoted(e.Param.Name) + ")"
		}
		return "param(" + quoted(e.Param.Name) + ")"
	case *ir.FieldOf:
		return w.operand(e.X) + "." + e.X.Type().(*types.Record).Fields[e.Index].Name
	case *ir.Convert:
		return w.expr(e.X)
	case *ir.Binary:
		return w.operand(e.X) + " " + string(e.Op) + " " + w.operand(e.Y)
	case *ir.Do:
		return w.do(e)
	case *ir.RecordLit:
		return w.record(e)
	default:
		return constant(e)
	}
}

// operand writes e so that it can stand beside an operator.
func (w writer) operand(e ir.Expr) string {
	text := w.expr(e)
	if strings.Contains(text, " ") && !strings.HasPrefix(text, `"`) && !strings.HasPrefix(text, "{") {
		return "(" + text + ")"
	}
	return text
}

// do writes an inlined lambda: its value, with what its names stand for.
func (w writer) do(e *ir.Do) string {
	for _, s := range e.Body {
		let, ok := s.(*ir.Let)
		if !ok || let.Local.Var {
			return unsaid
		}
		w[let.Local] = let.Value
	}
	if e.Value == nil {
		return unsaid
	}
	return w.expr(e.Value)
}

func (w writer) record(e *ir.RecordLit) string {
	r := e.T.(*types.Record)
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = r.Fields[i].Name + ": " + w.expr(f)
	}
	return strings.TrimSpace(r.Name + " { " + strings.Join(parts, ", ") + " }")
}

func constant(e ir.Expr) string {
	switch e.(type) {
	case *ir.BoolConst, *ir.IntConst, *ir.FloatConst, *ir.StringConst, *ir.BytesConst, *ir.DecimalConst, *ir.EnumConst, *ir.NoneConst:
		return plan.FlowText(e)
	default:
		return unsaid
	}
}

func quoted(s string) string { return plan.FlowText(&ir.StringConst{Value: s}) }
