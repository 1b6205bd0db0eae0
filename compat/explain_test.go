package compat_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/compat"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// side compiles a program that must be right.
func side(t testing.TB, name, text string) compat.Side {
	t.Helper()
	var found diag.List
	file := lang.Parse(name, text, &found)
	prog := typecheck.Check(typecheck.Files{Main: file}, &found)
	if found.HasErrors() {
		var b strings.Builder
		if err := diag.Text(&b, found.Sorted(), map[string]string{name: text}, false); err != nil {
			t.Fatal(err)
		}
		t.Fatalf("%s\n%s", text, &b)
	}
	job := plan.Schema(plan.Build(prog))
	places := compat.PlacesOf(prog, func(s string) string { return s })
	return compat.Side{Name: name, Job: &job, Places: places, Texts: map[string]string{name: text}}
}

// TestExplanations holds each page to its rule: the change between its two
// programs is judged by it.
func TestExplanations(t *testing.T) {
	t.Parallel()
	pages := compat.Explanations()
	for _, r := range evolve.Rules() {
		i := slices.IndexFunc(pages, func(p diag.Explanation) bool { return p.Code == diag.Code(r.ID) })
		if i < 0 {
			t.Errorf("%s has no page", r.ID)
			continue
		}
		page := pages[i]
		t.Run(string(r.ID), func(t *testing.T) {
			t.Parallel()
			report := compat.Check(side(t, "old.flow", page.Before), side(t, "new.flow", page.After), compat.Backward)
			report.Ignore("2026-11-28")
			at := slices.IndexFunc(report.Entries, func(e compat.Entry) bool { return e.Rule == r.ID })
			if at < 0 {
				var got []string
				for _, e := range report.Entries {
					got = append(got, string(e.Rule)+" "+e.Where())
				}
				t.Fatalf("the change is judged by %v", got)
			}
			if e := &report.Entries[at]; !e.NewSpan.Start.IsValid() && !e.OldSpan.Start.IsValid() && r.ID != evolve.GroupsChanged {
				t.Errorf("%s has no place", e.Where())
			}
			if len(page.Text) < 60 || strings.Contains(page.Title, ".") {
				t.Errorf("title %q, text %q", page.Title, page.Text)
			}
		})
	}
	if len(pages) != len(evolve.Rules()) {
		t.Errorf("%d pages of %d rules", len(pages), len(evolve.Rules()))
	}
}
