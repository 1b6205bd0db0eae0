package codegen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// expr writes e and returns its value.
func (c *coder) expr(e ir.Expr) operand {
	switch e := e.(type) {
	case *ir.LocalRef:
		return c.local(e)
	case *ir.ParamRef:
		return call(c.params.Clone().Dot(c.g.params.field(e.Param)), e.T)
	case *ir.FieldOf:
		return c.field(e)
	case *ir.Unary:
		return c.unary(e)
	case *ir.Binary:
		return c.binary(e)
	case *ir.Convert:
		return c.convert(e)
	case *ir.Coalesce:
		return c.coalesce(e)
	case *ir.RecordLit:
		return c.recordLit(e)
	case *ir.With:
		return c.with(e)
	case *ir.ListLit:
		return c.listLit(e)
	case *ir.SetLit:
		return c.setLit(e)
	case *ir.MapLit:
		return c.mapLit(e)
	case *ir.Index:
		return c.index(e)
	case *ir.Interp:
		return c.interp(e)
	case *ir.Call:
		return c.call(e)
	case *ir.Builtin:
		return c.builtin(e)
	case *ir.Do:
		return c.do(e)
	case *ir.If, *ir.IfLet, *ir.Match, *ir.OptionalMap:
		return c.chosen(e)
	case *ir.Key, *ir.Time, *ir.Watermark, *ir.Now, *ir.StateGet, *ir.TimerAt:
		return c.atHand(e)
	case *ir.EntryGet, *ir.EntryHas, *ir.StateLen, *ir.StateEnd, *ir.StateKeys, *ir.AggResult, *ir.OtherGet:
		return c.op.readCollection(c, e)
	default:
		return c.constant(e)
	}
}

// constant writes a literal.
func (c *coder) constant(e ir.Expr) operand {
	t := e.Type()
	switch e := e.(type) {
	case *ir.BoolConst:
		return constant(jen.Lit(e.Value), t)
	case *ir.IntConst:
		return c.intConst(e)
	case *ir.FloatConst:
		return constant(jen.Lit(e.Value), t)
	case *ir.StringConst:
		return constant(jen.Lit(e.Value), t)
	case *ir.BytesConst:
		return c.bytesConst(e)
	case *ir.DecimalConst:
		return decimalConst(e)
	case *ir.EnumConst:
		o := constant(jen.Id(c.g.enum(t.(*types.Enum)).symbols[e.Symbol]), t)
		o.untyped = false
		return o
	case *ir.NoneConst:
		return operand{code: c.g.goType(t).Values(), prec: precPrimary, t: t, lit: true, stable: true}
	default:
		panic(fmt.Sprintf("codegen: no such expression %T", e))
	}
}

// intConst writes a whole number, or a duration in its largest unit.
func (c *coder) intConst(e *ir.IntConst) operand {
	if types.Is(e.T, types.Duration) {
		return c.durationConst(e)
	}
	o := constant(jen.Lit(int(e.Value)), e.T)
	if e.Value < 0 {
		o.prec = precUnary
	}
	return o
}

// durationUnits are the units of durations, the largest first.
var durationUnits = []struct {
	micros int64
	name   string
}{
	{24 * 3600e6, "Day"}, {3600e6, "Hour"}, {60e6, "Minute"}, {1e6, "Second"}, {1e3, "Millisecond"}, {1, "Microsecond"},
}

func (c *coder) durationConst(e *ir.IntConst) operand {
	o := constant(jen.Lit(0), e.T)
	if e.Value == 0 {
		return o
	}
	o.untyped = false
	for _, u := range durationUnits {
		if e.Value%u.micros != 0 {
			continue
		}
		unit := jen.Qual(valuePath, u.name)
		if n := e.Value / u.micros; n != 1 {
			o.code, o.prec = jen.Lit(int(n)).Op("*").Add(unit), precMul
		} else {
			o.code = unit
		}
		return o
	}
	return o
}

func (c *coder) bytesConst(e *ir.BytesConst) operand {
	if types.Is(e.T, types.UUID) {
		list := make([]jen.Code, len(e.Value))
		for i, b := range e.Value {
			list[i] = jen.Lit(int(b))
		}
		return operand{code: jen.Qual(valuePath, "UUID").Values(list...), prec: precPrimary, t: e.T, lit: true, stable: true}
	}
	return call(jen.Index().Byte().Call(jen.Lit(string(e.Value))), e.T)
}

// local reads a local.
func (c *coder) local(e *ir.LocalRef) operand {
	v, ok := c.vars[e.Local]
	if !ok {
		panic(fmt.Sprintf("codegen: the local %s at %s has no variable", e.Local.Name, e.Local.Pos))
	}
	if v.alias != nil {
		return c.expr(v.alias)
	}
	if v.group != nil && !c.g.group(v.group).record {
		c.add(c.holdParts(v.group, v.code)...)
		return call(c.g.viewed(v.group, v.code.Clone()), e.Local.Type)
	}
	return operand{code: v.code.Clone(), prec: precPrimary, t: e.Local.Type, stable: !e.Local.Var, addressable: true, pointer: v.pointer}
}

