package rt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/schema"
)

func TestParseArgs(t *testing.T) {
	t.Parallel()
	params := filepath.Join(t.TempDir(), "params")
	if err := os.WriteFile(params, []byte("# limits\nleast = 5\n\nmost=9\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name    string
		args    []string
		want    command
		wantErr string
	}{
		{name: "nothing", want: command{name: "run"}},
		{name: "parameters", args: []string{"--param", "a=1", "--param=b=x=y"}, want: command{name: "run", params: map[string]string{"a": "1", "b": "x=y"}}},
		{name: "parameter file", args: []string{"--param-file", params, "--param", "most=10"}, want: command{name: "run", params: map[string]string{"least": "5", "most": "10"}}},
		{name: "parallelism", args: []string{"--parallelism", "3", "--quiet"}, want: command{name: "run", parallelism: 3, quiet: true}},
		{name: "describe", args: []string{"describe", "--format", "json"}, want: command{name: "describe", format: "json"}},
		{name: "help wins", args: []string{"--help", "--nonsense"}, want: command{name: "help"}},
		{name: "misspelt flag", args: []string{"--paralelism", "2"}, wantErr: `unknown flag "--paralelism": did you mean "--parallelism"?`},
		{name: "misspelt command", args: []string{"descripe"}, wantErr: `unknown command "descripe": did you mean "describe"?`},
		{name: "no value", args: []string{"--parallelism"}, wantErr: "--parallelism wants a value: --parallelism N"},
		{name: "value too much", args: []string{"--quiet=yes"}, wantErr: "--quiet takes no value"},
		{name: "zero shards", args: []string{"--parallelism=0"}, wantErr: `--parallelism: want a whole number from 1 to 1024, not "0"`},
		{name: "unknown backend", args: []string{"--state", "redis"}, wantErr: `--state: "redis" is none of memory, pebble`},
		{name: "unknown word", args: []string{"--progress", "often"}, wantErr: `--progress: "often" is none of auto, always, never`},
		{name: "flag of another command", args: []string{"--format", "json"}, wantErr: "--format is a flag of describe: write describe --format"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := parseArgs(tt.args)
			if tt.wantErr != "" {
				var usage *UsageError
				if !errors.As(err, &usage) || err.Error() != tt.wantErr {
					t.Errorf("parseArgs(%q) error = %v, want %s", tt.args, err, tt.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatalf("parseArgs(%q) error = %v", tt.args, err)
			}
			want := tt.want
			if want.params == nil {
				want.params = map[string]string{}
			}
			want.progress, want.logLevel, want.logFormat = "auto", "warn", "text"
			want.saving = savingFlags{failures: 3, restarts: 3, retain: 3}
			if want.format == "" {
				want.format = "text"
			}
			if diff := cmp.Diff(&want, got, cmp.AllowUnexported(command{}, savingFlags{}, stateFlags{})); diff != "" {
				t.Errorf("parseArgs(%q) (-want +got):\n%s", tt.args, diff)
			}
		})
	}
}

func TestParams(t *testing.T) {
	t.Parallel()
	declared := []Param{
		{Name: "least", Type: IntParam, Default: "10"},
		{Name: "wait", Type: DurationParam, Default: "1h30m"},
		{Name: "day", Type: DateParam, Required: true},
		{Name: "HOST", Type: StringParam, Env: true, Required: true},
	}
	getenv := func(name string) (string, bool) { return "example.com", name == "HOST" }
	p, err := newParams(declared, map[string]string{"least": "1_000", "day": "2024-05-01"}, getenv)
	if err != nil {
		t.Fatalf("newParams() error = %v", err)
	}
	if p.Int("least") != 1000 || p.Duration("wait") != 5_400_000_000 || p.Date("day") != 19844 || p.String("HOST") != "example.com" {
		t.Errorf("values = %v", p.values)
	}
	_, err = newParams(declared, map[string]string{"least": "ten", "mots": "1"}, func(string) (string, bool) { return "", false })
	want := []string{
		`parameter "least": "ten" is no int: want a number`,
		`parameter "day" has no default: give it with --param day=VALUE`,
		"environment variable HOST is not set: the program reads it at start",
		`unknown parameter "mots": there are least, wait, day`,
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), err.Error()); diff != "" {
		t.Errorf("newParams() error (-want +got):\n%s", diff)
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	spec := Spec{
		Name:   "p",
		Params: []Param{{Name: "least", Type: IntParam, Default: "10"}},
		Job: schema.Job{Version: 1, Pipeline: "p", Operators: []schema.Operator{{
			UID: "jumps", Name: "jumps", Key: &schema.Type{Shape: schema.String},
			States: []schema.State{
				{Name: "last", Kind: schema.Value, Type: &schema.Type{Shape: schema.Float}},
				{
					Name: "known", Kind: schema.Dynamic, Retention: schema.Retention{Forever: true},
					Names: []schema.Named{{Name: "n", Type: schema.Type{Shape: schema.Int}, Reads: true}},
					Made:  []schema.Named{{Type: schema.Type{Shape: schema.Bool}}},
				},
			},
			Timers: []schema.Timer{{Name: "idle"}},
		}}},
	}
	want := `pipeline p

Parameters:
  least: int                     default 10

step "jumps": jumps, key string
  state last: value<float>
  state known: dynamic forever
    "n": int, read
    names made at run time: bool, only written%s
  timer idle: event time
`
	if diff := cmp.Diff(fmt.Sprintf(want, ""), describeText(&spec, nil)); diff != "" {
		t.Errorf("describeText() (-want +got):\n%s", diff)
	}
	has := []Registered{{UID: "jumps", State: "known", Name: "x", Type: "bool"}, {UID: "jumps", State: "other", Name: "y"}}
	if diff := cmp.Diff(fmt.Sprintf(want, "\n    registered \"x\": bool"), describeText(&spec, has)); diff != "" {
		t.Errorf("describeText() of a running job (-want +got):\n%s", diff)
	}
	if text, err := spec.Describe(); err != nil || !strings.Contains(string(text), `"uid": "jumps"`) {
		t.Errorf("Describe() = %s, %v", text, err)
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		err  error
		want int
	}{
		{nil, exitFine},
		{errors.New("disk full"), exitFail},
		{&RecordError{Place: "a.flow:1:1", Reason: "overflow"}, exitFail},
		{usagef("unknown flag"), exitUsage},
		{&Bug{Task: "worker", Value: "index out of range"}, exitBug},
	}
	for _, tt := range tests {
		var said strings.Builder
		if got := reportTo(&said, "p", tt.err); got != tt.want {
			t.Errorf("reportTo(%v) = %d, want %d", tt.err, got, tt.want)
		}
		if (said.Len() > 0) != (tt.err != nil) {
			t.Errorf("reportTo(%v) said %q", tt.err, said.String())
		}
	}
}
