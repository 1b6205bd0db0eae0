// Package scaffold has the files that a new program begins with.
//
// In goes the program's name, out come texts by path; who asked for them writes
// them.
package scaffold

import (
	"embed"
	"strings"
)

//go:embed files
var files embed.FS

// paths are the files of a new program, with the templates they are made of.
// NAME stands for the program's name in both, here and in the templates.
var paths = []struct{ path, template string }{
	{"NAME.flow", "program.flow"},
	{"data/readings.csv", "readings.csv"},
	{"README.md", "README.md"},
	{".github/workflows/flow.yml", "flow.yml"},
}

// A File is a file to be written. Path is below the folder of the program, with
// slashes.
type File struct{ Path, Text string }

// Files returns the files of a new program called name, which must be a name in
// Flow.
func Files(name string) []File {
	out := make([]File, len(paths))
	for i, p := range paths {
		text, err := files.ReadFile("files/" + p.template)
		if err != nil {
			panic("scaffold: " + err.Error()) // embedded files are always there
		}
		out[i] = File{strings.ReplaceAll(p.path, "NAME", name), strings.ReplaceAll(string(text), "NAME", name)}
	}
	return out
}

// Name makes a name in Flow of a folder's: letters, digits and underscores, not
// beginning with a digit. It is "events" if nothing is left.
func Name(folder string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(folder) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
	}
	if name := strings.Trim(b.String(), "_"); name != "" {
		return name
	}
	return "events"
}
