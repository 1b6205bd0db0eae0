package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flow-lang/flowc/cmd/flowc/internal/cli"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts")

// caches is the cache of flowc that all tests share, so that the runtime is compiled
// once.
var caches string

// tests are the tests of this package, with what they share.
type tests struct{ *testing.M }

func (m tests) Run() int {
	var err error
	if caches, err = os.MkdirTemp("", "flowc-test-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(caches)
	return m.M.Run()
}

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, map[string]func(){
		"flowc": func() { os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// TestScripts runs testdata/script/COMMAND_CASE.txtar. The flowc in them is this
// test binary. They share one cache of flowc's, empty at first, and the Go
// command's own, so that the runtime is compiled once.
func TestScripts(t *testing.T) {
	t.Parallel()
	goCache, modules := goEnv(t, "GOCACHE"), goEnv(t, "GOMODCACHE")
	flowc, err := exec.LookPath("flowc")
	if err != nil {
		t.Fatal(err)
	}
	bin := filepath.Dir(flowc)
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("XDG_CACHE_HOME", caches)
			env.Setenv("GOCACHE", goCache)
			env.Setenv("GOMODCACHE", modules)
			env.Setenv("GOPROXY", "off") // a build fetches nothing
			env.Setenv("FULLPATH", env.Getenv("PATH"))
			env.Setenv("BIN", bin) // flowc and nothing else
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    exits,
			"generate": generate,
			"until":    until,
		},
	})
}

func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.Command("go", "env", name).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// generate writes a file that would be too long for a script, or no text:
//
//	generate FILE PART…
//
// where a part is the inside of a Go string literal, and before it how often it
// stands, if not once: 100000*{.
func generate(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: generate FILE PART…")
	}
	var text strings.Builder
	for _, part := range args[1:] {
		piece, err := repeated(part)
		ts.Check(err)
		text.WriteString(piece)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text.String()), 0o666))
}

// repeated returns the text of one part of generate.
func repeated(part string) (string, error) {
	count := 1
	if n, rest, ok := strings.Cut(part, "*"); ok {
		var err error
		if count, err = strconv.Atoi(n); err != nil {
			return "", fmt.Errorf("%q: %w", part, err)
		}
		part = rest
	}
	piece, err := strconv.Unquote(`"` + part + `"`)
	if err != nil {
		return "", fmt.Errorf("%q: %w", part, err)
	}
	return strings.Repeat(piece, count), nil
}

// until waits for a file to have a text, for two minutes at the most:
//
//	until FILE TEXT
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: until FILE TEXT")
	}
	var text []byte
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if text, _ = os.ReadFile(ts.MkAbs(args[0])); strings.Contains(string(text), args[1]) {
			return
		}
	}
	ts.Fatalf("%s has no %s, but\n%s", args[0], args[1], text)
}

// exits runs a command that must end with the code that stands before it:
//
//	exits CODE COMMAND [ARG…]
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG…]")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		code = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("exit code %d, want %s", code, args[0])
	}
}
