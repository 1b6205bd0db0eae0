package plan_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/golden"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
	"github.com/flow-lang/flowc/typecheck/types"
)

// build plans a program that must be right.
func build(t *testing.T, text string) *plan.Graph {
	t.Helper()
	var report diag.List
	program := typecheck.Check(typecheck.Files{Main: lang.Parse("in.flow", text, &report)}, &report)
	for _, d := range report.Sorted() {
		if d.Severity == diag.Error {
			t.Fatalf("%s: %s", d.Span, d.Message)
		}
	}
	return plan.Build(program)
}

func TestPlan(t *testing.T) {
	t.Parallel()
	golden.Run(t, "plan", func(inputs map[string]string) golden.Outcome {
		return golden.Outcome{"plan": plan.Dump(build(t, inputs["in.flow"]))}
	})
}

const keyed = `pipeline keyed

record Item { user: string, n: int? = 3 }

source items: Item = jsonl("in.jsonl")

operator count(keep: duration) {
  in  i: Item key i.user
  out { user: string, n: int }
  state n: value<int> = 0 ttl 1h after create queryable "n"
  state last: value<Item> forever
  timer idle: event time
  on i {
    n += 1
    last = i
    idle.set(time + keep)
    emit { user: key, n: n }
  }
  on idle { clear }
}

stream counts = items |> count(keep: 1h) uid "counts"

sink counts to jsonl("out.jsonl")
`

func TestSchema(t *testing.T) {
	t.Parallel()
	str, num := schema.Type{Shape: schema.String}, schema.Type{Shape: schema.Int}
	three, zero := "3", "0"
	item := schema.Type{Shape: schema.Record, Name: "Item", Fields: []schema.Field{
		{Name: "user", Type: str},
		{Name: "n", Type: schema.Type{Shape: schema.Option, Elem: &num}, Default: &three},
	}}
	count := schema.Type{Shape: schema.Record, Fields: []schema.Field{{Name: "user", Type: str}, {Name: "n", Type: num}}}
	want := schema.Job{
		Version: schema.Latest, Pipeline: "keyed",
		Sources: []schema.Source{{UID: "items", Name: "items", Type: item, Connector: "jsonl", From: `"in.jsonl"`}},
		Operators: []schema.Operator{{
			UID: "counts", Name: "count", Key: &str,
			Inputs: []schema.Input{{Name: "i", Key: &schema.Text{Now: "_.user"}}},
			States: []schema.State{
				{Name: "n", Kind: schema.Value, Type: &num, Queryable: "n", Retention: schema.Retention{TTL: 3600e6, After: schema.AfterCreate}, Initial: &zero},
				{Name: "last", Kind: schema.Value, Type: &item, Retention: schema.Retention{Forever: true}},
			},
			Timers: []schema.Timer{{Name: "idle"}},
		}},
		Sinks: []schema.Sink{{UID: "counts", Name: "counts", Type: count, Connector: "jsonl", To: `"out.jsonl"`, Keeps: true}},
	}
	if diff := cmp.Diff(want, plan.Schema(build(t, keyed))); diff != "" {
		t.Errorf("Schema (-want +got):\n%s", diff)
	}
}

