package codegen

import (
	"encoding/json"
	"fmt"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Dynamic state is a map from names to values that bring the description of
// their type with them. For each type that a program reads or writes there there
// is a variable that does it:
//
//	// dynamicInt reads and writes values of dynamic state.
//	var dynamicInt = dynamic.Of(`{"shape":"int"}`, avro.AppendInt[int64], (*avro.Reader).Int)

// dynamicType names the variable for values of a type.
func (g *generator) dynamicType(t types.Type) *jen.Statement {
	want := "dynamic" + exported(g.typeWord(t))
	return jen.Id(g.helpers.named(g, "dynamic "+g.typeKey(t), want, func(name string) {
		described := plan.TypeOf(t)
		text, err := json.Marshal(&described)
		if err != nil {
			panic(fmt.Sprintf("codegen: no description of %s: %v", t, err))
		}
		pack := jen.Func().Params(jen.Id("b").Index().Byte(), jen.Id("v").Add(g.goType(t))).Index().Byte().
			Block(jen.Return(g.pack(t).Call(jen.Id("b"), jen.Id("v"))))
		g.avro.add(comment("%s reads and writes values of dynamic state.", name).
			Var().Id(name).Op("=").Qual(dynamicPath, "Of").Call(jen.Lit(string(text)), pack, g.unpack(t)))
	}))
}

// getDynamic reads the value of a name.
func (c *coder) getDynamic(e *ir.EntryGet) operand {
	st := e.Place.State
	name := c.expr(e.Place.Key)
	if !name.stable {
		name = c.temp("name", name)
	}
	view := c.operation(st, "View", c.keyOf(st, name))
	of := c.g.dynamicType(e.T.(*types.Option).Elem)
	return call(of.Dot("Get").Call(view, name.value(), c.fault.Clone(), c.g.at(e.At)), e.T)
}

// setDynamic writes the value of a name. A name that does not stand in the program
// is noted, for whoever asks the job what there is.
func (n *stepCode) setDynamic(c *coder, s *ir.EntrySet) {
	st := s.Place.State
	v := c.checked(s.Place.Key, s.Value)
	_, written := s.Place.Key.(*ir.StringConst)
	if !written && !v[0].stable {
		v[0] = c.temp("name", v[0])
	}
	stored := n.g.dynamicType(s.Value.Type()).Dot("Value").Call(v[1].typed(n.g))
	c.add(c.operation(st, "Put", c.keyOf(st, v[0]), stored))
	if !written {
		described := plan.TypeOf(s.Value.Type())
		c.add(n.needTask().Dot("Named").Call(jen.Lit(st.Name), v[0].value(), jen.Lit(described.String())))
	}
}
