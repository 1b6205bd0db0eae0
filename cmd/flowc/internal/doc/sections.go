package doc

import (
	"fmt"
	"strings"
)

// A doc comment of the library may go on with sections behind its prose:
//
//	Timeline:  a picture of what comes when
//	Example:   a step, or declarations that give the stream out
//	In:        rows as "user minutes:seconds n", or "user minutes:seconds what n"
//	Out:       what the example gives for them
//
// each with its name on a line of its own and its text below, indented. Timeline
// and Out are written by the test of this package with -update.

// sectionNames are the names of the sections in their order.
var sectionNames = []string{"Timeline", "Example", "In", "Out"}

// Sections cuts a doc comment into its prose and its sections.
func Sections(comment string) (prose string, sections map[string]string) {
	sections = map[string]string{}
	name := ""
	var text strings.Builder
	end := func() {
		if name == "" {
			prose = strings.TrimSpace(text.String())
		} else {
			sections[name] = outdent(text.String())
		}
		text.Reset()
	}
	for line := range strings.Lines(comment) {
		for _, s := range sectionNames {
			if strings.TrimSpace(line) == s+":" && !strings.HasPrefix(line, " ") {
				end()
				name, line = s, ""
			}
		}
		text.WriteString(line)
	}
	end()
	return prose, sections
}

// outdent takes two spaces away before each line, and empty lines at the ends.
func outdent(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		out.WriteString(strings.TrimPrefix(line, "  "))
	}
	return strings.Trim(out.String(), "\n")
}

// illustrate fills in what the sections of e's doc say.
func (e *Entry) illustrate() {
	var sections map[string]string
	e.Doc, sections = Sections(e.Doc)
	e.Timeline, e.Output = sections["Timeline"], sections["Out"]
	if example := sections["Example"]; example != "" {
		e.Program = program(e.Name, example, strings.Contains(sections["In"], " order "))
		e.Input = inputRows(sections["In"])
	}
}

// program makes a whole program of an example.
func program(name, example string, what bool) string {
	fields := "user: string, at: timestamp, n: int"
	if what {
		fields = "user: string, at: timestamp, what: string, n: int"
	}
	if !strings.Contains(example, "stream out = ") {
		example = "stream out = " + example
	}
	text := fmt.Sprintf(`pipeline %s_example

record Event { %s }

source events: Event = jsonl(stdin) { event time at }

%s

`, name, fields, example)
	for _, s := range []string{"out", "late", "early", "hot", "cold"} {
		if strings.Contains(example, "stream "+s+" =") {
			text += "sink " + s + " to jsonl(stdout)\n"
		}
	}
	return text
}

// inputRows makes JSON of the rows of an example.
func inputRows(rows string) string {
	var out strings.Builder
	for row := range strings.Lines(rows) {
		words := strings.Fields(row)
		if len(words) < 3 {
			continue
		}
		clock := words[1]
		if len(clock) == len("0:00") {
			clock = "0" + clock
		}
		fmt.Fprintf(&out, "{\"user\":%q,\"at\":\"2024-05-01T12:%sZ\",", words[0], clock)
		if len(words) == 4 {
			fmt.Fprintf(&out, "\"what\":%q,", words[2])
		}
		fmt.Fprintf(&out, "\"n\":%s}\n", words[len(words)-1])
	}
	return strings.TrimSuffix(out.String(), "\n")
}
