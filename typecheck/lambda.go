package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// maxInlined bounds how many lambdas one program may put in place, so that
// fragments that pass lambdas on to each other come to an end.
const maxInlined = 50_000

// closure turns an argument into what can be called: a lambda, or the name of
// a function. It returns nil if the argument is neither, or does not fit t.
func (k *coder) closure(e lang.Expr, t *types.Func, what string) *closure {
	f := *k.frame
	f.loops, f.lambda, f.what, f.async = 0, true, "a lambda", t.Async
	cl := &closure{span: e.Span(), scope: k.scope, frame: &f, async: t.Async, params: t.Params}
	if !hasParams(t.Result) {
		cl.result = t.Result
	}
	switch e := e.(type) {
	case *lang.ParenExpr:
		return k.closure(e.X, t, what)
	case *lang.LambdaExpr:
		cl.lambda = e
		if len(e.Params) != len(t.Params) {
			k.add(mistake(WrongArguments, e.Span(), "the function takes %s, not %d", count(len(t.Params), "parameter"), len(e.Params)).
				help("write %s", lambdaSample(len(t.Params))))
			return nil
		}
		return cl
	case *lang.IdentExpr:
		b := k.scope.find(e.Name)
		if b != nil && b.closure != nil {
			b.used = true
			if b.closure.async && !t.Async {
				k.cannotWait(e.Span(), b.name, what+" is none", b.span)
				return nil
			}
			return b.closure
		}
		if own := k.scope.mod.lookup(e.Name); b == nil && own != nil && own.isFunc() {
			own.used, cl.fn = true, own
			return k.named(cl, what)
		}
		if b == nil && k.scope.mod.lookup(e.Name) == nil && functions[e.Name] == nil {
			if len(t.Params) == 1 && hasMember(t.Params[0], e.Name) {
				k.add(mistake(TypeMismatch, e.Span(), "%s is a function", what).help("write x => x.%s", e.Name))
				return nil
			}
			k.unknownFunction(e)
			return nil
		}
	case *lang.FieldExpr:
		if own, ok := k.importedFunc(e); ok {
			if own == nil {
				return nil
			}
			cl.fn = own
			return k.named(cl, what)
		}
		if x, ok := e.X.(*lang.IdentExpr); ok && len(t.Params) == 1 && k.scope.find(x.Name) == nil && hasMember(t.Params[0], e.Name.Text) {
			k.add(mistake(TypeMismatch, e.Span(), "%s is a function", what).help("write %s => %s.%s", x.Name, x.Name, e.Name.Text))
			return nil
		}
	}
	k.add(mistake(TypeMismatch, e.Span(), "%s is a function", what).help("write %s", lambdaSample(len(t.Params))))
	return nil
}

func lambdaSample(n int) string {
	switch n {
	case 0:
		return "() => …"
	case 1:
		return "x => …"
	default:
		return "(a, b) => …"
	}
}

// opened is a lambda that was checked for parameters of its own.
type opened struct {
	ir.Lambda
	bodySpan source.Span
}

// open checks a closure once, as a function with parameters; nil if it is wrong.
func (k *coder) open(cl *closure, span source.Span) *opened {
	out := &opened{Lambda: ir.Lambda{Pos: span.Start}, bodySpan: span}
	args := make([]ir.Expr, len(cl.params))
	for i, t := range cl.params {
		l := &ir.Local{Name: cl.paramName(i), Type: t, Pos: cl.paramSpan(i).Start}
		out.Params = append(out.Params, l)
		args[i] = &ir.LocalRef{Base: base(t, cl.paramSpan(i)), Local: l}
	}
	if cl.lambda != nil {
		out.bodySpan = cl.lambda.Body.Span()
	}
	out.Body = k.inline(cl, args, span)
	if isInvalid(out.Body.Type()) {
		return nil
	}
	return out
}

func (cl *closure) paramName(i int) string {
	if cl.lambda != nil && cl.lambda.Params[i].Name.Text != "_" {
		return cl.lambda.Params[i].Name.Text
	}
	return "v"
}

