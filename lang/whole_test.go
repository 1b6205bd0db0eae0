package lang_test

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

// optionalFields are the fields of the tree that may be nil. All others are set, also
// after a mistake, so that the stages after the parser need not ask.
const optionalFields = `
	Name.Qualifier File.Pipeline ImportDecl.As FuncDecl.Result FuncDecl.Expr FuncDecl.Body AggregateDecl.Add
	AggregateDecl.MergeName AggregateDecl.Merge AggregateDecl.Result SourceDecl.UID SinkDecl.UID SinkDecl.OnError
	RekeyDecl.Merge FieldDecl.Default FieldDecl.JSON EnumSymbol.Number ParamDecl.Default TypeExpr.Name TypeExpr.Func
	TypeExpr.If TypeExpr.Agg StepClauses.UID StepClauses.Retention StepClauses.OnError WatermarkClause.Lag
	WatermarkClause.Idle PolicyClause.To InDecl.Key InDecl.Wire OutDecl.Name StateDecl.Init StateDecl.Retention
	StateDecl.Queryable StateDecl.QueryableAs StateDecl.Migrate TimerDecl.IndexType TimerDecl.EntryKey TimerDecl.EntryValue
	TimerDecl.EntryState TimerDecl.At HandlerDecl.Index RetentionClause.TTL LetStmt.Type ForStmt.Key EmitStmt.Out
	EmitStmt.At ClearStmt.State ReturnStmt.Value SendStmt.After RecordLit.Type RangeExpr.From RangeExpr.To IfExpr.Let
	IfExpr.Else StringPart.Expr LambdaParam.Type MemberPattern.Bind TestExpect.State TestExpect.Key TestExpect.Entry TestExpect.X`

// optional is optionalFields as a set.
var optional = func() map[string]bool {
	set := map[string]bool{}
	for _, name := range strings.Fields(optionalFields) {
		set[name] = true
	}
	return set
}()

// checkWhole checks that nothing is missing in a tree, and that each node lies
// in the text.
func checkWhole(t testing.TB, v reflect.Value, size int) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		checkWhole(t, v.Elem(), size)
	case reflect.Slice:
		for i := range v.Len() {
			checkWhole(t, v.Index(i), size)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[source.Span]() {
			return
		}
		if r, ok := v.Interface().(lang.Range); ok {
			if r.Pos.Line < 1 || r.Pos.Offset > r.EndPos.Offset || r.EndPos.Offset > size {
				t.Fatalf("a node has the range %+v in a text of %d bytes", r, size)
			}
			return
		}
		for i := range v.NumField() {
			f := v.Field(i)
			if !f.CanInterface() { // unexported
				continue
			}
			if k := f.Kind(); (k == reflect.Pointer || k == reflect.Interface) && f.IsNil() {
				name := v.Type().Name() + "." + v.Type().Field(i).Name
				if !optional[name] {
					t.Fatalf("%s is nil", name)
				}
				continue
			}
			checkWhole(t, f, size)
		}
	}
}

// TestOneMistakeOneMessage leaves out each token of each program in turn: what
// is left has one mistake or none, and it should have one message at most. That
// cannot always be so, where the token that is missing is a bracket.
func TestOneMistakeOneMessage(t *testing.T) {
	t.Parallel()
	programs, more := 0, 0
	all := corpus(t)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		text := all[name]
		for i, tok := range lang.Tokens(text) {
			if i%15 != 0 {
				continue
			}
			broken := text[:tok[0]] + text[tok[1]:]
			var report diag.List
			file := lang.Parse(name, broken, &report)
			checkWhole(t, reflect.ValueOf(file), len(broken))
			programs++
			if len(report.Sorted()) > 1 {
				more++
			}
		}
	}
	if more*100 > programs {
		t.Errorf("of %d programs with one mistake %d have more than one message", programs, more)
	}
}
