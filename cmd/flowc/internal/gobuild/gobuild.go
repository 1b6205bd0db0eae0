// Package gobuild turns generated Go into a pipeline binary.
//
// In go the files that package codegen wrote and the runtime's sources that
// flowc carries; out comes the path of one static binary. The go command does
// the work, in a folder of the user's cache: where flowc was called, whether
// that folder can be written, and what Go settings the user has make no
// difference. Binaries are kept by content, so that an unchanged program is not
// built twice.
//
// The package never shows a word of the Go compiler to the user. Generated code
// that does not compile is a bug of flowc, and a [CompileError] says so.
package gobuild

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// linkFlags leave out what only a debugger reads.
const linkFlags = "-s -w"

// A CompileError says that generated code did not compile.
type CompileError struct {
	Log string // path of the file that holds what the Go compiler said
}

func (e *CompileError) Error() string {
	return "the generated Go code does not compile"
}

// A Builder builds pipelines. The zero value is not usable; see [New].
type Builder struct {
	runtime *Runtime
	goTool  *toolchain
	cache   string
	user    *User // the module of the program's own functions; nil if it has none
}

// Link makes the packages of a user's module part of what is built.
func (b *Builder) Link(u *User) { b.user = u }

// New prepares builds with the go command on the PATH; the error is ErrNoGo if
// there is none that will do. host asks for a binary that runs on this machine,
// whatever GOOS and GOARCH say.
func New(ctx context.Context, runtime *Runtime, host bool) (*Builder, error) {
	goTool, err := findGo(ctx, runtime.mod.goVersion, host)
	if err != nil {
		return nil, err
	}
	cache, err := openCache()
	if err != nil {
		return nil, err
	}
	return &Builder{runtime: runtime, goTool: goTool, cache: cache}, nil
}

// key names the binary that files give.
func (b *Builder) key(files map[string][]byte) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n%s\n%s\n", b.runtime.hash, b.goTool.identity(), linkFlags)
	hashFiles(sum, files)
	return hex.EncodeToString(sum.Sum(nil))[:hashLength]
}

// First reports whether no pipeline was ever built with this runtime, so that
// the next build compiles it, and takes longer than those after it.
func (b *Builder) First() bool {
	_, err := os.Stat(b.runtimeDir())
	return errors.Is(err, fs.ErrNotExist)
}

// Binary returns the path of the pipeline that files are the code of, building
// it unless the cache has it. The file belongs to the cache: run or copy it.
//
// The error is a *CompileError if files do not compile.
func (b *Builder) Binary(ctx context.Context, files map[string][]byte) (string, error) {
	path := filepath.Join(b.cache, binaryPrefix+b.key(files)+b.suffix())
	// What a user's module holds is known to the go command, and to no key.
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && b.user == nil {
		touch(path)
		return path, nil
	}
	defer prune(b.cache, time.Now())
	if err := b.putRuntime(); err != nil {
		return "", fmt.Errorf("%w: %w", ErrCache, err)
	}
	work, err := os.MkdirTemp(b.cache, workPrefix)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrCache, err)
	}
	defer os.RemoveAll(work)
	module, err := b.runtime.programModule(files, "../"+runtimePrefix+b.runtime.hash, b.user)
	if err != nil {
		return "", err
	}
	for _, tree := range []map[string][]byte{files, module} {
		if err := writeTree(work, tree); err != nil {
			return "", fmt.Errorf("%w: %w", ErrCache, err)
		}
	}
	if err := b.build(ctx, work); err != nil {
		return "", err
	}
	if err := publish(filepath.Join(work, builtName), path); err != nil {
		return "", fmt.Errorf("%w: %w", ErrCache, err)
	}
	return path, nil
}

// suffix is what a binary's name ends in on the system that it is built for.
func (b *Builder) suffix() string {
	if b.goTool.goos == "windows" {
		return ".exe"
	}
	return ""
}

func (b *Builder) runtimeDir() string {
	return filepath.Join(b.cache, runtimePrefix+b.runtime.hash)
}

// putRuntime writes the runtime's sources into the cache unless they are there.
func (b *Builder) putRuntime() error {
	dir := b.runtimeDir()
	if !b.First() {
		touch(dir)
		return nil
	}
	temp, err := os.MkdirTemp(b.cache, workPrefix)
	if err != nil {
		return err
	}
	if err := writeTree(temp, b.runtime.module()); err != nil {
		return errors.Join(err, os.RemoveAll(temp))
	}
	return publish(temp, dir)
}

// builtName is the binary's name in the folder of a build. It begins with a dot
// so that the go command sees no file of the package in it.
const builtName = ".built"

// build runs go build in work.
func (b *Builder) build(ctx context.Context, work string) error {
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags", linkFlags, "-o", builtName}
	if b.user != nil {
		args = append(args, "-mod=mod") // go.mod may lack what the user's packages need
	}
	cmd := b.goTool.command(ctx, work, append(args, "./cmd")...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exit) && missingModule.Match(said.Bytes()):
		return fmt.Errorf("%w: %s", ErrModules, bytes.TrimSpace(lastLine(said.Bytes())))
	case errors.As(err, &exit) && b.user != nil:
		if at := placeInExterns.FindSubmatch(said.Bytes()); at != nil {
			line, _ := strconv.Atoi(string(at[1])) // digits
			return &ExternError{Line: line}
		}
		return &ExternError{Said: strings.TrimSpace(said.String())}
	case errors.As(err, &exit) && placeInGo.Match(said.Bytes()):
		return b.compileError(work, said.Bytes())
	}
	return fmt.Errorf("go build failed: %w\n%s", err, strings.TrimSpace(said.String()))
}

// ErrModules is the error of a build that wants a Go module which is not on this
// machine and cannot be fetched.
var ErrModules = errors.New("a Go module cannot be fetched")

// missingModule is how the go command says so. In front there may be a place, as
// if the code were wrong.
var missingModule = regexp.MustCompile(`module lookup disabled|dial tcp|no such host|proxyconnect|i/o timeout|reading https?://|: Get "https?://`)

// lastLine returns the last line of a text.
func lastLine(text []byte) []byte {
	text = bytes.TrimSpace(text)
	return text[bytes.LastIndexByte(text, '\n')+1:]
}

// placeInGo is the place that begins each message of the Go compiler about a
// program. A build that fails without one failed for another reason: no disk
// space, no network.
var placeInGo = regexp.MustCompile(`(?m)^\S+\.go:\d+:\d+: `)

// placeInExterns is a place in the file that calls a user's functions.
var placeInExterns = regexp.MustCompile(`(?m)^(?:\./)?externs\.go:(\d+):\d+: `)

// compileError keeps what the Go compiler said, and the code that it said it of,
// in a file and returns the error that names it.
func (b *Builder) compileError(work string, said []byte) error {
	log, err := os.CreateTemp(b.cache, logPrefix+"*.txt")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCache, err)
	}
	fmt.Fprintf(log, "%s\nruntime %s\n\n%s", b.goTool.identity(), b.runtime.hash, said)
	err = fs.WalkDir(os.DirFS(work), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(filepath.Join(work, name))
		fmt.Fprintf(log, "\n-- %s --\n%s", name, text)
		return err
	})
	if err := errors.Join(err, log.Close()); err != nil {
		return fmt.Errorf("%w: %w", ErrCache, err)
	}
	return &CompileError{Log: log.Name()}
}
