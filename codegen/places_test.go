package codegen_test

import (
	"fmt"
	"go/ast"
	"go/importer"
	"go/token"
	gotypes "go/types"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/codegen"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/ir"
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

record «Pair»<«RecordParam»> { first: «RecordParam», second: «RecordParam» }

source «source»: «Record» = jsonl("“source path”") {
  event time at
  on malformed to «malformed»
}

source cells: Cell = csv(env("“env name”"), time layout: "“time layout”") {
  event time «event_lambda» => «event_lambda».at
}

record Cell { at: timestamp, k: string, «cell_field»: int }

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
  on error to «failed»
  on «family»[«index»] { «map_state».remove(string(«index»)) }
}

operator «meeting»<«OpParam»>(«function_argument»: (Cell) -> string, mode: bool shapes state = false) {
  require !mode, "“requirement”"
  type «Alias» = if mode { Cell } else { string }
  in  «left»: Cell key «left».k
  in  «right»: «OpParam» broadcast
  in  «message»: Note message
  out { «out_field»: string, n: int }
  state «alias_state»: value<«Alias»> forever
  state «shared»: broadcast value<int> = 0
  state «groups»: sorted<timestamp, { «group_part»: int = 0, «rows»: list<string>, «part_sum»: aggregate<(c: Cell) => { «agg_part»: sum(c.«cell_field»), n: count() }> }>
  timer «entry»[«entry_key», «entry_value» in «groups»]: event time at «entry_key» + 1h
  on «left» {
    «groups»[time].«group_part» += 1
    «groups»[time].«rows».append("“row”")
    «groups»[time].«part_sum».add(«left»)
    for «each_key», «each» in «groups» {
      let anonymous = { «inline_field»: "“inline”", n: «each».«group_part» }
      emit { «out_field»: anonymous.«inline_field» + «function_argument»(«left») + string(«each_key».unix_ms), n: anonymous.n }
    }
    if let «bound» = «left».k.capture("“capture”") { emit { «out_field»: «bound».join("“joint”"), n: 1 } }
    match «left».k {
      "“case”" => { emit { «out_field»: "c", n: 2 } }
      «rest» => { send "“meeting uid”"[«rest»] Note { text: "“sent”" } after 1h }
    }
  }
  on «right» { «shared» += 1 }
  on «message» { emit { «out_field»: «message».text, n: «shared» } }
  on «entry»[«entry_index»] { «groups».remove(«entry_index») }
}

record Note { text: string }

stream «met» = cells |> «meeting»(«right»: «stream», «function_argument»: «step_lambda» => «step_lambda».k + "“in a lambda”") uid "“meeting uid”"
sink «met» to csv("“csv path”", delimiter: "“delimiter”") uid "“csv uid”"
sink «failed» to jsonl("f")
sink «malformed» to jsonl("m")

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

// plain writes the program with the values in their places, and something
// harmless of its own in each of the others.
func plain(values map[string]string) string {
	text := placesProgram
	for _, mark := range places() {
		inside, ok := values[mark]
		if !ok {
			inside = harmless(mark)
		}
		text = strings.ReplaceAll(text, mark, inside)
	}
	return text
}

func harmless(mark string) string {
	switch mark {
	case "“pattern”":
		return "a+"
	case "“pad”":
		return "-"
	case "“delimiter”":
		return ";"
	case "“time layout”":
		return "2006-01-02"
	case "“capture”":
		return "b(c)"
	case "“env name”":
		return "ENV_NAME"
	}
	inside := strings.Trim(mark, "«»“”")
	if strings.HasPrefix(mark, "“") {
		inside = "the " + inside
	}
	if mark == "“param name”" || strings.HasSuffix(mark, " uid”") {
		inside = strings.ReplaceAll(inside, " ", "_")
	}
	return inside
}

// moreTexts are hostile beyond hostileTexts.
var moreTexts = []string{
	"\t", "\a\b\f\v", "\x7f", "\u0085", "\u2029", "\u200b", "\u00ad", "\ufffd", "\U0001f600", "*/", "/*", "//go:linkname a b", "//export x",
	"//nolint", "\\x00", "\\u0000", "\\", "%!v(PANIC=", "';DROP", "<script>", "$(id)", "{{.}}", "`\"`", "\"+os.Exit(1)+\"",
	"../../etc/passwd", "json:\"x\"", strings.Repeat("a", 5000), strings.Repeat("\"", 300), "C.system", "import \"C\"",
}