func TestConstText(t *testing.T) {
	t.Parallel()
	of := func(k types.Kind) ir.Base { return ir.Base{T: types.Of(k)} }
	tests := []struct {
		name       string
		e          ir.Expr
		text, flow string
	}{
		{"a string", &ir.StringConst{Base: of(types.String), Value: `a "b"`}, `a "b"`, `"a \"b\""`},
		{"a whole float", &ir.FloatConst{Base: of(types.Float), Value: 3}, "3", "3.0"},
		{"a duration", &ir.IntConst{Base: of(types.Duration), Value: -90e6}, "-1m30s", "-1m30s"},
		{"no duration", &ir.IntConst{Base: of(types.Duration)}, "0s", "0s"},
		{"a time", &ir.IntConst{Base: of(types.Timestamp), Value: 250000}, "1970-01-01T00:00:00.25Z", `t"1970-01-01T00:00:00.25Z"`},
		{"a date", &ir.IntConst{Base: of(types.Date), Value: 1}, "1970-01-02", `date("1970-01-02")`},
		{"truth", &ir.BoolConst{Base: of(types.Bool), Value: true}, "true", "true"},
		{"a uuid", &ir.BytesConst{Base: of(types.UUID), Value: make([]byte, 16)},
			"00000000-0000-0000-0000-000000000000", `uuid("00000000-0000-0000-0000-000000000000")`},
		{"widened", &ir.Convert{X: &ir.IntConst{Base: of(types.Int32), Value: 7}}, "7", "7"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := plan.ConstText(tt.e); got != tt.text {
				t.Errorf("ConstText = %q, want %q", got, tt.text)
			}
			if got := plan.FlowText(tt.e); got != tt.flow {
				t.Errorf("FlowText = %q, want %q", got, tt.flow)
			}
		})
	}
}

// TestMeanings holds what does not show in the text of a key and of the parts of
// an aggregate to what does.
func TestMeanings(t *testing.T) {
	t.Parallel()
	const program = `pipeline p

record Item { user: string was "name" was "login", n: int }

func folded(s: string) -> string = s.lower()
func raised(s: string) -> string = s.upper()

source items: Item = jsonl("in.jsonl")

stream sums = items |> running(key: KEY, agg: AGG) uid "sums" forever

sink sums to jsonl(stdout)
`
	of := func(key, agg string) (string, string) {
		g := build(t, strings.NewReplacer("KEY", key, "AGG", agg).Replace(program))
		op := plan.Schema(g).Operators[0]
		total := op.States[0].Type
		return op.Inputs[0].Key.Now + " was " + strings.Join(op.Inputs[0].Key.Was, ", "), total.String()
	}
	key, agg := of("r => r.user", "r => sum(r.n)")
	if key != "_.user was _.name, _.login" || agg != "aggregate<{ value: sum(_.n) }>" {
		t.Errorf("meanings %q, %q", key, agg)
	}
	for _, pair := range [][2]string{
		{"r => r.user", "other => (other.user)"},
		{"r => { a: r.user, b: r.n + 1 }", "x => { a: x.user, b: (x.n) + 1 }"},
		{"r => if r.n > 3 { let a = r.user; a } else { \"x\" }", "r => if r.n > 3 { let b = r.user; b } else { \"x\" }"},
	} {
		a, _ := of(pair[0], "count()")
		if b, _ := of(pair[1], "count()"); a != b {
			t.Errorf("%s means %s, but %s means %s", pair[0], a, pair[1], b)
		}
	}
	for _, pair := range [][2]string{
		{"r => r.user", "r => \"${r.n}\""},
		{"r => folded(r.user)", "r => raised(r.user)"},
		{"r => r.n + 1", "r => r.n + 2"},
		{"r => if r.n > 3 { r.user } else { \"x\" }", "r => if r.n > 4 { r.user } else { \"x\" }"},
	} {
		a, _ := of(pair[0], "count()")
		if b, _ := of(pair[1], "count()"); a == b {
			t.Errorf("%s and %s both mean %s", pair[0], pair[1], a)
		}
	}
}

