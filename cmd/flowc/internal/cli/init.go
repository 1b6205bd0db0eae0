package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/cmd/flowc/internal/scaffold"
	"github.com/flow-lang/flowc/compat"
)

// initCommand is "flowc init [DIR]".
func (a *app) initCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Start a new program",
		Long: "init writes a small program that runs as it is, with data to try it, a README, its lock and a\n" +
			"workflow for GitHub that checks it. The program is named after DIR, which is this folder if it is not given.\n" +
			"Nothing is overwritten: if one of the files is there already, none is written.",
		Example: "  flowc init alerts",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{fmt.Sprintf("one folder at a time, and not also %q", args[1]), seeHelp(cmd)}
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		dir := "."
		if len(args) == 1 {
			dir = args[0]
		}
		real, err := filepath.Abs(dir)
		if err != nil {
			return err
		}
		files := scaffold.Files(scaffold.Name(filepath.Base(real)))
		lock := scaffold.File{Path: lockOf(files[0].Path)}
		if err := found(dir, append(files[:len(files):len(files)], lock)); err != nil {
			return err
		}
		for _, f := range files {
			if err := create(filepath.Join(dir, filepath.FromSlash(f.Path)), f.Text); err != nil {
				return err
			}
		}
		program := filepath.Join(dir, files[0].Path)
		if err := a.firstLock(program); err != nil {
			return err
		}
		fmt.Fprintf(a.stderr, "flowc: wrote %s and %d more files; to run it: ", program, len(files))
		if dir != "." {
			fmt.Fprintf(a.stderr, "cd %s && ", dir)
		}
		fmt.Fprintf(a.stderr, "flowc run %s\n", files[0].Path)
		return nil
	}
	return cmd
}

// firstLock writes the lock of a program that has just been written.
func (a *app) firstLock(program string) error {
	side, err := a.programSide(program, program, nil)
	if err != nil {
		return err
	}
	l, _ := compat.Update(nil, side.Job)
	return create(lockOf(program), l.Text())
}

// found fails if one of the files is in dir already.
func found(dir string, files []scaffold.File) error {
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		_, err := os.Lstat(path)
		switch {
		case err == nil:
			return &failure{fmt.Errorf("%s is there already, and nothing was written", path), "name another folder: flowc init DIR"}
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	return nil
}

// create writes a file that is not there yet, with the folders above it.
func create(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = io.WriteString(f, text)
	return errors.Join(err, f.Close())
}
