package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/compat"
	"github.com/flow-lang/flowc/rt/schema"
)

// lockCommand is "flowc lock FILE [--check]".
func (a *app) lockCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "lock FILE",
		Short: "Write down the state of a program as it is released",
		Long: "lock writes FILE.lock: for every step its uid, key, states with their types, retention and timers,\n" +
			"one fact a line, with the epochs in which it held. It is committed with the program, and a reviewer\n" +
			"reads its diff. \"flowc compat check FILE\" holds the program against it.\n\n" +
			"No other command writes it. Lock when the program is released, not when it is changed.",
		Example: "  flowc lock temperature.flow\n" +
			"  flowc lock --check temperature.flow",
		Args:              wantFile,
		ValidArgsFunction: completeFlow,
	}
	check := cmd.Flags().Bool("check", false, "write nothing, and fail if the lock is not what the program says")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		path := args[0]
		side, err := a.programSide(path, path, nil)
		if err != nil {
			return err
		}
		old, err := readLock(lockOf(path), lockOf(path))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		next, changes := compat.Update(old, side.Job)
		switch {
		case *check && old == nil:
			return &failure{fmt.Errorf("%s has no lock", path), "write it when the program is released: flowc lock " + path}
		case *check && next != old:
			return &failure{fmt.Errorf("%s is stale: the state of %s has changed\n%s", lockOf(path), path, indented(changes)),
				"when the change is released: flowc lock " + path}
		case *check || next == old:
			return nil
		}
		if err := replace(lockOf(path), next.Text()); err != nil {
			return err
		}
		fmt.Fprintf(a.stderr, "flowc: wrote epoch %d to %s\n", next.Latest(), lockOf(path))
		if old != nil {
			fmt.Fprintln(a.stderr, indented(changes))
		}
		return nil
	}
	return cmd
}

// indented shows the changes of a lock.
func indented(changes []string) string { return "  " + strings.Join(changes, "\n  ") }

// replace writes a file whole or not at all.
func replace(path, text string) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // there is nothing to remove once it has been renamed
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// lockFlag says what is done about a lock that is stale.
type lockFlag struct {
	refuse bool
	cmd    *cobra.Command
}

// addLocked adds the flag that says whether a stale lock is refused.
func addLocked(cmd *cobra.Command) *lockFlag {
	l := &lockFlag{cmd: cmd}
	cmd.Flags().BoolVar(&l.refuse, "locked", os.Getenv("CI") == "true", "refuse a program whose state is not what its lock says; the default if CI=true")
	return l
}

// locked holds the program that is about to be built to its lock, and says what
// that is: "epoch 3", "epoch 3, stale" or "none". A program that has none is fine,
// unless the user asked for it.
func (a *app) locked(path string, job *schema.Job, l *lockFlag) (string, error) {
	old, err := readLock(lockOf(path), lockOf(path))
	if errors.Is(err, fs.ErrNotExist) {
		if l.refuse && l.cmd.Flags().Changed("locked") {
			return "", &failure{fmt.Errorf("%s has no lock", path), "write it: flowc lock " + path}
		}
		return "none", nil
	}
	if err != nil {
		return "", err
	}
	epoch := fmt.Sprintf("epoch %d", old.Latest())
	next, changes := compat.Update(old, job)
	switch {
	case next == old:
		return epoch, nil
	case l.refuse:
		return "", &failure{
			fmt.Errorf("%s is stale: the state of %s has changed\n%s", lockOf(path), path, indented(changes)),
			"when the change is released: flowc lock " + path + "; or build with --locked=false",
		}
	}
	fmt.Fprintf(a.stderr, "flowc: %s is stale; when the change is released: flowc lock %s\n%s\n", lockOf(path), path, indented(changes))
	return epoch + ", stale", nil
}
