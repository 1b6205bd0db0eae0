package compat_test

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/vfs"
)

var update = flag.Bool("update", false, "rewrite the table of the matrix")

func shape(s schema.TypeName) schema.Type { return schema.Type{Shape: s} }

func enum(symbols ...string) schema.Type {
	t := schema.Type{Shape: schema.Enum, Name: "E"}
	for i, s := range symbols {
		t.Symbols = append(t.Symbols, schema.Symbol{Name: s, Value: int32(i)})
	}
	return t
}

func wrap(s schema.TypeName, elem schema.Type) schema.Type {
	return schema.Type{Shape: s, Elem: &elem}
}

func fields(name string, list ...schema.Field) schema.Type {
	return schema.Type{Shape: schema.Record, Name: name, Fields: list}
}

// matrixTypes are the types of the matrix.
func matrixTypes() []schema.Type {
	out := []schema.Type{}
	for _, s := range []schema.TypeName{
		schema.Bool, schema.Int32, schema.Int, schema.Float32, schema.Float, schema.String, schema.Bytes, schema.Timestamp,
		schema.Duration, schema.Date, schema.UUID, schema.JSON,
	} {
		out = append(out, shape(s))
	}
	for _, d := range [][2]int{{4, 2}, {6, 2}, {12, 0}, {38, 10}} {
		out = append(out, schema.Type{Shape: schema.Decimal, Precision: d[0], Scale: d[1]})
	}
	return append(out, enum("a", "b"), enum("a", "b", "c"), enum("b", "a"))
}

// spot is a place in saved state that a type can stand at.
type spot struct {
	name  string
	key   bool // of types that may be keys only
	state func(t schema.Type) *schema.State
	timer bool // it is the index of a timer
}

func spots() []spot {
	str := shape(schema.String)
	kind := func(k schema.Kind, of func(schema.Type) schema.Type) func(schema.Type) *schema.State {
		return func(t schema.Type) *schema.State {
			t = of(t)
			s := &schema.State{Kind: k, Type: &t}
			if k == schema.Map {
				s.MapKey = &str
			}
			return s
		}
	}
	itself := func(t schema.Type) schema.Type { return t }
	return []spot{
		{"value", false, kind(schema.Value, itself), false},
		{"list element", false, kind(schema.List, itself), false},
		{"map value", false, kind(schema.Map, itself), false},
		{"sorted key", true, func(t schema.Type) *schema.State { return &schema.State{Kind: schema.Sorted, MapKey: &t, Type: &str} }, false},
		{"set element", true, kind(schema.Set, itself), false},
		{"field", false, kind(schema.Value, func(t schema.Type) schema.Type {
			return fields("R", schema.Field{Name: "before", Type: str}, schema.Field{Name: "x", Type: t}, schema.Field{Name: "after", Type: str})
		}), false},
		{"nested field", false, kind(schema.Value, func(t schema.Type) schema.Type {
			return fields("R", schema.Field{Name: "all", Type: wrap(schema.ListOf, fields("Q", schema.Field{Name: "x", Type: t}, schema.Field{Name: "y", Type: str}))})
		}), false},
		{"option", false, kind(schema.Map, func(t schema.Type) schema.Type { return wrap(schema.Option, t) }), false},
		{"union member", false, kind(schema.Value, func(t schema.Type) schema.Type {
			return schema.Type{Shape: schema.Union, Name: "U", Members: []schema.Type{fields("A", schema.Field{Name: "x", Type: str}), fields("B", schema.Field{Name: "x", Type: t})}}
		}), false},
		{"key of a map in a value", true, kind(schema.Value, func(t schema.Type) schema.Type {
			return schema.Type{Shape: schema.MapOf, Key: &t, Elem: &str}
		}), false},
		{"aggregate", false, kind(schema.Aggregate, func(t schema.Type) schema.Type {
			return schema.Type{Shape: schema.Accumulator, Fields: []schema.Field{{
				Name: "newest", Part: &schema.Part{Func: "last", Args: []schema.Text{{Now: "_.x"}}},
				Type: fields("", schema.Field{Name: "found", Type: wrap(schema.Option, t)}),
			}}}
		}), false},
		{"timer index", true, nil, true},
	}
}

// matrixJob is a program with one step, to which states and timers are added.
func matrixJob() *schema.Job {
	str := shape(schema.String)
	return &schema.Job{Pipeline: "matrix", KeyGroups: 16, Sources: []schema.Source{{UID: "events"}}, Operators: []schema.Operator{{UID: "u", Name: "keep", Key: &str}}}
}

// put gives a program one thing with the type, under a name.
func (s *spot) put(job *schema.Job, name string, t schema.Type) {
	op := &job.Operators[0]
	if s.timer {
		op.Timers = append(op.Timers, schema.Timer{Name: name, Index: &t})
		return
	}
	st := s.state(t)
	st.Name = name
	op.States = append(op.States, *st)
}

// one is a pair of programs with one thing.
func (s *spot) one(name string, old, new schema.Type) (was, is *schema.Job) {
	was, is = matrixJob(), matrixJob()
	s.put(was, name, old)
	s.put(is, name, new)
	return was, is
}

// matrixValues is how many keys each cell has values of.
const matrixValues = 20

