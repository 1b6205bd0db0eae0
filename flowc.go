// Package flowc carries the runtime's sources and the reference of the language
// inside the flowc command.
//
// A pipeline is generated Go linked with package rt. Because the sources travel
// with the compiler, a machine needs Go and flowc to build a pipeline, and
// neither a checkout of this repository nor a network. The package holds data
// only; cmd/flowc/internal/gobuild chooses what of it a build needs.
package flowc

import (
	"embed"
	"io/fs"
)

//go:embed go.mod go.sum rt
var sources embed.FS

//go:embed docs/language.md
var language string

// Language returns the reference of the language, docs/language.md.
func Language() string { return language }

// Sources returns the files of this module that a pipeline may be built from:
// go.mod, go.sum and the tree below rt, tests included.
func Sources() fs.FS { return sources }
