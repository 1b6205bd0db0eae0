package codegen_test

import (
	"strings"
	"testing"

	"github.com/flow-lang/flowc/codegen"
)

func TestAudit(t *testing.T) {
	t.Parallel()
	const head = codegen.Header + "\n\npackage pipeline\n"
	tests := []struct{ name, file, text, want string }{
		{"a package with what we write", "records.go", head + "\n// A is one.\ntype A struct {\n\tB int // b\n}\n", ""},
		{"an allowed import", "records.go", head + "\nimport \"math\"\n\nvar pi = math.Pi\n", ""},
		{"the command imports the package", "cmd/main.go", codegen.Header + "\n\npackage main\n\nimport \"x/y\"\n\nfunc main() { y.Run() }\n", ""},
		{"the package does not import itself", "records.go", head + "\nimport \"x/y\"\n\nvar _ = y.Run\n", `imports "x/y"`},
		{"no header", "records.go", "package pipeline\n", "does not begin with"},
		{"no Go", "records.go", head + "\nfunc {", "expected"},
		{"another import", "records.go", head + "\nimport \"os/exec\"\n\nvar _ = exec.Command\n", `imports "os/exec"`},
		{"cgo", "records.go", head + "\nimport \"C\"\n", `imports "C"`},
		{"an import under another name", "records.go", head + "\nimport m \"math\"\n\nvar pi = m.Pi\n", "under another name"},
		{"an import for its effect", "records.go", head + "\nimport _ \"math\"\n", "under another name"},
		{"init", "records.go", head + "\nfunc init() {}\n", "a function called init"},
		{"a function without body", "records.go", head + "\nfunc run()\n", "a function called run"},
		{"a directive of the toolchain", "records.go", head + "\n//go:linkname a b\nvar a int\n", "none of ours"},
		{"a line directive", "records.go", head + "\n//line a.go:1\nvar a int\n", "none of ours"},
		{"a block comment", "records.go", head + "\n/* a */\nvar a int\n", "none of ours"},
		{"a comment with other letters", "records.go", head + "\n// \u202egrüße\nvar a int\n", "a comment with"},
		{"a struct tag", "records.go", head + "\ntype A struct {\n\tB int `json:\"b\"`\n}\n", "a struct tag"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := codegen.Audit(map[string][]byte{tt.file: []byte(tt.text)}, codegen.Options{ImportPath: "x/y"})
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("Audit = %v, want nil", err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("Audit = %v, want one with %q", err, tt.want)
			}
		})
	}
}
