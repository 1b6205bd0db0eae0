package flowc_test

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write what the documented commands print into the pages")

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
	from int    // offset of its text in the page
	text string
}

// blocks cuts a page into its fenced pieces.
func blocks(page string) []block {
	var all []block
	var open *block
	line, offset := 0, 0
	for text := range strings.Lines(page) {
		line++
		offset += len(text)
		kind, fence := strings.CutPrefix(strings.TrimSpace(text), "```")
		switch {
		case fence && open == nil:
			open = &block{kind: kind, line: line, from: offset}
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
// of text follows next, it shows what the commands print, and they may end with
// findings; otherwise they must end well. With -update the pages are rewritten.
func TestDocumentedCommands(t *testing.T) {
	t.Parallel()
	for _, page := range pages(t) {
		t.Run(page, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			got := rerun(t, page, string(text))
			if *update && got != string(text) {
				if err := os.WriteFile(page, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(text), got); diff != "" {
				t.Errorf("%s; run go test . -update (-want +got):\n%s", page, diff)
			}
		})
	}
}

// rerun returns the text of a page with what its commands print today.
func rerun(t *testing.T, page, text string) string {
	t.Helper()
	all := blocks(text)
	// From the last to the first, so that offsets hold.
	for i, shell := range slices.Backward(all) {
		if shell.kind != "sh" {
			continue
		}
		shown := i+1 < len(all) && all[i+1].kind == "text"
		out, code := runShell(t, shell.text)
		if code != 0 && !(shown && code == 1) {
			t.Errorf("%s:%d: exit code %d\n%s", page, shell.line, code, out)
		}
		if shown {
			old := all[i+1]
			text = text[:old.from] + out + text[old.from+len(old.text):]
		}
	}
	return text
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

// runShell runs commands in a copy of the examples and returns all they print
// and the exit code.
func runShell(t *testing.T, commands string) (out string, code int) {
	t.Helper()
	cmd := exec.Command("bash", "-eu", "-c", prelude+commands)
	cmd.Dir = workspace(t)
	cmd.Env = append(os.Environ(), "NO_COLOR=1", "PATH="+filepath.Dir(flowc(t))+string(os.PathListSeparator)+os.Getenv("PATH"))
	printed, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return string(printed), cmd.ProcessState.ExitCode()
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

// TestDocumentedGo looks for every line of Go in the pages: examples come from
// the code, and stay so.
func TestDocumentedGo(t *testing.T) {
	t.Parallel()
	code := goLines(t)
	for _, page := range pages(t) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range blocks(string(text)) {
			if b.kind != "go" {
				continue
			}
			for line := range strings.Lines(b.text) {
				if line = strings.TrimSpace(line); !code[line] {
					t.Errorf("%s:%d: no Go file has the line %s", page, b.line, line)
				}
			}
		}
	}
}

// goLines returns the lines of all Go files, without the space around them.
func goLines(t *testing.T) map[string]bool {
	t.Helper()
	lines := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		text, err := os.ReadFile(path)
		for line := range strings.Lines(string(text)) {
			lines[strings.TrimSpace(line)] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// TestLinks looks for the files that the pages point at or name.
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
			if target == "" || strings.Contains(target, "://") || strings.Contains(target, " ") { // or a call of a generic function
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(page), target)); err != nil {
				t.Errorf("%s points at %s: %v", page, target, err)
			}
		}
		for i, word := range strings.Split(string(text), "`") {
			if i%2 == 0 || !strings.Contains(word, "/") || !slices.Contains([]string{".go", ".flow", ".txtar", ".md"}, filepath.Ext(word)) ||
				strings.ContainsAny(word, " <") || strings.Contains(word, "NAME") {
				continue
			}
			if found, err := filepath.Glob(word); err != nil || len(found) == 0 {
				t.Errorf("%s names %s, which is not there", page, word)
			}
		}
	}
}
