// Package load reads a program's text: the file given to flowc and every file
// that it imports.
//
// It is the one place of the compiler that opens program text. A program sees
// only its root: the folder that holds the given file, or the nearest folder
// above it with a file named flow.mod. Files are known to the stages by their
// path below the root, with slashes, so that the same program gives the same
// binary from whatever folder flowc was called; [Program.Shown] turns such a
// name into the path that the caller can open.
package load

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck"
	"github.com/flow-lang/flowc/typecheck/ir"
)

// MaxSize is the size in bytes of the longest file of program text that is
// read. A hand-written program is a thousand times smaller.
const MaxSize = 1 << 20

// rootMarker names the file that makes its folder the root of the programs
// below.
const rootMarker = "flow.mod"

// A Program is the text of one program, parsed.
type Program struct {
	// Files is what the checker takes. Main is nil if the given file could not
	// be read.
	Files typecheck.Files
	// Texts holds the text of each file that was read, by its name below the
	// root.
	Texts map[string]string

	given string // the path as the caller wrote it
	main  string // the same file below the root, with slashes
	// faults says where an import could not be read and why was reported.
	faults map[source.Pos]bool
	damage damage
}

// Check says what p means: for a pipeline the checked program, for a library nil,
// as for a file that could not be read. Findings go to report.
func (p *Program) Check(report *diag.List) *ir.Program {
	if p.Files.Main == nil {
		return nil
	}
	var found diag.List
	var prog *ir.Program
	if p.Files.Main.Kind == lang.LibraryFile {
		typecheck.CheckLibrary(p.Files, &found)
	} else {
		prog = typecheck.Check(p.Files, &found)
	}
	for _, d := range found.Sorted() {
		if d.Code == typecheck.ImportMissing && p.faults[d.Span.Start] {
			continue // why it cannot be read is reported already
		}
		if p.damage.explains(d) {
			continue
		}
		report.Add(d)
	}
	return prog
}

// Shown returns the path of the file called name in diagnostics as the caller
// of flowc would write it. A file of the standard library lies in no folder.
func (p *Program) Shown(name string) string {
	switch _, own := p.Texts[name]; {
	case name == p.main:
		return p.given
	case !own && strings.HasPrefix(name, "stdlib/"):
		return name
	}
	rel, err := filepath.Rel(filepath.FromSlash(path.Dir(p.main)), filepath.FromSlash(name))
	if err != nil {
		return name
	}
	return filepath.Join(filepath.Dir(p.given), rel)
}

// Hash names the text of p, wherever it stands on disk.
func (p *Program) Hash() string {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(p.Texts)) {
		fmt.Fprintf(sum, "%d %s %d\n%s", len(name), name, len(p.Texts[name]), p.Texts[name])
	}
	return hex.EncodeToString(sum.Sum(nil))[:16]
}

// Read reads and parses the program at given and what it imports. Whatever is
// wrong goes to report; the program returned holds as much as could be read.
func Read(given string, report *diag.List) *Program {
	p := &Program{
		Files:  typecheck.Files{Imports: map[string]*lang.File{}},
		Texts:  map[string]string{},
		given:  given,
		main:   filepath.ToSlash(filepath.Base(given)),
		faults: map[source.Pos]bool{},
	}
	text, ok := Text(given, report)
	if !ok {
		return p
	}
	folder, name, err := rootOf(given)
	if err != nil {
		report.Add(unreadable(given, err))
		return p
	}
	p.main = name
	p.Files.Main = p.parse(name, text, report)

	root, err := os.OpenRoot(folder)
	if err != nil {
		report.Add(unreadable(given, err))
		return p
	}
	defer root.Close()
	p.readImports(root, p.Files.Main, report)
	return p
}

// parse parses the text of the file called name.
func (p *Program) parse(name, text string, report *diag.List) *lang.File {
	var found diag.List
	file := lang.Parse(name, text, &found)
	p.Texts[name] = text
	p.damage.note(file, text, found.Sorted())
	for _, d := range found.Sorted() {
		report.Add(d)
	}
	return file
}

// rootOf returns the root folder of the program at given, and the program's
// name below it.
func rootOf(given string) (folder, name string, err error) {
	abs, err := filepath.Abs(given)
	if err != nil {
		return "", "", err
	}
	own := filepath.Dir(abs)
	for dir := own; ; dir = filepath.Dir(dir) {
		if info, err := os.Stat(filepath.Join(dir, rootMarker)); err == nil && info.Mode().IsRegular() {
			rel, err := filepath.Rel(dir, abs)
			return dir, filepath.ToSlash(rel), err
		}
		if dir == filepath.Dir(dir) {
			return own, filepath.Base(abs), nil
		}
	}
}

// readImports reads what file imports, and what that imports, each file once.
func (p *Program) readImports(root *os.Root, file *lang.File, report *diag.List) {
	if file == nil {
		return
	}
	names := typecheck.Imports(file)
	for i, d := range imports(file) {
		name := names[i]
		if _, ok := p.Texts[name]; ok {
			continue
		}
		text, problem := readImport(root, d, name)
		switch {
		case problem != nil:
			p.faults[problem.Span.Start] = true
			report.Add(*problem)
		case text != nil:
			p.Files.Imports[name] = p.parse(name, *text, report)
			p.readImports(root, p.Files.Imports[name], report)
		}
	}
}

// imports returns the declarations that typecheck.Imports names the paths of.
func imports(file *lang.File) []*lang.ImportDecl {
	var decls []*lang.ImportDecl
	for _, d := range file.Decls {
		if d, ok := d.(*lang.ImportDecl); ok && d.Path != nil {
			decls = append(decls, d)
		}
	}
	return decls
}

// readImport returns the text of the imported file called name. Both results
// are nil if there is no such file: the checker reports that.
func readImport(root *os.Root, d *lang.ImportDecl, name string) (*string, *diag.Diagnostic) {
	written := literal(d.Path)
	if path.IsAbs(written) || filepath.IsAbs(written) || !filepath.IsLocal(name) {
		return nil, &diag.Diagnostic{
			Code:    ImportOutside,
			Span:    d.Path.Span(),
			Message: fmt.Sprintf("%q leaves the folder of the program", written),
			Help:    "move the file into that folder, or put an empty file named flow.mod into a folder above both",
		}
	}
	f, err := root.Open(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var text string
	if err == nil {
		defer f.Close()
		text, err = readAll(f)
	}
	if err != nil {
		return nil, &diag.Diagnostic{
			Code:    codeOf(err),
			Span:    d.Path.Span(),
			Message: fmt.Sprintf("%q cannot be read: %s", written, reason(err)),
		}
	}
	return &text, nil
}

// literal returns the text of a literal; what is computed in it counts as empty.
func literal(lit *lang.StringLit) string {
	var text strings.Builder
	for _, part := range lit.Parts {
		text.WriteString(part.Text)
	}
	return text.String()
}
