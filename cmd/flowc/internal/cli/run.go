package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"
)

// runCommand is "flowc run FILE [-- FLAGS]".
func (a *app) runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run FILE [-- FLAGS]",
		Short: "Compile a program and run it",
		Long: "run compiles the program, unless it is unchanged since the last time, and becomes the pipeline:\n" +
			"standard input, signals and the exit code are the pipeline's. FLAGS go to the pipeline;\n" +
			"\"flowc run FILE -- --help\" lists them.\n\n" +
			"With --watch it looks after the program's files: a new version is checked and built beside the one\n" +
			"that runs, and goes on from its last checkpoint. One with mistakes, or that does not fit the state,\n" +
			"is told of, and the old one goes on. Without --checkpoint-to the checkpoints last as long as the watch.",
		Example: "  flowc run temperature.flow\n" +
			"  flowc run --watch temperature.flow\n" +
			"  flowc run big.flow -- --param least=100 < orders.jsonl > big.jsonl",
		Args: func(cmd *cobra.Command, args []string) error {
			own := args
			if at := cmd.ArgsLenAtDash(); at >= 0 {
				own = args[:at]
			}
			if len(own) > 1 {
				return &usageError{
					fmt.Sprintf("one file at a time, and not also %q", own[1]),
					fmt.Sprintf("what is for the pipeline stands after --: flowc run %s -- %s", own[0], own[1]),
				}
			}
			return wantFiles(cmd, own)
		},
		ValidArgsFunction: completeFlow,
	}
	format := addDiagnosticFormat(cmd)
	lock := addLocked(cmd)
	watch := cmd.Flags().Bool("watch", false, "run each new version of the program that fits, from the last checkpoint of the one before")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		path, flags := args[0], args[1:]
		if *watch {
			return a.watch(cmd.Context(), path, format, lock, flags)
		}
		code, err := a.generate(path, format, lock, wantedLinks(flags))
		if err != nil {
			return err
		}
		built, err := a.builtFor(cmd.Context(), code, path, format, lock, flags)
		if err != nil {
			return err
		}
		return a.become(built, append([]string{programName(path)}, flags...))
	}
	return cmd
}

// builtFor returns a binary of code, which is the program at path as flags want it,
// for this machine.
func (a *app) builtFor(ctx context.Context, code *compiled, path string, format *choice, lock *lockFlag, flags []string) (string, error) {
	built, err := a.built(ctx, code)
	links := wantedLinks(flags)
	asked := links
	asked.Metrics = false // a job is served as well without
	if less, ok := a.without(err, links, asked); ok {
		if code, err = a.generate(path, format, lock, less); err != nil {
			return "", err
		}
		return a.built(ctx, code)
	}
	return built, err
}
