package oracle_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/oracle/gen"
	"github.com/flow-lang/flowc/oracle/internal/runner"
)

// troubled is a program that can fail in each place there is, in each way: the
// record says where, and of which kind. POLICY is what its steps say of that.
const troubled = `pipeline troubled

record Event { k: string, at: timestamp, n: int, place: string, kind: int }
record Row { k: string, n: int }
record Seen { k: string, n: int, last: int, list: int, map: int, sorted: int, set: int, sum: int, count: int, timer: timestamp? }
record Note { n: int, place: string, kind: int }

func at(place: string, kind: int, here: string) -> int = if place == here { kind } else { -1 }
func no(n: int) -> int {
  if n > 0 { fail "no" }
  return n
}

source events: Event = jsonl("in.jsonl") {
  event time e => e.at + 1us * TROUBLE(e, "time")
  on malformed POLICY(decode)
  on error POLICY(time)
}

// All that a handler can do stands before what fails.
operator handler {
  in  r: Event key r.k
  in  m: Note message
  out Seen
  out side: Row
  out told: Row
  state last: value<int> = 0 forever
  state xs: list<int> forever
  state m1: map<int, int> forever
  state so: sorted<int, int> forever
  state se: set<int> forever
  state sum: aggregate<(r: Event) => sum(r.n)> forever
  state groups: map<string, { count: int = 0, sum: aggregate<(r: Event) => count()> }> forever
  state notes: value<int> = 0 forever
  state noted: list<int> forever
  state late: value<int> = -1 forever
  timer soon: event time
  on r {
    change(r.n)
    sum.add(r)
    groups["x"].count += 1
    groups["x"].sum.add(r)
    soon.set(r.at + 1s)
    if r.place == "timer" { late = r.kind }
    emit side Row { k: key, n: r.n }
    send "handler"[r.k] Note { n: r.n, place: r.place, kind: r.kind }
    let x = TROUBLE(r, "handler")
    let y = helped(r)
    emit Seen { k: key, n: x + y, last: last, list: xs.len, map: m1.len, sorted: so.len, set: se.len, sum: sum.result ?? 0, count: groups["x"]?.count ?? 0, timer: soon.at }
  }
  on m {
    notes += 1
    noted.append(m.n)
    emit told Row { k: key, n: 100 * notes + noted.len }
    emit told Row { k: key, n: TROUBLE(m, "message") }
  }
  on soon {
    change(2000)
    emit side Row { k: key, n: LATE }
  }
  func change(n: int) {
    last = n
    xs.append(n)
    m1[n] = n
    so[n] = n
    se.add(n)
  }
  func helped(r: Event) -> int {
    change(3000 + r.n)
    emit side Row { k: r.k, n: 3000 }
    return TROUBLE(r, "helper")
  }
  on error POLICY(handler)
}

operator stateless {
  in  r: Event
  out Row
  on r {
    emit Row { k: r.k, n: r.n }
    emit Row { k: r.k, n: TROUBLE(r, "stateless") }
  }
  on error POLICY(stateless)
}

stream handled = events |> handler uid "handler"
stream plain = events |> stateless
stream mapped = events |> map(r => Row { k: r.k, n: TROUBLE(r, "map") }) on error POLICY(map)
stream kept = events |> filter(r => TROUBLE(r, "filter") < 1000) on error POLICY(filter)
stream summed = events |> running(key: r => r.k, agg: r => { n: count(), s: sum(TROUBLE(r, "aggregate")), most: sum(if r.place == "library" { 9223372036854775807 } else { 1 }) }) uid "running" forever on error POLICY(aggregate) |> map(w => { k: w.key, n: w.value.n, s: w.value.s })
stream floats = events |> map(r => { k: r.k, n: r.n, x: if r.place == "sink" { 1e308 * float(r.kind + 10) } else { 1.0 } })

sink handled to jsonl("handled.jsonl") uid "handled"
sink handled.side to jsonl("side.jsonl") uid "side"
sink handled.told to jsonl("told.jsonl") uid "told"
sink plain to jsonl("plain.jsonl") uid "plain"
sink mapped to jsonl("mapped.jsonl") uid "mapped"
sink kept to jsonl("kept.jsonl") uid "kept"
sink summed to jsonl("summed.jsonl") uid "summed"
sink floats to jsonl("floats.jsonl") uid "floats" on error POLICY(sink)
`

// trouble is an expression that fails in a way that the record names.
const trouble = `(match at(R.place, R.kind, HERE) {
      0 => 9223372036854775807 + (R.kind + 1)
      1 => 10 / (R.kind - 1)
      2 => [1][R.kind]
      3 => int(1e20 * float(R.kind))
      4 => "abc".slice(0, 0 - R.kind).len
      5 => no(R.kind)
      _ => R.n
    })`

// troubles are the kinds of trouble, with a word of the reason.
var troubles = []string{"overflow", "zero", "index", "int", "slice", "no"}

// places are where a record may fail, with the sinks that must look as if it had
// never come; nil where what happened before the failure stays.
var places = map[string][]string{
	"time":      {"handled", "side", "told", "plain", "mapped", "kept", "summed", "floats"},
	"decode":    {"handled", "side", "told", "plain", "mapped", "kept", "summed", "floats"},
	"handler":   {"handled", "side", "told"},
	"helper":    {"handled", "side", "told"},
	"message":   nil,
	"timer":     nil,
	"stateless": {"plain"},
	"map":       {"mapped"},
	"filter":    {"kept"},
	"aggregate": {"summed"},
	"library":   {"summed"}, // whatever the kind, in its sum
	"sink":      {"floats"},
}

