package codegen_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/token"
	gotypes "go/types"
	"strconv"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/codegen"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// placesProgram has a mark in each place where text of a program can reach what
// is generated: «name» is a name, and “text” the inside of a quoted text.
const placesProgram = `// “comment”
pipeline «pipeline»

// “doc of an enum”
enum «Enum» { «symbol», other = 7 }

union «Union» = «Record» | Second

record Second { n: int }

// “doc of a record”
record «Record» {
  «field»: string = "“default”" json "“wire name”" was "“former name”"
  k: string
  n: int
  at: timestamp
  e: «Enum» = «Enum».«symbol»
  raw: bytes = b"“bytes”"
  «optional_field»: int?
}

// “doc of a function”
func «function»(«function_param»: int, s: string) -> string {
  let «local» = «function_param» + 1
  if s.matches("(“pattern”)?") { return "“part” ${«local»} “other part”" }
  s.replace("“old text”", "“new text”").pad_left(3, "“pad”")
}

func «generic»<«TypeParam»>(x: «TypeParam») -> «TypeParam» = x

aggregate «aggregate»(x: int) -> int {
  state «aggregate_state»: value<int> = 0
  add { «aggregate_state» += x }
  merge «merged» { «aggregate_state» += «merged».«aggregate_state» }
  result = «aggregate_state»
}

source «source»: «Record» = jsonl("“source path”") {
  event time at
}

operator «operator»(«operator_param»: string = "“operator default”") {
  in  «input»: «Record» key «input».k
  out «Record»
  out «output»: «Record»
  state «state»: value<string> = "“state default”" forever queryable "“query name”"
  state «map_state»: map<string, int> forever
  state sum: aggregate<(r: «Record») => «aggregate»(r.n)> forever
  timer «timer»: event time
  timer «family»[int]: event time
  func «helper»(«helper_param»: int) -> string = string(«helper_param») + "“in a helper”"
  on «input» {
    «timer».set(time)
    «family»[1].set(time)
    sum.add(«input»)
    «map_state»["“map key”"] = 1
    if «state» == «operator_param» { fail "“reason”" }
    «state» = param("“param name”", "“param default”") + «helper»(1) + «function»(1, "x") + string(«generic»(1))
    let «lambda_result» = [1].map(«lambda_param» => «lambda_param» + 1).sum()
    match «input».e {
      «Enum».«symbol» => { emit «input» with { n: «lambda_result» } }
      _ => { emit «output» «input» }
    }
  }
  on «timer» { clear «state» }
  on «family»[«index»] { «map_state».remove(string(«index»)) }
}

fragment «fragment»(«fragment_param»: stream<«Record»>) -> stream<«Record»> = «fragment_param» |> filter(r => r.n > 1)

stream «stream» = «source» |> «fragment» |> «operator» uid "“step uid”"

sink «stream» to jsonl("“sink path”") uid "“sink uid”"
sink «stream».«output» to csv("b")
`

// places lists the marks of placesProgram, each once.
func places() []string {
	var out []string
	seen := map[string]bool{}
	for _, quotes := range []string{"«»", "“”"} {
		q := []rune(quotes)
		for _, part := range strings.Split(placesProgram, string(q[0]))[1:] {
			mark, _, _ := strings.Cut(part, string(q[1]))
			if mark = string(q[0]) + mark + string(q[1]); !seen[mark] {
				seen[mark] = true
				out = append(out, mark)
			}
		}
	}
	return out
}

// plain writes the program with the value in one place, and something harmless
// of its own in each of the others.
func plain(place, value string) string {
	text := strings.ReplaceAll(placesProgram, place, value)
	for _, mark := range places() {
		inside := strings.Trim(mark, "«»“”")
		if strings.HasPrefix(mark, "“") {
			inside = "the " + inside
		}
		if mark == "“param name”" || strings.HasSuffix(mark, " uid”") {
			inside = strings.ReplaceAll(inside, " ", "_")
		}
		if mark == "“pattern”" {
			inside = "a+"
		}
		if mark == "“pad”" {
			inside = "-"
		}
		text = strings.ReplaceAll(text, mark, inside)
	}
	return text
}

