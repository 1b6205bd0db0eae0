package typecheck

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/stdlib"
)

// entry is what a name at the top of a file stands for.
type entry struct {
	name string
	span source.Span // of the name
	mod  *module
	decl lang.Decl // nil for a stream of failed records
	used bool

	remote *lang.RemoteDecl // of a remote function, whose decl is the operator that stands for it

	types   []*typeInstance // of a record, enum or union, one for each list of arguments
	funcs   []*funcInstance // of a function
	aggs    []*aggInstance  // of an aggregate
	wire    *wired          // of a stream or source, once it is resolved
	wiring  bool            // while it is being resolved
	applied int             // of an operator or fragment: how many steps use it
	checked bool            // of an operator: its body has been checked for some step
}

// module is one file with the names that it declares.
type module struct {
	prefix  string // what stands before its names in messages and types: "w." or ""
	file    *lang.File
	library string // the file's name, if it is of the standard library
	names   map[string]*entry
	order   []*entry
	open    []*module          // imported without a name
	named   map[string]*module // imported "as" a name
	imports map[string]*lang.ImportDecl
	used    map[string]bool // names of named that were used
	std     *module         // nil in the standard library itself

	reach []reached // what the file can name, sorted; see sortReach
	looks int       // how many names candidates has looked at

	bindings []*binding // every local name, for the warnings
	chosen   bool       // whether a compile-time condition left something out
}

func newModule(file *lang.File, std *module) *module {
	return &module{
		file: file, std: std,
		names:   map[string]*entry{},
		named:   map[string]*module{},
		imports: map[string]*lang.ImportDecl{},
		used:    map[string]bool{},
	}
}

// lookup finds what name stands for in m: its own declaration, one of an import
// without a name, or one of the standard library. It is nil if there is none.
func (m *module) lookup(name string) *entry {
	if e := m.names[name]; e != nil {
		return e
	}
	for _, o := range m.open {
		if e := o.names[name]; e != nil {
			return e
		}
	}
	if m.std != nil {
		return m.std.names[name]
	}
	return nil
}

// maxLooks is how many names in reach are looked at for one file's mistakes. It
// is enough for all of a program that a person wrote.
const maxLooks = 1 << 20

// candidates names everything in reach for which keep holds, sorted; or nothing
// once so much has been looked at that the messages would be long in coming.
func (m *module) candidates(keep func(*entry) bool) []string {
	m.sortReach()
	if m.looks += len(m.reach); m.looks > maxLooks {
		return nil
	}
	var names []string
	for _, r := range m.reach {
		if keep(r.entry) {
			names = append(names, r.name)
		}
	}
	return names
}

// reached is an entry by the name that m has for it.
type reached struct {
	name  string
	entry *entry
}

// sortReach lists everything in reach by name, if something was declared since
// the last time.
func (m *module) sortReach() {
	n := 0
	each := func(do func(of *module, prefix string)) {
		do(m, "")
		for _, o := range m.open {
			do(o, "")
		}
		for name, o := range m.named {
			do(o, name+".")
		}
		if m.std != nil {
			do(m.std, "")
		}
	}
	each(func(of *module, _ string) { n += len(of.order) })
	if n == len(m.reach) {
		return
	}
	m.reach = make([]reached, 0, n)
	each(func(of *module, prefix string) {
		for _, e := range of.order {
			m.reach = append(m.reach, reached{prefix + e.name, e})
		}
	})
	slices.SortFunc(m.reach, func(a, b reached) int { return cmp.Compare(a.name, b.name) })
}

// standard is the standard library as syntax trees, which nobody changes: to parse
// it takes longer than to check most programs.
var standard = sync.OnceValue(func() map[string]*lang.File {
	trees := map[string]*lang.File{}
	for name, text := range stdlib.Files() {
		var report diag.List
		trees[name] = lang.Parse(name, text, &report)
		for _, d := range report.Sorted() {
			panic("typecheck: the standard library does not parse: " + d.Span.String() + ": " + d.Message)
		}
	}
	return trees
})

// loadStandard makes one module of the standard library.
func (c *checker) loadStandard() *module {
	std := newModule(nil, nil)
	for _, name := range sortedKeys(standard()) {
		m := newModule(standard()[name], nil)
		m.library, m.names = name, std.names
		c.declare(m)
		std.order = append(std.order, m.order...)
	}
	return std
}

// loadMain declares the pipeline's file and all that it imports.
func (c *checker) loadMain(file *lang.File) *module {
	m := newModule(file, c.std)
	c.modules[file.Name] = m
	c.prog.Files = append(c.prog.Files, file.Name)
	c.declare(m)
	c.loadImports(m, []string{file.Name})
	return m
}

// loadImports declares what m imports. chain holds the paths from the pipeline
// to m, to find imports in a circle.
func (c *checker) loadImports(m *module, chain []string) {
	for _, d := range m.file.Decls {
		if d, ok := d.(*lang.ImportDecl); ok && d.Path != nil {
			c.loadImport(m, d, chain)
		}
	}
}

func (c *checker) loadImport(m *module, d *lang.ImportDecl, chain []string) {
	name := importPath(m.file, d)
	for _, p := range chain {
		if p == name {
			c.add(mistake(ImportCycle, d.Path.Span(), "%q imports itself", name).
				help("move what both files need into a third one"))
			return
		}
	}
	imported := c.modules[name]
	if imported == nil {
		file := c.files.Imports[name]
		if file == nil {
			c.add(mistake(ImportMissing, d.Path.Span(), "there is no file %q", name).
				help("paths are relative to the folder of %s", m.file.Name))
			return
		}
		imported = newModule(file, c.std)
		if d.As != nil {
			imported.prefix = d.As.Text + "."
		}
		c.modules[name] = imported
		c.prog.Files = append(c.prog.Files, name)
		c.declare(imported)
		c.loadImports(imported, append(chain, name))
	}
	c.importNames(m, imported, d)
}

