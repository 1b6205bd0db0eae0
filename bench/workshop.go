package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// A workshop holds what is built for one run of the benchmarks.
type workshop struct {
	options
	dir   string // scratch, removed at the end
	root  string // of the repository
	flowc string
	built map[string]string // what was built already, by source
}

// newWorkshop builds flowc.
func newWorkshop(o options) (*workshop, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "flowc-bench-run-")
	if err != nil {
		return nil, err
	}
	w := &workshop{options: o, dir: dir, root: root, built: map[string]string{}}
	if w.flowc, err = w.goProgram("./cmd/flowc"); err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

func (w *workshop) close() { os.RemoveAll(w.dir) }

// goProgram builds a package of this repository and returns the binary.
func (w *workshop) goProgram(pkg string) (string, error) {
	return w.build(pkg, func(bin string) *exec.Cmd { return exec.Command("go", "build", "-o", bin, pkg) })
}

// flowProgram builds a Flow program and returns the binary.
func (w *workshop) flowProgram(file string) (string, error) {
	return w.build(file, func(bin string) *exec.Cmd { return exec.Command(w.flowc, "build", file, "-o", bin) })
}

// build runs the command that makes a binary from source, once for each source.
func (w *workshop) build(source string, command func(bin string) *exec.Cmd) (string, error) {
	if bin, ok := w.built[source]; ok {
		return bin, nil
	}
	bin := filepath.Join(w.dir, fmt.Sprintf("%d-%s", len(w.built), filepath.Base(source)))
	if out, err := command(bin).CombinedOutput(); err != nil {
		return "", fmt.Errorf("building %s: %w\n%s", source, err, bytes.TrimSpace(out))
	}
	w.built[source] = bin
	return bin, nil
}

// room makes a folder where a program runs, with input linked as in.jsonl; of an
// input that is a folder its files are.
func (w *workshop) room(input string) (string, error) {
	dir, err := os.MkdirTemp(w.dir, "room-")
	if err != nil {
		return "", err
	}
	files, err := os.ReadDir(input)
	if err != nil {
		return dir, os.Symlink(input, filepath.Join(dir, "in.jsonl"))
	}
	for _, f := range files {
		if err := os.Symlink(filepath.Join(input, f.Name()), filepath.Join(dir, f.Name())); err != nil {
			return "", err
		}
	}
	return dir, nil
}
