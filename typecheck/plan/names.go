package plan

import (
	"cmp"
	"slices"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/typecheck/ir"
)

// namesOf lists the names of the dynamic state s that stand in the text of op: those
// that handlers and helpers read and write, and those that the program declares for a
// remote function. Of names that are worked out at run time, which are known from a
// savepoint or a running job alone, it lists the types as made.
func namesOf(op *ir.Operator, s *ir.State) (list, made []schema.Named) {
	add := func(name ir.Expr, n schema.Named) {
		if text, ok := name.(*ir.StringConst); ok {
			n.Name = text.Value
			list = append(list, n)
		} else {
			made = append(made, n)
		}
	}
	if op.Remote != nil {
		for _, v := range op.Remote.Values {
			n := schema.Named{Name: v.Name, Type: TypeOf(v.Type), Reads: true, Remote: true}
			if d, ok := v.TTL.(*ir.IntConst); ok {
				n.TTL = d.Value
			}
			list = append(list, n)
		}
	}
	visit := func(n ir.Node) bool {
		switch n := n.(type) {
		case *ir.EntryGet:
			if n.Place.State == s {
				add(n.Place.Key, schema.Named{Type: *TypeOf(n.T).Elem, Reads: true})
			}
		case *ir.EntrySet:
			if n.Place.State == s {
				add(n.Place.Key, schema.Named{Type: TypeOf(n.Value.Type())})
			}
		}
		return true
	}
	for _, h := range op.Handlers {
		ir.InspectAll(h.Body, visit)
	}
	for _, f := range op.Helpers {
		ir.InspectAll(f.Body, visit)
	}
	return joined(list), joined(made)
}

// joined sorts names, and makes one of those that are read and written as one type.
func joined(list []schema.Named) []schema.Named {
	slices.SortStableFunc(list, func(a, b schema.Named) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Type.String(), b.Type.String()))
	})
	out := list[:0]
	for _, n := range list {
		if k := len(out) - 1; k >= 0 && out[k].Name == n.Name && out[k].Type.String() == n.Type.String() {
			out[k].Reads = out[k].Reads || n.Reads
			continue
		}
		out = append(out, n)
	}
	return out
}
