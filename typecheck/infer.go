package typecheck

import "github.com/flow-lang/flowc/typecheck/types"

// bindings hold what is known of type parameters.
type bindings map[*types.Param]types.Type

// unify finds what the parameters in pattern stand for when it is to become
// got. It reports whether the shapes agree; a parameter that is bound already
// keeps the wider of both types.
func (b bindings) unify(pattern, got types.Type) bool {
	if isInvalid(got) {
		return true
	}
	switch p := pattern.(type) {
	case *types.Param:
		return b.bind(p, got)
	case *types.Option:
		if g, ok := got.(*types.Option); ok {
			return b.unify(p.Elem, g.Elem)
		}
		return types.Is(got, types.None) || b.unify(p.Elem, got)
	case *types.List:
		g, ok := got.(*types.List)
		return ok && b.unify(p.Elem, g.Elem)
	case *types.Set:
		g, ok := got.(*types.Set)
		return ok && b.unify(p.Elem, g.Elem)
	case *types.Map:
		g, ok := got.(*types.Map)
		return ok && b.unify(p.Key, g.Key) && b.unify(p.Value, g.Value)
	case *types.Stream:
		g, ok := got.(*types.Stream)
		return ok && b.unify(p.Elem, g.Elem)
	case *types.Aggregate:
		g, ok := got.(*types.Aggregate)
		return ok && b.unify(p.In, g.In) && b.unify(p.Result, g.Result)
	case *types.Record:
		return b.unifyRecord(p, got)
	}
	return true // no parameters inside: fitting is decided by convert
}

func (b bindings) bind(p *types.Param, got types.Type) bool {
	old := b[p]
	if old == nil {
		b[p] = got
		return true
	}
	if wider := join(old, got); wider != nil {
		b[p] = wider
		return true
	}
	return false
}

func (b bindings) unifyRecord(p *types.Record, got types.Type) bool {
	g, ok := got.(*types.Record)
	if !ok {
		return len(p.Args) == 0
	}
	if p.Name != "" && p.Name == g.Name && p.Origin == g.Origin {
		for i := range p.Args {
			if !b.unify(p.Args[i], g.Args[i]) {
				return false
			}
		}
		return true
	}
	for _, f := range p.Fields {
		if i := g.FieldIndex(f.Name); i >= 0 && !b.unify(f.Type, g.Fields[i].Type) {
			return false
		}
	}
	return true
}

// substitute replaces the parameters in t. What is not bound stays.
func (b bindings) substitute(c *checker, t types.Type) types.Type {
	switch t := t.(type) {
	case *types.Param:
		if got := b[t]; got != nil {
			return got
		}
		return t
	case *types.Option:
		return optionOf(b.substitute(c, t.Elem))
	case *types.List:
		return &types.List{Elem: b.substitute(c, t.Elem)}
	case *types.Set:
		return &types.Set{Elem: b.substitute(c, t.Elem)}
	case *types.Map:
		return &types.Map{Key: b.substitute(c, t.Key), Value: b.substitute(c, t.Value)}
	case *types.Stream:
		return &types.Stream{Elem: b.substitute(c, t.Elem)}
	case *types.Func:
		f := &types.Func{Async: t.Async, Result: b.substitute(c, t.Result)}
		for _, p := range t.Params {
			f.Params = append(f.Params, b.substitute(c, p))
		}
		return f
	case *types.Aggregate:
		return &types.Aggregate{In: b.substitute(c, t.In), Result: b.substitute(c, t.Result)}
	case *types.Range:
		return &types.Range{Elem: b.substitute(c, t.Elem)}
	case *types.Equality:
		return &types.Equality{Left: b.substitute(c, t.Left), Right: b.substitute(c, t.Right), Key: b.substitute(c, t.Key)}
	case *types.Record:
		return b.substituteRecord(c, t)
	}
	return t
}

func (b bindings) substituteRecord(c *checker, t *types.Record) types.Type {
	if !hasParams(t) {
		return t
	}
	if t.Name == "" {
		fields := append([]types.Field(nil), t.Fields...)
		for i := range fields {
			fields[i].Type = b.substitute(c, fields[i].Type)
		}
		return c.anonymousRecord(fields, t.Origin)
	}
	args := make([]types.Type, len(t.Args))
	for i, a := range t.Args {
		args[i] = b.substitute(c, a)
	}
	return c.instance(c.declaring(t), args, nil)
}

// declaring finds the declaration of a generic record.
func (c *checker) declaring(t *types.Record) *entry {
	for _, m := range append(c.userModules(), c.std) {
		for _, e := range m.order {
			if e.span == t.Origin {
				return e
			}
		}
	}
	panic("typecheck: no declaration of " + t.String())
}

// hasParams reports whether a type parameter stands in t.
func hasParams(t types.Type) bool {
	switch t := t.(type) {
	case *types.Param:
		return true
	case *types.Option:
		return hasParams(t.Elem)
	case *types.List:
		return hasParams(t.Elem)
	case *types.Set:
		return hasParams(t.Elem)
	case *types.Map:
		return hasParams(t.Key) || hasParams(t.Value)
	case *types.Stream:
		return hasParams(t.Elem)
	case *types.Func:
		return anyHasParams(t.Params) || hasParams(t.Result)
	case *types.Aggregate:
		return hasParams(t.In) || hasParams(t.Result)
	case *types.Range:
		return hasParams(t.Elem)
	case *types.Equality:
		return hasParams(t.Left) || hasParams(t.Right) || hasParams(t.Key)
	case *types.Record:
		if t.Name != "" {
			return anyHasParams(t.Args)
		}
		for _, f := range t.Fields {
			if hasParams(f.Type) {
				return true
			}
		}
	}
	return false
}

func anyHasParams(ts []types.Type) bool {
	for _, t := range ts {
		if hasParams(t) {
			return true
		}
	}
	return false
}