// importNames makes the names of imported known in m.
func (c *checker) importNames(m, imported *module, d *lang.ImportDecl) {
	if d.As == nil {
		for _, e := range imported.order {
			if own := m.lookup(e.name); own != nil && own.mod.library == "" && own.mod != imported {
				c.add(mistake(DuplicateName, d.Path.Span(), "the import brings in %q, which is declared already", e.name).
					note(own.span, "%s is declared here", own.name).
					note(e.span, "the import declares it here").
					help("import %q as a name, such as %q", constantText(d.Path), imported.file.Pipeline.Text))
			}
		}
		m.open = append(m.open, imported)
		return
	}
	if old := m.imports[d.As.Text]; old != nil {
		c.duplicate(d.As, old.Span())
		return
	}
	m.named[d.As.Text] = imported
	m.imports[d.As.Text] = d
}

// userModules returns the program's own files in the order of prog.Files.
func (c *checker) userModules() []*module {
	out := make([]*module, 0, len(c.prog.Files))
	for _, f := range c.prog.Files {
		out = append(out, c.modules[f])
	}
	return out
}

// declare enters the names that a file declares.
func (c *checker) declare(m *module) {
	for _, d := range m.file.Decls {
		if name := DeclaredName(d); name != nil {
			c.enter(m, name, d)
		}
	}
}

func (c *checker) enter(m *module, name *lang.Ident, d lang.Decl) {
	if old := m.names[name.Text]; old != nil {
		c.duplicate(name, old.span)
		return
	}
	e := &entry{name: name.Text, span: name.Span(), mod: m, decl: d}
	if r, ok := d.(*lang.RemoteDecl); ok {
		e.remote, e.decl = r, remoteOperator(r)
	}
	m.names[name.Text] = e
	m.order = append(m.order, e)
}

// duplicate reports that a name is declared twice in one place.
func (c *checker) duplicate(name *lang.Ident, first source.Span) {
	c.add(mistake(DuplicateName, name.Span(), "%q is declared twice", name.Text).
		note(first, "the first declaration is here").
		help("give one of the two another name"))
}

// DeclaredName returns the name that d brings into its file, nil if there is none
// or it could not be read.
func DeclaredName(d lang.Decl) *lang.Ident {
	switch d := d.(type) {
	case *lang.RecordDecl:
		return d.Name
	case *lang.EnumDecl:
		return d.Name
	case *lang.UnionDecl:
		return d.Name
	case *lang.FuncDecl:
		return d.Name
	case *lang.ExternDecl:
		return d.Name
	case *lang.SourceDecl:
		return d.Name
	case *lang.StreamDecl:
		return d.Name
	case *lang.FragmentDecl:
		return d.Name
	case *lang.OperatorDecl:
		return d.Name
	case *lang.AggregateDecl:
		return d.Name
	case *lang.RemoteDecl:
		return d.Name
	default:
		return nil
	}
}

// kindOf says in a user's words what e is.
func (e *entry) kindOf() string {
	switch e.decl.(type) {
	case nil:
		return "a stream"
	case *lang.RecordDecl:
		return "a record"
	case *lang.EnumDecl:
		return "an enum"
	case *lang.UnionDecl:
		return "a union"
	case *lang.FuncDecl, *lang.ExternDecl:
		return "a function"
	case *lang.SourceDecl, *lang.StreamDecl:
		return "a stream"
	case *lang.FragmentDecl:
		return "a fragment"
	case *lang.OperatorDecl:
		return "an operator"
	case *lang.AggregateDecl:
		return "an aggregate"
	default:
		return "a declaration"
	}
}

func (e *entry) isType() bool {
	switch e.decl.(type) {
	case *lang.RecordDecl, *lang.EnumDecl, *lang.UnionDecl:
		return true
	}
	return false
}

func (e *entry) isStream() bool {
	switch e.decl.(type) {
	case nil, *lang.SourceDecl, *lang.StreamDecl:
		return true
	}
	return false
}

func (e *entry) isOperator() bool {
	switch e.decl.(type) {
	case *lang.OperatorDecl, *lang.FragmentDecl:
		return true
	}
	return false
}

// isAsync reports whether e is a function that is waited for, which code that
// cannot wait may not call.
func (e *entry) isAsync() bool {
	d, ok := e.decl.(*lang.ExternDecl)
	return ok && d.Async
}

func (e *entry) isAggregate() bool {
	_, ok := e.decl.(*lang.AggregateDecl)
	return ok
}

func (e *entry) isFunc() bool { return e.funcDecl() != nil }

// funcDecl returns the declaration of a function that code may call; nil if e is
// something else. One in Go has no body.
func (e *entry) funcDecl() *lang.FuncDecl {
	switch d := e.decl.(type) {
	case *lang.FuncDecl:
		return d
	case *lang.ExternDecl:
		return &lang.FuncDecl{Range: d.Range, Doc: d.Doc, Name: d.Name, Params: d.Params, Result: d.Result}
	}
	return nil
}

// sortedKeys returns the keys of m in order.
func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}
