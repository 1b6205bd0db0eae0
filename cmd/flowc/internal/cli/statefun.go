package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/cmd/flowc/internal/statefun"
)

// statefunCommand is "flowc statefun import MODULE".
func (a *app) statefunCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "statefun",
		Short: "Bring an application of Stateful Functions over",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(a.statefunImport())
	return cmd
}

func (a *app) statefunImport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import MODULE",
		Short: "Write the program of a module.yaml",
		Long: "import turns the module file of an application of Stateful Functions 3 into a program: its endpoints\n" +
			"into remote functions, which are called where they are, its ingresses into sources, its egresses into\n" +
			"sinks. What has no counterpart is told on standard error and in the program's first lines.",
		Example: "  flowc statefun import module.yaml -o app.flow\n" +
			"  flowc statefun import module.yaml --function com.example/greeter",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{"import takes one module file", seeHelp(cmd)}
			}
			return nil
		},
	}
	to := cmd.Flags().StringP("output", "o", "", "the program's file, instead of standard output; it must not be there")
	functions := cmd.Flags().StringArray("function", nil, "a function `NAMESPACE/NAME` that no ingress leads to, of an endpoint that serves all of a namespace; may be repeated")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		text, err := os.ReadFile(args[0])
		if err != nil {
			return err
		}
		program, remarks, err := statefun.Import(filepath.Base(args[0]), text, *functions)
		var unknown statefun.UnknownFunction
		if errors.As(err, &unknown) {
			return &failure{fmt.Errorf("%s: %w", args[0], err), "write --function NAMESPACE/NAME, where an endpoint has these functions, or NAMESPACE/*"}
		}
		if err != nil {
			return &failure{fmt.Errorf("%s: %w", args[0], err), "it is the module.yaml of an application of Stateful Functions 3"}
		}
		if *to == "" {
			fmt.Fprint(a.stdout, program)
		} else if err := create(*to, program); err != nil {
			return err
		}
		for _, r := range remarks {
			fmt.Fprintf(a.stderr, "%s:%d: %s\n", args[0], r.Line, r.Text)
		}
		return nil
	}
	return cmd
}
