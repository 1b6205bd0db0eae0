package rt

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// Registered is a value of dynamic state whose name stands in no program: a function
// has registered it while the job ran, or the program has made the name.
type Registered struct {
	UID   string `json:"uid"`
	State string `json:"state"`
	Name  string `json:"name"`
	Type  string `json:"type,omitempty"`       // of a function's value: its name for it; "" if it has said none
	TTL   int64  `json:"ttl_micros,omitempty"` // 0 means none
	After string `json:"ttl_after,omitempty"`  // what the ttl counts from: write or call
}

// String returns the value as describe shows it.
func (r *Registered) String() string {
	text := fmt.Sprintf("registered %q", r.Name)
	if r.Type != "" {
		text += ": " + r.Type
	}
	if r.TTL > 0 {
		text += fmt.Sprintf(", ttl %s after %s", time.Duration(r.TTL)*time.Microsecond, r.After)
	}
	return text
}

// registry is what has been registered since the job began.
type registry struct {
	mu   sync.Mutex
	list []Registered // by uid, state, name and type
}

// mostNamed bounds how many names a program makes are noted for each shard, and
// for each state: they may be made of data, and then there is no end of them.
const mostNamed = 256

// Register takes note of a value that the step's function has registered. Its UID is
// the step's.
func (t *Task) Register(r Registered) {
	r.UID = t.uid()
	t.job.registered.add(r, math.MaxInt)
}

// Named takes note of a name that the program has made in a dynamic state, and of
// the type of its value, unless there are very many.
func (t *Task) Named(state, name, typ string) {
	if len(t.named) >= mostNamed {
		return
	}
	if _, ok := t.named[named{state, name, typ}]; ok {
		return
	}
	if t.named == nil {
		t.named = map[named]struct{}{}
	}
	name = strings.Clone(name)
	t.named[named{state, name, typ}] = struct{}{}
	t.job.registered.add(Registered{UID: t.uid(), State: state, Name: name, Type: typ}, mostNamed)
}

// named is a name that the program has made, with the type of a value.
type named struct{ state, name, typ string }

// add adds a value, unless there are so many of its state.
func (g *registry) add(r Registered, most int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	order := func(a, b Registered) int {
		return cmp.Or(strings.Compare(a.UID, b.UID), strings.Compare(a.State, b.State), strings.Compare(a.Name, b.Name), strings.Compare(a.Type, b.Type))
	}
	i, found := slices.BinarySearchFunc(g.list, r, order)
	if found {
		g.list[i] = r
		return
	}
	n := 0
	for k := range g.list {
		if g.list[k].UID == r.UID && g.list[k].State == r.State {
			n++
		}
	}
	if n < most {
		g.list = slices.Insert(g.list, i, r)
	}
}

// Describe returns what [Spec.Describe] does, and what has been registered since the
// job began.
func (j *Job) Describe() ([]byte, error) {
	j.registered.mu.Lock()
	list := slices.Clone(j.registered.list)
	j.registered.mu.Unlock()
	return j.spec.describe(list)
}

// runDescribe runs the command describe: of the program, or of the job of it that
// serves at an address.
func runDescribe(spec *Spec, serve Service, c *command) error {
	var text string
	var err error
	switch {
	case c.http.Addr != "":
		text, err = describeRunning(spec, serve, c)
	case c.format == "json":
		var all []byte
		all, err = spec.Describe()
		text = string(all)
	default:
		text = describeText(spec, nil)
	}
	if err == nil {
		_, err = os.Stdout.WriteString(text)
	}
	return err
}

// describeRunning asks the job that serves at an address.
func describeRunning(spec *Spec, serve Service, c *command) (string, error) {
	if serve.Describe == nil {
		return "", errNoServer
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	all, err := serve.Describe(ctx, ServeOptions{ServeFlags: c.http, Getenv: os.LookupEnv})
	if err != nil || c.format == "json" {
		return string(all), err
	}
	var running described
	if err := json.Unmarshal(all, &running); err != nil {
		return "", fmt.Errorf("what describes the job cannot be read: %w", err)
	}
	if running.Pipeline != spec.Name || running.Hash != spec.Hash {
		return "", fmt.Errorf("the job at %s is of another program or version, %s %s: ask with --format json, or by its own binary", c.http.Addr, running.Pipeline, running.Hash)
	}
	return describeText(spec, running.Registered), nil
}
