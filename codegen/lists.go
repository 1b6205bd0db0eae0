package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

func listBuiltins() map[string]builtinCode {
	return map[string]builtinCode{
		"range":      faultCall("Range"),
		"list.len":   length,
		"list.first": plainCall(valuePath, "First"),
		"list.last":  plainCall(valuePath, "Last"),
		"list.slice": func(c *coder, e *ir.Builtin, v []operand) operand {
			args := append([]jen.Code{c.fault.Clone()}, codes(v)...)
			return call(jen.Qual(valuePath, "SliceList").Call(append(args, c.g.at(e.At))...), e.T)
		},
		"list.contains": func(c *coder, _ *ir.Builtin, v []operand) operand { return c.contains(v[0], v[1]) },
		"list.append":   appendTo,
		"list.join":     plainCall("strings", "Join"),
		"list.map":      listMap,
		"list.filter":   listFilter,
		"list.fold":     listFold,
		"list.any":      listTest(true),
		"list.all":      listTest(false),
		"list.sum":      listSum,
		"list.min":      listLeast(ir.Lt),
		"list.max":      listLeast(ir.Gt),
		"list.sort_by":  listSort,
	}
}

// appendTo appends to a copy: values do not change.
func appendTo(_ *coder, e *ir.Builtin, v []operand) operand {
	list := jen.Qual("slices", "Clip").Call(v[0].value())
	return call(jen.Append(list, v[1].value()), e.T)
}

// newVar declares a variable that is assigned later: with its zero value if
// value is nil, else with a value that has its type.
func (c *coder) newVar(want string, t types.Type, value jen.Code) operand {
	if value == nil {
		return operand{code: c.variable(want, t), prec: precPrimary, t: t, addressable: true}
	}
	v := c.temp(want, call(jen.Add(value), t))
	v.stable = false
	return v
}

// each writes a loop over a list, in whose body the parameter of a lambda is
// the element.
func (c *coder) each(list operand, param *ir.Local, body func()) {
	var item string
	if c.reads[param] > 0 {
		item = c.names.pick(unexported(param.Name))
		c.vars[param] = variable{code: jen.Id(item)}
	}
	inner, label := c.loop(func() {
		if item != "" {
			c.loopVar(item)
		}
		body()
	})
	head := jen.Range().Add(list.head())
	if item != "" {
		head = jen.List(jen.Id("_"), jen.Id(item)).Op(":=").Add(head)
	}
	c.add(label, jen.For(head).Block(inner...))
}

// set assigns a value to a variable.
func (c *coder) set(to operand, value jen.Code) { c.add(to.code.Clone().Op("=").Add(value)) }

func listMap(c *coder, e *ir.Builtin, v []operand) operand {
	l := e.Lambdas[1]
	list := c.held(v[0])
	out := c.newVar("list", e.T, jen.Make(c.g.goType(e.T), jen.Lit(0), jen.Len(list.value())))
	c.each(list, l.Params[0], func() {
		x := c.expr(l.Body)
		c.set(out, jen.Append(out.value(), x.value()))
	})
	return out
}

// held puts a value into a variable unless it may be read again as it is.
func (c *coder) held(v operand) operand {
	if v.stable && !v.lit {
		return v
	}
	return c.temp("list", v)
}

func listFilter(c *coder, e *ir.Builtin, v []operand) operand {
	l := e.Lambdas[1]
	out := c.newVar("list", e.T, nil)
	c.reads[l.Params[0]]++
	c.each(v[0], l.Params[0], func() {
		test := c.expr(l.Body)
		item := c.vars[l.Params[0]].code.Clone()
		c.add(jen.If(test.head()).Block(out.value().Op("=").Append(out.value(), item)))
	})
	return out
}

func listFold(c *coder, e *ir.Builtin, v []operand) operand {
	l := e.Lambdas[2]
	if effects := c.g.graph.Effects; effects.CanFail(e.Args[0]) && effects.CanFail(e.Args[1]) {
		v[0] = c.held(v[0]) // of two that fail the first is told
	}
	v[1].t = e.T
	sum := c.newVar("folded", e.T, v[1].typed(c.g))
	c.vars[l.Params[0]] = variable{code: sum.code}
	c.each(v[0], l.Params[1], func() { c.into(l.Body, assignTo(sum.code)) })
	return sum
}

// listTest is any, which looks for an element for which the lambda holds, or
// all, which looks for one for which it does not.
func listTest(found bool) builtinCode {
	return func(c *coder, e *ir.Builtin, v []operand) operand {
		l := e.Lambdas[1]
		out := c.newVar("found", e.T, jen.Lit(!found))
		c.each(v[0], l.Params[0], func() {
			test := c.expr(l.Body)
			cond := test.head()
			if !found {
				cond = jen.Op("!").Add(test.in(precUnary))
			}
			c.add(jen.If(cond).Block(out.value().Op("=").Lit(found), jen.Break()))
		})
		return out
	}
}

func listSum(c *coder, e *ir.Builtin, v []operand) operand {
	sum := c.newVar("sum", e.T, nil)
	elem := v[0].t.(*types.List).Elem
	item := &ir.Local{Name: "x", Type: elem}
	total := &ir.Local{Name: "sum", Type: e.T, Var: true}
	c.vars[total] = variable{code: sum.code}
	c.reads[item]++
	base := ir.Base{T: e.T, At: e.At}
	add := &ir.Binary{Base: base, Op: ir.Add, X: &ir.LocalRef{Base: base, Local: total}, Y: &ir.LocalRef{Base: ir.Base{T: elem, At: e.At}, Local: item}}
	c.each(v[0], item, func() { c.into(add, assignTo(sum.code)) })
	return sum
}

// listLeast finds the first element that comes before all others by op.
func listLeast(op ir.Op) builtinCode {
	return func(c *coder, e *ir.Builtin, v []operand) operand {
		elem := e.T.(*types.Option).Elem
		best := c.newVar("best", e.T, nil)
		item := &ir.Local{Name: "x", Type: elem}
		c.reads[item]++
		c.each(v[0], item, func() {
			x := operand{code: c.vars[item].code, prec: precPrimary, t: elem, stable: true}
			better := c.ordering(&ir.Binary{Base: ir.Base{T: types.Of(types.Bool)}, Op: op}, x, held(best))
			c.add(jen.If(jen.Op("!").Add(best.value()).Dot("OK").Op("||").Add(better.code)).Block(
				best.value().Op("=").Qual(valuePath, "Some").Call(x.value()),
			))
		})
		return best
	}
}

// listSort sorts a copy by what the lambda gives for each element, which is
// evaluated once for each.
func listSort(c *coder, e *ir.Builtin, v []operand) operand {
	l := e.Lambdas[1]
	list := c.held(v[0])
	keyType := l.Body.Type()
	keys := c.newVar("keys", &types.List{Elem: keyType}, nil)
	c.each(list, l.Params[0], func() {
		key := c.expr(l.Body)
		c.set(keys, jen.Append(keys.value(), key.value()))
	})
	return call(jen.Qual(valuePath, "SortBy").Call(list.value(), keys.value(), c.g.compareFunc(keyType)), e.T)
}
