package cli

import (
	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/cmd/flowc/internal/load"
	"github.com/flow-lang/flowc/lang/diag"
)

// checkCommand is "flowc check FILE…".
func (a *app) checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check FILE…",
		Short: "Find every mistake of a program",
		Long: "check parses and type-checks each file, a program or a library, with what it imports.\n\n" +
			"Every mistake is reported in one go, with a code, the text that is wrong, where it was declared,\n" +
			"and what to type. It exits with 1 if there is a mistake; a warning alone is none.",
		Example: "  flowc check temperature.flow\n" +
			"  flowc check --format sarif *.flow 2> findings.sarif",
		Args:              wantFiles,
		ValidArgsFunction: completeFlow,
	}
	format := addDiagnosticFormat(cmd)
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		all := newReport()
		for _, path := range args {
			var found diag.List
			p := load.Read(path, &found)
			p.Check(&found)
			all.add(p, &found)
		}
		return a.finish(all, format)
	}
	return cmd
}

// completeFlow completes file arguments: files of Flow, and folders on the way.
func completeFlow(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return []string{"flow"}, cobra.ShellCompDirectiveFilterFileExt
}