// TestMatrixRestored restores each type as each other at each place, from
// savepoints: what fits must come out as the rules say, what does not must be
// refused, and the verdicts must be those of the table that is checked in.
func TestMatrixRestored(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	table.WriteString("# The verdict of each old type (down) as each new type (across), at each place, as restored from savepoints.\n")
	cells := 0
	for _, s := range spots() {
		m := &matrix{t: t, spot: s, dice: dice{rand.New(rand.NewPCG(uint64(len(s.name)), 7))}, was: matrixJob(), is: matrixJob(), before: saved{}, wrong: matrixJob(), broken: matrixJob()}
		fmt.Fprintf(&table, "\n%s\n", s.name)
		for i, old := range matrixTypes() {
			if s.key && !isKey(&old) {
				continue
			}
			fmt.Fprintf(&table, "%-16s", typeName(&old))
			for j, new := range matrixTypes() {
				if !s.key || isKey(&new) {
					cells++
					fmt.Fprintf(&table, " %-2s", m.cell(fmt.Sprintf("c_%d_%d", i, j), old, new))
				}
			}
			table.WriteString("\n")
		}
		m.restored()
		m.refused()
	}
	if cells < 3072 {
		t.Errorf("the matrix has %d cells, want 3072 or more", cells)
	}
	path := filepath.Join("testdata", "matrix.txt")
	if *update {
		must(os.WriteFile(path, []byte(table.String()), 0o644))
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), table.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func isKey(t *schema.Type) bool {
	return !slices.Contains([]schema.TypeName{schema.Float32, schema.Float, schema.JSON}, t.Shape)
}

func typeName(t *schema.Type) string {
	if t.Shape != schema.Enum {
		return t.String()
	}
	text := "enum"
	for _, s := range t.Symbols {
		text += " " + s.Name
	}
	return text
}

// matrix is all cells of one place.
type matrix struct {
	t       *testing.T
	spot    spot
	dice    dice
	was, is *schema.Job // of all cells that restore, with the values that fit
	before  saved
	wrong   *schema.Job // of all cells that break,
	broken  *schema.Job // and what they should become
}

// cell judges one cell, and restores it by itself with a value that does not fit.
func (m *matrix) cell(name string, old, new schema.Type) evolve.Verdict {
	was, is := m.spot.one(name, old, new)
	verdict := evolve.Resolve(was, is, nil, evolve.Hooks{}).Of("u", name)
	at := place{0, 0}
	l := layoutOf(was, at)
	refused := 0
	for i := range matrixValues {
		list := m.dice.entries(l, fmt.Sprintf("k%02d", i))
		want := expect(was, is, nil, saved{at: list})
		switch {
		case want.worst != verdict:
			m.t.Errorf("%s: %s as %s is %s, and the rules say %s", m.spot.name, typeName(&old), typeName(&new), verdict, want.worst)
			return verdict
		case verdict == evolve.Breaks:
		case len(want.misfits) == 0:
			to := place{0, len(m.was.Operators[0].States) + len(m.was.Operators[0].Timers)}
			m.before[to] = append(m.before[to], list...)
		case refused == 0:
			refused++
			m.misfit(name, was, is, saved{at: list})
		}
	}
	if verdict == evolve.Breaks {
		m.spot.put(m.wrong, name, old)
		m.spot.put(m.broken, name, new)
	} else {
		m.spot.put(m.was, name, old)
		m.spot.put(m.is, name, new)
	}
	return verdict
}

// misfit restores a value that does not fit.
func (m *matrix) misfit(name string, was, is *schema.Job, before saved) {
	files := vfs.NewMem()
	must(save(files, "before", was, before.records(was)))
	_, err := restore(files, "before", is, evolve.Hooks{}, 1, false, nil)
	var misfit *evolve.Misfit
	if !errors.As(err, &misfit) || misfit.UID != "u" || misfit.State != name || misfit.Key == "" || misfit.Value == "" {
		m.t.Errorf("%s: %s: a value that does not fit gives %v", m.spot.name, name, err)
	}
}

// restored restores all cells that restore.
func (m *matrix) restored() {
	files := vfs.NewMem()
	must(save(files, "before", m.was, m.before.records(m.was)))
	got, err := restore(files, "before", m.is, evolve.Hooks{}, 2, false, nil)
	if err != nil {
		m.t.Errorf("%s: %v", m.spot.name, err)
		return
	}
	want := expect(m.was, m.is, nil, m.before).after.records(m.is)
	if len(want) == 0 || len(want) != len(got) {
		m.t.Errorf("%s: %d records, want %d", m.spot.name, len(got), len(want))
		return
	}
	for i := range want {
		if want[i].String() != got[i].String() {
			m.t.Errorf("%s: %s, want %s", m.spot.name, &got[i], &want[i])
			return
		}
	}
}

// refused restores all cells that break: each must be named.
func (m *matrix) refused() {
	files := vfs.NewMem()
	must(save(files, "before", m.wrong, nil))
	_, err := restore(files, "before", m.broken, evolve.Hooks{}, 1, false, nil)
	var refusal *evolve.Refusal
	if !errors.As(err, &refusal) {
		m.t.Errorf("%s: types that do not become each other give %v", m.spot.name, err)
		return
	}
	named := map[string]bool{}
	for _, c := range refusal.Changes {
		named[c.State] = true
	}
	op := &m.wrong.Operators[0]
	if n := len(op.States) + len(op.Timers); len(named) != n {
		m.t.Errorf("%s: %d of %d cells are refused by name", m.spot.name, len(named), n)
	}
}
