package cli

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/cmd/flowc/internal/load"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

// addDiagnosticFormat adds the flag that says in which form cmd prints
// diagnostics.
func addDiagnosticFormat(cmd *cobra.Command) *choice {
	return addChoice(cmd, "format", "form of the diagnostics", "text", "json", "github", "sarif")
}

// A report collects the findings of one call over all its files.
type report struct {
	list  diag.List
	texts map[string]string // by the path that is shown
}

func newReport() *report { return &report{texts: map[string]string{}} }

// add takes the findings of one program, with paths as the caller knows them.
func (r *report) add(p *load.Program, found *diag.List) {
	for name, text := range p.Texts {
		r.texts[p.Shown(name)] = text
	}
	for _, d := range found.Sorted() {
		d.Span = shown(p, d.Span)
		notes := make([]diag.Note, len(d.Notes))
		for i, n := range d.Notes {
			notes[i] = diag.Note{Span: shown(p, n.Span), Message: n.Message}
		}
		d.Notes = notes
		r.list.Add(d)
	}
}

// addText takes the findings in one text that belongs to no program.
func (r *report) addText(name, text string, found *diag.List) {
	r.texts[name] = text
	for _, d := range found.Sorted() {
		r.list.Add(d)
	}
}

// shown returns span with its files as the caller of flowc would write them.
func shown(p *load.Program, span source.Span) source.Span {
	if span.Start.IsValid() {
		span.Start.Filename = p.Shown(span.Start.Filename)
		span.End.Filename = span.Start.Filename
	}
	return span
}

// maxShown is how many findings are printed for people: more than anybody
// reads, and few enough to be there at once when somebody checks a file that is
// no program.
const maxShown = 1000

// finish prints the findings in format on standard error. The error is errFound
// if one of them is an error, not only a warning.
func (a *app) finish(r *report, format *choice) error {
	all := r.list.Sorted()
	var err error
	switch format.value {
	case "json":
		err = diag.JSON(a.stderr, all)
	case "github":
		err = diag.GitHub(a.stderr, all)
	case "sarif":
		err = diag.SARIF(a.stderr, all, r.texts)
	default:
		err = diag.Text(a.stderr, all[:min(len(all), maxShown)], r.texts, colored(a.stderr))
		if more := len(all) - maxShown; more > 0 {
			a.complain(fmt.Sprintf("there are %d more findings", more), "--format json prints all of them")
		}
	}
	if err != nil {
		return fmt.Errorf("write standard error: %w", err)
	}
	if r.list.HasErrors() {
		return errFound
	}
	return nil
}

// colored reports whether w is a terminal on which colours are welcome.
func colored(w io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w)
}

// isTerminal reports whether a person reads w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}
