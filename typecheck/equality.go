package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/types"
)

// equalityArgument takes the condition of a join apart: (a, b) => a.k == b.k &&
// … becomes the key of the left records and the key of the right ones. Several
// equalities make keys that are records.
func (w *wiring) equalityArgument(a *stepArgs, i int, p *lang.ParamDecl, t *types.Equality) bool {
	arg := a.slots[i].Value
	if id, ok := arg.(*lang.IdentExpr); ok {
		if b := w.scope.find(id.Name); b != nil && b.kind == equalityParam {
			b.used = true
			a.sides[i] = b.sides
			return a.found.unify(t.Key, b.sides["left"].result)
		}
	}
	l, ok := arg.(*lang.LambdaExpr)
	if !ok || len(l.Params) != 2 {
		w.add(mistake(TypeMismatch, arg.Span(), "the argument %s is a condition on two records", p.Name.Text).
			note(p.Name.Span(), "%s is declared here", p.Name.Text).help("write %s: (a, b) => a.id == b.id", p.Name.Text))
		return false
	}
	records := [2]types.Type{a.found.substitute(w.checker, t.Left), a.found.substitute(w.checker, t.Right)}
	if hasParams(records[0]) || hasParams(records[1]) {
		w.add(mistake(NeedsType, arg.Span(), "the types of the parameters of %s are not known here", p.Name.Text).
			note(p.Name.Span(), "%s is declared here", p.Name.Text).help("name both streams of the join"))
		return false
	}
	keys, ok := w.keysOf(l, records)
	if !ok {
		return false
	}
	sides := map[string]*closure{}
	for j, name := range [...]string{"left", "right"} {
		one := &lang.LambdaExpr{Range: l.Range, Params: l.Params[j : j+1], Body: keyExpr(keys[j], l.Body.Span())}
		cl := w.closure(one, &types.Func{Params: records[j : j+1], Result: t.Key}, "the argument "+p.Name.Text)
		if cl == nil {
			return false
		}
		open := w.open(cl, arg.Span())
		if open == nil {
			return false
		}
		if !a.found.unify(t.Key, open.Body.Type()) {
			w.add(mistake(KeysDiffer, l.Body.Span(), "the two sides of the condition are not of one type: the right one is %s", open.Body.Type()).
				note(at(keys[0][0].Span().Start), "the left one is %s", a.found.substitute(w.checker, t.Key)).
				help("make both sides of one type"))
			return false
		}
		sides[name] = cl
	}
	a.sides[i] = sides
	return true
}

// keyExpr is the key that several expressions make together.
func keyExpr(parts []lang.Expr, span source.Span) lang.Expr {
	if len(parts) == 1 {
		return parts[0]
	}
	lit := &lang.RecordLit{Range: lang.Range{Pos: span.Start, EndPos: span.End}}
	for i, p := range parts {
		r := lang.Range{Pos: p.Span().Start, EndPos: p.Span().End}
		lit.Fields = append(lit.Fields, &lang.FieldInit{Range: r, Name: &lang.Ident{Range: r, Text: "k" + string(rune('1'+i))}, Value: p})
	}
	return lit
}

// maxEqualities bounds how many equalities make a key.
const maxEqualities = 9

// keysOf finds, for each equality of a condition, the side that reads the first
// record alone and the side that reads the second alone.
func (w *wiring) keysOf(l *lang.LambdaExpr, records [2]types.Type) (keys [2][]lang.Expr, ok bool) {
	parts := conjunction(l.Body)
	if len(parts) > maxEqualities {
		w.add(mistake(TooLarge, l.Body.Span(), "the condition has more than %d equalities", maxEqualities).help("join on fewer fields, and filter what comes out"))
		return keys, false
	}
	for _, e := range parts {
		b, isEqual := e.(*lang.BinaryExpr)
		if !isEqual || b.Op != "==" {
			w.add(mistake(BadOperands, e.Span(), "the condition of a join is made of equalities").
				help("write a.id == b.id && …, and filter what comes out by the rest"))
			return keys, false
		}
		x, y := b.X, b.Y
		if w.readsOnly(y, l.Params[0], records[0]) && w.readsOnly(x, l.Params[1], records[1]) {
			x, y = y, x
		}
		if !w.readsOnly(x, l.Params[0], records[0]) || !w.readsOnly(y, l.Params[1], records[1]) {
			w.sideMistakes(b, l, records)
			return keys, false
		}
		keys[0], keys[1] = append(keys[0], x), append(keys[1], y)
	}
	return keys, true
}

// conjunction lists the parts of a && b && c.
func conjunction(e lang.Expr) []lang.Expr {
	switch x := e.(type) {
	case *lang.ParenExpr:
		return conjunction(x.X)
	case *lang.BinaryExpr:
		if x.Op == "&&" {
			return append(conjunction(x.X), conjunction(x.Y)...)
		}
	}
	return []lang.Expr{e}
}

// readsOnly reports whether e means something where only one record is known.
func (w *wiring) readsOnly(e lang.Expr, p *lang.LambdaParam, record types.Type) bool {
	report, errors := w.report, w.errors
	w.checker.report = &diag.List{}
	k := w.inner()
	k.local(p.Name, record, constLocal, "a loop's name")
	k.expr(e, nil)
	good := w.errors == errors
	w.checker.report, w.checker.errors = report, errors
	return good
}

// sideMistakes reports an equality that is not one of one side's expression with
// the other's.
func (w *wiring) sideMistakes(b *lang.BinaryExpr, l *lang.LambdaExpr, records [2]types.Type) {
	k := w.inner()
	for i, p := range l.Params {
		k.local(p.Name, records[i], constLocal, "a loop's name")
	}
	errors := w.errors
	k.expr(b, nil)
	if w.errors > errors {
		return
	}
	w.add(mistake(BadOperands, b.Span(), "each side of the equality reads one of the two records").
		help("write %s.id == %s.id", l.Params[0].Name.Text, l.Params[1].Name.Text))
}
