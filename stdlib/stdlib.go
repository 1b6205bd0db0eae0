// Package stdlib holds Flow's standard library as program text.
//
// The library is written in Flow itself, so that the state inside its operators
// is as visible to the compiler's checks as a user's own. The text is embedded;
// nothing is read at run time.
package stdlib

import "embed"

//go:embed *.flow
var files embed.FS

// Files returns the text of each file of the library by its name, such as
// "stdlib/stateless.flow", which is also the name in positions.
func Files() map[string]string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic("stdlib: " + err.Error()) // embedded files are always there
	}
	out := make(map[string]string, len(entries))
	for _, e := range entries {
		text, err := files.ReadFile(e.Name())
		if err != nil {
			panic("stdlib: " + err.Error())
		}
		out["stdlib/"+e.Name()] = string(text)
	}
	return out
}
