//go:build unix

package flowc_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/reliability"
)

// sdks are the official SDKs of Stateful Functions, and how what sdks has for each
// is started. Where they are installed FLOW_SDKS says; .ci/sdks installs them.
var sdks = []struct {
	name  string
	start func(dir string) []string
}{
	{"go", func(dir string) []string { return []string{filepath.Join(dir, "go", "server")} }},
	{"python", func(dir string) []string {
		return []string{filepath.Join(dir, "python", "bin", "python"), filepath.Join("sdks", "python", "server.py")}
	}},
	{"js", func(dir string) []string {
		return []string{"env", "NODE_PATH=" + filepath.Join(dir, "js", "node_modules"), "node", filepath.Join("sdks", "js", "server.js")}
	}},
	{"java", func(dir string) []string {
		return []string{"java", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", filepath.Join(dir, "java", "classes") + ":" + filepath.Join(dir, "java", "lib", "*"), "Server"}
	}},
}

// sdkProgram builds a program of sdks, and returns it and where the SDKs are.
func sdkProgram(t *testing.T, name string) (dir, binary string) {
	t.Helper()
	if dir = os.Getenv("FLOW_SDKS"); dir == "" {
		t.Skip("needs the official SDKs of Stateful Functions: make sdks installs them and runs this")
	}
	binary = filepath.Join(t.TempDir(), name)
	build := exec.Command(flowc(t), "build", "--backends", "memory", "-o", binary, filepath.Join("sdks", name+".flow"))
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("flowc build: %v\n%s", err, out)
	}
	return dir, binary
}

// needSDK skips a test of an SDK that is not installed, or fails it where it must be.
func needSDK(t *testing.T, dir, name string) {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
		if slices.Contains(neededSDKs(), name) {
			t.Fatalf("the SDK is not installed: %v", err)
		}
		t.Skipf("the SDK is not installed: %v", err)
	}
}

// TestSDKs has functions that each official SDK serves interpret trees of commands,
// while the pipeline and the functions are killed: state, messages, delayed ones and
// output are those of a model.
func TestSDKs(t *testing.T) {
	dir, binary := sdkProgram(t, "verify")
	for _, sdk := range sdks {
		t.Run(sdk.name, func(t *testing.T) {
			needSDK(t, dir, sdk.name)
			v := &verification{
				t: t, binary: binary, dir: t.TempDir(), command: sdk.start(dir),
				model:  newSDKModel(reliability.FirstSeed(t), reliability.Size(50, 500, 500)), // ids, of two functions
				random: rand.New(rand.NewPCG(reliability.FirstSeed(t), 10)),
			}
			v.run(reliability.Size(2_000, 10_000, 100_000), reliability.Size(4, 10, 50))
			v.reached(reliability.Size(3, sdkDepth, sdkDepth), reliability.Size(50, 900, 1000))
			v.note(sdk.name)
		})
	}
}

// verification is a pipeline and a server of functions, both of which are killed.
type verification struct {
	t       *testing.T
	binary  string
	dir     string // of the pipeline's files
	command []string
	port    int
	model   *sdkModel
	random  *rand.Rand

	server, pipeline     *exec.Cmd
	heard                bytes.Buffer // of the pipeline that runs
	serverKills, jobKill int
	bad                  int
}