// hostileValues is how many values each place has to bear.
const hostileValues = 40

// TestHostileTextInEveryPlace puts each of forty hostile names or texts into each
// place where the text of a program reaches generated code: each program has
// another value in every place. What the checker takes must become code that
// Audit lets pass, that Go's type checker takes, and that has the text nowhere
// but in constants.
func TestHostileTextInEveryPlace(t *testing.T) {
	t.Parallel()
	imports := &cache{importer.ForCompiler(token.NewFileSet(), "source", nil), map[string]*gotypes.Package{}}
	texts := append(append([]string(nil), hostileTexts...), moreTexts...)[:hostileValues]
	tried, taken := 0, 0
	for round := range hostileValues {
		names, quoted := map[string]string{}, map[string]string{}
		for p, place := range places() {
			value, group := inPlace(place, texts[(round+p)%hostileValues]), quoted
			if strings.HasPrefix(place, "«") {
				value, group = hostileNames[(round+p)%hostileValues], names
			}
			tried++
			if _, ok := checked(map[string]string{place: value}); ok {
				group[place] = value
			}
		}
		taken += hostile(t, imports, quoted)
		// One name may not be that of two things at once.
		var few []map[string]string
		for _, place := range slices.Sorted(maps.Keys(names)) {
			value := names[place]
			i := slices.IndexFunc(few, func(m map[string]string) bool { return !holdsValue(m, value) })
			if i < 0 {
				i, few = len(few), append(few, map[string]string{})
			}
			few[i][place] = value
		}
		for _, values := range few {
			taken += hostile(t, imports, values)
		}
	}
	t.Logf("%d combinations of %d values and %d places, of which the checker took %d", tried, hostileValues, len(places()), taken)
	if len(places()) < 90 || tried != hostileValues*len(places()) || taken < tried*3/4 {
		t.Errorf("only %d combinations of %d places, of which the checker took %d", tried, len(places()), taken)
	}
}

func holdsValue(m map[string]string, value string) bool {
	for _, v := range m {
		if v == value {
			return true
		}
	}
	return false
}

// inPlace is a text as it stands between quotes, or in a comment.
func inPlace(place, value string) string {
	if strings.HasPrefix(place, "“comment") || strings.HasPrefix(place, "“doc of") {
		return strings.NewReplacer("\n", " ", "\r", " ", "\x00", " ").Replace(value)
	}
	quoted := strconv.QuoteToASCII(value)
	return strings.ReplaceAll(quoted[1:len(quoted)-1], "${", `\${`)
}

// checked is the program with the values in their places, and whether the
// checker takes it.
func checked(values map[string]string) (*ir.Program, bool) {
	var report diag.List
	program := typecheck.Check(typecheck.Files{Main: lang.Parse("hostile.flow", plain(values), &report)}, &report)
	return program, !report.HasErrors()
}

// hostile tries values that the checker takes one by one, and returns how many
// became code. What it does not take together it is given in two parts.
func hostile(t *testing.T, imports gotypes.Importer, values map[string]string) int {
	t.Helper()
	if len(values) == 0 {
		return 0
	}
	program, ok := checked(values)
	if !ok {
		keys := slices.Sorted(maps.Keys(values))
		halves := [2]map[string]string{{}, {}}
		for i, k := range keys {
			halves[2*i/len(keys)][k] = values[k]
		}
		return hostile(t, imports, halves[0]) + hostile(t, imports, halves[1])
	}
	files, err := codegen.Generate(plan.Build(program), codegen.Options{ImportPath: "x/y"})
	if err != nil {
		t.Errorf("%q: %v", values, err)
		return 0
	}
	for _, word := range []string{"panic", "Exit", "cgo", "embed", "linkname", "LDFLAGS", "system"} {
		if named(t, files, word) && !slices.Contains(slices.Collect(maps.Values(values)), word) {
			t.Errorf("%q: the code has the name %s", values, word)
		}
	}
	typecheckGo(t, imports, fmt.Sprintf("%q", values), files)
	return len(values)
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
	generate(t, "places/case.flow", plain(nil))
	generate(t, "places/case.flow", plain(map[string]string{"«helper»": "init"}))
}
