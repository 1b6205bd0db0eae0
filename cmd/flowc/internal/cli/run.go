package cli

import (
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
			"\"flowc run FILE -- --help\" lists them.",
		Example: "  flowc run temperature.flow\n" +
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
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		path, flags := args[0], args[1:]
		code, err := a.generate(path, format, lock, wantedLinks(flags))
		if err != nil {
			return err
		}
		b, err := a.builder(cmd.Context(), code, true)
		if err != nil {
			return err
		}
		built, err := a.binary(cmd.Context(), b, code)
		if err != nil {
			return err
		}
		return a.become(built, append([]string{programName(path)}, flags...))
	}
	return cmd
}
