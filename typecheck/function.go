package typecheck

import (
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// funcInstance is a function for one list of type arguments.
type funcInstance struct {
	args []types.Type
	fn   *ir.Func
}

// helper is a function inside an operator.
type helper struct {
	decl *lang.FuncDecl
	fn   *ir.Func
}

// checkFunctions checks every function of m that has no type parameters, used
// or not; generic ones are checked for each use.
func (c *checker) checkFunctions(m *module) {
	for _, e := range m.order {
		switch d := e.decl.(type) {
		case *lang.FuncDecl:
			if len(d.TypeParams) == 0 {
				c.function(e, nil)
			}
		case *lang.ExternDecl:
			c.function(e, nil)
		case *lang.AggregateDecl:
			if len(d.TypeParams) == 0 {
				c.aggregateFunc(e, nil, nil, d.Name.Span())
			}
		}
	}
	c.drain()
}

// drain checks the bodies of functions that were called since.
func (c *checker) drain() {
	for len(c.pending) > 0 {
		next := c.pending[0]
		c.pending = c.pending[1:]
		next()
	}
}

// function returns the function that e declares for type arguments. Its body is
// checked later, so that functions may call each other.
func (c *checker) function(e *entry, args []types.Type) *ir.Func {
	for _, f := range e.funcs {
		if identicalTypes(f.args, args) {
			return f.fn
		}
	}
	d := e.funcDecl()
	sc := &scope{mod: e.mod}
	for i, p := range d.TypeParams {
		sc.bindType(p.Text, args[i])
	}
	fn := &ir.Func{Name: e.mod.prefix + e.name + instanceSuffix(args), Doc: d.Doc, Pos: d.Name.Pos}
	k := c.signature(sc, d, fn, &frame{kind: pureCode, what: "the function " + e.name, from: fn})
	e.funcs = append(e.funcs, &funcInstance{args, fn})
	if len(e.funcs) > maxInstances {
		return fn
	}
	if x, ok := e.decl.(*lang.ExternDecl); ok {
		for _, b := range k.scope.names {
			b.used = true // by the Go function
		}
		c.extern(x, fn)
		return fn
	}
	c.pending = append(c.pending, func() { k.funcBody(d, fn) })
	return fn
}

// instanceSuffix tells the uses of a generic function apart by name.
func instanceSuffix(args []types.Type) string {
	text := ""
	for _, a := range args {
		text += "_" + strings.Map(func(r rune) rune {
			if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
				return r
			}
			return '_'
		}, a.String())
	}
	return text
}

// signature resolves the parameters and the result of a function.
func (c *checker) signature(sc *scope, d *lang.FuncDecl, fn *ir.Func, f *frame) *coder {
	k := &coder{c, f, sc.child()}
	for _, p := range d.Params {
		t := c.resolve(sc, p.Type)
		if _, isFunc := t.(*types.Func); isFunc {
			c.add(mistake(NotAValue, p.Type.Span(), "a function takes values only, and %s is a function", p.Name.Text).
				help("operators and fragments take functions"))
			t = invalidType
		} else if !isValueType(t) {
			t = c.valueType(sc, p.Type) // says that it is none
		}
		if old := k.scope.names[p.Name.Text]; old != nil {
			c.duplicate(p.Name, old.span)
		}
		fn.Params = append(fn.Params, k.local(p.Name, t, constLocal, "a parameter"))
	}
	switch {
	case d.Result != nil:
		fn.Result = c.valueType(sc, d.Result)
	case d.Expr != nil || f.kind == pureCode:
		c.add(mistake(NeedsType, d.Name.Span(), "the function %s does not say what it gives", d.Name.Text).
			help("write its result: func %s(…) -> int", d.Name.Text))
		fn.Result = invalidType
	default:
		fn.Result = unitType
	}
	f.result = fn.Result
	return k
}

// funcBody checks what a function does.
func (k *coder) funcBody(d *lang.FuncDecl, fn *ir.Func) {
	if d.Expr != nil {
		v := k.value(d.Expr, fn.Result, "the result of "+d.Name.Text)
		fn.Body = []ir.Stmt{&ir.Return{StmtBase: ir.StmtBase{At: d.Expr.Span().Start}, Value: v}}
		return
	}
	fn.Body = k.tail(d.Body.Stmts)
	if !types.Is(fn.Result, types.Unit) && !isInvalid(fn.Result) && !leaves(fn.Body) {
		k.add(mistake(NoValue, d.Name.Span(), "a path through %s ends without a value", d.Name.Text).
			note(at(d.Body.EndPos), "it ends here").help("return a value there"))
	}
}

