package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/vfs"
)

// savepointCommand is "flowc savepoint" with its commands.
func (a *app) savepointCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "savepoint",
		Short: "Look into savepoints, compare them, and make others of them",
		Long: "savepoint reads the savepoints that pipelines write: directories with a savepoint.json and Avro files\n" +
			"that any Avro tool opens. Nothing changes a savepoint: what edit, import and create make is another.",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(a.savepointLs(), a.savepointShow(), a.savepointVerify(), a.savepointDiff(),
		a.savepointExport(), a.savepointImport(), a.savepointEdit(), a.savepointCreate())
	return cmd
}

// wantDir is the check of arguments of commands that take one savepoint.
func wantDir(cmd *cobra.Command, args []string) error { return wantDirs(1)(cmd, args) }

// wantDirs is the check of arguments of commands that take so many.
func wantDirs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != n {
			return &usageError{fmt.Sprintf("%q wants %d arguments, and got %d", cmd.CommandPath(), n, len(args)), example(cmd)}
		}
		return nil
	}
}

// openSavepoint reads the description of a savepoint.
func openSavepoint(dir string) (*savepoint.Savepoint, error) {
	files, dir, err := vfs.At(vfs.Default, dir)
	if err != nil {
		return nil, err
	}
	s, err := savepoint.Open(files, dir)
	return s, explainSavepoint(err)
}

// wholeSavepoint opens a savepoint and looks at every byte of it.
func wholeSavepoint(dir string) (*savepoint.Savepoint, error) {
	s, err := openSavepoint(dir)
	if err != nil {
		return nil, err
	}
	return s, explainSavepoint(s.Verify(nil))
}

// explainSavepoint adds to an error of package savepoint what the user can do.
func explainSavepoint(err error) error {
	var damage *savepoint.Damage
	switch {
	case errors.Is(err, savepoint.ErrNone), errors.Is(err, fs.ErrNotExist):
		return &failure{err, "name the directory that a pipeline was given by --savepoint-on-end or --to"}
	case errors.As(err, &damage):
		return &failure{err, "the savepoint is not whole; use another one"}
	}
	return err
}

// savepointVerify is "flowc savepoint verify DIR".
func (a *app) savepointVerify() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "verify DIR",
		Short:   "Prove that a savepoint is whole",
		Long:    "verify reads every byte of a savepoint and holds it against the hashes that were written with it. A\nfile that was changed, cut, taken away or added is named, and the exit code is 1.",
		Example: "  flowc savepoint verify /backup/sp-7",
		Args:    wantDir,
	}
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		s, err := wholeSavepoint(args[0])
		if err != nil {
			return err
		}
		var records, bytes int64
		for _, f := range s.Files {
			records, bytes = records+f.Records, bytes+f.Length
		}
		fmt.Fprintf(a.stdout, "%s is whole: %s, %d records in %d files of %d bytes\n", args[0], s.Pipeline, records, len(s.Files), bytes)
		return nil
	}
	return cmd
}

// listed is what ls says of one state, as JSON.
type listed struct {
	UID     string `json:"uid"`
	State   string `json:"state"`
	Kind    string `json:"kind"`
	Type    string `json:"type"`
	Entries int64  `json:"entries"`
	Bytes   int64  `json:"bytes"`
	Files   int    `json:"files"`

	Names []listedName `json:"names,omitempty"` // of dynamic state, that are saved
	More  int64        `json:"more,omitempty"`  // entries of names behind those
}

// listedName is what ls says of the values that have one name and type.
type listedName struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Entries int64  `json:"entries"`
}

// savepointLs is "flowc savepoint ls DIR".
func (a *app) savepointLs() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "ls DIR",
		Short:   "List the states of a savepoint",
		Long:    "ls lists the states and timers of a savepoint with their types, entries and bytes. It reads the\ndescription only.",
		Example: "  flowc savepoint ls /backup/sp-7",
		Args:    wantDir,
	}
	format := addChoice(cmd, "format", "a table, or an object a line", "text", "json")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		s, err := openSavepoint(args[0])
		if err != nil {
			return err
		}
		list := listStates(s)
		if format.value == "json" {
			out := json.NewEncoder(a.stdout)
			for _, l := range list {
				if err := out.Encode(l); err != nil {
					return err
				}
			}
			return nil
		}
		fmt.Fprintf(a.stdout, "savepoint of pipeline %s, format %d, %d key groups\n", s.Pipeline, s.Format, s.KeyGroups)
		for _, source := range s.Sources {
			fmt.Fprintf(a.stdout, "source %s: %d partitions\n", source.UID, len(source.Partitions))
		}
		t := tabwriter.NewWriter(a.stdout, 0, 8, 2, ' ', 0)
		fmt.Fprintln(t, "UID\tSTATE\tENTRIES\tBYTES\tDECLARATION")
		for _, l := range list {
			fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%s\n", l.UID, l.State, l.Entries, l.Bytes, l.Type)
			for _, n := range l.Names {
				fmt.Fprintf(t, "%s\t%s[%q]\t%d\t\t%s\n", l.UID, l.State, n.Name, n.Entries, n.Type)
			}
			if l.More > 0 {
				fmt.Fprintf(t, "%s\t%s[…]\t%d\t\tother names\n", l.UID, l.State, l.More)
			}
		}
		return t.Flush()
	}
	return cmd
}

// holds takes over which names a dynamic state holds; h is nil if nobody has looked.
func (l *listed) holds(h *schema.Held) {
	if h == nil {
		return
	}
	for i := range h.Names {
		n := &h.Names[i]
		l.Names = append(l.Names, listedName{n.Name, n.TypeText(), n.Entries})
	}
	l.More = h.More
}

// listStates lists the states, timers and waiting messages in the order of the description.
func listStates(s *savepoint.Savepoint) []listed {
	var list []listed
	add := func(l listed, name func(*savepoint.File) string) {
		for i := range s.Files {
			f := &s.Files[i]
			if f.UID == l.UID && name(f) == l.State {
				l.Entries, l.Bytes, l.Files = l.Entries+f.Records, l.Bytes+f.Length, l.Files+1
			}
		}
		list = append(list, l)
	}
	for i := range s.Job.Operators {
		op := &s.Job.Operators[i]
		for j := range op.States {
			l := listed{UID: op.UID, State: op.States[j].Name, Kind: string(op.States[j].Kind), Type: op.States[j].String()}
			l.holds(s.Job.Holds(op.UID, l.State))
			add(l, func(f *savepoint.File) string { return f.State })
		}
		for j := range op.Timers {
			if op.Timers[j].Entry == "" {
				add(listed{UID: op.UID, State: op.Timers[j].Name, Kind: "timer", Type: op.Timers[j].String()}, func(f *savepoint.File) string { return f.Timer })
			}
		}
		if in := op.Messages(); in != nil {
			add(listed{UID: op.UID, State: in.Name, Kind: "messages", Type: "in " + in.Name + ": " + in.Message.String() + " message"},
				func(f *savepoint.File) string { return f.Message })
		}
	}
	return list
}
