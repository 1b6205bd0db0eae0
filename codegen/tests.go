package codegen

import (
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/rig"
	"github.com/flow-lang/flowc/typecheck/types"
)

// nameTests gives names to the functions of the tests.
func (g *generator) nameTests() {
	for i := range g.tests {
		g.testNames = append(g.testNames, g.names.pick(fmt.Sprintf("test%d", i+1)))
	}
}

// writeTests declares the tests and a function for each:
//
//	// Tests are the test blocks of the program.
//	func Tests() []rig.Test {
//		return []rig.Test{{Name: "a jump", At: 40<<24 | 1, Run: test1}}
//	}
func (g *generator) writeTests() {
	if len(g.tests) == 0 {
		return
	}
	var list, decls []jen.Code
	for i, t := range g.tests {
		list = append(list, jen.Values(
			jen.Id("Name").Op(":").Lit(t.Name), jen.Id("At").Op(":").Add(g.position(t.Pos)), jen.Id("Run").Op(":").Id(g.testNames[i])))
		decls = append(decls, g.testDecl(g.testNames[i], t))
	}
	tests := func() *jen.Statement { return jen.Index().Qual(rigPath, "Test") }
	g.testFile.add(comment("Tests are the test blocks of the program.").
		Func().Id("Tests").Params().Add(tests()).Block(jen.Return(tests().Add(multiLine(list...)))))
	g.testFile.add(decls...)
}

// testDecl writes the lines of a test. Each that cannot be done ends it; t
// knows why.
//
//	func test1(t *rig.Run) {
//		if !t.Feed(at41x3, "readings", appendReadingLine(nil, &Reading{…}, t.Fault)) {
//			return
//		}
//		…
//	}
func (g *generator) testDecl(name string, test *rig.Test) jen.Code {
	c := g.newCoder("t")
	for _, s := range test.Steps {
		for _, e := range rig.Exprs(s) {
			ir.Inspect(e, c.countReads)
		}
	}
	c.fault = jen.Id("t").Dot("Fault")
	c.here.meta = jen.Id("t")
	c.params = jen.Id("p")
	c.bail = func() []jen.Code { return []jen.Code{jen.Return()} }
	c.leave = c.bail
	reads := false
	for _, s := range test.Steps {
		for _, e := range rig.Exprs(s) {
			reads = reads || g.graph.Effects.ExprReadsParams(e)
		}
		g.testStep(c, s)
	}
	body := c.body()
	if reads {
		body = append([]jen.Code{g.paramValues("t")}, body...)
	}
	return comment("%s is the test at %s.", name, where(test.Pos)).
		Func().Id(name).Params(jen.Id("t").Op("*").Qual(rigPath, "Run")).Block(body...)
}

func (g *generator) testStep(c *coder, s rig.Step) {
	switch s := s.(type) {
	case *rig.Let:
		c.stmts([]ir.Stmt{s.Let})
	case *rig.Feed:
		g.do(c, "Feed", g.at(s.Pos), jen.Lit(s.Source), g.testRow(c, s.Value))
	case *rig.Watermark:
		to := c.expr(s.To)
		c.checkAfter(s.To)
		g.do(c, "Watermark", g.at(s.At), to.value())
	case *rig.Clock:
		by := c.expr(s.By)
		c.checkAfter(s.By)
		g.do(c, "Advance", g.at(s.At), by.value())
	case *rig.Expect:
		g.expect(c, s)
	default:
		panic(fmt.Sprintf("codegen: no such step %T", s))
	}
}

// do writes if !t.METHOD(args…) { return }.
func (g *generator) do(c *coder, method string, args ...jen.Code) {
	c.add(jen.If(jen.Op("!").Id("t").Dot(method).Call(args...)).Block(jen.Return()))
}

// testRow writes a record as a line of JSON.
func (g *generator) testRow(c *coder, e ir.Expr) jen.Code {
	v := c.expr(e)
	c.checkAfter(e)
	if !v.pointer && !v.addressable && !v.lit {
		v = c.temp("row", v)
	}
	return g.jsonFunc(e.Type(), jsonLine).call(jen.Nil(), pointer(v), func() *jen.Statement { return c.fault.Clone() })
}

// expect writes a comparison.
func (g *generator) expect(c *coder, s *rig.Expect) {
	if s.Before != nil {
		c.stmts([]ir.Stmt{s.Before})
	}
	what := []jen.Code{g.at(s.Pos), jen.Lit(s.Sink)}
	if s.Ask != nil {
		what = append(what, jen.Lit(s.Ask.Source), g.testRow(c, s.Ask.Value), jen.Lit(s.Differs), g.testRow(c, s.Want))
		g.do(c, "ExpectState", what...)
		return
	}
	want := c.expr(s.Want)
	c.checkAfter(s.Want)
	elem := s.Want.Type().(*types.List).Elem
	row, method := jen.Id("r"), "Expect"
	if s.Shell != nil {
		names := g.record(s.Shell)
		row = jen.Op("&").Id(names.name).Values(jen.Id(names.fields[0]).Op(":").Op("*").Id("r"))
		elem, method = s.Shell, "ExpectValues"
	}
	line := g.jsonFunc(elem, jsonLine).call(jen.Id("b"), row, func() *jen.Statement { return c.fault.Clone() })
	rows := jen.Qual(rigPath, "Rows").Call(want.typed(g),
		jen.Func().Params(jen.Id("b").Index().Byte(), jen.Id("r").Op("*").Add(g.goType(s.Want.Type().(*types.List).Elem))).Index().Byte().
			Block(jen.Return(line)))
	g.do(c, method, append(what, jen.Lit(s.Differs), rows)...)
}
