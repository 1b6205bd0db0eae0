package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/types"
)

// The scalar types are made once; they are compared with types.Identical.
var (
	invalidType   = types.Of(types.Invalid)
	neverType     = types.Of(types.Never)
	boolType      = types.Of(types.Bool)
	int32Type     = types.Of(types.Int32)
	intType       = types.Of(types.Int)
	float32Type   = types.Of(types.Float32)
	floatType     = types.Of(types.Float)
	stringType    = types.Of(types.String)
	bytesType     = types.Of(types.Bytes)
	timestampType = types.Of(types.Timestamp)
	durationType  = types.Of(types.Duration)
	dateType      = types.Of(types.Date)
	uuidType      = types.Of(types.UUID)
	jsonType      = types.Of(types.JSON)
	noneType      = types.Of(types.None)
	unitType      = types.Of(types.Unit)
)

// scalars are the types that need no declaration, by name.
var scalars = map[string]types.Type{
	"bool": boolType, "int32": int32Type, "int": intType, "float32": float32Type, "float": floatType,
	"string": stringType, "bytes": bytesType, "timestamp": timestampType, "duration": durationType,
	"date": dateType, "uuid": uuidType, "json": jsonType,
}

// constructors are the types with arguments, and how many they take.
var constructors = map[string]int{"list": 1, "set": 1, "map": 2, "stream": 1, "aggregate": 2, "range": 1, "equality": 3}

func isInvalid(t types.Type) bool { return types.Is(t, types.Invalid) }

// valueType resolves the type of a value: functions and streams are none.
func (c *checker) valueType(sc *scope, e *lang.TypeExpr) types.Type {
	t := c.resolve(sc, e)
	if isFunctionList(t) {
		c.add(mistake(NotAValue, e.Span(), "a list of functions is no value").help("operators take one as a parameter"))
		return invalidType
	}
	switch t.(type) {
	case *types.Func:
		c.add(mistake(NotAValue, e.Span(), "a function cannot be kept or passed on as a value").
			help("operators take functions as parameters: f: (T) -> K"))
		return invalidType
	case *types.Aggregate, *types.Range, *types.Equality:
		c.add(mistake(NotAValue, e.Span(), "%s is the type of a parameter, no value", t).help("operators and fragments take it as a parameter"))
		return invalidType
	case *types.Stream:
		c.add(mistake(NotAValue, e.Span(), "a stream is no value").help("name what flows over it"))
		return invalidType
	}
	return t
}

// resolve says what a type as written is. Mistakes are reported and give the
// invalid type.
func (c *checker) resolve(sc *scope, e *lang.TypeExpr) types.Type {
	if e == nil {
		return invalidType
	}
	t := c.resolvePlain(sc, e)
	if e.Optional == 0 || isInvalid(t) {
		return t
	}
	if _, already := t.(*types.Option); already || e.Optional > 1 {
		c.add(mistake(BadTypeArguments, e.Span(), "a type cannot be optional twice").help("leave out one \"?\""))
		if already {
			return t
		}
	}
	return &types.Option{Elem: t}
}

func (c *checker) resolvePlain(sc *scope, e *lang.TypeExpr) types.Type {
	switch {
	case e.IsRecord || len(e.Record) > 0:
		return c.anonymousType(sc, e)
	case e.Func != nil:
		f := &types.Func{Async: e.Func.Async, Result: c.valueType(sc, e.Func.Result)}
		for _, p := range e.Func.Params {
			f.Params = append(f.Params, c.valueType(sc, p))
		}
		return f
	case e.If != nil:
		return c.chosenType(sc, e.If)
	case e.Name == nil || e.Name.Ident == nil:
		return invalidType
	case e.Name.Qualifier == nil:
		return c.simpleType(sc, e)
	default:
		return c.declaredType(sc, e)
	}
}

// chosenType decides a type that depends on a parameter known at compile time.
func (c *checker) chosenType(sc *scope, e *lang.TypeIf) types.Type {
	k := &coder{c, &frame{kind: pureCode, what: "a type"}, sc}
	v := k.fold(e.Cond)
	if v == nil || v.kind != boolConstant {
		c.add(mistake(NotConstant, e.Cond.Span(), "the condition of a type must be known at compile time").
			help("compare a parameter whose type is an enum, such as kind == left"))
		return invalidType
	}
	if v.bool {
		return c.resolve(sc, e.Then)
	}
	return c.resolve(sc, e.Else)
}

func (c *checker) simpleType(sc *scope, e *lang.TypeExpr) types.Type {
	name := e.Name.Ident.Text
	if t := sc.findType(name); t != nil {
		c.noTypeArguments(e)
		return t
	}
	if own := sc.mod.lookup(name); own != nil && own.isType() {
		return c.declaredType(sc, e)
	}
	if t := scalars[name]; t != nil {
		c.noTypeArguments(e)
		return t
	}
	if n, ok := constructors[name]; ok {
		return c.constructed(sc, e, n)
	}
	if name == "decimal" {
		return c.decimalType(e)
	}
	if _, ok := stateKinds[name]; ok {
		c.add(mistake(NotAValue, e.Span(), "%s is a kind of state, no type of a value", name).help("an operator declares it: state s: %s", name))
		return invalidType
	}
	return c.declaredType(sc, e)
}

