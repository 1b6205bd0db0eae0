package gobuild

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/parser"
	"go/token"
	"hash"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
)

// RuntimeModule is the module path of the runtime: that of flowc itself.
const RuntimeModule = "github.com/flow-lang/flowc"

// A Runtime is what generated code is linked with.
type Runtime struct {
	files map[string][]byte // by slash path in the module, such as rt/task.go
	mod   modFile           // what flowc's own go.mod requires
	sum   []byte            // flowc's own go.sum
	hash  string            // of files and mod
}

// ReadRuntime takes the runtime out of flowc's sources, which hold go.mod,
// go.sum and the tree below rt. Tests, their data and the simulator stay behind.
func ReadRuntime(sources fs.FS) (*Runtime, error) {
	rt := &Runtime{files: map[string][]byte{}}
	err := fs.WalkDir(sources, "rt", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && forTests(d.Name()):
			return fs.SkipDir
		case d.IsDir() || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		rt.files[name], err = fs.ReadFile(sources, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the runtime: %w", err)
	}
	mod, err := fs.ReadFile(sources, "go.mod")
	if err != nil {
		return nil, fmt.Errorf("read the runtime: %w", err)
	}
	if rt.sum, err = fs.ReadFile(sources, "go.sum"); err != nil {
		return nil, fmt.Errorf("read the runtime: %w", err)
	}
	rt.mod = parseMod(string(mod))
	sum := sha256.New()
	hashFiles(sum, rt.files)
	hashFiles(sum, map[string][]byte{"go.mod": mod, "go.sum": rt.sum})
	rt.hash = hex.EncodeToString(sum.Sum(nil))[:hashLength]
	return rt, nil
}

// forTests reports whether the folder called name below rt serves tests alone.
func forTests(name string) bool {
	return name == "testdata" || name == "sim" || name == "rttest" || name == "statetest"
}

// Hash names the runtime's content.
func (rt *Runtime) Hash() string { return rt.hash }

// hashLength is the number of hexadecimal digits that name a content: 96 bits,
// far more than the contents that ever meet in one cache.
const hashLength = 24

// hashFiles writes names and contents to h so that no two sets of files give
// the same bytes.
func hashFiles(h hash.Hash, files map[string][]byte) {
	for _, name := range slices.Sorted(maps.Keys(files)) {
		fmt.Fprintf(h, "%d %s %d\n", len(name), name, len(files[name]))
		h.Write(files[name])
	}
}

// module returns the files of the runtime as a module of its own. Its go.mod
// requires nothing: the module of the pipeline says what is needed.
func (rt *Runtime) module() map[string][]byte {
	files := maps.Clone(rt.files)
	files["go.mod"] = []byte(modHeader + "module " + RuntimeModule + "\n\ngo " + rt.mod.goVersion + "\n")
	return files
}

// usesModules reports whether code, linked with the runtime's packages that it
// imports, imports a package of another module.
func (rt *Runtime) usesModules(code map[string][]byte) (bool, error) {
	queue, err := importsOf(code)
	if err != nil {
		return false, err
	}
	seen := map[string]bool{}
	for len(queue) > 0 {
		pkg := queue[0]
		queue = queue[1:]
		if seen[pkg] {
			continue
		}
		seen[pkg] = true
		dir, own := strings.CutPrefix(pkg, RuntimeModule+"/")
		if !own {
			if rt.mod.provides(pkg) {
				return true, nil
			}
			continue
		}
		more, err := importsOf(rt.dir(dir))
		if err != nil {
			return false, err
		}
		queue = append(queue, more...)
	}
	return false, nil
}

// dir returns the runtime's files that stand directly in dir.
func (rt *Runtime) dir(dir string) map[string][]byte {
	files := map[string][]byte{}
	for name, text := range rt.files {
		if path.Dir(name) == dir {
			files[name] = text
		}
	}
	return files
}

// importsOf returns the import paths of the Go files among files, sorted.
func importsOf(files map[string][]byte) ([]string, error) {
	found := map[string]bool{}
	for name, text := range files {
		if path.Ext(name) != ".go" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			return nil, err
		}
		for _, spec := range file.Imports {
			pkg, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			found[pkg] = true
		}
	}
	return slices.Sorted(maps.Keys(found)), nil
}

// programModule returns go.mod and, if it is needed, go.sum of the module that
// holds the generated code. The runtime stands at the relative path runtime; user
// is the module that it is linked with, or nil.
func (rt *Runtime) programModule(code map[string][]byte, runtime string, user *User) (map[string][]byte, error) {
	third, err := rt.usesModules(code)
	if err != nil {
		return nil, fmt.Errorf("read generated code: %w", err)
	}
	var mod strings.Builder
	io.WriteString(&mod, modHeader+"module "+ProgramModule+"\n\ngo "+rt.mod.goVersion+"\n\n")
	io.WriteString(&mod, "require "+RuntimeModule+" v0.0.0\n\n")
	io.WriteString(&mod, "replace "+RuntimeModule+" => "+runtime+"\n")
	files := map[string][]byte{}
	if third {
		io.WriteString(&mod, "\nrequire (\n")
		for _, line := range rt.mod.requires {
			io.WriteString(&mod, "\t"+line.path+" "+line.version+"\n")
		}
		io.WriteString(&mod, ")\n")
		files["go.sum"] = rt.sum
	}
	if user != nil {
		user.addTo(&mod)
		files["go.sum"] = append(append([]byte(nil), files["go.sum"]...), user.sum...)
	}
	files["go.mod"] = []byte(mod.String())
	return files, nil
}
