package typecheck

import (
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// builtin is a function or method that the language has by itself.
type builtin struct {
	name     string     // as it is called
	recv     types.Type // of a method or property; nil for a function
	property bool       // read without parentheses
	params   []builtinParam
	result   types.Type
	where    class  // what the type parameter T must be
	whereU   class  // what the type parameter U must be
	pattern  bool   // the last parameter is a regular expression, checked at compile time
	doc      string // one sentence
}

type builtinParam struct {
	name string
	t    types.Type
}

// class restricts a type parameter.
type class int

const (
	anyClass class = iota
	numberClass
	floatClass
	signedClass // numbers and durations
	orderedClass
	textClass // what can be written into a string
)

var classNames = [...]string{
	"any value", "a number", "a float", "a number or a duration", "a number, a string or a time", "a value with a text",
}

// holds reports whether t is of class c.
func (c class) holds(t types.Type) bool {
	switch c {
	case numberClass:
		return isNumber(t)
	case floatClass:
		_, decimal := t.(*types.Decimal)
		return decimal || types.Is(t, types.Float) || types.Is(t, types.Float32)
	case signedClass:
		return isNumber(t) || types.Is(t, types.Duration)
	case orderedClass:
		return isOrdered(t)
	case textClass:
		return hasText(t)
	default:
		return !types.Is(t, types.None) && !types.Is(t, types.Unit) && !holdsAggregate(t)
	}
}

// The type parameters of built-in functions.
var (
	typeT = &types.Param{Name: "T"}
	typeU = &types.Param{Name: "U"}
	typeK = &types.Param{Name: "K"}
	typeV = &types.Param{Name: "V"}
	listT = &types.List{Elem: typeT}
	setK  = &types.Set{Elem: typeK}
	mapKV = &types.Map{Key: typeK, Value: typeV}
)

func option(t types.Type) types.Type { return &types.Option{Elem: t} }

func lambdaType(result types.Type, params ...types.Type) types.Type {
	return &types.Func{Params: params, Result: result}
}

// parameters names the parameters for a help.
func (b *builtin) parameters() string {
	names := make([]string, len(b.params))
	for i, p := range b.params {
		names[i] = p.name
	}
	return strings.Join(names, ", ")
}

// receiverKind names the kind of t as methods stand under it in ir.Builtin;
// "" for a type that has no methods.
func receiverKind(t types.Type) string {
	switch t := t.(type) {
	case *types.Basic:
		switch t.Kind {
		case types.Float32:
			return "float"
		case types.Float, types.String, types.Bytes, types.Timestamp, types.Date, types.JSON:
			return t.Kind.String()
		}
	case *types.List:
		return "list"
	case *types.Set:
		return "set"
	case *types.Map:
		return "map"
	}
	return ""
}

// functions holds the built-in functions by name, methods the methods and
// properties by kind of receiver and name. Neither changes.
var functions, methods = indexBuiltins()

func indexBuiltins() (map[string]*builtin, map[string]map[string]*builtin) {
	funcs, meths := map[string]*builtin{}, map[string]map[string]*builtin{}
	for _, table := range [][]builtin{numberBuiltins(), textBuiltins(), listBuiltins(), mapBuiltins(), timeBuiltins(), dataBuiltins()} {
		for i := range table {
			b := &table[i]
			if b.recv == nil {
				funcs[b.name] = b
				continue
			}
			kind := receiverKind(b.recv)
			if meths[kind] == nil {
				meths[kind] = map[string]*builtin{}
			}
			meths[kind][b.name] = b
		}
	}
	return funcs, meths
}

// params lists a builtin's parameters from names and types in turn.
func params(list ...any) []builtinParam {
	out := make([]builtinParam, 0, len(list)/2)
	for i := 0; i < len(list); i += 2 {
		out = append(out, builtinParam{list[i].(string), list[i+1].(types.Type)})
	}
	return out
}

func numberBuiltins() []builtin {
	x := params("x", floatType)
	return []builtin{
		{name: "abs", params: params("x", typeT), result: typeT, where: signedClass, doc: "abs gives x without its sign."},
		{name: "min", params: params("a", typeT, "b", typeT), result: typeT, where: orderedClass, doc: "min gives the lesser of two values."},
		{name: "max", params: params("a", typeT, "b", typeT), result: typeT, where: orderedClass, doc: "max gives the greater of two values."},
		{name: "floor", params: params("x", typeT), result: typeT, where: floatClass, doc: "floor gives the greatest whole number that is not above x."},
		{name: "ceil", params: params("x", typeT), result: typeT, where: floatClass, doc: "ceil gives the least whole number that is not below x."},
		{name: "round", params: params("x", typeT, "digits", intType), result: typeT, where: floatClass, doc: "round keeps that many digits after the point; halves go away from zero."},
		{name: "sqrt", params: x, result: floatType, doc: "sqrt gives the square root of x, NaN if x is negative."},
		{name: "pow", params: params("x", floatType, "y", floatType), result: floatType, doc: "pow gives x to the power y."},
		{name: "exp", params: x, result: floatType, doc: "exp gives e to the power x."},
		{name: "ln", params: x, result: floatType, doc: "ln gives the natural logarithm of x."},
		{name: "log10", params: x, result: floatType, doc: "log10 gives the decimal logarithm of x."},
		{name: "sin", params: x, result: floatType, doc: "sin gives the sine of x radians."},
		{name: "cos", params: x, result: floatType, doc: "cos gives the cosine of x radians."},
		{name: "tan", params: x, result: floatType, doc: "tan gives the tangent of x radians."},
		{name: "atan2", params: params("y", floatType, "x", floatType), result: floatType, doc: "atan2 gives the angle of the point (x, y) in radians, from -pi to pi."},
		{name: "hypot", params: params("x", floatType, "y", floatType), result: floatType, doc: "hypot gives the distance of the point (x, y) from zero."},
		{name: "float", params: params("x", typeT), result: floatType, where: numberClass, doc: "float makes a float of a number; whole numbers above 2^53 are rounded."},
		{name: "int", params: params("x", typeT), result: intType, where: numberClass, doc: "int cuts toward zero; NaN and what does not fit is an error of the record."},
		{name: "decimal", params: params("x", intType), result: &types.Decimal{Precision: 19}, doc: "decimal makes a decimal of a whole number."},
		{name: "is_nan", recv: floatType, property: true, result: boolType, doc: "is_nan is true for what is not a number."},
	}
}

func textBuiltins() []builtin {
	s := stringType
	return []builtin{
		{name: "string", params: params("x", typeT), result: s, where: textClass, doc: "string gives the text that x has inside ${}."},
		{name: "parse_int", params: params("s", s), result: option(intType), doc: "parse_int reads a decimal whole number, none if s is not one."},
		{name: "parse_float", params: params("s", s), result: option(floatType), doc: "parse_float reads a number, none if s is not one."},
		{name: "parse_timestamp", params: params("s", s, "layout", s), result: option(timestampType), doc: "parse_timestamp reads a time in UTC by a layout such as \"2006-01-02 15:04\", none if s does not fit."},
		{name: "len", recv: s, property: true, result: intType, doc: "len counts the code points."},
		{name: "bytes", recv: s, property: true, result: bytesType, doc: "bytes gives the UTF-8 bytes."},
		{name: "upper", recv: s, result: s, doc: "upper gives the text in upper case."},
		{name: "lower", recv: s, result: s, doc: "lower gives the text in lower case."},
		{name: "trim", recv: s, result: s, doc: "trim cuts white space off both ends."},
		{name: "contains", recv: s, params: params("s", s), result: boolType, doc: "contains tells whether s stands in the text."},
		{name: "starts_with", recv: s, params: params("s", s), result: boolType, doc: "starts_with tells whether the text begins with s."},
		{name: "ends_with", recv: s, params: params("s", s), result: boolType, doc: "ends_with tells whether the text ends with s."},
		{name: "index_of", recv: s, params: params("s", s), result: option(intType), doc: "index_of gives the place of the first s in code points, none if there is none."},
		{name: "replace", recv: s, params: params("a", s, "b", s), result: s, doc: "replace puts b for every a."},
		{name: "split", recv: s, params: params("sep", s), result: &types.List{Elem: s}, doc: "split gives the pieces between the separators."},
		{name: "slice", recv: s, params: params("a", intType, "b", intType), result: s, doc: "slice gives the code points from a up to, not including, b."},
		{name: "pad_left", recv: s, params: params("n", intType, "c", s), result: s, doc: "pad_left puts c before the text until it has n code points."},
		{name: "matches", recv: s, params: params("regexp", s), result: boolType, pattern: true, doc: "matches tells whether the regular expression (RE2) fits somewhere in the text."},
		{name: "capture", recv: s, params: params("regexp", s), result: option(&types.List{Elem: s}), pattern: true, doc: "capture gives the first match of the regular expression and its groups, none if it does not fit."},
		{name: "len", recv: bytesType, property: true, result: intType, doc: "len counts the bytes."},
	}
}

func listBuiltins() []builtin {
	return []builtin{
		{name: "range", params: params("a", intType, "b", intType), result: &types.List{Elem: intType}, doc: "range lists the whole numbers from a up to, not including, b."},
		{name: "len", recv: listT, property: true, result: intType, doc: "len counts the elements."},
		{name: "first", recv: listT, property: true, result: option(typeT), doc: "first is the first element, none of an empty list."},
		{name: "last", recv: listT, property: true, result: option(typeT), doc: "last is the last element, none of an empty list."},
		{name: "map", recv: listT, params: params("f", lambdaType(typeU, typeT)), result: &types.List{Elem: typeU}, doc: "map gives f of each element."},
		{name: "filter", recv: listT, params: params("f", lambdaType(boolType, typeT)), result: listT, doc: "filter keeps the elements for which f holds."},
		{name: "fold", recv: listT, params: params("init", typeU, "f", lambdaType(typeU, typeU, typeT)), result: typeU, doc: "fold goes through the list with a value that f renews at each element."},
		{name: "any", recv: listT, params: params("f", lambdaType(boolType, typeT)), result: boolType, doc: "any tells whether f holds for one element at least."},
		{name: "all", recv: listT, params: params("f", lambdaType(boolType, typeT)), result: boolType, doc: "all tells whether f holds for every element."},
		{name: "sum", recv: listT, result: typeT, where: signedClass, doc: "sum adds the elements up."},
		{name: "min", recv: listT, result: option(typeT), where: orderedClass, doc: "min is the least element, none of an empty list."},
		{name: "max", recv: listT, result: option(typeT), where: orderedClass, doc: "max is the greatest element, none of an empty list."},
		{name: "sort_by", recv: listT, params: params("f", lambdaType(typeU, typeT)), result: listT, whereU: orderedClass, doc: "sort_by orders the elements by f; equal ones keep their order."},
		{name: "contains", recv: listT, params: params("x", typeT), result: boolType, doc: "contains tells whether an element equals x."},
		{name: "append", recv: listT, params: params("x", typeT), result: listT, doc: "append gives the list with x at its end."},
		{name: "slice", recv: listT, params: params("a", intType, "b", intType), result: listT, doc: "slice gives the elements from a up to, not including, b."},
		{name: "join", recv: &types.List{Elem: stringType}, params: params("s", stringType), result: stringType, doc: "join puts a list of strings together, with s between them."},
	}
}

func mapBuiltins() []builtin {
	return []builtin{
		{name: "len", recv: setK, property: true, result: intType, doc: "len counts the elements."},
		{name: "values", recv: setK, property: true, result: &types.List{Elem: typeK}, doc: "values lists the elements in order."},
		{name: "len", recv: mapKV, property: true, result: intType, doc: "len counts the entries."},
		{name: "keys", recv: mapKV, property: true, result: &types.List{Elem: typeK}, doc: "keys lists the keys in order."},
		{name: "values", recv: mapKV, property: true, result: &types.List{Elem: typeV}, doc: "values lists the values in the order of their keys."},
	}
}

func timeBuiltins() []builtin {
	out := []builtin{
		{name: "gcd", params: params("a", durationType, "b", durationType), result: durationType, doc: "gcd gives the greatest duration that goes into both."},
		{name: "truncate", recv: timestampType, params: params("d", durationType), result: timestampType, doc: "truncate goes down to a multiple of d since 1970."},
		{name: "date", recv: timestampType, property: true, result: dateType, doc: "date is the day in UTC."},
		{name: "unix_ms", recv: timestampType, property: true, result: intType, doc: "unix_ms counts the milliseconds since 1970."},
	}
	for _, f := range zoneFields {
		out = append(out, builtin{name: f, recv: timestampType, property: true, result: zoneFieldType(f), doc: f + " is that part of the time in UTC."})
	}
	for _, f := range []string{"year", "month", "day", "weekday"} {
		out = append(out, builtin{name: f, recv: dateType, property: true, result: intType, doc: f + " is that part of the day."})
	}
	return out
}

// zoneFields are the parts of a time that depend on a zone.
var zoneFields = []string{"year", "month", "day", "hour", "minute", "second", "weekday"}

func zoneFieldType(name string) types.Type {
	if name == "date" {
		return dateType
	}
	return intType
}

func dataBuiltins() []builtin {
	json := jsonType
	return []builtin{
		{name: "at", recv: json, params: params("path", stringType), result: option(json), doc: "at looks into the value by a path such as \"a.b[0]\", none if there is nothing."},
		{name: "as_int", recv: json, property: true, result: option(intType), doc: "as_int is the whole number, none of another type."},
		{name: "as_float", recv: json, property: true, result: option(floatType), doc: "as_float is the number, none of another type."},
		{name: "as_string", recv: json, property: true, result: option(stringType), doc: "as_string is the string, none of another type."},
		{name: "as_bool", recv: json, property: true, result: option(boolType), doc: "as_bool is the truth value, none of another type."},
		{name: "as_list", recv: json, property: true, result: option(&types.List{Elem: json}), doc: "as_list is the list, none of another type."},
		{name: "to_json", params: params("x", typeT), result: json, doc: "to_json writes a value as JSON, as a sink does."},
		{name: "hash64", params: params("x", typeT), result: intType, doc: "hash64 gives a number that is always the same for the same value."},
		{name: "sha256", params: params("b", bytesType), result: bytesType, doc: "sha256 gives the 32 bytes of the SHA-256 hash."},
		{name: "hex", params: params("b", bytesType), result: stringType, doc: "hex writes bytes as hexadecimal digits."},
		{name: "base64", params: params("b", bytesType), result: stringType, doc: "base64 writes bytes in base64."},
	}
}
