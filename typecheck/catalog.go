package typecheck

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// WordKind tells what a built-in word is.
type WordKind string

// The kinds of word.
const (
	FunctionWord  WordKind = "function"
	MethodWord    WordKind = "method"   // called on a value
	PropertyWord  WordKind = "property" // read of a value
	ConnectorWord WordKind = "connector"
)

// A Word is a word of the language that no program text declares: a built-in
// function, a method or property of a type, or a connector.
type Word struct {
	Kind       WordKind        `json:"kind"`
	Name       string          `json:"name"` // "abs"; of methods and properties with the type: "string.upper"
	Signature  string          `json:"signature"`
	Doc        string          `json:"doc"`
	Parameters []WordParameter `json:"parameters,omitempty"`
	Example    string          `json:"example"` // an expression, or the part of a source or sink after "=" or "to"
}

// A WordParameter is a parameter of a function, or an argument of a connector.
// Only connectors say what it is for.
type WordParameter struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Doc  string `json:"doc,omitempty"`
}

// Words lists the built-in words: functions, then methods and properties by
// type, then connectors, each by name.
func Words() []Word {
	var all []Word
	for _, b := range functions {
		all = append(all, b.word(FunctionWord, b.name))
	}
	all = append(all, specialWords()...)
	slices.SortFunc(all, func(a, b Word) int { return strings.Compare(a.Name, b.Name) })
	for _, kind := range slices.Sorted(maps.Keys(methods)) {
		for _, name := range slices.Sorted(maps.Keys(methods[kind])) {
			b := methods[kind][name]
			as := MethodWord
			if b.property {
				as = PropertyWord
			}
			all = append(all, b.word(as, kind+"."+name))
		}
	}
	all = append(all, Word{
		Kind: MethodWord, Name: "timestamp.in_zone", Signature: "timestamp.in_zone(zone: string)",
		Doc:        "in_zone gives the parts of a time in a zone: year, month, day, hour, minute, second, weekday.",
		Parameters: []WordParameter{{Name: "zone", Type: "string"}}, Example: examples["timestamp.in_zone"],
	})
	for _, c := range connectors() {
		all = append(all, c.word())
	}
	return all
}

// classLimits say after a signature what T or U must be; any value needs no word.
var classLimits = map[class]string{
	numberClass: "a number", floatClass: "a float or a decimal", signedClass: "a number or a duration",
	orderedClass: "a number, a string or a time", textClass: "a value with a text",
}

func (b *builtin) word(kind WordKind, name string) Word {
	w := Word{Kind: kind, Name: name, Doc: b.doc, Example: examples[name]}
	sig := b.name
	if b.recv != nil {
		sig = b.recv.String() + "." + b.name
	}
	if !b.property {
		list := make([]string, len(b.params))
		for i, p := range b.params {
			list[i] = p.name + ": " + p.t.String()
			w.Parameters = append(w.Parameters, WordParameter{Name: p.name, Type: p.t.String()})
		}
		sig += "(" + strings.Join(list, ", ") + ")"
	}
	w.Signature = sig + " -> " + b.result.String()
	for _, p := range []struct {
		name  string
		class class
	}{{"T", b.where}, {"U", b.whereU}} {
		if limit := classLimits[p.class]; limit != "" {
			w.Signature += ", where " + p.name + " is " + limit
		}
	}
	return w
}

func (d *connector) word() Word {
	w := Word{Kind: ConnectorWord, Name: d.name, Doc: d.name + " reads and writes " + d.doc + ".", Example: d.name + "(" + strconv.Quote(d.example()) + ")"}
	var names []string
	for _, a := range d.args {
		doc := a.doc
		switch {
		case !a.sink:
			doc += "; of a source"
		case !a.source:
			doc += "; of a sink"
		}
		w.Parameters = append(w.Parameters, WordParameter{a.name, a.t.String(), doc})
		names = append(names, a.name+": "+a.t.String())
	}
	w.Signature = d.name + "(" + strings.Join(names, ", ") + ")"
	return w
}

// specialWords are the calls that the compiler resolves itself.
func specialWords() []Word {
	word := func(name, signature, doc string) Word {
		return Word{Kind: FunctionWord, Name: name, Signature: signature, Doc: doc, Example: examples[name]}
	}
	return []Word{
		word("date", "date(text) -> date", "date gives the day of a text that is known at compile time."),
		word("env", "env(name) -> string", "env reads a variable of the environment when the pipeline starts."),
		word("now", "now() -> timestamp", "now gives the processing time."),
		word("pi", "pi -> float", "pi is the ratio of a circle's circumference to its diameter."),
		word("param", "param(name, default: T) -> T", "param reads a value that --param gives when the pipeline starts."),
		word("set", "set(list: list<K>) -> set<K>", "set gives the set of a list's elements."),
		word("uuid", "uuid(text) -> uuid", "uuid gives the uuid of a text that is known at compile time."),
	}
}
