package cli

import (
	"errors"
	"strings"

	"github.com/flow-lang/flowc/cmd/flowc/internal/gobuild"
	"github.com/flow-lang/flowc/codegen"
)

// A backendsFlag says which backends of state a binary has.
type backendsFlag struct{ pebble bool }

// String, Set and Type implement pflag.Value.
func (b *backendsFlag) String() string {
	if b.pebble {
		return "memory,pebble"
	}
	return "memory"
}

// Type names the values in the help.
func (b *backendsFlag) Type() string { return "LIST" }

// Set takes a list of backends. Memory is always there.
func (b *backendsFlag) Set(list string) error {
	b.pebble = false
	for name := range strings.SplitSeq(list, ",") {
		switch name {
		case "memory":
		case "pebble":
			b.pebble = true
		default:
			return &choiceError{name, []string{"memory", "memory,pebble"}}
		}
	}
	return nil
}

// wantedLinks returns what the flags for a pipeline ask for. Only one that serves
// has a server.
func wantedLinks(flags []string) codegen.Links {
	serves := hasFlag(flags, "http")
	links := codegen.Links{NoServer: !serves, Metrics: serves}
	for i, f := range flags {
		links.Zstd = links.Zstd || strings.HasSuffix(f, ".zst")
		links.Buckets = links.Buckets || strings.Contains(f, "s3://") || strings.Contains(f, "mem://")
		name, v, whole := flagOf(f)
		if name != "state" {
			continue
		}
		if !whole && i+1 < len(flags) {
			v = flags[i+1]
		}
		links.Pebble = links.Pebble || v == "pebble"
	}
	return links
}

// without returns links without those that nobody has asked for, where a build has
// failed with err as their modules are not here, and says what the binary lacks. ok
// is false if it is no such build.
func (a *app) without(err error, links, asked codegen.Links) (less codegen.Links, ok bool) {
	if !errors.Is(err, gobuild.ErrModules) || asked.Pebble || asked.Zstd || asked.Buckets || asked.Metrics {
		return links, false
	}
	var lacks []string
	if links.Metrics && !links.NoServer {
		lacks = append(lacks, "does not answer /metrics")
	}
	if links.Pebble {
		lacks = append(lacks, "cannot hold state in pebble")
	}
	if links.Zstd {
		lacks = append(lacks, "cannot use .zst files that only a parameter names")
	}
	if lacks == nil {
		return links, false
	}
	a.complain("the Go modules are not on this machine and could not be fetched, so the binary "+strings.Join(lacks, ", "),
		"flowc build --backends memory,pebble says why; for all else the binary is as good")
	return codegen.Links{NoServer: links.NoServer}, true
}

// flagOf takes an argument of a pipeline apart that is a flag, whole if its value
// stands with it; name is "" of others.
func flagOf(arg string) (name, value string, whole bool) {
	if !strings.HasPrefix(arg, "-") {
		return "", "", false
	}
	return strings.Cut(strings.TrimLeft(arg, "-"), "=")
}

// A storesFlag says where the checkpoints and savepoints of a binary can lie.
type storesFlag struct{ buckets bool }

// String, Set and Type implement pflag.Value.
func (f *storesFlag) String() string {
	if f.buckets {
		return "folders,buckets"
	}
	return "folders"
}

// Type names the values in the help.
func (f *storesFlag) Type() string { return "LIST" }

// Set takes a list of stores. Folders are always there.
func (f *storesFlag) Set(list string) error {
	f.buckets = false
	for name := range strings.SplitSeq(list, ",") {
		switch name {
		case "folders":
		case "buckets":
			f.buckets = true
		default:
			return &choiceError{name, []string{"folders", "folders,buckets"}}
		}
	}
	return nil
}
