package lang_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
)

// corpus returns the programs in testdata/corpus by name.
func corpus(t testing.TB) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("testdata/corpus/*.flow")
	if err != nil || len(paths) < 100 {
		t.Fatalf("the corpus has %d programs (%v)", len(paths), err)
	}
	programs := map[string]string{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		programs[filepath.Base(path)] = string(text)
	}
	return programs
}

// mustParse parses a program that has no mistake.
func mustParse(t testing.TB, name, text string) *lang.File {
	t.Helper()
	var report diag.List
	file := lang.Parse(name, text, &report)
	for _, d := range report.Sorted() {
		t.Errorf("%s: %s: %s", d.Span, d.Code, d.Message)
	}
	if t.Failed() {
		t.Fatalf("%s does not parse:\n%s", name, text)
	}
	return file
}

func TestCorpusParses(t *testing.T) {
	t.Parallel()
	for name, text := range corpus(t) {
		mustParse(t, name, text)
	}
}

func TestFormatChangesOnlyTheLayout(t *testing.T) {
	t.Parallel()
	for name, text := range corpus(t) {
		checkFormat(t, name, text)
	}
}

// checkFormat formats a program and checks that it means the same after, that
// all comments are there, and that formatting again changes nothing.
func checkFormat(t testing.TB, name, text string) {
	t.Helper()
	before := mustParse(t, name, text)
	once := lang.Format(before)
	after := mustParse(t, name+" formatted", once)
	if diff := cmp.Diff(dump(before), dump(after)); diff != "" {
		t.Errorf("Format(%s) changes the program (-before +after):\n%s\n%s", name, diff, once)
	}
	if diff := cmp.Diff(commentCounts(before), commentCounts(after)); diff != "" {
		t.Errorf("Format(%s) changes the comments (-before +after):\n%s", name, diff)
	}
	if diff := cmp.Diff(once, lang.Format(after)); diff != "" {
		t.Errorf("Format(%s) changes its own result (-once +twice):\n%s", name, diff)
	}
}

// commentCounts says how often each comment stands in a file.
func commentCounts(file *lang.File) map[string]int {
	counts := map[string]int{}
	for _, c := range file.Comments {
		counts[c.Text]++
	}
	return counts
}
