package codegen

import (
	"fmt"
	"math/big"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// builtinCode writes a call of a built-in function, whose plain arguments have
// been evaluated.
type builtinCode func(c *coder, e *ir.Builtin, v []operand) operand

// builtinTable holds the code for every built-in function by its name in the ir.
func builtinTable() map[string]builtinCode {
	table := map[string]builtinCode{}
	for _, part := range []map[string]builtinCode{numberBuiltins(), decimalBuiltins(), textBuiltins(), timeBuiltins(), listBuiltins(), valueBuiltins(), jsonBuiltins()} {
		for name, code := range part {
			table[name] = code
		}
	}
	return table
}

func (c *coder) builtin(e *ir.Builtin) operand {
	code, ok := c.g.builtins[e.Name]
	if !ok {
		panic(fmt.Sprintf("codegen: no built-in function %s", e.Name))
	}
	var plain []ir.Expr
	for _, a := range e.Args {
		if a != nil {
			plain = append(plain, a)
		}
	}
	return code(c, e, c.values(plain))
}

// plainCall calls a function of a package with the arguments as they are.
func plainCall(path, name string) builtinCode {
	return func(_ *coder, e *ir.Builtin, v []operand) operand {
		return call(jen.Qual(path, name).Call(codes(v)...), e.T)
	}
}

// faultCall calls a method of the Fault.
func faultCall(method string) builtinCode {
	return func(c *coder, e *ir.Builtin, v []operand) operand { return c.faulty(method, e, v...) }
}

// method calls a method of the first argument.
func method(name string) builtinCode {
	return func(c *coder, e *ir.Builtin, v []operand) operand {
		receiver := v[0].base()
		if v[0].untyped {
			receiver = v[0].typed(c.g)
		}
		return call(receiver.Dot(name).Call(codes(v[1:])...), e.T)
	}
}

func codes(v []operand) []jen.Code {
	list := make([]jen.Code, len(v))
	for i, o := range v {
		list[i] = o.value()
	}
	return list
}

func numberBuiltins() map[string]builtinCode {
	return map[string]builtinCode{
		"sqrt": inFloat("Sqrt"), "pow": inFloat("Pow"), "exp": inFloat("Exp"), "ln": inFloat("Log"), "log10": inFloat("Log10"),
		"sin": inFloat("Sin"), "cos": inFloat("Cos"), "tan": inFloat("Tan"), "atan2": inFloat("Atan2"), "hypot": inFloat("Hypot"),
		"pi": func(_ *coder, e *ir.Builtin, _ []operand) operand {
			return constant(jen.Qual("math", "Pi"), e.T)
		},
		"float.is_nan": func(_ *coder, e *ir.Builtin, v []operand) operand {
			return call(jen.Qual("math", "IsNaN").Call(float64Of(v[0])), e.T)
		},
	}
}

// abs is math.Abs for floats, and checked for all others.
func abs(c *coder, e *ir.Builtin, v []operand) operand {
	switch kindOf(e.T) {
	case types.Int32:
		return c.faulty("AbsInt32", e, v...)
	case types.Int:
		return c.faulty("AbsInt", e, v...)
	case types.Duration:
		return c.faulty("AbsDuration", e, v...)
	default:
		return inFloat("Abs")(c, e, v)
	}
}

// inFloat calls a function of package math, in float64.
func inFloat(name string) builtinCode {
	return func(c *coder, e *ir.Builtin, v []operand) operand {
		args := make([]jen.Code, len(v))
		for i, x := range v {
			args[i] = float64Of(x)
		}
		result := jen.Qual("math", name).Call(args...)
		if kindOf(e.T) == types.Float32 {
			result = jen.Float32().Call(result)
		}
		return call(result, e.T)
	}
}

func float64Of(x operand) *jen.Statement {
	if kindOf(x.t) == types.Float32 {
		return jen.Float64().Call(x.value())
	}
	return x.value()
}

// least writes Go's own min and max, which know all ordered types but bytes and
// uuid.
func least(name string) builtinCode {
	return func(c *coder, e *ir.Builtin, v []operand) operand {
		if k := kindOf(e.T); k == types.Bytes || k == types.UUID {
			return call(jen.Qual(valuePath, exported(name)+exported(k.String())).Call(codes(v)...), e.T)
		}
		if v[0].untyped && v[1].untyped {
			v[0] = c.temp("v", v[0]) // so that the result has a type
		}
		return call(jen.Id(name).Call(codes(v)...), e.T)
	}
}

func round(_ *coder, e *ir.Builtin, v []operand) operand {
	name := "RoundFloat"
	if kindOf(e.T) == types.Float32 {
		name = "RoundFloat32"
	}
	return call(jen.Qual(valuePath, name).Call(codes(v)...), e.T)
}

func toFloat(c *coder, e *ir.Builtin, v []operand) operand {
	if kindOf(v[0].t) == types.Float {
		return v[0]
	}
	return call(jen.Float64().Call(v[0].value()), e.T)
}

func toInt(c *coder, e *ir.Builtin, v []operand) operand {
	switch kindOf(v[0].t) {
	case types.Int:
		return v[0]
	case types.Int32:
		return call(jen.Int64().Call(v[0].value()), e.T)
	case types.Float32:
		return c.faulty("Float32ToInt", e, v...)
	default:
		return c.faulty("FloatToInt", e, v...)
	}
}

func textBuiltins() map[string]builtinCode {
	return map[string]builtinCode{
		"string":          func(c *coder, e *ir.Builtin, v []operand) operand { return call(c.text(v[0]), e.T) },
		"parse_int":       plainCall(valuePath, "ParseInt"),
		"parse_float":     plainCall(valuePath, "ParseFloat"),
		"parse_timestamp": plainCall(valuePath, "ParseTimestamp"),
		"string.len":      plainCall(valuePath, "Len"),
		"string.bytes": func(_ *coder, e *ir.Builtin, v []operand) operand {
			return call(jen.Index().Byte().Call(v[0].value()), e.T)
		},
		"string.upper":       plainCall(valuePath, "Upper"),
		"string.lower":       plainCall(valuePath, "Lower"),
		"string.trim":        plainCall(valuePath, "Trim"),
		"string.contains":    plainCall(valuePath, "Contains"),
		"string.starts_with": plainCall(valuePath, "StartsWith"),
		"string.ends_with":   plainCall(valuePath, "EndsWith"),
		"string.index_of":    plainCall(valuePath, "IndexOf"),
		"string.replace":     plainCall(valuePath, "Replace"),
		"string.split":       plainCall(valuePath, "Split"),
		"string.slice":       faultCall("SliceString"),
		"string.pad_left":    faultCall("PadLeft"),
		"string.matches":     matches,
		"string.capture":     capture,
		"bytes.len":          length,
		"hex":                plainCall(valuePath, "Hex"),
		"base64":             plainCall(valuePath, "Base64"),
		"sha256":             plainCall(valuePath, "SHA256"),
	}
}

// commonDivisor writes the greatest common divisor of two durations, which is known
// here if they are.
func commonDivisor(c *coder, e *ir.Builtin, v []operand) operand {
	x, y := c.literal(e.Args[0]), c.literal(e.Args[1])
	if x == nil || y == nil || x.Value <= 0 || y.Value < 0 {
		return c.faulty("GCDDuration", e, v...)
	}
	d := new(big.Int).GCD(nil, nil, big.NewInt(x.Value), big.NewInt(y.Value))
	return c.durationConst(&ir.IntConst{Base: e.Base, Value: d.Int64()})
}

// length writes the number of elements or bytes.
func length(_ *coder, e *ir.Builtin, v []operand) operand {
	return call(jen.Int64().Call(jen.Len(v[0].value())), e.T)
}

// matches looks for a regular expression, which is compiled to Go where that can
// be, and else once when the program starts.
func matches(c *coder, e *ir.Builtin, v []operand) operand {
	if p, ok := parsePattern(e.Args[1].(*ir.StringConst).Value); ok {
		return call(c.g.helpers.matcher(c.g, p, false).Call(v[0].value()), e.T)
	}
	return call(c.g.helpers.regexp(c.g, e.Args[1]).Dot("MatchString").Call(v[0].value()), e.T)
}

func capture(c *coder, e *ir.Builtin, v []operand) operand {
	if p, ok := parsePattern(e.Args[1].(*ir.StringConst).Value); ok {
		return call(c.g.helpers.captured(c.g, p).Call(v[0].value()), e.T)
	}
	return call(jen.Qual(valuePath, "Capture").Call(c.g.helpers.regexp(c.g, e.Args[1]), v[0].value()), e.T)
}

func timeBuiltins() map[string]builtinCode {
	table := map[string]builtinCode{
		"gcd":                commonDivisor,
		"timestamp.truncate": faultCall("Truncate"),
		"timestamp.date":     plainCall(valuePath, "DateOf"),
		"timestamp.unix_ms":  method("UnixMs"),
	}
	fields := map[string]string{
		"year": "Year", "month": "Month", "day": "Day", "hour": "Hour", "minute": "Minute", "second": "Second", "weekday": "Weekday",
	}
	for name, goName := range fields {
		table["timestamp."+name] = method(goName)
		table["date."+name] = method(goName)
		table["timestamp.in_zone."+name] = inZone(func(t *jen.Statement) *jen.Statement { return t.Dot(goName).Call() })
	}
	table["timestamp.in_zone.date"] = inZone(func(t *jen.Statement) *jen.Statement { return jen.Qual(valuePath, "DateOf").Call(t) })
	return table
}

// inZone reads a part of a time in a zone.
func inZone(part func(*jen.Statement) *jen.Statement) builtinCode {
	return func(c *coder, e *ir.Builtin, v []operand) operand {
		c.g.zones = true
		return call(part(c.fault.Clone().Dot("InZone").Call(v[0].value(), v[1].value(), c.g.at(e.At))), e.T)
	}
}
