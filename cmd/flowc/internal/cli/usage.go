package cli

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/flow-lang/flowc/lang/diag"
)

// A usageError says that flowc was called in a way it does not understand.
type usageError struct {
	message string
	help    string
}

func (e *usageError) Error() string { return e.message }

// seeHelp is the help that is always true of cmd.
func seeHelp(cmd *cobra.Command) string {
	return fmt.Sprintf("%q says how it is used", cmd.CommandPath()+" --help")
}

// suggest returns the did-you-mean for name, or else the help of cmd.
func suggest(cmd *cobra.Command, name string, candidates []string) string {
	if help := diag.DidYouMean(name, candidates); help != "" {
		return help
	}
	return seeHelp(cmd)
}

func unknownCommand(root *cobra.Command, name string) error {
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return &usageError{fmt.Sprintf("unknown command %q", name), suggest(root, name, names)}
}

// badFlag turns what the flag parser reports into a usage error.
func badFlag(cmd *cobra.Command, err error) error {
	if errors.Is(err, pflag.ErrHelp) {
		return err
	}
	var unknown *pflag.NotExistError
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return unknownFlag(cmd, unknown.GetSpecifiedName())
	case errors.As(err, &missing):
		return &usageError{fmt.Sprintf("%s wants a value", dashed(missing.GetSpecifiedName())), seeHelp(cmd)}
	case errors.As(err, &invalid):
		var choice *choiceError
		help := seeHelp(cmd)
		if errors.As(invalid, &choice) {
			help = choice.help()
		}
		return &usageError{fmt.Sprintf("%s cannot be %q", dashed(invalid.GetFlag().Name), invalid.GetValue()), help}
	}
	return &usageError{err.Error(), seeHelp(cmd)}
}

func unknownFlag(cmd *cobra.Command, name string) error {
	var names []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, dashed(f.Name)) })
	help := suggest(cmd, dashed(name), names)
	if cmd.Name() == "run" && !strings.HasPrefix(help, "did you mean") {
		help = fmt.Sprintf("flags of the pipeline stand after --: flowc run FILE -- %s", dashed(name))
	}
	return &usageError{"unknown flag " + dashed(name), help}
}

// dashed returns a flag's name as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// wantFiles is the check of arguments of commands that take one file or more.
func wantFiles(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return &usageError{"no file given", example(cmd)}
	}
	return nil
}

// wantFile is the check of arguments of commands that take one file.
func wantFile(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return &usageError{fmt.Sprintf("one file at a time, and not also %q", args[1]), seeHelp(cmd)}
	}
	return wantFiles(cmd, args)
}

// wantNothing is the check of arguments of commands that take none.
func wantNothing(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{fmt.Sprintf("%q takes no argument, and not %q", cmd.CommandPath(), args[0]), seeHelp(cmd)}
	}
	return nil
}

// example is a help with the first example of cmd.
func example(cmd *cobra.Command) string {
	line, _, _ := strings.Cut(strings.TrimSpace(cmd.Example), "\n")
	return "for example: " + line
}

// A choice is the value of a flag that takes one of a few words.
type choice struct {
	value   string
	allowed []string
	name    string // of the values in the help; "" is FORMAT
}

// addChoice adds a flag called name to cmd, with the first of allowed as
// default.
func addChoice(cmd *cobra.Command, name, usage string, allowed ...string) *choice {
	c := &choice{value: allowed[0], allowed: allowed}
	cmd.Flags().Var(c, name, usage+": "+strings.Join(allowed, ", "))
	// It cannot fail: the flag was added just now.
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(allowed, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// String, Set and Type implement pflag.Value.
func (c *choice) String() string { return c.value }

// Type names the values in the help.
func (c *choice) Type() string { return cmp.Or(c.name, "FORMAT") }

// Set takes value if it is one of the allowed words.
func (c *choice) Set(value string) error {
	if !slices.Contains(c.allowed, value) {
		return &choiceError{value, c.allowed}
	}
	c.value = value
	return nil
}

// A choiceError says that a value is none of the allowed words.
type choiceError struct {
	value   string
	allowed []string
}

func (e *choiceError) Error() string { return e.help() }

func (e *choiceError) help() string {
	return "it is one of " + strings.Join(e.allowed, ", ")
}
