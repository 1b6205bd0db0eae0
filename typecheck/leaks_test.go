package typecheck_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck"
)

// tight is a program whose state all ends: by timers, entry timers, helpers,
// and what its steps say.
const tight = `pipeline tight

record V { user: string, n: int, at: timestamp, more: bool, tags: list<string> }

source vs: V = jsonl("vs.jsonl") { event time at }

aggregate largest(x: int) -> int {
  state most: value<int> = 0
  add { if x > most { most = x } }
  merge other { if other.most > most { most = other.most } }
  result = most
}

operator visits(size: duration = 1h) {
  in  v: V key v.user
  out V
  state last: value<int>
  state kept: list<int>
  state total: aggregate<(v: V) => largest(v.n)>
  state panes: sorted<timestamp, { n: int = 0, sum: aggregate<(v: V) => sum(v.n)> }>
  state words: map<string, timestamp>
  timer idle: event time
  timer close[w in panes]: event time at w + size
  timer word[t, at in words]: event time at at + size
  on v {
    arm(v.at)
    last = v.n
    if v.more { note(v.n) } else { total.add(v) }
    match v.n {
      0 => { kept.append(1) }
      _ => { kept.append(v.n) }
    }
    let w = v.at.truncate(1h)
    panes[w].n += 1
    panes[w].sum.add(v)
    for t in v.tags { words[t] = v.at }
    emit v
  }
  on idle {
    if (last ?? 0) > 3 { reset() } else { clear }
  }
  on close[w] { panes.remove(w) }
  on word[t] {
    if t == "" { drop_word(t) } else { words.remove(t) }
  }
  func arm(at: timestamp) { set_idle(at + 30m) }
  func set_idle(at: timestamp) { idle.set(at) }
  func note(n: int) { kept.append(n) }
  func reset() { clear last; clear kept; clear total }
  func drop_word(t: string) { words.remove(t) }
}

fragment sums(s: stream<V>) -> stream<Running<string, int>> = s |> running(key: v => v.user, agg: v => sum(v.n)) uid "sum" ttl 30d

stream a = vs |> visits uid "visits"
stream b = a |> latest(key: v => v.user) uid "latest" ttl 1d
stream c = b |> sums uid "sums"
stream j = a |> temporal_join(right: b, on: (x, y) => x.user == y.user) uid "joined" ttl 7d

sink c to jsonl("c.jsonl")
sink j to jsonl("j.jsonl")
`

// leaks are changes of tight after which states never end. Notes of the finding
// about the first of them stand at each text of path: where it is written, and
// the way past its end.
var leaks = []struct {
	name, from, to string
	states         []string // that leak
	path           []string
}{
	{"a branch that does not arm", "    arm(v.at)\n", "    if v.more { arm(v.at) }\n",
		[]string{"last", "kept", "total"}, []string{"last = v.n", "v.more { arm"}},
	{"a helper that returns before it arms", "func arm(at: timestamp) { set_idle(at + 30m) }", "func arm(at: timestamp) { if at < time { return }; set_idle(at + 30m) }",
		[]string{"last", "kept", "total"}, []string{"last = v.n", "at < time"}},
	{"a helper of a helper that cancels", "func set_idle(at: timestamp) { idle.set(at) }", "func set_idle(at: timestamp) { idle.set(at); if at < time { idle.cancel() } }",
		[]string{"last", "kept", "total"}, []string{"last = v.n", "at < time"}},
	{"a loop that may run no round", "    arm(v.at)\n", "    for t in v.tags { arm(v.at) }\n",
		[]string{"last", "kept", "total"}, []string{"last = v.n"}},
	{"a while that may run no round", "    arm(v.at)\n", "    var i = v.n\n    while i > 0 { i -= 1; arm(v.at) }\n",
		[]string{"last", "kept", "total"}, []string{"last = v.n"}},
	{"an arm of a match that gives up", "      0 => { kept.append(1) }\n", "      0 => { idle.cancel() }\n",
		[]string{"last", "kept", "total"}, []string{"last = v.n"}},
	{"a handler that keeps on one path", "{ reset() } else { clear }", "{ reset() } else { arm(time) }",
		[]string{"last", "kept", "total"}, []string{"(last ?? 0) > 3"}},
	{"a reset that forgets one", "clear last; clear kept; clear total }", "clear last; clear kept }",
		[]string{"total"}, []string{"total.add(v)"}},
	{"an entry timer that keeps its group", "on close[w] { panes.remove(w) }", "on close[w] { if panes.len > 3 { panes.remove(w) } }",
		[]string{"panes"}, []string{"panes[w].n += 1", "panes.len > 3"}},
	{"an entry timer's helper that removes another", "func drop_word(t: string) { words.remove(t) }", `func drop_word(t: string) { words.remove("") }`,
		[]string{"words"}, []string{"words[t] = v.at", `t == ""`}},
	{"a step of the library", ` uid "latest" ttl 1d`, ` uid "latest"`, []string{"newest"}, nil},
	{"a step of the library in a fragment", ` uid "sum" ttl 30d`, ` uid "sum"`, []string{"sum"}, nil},
	{"a join of the library", ` uid "joined" ttl 7d`, ` uid "joined"`, []string{"versions"}, nil},
}

