package typecheck

import (
	"fmt"
	"math"
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// typeInstance is a declared type for one list of type arguments.
type typeInstance struct {
	args     []types.Type
	t        types.Type
	building bool // while its fields are being resolved
}

// checkTypes resolves every type that m declares, used or not.
func (c *checker) checkTypes(m *module) {
	for _, e := range m.order {
		switch d := e.decl.(type) {
		case *lang.RecordDecl:
			if len(d.TypeParams) == 0 {
				c.instance(e, nil, nil)
			} else {
				c.instance(e, paramTypes(d.TypeParams), nil)
			}
		case *lang.EnumDecl, *lang.UnionDecl:
			c.instance(e, nil, nil)
		}
	}
}

// paramTypes returns type parameters as types.
func paramTypes(names []*lang.Ident) []types.Type {
	out := make([]types.Type, len(names))
	for i, n := range names {
		out[i] = &types.Param{Name: n.Text}
	}
	return out
}

// instance returns the type that e declares for args. from is where it is
// named, nil for the declaration itself.
func (c *checker) instance(e *entry, args []types.Type, from *lang.TypeExpr) types.Type {
	want := 0
	if d, ok := e.decl.(*lang.RecordDecl); ok {
		want = len(d.TypeParams)
	}
	if len(args) != want {
		if from != nil {
			m := mistake(BadTypeArguments, from.Span(), "%s takes %s, not %d", e.name, count(want, "type argument"), len(args)).
				note(e.span, "%s is declared here", e.name)
			if want == 0 {
				m = m.help("write %s alone", e.name)
			}
			c.add(m.help("write %s<%s>", e.name, strings.Join(typeParamNames(e), ", ")))
		}
		return invalidType
	}
	for _, t := range e.types {
		if identicalTypes(t.args, args) {
			if t.building && from != nil {
				c.add(mistake(RecursiveType, from.Span(), "%s contains itself", e.name).
					note(e.span, "%s is declared here", e.name).
					help("keep the key of the other record instead"))
				return invalidType
			}
			return t.t
		}
	}
	if len(e.types) > maxInstances {
		return invalidType
	}
	inst := &typeInstance{args: args, building: true}
	e.types = append(e.types, inst)
	c.build(e, inst)
	inst.building = false
	return inst.t
}

// typeParamNames names the type parameters of a generic record.
func typeParamNames(e *entry) []string {
	var names []string
	if d, ok := e.decl.(*lang.RecordDecl); ok {
		for _, p := range d.TypeParams {
			names = append(names, p.Text)
		}
	}
	return names
}

// maxInstances bounds how many types one generic record may make, so that a
// record that contains larger and larger copies of itself comes to an end.
const maxInstances = 1000

func identicalTypes(a, b []types.Type) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !types.Identical(a[i], b[i]) {
			return false
		}
	}
	return true
}

// build fills a declared type.
func (c *checker) build(e *entry, inst *typeInstance) {
	sc := &scope{mod: e.mod}
	name := e.mod.prefix + e.name
	switch d := e.decl.(type) {
	case *lang.RecordDecl:
		for i, p := range d.TypeParams {
			sc.bindType(p.Text, inst.args[i])
		}
		r := &types.Record{Name: name, Args: inst.args, Origin: d.Name.Span(), Doc: d.Doc}
		inst.t = r
		r.Fields = c.fields(sc, d.Fields, name)
		if !c.measure(r) {
			r.Fields = nil
			inst.t = invalidType
		}
	case *lang.EnumDecl:
		inst.t = c.enum(d, name)
	case *lang.UnionDecl:
		inst.t = c.union(sc, d, name)
	default:
		panic(fmt.Sprintf("typecheck: %T declares no type", d))
	}
}

// fields resolves the fields of a record.
func (c *checker) fields(sc *scope, decls []*lang.FieldDecl, record string) []types.Field {
	first, wires := map[string]source.Span{}, map[string]source.Span{}
	var out []types.Field
	for _, d := range decls {
		if old, twice := first[d.Name.Text]; twice {
			c.duplicate(d.Name, old)
			continue
		}
		first[d.Name.Text] = d.Name.Span()
		f := types.Field{Name: d.Name.Text, Wire: d.Name.Text, Type: c.valueType(sc, d.Type), Origin: d.Name.Span(), Doc: d.Doc}
		if d.JSON != nil {
			f.Wire = constantText(d.JSON)
		}
		if old, twice := wires[f.Wire]; twice {
			c.add(mistake(DuplicateName, d.Span(), "two fields of %s are called %q in JSON", record, f.Wire).
				note(old, "the other field is here").help("give one of the two another name: json \"…\""))
		}
		wires[f.Wire] = d.Span()
		for _, w := range d.Was {
			f.Was = append(f.Was, constantText(w))
		}
		if d.Default != nil {
			k := &coder{c, &frame{kind: pureCode, what: "a default"}, sc}
			f.Default = k.constantOf(d.Default, f.Type, "the default of "+d.Name.Text)
		}
		out = append(out, f)
	}
	return out
}

// constantOf checks an expression that must be constant and fit t.
func (k *coder) constantOf(e lang.Expr, t types.Type, what string) ir.Expr {
	v := folded(k.value(e, t, what))
	if !isConstant(v) && !isInvalid(v.Type()) {
		k.add(mistake(NotConstant, e.Span(), "%s must be a constant", what).
			help("write a literal, such as 0 or \"\""))
	}
	return v
}

