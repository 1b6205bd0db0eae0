package cli

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"
)

// completionCommand is "flowc completion SHELL".
func (a *app) completionCommand() *cobra.Command {
	scripts := map[string]func(root *cobra.Command) error{
		"bash":       func(root *cobra.Command) error { return root.GenBashCompletionV2(a.stdout, true) },
		"fish":       func(root *cobra.Command) error { return root.GenFishCompletion(a.stdout, true) },
		"powershell": func(root *cobra.Command) error { return root.GenPowerShellCompletionWithDesc(a.stdout) },
		"zsh":        func(root *cobra.Command) error { return root.GenZshCompletion(a.stdout) },
	}
	shells := slices.Sorted(maps.Keys(scripts))
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print the script that makes a shell complete flowc's commands",
		Long: "completion prints a script for bash, fish, powershell or zsh. For this shell only:\n\n" +
			"  source <(flowc completion bash)",
		Example:   "  flowc completion bash > ~/.local/share/bash-completion/completions/flowc",
		ValidArgs: shells,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return &usageError{"no shell given", example(cmd)}
			case len(args) > 1:
				return &usageError{fmt.Sprintf("one shell at a time, and not also %q", args[1]), seeHelp(cmd)}
			case scripts[args[0]] == nil:
				return &usageError{fmt.Sprintf("unknown shell %q", args[0]), suggest(cmd, args[0], shells)}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return scripts[args[0]](cmd.Root()) },
	}
}