// policyProgram writes troubled with a policy: fail, skip or to.
func policyProgram(policy string) *gen.Program {
	text := troubled
	p := &gen.Program{Sinks: []string{"handled", "side", "told", "plain", "mapped", "kept", "summed", "floats"}}
	var sinks strings.Builder
	for place := range places {
		if mark := "POLICY(" + place + ")"; strings.Contains(text, mark) {
			words := policy
			if policy == "to" {
				words = "to failed_" + place
				if place == "sink" { // what its sink cannot write no other can
					sinks.WriteString("stream shown = failed_sink |> map(f => { k: f.record.k, reason: if f.reason == \"\" { \"\" } else { \"told\" }, position: f.position })\n" +
						"sink shown to jsonl(\"failed_sink.jsonl\") uid \"failed_sink\"\n")
					p.Sinks = append(p.Sinks, "failed_sink")
					text = strings.ReplaceAll(text, mark, words)
					continue
				}
				fmt.Fprintf(&sinks, "sink failed_%[1]s to jsonl(\"failed_%[1]s.jsonl\") uid \"failed_%[1]s\"\n", place)
				p.Sinks = append(p.Sinks, "failed_"+place)
			}
			text = strings.ReplaceAll(text, mark, words)
		}
		for _, r := range []string{"e", "r", "m"} {
			mark := fmt.Sprintf("TROUBLE(%s, %q)", r, place)
			text = strings.ReplaceAll(text, mark, strings.NewReplacer("R.", r+".", "HERE", fmt.Sprintf("%q", place)).Replace(trouble))
		}
	}
	late := strings.NewReplacer("at(R.place, R.kind, HERE)", "late", "R.kind", "late", "R.n", "0").Replace(trouble)
	p.Text = strings.ReplaceAll(text, "LATE", late) + sinks.String()
	return p
}

// troubledRows are rows of which the one in the middle is bad in a place; with
// none, it is fine.
func troubledRows(place string, kind int, without bool) []string {
	row := func(second, n int, place string, kind int) string {
		return fmt.Sprintf(`{"k":"a","at":"2024-05-01T12:00:%02dZ","n":%d,"place":%q,"kind":%d}`, second, n, place, kind)
	}
	bad := row(1, 7, place, kind)
	if place == "decode" {
		bad = `{"k":"a","at":5}`
	}
	rows := []string{row(0, 1, "", 0), row(1, 2, "", 0), bad, row(1, 3, "", 0), row(2, 4, "", 0)}
	if without {
		rows = slices.Delete(rows, 2, 3)
	}
	return rows
}

// TestPolicies holds each policy, in each place and for each kind of error, to
// the interpreter, and to the rule that a handler that fails is undone whole.
func TestPolicies(t *testing.T) {
	t.Parallel()
	policies := []string{"fail", "skip", "to"}
	var programs []*gen.Program
	var texts []string
	for _, policy := range policies {
		programs = append(programs, policyProgram(policy))
		texts = append(texts, programs[len(programs)-1].Text)
	}
	b := build(t, texts, false)
	for i, err := range b.broken {
		t.Fatalf("no Go: %v\n%s", err, texts[i])
	}
	type try struct {
		place string
		kind  int
	}
	var tries []try
	var tasks []runner.Task
	for i, p := range programs {
		for place := range places {
			for kind := range troubles {
				for _, without := range []bool{true, false} {
					tries = append(tries, try{place, kind})
					tasks = append(tasks, runner.Task{Program: i, Rows: troubledRows(place, kind, without), Sinks: p.Sinks, Now: processingTime, Parallelism: 1, BlockSize: 1 << 18})
				}
			}
		}
	}
	results := b.run(t, tasks)
	var before runner.Result
	for i, got := range results {
		task, at := tasks[i], tries[i]
		what := fmt.Sprintf("on error %s, %s in %s", policies[task.Program], troubles[at.kind], at.place)
		if got.Same {
			got.Sinks = before.Sinks
		}
		p := *programs[task.Program]
		p.Rows = task.Rows
		var want answer
		want.Output, want.err = expect(&p)
		if why := disagreement(want, got); why != "" && !got.Same {
			t.Fatalf("%s: %s\n%s", what, why, p.Text)
		}
		if len(task.Rows) == len(troubledRows("", 0, true)) {
			before = got
			continue
		}
		afterTrouble(t, what, policies[task.Program], at.place, before, got)
	}
}

// afterTrouble holds a run with a bad record to the one without it.
func afterTrouble(t *testing.T, what, policy, place string, before, got runner.Result) {
	t.Helper()
	if policy == "fail" {
		if got.Failure == nil {
			t.Errorf("%s: the job did not stop", what)
		}
		return
	}
	if got.Failure != nil || got.Trouble != "" {
		t.Errorf("%s: the job stopped: %v %s", what, got.Failure, got.Trouble)
		return
	}
	for _, sink := range places[place] {
		if diff := cmp.Diff(before.Sinks[sink], got.Sinks[sink]); diff != "" {
			t.Errorf("%s: sink %s is not as if the record had never come (-want +got):\n%s", what, sink, diff)
		}
	}
	if policy == "to" {
		failed := got.Sinks["failed_"+failedAt(place)]
		want := 1
		if place == "timer" {
			want = 2 // it fires before the last row, and at the end
		}
		if len(failed) != want || !strings.Contains(failed[0], `"reason":"`) || strings.Contains(failed[0], `"reason":""`) {
			t.Errorf("%s: the failed records are %q", what, failed)
		}
	}
}

// failedAt is the place whose policy counts for a place.
func failedAt(place string) string {
	switch place {
	case "helper", "message", "timer":
		return "handler"
	case "library":
		return "aggregate"
	default:
		return place
	}
}
