package doc

import (
	"path"
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
)

// LibraryPages writes the files of the library as pages of Markdown, by the name
// of the file without its ending. In go the texts of the files by name. Files
// without operators and aggregates have no page.
func LibraryPages(files map[string]string) map[string]string {
	out := map[string]string{}
	for name, text := range files {
		file := lang.Parse(name, text, &diag.List{})
		var all []Entry
		for _, e := range Declarations(file) {
			if e.Kind == "operator" || e.Kind == "aggregate" {
				all = append(all, e)
			}
		}
		if len(all) > 0 {
			out[strings.TrimSuffix(path.Base(name), ".flow")] = libraryPage(name, file, all)
		}
	}
	return out
}

func libraryPage(name string, file *lang.File, all []Entry) string {
	p := &page{}
	title := strings.TrimSuffix(path.Base(name), ".flow")
	p.line("# %s", plain(strings.ToUpper(title[:1])+title[1:]))
	p.line("\n<!-- written from %s by go test ./cmd/flowc/internal/doc -update -->", name)
	p.text(prose(file.Doc))
	p.line("\nIn the pictures event time runs to the right, and rows stand below each other in the order in which they come, those\n" +
		"that a step gives behind an arrow: at their own time, or over the stretch of a window.")
	for i := range all {
		e := &all[i]
		p.line("\n## %s", plain(e.Name))
		p.text(e.Doc)
		p.fence("flow signature", e.declaration())
		if e.Timeline != "" {
			p.fence("text", e.Timeline)
		}
		if e.Program != "" {
			p.fence("flow", e.Program)
		}
		if e.Input != "" {
			p.line("\nIn:")
			p.fence("json", e.Input)
			p.line("\nOut:")
			p.fence("json", e.Output)
		}
	}
	return p.out.String()
}
