package rig

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"

	"github.com/flow-lang/flowc/rt"
)

// Main is the main function of a test binary: it runs the tests whose name fits
// the regular expression that is its only argument, or all, and writes what each
// gave to standard output. How they end is flowc's to judge.
func Main(spec rt.Spec, tests []Test) {
	if err := run(spec, tests, os.Args[1:]); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(spec rt.Spec, tests []Test, args []string) error {
	chosen := regexp.MustCompile("")
	if len(args) > 0 {
		var err error
		if chosen, err = regexp.Compile(args[0]); err != nil {
			return err
		}
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, t := range tests {
		if !chosen.MatchString(t.Name) {
			continue
		}
		if err := out.Encode(Do(spec, t)); err != nil {
			return err
		}
	}
	return nil
}
