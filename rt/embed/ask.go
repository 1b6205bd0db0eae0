package embed

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/schema"
)

// Ask reads what a key has in the state that is queryable by a name: as of one moment
// between two records, and never older than what has been read before. The key is
// marshalled as encoding/json does, and not looked at for broadcast state; the value is
// unmarshalled to V. Of a state with entries, such as a map, V is a slice of structs
// with the fields that answers over HTTP have: map_key, or index of a list, and value.
// found is false if the key has nothing. Reading keeps no value alive, and waits for no input.
func Ask[V any](p *Pipeline, state string, key any) (v V, found bool, err error) {
	s, err := p.queryable(state)
	if err != nil {
		return v, false, err
	}
	text, err := json.Marshal(key)
	if err != nil {
		return v, false, fmt.Errorf("the key of %q: %w", state, err)
	}
	q := rt.Query{Limit: math.MaxInt}
	if err := errors.Join(s.Ask(text, &q), q.Err); err != nil {
		return v, false, fmt.Errorf("the key %s of %q: %w", text, state, err)
	}
	if q.Fault.Failed() {
		reason, _ := q.Fault.Take()
		return v, false, fmt.Errorf("what %s has in %q has no text as JSON: %s", text, state, reason)
	}
	if !q.Found {
		return v, false, nil
	}
	if k := s.State.Kind; k != schema.Value && k != schema.Aggregate {
		q.Out = append(append([]byte("["), q.Out...), ']')
	}
	if err := json.Unmarshal(q.Out, &v); err != nil {
		return v, false, fmt.Errorf("what %s has in %q: %w", text, state, err)
	}
	return v, true, nil
}

// queryable finds a state that can be asked for.
func (p *Pipeline) queryable(name string) (*rt.QueryState, error) {
	j := p.Job()
	if j == nil || !j.Running() {
		return nil, ErrNotRunning
	}
	states := j.QueryStates()
	var names []string
	for i := range states {
		if states[i].Name == name {
			return &states[i], nil
		}
		names = append(names, states[i].Name)
	}
	return nil, fmt.Errorf("%s has no state that is queryable as %q%s", p.spec.Name, name, meant(name, names))
}

// meant ends a message about a name that there is not.
func meant(name string, known []string) string {
	if near := rt.Nearest(name, known); near != "" {
		return fmt.Sprintf(": did you mean %q?", near)
	}
	return ""
}