// field reads a field of a record.
func (c *coder) field(e *ir.FieldOf) operand {
	if ref, ok := e.X.(*ir.LocalRef); ok && c.vars[ref.Local].group != nil {
		return c.groupField(c.vars[ref.Local], e.Index)
	}
	x := c.expr(e.X)
	r := e.X.Type().(*types.Record)
	return operand{
		code: x.base().Dot(c.g.record(r).fields[e.Index]), prec: precPrimary, t: e.T,
		stable: x.stable, addressable: x.addressable || x.pointer,
	}
}

// recordLit writes Click{User: r.User, Page: "/"}.
func (c *coder) recordLit(e *ir.RecordLit) operand {
	r := e.T.(*types.Record)
	names := c.g.record(r)
	values := c.values(e.Fields)
	fields := make([]jen.Code, len(values))
	for i, v := range values {
		fields[i] = jen.Id(names.fields[i]).Op(":").Add(v.value())
	}
	return operand{code: jen.Id(names.name).Add(literal(fields)), prec: precPrimary, t: e.T, lit: true}
}

// literal writes the braces of a composite literal, on lines of their own if
// they hold much.
func literal(values []jen.Code) jen.Code {
	if len(values) <= 4 {
		return jen.Values(values...)
	}
	return jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, values...)
}

// with copies a record into a variable and changes fields of the copy.
func (c *coder) with(e *ir.With) operand {
	names := c.g.record(e.T.(*types.Record))
	list := []ir.Expr{e.X}
	for _, f := range e.Fields {
		list = append(list, f.Value)
	}
	values := c.values(list)
	changed := c.temp("changed", values[0])
	for i, f := range e.Fields {
		c.add(changed.base().Dot(names.fields[f.Index]).Op("=").Add(values[i+1].value()))
	}
	return changed
}

func (c *coder) listLit(e *ir.ListLit) operand {
	values := c.values(e.Elems)
	codes := make([]jen.Code, len(values))
	for i, v := range values {
		codes[i] = v.value()
	}
	return operand{code: c.g.goType(e.T).Values(codes...), prec: precPrimary, t: e.T, lit: true}
}

// index reads an element of a list, or of a map.
func (c *coder) index(e *ir.Index) operand {
	if t, ok := e.X.Type().(*types.Map); ok {
		return c.lookUp(e, t)
	}
	v := c.values([]ir.Expr{e.X, e.Index})
	return call(jen.Qual(valuePath, "Index").Call(c.fault.Clone(), v[0].value(), v[1].value(), c.g.at(e.At)), e.T)
}

// values evaluates a list of expressions in order. Where a later one needs
// statements, those before it go into variables, so that they are evaluated
// first.
func (c *coder) values(list []ir.Expr) []operand {
	values := make([]operand, len(list))
	blocks := make([][]jen.Code, len(list))
	last := -1
	for i, e := range list {
		blocks[i] = c.block(func() { values[i] = c.expr(e) })
		if len(blocks[i]) > 0 {
			last = i
		}
	}
	for i := range list {
		c.add(blocks[i]...)
		if i < last && !values[i].stable {
			values[i] = c.temp("v", values[i])
		}
	}
	return values
}

// do runs statements and gives a value.
func (c *coder) do(e *ir.Do) operand {
	c.stmts(e.Body)
	return c.expr(e.Value)
}

// chosen evaluates what is a statement in Go into a variable.
func (c *coder) chosen(e ir.Expr) operand {
	name := c.variable("v", e.Type())
	c.into(e, assignTo(name))
	return operand{code: name, prec: precPrimary, t: e.Type(), stable: true, addressable: true}
}

// call calls a function of the program, or a helper of the operator.
func (c *coder) call(e *ir.Call) operand {
	values := c.values(e.Args)
	var args []jen.Code
	fn := jen.Id(c.g.funcNames[e.Func])
	if e.Func.Op != nil {
		fn = jen.Id(receiver).Dot(c.op.helpers[e.Func])
		args = c.op.helperArgs(c, e.Func)
	} else if e.Func.Extern != nil && e.Func.Extern.Async {
		return c.callAsync(e, values)
	} else if e.Func.Extern != nil {
		args = []jen.Code{c.fault.Clone(), c.g.at(e.Pos())}
	} else {
		if c.g.graph.Effects.FuncFails(e.Func) {
			args = append(args, c.fault.Clone())
		}
		if c.g.graph.Effects.FuncReadsParams(e.Func) {
			args = append(args, c.params.Clone())
		}
	}
	for i, v := range values {
		args = append(args, c.argument(e.Func.Params[i].Type, v))
	}
	v := call(fn.Call(args...), e.T)
	if e.Func.Op != nil && c.g.graph.Effects.FuncActs(e.Func) && !types.Is(e.T, types.Unit) {
		v = c.temp("v", v)
		c.afterCall(e.Func)
	}
	return v
}

// argument passes a value: structs by pointer, as nothing changes them.
func (c *coder) argument(t types.Type, v operand) jen.Code {
	if !isStruct(t) {
		return v.value()
	}
	return c.pointerTo(v)
}

// pointerTo returns the code for a pointer to a record.
func (c *coder) pointerTo(v operand) *jen.Statement {
	if !v.pointer && !v.addressable && !v.lit {
		v = c.temp("v", v)
	}
	return pointer(v)
}
