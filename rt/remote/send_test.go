package remote_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/rt"
)

// TestMessages: a function sends to itself and to an operator of the program, and
// the job ends when nothing moves any more.
func TestMessages(t *testing.T) {
	t.Parallel()
	for _, parallelism := range []int{1, 3} {
		g := &greeter{t: t}
		g.before = func(_ int, w http.ResponseWriter, _ *http.Request, a *asked) bool {
			w.Header().Set("Content-Type", "application/octet-stream")
			if a.id == "n1" || !strings.HasPrefix(a.id, "n") {
				return false
			}
			var out answer
			for range a.arguments {
				out.send("example", "greet", "to "+a.id, "example/Request", `{"name":"to `+a.id+`","n":0}`)
				out.send("greeter", "listener", a.id, "x/y", `{"text":"hi"}`)
			}
			_, _ = w.Write(out.bytes())
			return true
		}
		rows, err := run(t, serve(t, g), 30, 3, func(o *rt.Options) { o.Parallelism = parallelism })
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != 30 {
			t.Errorf("%d rows, want 30", len(rows))
		}
	}
}
