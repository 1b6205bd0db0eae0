package gobuild

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The cache folder holds, and nothing else:
//
//	rt-HASH/    the runtime's sources
//	bin-HASH    a pipeline binary
//	work-N/     a build at work, or what one that was killed left behind
//	log-N.txt   what the Go compiler said when generated code did not compile
//
// Everything is written under a name of its own and renamed when it is whole,
// so any number of flowc may use the folder at once without a lock.
const (
	runtimePrefix = "rt-"
	binaryPrefix  = "bin-"
	workPrefix    = "work-"
	logPrefix     = "log-"
)

// What the cache keeps. Each use touches an entry, so that one in use is young.
const (
	workAge     = time.Hour           // a build older than this is none at work
	minAge      = 10 * time.Minute    // no binary younger than this is removed
	maxAge      = 30 * 24 * time.Hour // everything older is
	maxBinaries = 64                  // of 3 to 12 MB each
)

// ErrCache is the error of a cache folder that is missing or cannot be written.
var ErrCache = errors.New("cannot use the cache folder")

// openCache returns the path of the cache folder, which is made if it is
// missing.
func openCache() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrCache, err)
	}
	dir := filepath.Join(base, "flowc")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("%w: %w", ErrCache, err)
	}
	return dir, nil
}

// touch marks the entry at path as used now. A failure is not worth a word: the
// entry is only removed a little earlier.
func touch(path string) {
	now := time.Now()
	_ = os.Chtimes(path, now, now)
}

// writeTree writes files, by slash path, below dir.
func writeTree(dir string, files map[string][]byte) error {
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// publish renames the whole temp to path. If another flowc was faster, its
// entry stays: both have the same content.
func publish(temp, path string) error {
	err := os.Rename(temp, path)
	if err == nil {
		return nil
	}
	if _, statErr := os.Stat(path); statErr == nil {
		return os.RemoveAll(temp)
	}
	return err
}

// prune removes what the cache keeps no longer. Another flowc may do the same
// at the same time, so what is gone already is no error; nor is what cannot be
// removed, for the next run tries again.
func prune(dir string, now time.Time) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	var binaries []fs.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue // removed just now
		}
		age := now.Sub(info.ModTime())
		work, binary := strings.HasPrefix(e.Name(), workPrefix), strings.HasPrefix(e.Name(), binaryPrefix)
		switch {
		case work && age > workAge, age > maxAge && ours(e.Name()):
			_ = os.RemoveAll(filepath.Join(dir, e.Name()))
		case binary && age > minAge:
			binaries = append(binaries, info)
		}
	}
	slices.SortFunc(binaries, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	for _, info := range binaries[min(len(binaries), maxBinaries):] {
		_ = os.Remove(filepath.Join(dir, info.Name()))
	}
}

// ours reports whether name is one that flowc gives in its cache.
func ours(name string) bool {
	for _, prefix := range []string{runtimePrefix, binaryPrefix, workPrefix, logPrefix} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
