package plan

import (
	"fmt"
	"hash/fnv"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// meaningOf is what an expression over one record means, and what it meant under
// the former names of the fields that it reads.
func meaningOf(e ir.Expr, record *ir.Local) schema.Text {
	out := schema.Text{Now: meaning(e, record, 0)}
	for age := 1; age <= oldestName(e); age++ {
		out.Was = append(out.Was, meaning(e, record, age))
	}
	return out
}

// meaning writes e so that two expressions that mean the same have one text
// wherever that can be seen: locals have no names, and what is only written for
// the reader is left out. With age 1 fields have their latest former names.
func meaning(e ir.Expr, record *ir.Local, age int) string {
	m := &meaner{age: age, locals: map[*ir.Local]string{}, funcs: map[*ir.Func]int{}}
	if record != nil {
		m.locals[record] = "_"
	}
	text := m.text(e)
	switch e.(type) {
	case *ir.Binary, *ir.Coalesce:
		return text[1 : len(text)-1]
	}
	return text
}

// oldestName is the greatest number of former names that a field read in e has.
func oldestName(e ir.Expr) int {
	most := 0
	ir.Inspect(e, func(n ir.Node) bool {
		if f, ok := n.(*ir.FieldOf); ok {
			most = max(most, len(fieldOf(f).Was))
		}
		return true
	})
	return most
}

func fieldOf(f *ir.FieldOf) types.Field {
	if r, ok := f.X.Type().(*types.Record); ok {
		return r.Fields[f.Index]
	}
	return types.Field{Name: strconv.Itoa(f.Index)}
}

// A meaner writes meanings.
type meaner struct {
	age    int
	locals map[*ir.Local]string
	funcs  map[*ir.Func]int // those whose bodies are being written
}

// text writes what people write, too; all else as a number made of what it says.
func (m *meaner) text(e ir.Expr) string {
	switch e := e.(type) {
	case *ir.LocalRef:
		return m.local(e.Local)
	case *ir.ParamRef:
		return "param(" + strconv.Quote(e.Param.Name) + ")"
	case *ir.FieldOf:
		return m.text(e.X) + "." + m.field(fieldOf(e))
	case *ir.Convert:
		return m.text(e.X)
	case *ir.Unary:
		return strings.TrimSuffix(string(e.Op), "eg") + m.text(e.X)
	case *ir.Binary:
		return "(" + m.text(e.X) + " " + string(e.Op) + " " + m.text(e.Y) + ")"
	case *ir.Coalesce:
		return "(" + m.text(e.X) + " ?? " + m.text(e.Y) + ")"
	case *ir.Call:
		return e.Func.Name + "(" + m.texts(e.Args) + ")" + m.number(e.Func)
	case *ir.Builtin:
		if len(e.Lambdas) == 0 {
			return e.Name + "(" + m.texts(e.Args) + ")"
		}
	case *ir.RecordLit:
		if r, ok := e.T.(*types.Record); ok {
			return m.record(r, e)
		}
	case *ir.Do:
		if v, ok := m.inlined(e); ok {
			return v
		}
	}
	if constant(e) {
		return FlowText(e)
	}
	return m.number(e)
}

func (m *meaner) texts(list []ir.Expr) string {
	out := make([]string, len(list))
	for i, e := range list {
		out[i] = m.text(e)
	}
	return strings.Join(out, ", ")
}

func (m *meaner) record(r *types.Record, e *ir.RecordLit) string {
	out := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		out[i] = m.field(r.Fields[i]) + ": " + m.text(f)
	}
	return "{ " + strings.Join(out, ", ") + " }"
}

// inlined writes a lambda that stands where it is used: its locals are what they
// were given.
func (m *meaner) inlined(e *ir.Do) (string, bool) {
	for _, s := range e.Body {
		let, ok := s.(*ir.Let)
		if !ok || let.Local.Var {
			return "", false
		}
		m.locals[let.Local] = m.text(let.Value)
	}
	if e.Value == nil {
		return "", false
	}
	return m.text(e.Value), true
}