// TestSeededLeaks finds each leak, and nothing else, with the way to it.
func TestSeededLeaks(t *testing.T) {
	t.Parallel()
	if found := leaking(t, tight); len(found) > 0 {
		t.Errorf("the program without a leak: %v", found[0].Message)
	}
	for _, l := range leaks {
		text := strings.Replace(tight, l.from, l.to, 1)
		if text == tight {
			t.Fatalf("%s: the program has no %q", l.name, l.from)
		}
		var states []string
		for _, d := range leaking(t, text) {
			_, name, _ := strings.Cut(d.Message, `"`)
			name, _, _ = strings.Cut(name, `"`)
			states = append(states, name)
			lines := strings.Split(text, "\n")
			for _, want := range l.path {
				if name != l.states[0] {
					continue // the others have a path of their own
				}
				if !slices.ContainsFunc(d.Notes, func(n diag.Note) bool {
					return n.Span.Start.Filename == "leaks.flow" && strings.Contains(lines[n.Span.Start.Line-1], want)
				}) {
					t.Errorf("%s: no note stands at %q: %s", l.name, want, notes(d))
				}
			}
			if d.Help == "" || len(d.Notes) == 0 {
				t.Errorf("%s: %s has no path or no help", l.name, d.Message)
			}
		}
		slices.Sort(states)
		slices.Sort(l.states)
		if diff := cmp.Diff(l.states, states); diff != "" {
			t.Errorf("%s (-want +got):\n%s", l.name, diff)
		}
	}
}

func notes(d diag.Diagnostic) string {
	var b strings.Builder
	for _, n := range d.Notes {
		fmt.Fprintf(&b, "\n  %s: %s", n.Span, n.Message)
	}
	return b.String()
}

// leaking checks a program that has no other mistake, and gives the findings
// about its retention.
func leaking(t *testing.T, text string) []diag.Diagnostic {
	t.Helper()
	var report diag.List
	typecheck.Check(typecheck.Files{Main: lang.Parse("leaks.flow", text, &report)}, &report)
	var out []diag.Diagnostic
	for _, d := range report.Sorted() {
		switch {
		case d.Code == typecheck.UnboundedState:
			out = append(out, d)
		case d.Severity == diag.Error:
			t.Errorf("%s: %s", d.Span, d.Message)
		}
	}
	return out
}

// TestNoCorrectProgramLeaks checks the examples, which with the programs of the
// documentation, the library in use, and those that are made up, are all that
// is held to be right.
func TestNoCorrectProgramLeaks(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob(filepath.Join("..", "examples", "*.flow"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no examples (%v)", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range leaking(t, string(text)) {
			t.Errorf("%s: %s", path, d.Message)
		}
	}
}
