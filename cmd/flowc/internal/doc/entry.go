// Package doc writes documentation: of the words that the language and its
// standard library have, and of a program as a page of Markdown.
//
// In go what the stages know (syntax trees, the built-in words, a checked
// program), out comes text. It reads no file.
package doc

import (
	"cmp"
	_ "embed" // routing
	"maps"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/stdlib"
	"github.com/flow-lang/flowc/typecheck"
)

// An Entry documents one word.
type Entry struct {
	Kind       string      `json:"kind"` // "operator", "fragment", "aggregate", "record", "enum", "union", "keyword", and those of typecheck.Word
	Name       string      `json:"name"`
	Signature  string      `json:"signature"`
	Doc        string      `json:"doc"`
	Parameters []Parameter `json:"parameters,omitempty"`
	Members    []string    `json:"members,omitempty"` // inputs, outputs, state and timers of an operator; fields of a record
	Example    string      `json:"example,omitempty"`
	Timeline   string      `json:"timeline,omitempty"` // a picture of what comes when
	Program    string      `json:"program,omitempty"`  // a whole program that shows it
	Input      string      `json:"input,omitempty"`    // of that program, rows of JSON
	Output     string      `json:"output,omitempty"`   // what it gives for them, rows of JSON
}

// A Parameter is a parameter of an Entry.
type Parameter struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Default string `json:"default,omitempty"` // as in Flow
	Doc     string `json:"doc,omitempty"`
}

// kinds are the kinds of entry in the order of the list, with their titles.
var kinds = []struct{ kind, title string }{
	{"operator", "Operators"},
	{"fragment", "Fragments"},
	{"aggregate", "Aggregates"},
	{"record", "Records"},
	{"enum", "Enums"},
	{"union", "Unions"},
	{"connector", "Connectors"},
	{"function", "Functions"},
	{"method", "Methods"},
	{"property", "Properties"},
}

// Library returns the entries of the standard library and of the built-in
// words, by kind and name.
func Library() []Entry {
	var all []Entry
	files := stdlib.Files()
	files["routing.flow"] = routing
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all = append(all, Declarations(lang.Parse(name, files[name], &diag.List{}))...)
	}
	for _, w := range typecheck.Words() {
		e := Entry{Kind: string(w.Kind), Name: w.Name, Signature: w.Signature, Doc: w.Doc, Example: w.Example}
		e.illustrate()
		for _, p := range w.Parameters {
			e.Parameters = append(e.Parameters, Parameter{Name: p.Name, Type: p.Type, Doc: p.Doc})
		}
		all = append(all, e)
	}
	slices.SortStableFunc(all, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(place(a.Kind), place(b.Kind)), strings.Compare(a.Name, b.Name))
	})
	return all
}

// routing declares the operators that the compiler writes for each step.
//
//go:embed routing.flow
var routing string

// place is where kind stands in the list.
func place(kind string) int {
	for i, k := range kinds {
		if k.kind == kind {
			return i
		}
	}
	panic("doc: no such kind " + kind)
}

// Find returns the entries called name: with their type if it names one, or of
// every type.
func Find(all []Entry, name string) []Entry {
	var found []Entry
	for _, e := range all {
		if _, own, ok := strings.Cut(e.Name, "."); e.Name == name || ok && own == name {
			found = append(found, e)
		}
	}
	return found
}

// Summary is the first sentence of e's doc, on one line; of a keyword where it is
// explained.
func (e *Entry) Summary() string {
	if e.Kind == "keyword" {
		return e.Signature
	}
	text := strings.Join(strings.Fields(e.Doc), " ")
	for _, end := range []string{". ", "; ", ": "} {
		if first, _, ok := strings.Cut(text, end); ok {
			text = first + "."
		}
	}
	return text
}
