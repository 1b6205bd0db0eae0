package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// jsonBuiltins are the built-in functions of values of type json.
func jsonBuiltins() map[string]builtinCode {
	return map[string]builtinCode{
		"json.at":        plainCall(wirePath, "At"),
		"json.as_int":    plainCall(wirePath, "AsInt"),
		"json.as_float":  plainCall(wirePath, "AsFloat"),
		"json.as_string": plainCall(wirePath, "AsString"),
		"json.as_bool":   plainCall(wirePath, "AsBool"),
		"json.as_list":   plainCall(wirePath, "AsList"),
		"to_json": func(c *coder, e *ir.Builtin, v []operand) operand {
			return call(jen.Qual(valuePath, "JSON").Call(c.asJSON(e, v[0])), e.T)
		},
		"hash64": hash64,
	}
}

// asJSON writes the text of a value as a sink writes it, as bytes.
func (c *coder) asJSON(e *ir.Builtin, v operand) *jen.Statement {
	encode := c.g.appender(v.t)
	args := []jen.Code{jen.Nil(), c.pointerTo(v)}
	if encode.fails {
		args = append(args, c.fault.Clone())
		if !isStruct(v.t) {
			args = append(args, c.g.at(e.At))
		}
	}
	return jen.Id(encode.name).Call(args...)
}

// hash64 is the hash by which a key finds its place; of what is no key it is
// that of its text as JSON.
func hash64(c *coder, e *ir.Builtin, v []operand) operand {
	if types.CanBeKey(v[0].t) {
		return call(jen.Int64().Call(c.g.hashOf(v[0])), e.T)
	}
	return call(jen.Int64().Call(jen.Qual(valuePath, "Hash64").Call(c.asJSON(e, v[0]))), e.T)
}
