package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/vfs"
)

// savepointDiff is "flowc savepoint diff OLD NEW".
func (a *app) savepointDiff() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Tell how two savepoints differ",
		Long: "diff prints the entries in which two savepoints differ, and where their sources stand if that differs.\n" +
			"The exit code is 1 if they do. It reads both side by side, whatever their size. They may be of two\n" +
			"releases: a state is known by its name, and values of two types are compared as JSON.",
		Example: "  flowc savepoint diff /backup/sp-7 /backup/sp-8\n" +
			"  flowc savepoint diff /backup/sp-7 /backup/sp-8 --uid sums --key ada",
		Args: wantDirs(2),
	}
	filter := addFilter(cmd)
	format := addChoice(cmd, "format", "lines with - and +, or an object a line", "text", "json")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		f, err := filter()
		if err != nil {
			return err
		}
		old, err := wholeSavepoint(args[0])
		if err != nil {
			return err
		}
		now, err := wholeSavepoint(args[1])
		if err != nil {
			return err
		}
		_, missing := old.States(f)
		if _, err := now.States(f); err != nil && missing != nil && *f != (savepoint.Filter{}) {
			return missing
		}
		p := &differencePrinter{a: a, json: format.value == "json"}
		if err := differences(old, now, &savepoint.DiffOptions{Filter: *f}, p.print); err != nil {
			return err
		}
		if *f == (savepoint.Filter{}) {
			if err := p.sources(old.Sources, now.Sources); err != nil {
				return err
			}
		}
		if p.n > 0 {
			return errFound
		}
		return nil
	}
	return cmd
}

// differences gives the records in which two savepoints differ, which may have other
// numbers of key groups.
func differences(old, now *savepoint.Savepoint, o *savepoint.DiffOptions, each func(*savepoint.Difference) error) error {
	if old.KeyGroups != now.KeyGroups {
		tmp, err := os.MkdirTemp("", "flowc-diff-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		if now, err = savepoint.Regroup(vfs.Default, now, tmp, old.KeyGroups); err != nil {
			return err
		}
	}
	return savepoint.Diff(old, now, o, each)
}

// differencePrinter prints differences and counts them.
type differencePrinter struct {
	a    *app
	json bool
	n    int
}

// shownEntry is an entry without what is its value.
func shownEntry(l *savepoint.Layout, r *state.Record) (row *savepoint.Row, place string, err error) {
	if row, err = l.Row(r); err != nil {
		return nil, "", err
	}
	place = row.UID + "/" + row.State
	if l.Key != nil {
		place += "[" + string(row.Key) + "]"
	}
	if sub := row.Entry(); sub != "" {
		place += "[" + sub + "]"
	}
	return row, place, nil
}

func (p *differencePrinter) print(d *savepoint.Difference) error {
	p.n++
	out := map[string]any{}
	for _, side := range []struct {
		sign, name string
		l          *savepoint.Layout
		r          *state.Record
	}{{"-", "old", d.Layout, d.Old}, {"+", "new", d.NewLayout, d.New}} {
		if side.r == nil {
			continue
		}
		row, place, err := shownEntry(side.l, side.r)
		if err != nil {
			return err
		}
		if !p.json {
			line := fmt.Sprintf("%s %s = %s", side.sign, place, row.Value)
			if row.Written != nil {
				line += " written at " + *row.Written
			}
			fmt.Fprintln(p.a.stdout, line)
			continue
		}
		out["uid"], out["state"], out["key"], out[side.name] = row.UID, row.State, row.Key, row.Value
		if row.MapKey != nil {
			out["map_key"] = row.MapKey
		}
		if row.Index != nil {
			out["index"] = row.Index
		}
	}
	if !p.json {
		return nil
	}
	return json.NewEncoder(p.a.stdout).Encode(out)
}

// sources prints where sources stand, if that differs.
func (p *differencePrinter) sources(old, now []savepoint.Source) error {
	x, err := json.Marshal(old)
	if err != nil {
		return err
	}
	y, err := json.Marshal(now)
	if err != nil || bytes.Equal(x, y) {
		return err
	}
	p.n++
	if p.json {
		return json.NewEncoder(p.a.stdout).Encode(map[string]any{"sources": map[string]any{"old": old, "new": now}})
	}
	fmt.Fprintf(p.a.stdout, "- sources %s\n+ sources %s\n", x, y)
	return nil
}
