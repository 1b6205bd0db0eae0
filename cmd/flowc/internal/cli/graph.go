package cli

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/cmd/flowc/internal/load"
	"github.com/flow-lang/flowc/codegen/graph"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// graphCommand is "flowc graph FILE".
func (a *app) graphCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "graph FILE",
		Short: "Draw a program",
		Long: "graph draws the sources, steps and sinks of a program with what they hold: keys, state, timers,\n" +
			"promises, and where records that fail go. It shows which steps run as one task and where records\n" +
			"move to the shard of their key. JSON has the same for programs.",
		Example: "  flowc graph temperature.flow -o temperature.svg\n" +
			"  flowc graph temperature.flow --format mermaid",
		Args:              wantFile,
		ValidArgsFunction: completeFlow,
	}
	output := cmd.Flags().StringP("output", "o", "", "the file to write, instead of standard output")
	format := addChoice(cmd, "format", "form of the graph", "svg", "dot", "mermaid", "json")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if same(args[0], *output) {
			return &usageError{fmt.Sprintf("-o %s would overwrite the program", *output), "name another file"}
		}
		prog, err := a.checked(args[0])
		if err != nil {
			return err
		}
		drawn, err := draw(graph.Of(plan.Build(prog)), format.value)
		if err != nil {
			return err
		}
		return a.deliver(drawn, *output)
	}
	return cmd
}

func draw(d *graph.Document, format string) ([]byte, error) {
	switch format {
	case "dot":
		return d.DOT(), nil
	case "mermaid":
		return d.Mermaid(), nil
	case "json":
		return d.JSON()
	default:
		return d.SVG(), nil
	}
}

// checked returns the pipeline at path, which must be free of mistakes.
// Findings are printed as text.
func (a *app) checked(path string) (*ir.Program, error) {
	var found diag.List
	all := newReport()
	p := load.Read(path, &found)
	prog := p.Check(&found)
	all.add(p, &found)
	if err := a.finish(all, &choice{value: "text"}); err != nil {
		return nil, err
	}
	if p.Files.Main.Kind == lang.LibraryFile {
		return nil, &failure{
			fmt.Errorf("%s is a library, and only a pipeline has a graph", path),
			fmt.Sprintf("%q describes a library", "flowc doc "+path),
		}
	}
	return prog, nil
}

// deliver writes data to the file called name, or to standard output if that is
// "".
func (a *app) deliver(data []byte, name string) error {
	if name == "" {
		_, err := a.stdout.Write(data)
		return err
	}
	return os.WriteFile(name, data, 0o666)
}
