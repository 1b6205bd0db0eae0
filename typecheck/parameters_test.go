package typecheck_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/stdlib"
	"github.com/flow-lang/flowc/typecheck"
)

// TestWrongParameter: each step of the library that is given an argument by a name
// like no other says all that it takes, the outputs that may be waived included.
func TestWrongParameter(t *testing.T) {
	t.Parallel()
	steps := 0
	for name, text := range stdlib.Files() {
		var report diag.List
		for _, d := range lang.Parse(name, text, &report).Decls {
			op, ok := d.(*lang.OperatorDecl)
			if !ok {
				continue
			}
			steps++
			t.Run(op.Name.Text, func(t *testing.T) {
				t.Parallel()
				wrongParameter(t, op)
			})
		}
	}
	if steps < 20 {
		t.Errorf("the library has %d operators", steps)
	}
}

func wrongParameter(t *testing.T, op *lang.OperatorDecl) {
	var report diag.List
	text := fmt.Sprintf("pipeline app\n\nrecord E { k: string }\n\nsource es: E = jsonl(stdin)\nstream out = es |> %s(qqqzzzqqq: 1) uid \"u\"\nsink out to jsonl(stdout)\n", op.Name.Text)
	typecheck.Check(typecheck.Files{Main: lang.Parse("app.flow", text, &report)}, &report)
	help := ""
	for _, d := range report.Sorted() {
		if d.Code == typecheck.UnknownArgument {
			help = d.Help
		}
	}
	words := strings.FieldsFunc(help, func(r rune) bool { return r == ' ' || r == ',' })
	said := map[string]bool{}
	for _, w := range words {
		said[w] = true
	}
	var want []string
	for _, p := range op.Params {
		want = append(want, p.Name.Text)
	}
	ins := 0
	for _, m := range op.Members {
		switch m := m.(type) {
		case *lang.InDecl:
			if ins++; ins > 1 {
				want = append(want, m.Name.Text)
			}
		case *lang.OutDecl:
			if m.Name != nil {
				want = append(want, m.Name.Text)
			}
		}
	}
	for _, w := range want {
		if !said[w] {
			t.Errorf("the help does not name %s: %q", w, help)
		}
	}
}