// tail checks the statements of a function, whose last expression is its
// result: also the last one of each branch of a last if or match.
func (k *coder) tail(list []lang.Stmt) []ir.Stmt {
	n := len(list)
	if n == 0 || types.Is(k.frame.result, types.Unit) {
		return k.stmts(list)
	}
	last, ok := list[n-1].(*lang.ExprStmt)
	if !ok {
		return k.stmts(list)
	}
	out := k.stmts(list[:n-1])
	return append(out, k.tailExpr(last.X)...)
}

func (k *coder) tailExpr(x lang.Expr) []ir.Stmt {
	at := ir.StmtBase{At: x.Span().Start}
	switch e := x.(type) {
	case *lang.IfExpr:
		if v := k.decided(e); v != nil {
			if v.bool {
				return k.tailBlock(e.Then)
			}
			return k.tailBlock(e.Else)
		}
		cond := k.condition(e)
		then := k.inner()
		if e.Let == nil {
			return []ir.Stmt{&ir.IfStmt{StmtBase: at, Cond: cond, Then: then.tail(e.Then.Stmts), Else: k.tailBlock(e.Else)}}
		}
		bind := then.local(e.Let, elemOf(cond.Type()), constLocal, "a local")
		return []ir.Stmt{&ir.IfLetStmt{StmtBase: at, X: cond, Bind: bind, Then: then.tail(e.Then.Stmts), Else: k.tailBlock(e.Else)}}
	case *lang.MatchExpr:
		v := k.matched(e)
		m := newMatching(k, e, v.Type())
		out := &ir.MatchStmt{StmtBase: at, X: v}
		for _, a := range e.Arms {
			body := k.inner()
			arm := m.arm(body, a)
			arm.Stmts = body.tailExpr(a.Body)
			out.Arms = append(out.Arms, arm)
		}
		m.finish()
		return []ir.Stmt{out}
	case *lang.BlockExpr:
		return k.inner().tail(e.Block.Stmts)
	case *lang.CallExpr:
		if out, effect := k.effect(e); effect {
			return out
		}
	case *lang.BadExpr:
		return []ir.Stmt{&ir.Return{StmtBase: at, Value: invalid(x.Span())}}
	}
	v := k.value(x, k.frame.result, "the result")
	return []ir.Stmt{&ir.Return{StmtBase: at, Value: v}}
}

func (k *coder) tailBlock(b *lang.Block) []ir.Stmt {
	if b == nil {
		return nil
	}
	return k.inner().tail(b.Stmts)
}

// callFunc checks a call of a declared function.
func (k *coder) callFunc(e *lang.CallExpr, own *entry) ir.Expr {
	d := own.funcDecl()
	if own.isAsync() && !k.frame.async {
		k.looseArgs(e.Args)
		k.cannotWait(e.Span(), own.name, k.frame.what+" cannot wait for it", own.span)
		return invalid(e.Span())
	}
	slots, ok := k.arrange(e.Args, paramNames(d.Params), own.name, own.span)
	if !ok {
		k.looseArgs(e.Args)
		return invalid(e.Span())
	}
	var fn *ir.Func
	args := make([]ir.Expr, len(d.Params))
	if len(d.TypeParams) > 0 {
		types, ok := k.inferFunc(own, d, slots, args, e.Fun.Span())
		if !ok {
			return invalid(e.Span())
		}
		fn = k.function(own, types)
	} else {
		fn = k.function(own, nil)
	}
	return k.finishCall(e, d, fn, slots, args, own.span)
}

func paramNames(ps []*lang.ParamDecl) []string {
	names := make([]string, len(ps))
	for i, p := range ps {
		names[i] = p.Name.Text
	}
	return names
}

// finishCall checks the arguments of a call against the parameters of fn. Args
// holds those that were checked before.
func (k *coder) finishCall(e *lang.CallExpr, d *lang.FuncDecl, fn *ir.Func, slots []*lang.Arg, args []ir.Expr, declared source.Span) ir.Expr {
	good := true
	for i, p := range fn.Params {
		what := "the argument " + p.Name
		switch {
		case args[i] != nil:
			args[i] = k.convert(args[i], p.Type, slots[i].Value.Span(), what)
		case slots[i] != nil:
			args[i] = k.value(slots[i].Value, p.Type, what)
		case d.Params[i].Default != nil:
			at := &coder{k.checker, &frame{kind: pureCode, what: "a default"}, &scope{mod: k.scope.mod}}
			args[i] = at.constantOf(d.Params[i].Default, p.Type, "the default of "+p.Name)
		default:
			k.missingArgument(e.Fun.Span(), d.Name.Text, p.Name, p.Type, declared)
			args[i] = invalid(e.Span())
		}
		good = good && !isInvalid(args[i].Type())
	}
	k.calls(fn)
	if !good || isInvalid(fn.Result) {
		return invalid(e.Span())
	}
	return &ir.Call{Base: base(fn.Result, e.Span()), Func: fn, Args: args}
}

