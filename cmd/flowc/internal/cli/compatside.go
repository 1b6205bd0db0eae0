package cli

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/flow-lang/flowc/cmd/flowc/internal/load"
	"github.com/flow-lang/flowc/compat"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
)

// lockOf is the path of a program's lock file.
func lockOf(program string) string { return program + ".lock" }

// programSide reads the program at file, which must be free of mistakes. name is
// what the report calls it, and shown gives the names of its files, nil for the
// usual ones.
func (a *app) programSide(file, name string, shown func(string) string) (compat.Side, error) {
	var found diag.List
	all := newReport()
	p := load.Read(file, &found)
	prog := p.Check(&found)
	all.add(p, &found)
	// Warnings are for "flowc check": here they would hide what was asked for.
	if found.HasErrors() {
		return compat.Side{}, a.finish(all, &choice{value: "text"})
	}
	if p.Files.Main.Kind == lang.LibraryFile {
		return compat.Side{}, &failure{fmt.Errorf("%s is a library, and only a pipeline has state", name), "name a file that begins with \"pipeline\""}
	}
	if shown == nil {
		shown = p.Shown
	} else {
		outer := shown
		shown = func(file string) string { return outer(p.Shown(file)) }
	}
	return sideOf(p, prog, plan.Build(prog), name, shown), nil
}

// sideOf is a program that has been read and checked.
func sideOf(p *load.Program, prog *ir.Program, graph *plan.Graph, name string, shown func(string) string) compat.Side {
	job := plan.Schema(graph)
	side := compat.Side{Name: name, Job: &job, Places: compat.PlacesOf(prog, shown), Texts: map[string]string{}}
	for file, text := range p.Texts {
		side.Texts[shown(file)] = text
	}
	return side
}

// readLock reads the lock file at path, which people know as shown.
func readLock(path, shown string) (*compat.Lock, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	l, err := compat.ReadLock(string(text))
	var wrong *compat.LockError
	if errors.As(err, &wrong) {
		return nil, &failure{fmt.Errorf("%s: %w", shown, wrong), wrong.Help}
	}
	return l, err
}

// lockSide reads the last epoch of a lock file, which people know as shown.
func lockSide(path, shown string) (compat.Side, *compat.Lock, error) {
	l, err := readLock(path, shown)
	if err != nil {
		return compat.Side{}, nil, err
	}
	job, err := l.Job(l.Latest())
	if err != nil {
		return compat.Side{}, nil, &failure{fmt.Errorf("%s: %w", shown, err), "take the file from the revision that was released"}
	}
	return compat.Side{Name: shown, Job: job}, l, nil
}

// oldSide reads what a program is held against: "" for its lock. The lock is nil
// if it is none.
func (a *app) oldSide(ctx context.Context, program, against string) (compat.Side, *compat.Lock, error) {
	kind, rest, _ := strings.Cut(against, ":")
	switch {
	case against == "":
		side, l, err := lockSide(lockOf(program), lockOf(program))
		if errors.Is(err, fs.ErrNotExist) {
			err = &failure{
				fmt.Errorf("there is no %s to hold the program against", lockOf(program)),
				fmt.Sprintf("%q writes it for what is released now; or name something else with --against", "flowc lock "+program),
			}
		}
		return side, l, err
	case kind == "git":
		return a.gitSide(ctx, program, rest)
	case kind == "savepoint":
		side, err := savepointSide(rest)
		return side, nil, err
	case kind == "http" || kind == "https":
		side, err := runningSide(ctx, against)
		return side, nil, err
	case strings.HasSuffix(against, ".lock"):
		return lockSide(against, against)
	}
	side, err := a.programSide(against, against, nil)
	return side, nil, err
}

