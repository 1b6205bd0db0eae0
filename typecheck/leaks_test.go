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

// around is a program with one operator; its members stand at MEMBERS.
const around = `pipeline around

record V { user: string, n: int, at: timestamp, more: bool, tags: list<string> }

source vs: V = jsonl("vs.jsonl") { event time at }

operator kept {
  in  v: V key v.user
  out V
  timer t: event time
  timer f[timestamp]: event time
  timer g[string]: event time
MEMBERS
}

stream a = vs |> kept uid "kept"

sink a to jsonl("a.jsonl")
`

// TestPathsOfOneOperator tells operators whose state ends from those whose state
// does not, by what a path has written, set, removed, and found out by asking.
func TestPathsOfOneOperator(t *testing.T) {
	t.Parallel()
	const clearing, unused = "on t { clear }\n", "on f[w] { }\non g[k] { }\n"
	for _, c := range []struct{ name, members, leaks string }{
		{"set only if it is not yet", "state n: value<int> = 0\non v { n += 1; if t.at == none { t.set(v.at + 1h) } }\n" + clearing + unused, ""},
		{"set unless it is", "state n: value<int> = 0\non v { n += 1; if t.at != none { emit v } else { t.set(v.at + 1h) } }\n" + clearing + unused, ""},
		{"set if it is", "state n: value<int> = 0\non v { n += 1; if t.at != none { t.set(v.at + 1h) } }\n" + clearing + unused, "n"},
		{"asked for before it is cancelled", "state n: value<int> = 0\non v { n += 1; if t.at != none { t.cancel() } else { t.set(v.at + 1h) } }\n" + clearing + unused, "n"},
		{"set by a helper that asks in an expression", "state n: value<int> = 0\non v { n += arm(v.at) }\nfunc arm(at: timestamp) -> int { if let x = t.at { return 1 }; t.set(at + 1h); return 2 }\n" + clearing + unused, ""},
		{"another timer was asked for", "state n: value<int> = 0\non v { n += 1; if f[v.at].at == none { t.set(v.at + 1h) } }\n" + clearing + unused, "n"},
		{"one condition of two", "state n: value<int> = 0\non v { n += 1; if t.at == none && v.more { t.set(v.at + 1h) } }\n" + clearing + unused, "n"},
		{"neither condition of two", "state n: value<int> = 0\non v { n += 1; if t.at == none || v.more { t.set(v.at + 1h) } }\n" + clearing + unused, ""},

		{"cleared if there is one", "state n: value<V>\non v { n = v; t.set(v.at + 1h) }\non t { if let x = n { emit x; clear n } }\n" + unused, ""},
		{"cleared unless there is none", "state n: value<V>\non v { n = v; t.set(v.at + 1h) }\non t { if !(n == none) { clear n } }\n" + unused, ""},
		{"cleared by an arm", "state n: value<V>\non v { n = v; t.set(v.at + 1h) }\non t { match n { none => { }; x => { emit x; clear n } } }\n" + unused, ""},
		{"kept by an arm", "state n: value<V>\non v { n = v; t.set(v.at + 1h) }\non t { match n { none => { clear n }; x => { emit x } } }\n" + unused, "n"},
		{"written after it was none", "state n: value<V>\nstate last: value<V> ttl 1d\non v { last = v; n = v; t.set(v.at + 1h) }\non t { if let x = n { clear n } else { if let l = last { n = l } } }\n" + unused, "n"},

		{"an entry removed if there is one", "state m: map<timestamp, int>\non v { m[v.at] = v.n; f[v.at].set(v.at + 1m) }\non f[w] { if let x = m[w] { m.remove(w) } }\non t { }\non g[k] { }\n", ""},
		{"an entry removed if it is in it", "state m: map<timestamp, int>\non v { m[v.at] = v.n; f[v.at].set(v.at + 1m) }\non f[w] { if w in m { m.remove(w) } }\non t { }\non g[k] { }\n", ""},
		{"an entry removed if another is there", "state m: map<timestamp, int>\non v { m[v.at] = v.n; f[v.at].set(v.at + 1m) }\non f[w] { if let x = m[w + 1s] { m.remove(w) } }\non t { }\non g[k] { }\n", "m"},
		{"all entries removed one by one", "state m: map<timestamp, int>\nstate s: set<string>\non v { m[v.at] = v.n; s.add(v.user); t.set(v.at + 1m) }\non t { for k, x in m { m.remove(k) }\nfor k in s { s.remove(k) } }\n" + unused, ""},
		{"some entries removed one by one", "state m: map<timestamp, int>\non v { m[v.at] = v.n; t.set(v.at + 1m) }\non t { for k, x in m { if x > 3 { m.remove(k) } } }\n" + unused, "m"},
		{"entries removed until one is found", "state m: map<timestamp, int>\non v { m[v.at] = v.n; t.set(v.at + 1m) }\non t { for k, x in m { if x > 3 { break }\nm.remove(k) } }\n" + unused, "m"},
		{"entries of a range removed one by one", "state m: sorted<timestamp, int>\non v { m[v.at] = v.n; t.set(v.at + 1m) }\non t { for k, x in m[..time] { m.remove(k) } }\n" + unused, "m"},
		{"entries removed and written by a helper", "state m: map<timestamp, int>\non v { m[v.at] = v.n; t.set(v.at + 1m) }\non t { for k, x in m { m.remove(k); again(k) } }\nfunc again(k: timestamp) { m[k + 1s] = 1 }\n" + unused, "m"},

		{"a return before it is set", "state n: value<int> = 0\non v { n += 1; if v.more { return }\nt.set(v.at + 1h) }\n" + clearing + unused, "n"},
		{"a drop before it is set", "state n: value<int> = 0\non v { n += 1; if v.more { drop }\nt.set(v.at + 1h) }\n" + clearing + unused, "n"},
		{"a fail before it is set", "state n: value<int> = 0\non v { n += 1; if v.more { fail \"no\" }\nt.set(v.at + 1h) }\n" + clearing + unused, ""},
		{"a break before it is set", "state n: value<int> = 0\non v { n += 1; while true { if v.more { break }\nt.set(v.at + 1h); break } }\n" + clearing + unused, "n"},
		{"a write after it was cleared", "state n: value<int> = 0\non v { n += 1; t.set(v.at + 1h) }\non t { clear; n = 5 }\n" + unused, "n"},
		{"the timer of another index", "state m: map<timestamp, int>\non v { m[v.at] = 1; f[v.at + 1h].set(v.at + 2h) }\non f[w] { m.remove(w) }\non t { }\non g[k] { }\n", "m"},
		{"many entries and one timer", "state m: map<string, int>\non v { for x in v.tags { m[x] = 1 }\ng[v.user].set(v.at + 1h) }\non g[k] { m.remove(k) }\non t { }\non f[w] { }\n", "m"},
		{"many entries with a timer each", "state m: map<string, int>\non v { for x in v.tags { m[x] = 1; g[x].set(v.at + 1h) } }\non g[k] { m.remove(k) }\non t { }\non f[w] { }\n", ""},
		{"entries before its own removed", "state m: sorted<timestamp, int>\non v { m[v.at] = 1; f[v.at].set(v.at + 1h) }\non f[w] { m.remove_before(w) }\non t { }\non g[k] { }\n", "m"},
		{"entries up to its own removed", "state m: sorted<timestamp, int>\non v { m[v.at] = 1; f[v.at].set(v.at + 1h) }\non f[w] { m.remove_before(w + 1us) }\non t { }\non g[k] { }\n", ""},
		{"a message that writes", "in w: V message\nstate n: value<int> = 0\non v { n += 1; t.set(v.at + 1h); send \"kept\"[v.user] v }\non w { n += 2 }\n" + clearing + unused, "n"},
		{"names made at run time", "state d: dynamic\non v { d.set(\"a\", v.n) }\n" + clearing + unused, "d"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			found := ""
			for _, d := range leaking(t, strings.Replace(around, "MEMBERS", c.members, 1)) {
				_, name, _ := strings.Cut(d.Message, `"`)
				name, _, _ = strings.Cut(name, `"`)
				found += name
			}
			if found != c.leaks {
				t.Errorf("the states that leak are %q, not %q", found, c.leaks)
			}
		})
	}
}
