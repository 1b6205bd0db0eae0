package evolve

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/schema"
)

// renamedThing is one kind of thing that can be renamed: it makes a program of such
// things and says which old one each new one is.
type renamedThing struct {
	name  string
	make  func(names []string, was [][]string) *schema.Job
	match func(old, new *schema.Job) map[string]string // by new name
}

func renamedThings() []renamedThing {
	num := basic(schema.Int)
	fieldsOf := func(j *schema.Job) *typ { return link(j.Operators[0].States[0].Type) }
	return []renamedThing{
		{"fields", func(names []string, was [][]string) *schema.Job {
			t := recordOf("R")
			for i, n := range names {
				t.Fields = append(t.Fields, schema.Field{Name: n, Was: was[i], Type: num})
			}
			return jobOf(valueOf("s", t))
		}, func(old, new *schema.Job) map[string]string {
			is, o, n := map[string]string{}, fieldsOf(old), fieldsOf(new)
			for i, j := range matchFields(o, n) {
				if j >= 0 {
					is[n.fields[i].Name] = o.fields[j].Name
				}
			}
			return is
		}},
		{"symbols", func(names []string, was [][]string) *schema.Job {
			t := schema.Type{Shape: schema.Enum, Name: "E"}
			for i, n := range names {
				t.Symbols = append(t.Symbols, schema.Symbol{Name: n, Was: was[i], Value: int32(i)})
			}
			return jobOf(valueOf("s", t))
		}, func(old, new *schema.Job) map[string]string {
			is, o, n := map[string]string{}, fieldsOf(old), fieldsOf(new)
			for j, i := range matchSymbols(o, n) {
				if i >= 0 {
					is[n.Symbols[i].Name] = o.Symbols[j].Name
				}
			}
			return is
		}},
		{"states", func(names []string, was [][]string) *schema.Job {
			job := jobOf(schema.State{})
			job.Operators[0].States = nil
			for i, n := range names {
				s := valueOf(n, num)
				s.Was = was[i]
				job.Operators[0].States = append(job.Operators[0].States, s)
			}
			return job
		}, changed(OfState)},
		{"timers", func(names []string, was [][]string) *schema.Job {
			job := jobOf(schema.State{})
			job.Operators[0].States = nil
			for i, n := range names {
				job.Operators[0].Timers = append(job.Operators[0].Timers, schema.Timer{Name: n, Was: was[i]})
			}
			return job
		}, changed(OfTimer)},
		{"steps", func(names []string, was [][]string) *schema.Job {
			job := jobOf(schema.State{})
			job.Operators[0].States = nil
			op := job.Operators[0]
			job.Operators = nil
			for i, n := range names {
				op.UID, op.Was, op.States = n, was[i], []schema.State{valueOf("s", num)}
				job.Operators = append(job.Operators, op)
			}
			return job
		}, func(old, new *schema.Job) map[string]string {
			is, p := map[string]string{}, Resolve(old, new, nil, Hooks{})
			for i := range p.Changes {
				if c := &p.Changes[i]; c.What == OfState && c.OldUID != "" && c.New != "" {
					is[c.UID] = c.OldUID
				}
			}
			return is
		}},
	}
}

// changed says by a plan which old thing each new one is.
func changed(what What) func(old, new *schema.Job) map[string]string {
	return func(old, new *schema.Job) map[string]string {
		is, p := map[string]string{}, Resolve(old, new, nil, Hooks{})
		for i := range p.Changes {
			if c := &p.Changes[i]; c.What == what && c.OldName != "" && c.New != "" {
				is[c.State] = c.OldName
			}
		}
		return is
	}
}

// TestRenamed gives three things new names in every way, from swaps to chains, and
// lets them stand in every order: each goes on as what it says, once.
func TestRenamed(t *testing.T) {
	t.Parallel()
	olds, pool := []string{"a", "b", "c"}, []string{"a", "b", "c", "d", "e"}
	for _, thing := range renamedThings() {
		before := thing.make(olds, make([][]string, 3))
		for x := range pool {
			for y := range pool {
				for z := range pool {
					if x == y || y == z || x == z {
						continue
					}
					for _, order := range [][]int{{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}} {
						to := []string{pool[x], pool[y], pool[z]}
						names, was, want := make([]string, 3), make([][]string, 3), map[string]string{}
						for i, o := range order {
							if names[i] = to[o]; to[o] != olds[o] {
								was[i] = []string{olds[o]}
							}
							want[to[o]] = olds[o]
						}
						next := thing.make(names, was)
						about := fmt.Sprintf("%s: %v was %v", thing.name, names, was)
						if diff := cmp.Diff(want, thing.match(before, next)); diff != "" {
							t.Fatalf("%s (-want +got):\n%s", about, diff)
						}
						// What the renamed program saved it does not rename again, also not when
						// something else has changed.
						for i, n := range names {
							delete(want, n)
							want[n] = names[i]
						}
						later := thing.make(append(names, "new"), append(was, nil))
						if diff := cmp.Diff(want, thing.match(next, later)); diff != "" {
							t.Fatalf("%s, a second time (-want +got):\n%s", about, diff)
						}
					}
				}
			}
		}
	}
}

// TestRenamedOver keeps what has its own name where a former name would take it from
// nobody who could have it.
func TestRenamedOver(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		names []string
		was   [][]string
		want  map[string]string
	}{
		{[]string{"b"}, [][]string{{"a"}}, map[string]string{"b": "b"}},
		{[]string{"b", "a"}, [][]string{{"a"}, nil}, map[string]string{"a": "a", "b": "b"}},
		{[]string{"x", "b"}, [][]string{{"b"}, nil}, map[string]string{"b": "b"}},
		{[]string{"x", "y"}, [][]string{{"a"}, {"a"}}, map[string]string{"x": "a"}},
		{[]string{"x", "y"}, [][]string{{"z", "b", "a"}, {"b"}}, map[string]string{"x": "b"}},
		{[]string{"a", "b", "x"}, [][]string{{"b"}, {"a"}, {"b"}}, map[string]string{"a": "b", "b": "a"}},
	} {
		for _, thing := range renamedThings() {
			got := thing.match(thing.make([]string{"a", "b"}, make([][]string, 2)), thing.make(tt.names, tt.was))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s: %v was %v (-want +got):\n%s", thing.name, tt.names, tt.was, diff)
			}
		}
	}
}