func (m *meaner) field(f types.Field) string {
	if m.age == 0 || len(f.Was) == 0 {
		return f.Name
	}
	return f.Was[min(m.age, len(f.Was))-1]
}

func (m *meaner) local(l *ir.Local) string {
	name, ok := m.locals[l]
	if !ok {
		name = "$" + strconv.Itoa(len(m.locals))
		m.locals[l] = name
	}
	return name
}

// number is a short number made of all that x says.
func (m *meaner) number(x any) string {
	h := fnv.New64a()
	var b strings.Builder
	m.walk(&b, reflect.ValueOf(x))
	h.Write([]byte(b.String()))
	return fmt.Sprintf("#%08x", uint32(h.Sum64()^h.Sum64()>>32))
}

// walk writes every part of a node of package ir that carries meaning.
func (m *meaner) walk(b *strings.Builder, v reflect.Value) {
	if v.IsValid() && v.CanInterface() && m.leaf(b, v.Interface()) {
		return
	}
	switch v.Kind() {
	case reflect.Interface, reflect.Pointer:
		if v.IsNil() {
			b.WriteString("nil ")
			return
		}
		m.walk(b, v.Elem())
	case reflect.Struct:
		fmt.Fprintf(b, "%s{", v.Type().Name())
		for i := range v.NumField() {
			m.walk(b, v.Field(i))
		}
		b.WriteString("}")
	case reflect.Slice:
		fmt.Fprintf(b, "[%d ", v.Len())
		for i := range v.Len() {
			m.walk(b, v.Index(i))
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(x, y reflect.Value) int { return strings.Compare(fmt.Sprint(x), fmt.Sprint(y)) })
		for _, k := range keys {
			fmt.Fprintf(b, "%v:", k)
			m.walk(b, v.MapIndex(k))
		}
	default:
		fmt.Fprintf(b, "%#v ", v)
	}
}

// leaf writes nodes that are not taken apart, and reports whether x is one.
func (m *meaner) leaf(b *strings.Builder, x any) bool {
	switch x := x.(type) {
	case nil, ir.StmtBase, source.Pos, source.Span:
	case ir.Base:
		fmt.Fprintf(b, "%s ", x.T)
	case types.Type:
		fmt.Fprintf(b, "%s ", x)
	case *ir.Local:
		if x != nil {
			b.WriteString(m.local(x) + " ")
		}
	case *ir.FieldOf:
		b.WriteString("." + m.field(fieldOf(x)) + " ")
		m.walk(b, reflect.ValueOf(x.X))
	case *ir.State:
		b.WriteString("state " + x.Name + " ")
	case *ir.Timer:
		b.WriteString("timer " + x.Name + " ")
	case *ir.Out:
		b.WriteString("out " + x.Name + " ")
	case *ir.Operator, *ir.Aggregate:
	case *ir.Param:
		b.WriteString("param " + x.Name + " ")
	case *ir.Func:
		if n, inside := m.funcs[x]; inside {
			fmt.Fprintf(b, "func %d ", n)
			return true
		}
		m.funcs[x] = len(m.funcs)
		m.walk(b, reflect.ValueOf(x.Params))
		m.walk(b, reflect.ValueOf(x.Body))
		delete(m.funcs, x)
	default:
		return false
	}
	return true
}

// constant reports whether FlowText can write e.
func constant(e ir.Expr) bool {
	switch e := e.(type) {
	case *ir.BoolConst, *ir.IntConst, *ir.FloatConst, *ir.StringConst, *ir.BytesConst, *ir.DecimalConst, *ir.EnumConst, *ir.NoneConst:
		return true
	case *ir.Convert:
		return constant(e.X)
	case *ir.ListLit:
		return !slices.ContainsFunc(e.Elems, notConstant)
	case *ir.SetLit:
		return !slices.ContainsFunc(e.Elems, notConstant)
	case *ir.RecordLit:
		return !slices.ContainsFunc(e.Fields, notConstant)
	case *ir.MapLit:
		return !slices.ContainsFunc(e.Keys, notConstant) && !slices.ContainsFunc(e.Values, notConstant)
	}
	return false
}

func notConstant(e ir.Expr) bool { return !constant(e) }
