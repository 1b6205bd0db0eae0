package cli

import (
	"cmp"
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

// compare holds the state of two savepoints against each other, key by key, one key at
// a time. A state that has another name now is known by what the check says.
func (r *rehearsal) compare(what string, old, new *savepoint.Savepoint) error {
	names := map[[2]string][2]string{} // steps and states by what they were called
	plan := evolve.Resolve(&old.Job, &new.Job, nil, evolve.Hooks{})
	for i := range plan.Changes {
		if c := &plan.Changes[i]; c.OldUID != "" && c.OldName != "" && (c.What == evolve.OfState || c.What == evolve.OfTimer || c.What == evolve.OfMessage) {
			names[[2]string{c.OldUID, c.OldName}] = [2]string{c.UID, c.State}
		}
	}
	renamed := func(uid, name string) (string, string) {
		now := cmp.Or(names[[2]string{uid, name}], [2]string{uid, name})
		return now[0], now[1]
	}
	all := map[string]*differing{}
	of := func(uid, name string) *differing {
		d := all[uid+"/"+name]
		if d == nil {
			d = &differing{}
			all[uid+"/"+name] = d
		}
		return d
	}
	for i := range old.Files {
		if f := &old.Files[i]; f.Records > 0 {
			of(renamed(f.UID, f.State+f.Timer+f.Message)).same += int(f.Records) // until they differ
		}
	}
	err := differences(old, new, &savepoint.DiffOptions{Renamed: renamed}, func(d *savepoint.Difference) error {
		var before, after, key string
		var err error
		to := of(d.NewLayout.UID, d.NewLayout.Name)
		if d.Old != nil {
			to = of(renamed(d.Layout.UID, d.Layout.Name))
			if key, before, err = entryOf(d.Layout, d.Old); err != nil {
				return err
			}
		}
		if d.New != nil {
			if key, after, err = entryOf(d.NewLayout, d.New); err != nil {
				return err
			}
		}
		switch {
		case d.Old != nil && d.New != nil && before == after: // written at another time
		case d.Old != nil && d.New != nil:
			to.same--
			to.changed++
			to.example("%s  %s  →  %s", key, shortened(before), shortened(after))
		case d.Old != nil:
			to.same--
			to.onlyOld++
			to.example("%s  %s  →  nothing", key, shortened(before))
		default:
			to.onlyNew++
			to.example("%s  nothing  →  %s", key, shortened(after))
		}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(r.stdout, "state     against %s, key by key\n", what)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(r.stdout, "          %s: %s\n", name, all[name].text())
		for _, e := range all[name].examples {
			fmt.Fprintf(r.stdout, "            %s\n", e)
		}
	}
	return nil
}

// entryOf is the key of an entry, with its place among those of the key, and its value.
func entryOf(l *savepoint.Layout, r *state.Record) (key, value string, err error) {
	row, err := l.Row(r)
	if err != nil {
		return "", "", err
	}
	key = orNoKey(string(row.Key))
	entry := row.Entry()
	if l.Value == nil { // an element of a set
		entry = string(row.Value)
	}
	if entry != "" {
		key += "[" + entry + "]"
	}
	return key, string(row.Value), nil
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