// gitSide reads a program or a lock as it was in a revision, REV or REV:PATH, from the
// repository of program. The work tree is left alone.
func (a *app) gitSide(ctx context.Context, program, at string) (compat.Side, *compat.Lock, error) {
	tmp, file, err := checkout(ctx, program, at)
	if err != nil {
		return compat.Side{}, nil, err
	}
	defer os.RemoveAll(tmp)
	if strings.HasSuffix(file, ".lock") {
		return lockSide(file, "git:"+at)
	}
	rev, _, _ := strings.Cut(at, ":")
	side, err := a.programSide(file, "git:"+at, func(file string) string {
		rel, err := filepath.Rel(tmp, file)
		if err != nil {
			return file
		}
		return "git:" + rev + ":" + filepath.ToSlash(rel)
	})
	return side, nil, err
}

// checkout puts the programs of a revision, REV or REV:PATH, into a new folder,
// and returns it and where the named one lies in it.
func checkout(ctx context.Context, program, at string) (tmp, file string, err error) {
	rev, inside, named := strings.Cut(at, ":")
	dir := filepath.Dir(program)
	prefix, err := git(ctx, dir, "rev-parse", "--show-prefix")
	if err != nil {
		return "", "", err
	}
	here := strings.TrimRight(string(prefix), "\r\n")
	switch {
	case !named:
		inside = path.Join(here, filepath.Base(program))
	case strings.HasPrefix(inside, "./"), strings.HasPrefix(inside, "../"): // as git reads it
		inside = path.Join(here, inside)
	}
	if rev == "" || strings.HasPrefix(rev, "-") {
		return "", "", &usageError{fmt.Sprintf("%q is no revision", rev), "write git:REV or git:REV:PATH, such as git:v1.2 or git:main:app.flow"}
	}
	list, err := git(ctx, dir, "ls-tree", "-r", "-z", "--full-tree", "--name-only", rev)
	if err != nil {
		return "", "", err
	}
	paths := []string{"archive", "--format=tar", rev, "--"}
	there := false
	for _, name := range strings.Split(string(list), "\x00") {
		if strings.HasSuffix(name, ".flow") || path.Base(name) == "flow.mod" || name == inside {
			paths = append(paths, ":(top,literal)"+name)
			there = there || name == inside
		}
	}
	if !there {
		return "", "", &failure{fmt.Errorf("there is no %s in revision %s", inside, rev), "name the file as it was called there: git:" + rev + ":PATH"}
	}
	top, err := git(ctx, dir, "rev-parse", "--show-toplevel")
	if err != nil {
		return "", "", err
	}
	tree, err := git(ctx, strings.TrimRight(string(top), "\r\n"), paths...)
	if err != nil {
		return "", "", err
	}
	if tmp, err = os.MkdirTemp("", "flowc-git-"); err != nil {
		return "", "", err
	}
	if err := unpack(tree, tmp); err != nil {
		return "", "", errors.Join(fmt.Errorf("revision %s: %w", rev, err), os.RemoveAll(tmp))
	}
	return tmp, filepath.Join(tmp, filepath.FromSlash(inside)), nil
}

// git runs git in dir and returns what it says.
func git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	var out, problem bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &problem
	if err := cmd.Run(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, &failure{errors.New("git is not there"), "install git, or hold the program against a file"}
		}
		return nil, &failure{fmt.Errorf("git %s: %s", args[0], strings.TrimSpace(problem.String())), "--against git:REV wants a revision of the repository that the program is in"}
	}
	return out.Bytes(), nil
}

// unpack writes the files of a tar archive below dir.
func unpack(archive []byte, dir string) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	files := tar.NewReader(bytes.NewReader(archive))
	for {
		h, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		if h.Size > load.MaxSize {
			return fmt.Errorf("%s is longer than a program may be", h.Name)
		}
		name := filepath.FromSlash(h.Name)
		if err := root.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return err
		}
		text, err := io.ReadAll(files)
		if err != nil {
			return err
		}
		if err := root.WriteFile(name, text, 0o600); err != nil {
			return err
		}
	}
}