func (cl *closure) paramSpan(i int) source.Span {
	if cl.lambda != nil {
		return cl.lambda.Params[i].Span()
	}
	return cl.span
}

// inline puts a closure in the place of a call. Each argument becomes a local,
// unless it is a name that keeps its value or a constant, which stand for
// themselves.
func (k *coder) inline(cl *closure, args []ir.Expr, span source.Span) ir.Expr {
	if k.inlined++; k.inlined > maxInlined {
		if k.inlined == maxInlined+1 {
			k.add(mistake(TooLarge, span, "the program puts more than %d lambdas in place", maxInlined).
				help("pass the name of a function instead of a lambda"))
		}
		return invalid(span)
	}
	if cl.fn != nil {
		return k.applyFunc(cl.fn, args, cl.span)
	}
	in := &coder{k.checker, cl.frame, cl.scope.child()}
	var lets []ir.Stmt
	for i, p := range cl.lambda.Params {
		arg := args[i]
		if p.Type != nil {
			arg = in.convert(arg, in.valueType(in.scope, p.Type), p.Span(), "the parameter "+p.Name.Text)
		}
		if let := in.bindArgument(p.Name, arg); let != nil {
			lets = append(lets, let)
		}
	}
	v := in.expr(cl.lambda.Body, cl.result)
	if cl.result != nil {
		v = in.convert(v, cl.result, cl.lambda.Body.Span(), "the result of the lambda")
	}
	v = in.needsValue(v, cl.lambda.Body.Span(), "the result of the lambda")
	if len(lets) == 0 || isInvalid(v.Type()) {
		return v
	}
	return &ir.Do{Base: base(v.Type(), cl.lambda.Span()), Body: lets, Value: v}
}

// bindArgument gives a lambda's parameter its value; it returns the Let that
// this needs, nil if none.
func (k *coder) bindArgument(name *lang.Ident, arg ir.Expr) ir.Stmt {
	if name.Text == "_" {
		return nil
	}
	if ref, ok := arg.(*ir.LocalRef); isConstant(arg) || ok && !ref.Local.Var {
		k.scope.bind(&binding{kind: aliasOf, name: name.Text, span: name.Span(), what: "a parameter", quiet: true, alias: arg})
		return nil
	}
	l := &ir.Local{Name: name.Text, Type: arg.Type(), Pos: name.Pos}
	k.scope.bind(&binding{kind: constLocal, name: name.Text, span: name.Span(), what: "a parameter", quiet: true, local: l})
	return &ir.Let{StmtBase: ir.StmtBase{At: arg.Pos()}, Local: l, Value: arg}
}

// callClosure calls a function that is a parameter.
func (k *coder) callClosure(e *lang.CallExpr, b *binding) ir.Expr {
	cl := b.closure
	if cl.async && !k.mayWait() {
		k.looseArgs(e.Args)
		if k.frame.kind == handlerCode || k.frame.kind == helperCode {
			return invalid(e.Span()) // the parameter is reported
		}
		k.cannotWait(e.Span(), b.name, k.frame.what+" cannot wait for it", b.span)
		return invalid(e.Span())
	}
	if len(e.Args) != len(cl.params) {
		k.looseArgs(e.Args)
		k.add(mistake(WrongArguments, e.Span(), "%s takes %s, not %d", b.name, count(len(cl.params), "argument"), len(e.Args)).
			note(b.span, "%s is declared here", b.name).help("its type is %s", &types.Func{Params: cl.params, Result: orInvalid(cl.result)}))
		return invalid(e.Span())
	}
	args := make([]ir.Expr, len(e.Args))
	for i, a := range e.Args {
		if args[i] = k.value(a.Value, cl.params[i], "the argument of "+b.name); isInvalid(args[i].Type()) {
			return invalid(e.Span())
		}
	}
	return k.inline(cl, args, e.Span())
}

func orInvalid(t types.Type) types.Type {
	if t == nil {
		return invalidType
	}
	return t
}
