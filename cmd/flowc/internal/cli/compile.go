package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/flow-lang/flowc"
	"github.com/flow-lang/flowc/cmd/flowc/internal/gobuild"
	"github.com/flow-lang/flowc/cmd/flowc/internal/load"
	"github.com/flow-lang/flowc/codegen"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// generate compiles the program at path to Go, with the backend pebble if that is
// asked for. Findings are printed in format; if one is an error there is no code,
// and the error is errFound. A lock that is not what the program says is refused
// or told of, as l wants it. The module is that of the Go functions that the
// program calls, nil if there are none.
func (a *app) generate(path string, format *choice, l *lockFlag, pebble bool) (map[string][]byte, *gobuild.User, error) {
	var found diag.List
	all := newReport()
	p := load.Read(path, &found)
	prog := p.Check(&found)
	var user *gobuild.User
	var funcs map[string]codegen.GoFunc
	if prog != nil && !found.HasErrors() {
		var err error
		if user, funcs, err = externs(path, prog, &found); err != nil {
			return nil, nil, err
		}
	}
	all.add(p, &found)
	if err := a.finish(all, format); err != nil {
		return nil, nil, err
	}
	if p.Files.Main.Kind == lang.LibraryFile {
		return nil, nil, &failure{
			fmt.Errorf("%s is a library, and only a pipeline can run", path),
			fmt.Sprintf("%q checks a library", "flowc check "+path),
		}
	}
	graph := plan.Build(prog)
	job := plan.Schema(graph)
	if err := a.locked(path, &job, l); err != nil {
		return nil, nil, err
	}
	code, err := codegen.Generate(graph, codegen.Options{
		ImportPath: gobuild.ProgramModule,
		Hash:       p.Hash(),
		Flowc:      versionOf().Version,
		Pebble:     pebble,
		Externs:    funcs,
	})
	if err != nil {
		return nil, nil, &bugError{fmt.Sprintf("generate code for %s: %v", path, err)}
	}
	return code, user, nil
}

// builder prepares builds with the runtime that flowc carries.
func (a *app) builder(ctx context.Context, host bool) (*gobuild.Builder, error) {
	runtime, err := gobuild.ReadRuntime(flowc.Sources())
	if err != nil {
		return nil, &bugError{err.Error()}
	}
	b, err := gobuild.New(ctx, runtime, host)
	return b, explainBuild(err)
}

// binary builds code, unless the cache has the binary, and returns its path. The
// first build of all takes long, and a person who waits is told why.
func (a *app) binary(ctx context.Context, b *gobuild.Builder, code map[string][]byte) (string, error) {
	if b.First() && isTerminal(a.stderr) {
		fmt.Fprintln(a.stderr, "flowc: compiling the runtime, this once")
	}
	built, err := b.Binary(ctx, code)
	var extern *gobuild.ExternError
	if errors.As(err, &extern) {
		return "", externError(extern, code)
	}
	return built, explainBuild(err)
}

// explainBuild adds to an error of package gobuild what the user can do.
func explainBuild(err error) error {
	var compile *gobuild.CompileError
	var foreign *gobuild.ForeignFileError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &compile):
		return &bugError{fmt.Sprintf("%v; attach the file %s", compile, compile.Log)}
	case errors.As(err, &foreign):
		return &failure{err, "name a new or empty folder"}
	case errors.Is(err, gobuild.ErrModules):
		return &failure{err, "connect to the network for the first build; or leave out what needs the module: --backends memory"}
	case errors.Is(err, gobuild.ErrNoGo):
		return &failure{err, "install Go from https://go.dev/dl/ and put its bin folder on the PATH; \"go version\" then works"}
	case errors.Is(err, gobuild.ErrCache):
		return &failure{err, "set XDG_CACHE_HOME to a folder that you can write to"}
	}
	return err
}

// programName is how the pipeline of the program at path is called.
func programName(path string) string {
	return strings.TrimSuffix(filepath.Base(path), ".flow")
}
