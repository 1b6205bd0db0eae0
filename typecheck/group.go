package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// group resolves the value of a map or sorted state that is written as a record:
// each field is a part of the entry that is read and changed by itself.
func (o *operatorCheck) group(e *lang.TypeExpr, st *ir.State) {
	g := &ir.Group{}
	var fields []types.Field
	good := true
	for _, f := range e.Record {
		p := o.groupPart(f)
		if old := partIndex(g, p.Name); old >= 0 {
			o.duplicate(f.Name, fields[old].Origin)
			continue
		}
		good = good && !isInvalid(partType(p))
		g.Parts = append(g.Parts, p)
		fields = append(fields, types.Field{Name: p.Name, Wire: p.Name, Type: partType(p), Origin: f.Name.Span(), Doc: f.Doc})
	}
	if !good || len(fields) == 0 {
		st.Value = invalidType
		return
	}
	g.View = o.anonymousRecord(fields, e.Span())
	st.Group = g
}

// groupPart resolves one part of a group.
func (o *operatorCheck) groupPart(f *lang.FieldDecl) *ir.GroupPart {
	p := &ir.GroupPart{Name: f.Name.Text, Kind: ir.ValueState}
	switch kind := plainTypeName(f.Type); {
	case kind == "list" && f.Type.Optional == 0 && f.Default == nil && len(f.Type.Args) == 1:
		p.Kind, p.Elem = ir.ListState, o.valueType(o.scope, f.Type.Args[0])
		return p
	case kind == "aggregate" && f.Default == nil:
		p.Kind, p.Agg = ir.AggregateState, o.aggregateType(f.Type)
		return p
	}
	p.Elem = o.valueType(o.scope, f.Type)
	opt, optional := p.Elem.(*types.Option)
	switch {
	case f.Default != nil:
		k := o.coder(&frame{kind: handlerCode, what: "the initial value of a part", lambda: true})
		p.Init = k.value(f.Default, p.Elem, "the initial value of "+p.Name)
	case optional:
		p.Init = &ir.NoneConst{Base: base(opt, f.Span())}
	}
	return p
}

// plainTypeName is the name of a type without qualifier, "" if e is no such.
func plainTypeName(e *lang.TypeExpr) string {
	if e == nil || e.Name == nil || e.Name.Qualifier != nil || e.Name.Ident == nil {
		return ""
	}
	return e.Name.Ident.Text
}

// partType is the type of a part in a view of its entry.
func partType(p *ir.GroupPart) types.Type {
	switch {
	case p.Kind == ir.ListState && !isInvalid(p.Elem):
		return &types.List{Elem: p.Elem}
	case p.Kind == ir.AggregateState && p.Agg == nil:
		return invalidType
	case p.Kind == ir.AggregateState:
		return viewOf(p.Agg)
	default:
		return p.Elem
	}
}

// partIndex returns the index of the part called name, or -1.
func partIndex(g *ir.Group, name string) int {
	for i, p := range g.Parts {
		if p.Name == name {
			return i
		}
	}
	return -1
}

// onlyValues reports whether an entry of g can be written whole.
func onlyValues(g *ir.Group) bool {
	for _, p := range g.Parts {
		if p.Kind != ir.ValueState {
			return false
		}
	}
	return true
}

// makesEntry reports whether writing one part of an entry can make the entry:
// the others must then have initial values.
func (k *coder) makesEntry(at lang.Node, c *collection) bool {
	for i, p := range c.state.Group.Parts {
		if p.Kind == ir.ValueState && p.Init == nil && i != c.part {
			k.add(mistake(BadOperands, at.Span(), "the entry may not be there yet, and %s has no initial value", p.Name).
				note(c.b.span, "%s is declared here", c.state.Name).
				help("give the part one: %s: %s = %s", p.Name, p.Elem, types.Sample(p.Elem)))
			return false
		}
	}
	return true
}
