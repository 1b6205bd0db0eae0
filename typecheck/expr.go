package typecheck

import (
	"fmt"
	"math"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// expr checks an expression. want is the type that its place would like, nil if
// any will do; it guides literals and inference, and the result may be of
// another type still.
func (k *coder) expr(e lang.Expr, want types.Type) ir.Expr {
	switch e := e.(type) {
	case *lang.BadExpr:
		return invalid(e.Span())
	case *lang.ParenExpr:
		return k.expr(e.X, want)
	case *lang.IdentExpr:
		return k.ident(e)
	case *lang.FieldExpr:
		return k.field(e)
	case *lang.CallExpr:
		return k.call(e, want)
	case *lang.IndexExpr:
		return k.index(e)
	case *lang.RecordLit:
		return k.recordLit(e, want)
	case *lang.WithExpr:
		return k.with(e)
	case *lang.UnaryExpr:
		return k.unary(e, want)
	case *lang.BinaryExpr:
		return k.binary(e, want)
	case *lang.IfExpr:
		return k.ifExpr(e, want)
	case *lang.MatchExpr:
		return k.matchExpr(e, want)
	case *lang.BlockExpr:
		return k.inner().blockValue(e.Block, want)
	case *lang.LambdaExpr:
		k.add(mistake(NotAValue, e.Span(), "a function cannot be kept or passed on as a value").
			help("give it to an operator or a method that takes a function"))
		return invalid(e.Span())
	case *lang.RangeExpr:
		k.add(mistake(NotAValue, e.Span(), "a range is no value").
			help("to loop over numbers: for i in range(a, b) { … }"))
		return invalid(e.Span())
	default:
		return k.literal(e, want)
	}
}

// ident reads a name.
func (k *coder) ident(e *lang.IdentExpr) ir.Expr {
	b := k.scope.find(e.Name)
	if e.Name == "key" && k.frame.hasKeyWord() && (b == nil || b.local == nil) { // a local of that name is a mistake, and no key
		return k.currentKey(e)
	}
	if b != nil {
		b.used = true
		return k.readBinding(e, b)
	}
	if v := k.contextWord(e); v != nil {
		return v
	}
	own := k.scope.mod.lookup(e.Name)
	switch {
	case own != nil:
		own.used = true
		m := mistake(NotAValue, e.Span(), "%q is %s, no value", e.Name, own.kindOf()).note(own.span, "%s is declared here", own.name)
		switch d := own.decl.(type) {
		case *lang.EnumDecl:
			if len(d.Symbols) > 0 {
				m = m.help("name one of its symbols: %s.%s", e.Name, d.Symbols[0].Name.Text)
			}
		case *lang.RecordDecl:
			m = m.help("write a record of it: %s { … }", e.Name)
		case *lang.FuncDecl:
			m = m.help("call it: %s(…)", e.Name)
		}
		k.add(m)
	case functions[e.Name] != nil:
		k.add(mistake(NotAValue, e.Span(), "%q is a function, no value", e.Name).help("call it: %s(…)", e.Name))
	default:
		k.unknownName(e)
	}
	return invalid(e.Span())
}

// readBinding reads a local name.
func (k *coder) readBinding(e lang.Node, b *binding) ir.Expr {
	switch b.kind {
	case constLocal, varLocal, operatorParam:
		b.read = true
		return &ir.LocalRef{Base: base(b.local.Type, e.Span()), Local: b.local}
	case aliasOf:
		return b.alias
	case stateName:
		return k.readState(e, b)
	case timerName:
		k.add(mistake(NotAValue, e.Span(), "%q is a timer, no value", b.name).note(b.span, "%s is declared here", b.name).
			help("%s.at is the time it is set for", b.name))
	case aggregateParam:
		k.add(mistake(NotAValue, e.Span(), "%q is an aggregate, no value", b.name).note(b.span, "%s is declared here", b.name).
			help("keep it in state: state a: aggregate<%s>", b.name))
	case addedRecord:
		k.add(mistake(Misplaced, e.Span(), "%q is many records here", b.name).note(b.span, "%s is declared here", b.name).
			help("say which one: first(…), last(…), max(…)"))
	case otherAggregate:
		k.add(mistake(NotAValue, e.Span(), "%q is the other aggregate, no value", b.name).note(b.span, "%s is declared here", b.name).
			help("read its state: %s.x", b.name))
	case rangeParam:
		k.add(mistake(NotAValue, e.Span(), "%q is a range, no value", b.name).note(b.span, "%s is declared here", b.name).
			help("read %s.from or %s.to", b.name, b.name))
	case functionList:
		k.add(mistake(NotAValue, e.Span(), "%q is a list of functions, no value", b.name).note(b.span, "%s is declared here", b.name).
			help("call one of them: %s[i](…)", b.name))
	case equalityParam:
		k.add(mistake(NotAValue, e.Span(), "%q is a condition, no value", b.name).note(b.span, "%s is declared here", b.name).
			help("call %s.left(…) or %s.right(…)", b.name, b.name))
	case streamParam:
		k.add(mistake(NotAValue, e.Span(), "%q is a stream, no value", b.name).note(b.span, "%s is declared here", b.name))
	case lambdaParam, helperName:
		k.add(mistake(NotAValue, e.Span(), "%q is a function, no value", b.name).note(b.span, "%s is declared here", b.name).
			help("call it: %s(…)", b.name))
	default:
		panic(fmt.Sprintf("typecheck: no such binding %d", b.kind))
	}
	return invalid(e.Span())
}

// contextWord reads pi, time and watermark, nil if e is another word or stands
// where they mean nothing.
func (k *coder) contextWord(e *lang.IdentExpr) ir.Expr {
	if e.Name == "pi" && k.scope.mod.lookup("pi") == nil {
		return &ir.FloatConst{Base: base(floatType, e.Span()), Value: math.Pi}
	}
	if e.Name != "time" && e.Name != "watermark" {
		return nil
	}
	if k.frame.kind != handlerCode && k.frame.kind != helperCode {
		if k.scope.mod.lookup(e.Name) != nil {
			return nil
		}
		k.add(mistake(Misplaced, e.Span(), "%q is known only in an operator's handlers", e.Name).
			help("give the time as a field of the record"))
		return invalid(e.Span())
	}
	if e.Name == "time" {
		return &ir.Time{Base: base(timestampType, e.Span())}
	}
	return &ir.Watermark{Base: base(timestampType, e.Span())}
}

// currentKey reads the word key.
func (k *coder) currentKey(e *lang.IdentExpr) ir.Expr {
	op := k.frame.op.op
	if op.Key == nil {
		if !k.frame.op.badKey {
			k.add(mistake(Misplaced, e.Span(), "there is no current key: no input of %s has one", op.Name).
				note(at(op.Pos), "%s is declared here", op.Name).
				help("give the input a key: in x: T key x.field"))
		}
		return invalid(e.Span())
	}
	if in := k.frame.in; in != nil && in.Kind != ir.Keyed && in.Kind != ir.Message {
		k.add(mistake(Misplaced, e.Span(), "there is no current key in the handler of %s", in.Name).
			note(at(in.Pos), "%s has no key", in.Name).
			help("read the field that you mean"))
		return invalid(e.Span())
	}
	return &ir.Key{Base: base(op.Key, e.Span())}
}

// statementWords begin statements and nothing else.
var statementWords = []string{"return", "emit", "drop", "fail", "break", "continue", "let", "var", "clear", "send", "while"}

// unknownName reports a name that nothing declares.
func (k *coder) unknownName(e *lang.IdentExpr) {
	if k.full() {
		return
	}
	names := k.scope.visible(func(b *binding) bool { return b.kind != timerName && b.kind != lambdaParam && b.kind != helperName })
	if k.frame.op != nil && k.frame.kind != keyCode {
		names = append(names, "key", "time", "watermark")
		if in := k.frame.op.inputCalled(e.Name); in != nil {
			k.add(mistake(UnknownName, e.Span(), "the record of the input %q is known in its own handler only", e.Name).once().
				note(at(in.Pos), "%s is declared here", e.Name).help("keep what is needed of it in a state"))
			return
		}
	}
	m := mistake(UnknownName, e.Span(), "unknown name %q", e.Name).once()
	if slices.Contains(statementWords, e.Name) {
		m = mistake(UnknownName, e.Span(), "%q begins a statement and is no value", e.Name).help("put it on a line of its own")
	}
	if enum := k.enumWith(e.Name); enum != "" {
		m = m.help("write %s.%s", enum, e.Name)
	}
	if k.frame.bare {
		m = m.help("an aggregate that reads the record gives it a name: %s => …", e.Name)
	}
	if e.Name == "key" && k.frame.op != nil && k.frame.kind == pureCode {
		m = m.help("the key is known in handlers only, not in %s", k.frame.what)
	}
	if known(e.Name, []string{"none"}) != "" {
		m = m.help("there is no %s: write none", e.Name)
	}
	k.add(m.meant(e.Name, names).
		help("declare it before it is used: let %s = …", e.Name))
}

// enumWith names the enum that has a symbol, "" if none has, or more than one.
func (k *coder) enumWith(symbol string) string {
	names := k.scope.mod.candidates(func(e *entry) bool {
		d, ok := e.decl.(*lang.EnumDecl)
		return ok && slices.ContainsFunc(d.Symbols, func(s *lang.EnumSymbol) bool { return s.Name.Text == symbol })
	})
	if len(names) != 1 {
		return ""
	}
	return names[0]
}

// field reads x.f and x?.f, and the names that are written so: an enum's
// symbol, a timer's time, something of an import.
func (k *coder) field(e *lang.FieldExpr) ir.Expr {
	if v, ok := k.qualified(e); ok {
		return v
	}
	if timer, index, ok := k.timerOf(e.X); ok {
		return k.timerField(e, timer, index)
	}
	if v, ok := k.parameterField(e); ok {
		return v
	}
	if v, ok := k.collectionField(e); ok {
		return v
	}
	if v, ok := k.inZone(e); ok {
		return v
	}
	if id, ok := e.X.(*lang.IdentExpr); ok && k.missesType(id) {
		k.unknownType(k.scope, &lang.Name{Range: id.Range, Ident: &lang.Ident{Range: id.Range, Text: id.Name}})
		return invalid(e.Span())
	}
	x := k.expr(e.X, nil)
	if e.Optional {
		return k.optionally(x, e, func(v ir.Expr) ir.Expr { return k.member(v, e) })
	}
	return k.member(x, e)
}

// missesType reports whether a name of which a part is read is that of a type, as of the
// enum whose symbol it is, that nothing declares.
func (k *coder) missesType(e *lang.IdentExpr) bool {
	first, _ := utf8.DecodeRuneInString(e.Name)
	return unicode.IsUpper(first) && k.scope.find(e.Name) == nil && k.scope.mod.lookup(e.Name) == nil
}

// optionally applies body to what the option x holds.
func (k *coder) optionally(x ir.Expr, e *lang.FieldExpr, body func(ir.Expr) ir.Expr) ir.Expr {
	if isInvalid(x.Type()) {
		return x
	}
	o, ok := x.Type().(*types.Option)
	if !ok {
		k.add(mistake(NotOptional, e.Span(), "%s is never none, so there is nothing to ask with \"?.\"", x.Type()).
			help("write .%s", e.Name.Text))
		return invalid(e.Span())
	}
	bind := &ir.Local{Name: "v", Type: o.Elem, Pos: e.Name.Pos}
	inner := body(&ir.LocalRef{Base: base(o.Elem, e.X.Span()), Local: bind})
	if isInvalid(inner.Type()) {
		return inner
	}
	return &ir.OptionalMap{Base: base(optionOf(inner.Type()), e.Name.Span()), X: x, Bind: bind, Body: inner}
}

// member reads a field or a property of x.
func (k *coder) member(x ir.Expr, e *lang.FieldExpr) ir.Expr {
	t := x.Type()
	if isInvalid(t) {
		return x
	}
	if agg, ok := t.(*types.Aggregate); ok {
		return k.memberOfAggregate(x, agg, e)
	}
	if r, ok := t.(*types.Record); ok {
		if i := r.FieldIndex(e.Name.Text); i >= 0 {
			return &ir.FieldOf{Base: base(r.Fields[i].Type, e.Name.Span()), X: x, Index: i}
		}
		k.unknownField(e.Name, r)
		return invalid(e.Span())
	}
	if b := methods[receiverKind(t)][e.Name.Text]; b != nil {
		if b.property {
			return k.applyBuiltin(b, x, nil, e.Name.Span(), e.Span(), nil)
		}
		k.add(mistake(NotAValue, e.Name.Span(), "%q is a method, no field", e.Name.Text).help("call it: .%s(%s)", e.Name.Text, b.parameters()))
		return invalid(e.Span())
	}
	k.unknownMember(e.Name, t)
	return invalid(e.Span())
}

// unknownField reports that r has no field called like name, which may stand for
// one that is missing.
func (k *coder) unknownField(name *lang.Ident, r *types.Record, missing ...string) {
	names := make([]string, len(r.Fields))
	for i, f := range r.Fields {
		names[i] = f.Name
	}
	m := mistake(UnknownField, name.Span(), "unknown field %q on %s", name.Text, r).once()
	if r.Name != "" {
		m = m.note(r.Origin, "%s is declared here", r.Name)
	}
	m = m.meant(name.Text, missing)
	if len(missing) > 0 {
		m = m.help("did you mean %q, which is missing?", missing[0])
	}
	k.add(m.meant(name.Text, names).help("%s", listed("field", names)))
}

// unknownMember reports that values of type t have nothing called like name.
func (k *coder) unknownMember(name *lang.Ident, t types.Type) {
	if o, ok := t.(*types.Option); ok && hasMember(o.Elem, name.Text) {
		k.add(mistake(OptionUnread, name.Span(), "the value is %s and may be none", t).
			help("write ?.%s, or take it apart: if let v = … { v.%s }", name.Text, name.Text))
		return
	}
	names := sortedKeys(methods[receiverKind(t)])
	if o, ok := t.(*types.Option); ok {
		if _, ok := o.Elem.(*types.Aggregate); ok {
			names = append(names, "result")
		}
		if r, ok := o.Elem.(*types.Record); ok {
			for _, f := range r.Fields {
				names = append(names, f.Name)
			}
		}
	}
	m := mistake(UnknownField, name.Span(), "%s has nothing called %q", t, name.Text).once().meant(name.Text, names)
	if f := known(name.Text, []string{"string"}); f != "" && hasText(t) {
		m = m.help("write %s(…)", f)
	}
	if len(names) > 0 {
		m = m.help("it has %s", list(names))
	}
	k.add(m)
}

func hasMember(t types.Type, name string) bool {
	if _, ok := t.(*types.Aggregate); ok {
		return name == "result"
	}
	if r, ok := t.(*types.Record); ok {
		return r.FieldIndex(name) >= 0
	}
	return methods[receiverKind(t)][name] != nil
}

// list writes names for a message: a, b and c.
func list(names []string) string {
	text := ""
	for i, n := range names {
		switch {
		case i == 0:
		case i == len(names)-1:
			text += " and "
		default:
			text += ", "
		}
		text += n
	}
	return text
}

// listed says what there is: its fields are a and b.
func listed(noun string, names []string) string {
	switch len(names) {
	case 0:
		return "it has no " + noun + "s"
	case 1:
		return "its only " + noun + " is " + names[0]
	default:
		return "its " + noun + "s are " + list(names)
	}
}

// qualified reads a name of an import, and an enum's symbol. ok is false if e is
// an ordinary field.
func (k *coder) qualified(e *lang.FieldExpr) (v ir.Expr, ok bool) {
	name := qualifiedName(e.X)
	if name == nil || e.Optional {
		return nil, false
	}
	first := name.Ident.Text
	if name.Qualifier != nil {
		first = name.Qualifier.Text
	}
	if first == "key" && k.frame.hasKeyWord() || k.scope.find(first) != nil {
		return nil, false
	}
	if name.Qualifier == nil && k.scope.mod.named[first] != nil {
		return k.importedValue(e, first), true
	}
	if t := k.scope.findType(first); t != nil && name.Qualifier == nil {
		if enum, isEnum := t.(*types.Enum); isEnum {
			return k.symbol(e.Name, enum), true
		}
	}
	own := k.entryOf(k.scope.mod, name)
	if own == nil {
		return nil, false
	}
	if _, isEnum := own.decl.(*lang.EnumDecl); isEnum {
		enum, isEnum := k.instance(own, nil, nil).(*types.Enum)
		if !isEnum {
			return invalid(e.Span()), true
		}
		return k.symbol(e.Name, enum), true
	}
	return nil, false
}

// importedValue reports that a declaration of an import is no value.
func (k *coder) importedValue(e *lang.FieldExpr, prefix string) ir.Expr {
	of := k.scope.mod.named[prefix]
	k.scope.mod.used[prefix] = true
	if own := of.names[e.Name.Text]; own != nil {
		own.used = true
		k.add(mistake(NotAValue, e.Span(), "%q is %s, no value", prefix+"."+own.name, own.kindOf()).
			note(own.span, "%s is declared here", own.name))
		return invalid(e.Span())
	}
	k.unknownImported(e.Name, of)
	return invalid(e.Span())
}

func (k *coder) unknownImported(name *lang.Ident, of *module) {
	k.add(mistake(UnknownName, name.Span(), "%s declares nothing called %q", of.file.Name, name.Text).
		meant(name.Text, sortedKeys(of.names)))
}

// qualifiedName reads e as NAME or NAME.NAME, nil if it is neither.
func qualifiedName(e lang.Expr) *lang.Name {
	switch e := e.(type) {
	case *lang.IdentExpr:
		return &lang.Name{Range: e.Range, Ident: &lang.Ident{Range: e.Range, Text: e.Name}}
	case *lang.FieldExpr:
		if x, ok := e.X.(*lang.IdentExpr); ok && !e.Optional {
			return &lang.Name{Range: e.Range, Qualifier: &lang.Ident{Range: x.Range, Text: x.Name}, Ident: e.Name}
		}
	}
	return nil
}

// symbol is an enum's symbol.
func (k *coder) symbol(name *lang.Ident, enum *types.Enum) ir.Expr {
	i := enum.SymbolIndex(name.Text)
	if i < 0 {
		names := make([]string, len(enum.Symbols))
		for i, s := range enum.Symbols {
			names[i] = s.Name
		}
		k.add(mistake(UnknownField, name.Span(), "unknown symbol %q of %s", name.Text, enum).once().
			note(enum.Origin, "%s is declared here", enum.Name).
			meant(name.Text, names).help("%s", listed("symbol", names)))
		return invalid(name.Span())
	}
	return &ir.EnumConst{Base: base(enum, name.Span()), Symbol: i}
}

// index reads xs[i] and m[k].
func (k *coder) index(e *lang.IndexExpr) ir.Expr {
	if c := k.collection(e); c != nil {
		return k.readEntry(e, c)
	}
	x := k.expr(e.X, nil)
	switch t := x.Type().(type) {
	case *types.List:
		i := k.value(e.Index, intType, "the index of a list")
		return &ir.Index{Base: base(t.Elem, e.Index.Span()), X: x, Index: i}
	case *types.Map:
		i := k.value(e.Index, t.Key, "the key of this map")
		return &ir.Index{Base: base(optionOf(t.Value), e.Index.Span()), X: x, Index: i}
	}
	if _, slice := e.Index.(*lang.RangeExpr); !slice || !isInvalid(x.Type()) {
		k.expr(e.Index, nil)
	}
	if !isInvalid(x.Type()) {
		m := mistake(BadOperands, e.Span(), "%s has no elements to read by index", x.Type())
		if types.Is(x.Type(), types.String) {
			m = m.help("write .slice(i, i + 1)")
		}
		if types.Is(x.Type(), types.JSON) {
			m = m.help("write .at(\"[0]\")")
		}
		k.add(m)
	}
	return invalid(e.Span())
}
