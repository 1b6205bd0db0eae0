package cli

import (
	"encoding/json"
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// A version is what flowc knows of its own making.
type version struct {
	Version  string `json:"version"`  // of the module, or "devel"
	Revision string `json:"revision"` // of the source, "" if it is not known
	Modified bool   `json:"modified"` // the source was changed after the revision
	Go       string `json:"go"`       // toolchain that built flowc
	Platform string `json:"platform"` // such as linux/amd64
}

// versionOf reads the version that the Go linker put into the binary.
func versionOf() version {
	v := version{Version: "devel", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" && info.Main.Version != "(devel)" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Revision = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}

// versionCommand is "flowc version".
func (a *app) versionCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "version",
		Short:   "Print the version of flowc",
		Example: "  flowc version --format json",
		Args:    wantNothing,
	}
	format := addChoice(cmd, "format", "form of the version", "text", "json")
	cmd.RunE = func(*cobra.Command, []string) error {
		v := versionOf()
		if format.value == "json" {
			return json.NewEncoder(a.stdout).Encode(v)
		}
		fmt.Fprintf(a.stdout, "flowc %s\n", v.Version)
		if v.Revision != "" {
			changed := ""
			if v.Modified {
				changed = ", changed since"
			}
			fmt.Fprintf(a.stdout, "revision %s%s\n", v.Revision, changed)
		}
		fmt.Fprintf(a.stdout, "built with %s for %s\n", v.Go, v.Platform)
		return nil
	}
	return cmd
}
