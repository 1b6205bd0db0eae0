package ir

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// text writes an expression in prefix form, "" for nil.
func text(e Expr) string {
	if e == nil {
		return ""
	}
	if s, ok := leafText(e); ok {
		return s
	}
	switch e := e.(type) {
	case *FieldOf:
		return text(e.X) + "." + fieldName(e.X.Type(), e.Index)
	case *Unary:
		return call(string(e.Op), e.X)
	case *Binary:
		return call(string(e.Op), e.X, e.Y)
	case *Convert:
		return call("to "+e.T.String(), e.X)
	case *Coalesce:
		return call("??", e.X, e.Y)
	case *OptionalMap:
		return "(?. " + text(e.X) + " " + e.Bind.Name + " => " + text(e.Body) + ")"
	case *Index:
		return call("index", e.X, e.Index)
	case *Call:
		return call(e.Func.Name+"()", e.Args...)
	case *Builtin:
		return builtinText(e)
	case *If:
		return call("if", e.Cond, e.Then, e.Else)
	case *IfLet:
		return "(if-let " + e.Bind.Name + " " + text(e.X) + " " + text(e.Then) + " " + text(e.Else) + ")"
	case *Match:
		return matchText(e)
	case *Do:
		parts := make([]string, len(e.Body))
		for i, s := range e.Body {
			parts[i] = stmtText(s)
		}
		return "(do " + strings.Join(append(parts, text(e.Value)), "; ") + ")"
	case *TimerAt:
		return e.Timer.Name + indexText(e.Index) + ".at"
	case *EntryGet, *EntryHas, *StateLen, *StateEnd, *StateKeys, *AggResult, *OtherGet:
		return entryText(e)
	default:
		return compoundText(e)
	}
}

// leafText writes expressions without operands.
func leafText(e Expr) (string, bool) {
	switch e := e.(type) {
	case *BoolConst:
		return strconv.FormatBool(e.Value), true
	case *IntConst:
		if types.Is(e.T, types.Int) {
			return strconv.FormatInt(e.Value, 10), true
		}
		return fmt.Sprintf("%d:%s", e.Value, e.T), true
	case *FloatConst:
		return strconv.FormatFloat(e.Value, 'g', -1, 64) + "f", true
	case *StringConst:
		return strconv.Quote(e.Value), true
	case *BytesConst:
		return fmt.Sprintf("%x:%s", e.Value, e.T), true
	case *DecimalConst:
		return e.Value + "d", true
	case *EnumConst:
		enum := e.T.(*types.Enum)
		return enum.Name + "." + enum.Symbols[e.Symbol].Name, true
	case *NoneConst:
		return "none:" + e.T.String(), true
	case *LocalRef:
		return e.Local.Name, true
	case *ParamRef:
		return "param:" + e.Param.Name, true
	case *Key:
		return "key", true
	case *Time:
		return "time", true
	case *Watermark:
		return "watermark", true
	case *Now:
		return "now", true
	case *StateGet:
		return "state:" + e.State.Name, true
	}
	return "", false
}

// compoundText writes expressions that put values together.
func compoundText(e Expr) string {
	switch e := e.(type) {
	case *RecordLit:
		parts := make([]string, len(e.Fields))
		for i, f := range e.Fields {
			parts[i] = fieldName(e.T, i) + ": " + text(f)
		}
		name := ""
		if r, ok := e.T.(*types.Record); ok && r.Name != "" {
			name = r.String()
		}
		return name + "{" + strings.Join(parts, ", ") + "}"
	case *With:
		parts := make([]string, len(e.Fields))
		for i, f := range e.Fields {
			parts[i] = fieldName(e.T, f.Index) + ": " + text(f.Value)
		}
		return "(with " + text(e.X) + " {" + strings.Join(parts, ", ") + "})"
	case *ListLit:
		return call("list", e.Elems...)
	case *SetLit:
		return call("set", e.Elems...)
	case *MapLit:
		parts := make([]string, len(e.Keys))
		for i := range e.Keys {
			parts[i] = text(e.Keys[i]) + ": " + text(e.Values[i])
		}
		return "(map " + strings.Join(parts, ", ") + ")"
	case *Interp:
		parts := make([]string, len(e.Parts))
		for i, p := range e.Parts {
			if parts[i] = strconv.Quote(p.Text); p.Expr != nil {
				parts[i] = text(p.Expr)
			}
		}
		return "(text " + strings.Join(parts, " ") + ")"
	default:
		panic(fmt.Sprintf("ir: no such expression %T", e))
	}
}

func call(name string, args ...Expr) string {
	parts := []string{name}
	for _, a := range args {
		parts = append(parts, text(a))
	}
	return "(" + strings.Join(parts, " ") + ")"
}

func builtinText(e *Builtin) string {
	parts := []string{e.Name}
	for i, a := range e.Args {
		if l := e.Lambdas[i]; l != nil {
			parts = append(parts, lambdaText(l))
			continue
		}
		parts = append(parts, text(a))
	}
	var rest []int
	for i := range e.Lambdas {
		if i >= len(e.Args) {
			rest = append(rest, i)
		}
	}
	sort.Ints(rest)
	for _, i := range rest {
		parts = append(parts, lambdaText(e.Lambdas[i]))
	}
	return "(" + strings.Join(parts, " ") + ")"
}

func matchText(e *Match) string {
	parts := make([]string, len(e.Arms))
	for i, a := range e.Arms {
		parts[i] = armText(a) + " => " + text(a.Body)
	}
	return "(match " + text(e.X) + " " + strings.Join(parts, "; ") + ")"
}

func fieldName(t types.Type, i int) string {
	if r, ok := t.(*types.Record); ok && i < len(r.Fields) {
		return r.Fields[i].Name
	}
	return strconv.Itoa(i)
}
