package doc

import (
	"fmt"
	"strings"
)

// List writes the entries in sections, one a line.
func List(all []Entry) string {
	var out strings.Builder
	for _, k := range kinds {
		var chosen []Entry
		wide := 0
		for _, e := range all {
			if e.Kind == k.kind {
				chosen = append(chosen, e)
				wide = max(wide, len(e.Name))
			}
		}
		if len(chosen) == 0 {
			continue
		}
		if out.Len() > 0 {
			out.WriteByte('\n')
		}
		fmt.Fprintf(&out, "%s\n", k.title)
		for _, e := range chosen {
			fmt.Fprintf(&out, "  %-*s  %s\n", wide, e.Name, e.Summary())
		}
	}
	return out.String()
}

// Text writes one entry at length.
func (e *Entry) Text() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%s\n\n%s\n", e.declaration(), e.Doc)
	if len(e.Parameters) > 0 {
		out.WriteString("\nParameters:\n")
		rows := make([][]string, len(e.Parameters))
		for i, p := range e.Parameters {
			last := p.Doc
			if p.Default != "" {
				last = strings.TrimSpace("default " + p.Default + "  " + last)
			}
			rows[i] = []string{p.Name, p.Type, last}
		}
		columns(&out, rows)
	}
	if e.Timeline != "" {
		fmt.Fprintf(&out, "\nTimeline:\n%s", indented(e.Timeline))
	}
	if e.Program != "" {
		fmt.Fprintf(&out, "\nExample:\n%s", indented(e.Program))
		if e.Input != "" {
			fmt.Fprintf(&out, "\nIn:\n%s\nOut:\n%s", indented(e.Input), indented(e.Output))
		}
	} else if e.Example != "" {
		fmt.Fprintf(&out, "\nExample:\n  %s\n", e.Example)
	}
	return out.String()
}

// indented writes text with two spaces before each line.
func indented(text string) string {
	var out strings.Builder
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		out.WriteString(strings.TrimRight("  "+line, " \n") + "\n")
	}
	return out.String()
}

// declaration is the signature, with what stands in the braces behind it.
func (e *Entry) declaration() string {
	if len(e.Members) == 0 {
		return e.Signature
	}
	return e.Signature + " {\n  " + strings.Join(e.Members, "\n  ") + "\n}"
}

// columns writes rows of three cells below each other.
func columns(out *strings.Builder, rows [][]string) {
	var wide [2]int
	for _, r := range rows {
		wide[0], wide[1] = max(wide[0], len(r[0])), max(wide[1], len(r[1]))
	}
	for _, r := range rows {
		line := fmt.Sprintf("  %-*s  %-*s  %s", wide[0], r[0], wide[1], r[1], r[2])
		out.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}
