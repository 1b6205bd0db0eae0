package flowc_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestRemoteExamples runs the examples whose functions are served by the official
// SDKs, as their pages say.
func TestRemoteExamples(t *testing.T) {
	python := sdkPython(t)
	dir := filepath.Join(workspace(t), "examples")
	t.Run("greeter", func(t *testing.T) {
		port := serveExample(t, filepath.Join(dir, "greeter"), python, "greeter.py")
		runRemoteExample(t, dir, "greeter", "endpoint="+port)
	})
	t.Run("cart", func(t *testing.T) {
		build := exec.Command("go", "build", "-o", "server", ".")
		build.Dir = filepath.Join(dir, "cart", "stock")
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("go build: %v\n%s", err, out)
		}
		cart := serveExample(t, filepath.Join(dir, "cart"), python, "cart.py")
		stock := serveExample(t, build.Dir, filepath.Join(build.Dir, "server"))
		runRemoteExample(t, dir, "cart", "cart="+cart, "stock="+stock)
	})
}

// sdkPython returns a Python that has the SDK: that which .ci/sdks has installed, or
// the one on the PATH.
func sdkPython(t *testing.T) string {
	t.Helper()
	python := "python3"
	if dir := os.Getenv("FLOW_SDKS"); dir != "" {
		python = filepath.Join(dir, "python", "bin", "python")
	}
	err := exec.Command(python, "-c", "import aiohttp, statefun").Run()
	switch {
	case err == nil:
	case slices.Contains(neededSDKs(), "python"):
		t.Fatalf("%s has not the SDK of Stateful Functions: %v", python, err)
	default:
		t.Skipf("needs the Python SDK of Stateful Functions: make sdks, or pip install apache-flink-statefun aiohttp (%v)", err)
	}
	return python
}

// serveExample starts a server with a port as its last argument, and returns the
// address of its functions when it listens.
func serveExample(t *testing.T, dir string, command ...string) string {
	t.Helper()
	port := fmt.Sprint(freePort(t))
	cmd := exec.Command(command[0], append(slices.Clone(command[1:]), port)...)
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	})
	for range 600 {
		if c, err := net.Dial("tcp", "127.0.0.1:"+port); err == nil {
			_ = c.Close()
			return "http://127.0.0.1:" + port + "/statefun"
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%v does not listen", cmd.Args)
	return ""
}

// runRemoteExample runs an example with parameters and compares what it prints.
func runRemoteExample(t *testing.T, dir, name string, params ...string) {
	t.Helper()
	args := []string{"run", name + ".flow", "--", "--quiet"}
	for _, p := range params {
		args = append(args, "--param", p)
	}
	run := exec.Command(flowc(t), args...)
	run.Dir = filepath.Join(dir, name)
	var stderr strings.Builder
	run.Stderr = &stderr
	out, err := run.Output()
	if err != nil {
		t.Fatalf("flowc run: %v\n%s", err, stderr.String())
	}
	want := sortedLines(t, filepath.Join("examples", "testdata", name+".jsonl"))
	if diff := cmp.Diff(want, sorted(string(out))); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// neededSDKs are those whose tests may not be skipped.
func neededSDKs() []string { return strings.Fields(os.Getenv("CI_NEEDS_SDKS")) }

// freePort returns a port that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() // it is given back
	return l.Addr().(*net.TCPAddr).Port
}
