package graph

import (
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
	"github.com/flow-lang/flowc/typecheck/types"
)

// duration writes microseconds as in Flow.
func duration(us int64) string {
	return plan.FlowText(&ir.IntConst{Base: ir.Base{T: &types.Basic{Kind: types.Duration}}, Value: us})
}

func quoted(s string) string { return plan.FlowText(&ir.StringConst{Value: s}) }
