package codegen

import (
	"fmt"
	"reflect"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/plan"
)

// describeDecl writes the function that returns the description of the state.
func (g *generator) describeDecl() jen.Code {
	job := plan.Schema(g.graph)
	return comment("describe lists the program's sources, sinks and state.").
		Func().Id("describe").Params().Qual(schemaPath, "Job").Block(jen.Return(literalOf(reflect.ValueOf(job))))
}

// literalOf writes a value made of the types of package schema as a Go literal,
// without the fields that are zero.
func literalOf(v reflect.Value) *jen.Statement {
	switch v.Kind() {
	case reflect.Struct:
		return typeOf(v.Type()).Add(fieldsOf(v))
	case reflect.Pointer:
		if v.Elem().Kind() == reflect.String {
			return jen.New(jen.Lit(v.Elem().String()))
		}
		return jen.Op("&").Add(literalOf(v.Elem()))
	case reflect.Slice:
		return typeOf(v.Type()).Add(elementsOf(v))
	case reflect.String:
		return jen.Lit(v.String())
	case reflect.Bool:
		return jen.Lit(v.Bool())
	case reflect.Int, reflect.Int32, reflect.Int64:
		return jen.Lit(int(v.Int()))
	default:
		panic(fmt.Sprintf("codegen: no literal of %s", v.Type()))
	}
}

func fieldsOf(v reflect.Value) jen.Code {
	var fields []jen.Code
	wide := false
	for i := range v.NumField() {
		f := v.Field(i)
		if f.IsZero() || f.Kind() == reflect.Slice && f.Len() == 0 {
			continue
		}
		wide = wide || f.Kind() == reflect.Slice && f.Type().Elem().Kind() == reflect.Struct
		fields = append(fields, jen.Id(v.Type().Field(i).Name).Op(":").Add(literalOf(f)))
	}
	if wide {
		return multiLine(fields...)
	}
	return jen.Values(fields...)
}

// elementsOf writes the elements of a slice, without their type.
func elementsOf(v reflect.Value) jen.Code {
	elems := make([]jen.Code, v.Len())
	for i := range elems {
		if e := v.Index(i); e.Kind() == reflect.Struct {
			elems[i] = fieldsOf(e)
		} else {
			elems[i] = literalOf(e)
		}
	}
	if v.Type().Elem().Kind() == reflect.Struct {
		return multiLine(elems...)
	}
	return jen.Values(elems...)
}

func typeOf(t reflect.Type) *jen.Statement {
	switch {
	case t.Kind() == reflect.Slice:
		return jen.Index().Add(typeOf(t.Elem()))
	case t.PkgPath() == "":
		return jen.Id(t.Name())
	default:
		return jen.Qual(schemaPath, t.Name())
	}
}
