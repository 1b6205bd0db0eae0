package flowc_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pages are the documents whose blocks of code are held to what they say.
func pages(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	return append(paths, more...)
}

// A block is a fenced piece of a page.
type block struct {
	kind string // what stands after the fence: "sh", "flow", "flow fragment", "text"
	line int    // of its fence
	text string
}

// blocks cuts a page into its fenced pieces.
func blocks(page string) []block {
	var all []block
	var open *block
	line := 0
	for text := range strings.Lines(page) {
		line++
		kind, fence := strings.CutPrefix(strings.TrimSpace(text), "```")
		switch {
		case fence && open == nil:
			open = &block{kind: kind, line: line}
		case fence:
			all = append(all, *open)
			open = nil
		case open != nil:
			open.text += text
		}
	}
	return all
}

// TestDocumentedCommands runs every block of shell in the pages. Where a block
// of text follows at once, it shows what the commands print: its lines must
// occur in this order, and a line … stands for any number of lines. The
// commands may then end with findings; otherwise they must end well.
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		all := blocks(string(text))
		for i, b := range all {
			if b.kind != "sh" {
				continue
			}
			var want *block
			if i+1 < len(all) && all[i+1].kind == "text" {
				want = &all[i+1]
			}
			t.Run(fmt.Sprintf("%s:%d", page, b.line), func(t *testing.T) {
				t.Parallel()
				runDocumented(t, b, want)
			})
		}
	}
}

// prelude makes the commands of a page work in a copy of the examples: flowc
// is the one under test, and the tests do not run themselves again.
const prelude = `
go() {
  case "$*" in
    "run ./cmd/flowc "*) shift 2; flowc "$@" ;;
    "test ./...") ;;
    *) command go "$@" ;;
  esac
}
`

// runDocumented runs the commands of b and looks for want in what they print.
func runDocumented(t *testing.T, b block, want *block) {
	t.Helper()
	cmd := exec.Command("bash", "-eu", "-o", "pipefail", "-c", prelude+b.text)
	cmd.Dir = workspace(t)
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "PATH="+filepath.Dir(flowc(t))+string(os.PathListSeparator)+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil && (want == nil || cmd.ProcessState.ExitCode() != 1) {
		t.Fatalf("%v\n%s", err, out)
	}
	if want == nil {
		return
	}
	got := strings.Split(strings.TrimSpace(string(out)), "\n")
	at, near := 0, true // near: the next line must stand at once
	for line := range strings.Lines(want.text) {
		line = strings.TrimRight(line, "\n")
		if strings.TrimSpace(line) == "…" {
			near = false
			continue
		}
		i := slices.Index(got[at:], line)
		if i < 0 || near && i > 0 {
			t.Fatalf("the page shows\n  %s\nwhich is not printed there; the output is\n%s", line, out)
		}
		at, near = at+i+1, true
	}
	if near && at != len(got) {
		t.Errorf("the page does not show the end of the output:\n%s", strings.Join(got[at:], "\n"))
	}
}

// TestDocumentedPrograms checks every block of Flow in the pages: a program
// must be free of findings, and a block marked as a fragment, some
// declarations without their surroundings, must at least be well formed.
func TestDocumentedPrograms(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks(string(text)) {
			program, args := b.text, []string{"check", "block.flow"}
			switch b.kind {
			case "flow":
			case "flow fragment":
				program, args = "pipeline fragment\n\n"+b.text, []string{"fmt", "block.flow"}
			default:
				continue
			}
			t.Run(fmt.Sprintf("%s:%d", page, b.line), func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				if err := os.WriteFile(filepath.Join(dir, "block.flow"), []byte(program), 0o644); err != nil {
					t.Fatal(err)
				}
				cmd := exec.Command(flowc(t), args...)
				cmd.Dir = dir
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("flowc %s: %v\n%s", strings.Join(args, " "), err, out)
				}
			})
		}
	}
}

// TestLinks looks for the files that the pages point at.
func TestLinks(t *testing.T) {
	t.Parallel()
	for _, page := range append(pages(t), "examples/data/README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range strings.Split(string(text), "](")[1:] {
			target, _, _ := strings.Cut(part, ")")
			target, _, _ = strings.Cut(target, "#")
			if target == "" || strings.Contains(target, "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), target)); err != nil {
				t.Errorf("%s points at %s: %v", page, target, err)
			}
		}
	}
}