// moreTexts are hostile beyond hostileTexts.
var moreTexts = []string{
	"\t", "\a\b\f\v", "\x7f", "\u0085", "\u2029", "\u200b", "\u00ad", "\ufffd", "\U0001f600", "*/", "/*", "//go:linkname a b", "//export x",
	"//nolint", "\\x00", "\\u0000", "\\", "%!v(PANIC=", "';DROP", "<script>", "$(id)", "{{.}}", "`\"`", "\"+os.Exit(1)+\"",
	"../../etc/passwd", "json:\"x\"", strings.Repeat("a", 5000), strings.Repeat("\"", 300), "C.system", "import \"C\"",
}

// TestHostileTextInEveryPlace puts each hostile name and text into each place
// where the text of a program reaches generated code. What the checker takes
// must become code that Audit lets pass, that has the text nowhere but in
// constants.
func TestHostileTextInEveryPlace(t *testing.T) {
	t.Parallel()
	imports := &cache{importer.ForCompiler(token.NewFileSet(), "source", nil), map[string]*gotypes.Package{}}
	tried, taken := 0, 0
	for p, place := range places() {
		values := hostileNames[:40]
		isText := strings.HasPrefix(place, "“")
		if isText {
			values = append(append([]string(nil), hostileTexts...), moreTexts...)[:40]
		}
		for i, value := range values {
			if !isText && (i+p)%3 != 0 {
				continue // of names there are many places; the next has this one
			}
			tried++
			if hostile(t, imports, place, value, isText, i%16 == 0) {
				taken++
			}
		}
	}
	t.Logf("%d combinations of %d places, of which the checker took %d", tried, len(places()), taken)
	if tried < 1000 || taken < 600 {
		t.Errorf("only %d combinations, of which the checker took %d", tried, taken)
	}
}

// hostile tries one combination and reports whether the checker takes it.
func hostile(t *testing.T, imports gotypes.Importer, place, value string, isText, types bool) bool {
	t.Helper()
	inside := value
	if isText {
		quoted := strconv.QuoteToASCII(value)
		inside = strings.ReplaceAll(quoted[1:len(quoted)-1], "${", `\${`)
		if strings.HasPrefix(place, "“comment") || strings.HasPrefix(place, "“doc of") {
			inside = strings.NewReplacer("\n", " ", "\r", " ", "\x00", " ").Replace(value)
		}
	}
	var report diag.List
	file := lang.Parse("hostile.flow", plain(place, inside), &report)
	program := typecheck.Check(typecheck.Files{Main: file}, &report)
	if report.HasErrors() {
		return false
	}
	files, err := codegen.Generate(plan.Build(program), codegen.Options{ImportPath: "x/y"})
	if err != nil {
		t.Errorf("%q as %s: %v", value, place, err)
		return true
	}
	if isText && strings.ContainsAny(value, "(;*/#") {
		for _, word := range []string{"panic", "Exit", "cgo", "embed", "linkname", "LDFLAGS", "system"} {
			if strings.Contains(value, word) && named(t, files, word) {
				t.Errorf("%q as %s: the code has the name %s", value, place, word)
			}
		}
	}
	if types {
		typecheckGo(t, imports, fmt.Sprintf("%q as %s", value, place), files)
	}
	return true
}

// named reports whether a word is a name in the code.
func named(t *testing.T, files map[string][]byte, word string) bool {
	t.Helper()
	_, list := parseGo(t, files)
	found := false
	for _, f := range list {
		ast.Inspect(f, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			found = found || ok && id.Name == word
			return true
		})
	}
	return found
}

// TestThePlacesAreFine holds the program without anything hostile in it to the
// checker, or nothing would be tried.
func TestThePlacesAreFine(t *testing.T) {
	t.Parallel()
	generate(t, "places/case.flow", plain("«none»", ""))
	generate(t, "places/case.flow", plain("«helper»", "init"))
}
