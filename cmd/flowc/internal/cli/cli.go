// Package cli is flowc's command line: one command a file.
//
// Commands read files, run the stages, print what they found and decide the
// exit code; all else is in the stages. Data goes to standard output and
// everything about the data to standard error, so that a command can stand in a
// shell pipe. Nothing here knows the standard streams or the arguments but
// [Main], which gets them.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/spf13/cobra"
)

// The exit codes.
const (
	exitFine  = 0
	exitFound = 1 // findings, or a job or build that failed
	exitUsage = 2 // wrong usage
	exitBug   = 3 // a bug of flowc
)

// issuesURL is where bugs are reported.
const issuesURL = "https://github.com/flow-lang/flowc/issues"

// errFound ends a command whose findings are printed already.
var errFound = errors.New("findings")

// A failure ends a command because something outside the program is wrong. help
// says what to do, "" if there is nothing sure to say.
type failure struct {
	err  error
	help string
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// An app is one call of flowc.
type app struct {
	stdin  io.Reader
	stdout *output
	stderr io.Writer
}

// An output is a writer that remembers its first error, so that a full disk
// behind standard output is no success.
type output struct {
	w   io.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.w.Write(p)
	if o.err == nil {
		o.err = err
	}
	return n, err
}

// Main runs flowc with args, without the command's own name, and returns the
// exit code.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	a := &app{stdin: stdin, stdout: &output{w: stdout}, stderr: stderr}
	defer func() {
		if r := recover(); r != nil {
			code = a.bug(fmt.Sprintf("panic: %v\n%s", r, debug.Stack()))
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	root := a.root()
	root.SetArgs(likeGo(args))
	err := root.ExecuteContext(ctx)
	if err == nil && a.stdout.err != nil {
		err = fmt.Errorf("write standard output: %w", a.stdout.err)
	}
	return a.exit(err)
}

// exit prints err, unless that is done, and returns the exit code that it means.
func (a *app) exit(err error) int {
	var usage *usageError
	var failed *failure
	var bug *bugError
	switch {
	case err == nil:
		return exitFine
	case errors.Is(err, errFound):
		return exitFound
	case errors.As(err, &bug):
		return a.bug(bug.text)
	case errors.As(err, &usage):
		a.complain(usage.message, usage.help)
		return exitUsage
	case errors.As(err, &failed):
		a.complain(failed.Error(), failed.help)
	case errors.Is(err, context.Canceled):
		a.complain("interrupted", "")
	default:
		a.complain(err.Error(), "")
	}
	return exitFound
}

// complain prints message and help in the form of a diagnostic without a place.
func (a *app) complain(message, help string) {
	fmt.Fprintf(a.stderr, "flowc: %s\n", message)
	if help != "" {
		fmt.Fprintf(a.stderr, "  help: %s\n", help)
	}
}

// A bugError ends a command because flowc itself is wrong. text is for those who
// mend it.
type bugError struct{ text string }

func (e *bugError) Error() string { return e.text }

// bug asks for a report and returns the exit code of a bug.
func (a *app) bug(text string) int {
	fmt.Fprintf(a.stderr, "flowc: this is a bug in flowc, not in your program\n"+
		"  help: report it at %s with the program and the text below\n\nflowc %s\n%s\n", issuesURL, versionOf().Version, text)
	return exitBug
}

// root returns the command flowc itself with all its commands.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "flowc",
		Short: "flowc compiles programs in the Flow language to stream-processing binaries",
		Long: "flowc compiles programs in the Flow language to stream-processing binaries.\n\n" +
			"A program is checked whole, becomes Go that a person can read, and then one binary that needs\n" +
			"nothing else to run.",
		Version:       versionOf().Version,
		SilenceErrors: true,
		SilenceUsage:  true,
		// What follows an unknown command may be flags of the command that was
		// meant: the command is the mistake to report.
		FParseErrWhitelist: cobra.FParseErrWhitelist{UnknownFlags: true},
		CompletionOptions:  cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:               cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
	}
	root.SetIn(a.stdin)
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(badFlag)
	root.SetVersionTemplate("flowc {{.Version}}\n")
	root.SetHelpCommand(helpCommand())
	root.AddCommand(
		a.initCommand(),
		a.runCommand(),
		a.buildCommand(),
		a.checkCommand(),
		a.lockCommand(),
		a.compatCommand(),
		a.savepointCommand(),
		a.testCommand(),
		a.fmtCommand(),
		a.graphCommand(),
		a.clientCommand(),
		a.statefunCommand(),
		a.topCommand(),
		a.tapCommand(),
		a.docCommand(),
		a.explainCommand(),
		a.versionCommand(),
		a.completionCommand(),
	)
	return root
}

// helpCommand is "flowc help [COMMAND]".
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Help about a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			found, rest, err := cmd.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(cmd.Root(), args[0])
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}
