package evolve_test

import (
	"strings"
	"testing"

	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/schema"
)

// TestClientsAreTold changes what a queryable state answers, and expects the
// methods of its clients to be named.
func TestClientsAreTold(t *testing.T) {
	t.Parallel()
	num, text := schema.Type{Shape: schema.Int}, schema.Type{Shape: schema.String}
	place := func(fields ...schema.Field) *schema.Type {
		return &schema.Type{Shape: schema.Record, Name: "Place", Fields: fields}
	}
	x, y := schema.Field{Name: "x", Type: num}, schema.Field{Name: "y", Type: num}
	job := func(change func(*schema.State)) *schema.Job {
		st := schema.State{Name: "at", Kind: schema.Value, Type: place(x, y), Queryable: "last-place", Retention: schema.Retention{Forever: true}}
		op := schema.Operator{UID: "places", Name: "places", Key: &text}
		change(&st)
		if st.Name != "" {
			op.States = []schema.State{st}
		}
		return &schema.Job{Version: schema.Latest, Pipeline: "p", Operators: []schema.Operator{op}}
	}
	folded := func(result schema.TypeName) func(*schema.State) {
		return func(s *schema.State) {
			s.Kind, s.Type = schema.Aggregate, &schema.Type{Shape: schema.Accumulator}
			s.Result = &schema.Type{Shape: result}
		}
	}
	same := func(*schema.State) {}
	optionalY := func(s *schema.State) {
		s.Type = place(x, schema.Field{Name: "y", Type: schema.Type{Shape: schema.Option, Elem: &num}})
	}
	enum := func(symbols ...string) func(*schema.State) {
		return func(s *schema.State) {
			s.Type = &schema.Type{Shape: schema.Enum, Name: "Color"}
			for _, name := range symbols {
				s.Type.Symbols = append(s.Type.Symbols, schema.Symbol{Name: name})
			}
		}
	}
	tests := []struct {
		name     string
		old, new func(*schema.State)
		want     string // of a rule and of its message; "" for none
	}{
		{"nothing", same, same, ""},
		{"a field goes", same, func(s *schema.State) { s.Type = place(x) }, "C0220 clients that query \"last-place\" read it wrongly: the field \"y\" is gone; typed"},
		{"a field comes", func(s *schema.State) { s.Type = place(x) }, same, "C0223 the field \"y\"; typed clients that are written anew have it in the methods LastPlace (Go)"},
		{"fields in another order", same, func(s *schema.State) { s.Type = place(y, x) }, ""},
		{"a field is always there", optionalY, same, ""},
		{"a field may be none", same, optionalY, "C0220 the field \"y\" was int and is int?"},
		{"a symbol goes", enum("RED", "BLUE"), enum("RED"), ""},
		{"a symbol comes", enum("RED"), enum("RED", "BLUE"), "C0220 the value may be BLUE"},
		{"another kind", same, func(s *schema.State) { s.Kind = schema.List }, "C0220 the state was a value and is a list"},
		{"a field changes", same, func(s *schema.State) { s.Type = place(x, schema.Field{Name: "y", Type: text}) }, "C0220 LastPlace (Go), lastPlace (TypeScript) and last_place (Python)"},
		{"the result changes", folded(schema.Int), folded(schema.Float), "C0220 LastPlace"},
		{"the name changes", same, func(s *schema.State) { s.Queryable = "place" }, "C0217 last_place (Python) becomes Place (Go) and place (TypeScript, Python)"},
		{"the name goes", same, func(s *schema.State) { s.Queryable = "" }, "C0217 typed clients lose the methods LastPlace"},
		{"the name comes", func(s *schema.State) { s.Queryable = "" }, same, "C0217 can be queried as \"last-place\""},
		{"the state goes", same, func(s *schema.State) { s.Name = "" }, "C0202 typed clients lose LastPlace"},
	}
	for _, tt := range tests {
		plan := evolve.Resolve(job(tt.old), job(tt.new), nil, evolve.Hooks{})
		got := ""
		for _, c := range plan.Changes {
			if c.Rule.OfClients() || c.Rule == evolve.StateRemoved {
				got += string(c.Rule) + " " + c.Message
			}
		}
		rule, message, _ := strings.Cut(tt.want, " ")
		if tt.want == "" && got != "" || !strings.HasPrefix(got, rule) || !strings.Contains(got, message) {
			t.Errorf("%s: %q, want %s", tt.name, got, tt.want)
		}
	}
}
