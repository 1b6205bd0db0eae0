package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
)

// nameFuncs gives names to the pure functions of the program.
func (g *generator) nameFuncs() {
	for _, f := range g.program.Funcs {
		g.funcNames[f] = g.names.pick(unexported(f.Name))
	}
}

// writeFuncs declares the pure functions:
//
//	// fahrenheit is declared at weather.flow:12:1.
//	func fahrenheit(c float64) float64 {
//		return float64(c*1.8) + 32.0
//	}
//
// One that can fail takes the Fault first, and returns at once where something
// has failed; records come as pointers to what nobody changes.
func (g *generator) writeFuncs() {
	for _, f := range g.program.Funcs {
		if f.Extern != nil {
			g.externsFile.add(g.externDecl(f))
			continue
		}
		g.functions.add(g.funcDecl(f))
	}
}

func (g *generator) funcDecl(f *ir.Func) jen.Code {
	c := g.newCoder("f", "p")
	ir.InspectAll(f.Body, c.countReads)
	c.result = f.Result
	var params []jen.Code
	if g.graph.Effects.FuncFails(f) {
		c.fault = jen.Id("f")
		params = append(params, jen.Id("f").Op("*").Qual(valuePath, "Fault"))
	}
	if g.graph.Effects.FuncReadsParams(f) {
		c.params = jen.Id("p")
		params = append(params, jen.Id("p").Op("*").Id("params"))
	}
	for _, p := range f.Params {
		params = append(params, c.param(p))
	}
	c.leaveFunction()
	if f.Recursive {
		c.enter(f)
	}
	c.stmts(f.Body)
	c.endFunction()
	return comment("%s is declared at %s.", g.funcNames[f], where(f.Pos)).
		Func().Id(g.funcNames[f]).Params(params...).Add(g.goType(f.Result)).Block(c.body()...)
}

// enter counts the depth of calls, as a stack that overflows would end the
// process.
func (c *coder) enter(f *ir.Func) {
	c.add(jen.If(jen.Op("!").Add(c.fault.Clone()).Dot("Enter").Call(c.g.at(f.Pos))).Block(c.bail()...))
	c.add(jen.Defer().Add(c.fault.Clone()).Dot("Leave").Call())
}

// param declares a parameter and makes it known. Structs come as pointers.
func (c *coder) param(p *ir.Local) jen.Code {
	name := c.names.pick(unexported(p.Name))
	t := c.g.goType(p.Type)
	byPointer := isStruct(p.Type)
	c.vars[p] = variable{code: jen.Id(name), pointer: byPointer}
	if byPointer {
		return jen.Id(name).Op("*").Add(t)
	}
	return jen.Id(name).Add(t)
}

// leaveFunction makes a mistake leave the function with a zero result.
func (c *coder) leaveFunction() {
	c.bail = func() []jen.Code {
		if c.result == nil {
			return []jen.Code{jen.Return()}
		}
		return []jen.Code{jen.Return(c.g.zero(c.result))}
	}
	c.leave = c.bail
}

// endFunction writes a return where Go does not see that control never comes to
// the end.
func (c *coder) endFunction() {
	if c.result != nil && !returns(c.out) {
		c.add(jen.Return(c.g.zero(c.result)))
	}
}
