//go:build unix

package flowc_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/flow-lang/flowc/reliability"
)

// killed are programs whose processes are killed, and where they write.
var killed = []struct {
	name    string
	outputs []string
}{
	{"lives", []string{"stays.jsonl", "pages.jsonl"}},
	{"families", []string{"out.jsonl"}},
	{"ended", []string{"out.jsonl"}},
	{"aggregates", []string{"out.jsonl"}},
	{"collections", []string{"out.jsonl"}},
	{"distinct", []string{"out.jsonl"}},
	{"groups", []string{"out.jsonl"}},
	{"several", []string{"both.jsonl", "sums.jsonl", "again.jsonl"}},
}

// killRows makes up input that fits all of them.
func killRows(random *rand.Rand, rows int) []byte {
	var b bytes.Buffer
	at := time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC)
	for range rows {
		at = at.Add(time.Duration(random.IntN(2000)) * time.Millisecond)
		user, n := random.IntN(500), random.IntN(12)
		fmt.Fprintf(&b, `{"user":"u%d","page":"p%d","item":"i%d","k":"k%d","what":"w%d","note":"n%d","tag":"YQ==","rate":%t,"at":%q,"n":%d}`+"\n",
			user, n%4, n%5, user, n%3, n%7, random.IntN(50) == 0, at.Format(time.RFC3339Nano), n)
	}
	return b.Bytes()
}

// killedJob is a binary whose process is killed, in a folder of its own.
type killedJob struct {
	binary, dir string
	args        []string
	outputs     []string
	input       []byte
	want        map[string][]string
}

// fresh empties the folder.
func (j *killedJob) fresh(t *testing.T) {
	t.Helper()
	if err := errors.Join(os.RemoveAll(j.dir), os.MkdirAll(j.dir, 0o777), os.WriteFile(filepath.Join(j.dir, "in.jsonl"), j.input, 0o666)); err != nil {
		t.Fatal(err)
	}
}

// run starts a process and kills it after a while, unless it ends before or after
// is 0. It reports whether it ended by itself.
func (j *killedJob) run(t *testing.T, after time.Duration, args ...string) (ended bool) {
	t.Helper()
	cmd := exec.Command(j.binary, args...)
	cmd.Dir = j.dir
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if after > 0 {
		timer := time.AfterFunc(after, func() { _ = cmd.Process.Kill() }) // fails if it has ended
		defer timer.Stop()
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return true
	case errors.As(err, &exit) && exit.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL:
		return false
	}
	t.Fatalf("%s: %v\n%s", strings.Join(cmd.Args, " "), err, said.String())
	return false
}

// lines returns what the sinks have, sorted.
func (j *killedJob) lines(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, name := range j.outputs {
		text, err := os.ReadFile(filepath.Join(j.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		all[name] = slices.Sorted(strings.Lines(string(text)))
	}
	return all
}

// check compares the output with that of an undisturbed run, and looks for what is
// left.
func (j *killedJob) check(t *testing.T) (bad int) {
	t.Helper()
	for name, got := range j.lines(t) {
		if !slices.Equal(got, j.want[name]) {
			bad++
			t.Errorf("%s: %s has %d lines that differ from the %d of an undisturbed run", filepath.Base(j.binary), name, len(got), len(j.want[name]))
		}
	}
	left, err := filepath.Glob(filepath.Join(j.dir, "cp", ".tmp*"))
	if err != nil || len(left) > 0 {
		bad++
		t.Errorf("%s: %v is left, %v", j.dir, left, err)
	}
	return bad
}

// kill kills the job so often, and lets it end then.
func (j *killedJob) kill(t *testing.T, random *rand.Rand, times int) (bad int) {
	j.fresh(t)
	for n := 0; n < times; {
		after := time.Duration(5+random.IntN(120)) * time.Millisecond
		if !j.run(t, after, append(j.args, "--parallelism", fmt.Sprint(1+random.IntN(4)))...) {
			n++
			continue
		}
		bad += j.check(t)
		j.fresh(t)
	}
	j.run(t, 0, j.args...)
	return bad + j.check(t)
}

// TestKilledProcesses kills the processes of eight pipelines at any time, with
// their state in memory and in Pebble: nothing is lost and nothing comes twice.
func TestKilledProcesses(t *testing.T) {
	t.Parallel()
	programs, times := killed, reliability.Size(3, 2, 60)
	backends := []string{"memory", "pebble"}
	if reliability.Tier() == "quick" {
		programs, backends = programs[:1], backends[:1]
	}
	compiler := flowc(t)
	random := rand.New(rand.NewPCG(reliability.FirstSeed(t), 15))
	input := killRows(random, 60_000)
	kills, bad := 0, 0
	for _, p := range programs {
		dir := t.TempDir()
		binary := filepath.Join(dir, p.name)
		build := exec.Command(compiler, "build", "--backends", strings.Join(backends, ","), "-o", binary, filepath.Join("golden", "gen", p.name, "case.flow"))
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("flowc build: %v\n%s", err, out)
		}
		j := &killedJob{binary: binary, dir: filepath.Join(dir, "run"), outputs: p.outputs, input: input}
		j.fresh(t)
		j.run(t, 0, "--parallelism", "2")
		j.want = j.lines(t)
		for _, backend := range backends {
			j.args = []string{"--checkpoint-to", "cp", "--checkpoint-interval", "20ms"}
			if backend == "pebble" {
				j.args = append(j.args, "--state", "pebble", "--state-dir", "state", "--cache-size", "4MiB")
			}
			bad += j.kill(t, random, times)
			kills += times
		}
	}
	reliability.Note(t, "T4", bad, reliability.Count{Name: "pipelines", N: int64(len(programs))},
		reliability.Count{Name: "backends", N: int64(len(backends))}, reliability.Count{Name: "kills", N: int64(kills)})
}

// TestSecondStartIsRefused: while a process runs, or is stopped, another on the
// same checkpoints is told who has them.
func TestSecondStartIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	program := "pipeline wait\nrecord R { n: int }\nsource rows: R = jsonl(\"in.jsonl\", follow: true)\nsink rows to jsonl(\"out.jsonl\")\n"
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "wait.flow"), []byte(program), 0o666), os.WriteFile(filepath.Join(dir, "in.jsonl"), nil, 0o666)); err != nil {
		t.Fatal(err)
	}
	build := exec.Command(flowc(t), "build", "--backends", "memory", "-o", "wait", "wait.flow")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("flowc build: %v\n%s", err, out)
	}
	first := exec.Command("./wait", "--checkpoint-to", "cp")
	first.Dir = dir
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = first.Process.Kill()
		_ = first.Wait() // killed
	}()
	for range 200 {
		if _, err := os.Stat(filepath.Join(dir, "cp", "holder")); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	for _, signal := range []syscall.Signal{syscall.SIGCONT, syscall.SIGSTOP} {
		if err := first.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		second := exec.Command("./wait", "--checkpoint-to", "cp")
		second.Dir = dir
		out, err := second.CombinedOutput()
		if err == nil || !strings.Contains(string(out), fmt.Sprintf("process %d on ", first.Process.Pid)) {
			t.Errorf("the second start, after %v: %v\n%s", signal, err, out)
		}
	}
}
