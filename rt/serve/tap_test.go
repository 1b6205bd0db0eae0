package serve_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestTap looks at rows as they are read and written, and at streams between.
func TestTap(t *testing.T) {
	t.Parallel()
	r := start(t, 2, nil)
	r.eventually("/readyz", `"ready"`)
	t.Cleanup(keepSending(func(int) {
		time.Sleep(5 * time.Millisecond)
		r.send("a", strings.Repeat("long ", 2000), 1, 0)
	}))
	for _, stream := range []string{"sales", "a", "b", "c"} {
		status, text := r.get("/tap/" + stream + "?limit=3")
		var said struct {
			Stream  string
			Rows    []string
			Running bool
		}
		if err := json.Unmarshal([]byte(text), &said); err != nil || status != http.StatusOK {
			t.Fatalf("/tap/%s: %d %v %.200s", stream, status, err, text)
		}
		if len(said.Rows) != 3 || !said.Running || said.Stream != stream {
			t.Errorf("/tap/%s gave %d rows of %s", stream, len(said.Rows), said.Stream)
		}
		for _, row := range said.Rows {
			if len(row) > 4096 || !strings.HasPrefix(row, `{"shop":"a","item":"long`) {
				t.Errorf("/tap/%s gave %d bytes: %.60s", stream, len(row), row)
			}
		}
	}
	for path, want := range map[string]string{
		"/tap/sale": `"did_you_mean":"sales"`, "/tap/nothing": "there are sales, a, b, c", "/tap/c?limit=0": "bad_limit", "/tap/c?limit=1001": "bad_limit",
	} {
		if status, text := r.get(path); status < 400 || status >= 500 || !strings.Contains(text, want) {
			t.Errorf("GET %s: %d %s, want %s", path, status, text, want)
		}
	}
}

// TestTwoTap: who looks at a stream keeps what it sees when another comes.
func TestTwoTap(t *testing.T) {
	t.Parallel()
	r := start(t, 1, nil)
	r.eventually("/readyz", `"ready"`)
	stop := keepSending(func(i int) {
		time.Sleep(2 * time.Millisecond)
		r.send("a", "x", 1, i%60)
	})
	var looking sync.WaitGroup
	for _, stream := range []string{"sales", "c", "sales", "c", "sales", "c"} {
		looking.Go(func() {
			begun := time.Now()
			status, text := r.get("/tap/" + stream + "?limit=20")
			var said struct{ Rows []string }
			if err := json.Unmarshal([]byte(text), &said); err != nil || status != http.StatusOK {
				t.Errorf("/tap/%s: %d %v %.200s", stream, status, err, text)
			}
			if len(said.Rows) != 20 {
				t.Errorf("/tap/%s gave %d rows in %s", stream, len(said.Rows), time.Since(begun))
			}
		})
	}
	looking.Wait()
	stop()
}

// TestTapAtTheEnd: a job that ends does not wait for who taps it, and who does gets
// what there was.
func TestTapAtTheEnd(t *testing.T) {
	t.Parallel()
	r := start(t, 1, nil)
	r.eventually("/readyz", `"ready"`)
	answers := make(chan string)
	go func() {
		_, text := r.get("/tap/c?limit=1000")
		answers <- text
	}()
	for begun := time.Now(); ; {
		r.send("a", "x", 1, 0)
		if time.Since(begun) > 100*time.Millisecond {
			break
		}
	}
	_ = r.in.Close()
	err := <-r.ended
	r.ended <- err
	ended := time.Now()
	if text := <-answers; err != nil || !strings.Contains(text, `"running":false`) {
		t.Errorf("%v: %.200s", err, text)
	}
	if took := time.Since(ended); took > 3*time.Second {
		t.Errorf("the tap went on for %v after the end", took)
	}
}
