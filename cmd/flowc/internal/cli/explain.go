package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/cmd/flowc/internal/load"
	"github.com/flow-lang/flowc/compat"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck"
)

// catalog returns the explanations of every code that flowc prints, by code.
func catalog() []diag.Explanation {
	all := slices.Concat(lang.Explanations(), load.Explanations(), typecheck.Explanations(), compat.Explanations())
	slices.SortFunc(all, func(a, b diag.Explanation) int { return strings.Compare(string(a.Code), string(b.Code)) })
	return all
}

// explainCommand is "flowc explain [CODE]".
func (a *app) explainCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "explain [CODE]",
		Short: "Explain a diagnostic at length",
		Long: "explain tells what a code means, why flowc refuses it, and what to do, with an example before\n" +
			"and after. Without a code it lists them all.",
		Example: "  flowc explain R0001",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{fmt.Sprintf("one code at a time, and not also %q", args[1]), seeHelp(cmd)}
			}
			return nil
		},
		ValidArgsFunction: completeCode,
	}
	format := addChoice(cmd, "format", "form of the text", "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		chosen := catalog()
		if len(args) == 1 {
			e, err := find(cmd, chosen, args[0])
			if err != nil {
				return err
			}
			chosen = []diag.Explanation{e}
		}
		switch {
		case format.value == "json":
			return a.explainJSON(chosen)
		case len(args) == 1:
			a.explainText(chosen[0])
		default:
			for _, e := range chosen {
				fmt.Fprintf(a.stdout, "%s  %s\n", e.Code, e.Title)
			}
		}
		return nil
	}
	return cmd
}

// find returns the explanation of code, in capitals or not.
func find(cmd *cobra.Command, all []diag.Explanation, code string) (diag.Explanation, error) {
	var codes []string
	for _, e := range all {
		if strings.EqualFold(string(e.Code), code) {
			return e, nil
		}
		codes = append(codes, string(e.Code))
	}
	help := diag.DidYouMean(strings.ToUpper(code), codes)
	if help == "" {
		help = fmt.Sprintf("%q lists the codes", cmd.CommandPath())
	}
	return diag.Explanation{}, &usageError{fmt.Sprintf("unknown code %q", code), help}
}

func completeCode(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var codes []string
	if len(args) == 0 {
		for _, e := range catalog() {
			codes = append(codes, string(e.Code)+"\t"+e.Title)
		}
	}
	return codes, cobra.ShellCompDirectiveNoFileComp
}

func (a *app) explainText(e diag.Explanation) {
	fmt.Fprintf(a.stdout, "%s: %s\n\n%s\n", e.Code, e.Title, strings.TrimSpace(e.Text))
	for _, part := range []struct{ title, text string }{{"Before", e.Before}, {"After", e.After}} {
		if part.text == "" {
			continue
		}
		fmt.Fprintf(a.stdout, "\n%s:\n\n", part.title)
		for line := range strings.Lines(strings.Trim(part.text, "\n")) {
			line = strings.TrimRight(line, "\n")
			if line != "" {
				line = "    " + line
			}
			fmt.Fprintln(a.stdout, line)
		}
	}
}

// explainJSON prints one object a line.
func (a *app) explainJSON(all []diag.Explanation) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	for _, e := range all {
		err := enc.Encode(struct {
			Code   diag.Code `json:"code"`
			Title  string    `json:"title"`
			Text   string    `json:"text"`
			Before string    `json:"before"`
			After  string    `json:"after"`
		}{e.Code, e.Title, e.Text, e.Before, e.After})
		if err != nil {
			return fmt.Errorf("write standard output: %w", err)
		}
	}
	return nil
}