// run hands out trees until there are so many messages, and kills a process so often
// on the way, the pipeline and the functions by turns.
func (v *verification) run(messages, kills int) {
	v.port = freePort(v.t)
	v.serve()
	in, err := os.Create(filepath.Join(v.dir, "in.jsonl"))
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() {
		v.stop(v.server, syscall.SIGKILL)
		v.stop(v.pipeline, syscall.SIGKILL)
		_ = in.Close() // its writes have been checked
	}()
	v.start()
	for part := 1; part <= kills; part++ {
		w := bufio.NewWriter(in)
		e := json.NewEncoder(w)
		for until := messages * part / kills; v.model.node < until; {
			if err := e.Encode(v.model.tree(min(200, until-v.model.node))); err != nil {
				v.t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			v.t.Fatal(err)
		}
		time.Sleep(time.Duration(100+v.random.IntN(400)) * time.Millisecond)
		if part%2 == 0 {
			v.jobKill++
			v.stop(v.pipeline, syscall.SIGKILL)
			v.start()
		} else {
			v.serverKills++
			v.stop(v.server, syscall.SIGKILL)
			v.serve()
		}
	}
	v.await()
	v.stop(v.pipeline, syscall.SIGTERM)
	v.check()
}

// serve starts the functions and waits until they listen.
func (v *verification) serve() {
	args := append(slices.Clone(v.command[1:]), fmt.Sprint(v.port))
	v.server = exec.Command(v.command[0], args...)
	if err := v.server.Start(); err != nil {
		v.t.Fatal(err)
	}
	for range 600 {
		if c, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", v.port)); err == nil {
			_ = c.Close()
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	v.t.Fatalf("%v does not listen", v.command)
}

// start starts the pipeline, from the last checkpoint if there is one.
func (v *verification) start() {
	v.heard.Reset()
	v.pipeline = exec.Command(v.binary, "--param", fmt.Sprintf("endpoint=http://127.0.0.1:%d/statefun", v.port),
		"--checkpoint-to", "cp", "--checkpoint-interval", "200ms", "--savepoint-on-end", "end", "--parallelism", fmt.Sprint(1+v.random.IntN(3)))
	v.pipeline.Dir, v.pipeline.Stderr = v.dir, &v.heard
	if err := v.pipeline.Start(); err != nil {
		v.t.Fatal(err)
	}
}

// stop ends a process by a signal. One that has ended by itself is a failure.
func (v *verification) stop(cmd *exec.Cmd, signal syscall.Signal) {
	if cmd == nil || cmd.ProcessState != nil {
		return
	}
	_ = cmd.Process.Signal(signal) // what has ended says so below
	err := cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
		return
	}
	if err != nil || signal != syscall.SIGTERM {
		v.t.Fatalf("%v has ended: %v\n%s", cmd.Args, err, v.heard.String())
	}
}

// await waits until every message has been handled.
func (v *verification) await() {
	path, want := filepath.Join(v.dir, "said.jsonl"), len(v.model.said)
	seen, since := 0, time.Now()
	for {
		text, err := os.ReadFile(path)
		if err != nil {
			v.t.Fatal(err)
		}
		switch n := bytes.Count(text, []byte("\n")); {
		case n >= want:
			return
		case n != seen:
			seen, since = n, time.Now()
		case time.Since(since) > time.Minute:
			v.t.Fatalf("%d of %d messages have been handled, and for a minute none more\n%s", n, want, v.heard.String())
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// rows returns the lines of a file, sorted.
func (v *verification) rows(name string) []string {
	text, err := os.ReadFile(filepath.Join(v.dir, name))
	if err != nil {
		v.t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	slices.Sort(lines)
	return lines
}

// wrong notes that what there is differs from what must be.
func (v *verification) wrong(what string, want, got any) {
	if diff := cmp.Diff(want, got); diff != "" {
		v.bad++
		v.t.Errorf("%s (-want +got):\n%.4000s", what, diff)
	}
}

// check holds output and state against the model.
func (v *verification) check() {
	slices.Sort(v.model.said)
	slices.Sort(v.model.posted)
	v.wrong("what was said", v.model.said, v.rows("said.jsonl"))
	v.wrong("what was posted", v.model.posted, v.rows("posted.jsonl"))
	v.wrong("state", v.model.rows(), v.state())
}

// state returns the entries of the savepoint that the job has ended with, without
// times and what is under way, of which nothing may be left.
func (v *verification) state() (rows []string) {
	export := exec.Command(flowc(v.t), "savepoint", "export", filepath.Join(v.dir, "end"), "--format", "json")
	var said bytes.Buffer
	export.Stderr = &said
	out, err := export.Output()
	if err != nil {
		v.t.Fatalf("flowc savepoint export: %v\n%s", err, said.String())
	}
	for line := range strings.Lines(string(out)) {
		var e struct {
			UID, State, Key string
			Name            string `json:"map_key"`
			Type            struct{ Name string }
			Value           json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			v.t.Fatalf("%v: %s", err, line)
		}
		if e.State == "ends" {
			continue
		}
		var value bytes.Buffer
		if err := json.Compact(&value, e.Value); err != nil {
			v.t.Fatalf("%v: %s", err, line)
		}
		rows = append(rows, fmt.Sprintf("%s/%s %s %s %s %s", e.UID, e.Key, e.State, e.Name, e.Type.Name, &value))
	}
	slices.Sort(rows)
	return rows
}

// reached fails the test unless messages have gone so deep, to so many addresses.
func (v *verification) reached(levels, addresses int) {
	if v.model.deepest < levels || len(v.model.states) < addresses {
		v.t.Errorf("%d levels of messages and %d addresses, not %d and %d", v.model.deepest, len(v.model.states), levels, addresses)
	}
}

// note notes what has been done.
func (v *verification) note(sdk string) {
	reliability.Note(v.t, "SDK "+sdk, v.bad,
		reliability.Count{Name: "addresses", N: int64(len(v.model.states))}, reliability.Count{Name: "messages", N: int64(v.model.node)},
		reliability.Count{Name: "levels of messages", N: int64(v.model.deepest)},
		reliability.Count{Name: "delayed", N: int64(v.model.ops["after"])}, reliability.Count{Name: "cancellations", N: int64(v.model.ops["cancel"])},
		reliability.Count{Name: "kills of the pipeline", N: int64(v.jobKill)}, reliability.Count{Name: "kills of the functions", N: int64(v.serverKills)})
}
