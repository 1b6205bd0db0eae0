package lang_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
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
		for _, width := range []int{100, 70, 40, 1} {
			checkFormat(t, name, text, width)
		}
	}
}

// TestFormatKeepsCommentsAnywhere puts comments and line ends between random
// words of the corpus, wherever they do not change what the program means.
func TestFormatKeepsCommentsAnywhere(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	programs := corpus(t)
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		text := programs[name]
		for range 1 {
			checkFormat(t, name, disturb(random, name, text), 20+random.IntN(100))
		}
	}
}

// disturb returns the program with white space and comments put in.
func disturb(random *rand.Rand, name, text string) string {
	var report diag.List
	want := withoutDocs(dump(lang.Parse(name, text, &report)))
	for i := range 25 {
		at := random.IntN(len(text))
		put := []string{"\n", " ", fmt.Sprintf(" // comment %d\n", i), fmt.Sprintf("\n// comment %d\n\n", i), "\n\n\n"}[random.IntN(5)]
		tried := text[:at] + put + text[at:]
		var report diag.List
		file := lang.Parse(name, tried, &report)
		if len(report.Sorted()) == 0 && withoutDocs(dump(file)) == want {
			text = tried
		}
	}
	return text
}

// withoutDocs takes the comments that document things out of a dump.
func withoutDocs(dump string) string {
	return regexp.MustCompile(`(?m) doc:\[("([^"\\]|\\.)*" ?)*\]|^\(pipeline.*|^\(library.*`).ReplaceAllString(dump, "")
}

// checkFormat formats a program and checks that it means the same after, that
// all comments are there, and that formatting again changes nothing.
func checkFormat(t testing.TB, name, text string, width int) {
	t.Helper()
	before := mustParse(t, name, text)
	once := lang.FormatWidth(before, width)
	after := mustParse(t, name+" formatted", once)
	if diff := cmp.Diff(dump(before), dump(after)); diff != "" {
		t.Fatalf("Format(%s) changes the program (-before +after):\n%s\n%s", name, diff, text)
	}
	if diff := cmp.Diff(commentCounts(before), commentCounts(after)); diff != "" {
		t.Fatalf("Format(%s) changes the comments (-before +after):\n%s\n%s", name, diff, text)
	}
	if diff := cmp.Diff(once, lang.FormatWidth(after, width)); diff != "" {
		t.Fatalf("Format(%s) changes its own result at width %d (-once +twice):\n%s\n%s", name, width, diff, text)
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
