package codegen

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
)

// hooks writes what the program itself does with saved state of older types, as
// a literal of evolve.Hooks; nil if it does nothing.
//
//	// migrateTotalSaved runs migrateTotal on what was saved.
//	func migrateTotalSaved(dst, old1 []byte) ([]byte, error) {
//		var fault value.Fault
//		r := avro.NewReader(old1)
//		v1 := r.Text()
//		if err := r.Close(); err != nil {
//			return nil, err
//		}
//		out := migrateTotal(&fault, v1)
//		return evolve.Ran(avro.AppendInt(dst, out), &fault)
//	}
func (g *generator) hooks() *jen.Statement {
	var migrate, rekey, merge []jen.Code
	for _, s := range g.program.Steps {
		for _, st := range s.Op.States {
			if st.Migrate != nil {
				migrate = append(migrate, jen.Lit(s.UID+"/"+st.Name).Op(":").Add(g.hook(st.Migrate.Func)))
			}
		}
		if s.Rekey == nil {
			continue
		}
		rekey = append(rekey, jen.Lit(s.UID).Op(":").Add(g.hook(s.Rekey.Func)))
		if s.Rekey.Merge != nil {
			merge = append(merge, jen.Lit(s.UID).Op(":").Add(g.hook(s.Rekey.Merge)))
		}
	}
	var fields []jen.Code
	add := func(name string, params int, list []jen.Code) {
		if len(list) > 0 {
			fields = append(fields, jen.Id(name).Op(":").Map(jen.String()).Add(hookType(params)).Add(multiLine(list...)))
		}
	}
	add("Migrate", 1, migrate)
	add("Rekey", 1, rekey)
	add("Merge", 2, merge)
	if len(fields) == 0 {
		return nil
	}
	return jen.Qual(evolvePath, "Hooks").Add(multiLine(fields...))
}

// hookType is the type of a function of saved values.
func hookType(params int) *jen.Statement {
	return jen.Func().Params(hookParams(params)).Params(jen.Index().Byte(), jen.Error())
}

func hookParams(params int) jen.Code {
	list := []jen.Code{jen.Id("dst")}
	for i := range params {
		list = append(list, jen.Id(hookParam(i)))
	}
	return jen.List(list...).Index().Byte()
}

func hookParam(i int) string { return "old" + strconv.Itoa(i+1) }

// assignment declares the first time.
func assignment(i int) string {
	if i == 0 {
		return ":="
	}
	return "="
}

// hook declares the function that runs f on saved values, and returns its name.
func (g *generator) hook(f *ir.Func) *jen.Statement {
	name := g.names.pick(g.funcNames[f] + "Saved")
	body := []jen.Code{
		jen.Var().Id("fault").Qual(valuePath, "Fault"),
	}
	var args []jen.Code
	if g.graph.Effects.FuncFails(f) {
		args = append(args, jen.Op("&").Id("fault"))
	}
	for i, p := range f.Params {
		v := "v" + strconv.Itoa(i+1)
		body = append(body,
			jen.Id("r").Op(assignment(i)).Qual(avroPath, "NewReader").Call(jen.Id(hookParam(i))),
			jen.Id(v).Op(":=").Add(g.unpacked(p.Type, jen.Id("r"))),
			jen.If(jen.Err().Op(":=").Id("r").Dot("Close").Call(), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err())),
		)
		if isStruct(p.Type) {
			args = append(args, jen.Op("&").Id(v))
		} else {
			args = append(args, jen.Id(v))
		}
	}
	body = append(body,
		jen.Id("out").Op(":=").Id(g.funcNames[f]).Call(args...),
		jen.Return(jen.Qual(evolvePath, "Ran").Call(g.pack(f.Result).Call(jen.Id("dst"), jen.Id("out")), jen.Op("&").Id("fault"))),
	)
	g.avro.add(comment("%s runs %s on what was saved.", name, g.funcNames[f]).
		Func().Id(name).Params(hookParams(len(f.Params))).Params(jen.Index().Byte(), jen.Error()).Block(body...))
	return jen.Id(name)
}
