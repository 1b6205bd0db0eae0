package cli

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/state"
)

// differing is how two sets of things differ.
type differing struct {
	same, changed, onlyOld, onlyNew int
	examples                        []string
}

// maxExamples is how many differences are shown of each state and sink.
const maxExamples = 3

func (d *differing) example(format string, args ...any) {
	if len(d.examples) < maxExamples {
		d.examples = append(d.examples, fmt.Sprintf(format, args...))
	}
}

// text says how they differ.
func (d *differing) text() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{d.same, "the same"}, {d.changed, "differ"}, {d.onlyOld, "before only"}, {d.onlyNew, "now only"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if len(parts) == 0 {
		return "empty"
	}
	return strings.Join(parts, ", ")
}

// compare holds the state of two savepoints against each other, key by key. A
// state that has another name now is known by what the check says.
func (r *rehearsal) compare(what string, old, new *savepoint.Savepoint) error {
	names := map[string]string{} // of old states, by what they are called now
	plan := evolve.Resolve(&old.Job, &new.Job, nil, evolve.Hooks{})
	for i := range plan.Changes {
		if c := &plan.Changes[i]; c.OldUID != "" && c.OldName != "" && (c.What == evolve.OfState || c.What == evolve.OfTimer || c.What == evolve.OfMessage) {
			names[c.OldUID+"/"+c.OldName] = c.UID + "/" + c.State
		}
	}
	before, err := entriesOf(old, func(name string) string { return cmp.Or(names[name], name) })
	if err != nil {
		return err
	}
	after, err := entriesOf(new, func(name string) string { return name })
	if err != nil {
		return err
	}
	all := maps.Clone(before)
	maps.Copy(all, after)
	fmt.Fprintf(r.stdout, "state     against %s, key by key\n", what)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		d := differenceOf(before[name], after[name])
		fmt.Fprintf(r.stdout, "          %s: %s\n", name, d.text())
		for _, e := range d.examples {
			fmt.Fprintf(r.stdout, "            %s\n", e)
		}
	}
	return nil
}

// differenceOf compares entries by their keys.
func differenceOf(before, after map[string]string) *differing {
	d := &differing{}
	keys := maps.Clone(before)
	if keys == nil {
		keys = map[string]string{}
	}
	maps.Copy(keys, after)
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		was, had := before[key]
		is, has := after[key]
		switch {
		case had && has && was == is:
			d.same++
		case had && has:
			d.changed++
			d.example("%s  %s  →  %s", key, was, is)
		case had:
			d.onlyOld++
			d.example("%s  %s  →  nothing", key, was)
		default:
			d.onlyNew++
			d.example("%s  nothing  →  %s", key, is)
		}
	}
	return d
}

// entriesOf reads all entries: by state, and by key and entry.
func entriesOf(s *savepoint.Savepoint, called func(string) string) (map[string]map[string]string, error) {
	out := map[string]map[string]string{}
	if recordsOf(s) == 0 {
		return out, nil
	}
	err := s.Scan(&savepoint.Filter{}, func(at savepoint.Selected, rec *state.Record) error {
		line, err := at.Layout.AppendJSON(nil, rec)
		if err != nil {
			return err
		}
		var row savepoint.Row
		if err := json.Unmarshal(line, &row); err != nil {
			return err
		}
		name := called(at.UID + "/" + at.Name)
		if out[name] == nil {
			out[name] = map[string]string{}
		}
		key := orNoKey(string(row.Key))
		if entry := string(row.MapKey) + string(row.Index); entry != "" {
			key += "[" + entry + "]"
		}
		if at.Value == nil { // an element of a set
			key += "[" + string(row.Value) + "]"
		}
		out[name][key] = shortened(string(row.Value))
		return nil
	})
	return out, err
}

// outputs compares what both programs have written, row by row whatever their
// order.
func (r *rehearsal) outputs(old, new *actor) error {
	uids := append(slices.Clone(old.sinks), new.sinks...)
	slices.Sort(uids)
	fmt.Fprintln(r.stdout, "outputs   against the old program, row by row in any order")
	for _, uid := range slices.Compact(uids) {
		before, err := rowsOf(r.output(old, uid))
		if err != nil {
			return err
		}
		after, err := rowsOf(r.output(new, uid))
		if err != nil {
			return err
		}
		d := &differing{}
		for _, row := range slices.Sorted(maps.Keys(before)) {
			both := min(before[row], after[row])
			d.same += both
			if d.onlyOld += before[row] - both; before[row] > both {
				d.example("before only: %s", shortened(row))
			}
		}
		for _, row := range slices.Sorted(maps.Keys(after)) {
			if more := after[row] - min(before[row], after[row]); more > 0 {
				d.onlyNew += more
				d.example("now only: %s", shortened(row))
			}
		}
		fmt.Fprintf(r.stdout, "          %s: %s\n", uid, d.text())
		for _, e := range d.examples {
			fmt.Fprintf(r.stdout, "            %s\n", e)
		}
	}
	return nil
}

// rowsOf counts the rows of a file; there are none if there is no file.
func rowsOf(file string) (map[string]int, error) {
	text, err := os.ReadFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	out := map[string]int{}
	for row := range strings.Lines(string(text)) {
		out[strings.TrimSuffix(row, "\n")]++
	}
	return out, nil
}
