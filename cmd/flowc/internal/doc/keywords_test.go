package doc_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/flow-lang/flowc/cmd/flowc/internal/doc"
)

// TestKeywords: each is explained in the section that is named for it, and each word
// that begins a declaration, a member of an operator or a statement is one.
func TestKeywords(t *testing.T) {
	t.Parallel()
	var names []string
	for _, e := range doc.Keywords() {
		if slices.Contains(names, e.Name) {
			t.Errorf("%s is explained twice", e.Name)
		}
		names = append(names, e.Name)
		if !regexp.MustCompile(`\b` + e.Name + `\b`).MatchString(e.Doc) {
			t.Errorf("%s: the section does not have the word", e.Signature)
		}
	}
	for _, w := range []string{
		"pipeline", "library", "import", "record", "enum", "union", "source", "sink", "operator", "aggregate", "fragment", "func", "extern", "remote", "stream", "test",
		"in", "out", "state", "timer", "on", "emit", "let", "var", "if", "for", "while", "match", "send", "clear", "drop", "fail", "return", "break", "continue",
		"value", "list", "map", "sorted", "set", "broadcast", "dynamic", "ttl", "forever", "key", "time", "watermark", "none", "uid",
	} {
		if !slices.Contains(names, w) {
			t.Errorf("%s is not explained", w)
		}
	}
}
