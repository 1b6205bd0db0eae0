package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/cmd/flowc/internal/doc"
	"github.com/flow-lang/flowc/cmd/flowc/internal/load"
	"github.com/flow-lang/flowc/lang/diag"
)

// docCommand is "flowc doc [NAME|FILE]".
func (a *app) docCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doc [NAME|FILE]",
		Short: "Document the library, a word of the language, or a program",
		Long: "doc lists the operators, aggregates, records, connectors and functions that every program has.\n" +
			"With the name of one it tells all about it, and with a word of the language itself, such as emit or\n" +
			"ttl, what the reference says. With a file of Flow it writes the program or library as a page of\n" +
			"Markdown: its comments, what it declares, and what runs.",
		Example: "  flowc doc dedupe\n" +
			"  flowc doc string.upper\n" +
			"  flowc doc timer\n" +
			"  flowc doc temperature.flow > temperature.md",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &usageError{fmt.Sprintf("one name at a time, and not also %q", args[1]), seeHelp(cmd)}
			}
			return nil
		},
		ValidArgsFunction: completeWord,
	}
	format := addChoice(cmd, "format", "form of what is said of words", "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 1 && isFile(args[0]) {
			return a.page(args[0])
		}
		chosen := doc.Library()
		if len(args) == 1 {
			var err error
			if chosen, err = word(cmd, chosen, args[0]); err != nil {
				return err
			}
		}
		switch {
		case format.value == "json":
			return a.wordsJSON(chosen)
		case len(args) == 1:
			for i := range chosen {
				if i > 0 {
					fmt.Fprintln(a.stdout)
				}
				io.WriteString(a.stdout, chosen[i].Text())
			}
		default:
			io.WriteString(a.stdout, doc.List(chosen))
		}
		return nil
	}
	return cmd
}

// isFile tells the path of a program from a word.
func isFile(arg string) bool {
	return strings.HasSuffix(arg, ".flow") || strings.ContainsRune(filepath.ToSlash(arg), '/')
}

// word returns the entries called name.
func word(cmd *cobra.Command, all []doc.Entry, name string) ([]doc.Entry, error) {
	words := doc.Keywords()
	found := append(doc.Find(all, name), doc.Find(words, name)...)
	if len(found) > 0 {
		return found, nil
	}
	var names []string
	for _, e := range append(all, words...) {
		names = append(names, e.Name)
		if _, own, ok := strings.Cut(e.Name, "."); ok {
			names = append(names, own)
		}
	}
	help := diag.DidYouMean(name, names)
	if help == "" {
		help = fmt.Sprintf("%q lists them all", cmd.CommandPath())
	}
	return nil, &usageError{fmt.Sprintf("unknown word %q", name), help}
}

func completeWord(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []string
	for _, e := range append(doc.Library(), doc.Keywords()...) {
		names = append(names, e.Name+"\t"+e.Summary())
	}
	return names, cobra.ShellCompDirectiveDefault
}

// page prints the page of the program or library at path.
func (a *app) page(path string) error {
	var found diag.List
	all := newReport()
	p := load.Read(path, &found)
	prog := p.Check(&found)
	all.add(p, &found)
	if err := a.finish(all, &choice{value: "text"}); err != nil {
		return err
	}
	_, err := io.WriteString(a.stdout, doc.Page(p.Files.Main, prog))
	return err
}

// wordsJSON prints one object a line.
func (a *app) wordsJSON(all []doc.Entry) error {
	enc := json.NewEncoder(a.stdout)
	enc.SetEscapeHTML(false)
	for _, e := range all {
		if err := enc.Encode(e); err != nil {
			return fmt.Errorf("write standard output: %w", err)
		}
	}
	return nil
}
