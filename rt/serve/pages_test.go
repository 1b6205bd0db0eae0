package serve_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/state/memstore"
)

// TestAllKeysAreListed reads all pages of a state while its keys change, and some
// leave memory and come back: each is on one page.
func TestAllKeysAreListed(t *testing.T) {
	t.Parallel()
	const keys = 3000
	for name, opts := range map[string]rt.Options{
		"memory": {Parallelism: 2},
		"store":  {Parallelism: 2, State: memstore.Name, StateDir: t.TempDir(), CacheSize: 200 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startWith(t, opts, nil)
			for i := range keys {
				r.send(fmt.Sprint("shop ", i), "x", i, 0)
			}
			r.eventually("/state/total?key="+url.QueryEscape(fmt.Sprint("shop ", keys-1)), `"found":true`)
			for i := range keys / 10 {
				if status, text := r.get("/state/total?key=" + url.QueryEscape(fmt.Sprint("shop ", i*10))); status != http.StatusOK {
					t.Fatalf("shop %d: %d %s", i*10, status, text)
				}
			}
			if status, text := r.get("/state/total?key=nobody"); status != http.StatusNotFound {
				t.Errorf("a key that is not there: %d %s", status, text)
			}
			stop := keepSending(func(i int) {
				r.send(fmt.Sprint("shop ", i*31%keys), "x", 1, 0)
				r.send(fmt.Sprint("new ", i), "x", 1, 0)
			})
			seen := map[string]int{}
			next := ""
			for page := 0; ; page++ {
				status, text := r.get("/state/total?limit=97&prefix=shop&cursor=" + next)
				var said struct {
					Rows []struct{ Key string }
					Next string
				}
				if err := json.Unmarshal([]byte(text), &said); err != nil || status != http.StatusOK {
					t.Fatalf("%d %s", status, text)
				}
				for _, row := range said.Rows {
					seen[row.Key]++
				}
				if next = said.Next; next == "" {
					break
				}
			}
			stop()
			for i := range keys {
				if n := seen[fmt.Sprint("shop ", i)]; n != 1 {
					t.Fatalf("shop %d is on %d pages", i, n)
				}
			}
			if len(seen) != keys {
				t.Errorf("%d keys are listed, want %d", len(seen), keys)
			}
			var inMemory int
			_, text, _ := strings.Cut(r.eventually("/metrics", "flow_state_entries"), `flow_state_entries{job="queries",operator="shops"} `)
			if _, err := fmt.Sscan(text, &inMemory); err != nil || name == "store" && inMemory >= keys {
				t.Errorf("%d keys are in memory (%v): nothing has left it", inMemory, err)
			}
		})
	}
}
