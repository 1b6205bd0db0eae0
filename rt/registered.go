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

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
)

// Registered is a value of dynamic state whose name stands in no program: a function
// has registered it, or the program has made the name, while the job ran or before
// what it goes on from. It may be gone since.
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

// registry is what has been registered since the job began, and what it began with.
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

// naming returns how the records of a shard are restored so that names in dynamic
// state are noted.
func (sh *shard) naming(restore func(*state.Record) error) func(*state.Record) error {
	op := sh.task.job.spec.Job.Operator(sh.stage.spec.UID)
	if op == nil || !slices.ContainsFunc(op.States, func(st schema.State) bool { return st.Kind == schema.Dynamic }) {
		return restore
	}
	seen := map[named]struct{}{} // with descriptions of types
	return func(r *state.Record) error {
		if r.Gone == state.Present && r.State < len(op.States) && len(seen) < mostNamed {
			sh.task.noteSaved(&op.States[r.State], r, seen)
		}
		return restore(r)
	}
}

// noteSaved takes note of the name of a saved value, if it is one of dynamic state. What
// is damaged is left to who reads it.
func (t *Task) noteSaved(st *schema.State, r *state.Record, seen map[named]struct{}) {
	if st.Kind != schema.Dynamic {
		return
	}
	of := named{state: st.Name, name: avro.NewReader(r.Sub).View(), typ: avro.NewReader(r.Value).View()}
	if _, ok := seen[of]; ok {
		return
	}
	var typ schema.Type
	if json.Unmarshal([]byte(of.typ), &typ) != nil {
		return
	}
	of.name, of.typ = strings.Clone(of.name), strings.Clone(of.typ)
	seen[of] = struct{}{}
	t.noteHeld(st, of.name, cmp.Or(typ.Name, typ.String()))
}

// noteHeld takes note of a name that state has which the job goes on from, unless it
// stands in the program.
func (t *Task) noteHeld(st *schema.State, name, typ string) {
	if !slices.ContainsFunc(st.Names, func(n schema.Named) bool { return n.Name == name }) {
		t.Named(st.Name, name, typ)
	}
}

// noteStored takes note of the names that the step has in stores, whose records are
// not read at a start.
func (t *Task) noteStored(names []checkpoint.StoredName) {
	op := t.job.spec.Job.Operator(t.uid())
	for _, n := range names {
		for i := range op.States {
			if st := &op.States[i]; st.Kind == schema.Dynamic && (st.Name == n.State || slices.Contains(st.Was, n.State)) {
				t.noteHeld(st, n.Name, n.Type)
			}
		}
	}
}

// stored returns the names that a step has in stores.
func (g *registry) stored(uid string) (names []checkpoint.StoredName) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range g.list {
		if r := &g.list[i]; r.UID == uid {
			names = append(names, checkpoint.StoredName{State: r.State, Name: r.Name, Type: r.Type})
		}
	}
	return names
}

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
// job began, or before what it goes on from.
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
