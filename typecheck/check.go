// Package typecheck decides whether a parsed program means something, and says
// what it means.
//
// It takes the syntax trees of a pipeline and of the libraries that it imports,
// and gives an [ir.Program]: every name resolved, every type known, every
// generic operator made concrete for each step that uses it, every lambda put
// in its place. Mistakes go into a [diag.List], all of one run, at most one for
// each cause: what is wrong gets the type types.Invalid, which fits everything.
//
// It is a pure stage. It reads no file, knows no clock and writes no Go; the
// program that it returns is whole only if the list holds no error.
package typecheck

import (
	"path"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Files is a program's text, parsed.
type Files struct {
	// Main is the file given to flowc.
	Main *lang.File
	// Imports holds every imported file, also those that imports import, by the
	// path that [Imports] names. A file that could not be read is missing.
	Imports map[string]*lang.File
	// Tests says that the program is to be tested: it then holds what its test
	// blocks use. They are checked in any case.
	Tests bool
}

// Imports returns the path of each file that file imports, in order, joined to
// the folder of file.Name and cleaned. The paths use slashes.
func Imports(file *lang.File) []string {
	var paths []string
	for _, d := range file.Decls {
		if d, ok := d.(*lang.ImportDecl); ok && d.Path != nil {
			paths = append(paths, importPath(file, d))
		}
	}
	return paths
}

func importPath(file *lang.File, d *lang.ImportDecl) string {
	return path.Join(path.Dir(file.Name), constantText(d.Path))
}

// constantText returns the text of a string literal; parts that are computed
// count as empty.
func constantText(lit *lang.StringLit) string {
	if lit == nil {
		return ""
	}
	text := ""
	for _, p := range lit.Parts {
		text += p.Text
	}
	return text
}

// checker holds what is known of one program while it is checked.
type checker struct {
	report  *diag.List
	files   Files
	modules map[string]*module // by path
	std     *module
	main    *module
	prog    *ir.Program

	anonymous   map[string][]*types.Record // by their text
	params      map[string]*ir.Param       // by kind and name
	failed      map[string]*failedStream   // by name
	steps       []*stepInfo                // as prog.Steps
	sinks       []*sinkInfo
	sinkStreams map[*lang.SinkDecl]*ir.Stream // what each writes; nil if that is wrong
	sources     []*sourceInfo
	facts       []*operatorFacts // of every operator made concrete
	sends       []*sending       // whose steps are not looked up yet
	errors      int              // how many mistakes were found
	warnings    int
	pending     []func()                // bodies of functions still to be checked
	callees     map[*ir.Func][]*ir.Func // which function calls which
	callers     []*ir.Func              // of callees, in order
	sizes       map[*types.Record]int   // how many scalar fields a record has in all
	inlined     int                     // how many lambdas were put in place
}

func newChecker(files Files, report *diag.List) *checker {
	c := &checker{
		report:      report,
		files:       files,
		modules:     map[string]*module{},
		prog:        &ir.Program{},
		anonymous:   map[string][]*types.Record{},
		params:      map[string]*ir.Param{},
		failed:      map[string]*failedStream{},
		callees:     map[*ir.Func][]*ir.Func{},
		sizes:       map[*types.Record]int{},
		sinkStreams: map[*lang.SinkDecl]*ir.Stream{},
	}
	c.std = c.loadStandard()
	c.main = c.loadMain(files.Main)
	return c
}

// Check checks a pipeline. It returns as much as it understood; the program is
// whole if report holds no error.
func Check(files Files, report *diag.List) *ir.Program {
	c := newChecker(files, report)
	if files.Main.Pipeline != nil {
		c.prog.Name, c.prog.Pos = files.Main.Pipeline.Text, files.Main.Pipeline.Pos
	}
	c.prog.Doc = files.Main.Doc
	c.checkModules()
	c.declareFailed()
	c.checkSources()
	c.checkStreams()
	c.checkSinks()
	c.checkTests()
	c.checkUnusedOperators()
	c.closeFailed()
	c.checkUIDs()
	c.checkRekeys()
	c.checkSends()
	c.checkRemotes()
	c.checkRetention()
	c.keepOrder()
	c.warnUnused()
	c.warnNames()
	c.collect()
	return c.prog
}

// CheckLibrary checks a library by itself: its types, its functions, and the
// operators that have no type parameters.
func CheckLibrary(files Files, report *diag.List) {
	c := newChecker(files, report)
	c.checkModules()
	c.checkUnusedOperators()
	c.checkRetention()
	c.warnNames()
}

// checkModules checks what stands for itself in every file of the program:
// types, functions and settings.
func (c *checker) checkModules() {
	for _, m := range c.userModules() {
		c.checkTypes(m)
	}
	for _, m := range c.userModules() {
		c.checkFunctions(m)
		c.checkSettings(m)
		c.checkAcknowledgements(m)
		c.checkPlaces(m)
	}
}
