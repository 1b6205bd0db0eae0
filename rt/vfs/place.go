package vfs

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Opener makes the file system that a URL speaks of, and says what the URL's path
// is called there.
type Opener func(url string) (system FS, path string, err error)

var (
	openersMu sync.Mutex
	openers   = map[string]Opener{}
)

// Register makes URLs of a scheme known. A package that is linked for its kind of
// store calls it in its init.
func Register(scheme string, open Opener) {
	openersMu.Lock()
	defer openersMu.Unlock()
	openers[scheme] = open
}

// At returns the file system that a place is on, and its path there: a path of
// system, also written as a URL that begins with file://, or a URL of a scheme that
// is known.
func At(system FS, place string) (FS, string, error) {
	scheme, rest, isURL := strings.Cut(place, "://")
	switch {
	case !isURL:
		return system, place, nil
	case scheme == "file":
		return system, rest, nil
	}
	openersMu.Lock()
	open := openers[scheme]
	known := slices.Sorted(maps.Keys(openers))
	openersMu.Unlock()
	if open != nil {
		return open(place)
	}
	if len(known) > 0 {
		return nil, "", fmt.Errorf("%s: there is no store for %s: give a directory, or a URL of %s", place, scheme, strings.Join(known, ", "))
	}
	return nil, "", fmt.Errorf("%s: this program has no store for %s: build it with flowc build --stores folders,buckets, or give a directory", place, scheme)
}

// Exclusive is a file system that makes a file with its content at once, unless
// there is one: the error is then fs.ErrExist. What has been made lasts.
type Exclusive interface {
	PutNew(name string, data []byte) error
}
