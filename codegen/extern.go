package codegen

import (
	"fmt"
	"path"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// A GoFunc is what generated code must know of a Go function that the program
// calls.
type GoFunc struct {
	Name    string // of its package, as its clause says
	Context bool   // it takes a context first
	Error   bool   // it gives an error last
}

// ExternsFile is the file that holds all code which names a user's Go: where Go
// finds that it does not fit, the mistake lies in the program.
const ExternsFile = "externs.go"

// externDecl declares the function that calls a user's own:
//
//	// lookup calls the Go function that stands at app.flow:4:38.
//	func lookup(f *value.Fault, at value.Pos, ip string) (out value.Option[string]) {
//		defer f.Catch(at)
//		got, err := geo.Lookup(strings.Clone(ip))
//		if err != nil {
//			f.FailBy(at, err)
//			return out
//		}
//		if got != nil {
//			out = value.Some(f.GoString(*got, at))
//		}
//		return out
//	}
//
// What Go gets is its own to keep; what it gives is checked. That of an async
// function has the context of the call first. Where it takes more than scalars, Go
// infers what types they have there from the function:
//
//	a, b := lookupTakes(geo.Lookup)
//	a.UserID = strings.Clone(who.userID)
func (g *generator) externDecl(f *ir.Func) jen.Code {
	c := g.newCoder("ctx", "f", "at", "out", "got", "err")
	c.fault = jen.Id("f")
	fn := g.externs[f.Extern.Package+"."+f.Extern.Symbol]
	params := []jen.Code{jen.Id("f").Op("*").Qual(valuePath, "Fault"), jen.Id("at").Qual(valuePath, "Pos")}
	var args []jen.Code
	if f.Extern.Async {
		params = append([]jen.Code{jen.Id("ctx").Qual("context", "Context")}, params...)
	}
	switch {
	case fn.Context && f.Extern.Async:
		args = append(args, jen.Id("ctx"))
	case fn.Context:
		args = append(args, jen.Qual("context", "Background").Call())
	}
	var names []string
	for _, p := range f.Params {
		name := c.names.pick(unexported(p.Name))
		names = append(names, name)
		param := jen.Id(name)
		if isStruct(p.Type) {
			param = param.Op("*")
		}
		params = append(params, param.Add(g.goType(p.Type)))
	}
	var helper jen.Code
	if builds(f) {
		var takes string
		takes, helper = g.takes(f, fn)
		var given []jen.Code
		for range f.Params {
			given = append(given, jen.Id(c.names.pick("given")))
		}
		c.add(jen.List(given...).Op(":=").Id(takes).Call(jen.Qual(f.Extern.Package, f.Extern.Symbol)))
		for i, p := range f.Params {
			c.fill(p.Type, jen.Id(names[i]), given[i].(*jen.Statement))
		}
		args = append(args, given...)
	} else {
		for i, p := range f.Params {
			args = append(args, toGo(p.Type, jen.Id(names[i])))
		}
	}
	c.add(jen.Defer().Id("f").Dot("Catch").Call(jen.Id("at")))
	call := jen.Qual(f.Extern.Package, f.Extern.Symbol).Call(args...)
	if fn.Error {
		c.add(jen.List(jen.Id("got"), jen.Id("err")).Op(":=").Add(call))
		c.add(jen.If(jen.Id("err").Op("!=").Nil()).Block(
			jen.Id("f").Dot("FailBy").Call(jen.Id("at"), jen.Id("err")),
			jen.Return(jen.Id("out")),
		))
	} else {
		c.add(jen.Id("got").Op(":=").Add(call))
	}
	c.fromGo(f.Result, jen.Id("got"), jen.Id("out"))
	c.add(jen.Return(jen.Id("out")))
	decl := comment("%s calls the Go function that stands at %s.", g.funcNames[f], where(f.Extern.Pos)).
		Func().Id(g.funcNames[f]).Params(params...).Params(jen.Id("out").Add(g.goType(f.Result))).Block(c.body()...)
	if helper != nil {
		decl.Line().Line().Add(helper)
	}
	return decl
}

// builds reports whether a parameter of f is made of others: of those Go code of
// a user may have types of its own.
func builds(f *ir.Func) bool {
	return slices.ContainsFunc(f.Params, func(p *ir.Local) bool {
		switch p.Type.(type) {
		case *types.Option, *types.List, *types.Record:
			return true
		}
		return false
	})
}

// takes declares a function that gives zero values of the types that the Go
// function of f takes, whatever they are called there.
func (g *generator) takes(f *ir.Func, fn GoFunc) (name string, decl jen.Code) {
	name = g.names.pick(g.funcNames[f] + "Takes")
	var of, in, out []jen.Code
	if fn.Context {
		in = append(in, jen.Qual("context", "Context"))
	}
	for i := range f.Params {
		t := fmt.Sprintf("T%d", i)
		of, in, out = append(of, jen.Id(t)), append(in, jen.Id(t)), append(out, jen.Id(fmt.Sprintf("v%d", i)).Id(t))
	}
	of = append(of, jen.Id("R").Any())
	results := []jen.Code{jen.Id("R")}
	if fn.Error {
		results = append(results, jen.Error())
	}
	return name, comment("%s gives zero values of what that function takes.", name).
		Func().Id(name).Types(of...).Params(jen.Func().Params(in...).Params(results...)).Params(out...).Block(jen.Return())
}

// fill writes x, a value of type t, into a zero value of the type that Go code
// of a user has for it.
func (c *coder) fill(t types.Type, x, into *jen.Statement) {
	inner := c.nested()
	switch t := t.(type) {
	case *types.Option:
		inner.add(into.Clone().Op("=").Qual(valuePath, "NewLike").Call(into.Clone()))
		inner.fill(t.Elem, x.Clone().Dot("V"), jen.Parens(jen.Op("*").Add(into.Clone())))
		c.add(jen.If(x.Clone().Dot("OK")).Block(inner.body()...))
	case *types.List:
		i := c.names.pick("i")
		inner.fill(t.Elem, x.Clone().Index(jen.Id(i)), into.Clone().Index(jen.Id(i)))
		c.add(into.Clone().Op("=").Qual(valuePath, "MakeLike").Call(into.Clone(), jen.Len(x.Clone())))
		c.add(jen.For(jen.Id(i).Op(":=").Range().Add(x.Clone())).Block(inner.body()...))
	case *types.Record:
		names := c.g.record(t)
		for i, f := range t.Fields {
			c.fill(f.Type, x.Clone().Dot(names.fields[i]), into.Clone().Dot(exported(f.Name)))
		}
	default:
		c.add(into.Clone().Op("=").Add(toGo(t, x.Clone())))
	}
}

// toGo writes x, a scalar value of type t, as Go code of a user takes it.
func toGo(t types.Type, x *jen.Statement) jen.Code {
	switch kindOf(t) {
	case types.String:
		return jen.Qual("strings", "Clone").Call(x)
	case types.JSON:
		return jen.Index().Byte().Parens(x)
	case types.Bytes:
		return jen.Qual("bytes", "Clone").Call(x)
	case types.Timestamp, types.Date:
		return x.Dot("Go").Call()
	case types.Duration:
		return jen.Id("f").Dot("ToGoDuration").Call(x, jen.Id("at"))
	case types.UUID:
		return jen.Index(jen.Lit(16)).Byte().Parens(x)
	}
	return x
}

// fromGo writes statements that take x, which a user's Go code has given, as a
// value of type t into a variable that holds its zero value.
func (c *coder) fromGo(t types.Type, x, into *jen.Statement) {
	switch t := t.(type) {
	case *types.Option:
		inner := c.nested()
		v := inner.names.pick("v")
		inner.add(jen.Var().Id(v).Add(c.g.goType(t.Elem)))
		inner.fromGo(t.Elem, jen.Parens(jen.Op("*").Add(x.Clone())), jen.Id(v))
		inner.add(into.Clone().Op("=").Qual(valuePath, "Some").Call(jen.Id(v)))
		c.add(jen.If(x.Clone().Op("!=").Nil()).Block(inner.body()...))
		return
	case *types.List:
		inner := c.nested()
		e, v := c.names.pick("e"), inner.names.pick("v")
		inner.add(jen.Var().Id(v).Add(c.g.goType(t.Elem)))
		inner.fromGo(t.Elem, jen.Id(e), jen.Id(v))
		inner.add(into.Clone().Op("=").Append(into.Clone(), jen.Id(v)))
		c.add(into.Clone().Op("=").Make(c.g.goType(t), jen.Lit(0), jen.Len(x.Clone())))
		c.add(jen.For(jen.List(jen.Id("_"), jen.Id(e)).Op(":=").Range().Add(x.Clone())).Block(inner.body()...))
		return
	case *types.Record:
		names := c.g.record(t)
		for i, f := range t.Fields {
			c.fromGo(f.Type, x.Clone().Dot(exported(f.Name)), into.Clone().Dot(names.fields[i]))
		}
		return
	}
	var v jen.Code = x
	switch kindOf(t) {
	case types.String:
		v = jen.Id("f").Dot("FromGoString").Call(x, jen.Id("at"))
	case types.JSON:
		v = jen.Id("f").Dot("FromGoJSON").Call(x, jen.Id("at"))
	case types.Timestamp:
		v = jen.Id("f").Dot("FromGoTime").Call(x, jen.Id("at"))
	case types.Date:
		v = jen.Qual(valuePath, "DateOf").Call(jen.Id("f").Dot("FromGoTime").Call(x, jen.Id("at")))
	case types.Duration:
		v = jen.Qual(valuePath, "Duration").Call(x.Dot("Microseconds").Call())
	case types.UUID:
		v = jen.Qual(valuePath, "UUID").Call(x)
	}
	c.add(into.Clone().Op("=").Add(v))
}

// nested is a coder for a block within c's code, with names of its own behind
// c's.
func (c *coder) nested() *coder {
	n := *c
	n.out = nil
	n.names = newNames(c.names)
	return &n
}

// useExterns names the packages of the user's Go functions.
func (g *generator) useExterns(f *jen.File) {
	f.ImportName("context", "context")
	f.ImportName("time", "time")
	for _, fn := range g.program.Funcs {
		if x := fn.Extern; x != nil {
			name := g.externs[x.Package+"."+x.Symbol].Name
			if name == "" {
				name = path.Base(x.Package)
			}
			f.ImportName(x.Package, name)
		}
	}
}

// externPaths are the packages that a program's Go functions stand in.
func externPaths(externs map[string]GoFunc, program *ir.Program) map[string]bool {
	paths := map[string]bool{}
	for _, fn := range program.Funcs {
		if x := fn.Extern; x != nil {
			if _, ok := externs[x.Package+"."+x.Symbol]; !ok {
				panic(fmt.Sprintf("codegen: nothing is said of the Go function %s.%s", x.Package, x.Symbol))
			}
			paths[x.Package] = true
		}
	}
	return paths
}
