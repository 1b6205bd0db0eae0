package doc_test

import (
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/cmd/flowc/internal/doc"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/oracle"
	"github.com/flow-lang/flowc/reliability"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/ir"
)

var update = flag.Bool("update", false, "write what the examples of the library give into its sources, and its pages")

const root = "../../../.."

// TestLibraryPages runs the example of each operator and aggregate of the library:
// what it gives, and the picture of it, stand in the doc comment; the pages below
// docs/library are made of those.
func TestLibraryPages(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	paths, err := filepath.Glob(filepath.Join(root, "stdlib", "*.flow"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no library (%v)", err)
	}
	paths = append(paths, filepath.Join(root, "cmd", "flowc", "internal", "doc", "routing.flow"))
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := illustrated(t, filepath.Base(path), string(text))
		settle(t, path, string(text), want)
		files[strings.TrimPrefix(filepath.ToSlash(path), root+"/")] = want
	}
	for name, page := range doc.LibraryPages(files) {
		path := filepath.Join(root, "docs", "library", name+".md")
		text, err := os.ReadFile(path)
		if err != nil && !*update {
			t.Fatal(err)
		}
		settle(t, path, string(text), page)
	}
}

// settle compares a file with what it should be, or writes it.
func settle(t *testing.T, path, got, want string) {
	t.Helper()
	if *update {
		if got != want {
			if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s is not up to date; make golden writes it (-want +got):\n%s", path, diff)
	}
}

// illustrated writes the sections Timeline and Out of a file of the library anew.
func illustrated(t *testing.T, name, text string) string {
	t.Helper()
	for _, e := range doc.Declarations(lang.Parse(name, text, &diag.List{})) {
		if e.Kind != "operator" && e.Kind != "aggregate" {
			continue
		}
		if e.Program == "" {
			t.Errorf("%s has no example", e.Name)
			continue
		}
		if e.Input == "" {
			continue // it cannot run by itself
		}
		timeline, output := example(t, &e)
		head := strings.Index(text, "\n"+e.Kind+" "+e.Name)
		from := strings.LastIndex(text[:head], "\n\n") + 2
		comment := text[from : head+1]
		text = text[:from] + rewritten(comment, timeline, output) + text[head+1:]
	}
	return text
}

// rewritten puts a picture and an output into a comment.
func rewritten(comment, timeline, output string) string {
	var plain strings.Builder
	for line := range strings.Lines(comment) {
		plain.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "//"), " "))
	}
	prose, sections := doc.Sections(plain.String())
	sections["Timeline"], sections["Out"] = timeline, output
	var out strings.Builder
	put := func(indent, text string) {
		for line := range strings.Lines(text + "\n") {
			out.WriteString(strings.TrimRight("// "+indent+line, " \n") + "\n")
		}
	}
	put("", prose)
	for _, name := range []string{"Timeline", "Example", "In", "Out"} {
		put("", "\n"+name+":\n")
		put("  ", sections[name])
	}
	return out.String()
}

// example runs an entry's example and returns its picture and what it gives.
func example(t *testing.T, e *doc.Entry) (timeline, output string) {
	t.Helper()
	prog := compiled(t, e, strings.Replace(e.Program, "jsonl(stdin) { event time at }\n", "jsonl(stdin) { event time at }\n\nsink events to jsonl(stdout) uid \"in\"\n", 1))
	out, err := oracle.Run(prog, oracle.Input{
		Rows:   map[string][]string{"events": strings.Split(e.Input, "\n")},
		Hash64: func(json string) int64 { return int64(value.HashString(strings.Trim(json, `"`))) }, // of strings
	})
	if err != nil {
		t.Fatalf("%s: %v", e.Name, err)
	}
	var rows []string
	for _, w := range out.Written {
		if w.Sink != "in" {
			rows = append(rows, w.Row)
		}
	}
	return picture(out.Written), strings.Join(rows, "\n")
}

// compiled checks a program, which must be free of findings.
func compiled(t *testing.T, e *doc.Entry, text string) *ir.Program {
	t.Helper()
	var report diag.List
	prog := typecheck.Check(typecheck.Files{Main: lang.Parse(e.Name+".flow", text, &report)}, &report)
	for _, d := range report.Sorted() {
		t.Fatalf("%s: %s\n%s", d.Span, d.Message, text)
	}
	return prog
}

// TestLibraryExamples: the examples as they stand in the docs give what they say;
// by the plainest interpreter, and from the tier gate on also compiled.
func TestLibraryExamples(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	flowc := filepath.Join(dir, "flowc")
	for _, e := range doc.Library() {
		if e.Input == "" {
			if e.Program != "" {
				compiled(t, &e, e.Program)
			}
			continue
		}
		timeline, output := example(t, &e)
		if diff := cmp.Diff([]string{timeline, output}, []string{e.Timeline, e.Output}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", e.Name, diff)
		}
		if reliability.Tier() == "quick" {
			continue
		}
		if _, err := os.Stat(flowc); err != nil {
			if out, err := exec.Command("go", "build", "-o", flowc, root+"/cmd/flowc").CombinedOutput(); err != nil {
				t.Fatalf("go build: %v\n%s", err, out)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, e.Name+".flow"), []byte(e.Program), 0o666); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(flowc, "run", e.Name+".flow", "--", "--quiet")
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(e.Input+"\n")
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%s: %v", e.Name, err)
		}
		if diff := cmp.Diff(sortedLines(e.Output+"\n"), sortedLines(string(out))); diff != "" {
			t.Errorf("%s compiled (-want +got):\n%s", e.Name, diff)
		}
	}
}

func sortedLines(text string) []string {
	lines := slices.Collect(strings.Lines(text))
	slices.Sort(lines)
	return lines
}

// TestLibraryPagesAreAll: there is no page below docs/library that is not made.
func TestLibraryPagesAreAll(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for _, name := range []string{"stateless", "keyed", "windows", "joins", "aggregates", "async", "routing"} {
		files[name] = ""
	}
	paths, err := filepath.Glob(filepath.Join(root, "docs", "library", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, path := range paths {
		got[strings.TrimSuffix(filepath.Base(path), ".md")] = ""
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(files)), slices.Sorted(maps.Keys(got))); diff != "" {
		t.Errorf("pages (-want +got):\n%s", diff)
	}
}
