package cli_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flow-lang/flowc/cmd/flowc/internal/cli"
)

// flowc runs the command in this process.
func flowc(stdin string, args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = cli.Main(args, strings.NewReader(stdin), &out, &err)
	return code, out.String(), err.String()
}

// TestCheckHostileText gives check what no person would write. Each text must
// get an ordinary answer, and soon: the bound is far above what is promised, for
// machines that do other work at the same time.
func TestCheckHostileText(t *testing.T) {
	t.Parallel()
	const size = 1_000_000
	rnd := rand.New(rand.NewPCG(1, 2))
	random := make([]byte, size)
	printable := make([]byte, size)
	words := strings.Fields(`pipeline record source sink stream operator on state timer if let match { } ( ) [ ] < > |> => . , : ; = + - "a" ${ } 1 2.5 5s t"2024" none x`)
	var soup strings.Builder
	for i := range random {
		random[i] = byte(rnd.Uint32())
		printable[i] = byte(' ' + rnd.IntN(95))
	}
	for soup.Len() < size-20 {
		soup.WriteString(words[rnd.IntN(len(words))])
		soup.WriteByte(" \n"[rnd.IntN(2)])
	}
	repeat := func(s string) string { return strings.Repeat(s, size/len(s)) }
	tests := []struct{ name, text string }{
		{"empty", ""},
		{"NUL", "pipeline p\n\x00"},
		{"random bytes", string(random)},
		{"random letters", string(printable)},
		{"random words", soup.String()},
		{"one name", "pipeline " + repeat("x")},
		{"one string", "pipeline p\nsource s: S = csv(\"" + repeat("x")},
		{"open strings", repeat("\"${")},
		{"lines", repeat("\n")},
		{"comment", "// " + repeat("x")},
		{"comments", repeat("//\n")},
		{"parentheses", "pipeline p\nfunc f() -> int = " + repeat("(")},
		{"brackets", "pipeline p\nfunc f() -> int = " + repeat("[")},
		{"braces", repeat("{")},
		{"minus", "pipeline p\nfunc f() -> int = " + repeat("-")},
		{"plus", "pipeline p\nfunc f() -> int = 1" + repeat("+1")},
		{"pipes", "pipeline p\nstream s = a" + repeat("|>a")},
		{"fields", "pipeline p\nfunc f() -> int = a" + repeat(".a")},
		{"else if", "pipeline p\nfunc f() -> int = if a { 1 }" + repeat(" else if a { 1 }")},
		{"lambdas", "pipeline p\nfunc f() -> int = " + repeat("x=>")},
		{"types", "pipeline p\nrecord R { x: " + repeat("list<")},
		{"records", "pipeline p\n" + repeat("record R { x: int }\n")},
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.name, " ", "_"), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "hostile.flow")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, command := range []string{"check", "fmt"} {
				start := time.Now()
				code, stdout, stderr := flowc("", command, path)
				took := time.Since(start)
				if code > 1 {
					t.Errorf("flowc %s exits with %d: %.500s", command, code, stderr)
				}
				if took > 5*time.Second {
					t.Errorf("flowc %s took %v", command, took)
				}
				if command == "check" && stdout != "" {
					t.Errorf("flowc check writes to standard output: %.100q", stdout)
				}
				t.Logf("flowc %s: exit code %d, %v, %d bytes said", command, code, took, len(stderr))
			}
		})
	}
}

// TestExplainEveryCode holds the catalog together: every code is explained at
// length and once.
func TestExplainEveryCode(t *testing.T) {
	t.Parallel()
	code, list, stderr := flowc("", "explain")
	if code != 0 {
		t.Fatalf("flowc explain exits with %d: %s", code, stderr)
	}
	seen := map[string]bool{}
	for line := range strings.Lines(list) {
		name, title, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if seen[name] {
			t.Errorf("%s is explained twice", name)
		}
		seen[name] = true
		code, text, stderr := flowc("", "explain", name)
		if code != 0 || !strings.Contains(text, title) || len(text) < 200 {
			t.Errorf("flowc explain %s exits with %d and prints %q, %q", name, code, text, stderr)
		}
	}
	if len(seen) < 10 {
		t.Errorf("flowc explain lists %d codes", len(seen))
	}
}

// full is a device without space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestFullDisk(t *testing.T) {
	t.Parallel()
	var stderr bytes.Buffer
	code := cli.Main([]string{"explain"}, strings.NewReader(""), full{}, &stderr)
	if code != 1 || !strings.Contains(stderr.String(), "no space left") {
		t.Errorf("with a full disk flowc exits with %d and says %q", code, stderr.String())
	}
}

// broken is an input that breaks a promise of our own.
type broken struct{}

func (broken) Read([]byte) (int, error) { panic("the reader is broken") }

// TestBug holds a panic to exit code 3 and a request to report it.
func TestBug(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	code := cli.Main([]string{"fmt", "-"}, broken{}, &stdout, &stderr)
	if code != 3 {
		t.Errorf("a panic ends flowc with %d, want 3", code)
	}
	for _, want := range []string{"this is a bug in flowc", "report it at https://", "the reader is broken", "goroutine"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("standard error lacks %q:\n%s", want, stderr.String())
		}
	}
}
