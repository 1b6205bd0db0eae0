package codegen

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
)

var manyPatterns = flag.Int("patterns", 1000, "how many regular expressions TestPatternsMatchAsRegexp tries")

// TestWhichPatterns says which regular expressions become Go.
func TestWhichPatterns(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`(?:&|^)channel_id=([^&]*)`:            true,
		`^[a-z]+$`:                             true,
		`^([a-z]+)-(\d+)$`:                     true,
		`order-(\d+)-(\d+)`:                    true,
		`id=(\w+);`:                            true,
		`name="(.*?)"`:                         true,
		`foo`:                                  true,
		``:                                     true,
		`^`:                                    true,
		`$`:                                    true,
		`(a|b)?c`:                              true,
		`\.(?:gif|png|jpe?g)$`:                 true,
		`^(\d{4})-(\d{2})-(\d{2})T`:            true,
		`^https?://([^/:]+)(?::(\d+))?(/.*)?$`: true, // . is all but a line's end, and the rest of the text is tried at its end only
		`[0-9]+`:                               true,
		`é[^é]`:                                false, // some code points beyond ASCII
		`(?i)foo`:                              false,
		`\bfoo`:                                false,
		`a*ab`:                                 false, // goes back
		`(a|ab)c`:                              true,  // a with or without b, and neither is c
		`(a|ab)(c|bcd)`:                        false,
		`.*foo`:                                false,
		`\d+-\d+`:                              false, // begins again where it has been
		`(ab)*`:                                false,
		`x{3,900}y`:                            false,
		`a^b`:                                  false,
		`(?m)^a`:                               false,
		`[[:^ascii:]]`:                         true,
	} {
		if _, ok := parsePattern(text); ok != want {
			t.Errorf("parsePattern(%q) = %t, want %t", text, ok, want)
		}
	}
}

// patternRunner is a program that holds functions for patterns against package
// regexp, over texts made of what stands in them.
const patternRunner = `package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"

	"github.com/flow-lang/flowc/rt/value"
)

type subject struct {
	text    string
	has     func(string) bool
	capture func(string) value.Option[[]string]
}

func main() {
	rnd := rand.New(rand.NewPCG(1, 2))
	for _, p := range subjects {
		re := regexp.MustCompile(p.text)
		parts := []string{"a", "b", "&", "é", "0", "-", "\n", "\xc3", "\xff", "\ufffd", "日", "_", ""}
		for _, r := range p.text {
			parts = append(parts, string(r))
		}
		for range 500 {
			s := ""
			for range rnd.IntN(10) {
				switch at := rnd.IntN(len(p.text) + 1); rnd.IntN(4) {
				case 0:
					s += p.text[at:min(len(p.text), at+rnd.IntN(6))]
				default:
					s += parts[rnd.IntN(len(parts))]
				}
			}
			want, got := value.Capture(re, s), p.capture(s)
			if want.OK != got.OK || !slices.Equal(want.V, got.V) || p.has(s) != want.OK {
				fmt.Printf("%q in %q: got %q, %t; want %q\n", p.text, s, got.V, p.has(s), want.V)
				os.Exit(1)
			}
		}
	}
}
`

// TestPatternsMatchAsRegexp holds Go that is made of regular expressions against
// package regexp: of those that people write, and of random ones.
func TestPatternsMatchAsRegexp(t *testing.T) {
	t.Parallel()
	texts := []string{
		``, `^`, `$`, `^$`, `a`, `é`, `日本`, `foo`, `(?:&|^)channel_id=([^&]*)`, `^[a-z]+$`, `^([a-z]+)-(\d+)$`, `order-(\d+)-(\d+)`,
		`id=(\w+);`, `name="(.*?)"`, `(a|b)?c`, `\.(?:gif|png|jpe?g)$`, `^(\d{4})-(\d{2})-(\d{2})T`,
		`^https?://([^/:]+)(?::(\d+))?(/.*)?$`, `[0-9]+`, `[^a]`, `[^a]b`, `(?s).`, `(?s)^.*`, `.`, `.{2,3}`, `a{2,4}?b`, `([^&]{2,})&?`,
		`^a|b`, `(^a|b)(c?)`, `(?:^|x)(?:^|y)`, `a??`, `a*?$`, `(?s).*?$`, `[^,]*,([^,]*)`, `()a`, `(a)|(b)`, `(a)|(b)|`, `[[:^ascii:]]+a`,
		`x*`, `(x*)(y*)`, `-?\d+(?:\.\d+)?`,
	}
	rnd := rand.New(rand.NewPCG(3, 5))
	for len(texts) < *manyPatterns {
		text := randomPattern(rnd, 3)
		if _, err := regexp.Compile(text); err == nil {
			texts = append(texts, text)
		}
	}
	g := newGenerator(&plan.Graph{Program: &ir.Program{}})
	var rows []jen.Code
	for _, text := range texts {
		p, ok := parsePattern(text)
		if !ok || g.helpers.names["subject "+text] != "" {
			continue
		}
		g.helpers.names["subject "+text] = "seen"
		rows = append(rows, jen.Line().Values(jen.Lit(text), g.helpers.matcher(g, p, false), g.helpers.captured(g, p)))
	}
	t.Logf("%d of %d patterns become Go", len(rows), len(texts))
	if len(rows) < len(texts)/20 {
		t.Errorf("only %d of %d patterns become Go", len(rows), len(texts))
	}
	g.functions.add(jen.Var().Id("subjects").Op("=").Index().Id("subject").Values(append(rows, jen.Line())...))
	g.functions.name = "functions.go"
	code, err := g.render(&g.functions)
	if err != nil {
		t.Fatal(err)
	}
	runOverlay(t, map[string]string{
		"main.go":     patternRunner,
		"patterns.go": strings.Replace(string(code), "package pipeline", "package main", 1),
	})
}

// runOverlay runs files as a command of this module that is not on the disk.
func runOverlay(t *testing.T, files map[string]string) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		overlay.Replace[filepath.Join(root, "codegen", "patternrunner", name)] = path
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(path, list, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "-overlay", path, "./codegen/patternrunner")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// randomPattern makes a regular expression that is no deeper than depth.
func randomPattern(rnd *rand.Rand, depth int) string {
	atoms := []string{"a", "b", "ab", "&", "é", "[ab]", "[^a]", "[^&b]", ".", `\d`, `\w`, "0-", "日b", "^", "$", "(?s:.)"}
	quantifiers := []string{"", "", "", "*", "+", "?", "{2}", "{1,3}", "*?", "+?", "??", "{0,2}?", "{2,}"}
	part := func() string {
		if depth == 0 || rnd.IntN(2) == 0 {
			return atoms[rnd.IntN(len(atoms))]
		}
		inner := randomPattern(rnd, depth-1)
		switch rnd.IntN(3) {
		case 0:
			return "(" + inner + ")"
		case 1:
			return "(?:" + inner + ")"
		default:
			return fmt.Sprintf("(?:%s|%s)", inner, randomPattern(rnd, depth-1))
		}
	}
	var b strings.Builder
	for range 1 + rnd.IntN(3) {
		b.WriteString(part())
		b.WriteString(quantifiers[rnd.IntN(len(quantifiers))])
	}
	return b.String()
}
