package remote_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/remote"
)

func (a *answer) unset(name string) {
	a.put(1, func(b []byte) []byte { return remote.PutText(b, 2, name, true) })
}

// statefunCase is a case of the tests of Stateful Functions: what the function answers,
// and what it has then been asked.
type statefunCase struct {
	number, what   string
	records, names int
	answers        func(n int, a *asked, w http.ResponseWriter) // n counts from 1
	fails          string                                       // what the error says; "" if the job ends well
	check          func(all []*asked) error
}

func statefunCases() []statefunCase {
	say := func(w http.ResponseWriter, b []byte) {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write(b)
	}
	nothing := func(_ int, _ *asked, w http.ResponseWriter) { say(w, (&answer{}).bytes()) }
	arguments := func(all []*asked) (list []string) {
		for _, a := range all {
			list = append(list, a.arguments...)
		}
		return list
	}
	record := func(n int) string { return fmt.Sprintf(`{"name":"n0","n":%d}`, n) }
	inOrder := func(all []*asked, records int) error {
		for i, got := range arguments(all) {
			if got != record(i) {
				return fmt.Errorf("argument %d is %s", i, got)
			}
		}
		if n := len(arguments(all)); n != records {
			return fmt.Errorf("%d arguments", n)
		}
		return nil
	}
	stored := func(a *asked) string {
		v, known := a.state["seen"]
		switch {
		case !known:
			return "unknown"
		case v == nil:
			return "absent"
		}
		return *v
	}
	return []statefunCase{
		{"F1", "one message", 1, 1, nothing, "", func(all []*asked) error {
			a := all[0]
			if len(all) != 1 || a.namespace != "example" || a.name != "greet" || a.id != "n0" || !slices.Equal(a.callers, []string{""}) {
				return fmt.Errorf("%d requests, the first %+v", len(all), a)
			}
			return inOrder(all, 1)
		}},
		{"F2", "messages while a request is under way", 60, 1, func(n int, _ *asked, w http.ResponseWriter) {
			if n == 1 {
				time.Sleep(100 * time.Millisecond)
			}
			say(w, (&answer{}).bytes())
		}, "", func(all []*asked) error {
			if len(all) > 5 {
				return fmt.Errorf("%d requests", len(all))
			}
			return inOrder(all, 60)
		}},
		{"F3", "more messages than one request takes, and than may wait", 4000, 1, nothing, "", func(all []*asked) error {
			for _, a := range all {
				if len(a.arguments) > 1000 {
					return fmt.Errorf("%d messages in a request", len(a.arguments))
				}
			}
			return inOrder(all, 4000)
		}},
		{"F4", "values are changed and removed", 4500, 1, func(n int, a *asked, w http.ResponseWriter) {
			var out answer
			switch {
			case n == 1:
				say(w, lacking("seen", "example/count", 0, 0))
				return
			case n%2 == 0:
				out.set("seen", "example/count", fmt.Sprint(n))
			default:
				out.unset("seen")
			}
			say(w, out.bytes())
		}, "", func(all []*asked) error {
			for i, a := range all {
				want := []string{"unknown", "absent", "2", "absent", "4"}[min(i, 4)]
				if i > 4 {
					want = []string{fmt.Sprint(i), "absent"}[i%2]
				}
				if got := stored(a); got != want {
					return fmt.Errorf("request %d has the value %s, want %s", i+1, got, want)
				}
			}
			if len(all) < 4 {
				return fmt.Errorf("%d requests", len(all))
			}
			return nil
		}},
		{"F5", "no value is registered", 5, 2, nothing, "", func(all []*asked) error {
			for _, a := range all {
				if len(a.state) > 0 {
					return fmt.Errorf("a request has the values %v", a.state)
				}
			}
			return nil
		}},
		{"F6", "a value is changed that is not registered", 1, 1, func(_ int, _ *asked, w http.ResponseWriter) {
			var out answer
			out.set("other", "example/count", "1")
			say(w, out.bytes())
		}, `changes the value "other", which it has not declared`, nil},
		{"F7", "a value is registered twice with one type", 20, 1, func(n int, a *asked, w http.ResponseWriter) {
			var out answer
			out.set("seen", "example/count", "7")
			switch n {
			case 1, 3:
				say(w, lacking("seen", "example/count", int64(n/3), 1))
			default:
				say(w, out.bytes())
			}
		}, "", func(all []*asked) error {
			if len(all) > 3 && (stored(all[2]) != "7" || stored(all[3]) != "7") {
				return fmt.Errorf("the value is %s and %s", stored(all[2]), stored(all[3]))
			}
			return nil
		}},
		{"F8", "a value is registered twice with two types", 1, 1, func(n int, _ *asked, w http.ResponseWriter) {
			say(w, lacking("seen", []string{"example/count", "example/other"}[n%2], 0, 0))
		}, `declares the value "seen" twice`, nil},
		{"F8", "a value is written with another type", 1, 1, func(n int, _ *asked, w http.ResponseWriter) {
			if n == 1 {
				say(w, lacking("seen", "example/count", 0, 0))
				return
			}
			var out answer
			out.set("seen", "example/other", "1")
			say(w, out.bytes())
		}, `writes the value "seen" of type example/other, which is example/count`, nil},
		{"F9", "the function lacks a value: it is asked the same again", 1, 1, func(n int, _ *asked, w http.ResponseWriter) {
			if n == 1 {
				say(w, lacking("seen", "example/count", 0, 0))
				return
			}
			say(w, (&answer{}).bytes())
		}, "", func(all []*asked) error {
			if len(all) != 2 || !slices.Equal(all[0].arguments, all[1].arguments) || stored(all[0]) != "unknown" || stored(all[1]) != "absent" {
				return fmt.Errorf("%d requests: %+v", len(all), all)
			}
			return nil
		}},
		{"F12", "what is given to an egress", 3, 1, func(_ int, a *asked, w http.ResponseWriter) {
			var out answer
			for _, text := range a.arguments {
				out.egress(strings.TrimSuffix(text, "}") + `,"seen":1}`)
			}
			say(w, out.bytes())
		}, "", func(all []*asked) error { return inOrder(all, 3) }},
	}
}

// TestStatefunCases holds the cases of the tests of Stateful Functions to what the
// step asks and does; the table in docs/evolution.md names them and the others.
func TestStatefunCases(t *testing.T) {
	t.Parallel()
	for _, c := range statefunCases() {
		t.Run(c.number+" "+c.what, func(t *testing.T) {
			t.Parallel()
			g := &greeter{t: t}
			g.before = func(n int, w http.ResponseWriter, _ *http.Request, a *asked) bool {
				c.answers(n, a, w)
				return true
			}
			rows, err := run(t, serve(t, g), c.records, c.names, func(o *rt.Options) { o.Parallelism = 1 })
			switch {
			case c.fails == "" && err != nil:
				t.Fatal(err)
			case c.fails != "" && (err == nil || !strings.Contains(err.Error(), c.fails)):
				t.Errorf("%v, want %s", err, c.fails)
			case c.number == "F12" && len(rows) != c.records:
				t.Errorf("%d records are given, want %d", len(rows), c.records)
			}
			if c.check != nil {
				if err := c.check(g.asked); err != nil {
					t.Error(err)
				}
			}
		})
	}
}
