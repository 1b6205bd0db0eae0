package rt

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// Registered is a value of dynamic state that a function has registered while the
// job ran: its name and type stand in no program.
type Registered struct {
	UID   string `json:"uid"`
	Name  string `json:"name"`
	Type  string `json:"type,omitempty"`       // by the function's name for it; "" if it has said none
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
	list []Registered // by uid and name
}

// Register takes note of a value that the step's function has registered. Its UID is
// the step's.
func (t *Task) Register(r Registered) {
	r.UID = t.uid()
	g := &t.job.registered
	g.mu.Lock()
	defer g.mu.Unlock()
	i, found := slices.BinarySearchFunc(g.list, r, func(a, b Registered) int {
		return cmp.Or(strings.Compare(a.UID, b.UID), strings.Compare(a.Name, b.Name))
	})
	if found {
		g.list[i] = r
		return
	}
	g.list = slices.Insert(g.list, i, r)
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
