package evolve

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/schema"
)

// typeCase is a change of the type of a value.
type typeCase struct {
	name     string
	old, new schema.Type
	codes    []string
}

// typeCases has each rule about types.
func typeCases() []typeCase {
	num, str := basic(schema.Int), basic(schema.String)
	rec := func(list ...schema.Field) schema.Type { return recordOf("R", list...) }
	a, b := fieldOf("a", num), fieldOf("b", str)
	union := func(names ...string) schema.Type {
		u := schema.Type{Shape: schema.Union, Name: "U"}
		for _, n := range names {
			u.Members = append(u.Members, recordOf(n, fieldOf("in_"+n, num)))
		}
		return u
	}
	renamed := enumOf("a", "c")
	renamed.Symbols[1].Was = []string{"b"}
	withDefault := schema.Field{Name: "b", Type: str, Default: ptr(`""`)}
	optional := fieldOf("a", of(schema.Option, num))
	instead := schema.Field{Name: "a", Type: num, Default: ptr("3")}
	keyed := func(k schema.Type) schema.Type { return schema.Type{Shape: schema.MapOf, Key: &k, Elem: &num} }
	return []typeCase{
		{"the same bytes", basic(schema.Int32), num, []string{"C0101 A u/s"}},
		{"wider", basic(schema.Int32), basic(schema.Float), []string{"C0102 M u/s"}},
		{"narrower", num, basic(schema.Int32), []string{"C0103 MC u/s"}},
		{"no conversion", num, str, []string{"C0104 X u/s"}},
		{"optional", rec(a), rec(optional), []string{"C0105 M u/s.a"}},
		{"none has a default", rec(optional), rec(instead), []string{"C0106 M u/s.a"}},
		{"none must not be", rec(optional), rec(a), []string{"C0107 MC u/s.a"}},
		{"into a union", recordOf("A", fieldOf("in_A", num)), union("A", "B"), []string{"C0108 M u/s"}},
		{"member appended", union("A"), union("A", "B"), []string{"C0109 A u/s"}},
		{"members moved", union("A", "B"), union("B", "A"), []string{"C0110 M u/s"}},
		{"member removed", union("A", "B"), union("A"), []string{"C0111 MC u/s"}},
		{"list to set", of(schema.ListOf, num), of(schema.SetOf, num), []string{"C0112 ML u/s"}},
		{"set to list", of(schema.SetOf, num), of(schema.ListOf, num), []string{"C0113 M u/s"}},
		{"fields reordered", rec(a, b), rec(b, a), []string{"C0114 M u/s"}},
		{"field with a default", rec(a), rec(a, withDefault), []string{"C0115 M u/s.b"}},
		{"optional field", rec(b), rec(b, optional), []string{"C0116 M u/s.a"}},
		{"field without a value", rec(a), rec(a, b), []string{"C0117 X u/s.b"}},
		{"field removed", rec(a, b), rec(a), []string{"C0118 ML u/s.b"}},
		{"field renamed", rec(a), rec(schema.Field{Name: "z", Type: num, Was: []string{"a"}}), []string{"C0119 A u/s.z"}},
		{"symbol appended", enumOf("a"), enumOf("a", "b"), []string{"C0120 A u/s"}},
		{"symbols moved", enumOf("a", "b"), enumOf("b", "a"), []string{"C0121 M u/s"}},
		{"symbol renamed", enumOf("a", "b"), renamed, []string{"C0122 A u/s"}},
		{"symbol removed", enumOf("a", "b"), enumOf("a"), []string{"C0123 MC u/s"}},
		{"keys that may meet", keyed(rec(a, b)), keyed(rec(a)), []string{"C0118 ML u/s.b", "C0124 MC u/s"}},
	}
}

// TestTypes holds changes of types to the rules.
func TestTypes(t *testing.T) {
	t.Parallel()
	for _, tt := range typeCases() {
		p := Resolve(jobOf(valueOf("s", tt.old)), jobOf(valueOf("s", tt.new)), nil, Hooks{})
		if diff := cmp.Diff(tt.codes, codes(p)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// ruleCases are the plans of all cases of the rules, each with what it must say.
func ruleCases() (plans []func() *Plan, want [][]string) {
	add := func(codes []string, old, new *schema.Job) {
		plans = append(plans, func() *Plan { return Resolve(old, new, nil, Hooks{}) })
		want = append(want, codes)
	}
	for _, c := range typeCases() {
		add(c.codes, jobOf(valueOf("s", c.old)), jobOf(valueOf("s", c.new)))
	}
	for _, c := range kindCases() {
		add(c.codes, jobOf(c.old), jobOf(c.new))
	}
	for _, c := range append(asMade(nameCases()), madeCases()...) {
		add(c.codes, dynamicJob(c.nameCase.was, c.was, c.held), dynamicJob(c.nameCase.is, c.is, nil))
	}
	for _, c := range delayedCases() {
		add(c.codes, c.job(c.was, true), c.job(c.is, true))
	}
	for _, c := range jobCases() {
		next := baseJob()
		c.edit(next)
		add(c.codes, baseJob(), next)
	}
	return plans, want
}

// TestMutants breaks the table of rules in every way: each rule with each other
// verdict, and each rule in the place of each other. The cases of the rules must
// notice all of them. It runs while no other test does.
func TestMutants(t *testing.T) {
	plans, want := ruleCases()
	killed := func() bool {
		for i, plan := range plans {
			p := plan()
			if !slices.Equal(codes(p), want[i]) {
				return true
			}
			for j := range p.Changes {
				c := &p.Changes[j]
				if c.Rule != Same && !c.Acknowledged && c.Finding() != (c.Verdict() >= MigratesLosing || c.Rule == AckOfNothing || c.Rule == QueryAnswers) {
					return true
				}
			}
		}
		return false
	}
	if killed() {
		t.Fatal("the cases fail without a mutant")
	}
	n := 0
	for i := range rules {
		was := rules[i]
		if was.ID == Same || was.ID == IgnoreUnused || was.ID == IgnoreIsOver {
			continue // made by package compat, or in no list
		}
		for v := Unchanged; v <= Breaks; v++ {
			if v == was.Verdict {
				continue
			}
			rules[i].Verdict = v
			if n++; !killed() {
				t.Errorf("nobody notices that %s (%s) is %s", was.ID, was.Title, v)
			}
			rules[i] = was
		}
		rules[i].Always = !was.Always
		if n++; !was.Verdict.Finding() && !killed() { // of the others Always says nothing
			t.Errorf("nobody notices that %s is a finding, or none any more", was.ID)
		}
		rules[i] = was
		for k := range rules {
			if k <= i || rules[k].Verdict == was.Verdict {
				continue
			}
			other := rules[k]
			rules[i].Verdict, rules[k].Verdict = other.Verdict, was.Verdict
			if n++; !killed() {
				t.Errorf("nobody notices that %s and %s are swapped", was.ID, other.ID)
			}
			rules[i], rules[k] = was, other
		}
	}
	t.Logf("%d mutants", n)
}
