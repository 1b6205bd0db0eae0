package remote_test

import (
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/flow-lang/flowc/rt/remote"
)

// asked is a request as a server reads it.
type asked struct {
	namespace, name, id string
	state               map[string]*string // nil where a value is registered and absent
	arguments           []string
	callers             []string
}

func readAddress(b []byte) (namespace, name, id string) {
	m := remote.NewMessage(b)
	for m.Next() {
		switch m.Field() {
		case 1:
			namespace = m.Text()
		case 2:
			name = m.Text()
		case 3:
			id = m.Text()
		}
	}
	return namespace, name, id
}

func readTyped(b []byte) (typename, value string) {
	m := remote.NewMessage(b)
	for m.Next() {
		switch m.Field() {
		case 1:
			typename = m.Text()
		case 3:
			value = string(m.Bytes())
		}
	}
	return typename, value
}

// readAsked reads a ToFunction.
func readAsked(t testing.TB, body []byte) *asked {
	a := &asked{state: map[string]*string{}}
	outer := remote.NewMessage(body)
	for outer.Next() {
		if outer.Field() != 100 {
			continue
		}
		m := remote.NewMessage(outer.Bytes())
		for m.Next() {
			inner := remote.NewMessage(m.Bytes())
			switch m.Field() {
			case 1:
				a.namespace, a.name, a.id = readAddress(m.Bytes())
			case 2:
				name := ""
				var value *string
				for inner.Next() {
					if inner.Field() == 1 {
						name = inner.Text()
					} else {
						_, v := readTyped(inner.Bytes())
						value = &v
					}
				}
				a.state[name] = value
			case 3:
				caller := ""
				for inner.Next() {
					if inner.Field() == 1 {
						namespace, name, id := readAddress(inner.Bytes())
						caller = namespace + "/" + name + "/" + id
						continue
					}
					_, v := readTyped(inner.Bytes())
					a.arguments = append(a.arguments, v)
				}
				a.callers = append(a.callers, caller)
			}
		}
		if m.Err() != nil {
			t.Error(m.Err())
		}
	}
	if outer.Err() != nil {
		t.Error(outer.Err())
	}
	return a
}

func typed(typename, value string) func([]byte) []byte {
	return func(b []byte) []byte {
		b = remote.PutBool(remote.PutText(b, 1, typename, false), 2, true, true)
		return remote.PutText(b, 3, value, false)
	}
}

func address(namespace, name, id string) func([]byte) []byte {
	return func(b []byte) []byte {
		return remote.PutText(remote.PutText(remote.PutText(b, 1, namespace, false), 2, name, false), 3, id, false)
	}
}

// answer is what a server says.
type answer struct{ result []byte }

func (a *answer) put(field int, write func([]byte) []byte) {
	a.result = remote.PutMessage(a.result, field, write)
}

func (a *answer) set(name, typename, value string) {
	a.put(1, func(b []byte) []byte {
		b = remote.PutText(remote.PutInt(b, 1, 1, true), 2, name, true)
		return remote.PutMessage(b, 3, typed(typename, value))
	})
}

func (a *answer) send(namespace, name, id, typename, value string) {
	a.put(2, func(b []byte) []byte {
		return remote.PutMessage(remote.PutMessage(b, 1, address(namespace, name, id)), 2, typed(typename, value))
	})
}

// delay has a message to the function itself wait for an hour, and cancel takes the
// one with a token back.
func (a *answer) delay(id, token string) { a.delayBy(time.Hour, id, token) }

// delayBy has a message to the function itself wait.
func (a *answer) delayBy(d time.Duration, id, token string) {
	a.put(3, func(b []byte) []byte {
		b = remote.PutMessage(remote.PutInt(b, 1, d.Milliseconds(), true), 2, address("example", "greet", id))
		b = remote.PutMessage(b, 3, typed("example/Request", `{"name":"late","n":0}`))
		return remote.PutText(b, 11, token, true)
	})
}

func (a *answer) cancel(token string) {
	a.put(3, func(b []byte) []byte { return remote.PutText(remote.PutBool(b, 10, true, true), 11, token, true) })
}

func (a *answer) egress(value string) {
	a.put(4, func(b []byte) []byte {
		b = remote.PutText(remote.PutText(b, 1, "example", true), 2, "out", true)
		return remote.PutMessage(b, 3, typed("example/Greeting", value))
	})
}

func (a *answer) bytes() []byte {
	return remote.PutMessage(nil, 100, func(b []byte) []byte { return append(b, a.result...) })
}

// lacking is the reply of a function that wants a value registered.
func lacking(name, typename string, mode, millis int64) []byte {
	return remote.PutMessage(nil, 101, func(b []byte) []byte {
		return remote.PutMessage(b, 1, func(b []byte) []byte {
			b = remote.PutText(b, 1, name, true)
			b = remote.PutMessage(b, 2, func(b []byte) []byte {
				return remote.PutInt(remote.PutInt(b, 1, mode, true), 2, millis, true)
			})
			return remote.PutText(b, 3, typename, true)
		})
	})
}

// greeter is a server of the function example/greet, which counts how often it has
// seen a name. before, if it is set, may answer instead.
type greeter struct {
	t      testing.TB
	before func(n int, w http.ResponseWriter, r *http.Request, a *asked) bool

	mu    sync.Mutex
	calls int
	asked []*asked
}

func (g *greeter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has gone
	}
	a := readAsked(g.t, body)
	g.mu.Lock()
	g.calls++
	n := g.calls
	g.asked = append(g.asked, a)
	g.mu.Unlock()
	if g.before != nil && g.before(n, w, r, a) {
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	g.reply(w, a)
}

// reply does what the function does.
func (g *greeter) reply(w io.Writer, a *asked) {
	saved, known := a.state["seen"]
	if !known {
		_, _ = w.Write(lacking("seen", "example/count", 0, 0))
		return
	}
	seen := 0
	if saved != nil {
		if err := json.Unmarshal([]byte(*saved), &seen); err != nil {
			g.t.Error(err)
		}
	}
	var out answer
	for _, text := range a.arguments {
		var in struct {
			Name string `json:"name"`
			N    int    `json:"n"`
		}
		if err := json.Unmarshal([]byte(text), &in); err != nil {
			g.t.Error(err)
		}
		seen++
		greeting, _ := json.Marshal(map[string]any{"name": in.Name, "n": in.N, "seen": seen})
		out.egress(string(greeting))
	}
	count, _ := json.Marshal(seen)
	out.set("seen", "example/count", string(count))
	_, _ = w.Write(out.bytes())
}