// TestMeaningsOfNames holds that a key is known again where an older program has renamed
// some of what it reads, whichever that was.
func TestMeaningsOfNames(t *testing.T) {
	t.Parallel()
	const program = `pipeline p
record Item { FIELDS }
source items: Item = jsonl("in.jsonl")
stream sums = items |> running(key: r => KEY, agg: count()) uid "sums" forever
sink sums to jsonl(stdout)
`
	of := func(fields, key string) schema.Text {
		return *plan.Schema(build(t, strings.NewReplacer("FIELDS", fields, "KEY", key).Replace(program))).Operators[0].Inputs[0].Key
	}
	now := of(`a: string was "b" was "c", d: string was "e"`, `"${r.a} ${r.d}"`)
	for _, older := range []schema.Text{
		of(`a: string was "b" was "c", e: string`, `"${r.a} ${r.e}"`),
		of(`b: string was "c", d: string was "e"`, `"${r.b} ${r.d}"`),
		of(`b: string was "c", e: string`, `"${r.b} ${r.e}"`),
		of(`c: string, d: string was "e"`, `"${r.c} ${r.d}"`),
		of(`c: string, e: string`, `"${r.c} ${r.e}"`),
	} {
		if !slices.Contains(now.Was, older.Now) {
			t.Errorf("%s was %q, and not %s", now.Now, now.Was, older.Now)
		}
	}
	var fields, parts []string
	for i := range 9 {
		fields = append(fields, fmt.Sprintf(`f%d: string was "g%[1]d"`, i))
		parts = append(parts, fmt.Sprintf("${r.f%d}", i))
	}
	many := `"` + strings.Join(parts, "") + `"`
	now = of(strings.Join(fields, ", "), many)
	if was := strings.ReplaceAll(now.Now, "_.f", "_.g"); len(now.Was) > 10 || !slices.Contains(now.Was, was) {
		t.Errorf("%s was %q", now.Now, now.Was)
	}
}

// TestMeaningsAreFlow holds the text of keys to what people write, also where older
// versions wrote something else, which is known again.
func TestMeaningsAreFlow(t *testing.T) {
	t.Parallel()
	const program = `pipeline p

record Item { user: string, n: int, at: timestamp, maybe: string? }

func folded(s: string) -> string = s.lower()

source items: Item = jsonl("in.jsonl")

stream sums = items |> running(key: r => KEY, agg: r => sum(r.n)) uid "sums" forever

sink sums to jsonl(stdout)
`
	for _, tt := range []struct{ key, now, older string }{
		{"r.user.lower()", "_.user.lower()", "string.lower(_.user)"},
		{"r.user.len", "_.user.len", "string.len(_.user)"},
		{"r.user.slice(0, 2)", "_.user.slice(0, 2)", "string.slice(_.user, 0, 2)"},
		{"(r.user + \"x\").lower()", `(_.user + "x").lower()`, `string.lower((_.user + "x"))`},
		{"abs(-r.n) % 8", "abs(-_.n) % 8", "(abs(n_.n) % 8)"},
		{"r.at.in_zone(\"UTC\").hour", `_.at.in_zone("UTC").hour`, `timestamp.in_zone.hour(_.at, "UTC")`},
		{"r.maybe ?? r.user", "_.maybe ?? _.user", ""},
		{"r.maybe?.lower() ?? \"\"", `_.maybe?.lower() ?? ""`, "#"},
		{"\"${r.user}-${r.n + 1} $5\"", `"${_.user}-${_.n + 1} \$5"`, "#"},
		{"if r.n > 3 { r.user } else { \"few\" }", `if _.n > 3 { _.user } else { "few" }`, "#"},
		{"folded(r.user)", "folded(_.user)#", ""},
		{"match r.n { 0 => \"none\", _ => \"some\" }", "#", ""},
	} {
		g := build(t, strings.Replace(program, "KEY", tt.key, 1))
		key := plan.Schema(g).Operators[0].Inputs[0].Key
		if !strings.HasPrefix(key.Now, tt.now) || strings.HasSuffix(tt.now, "#") != strings.Contains(key.Now, "#") {
			t.Errorf("%s is %s, want %s", tt.key, key.Now, tt.now)
		}
		known := func(was string) bool {
			return strings.HasPrefix(was, strings.TrimSuffix(strings.TrimPrefix(tt.older, "("), ")"))
		}
		if tt.older != "" && !slices.ContainsFunc(key.Was, known) {
			t.Errorf("%s was %q, want %s", tt.key, key.Was, tt.older)
		}
		shown := plan.Shown(g.Steps[0].IR.Op.Ins[0].Key.Body)
		want := regexp.MustCompile(`\br\b`).ReplaceAllString(tt.key, "x") // the library calls its record so
		if tt.now == "#" {
			want = "…"
		}
		if strings.ReplaceAll(shown, `\$`, "$") != want {
			t.Errorf("%s is shown as %s", tt.key, shown)
		}
	}
}
