package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/vfs"
)

// savepointImport is "flowc savepoint import DIR --rows FILE [--to NEW]".
func (a *app) savepointImport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import DIR --rows FILE [--to NEW]",
		Short: "Make a savepoint of another one and rows of JSON or CSV",
		Long: "import takes entries as export writes them, and puts them in the place of those of the savepoint, or\n" +
			"beside them; \"removed\": true takes one away. Without --to it only prints what would change. The\n" +
			"savepoint itself stays as it is.\n\n" + rowsHelp,
		Example: "  flowc savepoint import /backup/sp-7 --rows mended.jsonl --to /backup/sp-7b",
		Args:    wantDir,
	}
	rows := addRows(cmd)
	to := cmd.Flags().String("to", "", "the directory of the new savepoint; without it nothing is written")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		s, err := wholeSavepoint(args[0])
		if err != nil {
			return err
		}
		c := savepoint.NewChanges(s, time.Now())
		if err := rows.each(a, &s.Job, c.Add); err != nil {
			return err
		}
		return a.change(c, *to)
	}
	return cmd
}

// change prints what changes, and writes the new savepoint if there is a place for
// it.
func (a *app) change(c *savepoint.Changes, to string) error {
	p := &differencePrinter{a: a}
	if to == "" {
		if err := c.Preview(p.print); err != nil {
			return err
		}
		fmt.Fprintf(a.stderr, "flowc: %s would change; nothing was written\n  help: to write that: --to NEW\n", entriesText(int64(p.n)))
		return nil
	}
	files, dir, err := vfs.At(vfs.Default, to)
	if err != nil {
		return err
	}
	if err := c.Write(files, dir, p.print); err != nil {
		return err
	}
	fmt.Fprintf(a.stderr, "flowc: wrote %s, with %s changed\n", to, entriesText(int64(p.n)))
	return nil
}

// savepointEdit is "flowc savepoint edit DIR".
func (a *app) savepointEdit() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "edit DIR --uid UID --state NAME --key KEY (--set JSON | --remove) [--to NEW]",
		Short: "Make a savepoint with one entry changed",
		Long: "edit changes one entry: its value becomes that of --set, which must be of the state's type, or --remove\n" +
			"takes it away. Without --to it only prints what would change. The savepoint itself stays as it is.",
		Example: "  flowc savepoint edit /backup/sp-7 --uid sums --state sum --key ada --set 3 --to /backup/sp-7b",
		Args:    wantDir,
	}
	flags := cmd.Flags()
	uid, name := flags.String("uid", "", "of the step"), flags.String("state", "", "the state or timer")
	key, sub := flags.String("key", "", "the key: as it is, or as JSON"), flags.String("map-key", "", "the key of an entry, or the index of an element or a timer")
	set, remove := flags.String("set", "", "the new value, as JSON"), flags.Bool("remove", false, "take the entry away")
	kind := flags.String("type", "", "of dynamic state: the type of the new value, int for example, or as show prints it")
	to := flags.String("to", "", "the directory of the new savepoint; without it nothing is written")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if *uid == "" || *name == "" || (*set == "") == !*remove {
			return &usageError{"an edit wants --uid, --state, and either --set or --remove", example(cmd)}
		}
		s, err := wholeSavepoint(args[0])
		if err != nil {
			return err
		}
		states, err := s.States(&savepoint.Filter{UID: *uid, State: *name})
		if err != nil {
			return err
		}
		l := states[0].Layout
		if l.Dynamic && *set != "" && *kind == "" {
			return &usageError{fmt.Sprintf("%s/%s is dynamic state, whose values bring their type", *uid, *name), "say it: --type int, for example, or as \"flowc savepoint show\" prints it"}
		}
		row := &savepoint.Row{UID: *uid, State: *name, Removed: *remove}
		if *set != "" {
			row.Value = json.RawMessage(*set)
		}
		if *kind != "" {
			if row.Type = json.RawMessage(*kind); !strings.HasPrefix(*kind, "{") {
				row.Type = json.RawMessage(strconv.Quote(*kind))
			}
		}
		if row.Key, err = keyJSON(l.Key, *key); err != nil {
			return fmt.Errorf("--key: %w", err)
		}
		part, err := keyJSON(l.Sub, *sub)
		if err != nil {
			return fmt.Errorf("--map-key: %w", err)
		}
		switch l.SubName {
		case "map_key":
			row.MapKey = part
		case "index":
			row.Index = part
		case "value":
			row.Value = part
			if *set != "" {
				row.Value = json.RawMessage(*set)
			}
		}
		c := savepoint.NewChanges(s, time.Now())
		if err := c.Add(row); err != nil {
			return err
		}
		return a.change(c, *to)
	}
	return cmd
}

// keyJSON is a key that was given as text, as JSON.
func keyJSON(t *schema.Type, text string) (json.RawMessage, error) {
	if t == nil || text == "" {
		return nil, nil
	}
	return savepoint.KeyJSON(t, text)
}

// savepointCreate is "flowc savepoint create FILE --rows FILE --to DIR".
func (a *app) savepointCreate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create FILE --rows FILE --to DIR",
		Short: "Make a savepoint for a program of rows of JSON or CSV",
		Long: "create makes a savepoint from which a program can start with state that came from elsewhere. It holds\n" +
			"no positions, so the sources begin at their beginning.\n\n" + rowsHelp,
		Example: "  flowc savepoint create sums.flow --rows state.jsonl --to first\n" +
			"  flowc savepoint create sums.flow --rows sums.csv --uid sums --state sum --to first",
		Args: wantFile,
	}
	rows := addRows(cmd)
	to := cmd.Flags().String("to", "", "the directory of the savepoint")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if *to == "" {
			return &usageError{"--to is missing", example(cmd)}
		}
		side, err := a.programSide(args[0], args[0], nil)
		if err != nil {
			return err
		}
		groups := side.Job.KeyGroups
		if groups == 0 {
			groups = schema.DefaultKeyGroups
		}
		files, dir, err := vfs.At(vfs.Default, *to)
		if err != nil {
			return err
		}
		w, err := savepoint.Create(files, dir, side.Job, groups)
		if err != nil {
			return err
		}
		shard, n, written := w.Shard(), 0, time.Now()
		err = rows.each(a, side.Job, func(row *savepoint.Row) error {
			operator, r, err := row.Record(side.Job, groups, written)
			if err != nil {
				return err
			}
			n++
			return shard.Add(operator, r)
		})
		if err == nil {
			err = w.Finish(&savepoint.State{Pipeline: side.Job.Pipeline})
		}
		if err != nil {
			return errors.Join(err, w.Drop())
		}
		fmt.Fprintf(a.stderr, "flowc: wrote %s with %s\n", *to, entriesText(int64(n)))
		return nil
	}
	return cmd
}
