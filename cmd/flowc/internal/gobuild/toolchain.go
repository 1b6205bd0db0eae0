package gobuild

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/version"
	"os"
	"os/exec"
	"runtime"
	"strings"
)

// ErrNoGo is the error of a machine without a Go toolchain, or with one that is
// too old.
var ErrNoGo = errors.New("no Go toolchain")

// A toolchain is the go command that builds.
type toolchain struct {
	path    string
	version string // such as go1.26.2
	goos    string
	goarch  string
	env     []string // the environment of every go command
}

// findGo looks for the go command on the PATH and asks it for its version. min
// is the version that the runtime wants, such as 1.26. If host is set, the
// toolchain builds for this machine whatever GOOS and GOARCH say.
func findGo(ctx context.Context, min string, host bool) (*toolchain, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, fmt.Errorf("%w: there is no go command on the PATH", ErrNoGo)
	}
	t := &toolchain{path: path, env: environ(host)}
	cmd := t.command(ctx, "", "env", "-json", "GOVERSION", "GOOS", "GOARCH")
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s does not run: %w\n%s", ErrNoGo, path, err, &problems)
	}
	var vars struct{ GOVERSION, GOOS, GOARCH string }
	if err := json.Unmarshal(out, &vars); err != nil {
		return nil, fmt.Errorf("%w: %s is no go command: %w", ErrNoGo, path, err)
	}
	t.version, t.goos, t.goarch = vars.GOVERSION, vars.GOOS, vars.GOARCH
	if want := "go" + min; version.Compare(goVersion(t.version), want) < 0 {
		return nil, fmt.Errorf("%w: %s is %s, and flowc wants Go %s or newer", ErrNoGo, path, t.version, min)
	}
	return t, nil
}

// goVersion cuts what follows the version proper, as in "go1.26.1 X:nodwarf5".
func goVersion(v string) string {
	v, _, _ = strings.Cut(v, " ")
	v, _, _ = strings.Cut(v, "-")
	return v
}

// environ is the environment of a build: the caller's, but for what would make
// two callers build two different binaries.
func environ(host bool) []string {
	set := []string{
		"CGO_ENABLED=0",
		"GO111MODULE=on",
		"GOAMD64=v1",
		"GOEXPERIMENT=",
		"GOFLAGS=-trimpath", // not empty: that would bring back what "go env -w" has set
		"GOTOOLCHAIN=local",
		"GOWORK=off",
	}
	if host {
		set = append(set, "GOOS="+runtime.GOOS, "GOARCH="+runtime.GOARCH)
	}
	return append(os.Environ(), set...)
}

// command prepares the go command to run in dir.
func (t *toolchain) command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, t.path, args...)
	cmd.Dir = dir
	cmd.Env = t.env
	return cmd
}

// identity is all of t that decides what a build gives.
func (t *toolchain) identity() string {
	return strings.Join([]string{t.version, t.goos, t.goarch}, " ")
}
