package typecheck

import (
	"slices"
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// recordLit checks Alert { sensor: r.sensor } and { a: 1 }.
func (k *coder) recordLit(e *lang.RecordLit, want types.Type) ir.Expr {
	if e.Type == nil {
		if r, ok := elemOfWanted(want).(*types.Record); ok && !hasParams(r) {
			return k.fill(e, r)
		}
		return k.anonymousLit(e)
	}
	own := k.entryOf(k.scope.mod, e.Type)
	if own == nil {
		if name := e.Type.Ident.Text; e.Type.Qualifier == nil && k.scope.find(name) != nil {
			k.add(mistake(UnknownType, e.Type.Span(), "%q is a value, no type", name).help("a copy with other fields is %s with { … }", name))
		} else {
			k.unknownType(k.scope, e.Type)
		}
		k.looseFields(e.Fields)
		return invalid(e.Span())
	}
	d, ok := own.decl.(*lang.RecordDecl)
	if !ok {
		k.add(mistake(NotAType, e.Type.Span(), "%q is %s, no record", own.name, own.kindOf()).
			note(own.span, "%s is declared here", own.name).help("only records are written with braces"))
		k.looseFields(e.Fields)
		return invalid(e.Span())
	}
	if len(d.TypeParams) > 0 {
		return k.genericLit(e, own, d, want)
	}
	t := k.declaredType(k.scope, &lang.TypeExpr{Range: e.Type.Range, Name: e.Type})
	r, ok := t.(*types.Record)
	if !ok {
		k.looseFields(e.Fields)
		return invalid(e.Span())
	}
	return k.fill(e, r)
}

// looseFields checks the values of a record whose type is not known, so that
// their mistakes are found.
func (k *coder) looseFields(fields []*lang.FieldInit) {
	for _, f := range fields {
		k.expr(f.Value, nil)
	}
}

// fieldsOnce returns the fields by name and reports those that stand twice.
func (k *coder) fieldsOnce(fields []*lang.FieldInit) map[string]*lang.FieldInit {
	byName := map[string]*lang.FieldInit{}
	for _, f := range fields {
		if old := byName[f.Name.Text]; old != nil {
			k.add(mistake(DuplicateName, f.Name.Span(), "the field %q is given twice", f.Name.Text).
				note(old.Name.Span(), "it is given here first").help("leave out one of the two"))
			continue
		}
		byName[f.Name.Text] = f
	}
	return byName
}

// fill checks the fields of a literal of type r.
func (k *coder) fill(e *lang.RecordLit, r *types.Record) ir.Expr {
	given := k.fieldsOnce(e.Fields)
	lit := &ir.RecordLit{Base: base(r, e.Span()), Fields: make([]ir.Expr, len(r.Fields))}
	var absent []string
	for i, f := range r.Fields {
		switch {
		case given[f.Name] != nil:
		case f.Default != nil:
			lit.Fields[i] = f.Default.(ir.Expr)
		default:
			absent = append(absent, f.Name)
		}
	}
	missing := absent
	for _, f := range e.Fields {
		i := r.FieldIndex(f.Name.Text)
		if i < 0 {
			missing = k.misnamed(f.Name, r, missing)
			k.expr(f.Value, nil)
			continue
		}
		lit.Fields[i] = k.value(f.Value, r.Fields[i].Type, "the field "+f.Name.Text)
	}
	if len(missing) > 0 {
		k.missingFields(e, r, missing)
	}
	if len(absent) > 0 {
		return invalid(e.Span())
	}
	return lit
}

// misnamed reports a field that r does not have. It stands for one of those that
// are missing, of which the others are left.
func (k *coder) misnamed(name *lang.Ident, r *types.Record, missing []string) []string {
	if len(missing) == 0 {
		k.unknownField(name, r)
		return nil
	}
	i := 0
	for j, m := range missing {
		if diag.DidYouMean(name.Text, []string{m}) != "" {
			i = j
			break
		}
	}
	k.unknownField(name, r, missing[i])
	return slices.Delete(slices.Clone(missing), i, i+1)
}

func (k *coder) missingFields(e *lang.RecordLit, r *types.Record, missing []string) {
	word, verb := "field", "is"
	if len(missing) > 1 {
		word, verb = "fields", "are"
	}
	var mend []string
	for _, name := range missing {
		t := r.Fields[r.FieldIndex(name)].Type
		text := types.Sample(t)
		if _, ok := t.(*types.Option); ok {
			text = "none"
		}
		mend = append(mend, name+": "+text)
	}
	span := e.Span()
	if e.Type != nil {
		span = e.Type.Span()
	}
	k.add(mistake(MissingField, span, "the %s %s of %s %s missing", word, list(missing), r, verb).
		note(r.Origin, "%s is declared here", r).
		help("add %s", strings.Join(mend, ", ")))
}

// anonymousLit checks { a: 1 } where no type is wanted.
func (k *coder) anonymousLit(e *lang.RecordLit) ir.Expr {
	given := k.fieldsOnce(e.Fields)
	var fields []types.Field
	var values []ir.Expr
	bad := false
	for _, f := range e.Fields {
		v := k.expr(f.Value, nil)
		v = k.needsValue(v, f.Value.Span(), "the field "+f.Name.Text)
		bad = bad || isInvalid(v.Type())
		if given[f.Name.Text] == f {
			fields = append(fields, types.Field{Name: f.Name.Text, Wire: f.Name.Text, Type: v.Type(), Origin: f.Name.Span()})
			values = append(values, v)
		}
	}
	if bad {
		return invalid(e.Span())
	}
	return &ir.RecordLit{Base: base(k.anonymousRecord(fields, e.Span()), e.Span()), Fields: values}
}

// needsValue reports v if its type cannot be kept: no value, or none of an
// unknown option.
func (k *coder) needsValue(v ir.Expr, span source.Span, what string) ir.Expr {
	switch {
	case types.Is(v.Type(), types.None):
		k.add(mistake(NeedsType, span, "the type of %s is not known: none of what?", what).
			help("say it: let x: int? = none"))
	case types.Is(v.Type(), types.Unit):
		k.add(mistake(NoValue, span, "%s has no value: the call gives none", what).
			help("give the function a result: -> T"))
	default:
		return v
	}
	return invalid(span)
}

// genericLit checks a literal of a generic record: its type arguments follow
// from the fields.
func (k *coder) genericLit(e *lang.RecordLit, own *entry, d *lang.RecordDecl, want types.Type) ir.Expr {
	if r, ok := elemOfWanted(want).(*types.Record); ok && r.Origin == own.span && !hasParams(r) {
		return k.fill(e, r)
	}
	params := paramTypes(d.TypeParams)
	pattern, ok := k.instance(own, params, nil).(*types.Record)
	if !ok {
		k.looseFields(e.Fields)
		return invalid(e.Span())
	}
	found := bindings{}
	for _, f := range e.Fields {
		i := pattern.FieldIndex(f.Name.Text)
		if i < 0 {
			k.unknownField(f.Name, pattern)
			k.expr(f.Value, nil)
			return invalid(e.Span())
		}
		v := k.expr(f.Value, nil)
		if isInvalid(v.Type()) {
			return invalid(e.Span())
		}
		found.unify(pattern.Fields[i].Type, v.Type())
	}
	args := make([]types.Type, len(params))
	for i, p := range params {
		t := found[p.(*types.Param)]
		if t == nil || types.Is(t, types.None) || types.Is(t, types.Unit) {
			k.add(mistake(NeedsType, e.Type.Span(), "the type argument %s of %s is not known here", p, own.name).
				note(own.span, "%s is declared here", own.name).help("say it: %s<…> { … }", own.name))
			return invalid(e.Span())
		}
		args[i] = t
	}
	r, ok := k.instance(own, args, nil).(*types.Record)
	if !ok {
		return invalid(e.Span())
	}
	return k.fill(e, r)
}

// with checks r with { temp: 3.0 }.
func (k *coder) with(e *lang.WithExpr) ir.Expr {
	x := k.expr(e.X, nil)
	given := k.fieldsOnce(e.Fields)
	r, ok := x.Type().(*types.Record)
	if !ok {
		k.looseFields(e.Fields)
		if !isInvalid(x.Type()) {
			m := mistake(BadOperands, e.X.Span(), "\"with\" copies a record, and this is %s", describe(x.Type()))
			if _, option := x.Type().(*types.Option); option {
				m = m.help("take it apart first: if let r = … { r with { … } }")
			}
			k.add(m)
		}
		return invalid(e.Span())
	}
	out := &ir.With{Base: base(r, e.Span()), X: x}
	for _, f := range e.Fields {
		i := r.FieldIndex(f.Name.Text)
		if i < 0 {
			k.unknownField(f.Name, r)
			k.expr(f.Value, nil)
			continue
		}
		v := k.value(f.Value, r.Fields[i].Type, "the field "+f.Name.Text)
		if given[f.Name.Text] == f {
			out.Fields = append(out.Fields, ir.FieldValue{Index: i, Value: v})
		}
	}
	return out
}