// isConstant reports whether e is a literal, or put together from literals.
func isConstant(e ir.Expr) bool {
	switch e := e.(type) {
	case *ir.BoolConst, *ir.IntConst, *ir.FloatConst, *ir.StringConst, *ir.BytesConst, *ir.DecimalConst, *ir.EnumConst, *ir.NoneConst:
		return true
	case *ir.Convert:
		return isConstant(e.X)
	case *ir.RecordLit:
		return allConstant(e.Fields)
	case *ir.ListLit:
		return allConstant(e.Elems)
	case *ir.SetLit:
		return allConstant(e.Elems)
	case *ir.MapLit:
		return allConstant(e.Keys) && allConstant(e.Values)
	}
	return false
}

func allConstant(es []ir.Expr) bool {
	for _, e := range es {
		if !isConstant(e) {
			return false
		}
	}
	return true
}

// enum numbers the symbols: from 0, or on from the number given last.
func (c *checker) enum(d *lang.EnumDecl, name string) types.Type {
	t := &types.Enum{Name: name, Origin: d.Name.Span(), Doc: d.Doc}
	t.Symbols = make([]types.Symbol, 0, len(d.Symbols))
	names, numbers := make(map[string]source.Span, len(d.Symbols)), make(map[int64]source.Span, len(d.Symbols))
	next := int64(0)
	for _, s := range d.Symbols {
		if s.Number != nil {
			if s.Number.Overflow || s.Number.Value > math.MaxInt32 {
				c.add(mistake(NumberRange, s.Number.Span(), "%s does not fit int32", s.Number.Text).
					help("an enum's number is at most %d", math.MaxInt32))
				continue
			}
			next = int64(s.Number.Value)
		}
		if old, twice := names[s.Name.Text]; twice {
			c.duplicate(s.Name, old)
			continue
		}
		if old, twice := numbers[next]; twice {
			c.add(mistake(DuplicateName, s.Span(), "two symbols of %s have the number %d", name, next).
				note(old, "the first is here").help("give one of the two another number"))
		}
		names[s.Name.Text], numbers[next] = s.Name.Span(), s.Span()
		sym := types.Symbol{Name: s.Name.Text, Number: int32(next), Origin: s.Name.Span()}
		for _, w := range s.Was {
			sym.Was = append(sym.Was, constantText(w))
		}
		t.Symbols = append(t.Symbols, sym)
		next++
	}
	if len(t.Symbols) == 0 {
		return invalidType
	}
	return t
}

// union resolves the members of a union, which are records.
func (c *checker) union(sc *scope, d *lang.UnionDecl, name string) types.Type {
	t := &types.Union{Name: name, Origin: d.Name.Span(), Doc: d.Doc}
	seen := map[string]bool{}
	for _, m := range d.Members {
		mt := c.valueType(sc, m)
		if isInvalid(mt) {
			continue
		}
		r, ok := mt.(*types.Record)
		if !ok || r.Name == "" {
			c.add(mistake(TypeMismatch, m.Span(), "a member of a union is a record, not %s", mt).
				help("put the value into a record"))
			continue
		}
		if seen[r.String()] {
			c.add(mistake(DuplicateName, m.Span(), "%q is declared twice", r.Name).
				note(d.Name.Span(), "%s is declared here", name).help("leave out one of the two"))
		}
		seen[r.String()] = true
		t.Members = append(t.Members, r)
	}
	if len(t.Members) == 0 {
		return invalidType
	}
	return t
}

// anonymousType resolves { a: int, b: string }.
func (c *checker) anonymousType(sc *scope, e *lang.TypeExpr) types.Type {
	fields := c.fields(sc, e.Record, "the record")
	for _, f := range fields {
		if isInvalid(f.Type) {
			return invalidType
		}
	}
	return c.anonymousRecord(fields, e.Span())
}

// maxFields bounds how many scalar fields a record may have, those of records
// inside it counted. Records that hold the one before twice would double them.
const maxFields = 10_000

// measure reports whether r has a size that can be worked with.
func (c *checker) measure(r *types.Record) bool {
	n := 1
	for _, f := range r.Fields {
		if n += c.sizeOf(f.Type); n > maxFields {
			c.add(mistake(TooLarge, r.Origin, "the record has more than %d fields in all", maxFields).
				help("keep the keys of other records instead of the records"))
			return false
		}
	}
	c.sizes[r] = n
	return true
}

func (c *checker) sizeOf(t types.Type) int {
	switch t := t.(type) {
	case *types.Option:
		return c.sizeOf(t.Elem)
	case *types.List:
		return c.sizeOf(t.Elem)
	case *types.Set:
		return c.sizeOf(t.Elem)
	case *types.Map:
		return c.sizeOf(t.Key) + c.sizeOf(t.Value)
	case *types.Record:
		return c.sizes[t]
	case *types.Union:
		n := 0
		for _, m := range t.Members {
			n += c.sizes[m]
		}
		return n
	default:
		return 1
	}
}

// anonymousRecord returns the one record of these fields. One that is too large
// has none.
func (c *checker) anonymousRecord(fields []types.Field, origin source.Span) *types.Record {
	r := &types.Record{Fields: fields, Origin: origin}
	if !c.measure(r) {
		r.Fields = nil
	}
	key := r.String()
	for _, old := range c.anonymous[key] {
		if types.Identical(old, r) {
			return old
		}
	}
	c.anonymous[key] = append(c.anonymous[key], r)
	return r
}