// constructed resolves list<T>, set<K>, map<K, V> and stream<T>.
func (c *checker) constructed(sc *scope, e *lang.TypeExpr, n int) types.Type {
	name := e.Name.Ident.Text
	if len(e.Args) != n {
		c.typeArgumentCount(e, n)
		return invalidType
	}
	if name == "list" && e.Args[0].Func != nil {
		return &types.List{Elem: c.resolve(sc, e.Args[0])} // a parameter's
	}
	args := make([]types.Type, n)
	for i, a := range e.Args {
		if args[i] = c.valueType(sc, a); isInvalid(args[i]) {
			return invalidType
		}
	}
	if (name == "set" || name == "map") && !c.keyAllowed(args[0]) {
		c.badKey(e.Args[0].Span(), args[0], elementOf(name))
		return invalidType
	}
	switch name {
	case "list":
		return &types.List{Elem: args[0]}
	case "set":
		return &types.Set{Elem: args[0]}
	case "map":
		return &types.Map{Key: args[0], Value: args[1]}
	case "aggregate":
		return &types.Aggregate{In: args[0], Result: args[1]}
	case "range":
		return &types.Range{Elem: args[0]}
	case "equality":
		return &types.Equality{Left: args[0], Right: args[1], Key: args[2]}
	default:
		return &types.Stream{Elem: args[0]}
	}
}

func elementOf(name string) string {
	if name == "map" {
		return "a key of a map"
	}
	return "an element of a set"
}

// keyAllowed reports whether t may be a key; of a type parameter that is known
// only when it has been replaced.
func (c *checker) keyAllowed(t types.Type) bool {
	_, param := t.(*types.Param)
	return param || types.CanBeKey(t)
}

func (c *checker) noTypeArguments(e *lang.TypeExpr) {
	if len(e.Args) > 0 || len(e.Numbers) > 0 {
		c.typeArgumentCount(e, 0)
	}
}

func (c *checker) typeArgumentCount(e *lang.TypeExpr, want int) {
	m := mistake(BadTypeArguments, e.Span(), "%s takes %s, not %d", e.Name.Ident.Text, count(want, "type argument"), len(e.Args)+len(e.Numbers))
	switch want {
	case 0:
		m = m.help("write %s alone", e.Name.Ident.Text)
	case 1:
		m = m.help("write %s<T>", e.Name.Ident.Text)
	case 3:
		m = m.help("write %s<A, B, K>", e.Name.Ident.Text)
	default:
		m = m.help("write %s<K, V>", e.Name.Ident.Text)
	}
	c.add(m)
}

// decimalType resolves decimal(p, s).
func (c *checker) decimalType(e *lang.TypeExpr) types.Type {
	bad := len(e.Numbers) != 2 || e.Numbers[0].Value < 1 || e.Numbers[0].Value > 38 ||
		e.Numbers[0].Overflow || e.Numbers[1].Overflow || e.Numbers[1].Value > e.Numbers[0].Value
	if bad {
		c.add(mistake(BadTypeArguments, e.Span(), "decimal takes a precision from 1 to 38 and a scale that is not larger").
			help("write decimal(18, 2) for 18 digits, 2 of them after the point"))
		return invalidType
	}
	return &types.Decimal{Precision: int(e.Numbers[0].Value), Scale: int(e.Numbers[1].Value)}
}

// declaredType resolves the name of a record, enum or union.
func (c *checker) declaredType(sc *scope, e *lang.TypeExpr) types.Type {
	own := c.entryOf(sc.mod, e.Name)
	switch {
	case own == nil:
		c.unknownType(sc, e.Name)
		return invalidType
	case !own.isType():
		c.add(mistake(NotAType, e.Name.Span(), "%q is %s, no type", e.Name.Ident.Text, own.kindOf()).
			note(own.span, "%s is declared here", own.name).
			meant(e.Name.Ident.Text, sc.mod.candidates((*entry).isType)).
			help("a type is a scalar such as int, or a record, enum or union"))
		return invalidType
	}
	args := make([]types.Type, len(e.Args))
	for i, a := range e.Args {
		args[i] = c.valueType(sc, a)
	}
	return c.instance(own, args, e)
}

// entryOf finds the declaration of a possibly qualified name, nil if there is none.
func (c *checker) entryOf(m *module, n *lang.Name) *entry {
	if n.Qualifier == nil {
		if e := m.lookup(n.Ident.Text); e != nil {
			e.used = true
			return e
		}
		return nil
	}
	of := m.named[n.Qualifier.Text]
	if of == nil {
		return nil
	}
	m.used[n.Qualifier.Text] = true
	if e := of.names[n.Ident.Text]; e != nil {
		e.used = true
		return e
	}
	return nil
}

func (c *checker) unknownType(sc *scope, n *lang.Name) {
	if c.full() {
		return
	}
	text := n.Ident.Text
	if n.Qualifier != nil {
		text = n.Qualifier.Text + "." + text
	}
	names := sc.mod.candidates((*entry).isType)
	for s := sc; s != nil; s = s.parent {
		names = append(names, sortedKeys(s.types)...)
	}
	names = append(append(names, sortedKeys(scalars)...), "list", "set", "map", "decimal")
	msg := mistake(UnknownType, n.Span(), "unknown type %q", text).once()
	if ours, ok := elsewhere[text]; ok {
		c.add(msg.help("write %s", ours))
		return
	}
	c.add(msg.meant(text, names).help("declare it: record %s { … }, or enum %[1]s { … }", n.Ident.Text))
}
