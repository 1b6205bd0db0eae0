package flowc_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// examples are the programs under examples with what they read from standard
// input and what they must print. The expected files were not written by flowc
// but by a short program that does the same work another way.
var examples = []struct {
	name  string
	stdin string
	want  string
}{
	{name: "temperature", want: "temperature.jsonl"},
	{name: "filter_map", want: "filter_map.csv"},
	{name: "sessions", want: "sessions.jsonl"},
	{name: "balances", want: "balances.jsonl"},
	{name: "shell_pipe", stdin: "requests.jsonl", want: "shell_pipe.jsonl"},
}

func TestEveryExampleIsTested(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("examples/*.flow")
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, path := range paths {
		got = append(got, strings.TrimSuffix(filepath.Base(path), ".flow"))
	}
	for _, example := range examples {
		want = append(want, example.name)
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("programs under examples (-want +got):\n%s", diff)
	}
}

// TestExamples runs each example with one shard and with three: the lines are the
// same, their order between keys is not promised.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, example := range examples {
		for _, shards := range []string{"1", "3"} {
			t.Run(example.name+"/"+shards, func(t *testing.T) {
				t.Parallel()
				dir := workspace(t)
				var stdin io.Reader
				if example.stdin != "" {
					text, err := os.ReadFile(filepath.Join("examples", "data", example.stdin))
					if err != nil {
						t.Fatal(err)
					}
					stdin = bytes.NewReader(text)
				}
				program := "examples/" + example.name + ".flow"
				cmd := exec.Command(flowc(t), "run", program, "--", "--quiet", "--parallelism", shards)
				cmd.Dir, cmd.Stdin = dir, stdin
				var stderr bytes.Buffer
				cmd.Stderr = &stderr
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("flowc run %s: %v\n%s", program, err, stderr.Bytes())
				}
				if diff := cmp.Diff(sortedLines(t, filepath.Join("examples", "testdata", example.want)), sorted(string(out))); diff != "" {
					t.Errorf("flowc run %s (-want +got):\n%s", program, diff)
				}
			})
		}
	}
}

// TestRefusedEntries looks at what the example of a policy for errors sets
// aside: each entry with its reason and the position of the failure.
func TestRefusedEntries(t *testing.T) {
	t.Parallel()
	dir := workspace(t)
	cmd := exec.Command(flowc(t), "run", "examples/balances.flow", "--", "--quiet")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("flowc run: %v\n%s", err, out)
	}
	want := sortedLines(t, filepath.Join("examples", "testdata", "refused.jsonl"))
	got := sortedLines(t, filepath.Join(dir, "examples", "out", "refused.jsonl"))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("refused.jsonl (-want +got):\n%s", diff)
	}
}

// sortedLines returns the lines of the file at path in order.
func sortedLines(t *testing.T, path string) []string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return sorted(string(text))
}

// sorted returns the lines of text in order.
func sorted(text string) []string {
	return slices.Sorted(strings.SplitSeq(strings.TrimSuffix(text, "\n"), "\n"))
}
