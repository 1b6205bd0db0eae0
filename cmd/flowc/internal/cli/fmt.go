package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/cmd/flowc/internal/load"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
)

// stdinName stands for standard input in diagnostics.
const stdinName = "<stdin>"

// fmtCommand is "flowc fmt [-w] [--check] FILE…".
func (a *app) fmtCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fmt [-w] [--check] FILE…",
		Short: "Lay out program text in the one way",
		Long: "fmt prints each file in the one layout that all Flow programs have; \"-\" is standard input.\n" +
			"Comments stay, and what the program does stays as it was. A file with a mistake in its grammar\n" +
			"is reported and left alone.",
		Example: "  flowc fmt -w *.flow\n" +
			"  flowc fmt --check *.flow",
		Args:              wantFiles,
		ValidArgsFunction: completeFlow,
	}
	write := cmd.Flags().BoolP("write", "w", false, "write the result to the file instead of standard output")
	check := cmd.Flags().Bool("check", false, "write nothing; name the files that are laid out otherwise, and exit with 1")
	format := addDiagnosticFormat(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *write && *check {
			return &usageError{"-w and --check do not go together", seeHelp(cmd)}
		}
		all, changed := newReport(), false
		for _, path := range args {
			before, after, ok := a.layOut(path, all)
			if !ok {
				continue
			}
			changed = changed || before != after
			if err := a.putLayout(path, before, after, *write, *check); err != nil {
				return err
			}
		}
		if err := a.finish(all, format); err != nil {
			return err
		}
		if *check && changed {
			return errFound
		}
		return nil
	}
	return cmd
}

// layOut returns the text at path as it is and as it should be. ok is false if
// it cannot be read or has a mistake in its grammar, which goes to all.
func (a *app) layOut(path string, all *report) (before, after string, ok bool) {
	var found diag.List
	name := path
	if path == "-" {
		name = stdinName
		before, ok = load.TextOf(name, a.stdin, &found)
	} else {
		before, ok = load.Text(path, &found)
	}
	if ok {
		after, ok = lang.FormatSource(name, before, &found)
	}
	all.addText(name, before, &found)
	return before, after, ok
}

// putLayout does with the text after what the flags ask for.
func (a *app) putLayout(path, before, after string, write, check bool) error {
	switch {
	case check && before != after:
		fmt.Fprintln(a.stdout, path)
	case write && path != "-" && before != after:
		return rewrite(path, after)
	case !check && (!write || path == "-"):
		io.WriteString(a.stdout, after)
	}
	return nil
}

// rewrite replaces the text of the file at path, whole or not at all. Its mode
// stays, and a link to it stays a link.
func rewrite(path, text string) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(real)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(real), ".flowc-fmt-")
	if err != nil {
		return err
	}
	_, err = temp.WriteString(text)
	err = errors.Join(err, temp.Chmod(info.Mode().Perm()), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), real)
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return nil
}
