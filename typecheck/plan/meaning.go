package plan

import (
	"fmt"
	"hash/fnv"
	"maps"
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
// former names of the fields and symbols that it reads. Behind them it stands as
// older versions wrote it, so that what they locked is known again.
func meaningOf(e ir.Expr, record *ir.Local) schema.Text {
	out := schema.Text{Now: meaning(e, record)}
	add := func(text string) {
		if text != out.Now && !slices.Contains(out.Was, text) {
			out.Was = append(out.Was, text)
		}
	}
	all := combined(renamedIn(e))
	for _, a := range all[1:] {
		add((&meaner{ages: a}).whole(e, record))
	}
	for _, a := range all {
		add((&meaner{ages: a, prefixed: true}).whole(e, record))
	}
	if !strings.Contains(out.Now, formerly) {
		for _, a := range all {
			add((&meaner{ages: a, typed: true, prefixed: true}).whole(e, record))
		}
	}
	return out
}

// ages says which of its names things have that were called otherwise: 0 is the one that
// they have, 1 the latest of the former ones.
type ages map[string]int

// mostNames is how many ways of naming what an expression reads are written. Where there
// are more, all things have names of one age.
const mostNames = 32

// combined returns the ways in which things may be named, of each of which it says how
// many former names it has: first as they are. A program that is older may have renamed
// some of them already.
func combined(former map[string]int) []ages {
	ways, oldest := 1, 0
	for _, n := range former {
		ways, oldest = min(ways*(n+1), mostNames+1), max(oldest, n)
	}
	list := []ages{{}}
	if ways > mostNames {
		for age := 1; age <= oldest; age++ {
			of := ages{}
			for thing, n := range former {
				of[thing] = min(age, n)
			}
			list = append(list, of)
		}
		return list
	}
	for _, thing := range slices.Sorted(maps.Keys(former)) {
		for _, of := range list {
			for age := 1; age <= former[thing]; age++ {
				more := maps.Clone(of)
				more[thing] = age
				list = append(list, more)
			}
		}
	}
	return list
}

// formerly stands behind a name that was that of another thing which is still there,
// as where two have changed their names: the name alone would not say which it is.
const formerly = "~"

// meaning writes e so that two expressions that mean the same have one text
// wherever that can be seen: locals and types have no names, and what is only
// written for the reader is left out.
func meaning(e ir.Expr, record *ir.Local) string { return (&meaner{}).whole(e, record) }

// written is meaning with the names of types.
func written(e ir.Expr, record *ir.Local) string {
	return (&meaner{typed: true, prefixed: true}).whole(e, record)
}

// Shown writes an expression for people, as in Flow, with the values of parameters
// where those are read. What has no short form is "…".
func Shown(e ir.Expr, params ...*ir.OpParam) string {
	m := &meaner{shown: true, locals: map[*ir.Local]string{}, funcs: map[*ir.Func]int{}}
	for _, p := range params {
		m.locals[p.Local] = m.text(p.Value)
	}
	return m.outer(e)
}

// unsaid stands for what is too long to be shown: the text of the program has it.
const unsaid = "…"

func (m *meaner) whole(e ir.Expr, record *ir.Local) string {
	m.locals, m.funcs = map[*ir.Local]string{}, map[*ir.Func]int{}
	if record != nil {
		m.locals[record] = "_"
	}
	return m.outer(e)
}

// outer writes an expression that stands alone, and needs no parentheses around it.
func (m *meaner) outer(e ir.Expr) string {
	text := m.text(e)
	if inner, ok := strings.CutPrefix(text, "("); ok && m.bare(e) {
		return strings.TrimSuffix(inner, ")")
	}
	return text
}

// bare reports whether text puts an expression in parentheses.
func (m *meaner) bare(e ir.Expr) bool {
	switch e := e.(type) {
	case *ir.Binary, *ir.Coalesce:
		return true
	case *ir.Convert:
		return !m.prefixed && m.bare(e.X)
	case *ir.Do:
		return !m.prefixed && e.Value != nil && m.bare(e.Value)
	}
	return false
}

// renamedIn returns the fields and symbols that stand in e, or in a function that e
// calls, and were called otherwise, with the number of their former names.
func renamedIn(e ir.Expr) map[string]int {
	out := map[string]int{}
	add := func(name string, was []string) {
		if len(was) > 0 {
			out[thing(name, was)] = len(was)
		}
	}
	seen := map[*ir.Func]bool{}
	var visit func(n ir.Node) bool
	visit = func(n ir.Node) bool {
		switch n := n.(type) {
		case *ir.FieldOf:
			f := fieldOf(n)
			add(f.Name, f.Was)
		case *ir.EnumConst:
			s := &n.T.(*types.Enum).Symbols[n.Symbol]
			add(s.Name, s.Was)
		case *ir.RecordLit:
			if r, ok := n.T.(*types.Record); ok {
				for _, f := range r.Fields {
					add(f.Name, f.Was)
				}
			}
		case *ir.Call:
			if !seen[n.Func] {
				seen[n.Func] = true
				ir.InspectAll(n.Func.Body, visit)
			}
		}
		return true
	}
	ir.Inspect(e, visit)
	return out
}

// thing is what fields and symbols are known by that have all their names alike.
func thing(name string, was []string) string { return name + " was " + strings.Join(was, ", ") }

func fieldOf(f *ir.FieldOf) types.Field {
	if r, ok := f.X.Type().(*types.Record); ok {
		return r.Fields[f.Index]
	}
	return types.Field{Name: strconv.Itoa(f.Index)}
}

// A meaner writes meanings.
type meaner struct {
	ages     ages
	typed    bool // types have names, symbols of enums the place and the name that they were declared with
	prefixed bool // built-in functions stand before their receivers, with its kind, and numbers for what has parts
	shown    bool // locals and records have names, and no numbers stand for what is not shown
	locals   map[*ir.Local]string
	funcs    map[*ir.Func]int // those whose bodies are being written
}

// text writes what people write, too; all else as a number made of what it says.
func (m *meaner) text(e ir.Expr) string {
	switch e := e.(type) {
	case *ir.LocalRef:
		return m.local(e.Local)
	case *ir.ParamRef:
		if e.Param.Env && !m.prefixed {
			return "env(" + strconv.Quote(e.Param.Name) + ")"
		}
		return "param(" + strconv.Quote(e.Param.Name) + ")"
	case *ir.FieldOf:
		return m.text(e.X) + "." + m.fieldOf(e)
	case *ir.Convert:
		return m.text(e.X)
	case *ir.Unary:
		return m.sign(e.Op) + m.text(e.X)
	case *ir.Binary:
		return "(" + m.text(e.X) + " " + string(e.Op) + " " + m.text(e.Y) + ")"
	case *ir.Coalesce:
		return "(" + m.text(e.X) + " ?? " + m.text(e.Y) + ")"
	case *ir.Call:
		call := e.Func.Name + "(" + m.texts(e.Args) + ")"
		if m.shown {
			return call
		}
		return call + m.number(e.Func)
	case *ir.Builtin:
		if len(e.Lambdas) == 0 {
			return m.builtin(e)
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
		return m.constant(e)
	}
	if !m.prefixed {
		if text, ok := m.parts(e); ok {
			return text
		}
	}
	return m.number(e)
}

// parts writes what older versions gave a number.
func (m *meaner) parts(e ir.Expr) (string, bool) {
	switch e := e.(type) {
	case *ir.Index:
		return m.text(e.X) + "[" + m.text(e.Index) + "]", true
	case *ir.ListLit:
		return "[" + m.texts(e.Elems) + "]", true
	case *ir.Interp:
		var out strings.Builder
		for _, p := range e.Parts {
			if p.Expr != nil {
				out.WriteString("${" + m.outer(p.Expr) + "}")
				continue
			}
			text := strconv.Quote(p.Text)
			out.WriteString(strings.ReplaceAll(text[1:len(text)-1], "$", `\$`))
		}
		return `"` + out.String() + `"`, true
	case *ir.OptionalMap:
		m.locals[e.Bind] = m.text(e.X) + "?"
		return m.text(e.Body), true
	case *ir.If:
		return "if " + m.outer(e.Cond) + " { " + m.outer(e.Then) + " } else { " + m.outer(e.Else) + " }", true
	}
	return "", false
}

// sign is the sign of a unary operation.
func (m *meaner) sign(op ir.Op) string {
	switch {
	case op != ir.Neg:
		return string(op)
	case m.prefixed:
		return "n"
	}
	return "-"
}

// builtin writes a call of a built-in function, behind its receiver if it has one.
func (m *meaner) builtin(e *ir.Builtin) string {
	_, name, method := strings.Cut(e.Name, ".")
	if m.prefixed || !method {
		return e.Name + "(" + m.texts(e.Args) + ")"
	}
	receiver := m.text(e.Args[0]) + "."
	zone, part, zoned := strings.Cut(name, ".")
	switch {
	case zoned:
		return receiver + zone + "(" + m.text(e.Args[1]) + ")." + part
	case bool(e.Reads):
		return receiver + name
	}
	return receiver + name + "(" + m.texts(e.Args[1:]) + ")"
}

// constant writes what FlowText writes, but for the names of types.
func (m *meaner) constant(e ir.Expr) string {
	if m.typed {
		return FlowText(e)
	}
	switch e := e.(type) {
	case *ir.EnumConst:
		return m.symbol(e)
	case *ir.ListLit:
		return "[" + m.texts(e.Elems) + "]"
	case *ir.SetLit:
		return "[" + m.texts(e.Elems) + "]"
	case *ir.MapLit:
		out := make([]string, len(e.Keys))
		for i := range e.Keys {
			out[i] = m.text(e.Keys[i]) + ": " + m.text(e.Values[i])
		}
		return "[" + strings.Join(out, ", ") + "]"
	}
	return FlowText(e)
}

// symbol is the name of an enum's symbol.
func (m *meaner) symbol(e *ir.EnumConst) string {
	all := e.T.(*types.Enum).Symbols
	s := &all[e.Symbol]
	return m.named(s.Name, s.Was, func(name string) bool {
		return slices.ContainsFunc(all, func(o types.Symbol) bool { return o.Name == name })
	})
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
		out[i] = m.field(r, i) + ": " + m.text(f)
	}
	if m.shown && r.Name != "" {
		return r.Name + " { " + strings.Join(out, ", ") + " }"
	}
	if !m.typed && r.Name != "" {
		slices.Sort(out) // the order of the declaration is no part of what it means
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

func (m *meaner) fieldOf(e *ir.FieldOf) string {
	if r, ok := e.X.Type().(*types.Record); ok {
		return m.field(r, e.Index)
	}
	return strconv.Itoa(e.Index)
}

// field is the name of a field.
func (m *meaner) field(r *types.Record, i int) string {
	return m.named(r.Fields[i].Name, r.Fields[i].Was, func(name string) bool {
		return slices.ContainsFunc(r.Fields, func(f types.Field) bool { return f.Name == name })
	})
}

// named is the name that something had at its age; taken says which names the things
// beside it have.
func (m *meaner) named(name string, was []string, taken func(string) bool) string {
	age := 0
	if len(was) > 0 {
		age = m.ages[thing(name, was)]
	}
	switch {
	case age > 0:
		return was[age-1]
	case !m.typed && !m.shown && len(was) > 0 && taken(was[0]):
		return name + formerly + was[0]
	}
	return name
}

// typeText writes a type without the names that a program gives to records, enums and
// unions.
func (m *meaner) typeText(t types.Type) string {
	if m.typed {
		return t.String()
	}
	switch t := t.(type) {
	case *types.Record:
		return "record"
	case *types.Enum:
		return "enum"
	case *types.Union:
		return "union"
	case *types.Option:
		return m.typeText(t.Elem) + "?"
	case *types.List:
		return "list<" + m.typeText(t.Elem) + ">"
	case *types.Set:
		return "set<" + m.typeText(t.Elem) + ">"
	case *types.Map:
		return "map<" + m.typeText(t.Key) + ", " + m.typeText(t.Value) + ">"
	}
	return t.String()
}

func (m *meaner) local(l *ir.Local) string {
	name, ok := m.locals[l]
	if !ok && m.shown {
		return l.Name
	}
	if !ok {
		name = "$" + strconv.Itoa(len(m.locals))
		m.locals[l] = name
	}
	return name
}

// number is a short number made of all that x says.
func (m *meaner) number(x any) string {
	if m.shown {
		return unsaid
	}
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
	case ir.Property: // follows from the name
	case ir.Base:
		if x.T == nil || m.typed {
			fmt.Fprintf(b, "%s ", x.T)
		} else {
			b.WriteString(m.typeText(x.T) + " ")
		}
	case types.Type:
		b.WriteString(m.typeText(x) + " ")
	case *ir.EnumConst:
		if m.typed {
			return false
		}
		b.WriteString(m.symbol(x) + " ")
	case *ir.RecordLit:
		r, ok := x.T.(*types.Record)
		if m.typed || !ok {
			return false
		}
		b.WriteString(m.record(r, x) + " ")
	case *ir.With:
		r, ok := x.T.(*types.Record)
		if m.typed || !ok {
			return false
		}
		m.walk(b, reflect.ValueOf(x.X))
		for i := range x.Fields {
			b.WriteString(m.field(r, x.Fields[i].Index) + ": ")
			m.walk(b, reflect.ValueOf(x.Fields[i].Value))
		}
	case *ir.Local:
		if x != nil {
			b.WriteString(m.local(x) + " ")
		}
	case *ir.FieldOf:
		b.WriteString("." + m.fieldOf(x) + " ")
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
