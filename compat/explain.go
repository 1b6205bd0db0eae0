package compat

import (
	"strings"

	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/rt/evolve"
)

// example is a small program, of which two versions show a rule at work. What is
// left empty is as in every other.
type example struct {
	key   string // of the records; p.user
	user  string // type of the field user; string
	types string // declarations at the top level
	state string // members of the operator
	body  string // a statement before the emit
	step  string // the step with its uid; sums uid "sums"
	from  string // the source's connector; jsonl("in.jsonl")
	rest  string // lines at the end
}

// program writes the example.
func (e example) program() string {
	or := func(s, usual string) string {
		if s == "" {
			return usual
		}
		return s
	}
	handler := "on p { emit p }"
	if e.body != "" {
		handler = "on p {\n    " + e.body + "\n    emit p\n  }"
	}
	lines := []string{
		"pipeline sums",
		"",
		"record Point {",
		"  user: " + or(e.user, "string"),
		"  n:    int",
		"}",
	}
	if e.types != "" {
		lines = append(lines, "", e.types)
	}
	lines = append(lines,
		"",
		"source points: Point = "+or(e.from, `jsonl("in.jsonl")`),
		"",
		"operator sums(size: duration shapes state = 1h) {",
		"  in  p: Point key "+or(e.key, "p.user"),
		"  out Point",
		"  "+strings.ReplaceAll(or(e.state, "state total: value<int> forever"), "\n", "\n  "),
		"  "+handler,
		"}",
		"",
		"stream out = points |> "+or(e.step, `sums uid "sums"`),
		"",
		"sink out to jsonl(stdout)",
	)
	if e.rest != "" {
		lines = append(lines, "", e.rest)
	}
	return strings.Join(lines, "\n") + "\n"
}

// explained is the long text of a rule, with a program before and after.
type explained struct {
	rule     evolve.RuleID
	text     string
	old, new example
}

// Explanations returns the long text of each rule, for "flowc explain": the old
// program stands before the new one.
func Explanations() []diag.Explanation {
	var out []diag.Explanation
	for _, list := range [][]explained{ofTypes, ofStates, ofAggregates, ofSteps, ofPrograms} {
		for i := range list {
			x := &list[i]
			r := x.rule.Rule()
			what := "The verdict is \"" + r.Verdict.Name() + "\" (" + r.Verdict.String() + ")"
			switch {
			case r.Always:
				what = "It is a finding of the check, and changes no state"
			case r.Verdict == evolve.MeaningChanged:
				what += ": a finding, unless a line \"accept\" says that it is meant"
			case r.Verdict == evolve.Breaks:
				what += ": a finding, and a restore refuses to start"
			case r.Verdict.Finding():
				what += ": a finding, unless a line \"retired\" says that it is meant"
			default:
				what += ", which is no finding"
			}
			out = append(out, diag.Explanation{
				Code: diag.Code(x.rule), Title: r.Title, Text: strings.TrimSpace(x.text) + "\n\n" + what + ".",
				Before: x.old.program(), After: x.new.program(),
			})
		}
	}
	return out
}
