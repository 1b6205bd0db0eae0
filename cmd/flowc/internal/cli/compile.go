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
	"github.com/flow-lang/flowc/compat"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// compiled is a program as Go.
type compiled struct {
	code map[string][]byte
	user *gobuild.User // the module of the Go functions that it calls; nil if there are none

	side func() compat.Side // for a check
}

// generate compiles the program at path to Go that is linked with links. Findings are printed in format; if one is an error there is no code,
// and the error is errFound. A lock that is not what the program says is refused
// or told of, as l wants it.
func (a *app) generate(path string, format *choice, l *lockFlag, links codegen.Links) (*compiled, error) {
	return a.generateAs(path, format, l, links, nil)
}

// generateAs is generate for a program that edit has changed, whose warnings are of no
// interest. l is nil if the lock says nothing about it.
func (a *app) generateAs(path string, format *choice, l *lockFlag, links codegen.Links, edit func(*ir.Program)) (*compiled, error) {
	var found diag.List
	all := newReport()
	p := load.Read(path, &found)
	prog := p.Check(&found)
	var c compiled
	var funcs map[string]codegen.GoFunc
	if prog != nil && !found.HasErrors() {
		var err error
		if c.user, funcs, err = externs(path, prog, &found); err != nil {
			return nil, err
		}
	}
	if edit == nil || found.HasErrors() {
		all.add(p, &found)
	}
	if err := a.finish(all, format); err != nil {
		return nil, err
	}
	if p.Files.Main.Kind == lang.LibraryFile {
		return nil, &failure{
			fmt.Errorf("%s is a library, and only a pipeline can run", path),
			fmt.Sprintf("%q checks a library", "flowc check "+path),
		}
	}
	if edit != nil {
		edit(prog)
	}
	graph := plan.Build(prog)
	c.side = func() compat.Side { return sideOf(p, prog, graph, path, p.Shown) }
	lock := ""
	var err error
	if l != nil {
		job := plan.Schema(graph)
		if lock, err = a.locked(path, &job, l); err != nil {
			return nil, err
		}
	}
	c.code, err = codegen.Generate(graph, codegen.Options{
		ImportPath: gobuild.ProgramModule,
		Hash:       p.Hash(),
		Flowc:      versionOf().Version,
		Lock:       lock,
		Links:      links,
		Externs:    funcs,
	})
	if err != nil {
		return nil, &bugError{fmt.Sprintf("generate code for %s: %v", path, err)}
	}
	return &c, nil
}

// builder prepares builds with the runtime that flowc carries, linked with what
// c calls.
func (a *app) builder(ctx context.Context, c *compiled, host bool) (*gobuild.Builder, error) {
	runtime, err := gobuild.ReadRuntime(flowc.Sources())
	if err != nil {
		return nil, &bugError{err.Error()}
	}
	b, err := gobuild.New(ctx, runtime, host)
	if err != nil {
		return nil, explainBuild(err)
	}
	b.Link(c.user)
	return b, nil
}

// binary builds code, unless the cache has the binary, and returns its path. The
// first build of all takes long, and a person who waits is told why.
func (a *app) binary(ctx context.Context, b *gobuild.Builder, c *compiled) (string, error) {
	if b.First() && isTerminal(a.stderr) {
		fmt.Fprintln(a.stderr, "flowc: compiling the runtime, this once")
	}
	built, err := b.Binary(ctx, c.code)
	var extern *gobuild.ExternError
	if errors.As(err, &extern) {
		return "", externError(extern, c.code)
	}
	return built, explainBuild(err)
}

// built returns a binary of code for this machine.
func (a *app) built(ctx context.Context, code *compiled) (string, error) {
	b, err := a.builder(ctx, code, true)
	if err != nil {
		return "", err
	}
	return a.binary(ctx, b, code)
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
