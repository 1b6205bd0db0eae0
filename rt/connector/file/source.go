package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"syscall"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/wire"
)

// Source reads files.
type Source struct {
	Path       string // a file, a directory, a pattern of package path/filepath, or Standard
	Format     Format
	Partitions int  // files that are read at once; 0 means 1
	Follow     bool // wait for rows that are added, until the job is stopped
	MaxRecord  int  // bytes from which a row is malformed; 0 means wire.MaxRecord
}

// Describe returns the source as in Flow.
func (s Source) Describe() string { return describe(s.Format, s.Path, "stdin") }

// Open finds the files and opens the first of each partition, so that a file
// that cannot be read fails the start. Standard input goes on with what comes.
func (s Source) Open(env *rt.Env, from []json.RawMessage) ([]rt.Reader, error) {
	if s.MaxRecord <= 0 {
		s.MaxRecord = wire.MaxRecord
	}
	if s.Path == Standard {
		if slices.Contains(env.Inputs(), Standard) {
			return nil, errors.New("stdin: another source reads standard input already, and each row can be had only once: name a file, or make two streams of one source")
		}
		env.Reads(Standard)
		in := env.Kept.Get(Standard, func() any { return newStandard(env.Stdin) }).(*standard)
		return []rt.Reader{s.reader(env, nil, in)}, nil
	}
	paths, err := s.find(env)
	if err != nil {
		return nil, err
	}
	for _, p := range paths {
		if err := checkPacking(s.Format, p); err != nil {
			return nil, err
		}
		if s.Follow && s.Format.packing(p) != nil {
			return nil, fmt.Errorf("%s: a packed file cannot be followed: take out follow, or unpack it", p)
		}
		env.Reads(p)
	}
	n := min(max(s.Partitions, 1), len(paths))
	if s.Follow && n > 1 {
		return nil, fmt.Errorf("%s: files that are followed are read one after another: take out partitions", s.Path)
	}
	shares, err := share(paths, n, from)
	if err != nil {
		return nil, err
	}
	var readers []rt.Reader
	for _, mine := range shares {
		r := s.reader(env, mine.paths, nil)
		r.note = n > 1
		r.gone = mine.read
		if err := r.start(mine.at); err != nil {
			return nil, errors.Join(err, r.Close())
		}
		readers = append(readers, r)
	}
	return readers, nil
}

func (s Source) reader(env *rt.Env, paths []string, standard *standard) *reader {
	r := &reader{source: s, env: env, paths: paths}
	if standard != nil {
		r.begin("stdin", standard, standard.regular)
		r.standard = standard
	}
	return r
}

// find returns the paths of all files, by name.
func (s Source) find(env *rt.Env) ([]string, error) {
	info, err := env.FS.Stat(s.Path)
	if err == nil && info.IsDir() {
		return s.inDirectory(env)
	}
	if err == nil || !strings.ContainsAny(s.Path, "*?[") {
		if err != nil {
			return nil, explain(s.Path, err)
		}
		return []string{s.Path}, nil
	}
	if _, err := filepath.Match(s.Path, ""); err != nil {
		return nil, fmt.Errorf("%s: a pattern that is not closed: write ] after the characters of [", s.Path)
	}
	paths, err := match(env, s.Path)
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s: no file matches; patterns are relative to the folder where the program runs", s.Path)
	}
	return paths, nil
}

// inDirectory returns the files in a directory but those whose names begin
// with a dot, which are not final.
func (s Source) inDirectory(env *rt.Env) ([]string, error) {
	names, err := env.FS.List(s.Path)
	if err != nil {
		return nil, explain(s.Path, err)
	}
	var paths []string
	for _, name := range names {
		path := env.FS.PathJoin(s.Path, name)
		if info, err := env.FS.Stat(path); err == nil && !info.IsDir() && !strings.HasPrefix(name, ".") {
			paths = append(paths, path)
		}
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("%s: the directory holds no file to read (names that begin with a dot do not count)", s.Path)
	}
	return paths, nil
}

// match returns the files that match a pattern, sorted. Patterns may stand in
// any element of the path.
func match(env *rt.Env, pattern string) ([]string, error) {
	dir, last := filepath.Split(pattern)
	dir = strings.TrimSuffix(dir, string(filepath.Separator))
	dirs := []string{dir}
	if strings.ContainsAny(dir, "*?[") {
		var err error
		if dirs, err = match(env, dir); err != nil {
			return nil, err
		}
	} else if dir == "" {
		dirs = []string{"."}
		if strings.HasPrefix(pattern, string(filepath.Separator)) {
			dirs[0] = string(filepath.Separator)
		}
	}
	var paths []string
	for _, d := range dirs {
		names, err := env.FS.List(d)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
			continue // nothing in it matches
		}
		if err != nil {
			return nil, explain(d, err)
		}
		for _, name := range names {
			if ok, _ := filepath.Match(last, name); ok && !strings.HasPrefix(name, ".") {
				if d == "." && dir == "" {
					paths = append(paths, name)
				} else {
					paths = append(paths, env.FS.PathJoin(d, name))
				}
			}
		}
	}
	sort.Strings(paths)
	return paths, nil
}

// isRegular reports whether in is a file on a disk or lies in memory, so that
// all of it can be read without waiting.
func isRegular(in io.Reader) bool {
	switch in := in.(type) {
	case interface{ Stat() (fs.FileInfo, error) }:
		info, err := in.Stat()
		return err == nil && info.Mode().IsRegular()
	case interface{ Len() int }: // bytes.Reader, strings.Reader, bytes.Buffer
		return true
	}
	return false
}