// inferFunc finds the type arguments of a generic function from its arguments,
// which it checks and stores.
func (k *coder) inferFunc(own *entry, d *lang.FuncDecl, slots []*lang.Arg, args []ir.Expr, span source.Span) ([]types.Type, bool) {
	sc, ps := &scope{mod: own.mod}, paramTypes(d.TypeParams)
	for i, p := range d.TypeParams {
		sc.bindType(p.Text, ps[i])
	}
	found, unclear := bindings{}, false
	for i, p := range d.Params {
		if slots[i] == nil {
			continue
		}
		pattern := k.resolve(sc, p.Type)
		args[i] = k.expr(slots[i].Value, nil)
		unclear = unclear || isInvalid(args[i].Type())
		if !found.unify(pattern, args[i].Type()) {
			args[i] = k.convert(args[i], pattern, slots[i].Value.Span(), "the argument "+p.Name.Text)
		}
	}
	if unclear {
		return nil, false // a mistake in an argument is reported already
	}
	return k.inferred(d.TypeParams, ps, found, own, span)
}

// inferred returns what was found for each type parameter.
func (k *coder) inferred(names []*lang.Ident, ps []types.Type, found bindings, own *entry, span source.Span) ([]types.Type, bool) {
	out := make([]types.Type, len(ps))
	for i, p := range ps {
		t := found[p.(*types.Param)]
		if t == nil || types.Is(t, types.None) || types.Is(t, types.Unit) {
			k.add(mistake(NeedsType, span, "the type %s of %s is not known here", names[i].Text, own.name).
				note(own.span, "%s is declared here", own.name).help("give an argument whose type is known"))
			return nil, false
		}
		if out[i] = t; isInvalid(t) {
			return nil, false
		}
	}
	return out, true
}

// applyFunc calls a function by its name alone, with checked arguments.
func (k *coder) applyFunc(own *entry, args []ir.Expr, span source.Span) ir.Expr {
	d := own.funcDecl()
	if len(d.Params) != len(args) {
		k.add(mistake(WrongArguments, span, "the function takes %s, not %d", count(len(args), "parameter"), len(d.Params)).
			note(own.span, "%s is declared here", own.name).help("write a lambda: %s", lambdaSample(len(args))))
		return invalid(span)
	}
	var fn *ir.Func
	if len(d.TypeParams) > 0 {
		sc, ps, found := &scope{mod: own.mod}, paramTypes(d.TypeParams), bindings{}
		for i, p := range d.TypeParams {
			sc.bindType(p.Text, ps[i])
		}
		for i, p := range d.Params {
			found.unify(k.resolve(sc, p.Type), args[i].Type())
		}
		ts, ok := k.inferred(d.TypeParams, ps, found, own, span)
		if !ok {
			return invalid(span)
		}
		fn = k.function(own, ts)
	} else {
		fn = k.function(own, nil)
	}
	out := make([]ir.Expr, len(args))
	for i, p := range fn.Params {
		if out[i] = k.convert(args[i], p.Type, span, "the parameter "+p.Name+" of "+own.name); isInvalid(out[i].Type()) {
			return invalid(span)
		}
	}
	k.calls(fn)
	if isInvalid(fn.Result) {
		return invalid(span)
	}
	return &ir.Call{Base: base(fn.Result, span), Func: fn, Args: out}
}

// callHelper calls a function of the operator.
func (k *coder) callHelper(e *lang.CallExpr, b *binding) ir.Expr {
	h := b.helper
	if k.frame.kind != handlerCode && k.frame.kind != helperCode {
		k.looseArgs(e.Args)
		k.add(mistake(Misplaced, e.Span(), "%s belongs to the operator, and %s cannot call it", b.name, k.frame.what).
			note(b.span, "%s is declared here", b.name).help("declare the function outside of the operator"))
		return invalid(e.Span())
	}
	slots, ok := k.arrange(e.Args, paramNames(h.decl.Params), b.name, b.span)
	if !ok {
		k.looseArgs(e.Args)
		return invalid(e.Span())
	}
	return k.finishCall(e, h.decl, h.fn, slots, make([]ir.Expr, len(h.decl.Params)), b.span)
}
