package codegen_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	gotypes "go/types"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/codegen"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// userGo is the package of the program's functions: each takes and gives values of
// other types.
const userGo = `package geo

import (
	"context"
	"encoding/json"
	"time"
)

type Place struct {
	UserID string
	Tags   []string
	Seen   *time.Time
	Day    time.Time
	Took   time.Duration
	ID     [16]byte
	Raw    json.RawMessage
	Body   []byte
	Inner  struct{ X, Y float64 }
}

func Near(ctx context.Context, id [16]byte, at time.Time, day time.Time, d time.Duration, raw []byte, body []byte) (*Place, error) {
	return nil, nil
}

func Look(ctx context.Context, id string, n int64) (*Place, error) { return nil, nil }

func Title(id [16]byte) string { return "" }

type Trip struct {
	Stops []Stop
	Last  *Stop
	Start struct{ X, Y float64 }
	Names []string
	Note  *string
	Raw   json.RawMessage
}

type Stop struct {
	At   time.Time
	Took time.Duration
}

func Rate(t Trip, more []Trip, n int64) (Trip, error) { return t, nil }

func Rated(ctx context.Context, t *Trip) float64 { return 0 }

func Sizes(names []string, least *int64, times []*time.Time, ok bool, small int32, f float32) []float64 { return nil }
`

const externProgram = `pipeline app

record Visit {
  id: uuid
  at: timestamp
  day: date
  took: duration
  raw: json
  body: bytes
  names: list<string>
  least: int?
  times: list<timestamp?>
  small: int32
  ok_title: bool
  f: float32
}

record Inner { x: float, y: float }

record Stop { at: timestamp, took: duration }

record Trip {
  stops: list<Stop>
  last:  Stop?
  start: Inner
  names: list<string>
  note:  string?
  raw:   json
}

extern func rate(t: Trip, more: list<Trip>, n: int) -> Trip = go "example.com/app/geo".Rate
extern async func rated(t: Trip?) -> float = go "example.com/app/geo".Rated

source trips: Trip = jsonl("trips.jsonl")
stream rates = trips |> map(t => rate(t, [t, t], 3)) |> async(t => { r: rated(t) }) uid "rates"
sink rates to jsonl("rates.jsonl")

record Place {
  user_id: string
  tags: list<string>
  seen: timestamp?
  day: date
  took: duration
  id: uuid
  raw: json
  body: bytes
  inner: Inner
}

extern func near(id: uuid, at: timestamp, day: date, d: duration, raw: json, body: bytes) -> Place? = go "example.com/app/geo".Near
extern func sizes(names: list<string>, least: int?, times: list<timestamp?>, ok: bool, small: int32, f: float32) -> list<float> =
  go "example.com/app/geo".Sizes

extern async func look(id: string, n: int) -> Place? = go "example.com/app/geo".Look
extern async func title(id: uuid) -> string = go "example.com/app/geo".Title

source visits: Visit = jsonl("in.jsonl")

operator counted {
  in  v: Visit key v.id
  out { n: int }
  state n: value<int> = 0 ttl 1d
  on v {
    n += 1
    emit { n: n }
  }
}

stream places = visits |> map(v => { place: near(v.id, v.at, v.day, v.took, v.raw, v.body), sizes: sizes(v.names, v.least, v.times, true, v.small, v.f) })
stream counts = visits |> counted uid "counted"

stream found = visits |> async(v => { place: look("${v.id}", v.names.len + param("more", 1)), title: title(v.id) }, ordered: false, key: v => string(10 / v.names.len)) uid "found"
stream titles = visits |> async(v => { title: if v.ok_title { title(v.id) } else { "none" } }, capacity: param("capacity", 5), default: { title: "?" }) uid "titles"
stream looked = visits |> lookup_join(v => look(v.names[0], 5), kind: left, cache: 100, retries: 2) uid "looked" on error skip

sink found to jsonl("found.jsonl")
sink titles to jsonl("titles.jsonl")
sink looked to jsonl("looked.jsonl")
sink places to jsonl("places.jsonl")
sink counts to jsonl("counts.jsonl")
`

// What is generated for functions of a user's Go is Go that fits them, also where
// a step waits for them, in one file that alone imports their package, and only if
// it was said what they are.
func TestExterns(t *testing.T) {
	t.Parallel()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "geo.go", userGo, 0)
	if err != nil {
		t.Fatal(err)
	}
	imports := &cache{importer.ForCompiler(token.NewFileSet(), "source", nil), map[string]*gotypes.Package{}}
	config := gotypes.Config{Importer: imports}
	geo, err := config.Check("example.com/app/geo", set, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	imports.seen["example.com/app/geo"] = geo

	var report diag.List
	program := typecheck.Check(typecheck.Files{Main: lang.Parse("app.flow", externProgram, &report)}, &report)
	if report.HasErrors() {
		t.Fatal(report.Sorted())
	}
	opts := codegen.Options{ImportPath: "x/y", Links: codegen.Links{Pebble: true}, Externs: map[string]codegen.GoFunc{
		"example.com/app/geo.Near":  {Name: "geo", Context: true, Error: true},
		"example.com/app/geo.Sizes": {Name: "geo"},
		"example.com/app/geo.Look":  {Name: "geo", Context: true, Error: true},
		"example.com/app/geo.Title": {Name: "geo"},
		"example.com/app/geo.Rate":  {Name: "geo", Error: true},
		"example.com/app/geo.Rated": {Name: "geo", Context: true},
	}}
	files, err := codegen.Generate(plan.Build(program), opts)
	if err != nil {
		t.Fatal(err)
	}
	typecheckGo(t, imports, "externs", files)
	for name, text := range files {
		if strings.Contains(string(text), `"example.com/app/geo"`) != (name == codegen.ExternsFile) {
			t.Errorf("%s: the user's package is imported there, or not where it should be", name)
		}
	}
	opts.Externs = nil
	if err := codegen.Audit(files, opts); err == nil {
		t.Error("Audit lets a package pass of which nothing was said")
	}
}
