package compat_test

import (
	"strings"
	"testing"

	"github.com/flow-lang/flowc/compat"
)

// renamable is a program whose keys, aggregates, parameters and migrations are made
// of things that have names.
const renamable = `pipeline sums

enum Phase { off, on, broken }
record Pair { a: int, b: int }
record Odd { odd: bool }
record Even { even: bool }
union Parity = Odd | Even
record Point { user: string, n: int, phase: Phase, pair: Pair }

source points: Point = jsonl("in.jsonl")

func folded(p: Point) -> string = p.user.lower()
func weight(p: Pair) -> int = p.a * 2 + p.b
func swapped(p: Pair) -> Pair = Pair { a: p.b, b: p.a }
func parity(n: int) -> Parity = if n % 2 == 0 { Even { even: true } } else { Odd { odd: true } }

operator hold(kept: Phase shapes state = Phase.on) {
  in  p: Point key { u: folded(p), on: p.phase == Phase.on, w: weight(swapped(p.pair)) }
  out Point
  state parts: aggregate<(p: Point) => {
    broken: sum(if p.phase == Phase.broken { 1 } else { 0 }),
    lists: sum([Phase.off, p.phase].map(x => if x == Phase.on { 1 } else { 2 }).sum()),
    whole: sum(match p.phase { Phase.off => 1, Phase.on => 2, Phase.broken => 3 }),
    made: sum((p.pair with { a: 3 }).a + p.pair.b),
    odd: sum(match parity(p.n) { Odd o => 1, Even e => 2 })
  }> forever
  on p { emit p }
}

stream out = points |> hold uid "hold"
stream by_phase = points |> running(key: r => match r.phase { Phase.off => "x", Phase.on => "y", Phase.broken => "z" }, agg: r => sum(r.n)) uid "phases" forever

sink out to jsonl(stdout)
sink by_phase to jsonl(stdout)
`

// TestRenamesKeepMeaning renames what an expression is made of, in every way that a
// program declares or that is no part of what it means: nothing means something else.
func TestRenamesKeepMeaning(t *testing.T) {
	t.Parallel()
	old := side(t, "old.flow", renamable)
	for _, tt := range []struct{ name, edits string }{
		{"nothing", ""},
		{"an enum", "Phase => Stage"},
		{"a symbol", "enum Phase { off, on, broken } => enum Phase { off, on, failed was \"broken\" }; Phase.broken => Phase.failed"},
		{"symbols swapped", "enum Phase { off, on, broken } => enum Phase { off was \"on\", on was \"off\", broken }; Phase.off => Phase.X; Phase.on => Phase.off; Phase.X => Phase.on"},
		{"an enum and its symbols", "enum Phase { off, on, broken } => enum Stage { no was \"off\", yes was \"on\", failed was \"broken\" }; Phase.broken => Stage.failed; Phase.on => Stage.yes; Phase.off => Stage.no; : Phase => : Stage; <Phase> => <Stage>"},
		{"the order of symbols", "{ off, on, broken } => { broken, on, off }"},
		{"a record", "Pair => Both"},
		{"a member of a union", "Odd => Uneven; Even => Level"},
		{"a field of the record", "record Point { user: => record Point { login:; login: string => login: string was \"user\"; p.user => p.login"},
		{"a field of a record inside", "record Pair { a: int => record Pair { first: int was \"a\"; p.a * => p.first *; Pair { a: p.b => Pair { first: p.b; b: p.a => b: p.first; with { a: 3 }).a => with { first: 3 }).first"},
		{"the order of fields", "record Pair { a: int, b: int } => record Pair { b: int, a: int }"},
		{"locals", "(x => (y; if x == => if y =="},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := renamable
			for _, e := range strings.Split(tt.edits, "; ") {
				from, to := e, ""
				if at := strings.LastIndex(e, " => "); at >= 0 {
					from, to = e[:at], e[at+4:]
				}
				if from != "" {
					text = strings.ReplaceAll(text, from, to)
				}
			}
			if text == renamable && tt.edits != "" {
				t.Fatal("nothing is edited")
			}
			report := compat.Check(old, side(t, "new.flow", text), compat.Backward)
			l, _ := compat.Update(nil, old.Job)
			locked, err := l.Job(1)
			if err != nil {
				t.Fatal(err)
			}
			fromLock := compat.Check(compat.Side{Name: "lock", Job: locked}, side(t, "new.flow", text), compat.Backward)
			for _, r := range []*compat.Report{report, fromLock} {
				for i := range r.Entries {
					e := &r.Entries[i]
					if e.Verdict().Finding() {
						t.Errorf("%s against %s: %s %s: %s", tt.name, r.Old.Name, e.Rule, e.Where(), e.Message)
					}
				}
			}
		})
	}
}

// TestOtherMeanings changes what an expression means, by names that stay: each is a
// finding.
func TestOtherMeanings(t *testing.T) {
	t.Parallel()
	old := side(t, "old.flow", renamable)
	for _, edit := range [][2]string{
		{"p.phase == Phase.on", "p.phase == Phase.off"},
		{"Phase shapes state = Phase.on", "Phase shapes state = Phase.broken"},
		{"{ off, on, broken }", `{ off was "on", on was "off", broken }`},
		{"Phase.on => 2, Phase.broken => 3", "Phase.on => 3, Phase.broken => 2"},
		{"Pair { a: p.b, b: p.a }", "Pair { a: p.a, b: p.b }"},
		{"with { a: 3 }", "with { b: 3 }"},
		{"[Phase.off, p.phase]", "[Phase.on, p.phase]"},
	} {
		text := strings.ReplaceAll(renamable, edit[0], edit[1])
		report := compat.Check(old, side(t, "new.flow", text), compat.Backward)
		if len(report.Findings(0)) == 0 {
			t.Errorf("%s becomes %s: no finding", edit[0], edit[1])
		}
	}
}
