// Package models holds every operator of the library against a plain loop that
// was written from its documentation: random records, out of order and late; the
// process killed anywhere and started again with another parallelism and another
// backend of state.
//
// The programs are in testdata. The test of package stdlib compiles them, lays
// them over this package in place of the empty list below, and runs its tests:
// generated code that only they need is in nobody's build.
package models

import "github.com/flow-lang/flowc/rt"

// Programs are the compiled programs by their name.
var Programs = map[string]func() rt.Spec{}
