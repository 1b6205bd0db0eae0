package rt

import (
	"bufio"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flow-lang/flowc/rt/state"
)

// command is what the arguments of a pipeline binary ask for.
type command struct {
	name        string // "run", "describe", "version" or "help"
	params      map[string]string
	parallelism int
	quiet       bool
	progress    string
	logLevel    string
	logFormat   string
	format      string // of describe
	http        ServeFlags
	to          string // of savepoint
	stop        bool   // of savepoint
	saving      savingFlags
	state       stateFlags
}

// flag is a flag of a pipeline binary.
type flag struct {
	name string
	arg  string // what stands for the value in the help text; "" if there is none
	help string
	only string // the command that has it; "" means run
	set  func(c *command, text string) error
}

// flags returns all flags in the order of the help text.
func flags() []flag {
	return []flag{
		{name: "param", arg: "NAME=VALUE", help: "value of a parameter of the program", set: setParam},
		{name: "param-file", arg: "FILE", help: "values of parameters, a NAME=VALUE per line", set: setParamFile},
		{name: "parallelism", arg: "N", help: "number of shards (default: number of cores)", set: setParallelism},
		{name: "state", arg: "NAME", help: "where state lies while running: " + strings.Join(append([]string{MemoryState}, state.Backends()...), " or ") + " (default: memory)", set: oneOf(func(c *command) *string { return &c.state.backend }, "state", MemoryState, pebbleState)},
		{name: "state-dir", arg: "DIR", help: "folder for the files of state that memory has no room for", set: setText(func(c *command) *string { return &c.state.dir }, "state-dir")},
		{name: "cache-size", arg: "SIZE", help: "memory for such state, like 512MiB (default: 256MiB)", set: setSize(func(c *command) *int64 { return &c.state.cache }, "cache-size")},
		{name: "checkpoint-to", arg: "DIR", help: "take checkpoints there, and go on from the latest (default: none)", set: setText(func(c *command) *string { return &c.saving.to }, "checkpoint-to")},
		{name: "checkpoint-interval", arg: "DURATION", help: "time between checkpoints (default: 10s)", set: setDuration(func(c *command) *time.Duration { return &c.saving.interval }, "checkpoint-interval")},
		{name: "checkpoint-timeout", arg: "DURATION", help: "time after which one is given up (default: 10m)", set: setDuration(func(c *command) *time.Duration { return &c.saving.timeout }, "checkpoint-timeout")},
		{name: "checkpoint-pause", arg: "DURATION", help: "least time between the end of one and the next (default: none)", set: setDuration(func(c *command) *time.Duration { return &c.saving.pause }, "checkpoint-pause")},
		{name: "checkpoint-failures", arg: "N", help: "checkpoints in a row that may fail before the job does (default: 3)", set: setCount(func(c *command) *int { return &c.saving.failures }, "checkpoint-failures", 0)},
		{name: "retain", arg: "N", help: "checkpoints that are kept (default: 3)", set: setCount(func(c *command) *int { return &c.saving.retain }, "retain", 1)},
		{name: "from", arg: "PLACE|latest", help: "start from a checkpoint or savepoint", set: setText(func(c *command) *string { return &c.saving.from }, "from")},
		{name: "fresh", help: "start anew, whatever checkpoints there are", set: func(c *command, _ string) error {
			c.saving.fresh = true
			return nil
		}},
		{name: "allow-dropped", arg: "UID/STATE", help: "state that may be lost at this start; may be given again", set: appendText(func(c *command) *[]string { return &c.saving.allow }, "allow-dropped")},
		{name: "reset-source", arg: "NAME", help: "this source starts at its beginning, not at the saved position; may be given again", set: appendText(func(c *command) *[]string { return &c.saving.reset }, "reset-source")},
		{name: "savepoint-on-end", arg: "DIR", help: "when sources end or the job is stopped: a savepoint, from which another program can go on", set: setText(func(c *command) *string { return &c.saving.onEnd }, "savepoint-on-end")},
		{name: "restart-attempts", arg: "N", help: "restarts from the last checkpoint, if there are checkpoints (default: 3)", set: setCount(func(c *command) *int { return &c.saving.restarts }, "restart-attempts", 0)},
		{name: "http", arg: "ADDR", help: "serve dashboard, metrics, queryable state and control at host:port", set: text(
			func(c *command) *string { return &c.http.Addr })},
		{name: "http-cert", arg: "FILE", help: "certificate for TLS, which addresses that others reach need", set: text(
			func(c *command) *string { return &c.http.Cert })},
		{name: "http-key", arg: "FILE", help: "its private key", set: text(
			func(c *command) *string { return &c.http.Key })},
		{name: "http-token-file", arg: "FILE", help: "token that clients must show (or the environment variable FLOW_HTTP_TOKEN)", set: text(
			func(c *command) *string { return &c.http.TokenFile })},
		{name: "http-client-ca", arg: "FILE", help: "authorities of clients' certificates, which are then asked for", set: text(
			func(c *command) *string { return &c.http.ClientCA })},
		{name: "http-pprof", help: "serve profiles of the process, too", set: func(c *command, _ string) error {
			c.http.Profiles = true
			return nil
		}},
		{name: "quiet", help: "no figures when the pipeline has ended, no progress", set: func(c *command, _ string) error {
			c.quiet = true
			return nil
		}},
		{name: "progress", arg: "auto|always|never", help: "one live line of progress (default: auto, on a terminal)", set: oneOf(
			func(c *command) *string { return &c.progress }, "progress", "auto", "always", "never")},
		{name: "log-level", arg: "LEVEL", help: "debug, info, warn or error (default: warn)", set: oneOf(
			func(c *command) *string { return &c.logLevel }, "log-level", "debug", "info", "warn", "error")},
		{name: "log-format", arg: "text|json", help: "of the log on standard error (default: text)", set: oneOf(
			func(c *command) *string { return &c.logFormat }, "log-format", "text", "json")},
		{name: "to", arg: "DIR", help: "of savepoint: a directory that is not there yet", only: "savepoint", set: text(
			func(c *command) *string { return &c.to })},
		{name: "stop", help: "of savepoint: the job ends with it", only: "savepoint", set: func(c *command, _ string) error {
			c.stop = true
			return nil
		}},
		{name: "format", arg: "text|json", help: "of describe (default: text)", only: "describe", set: oneOf(
			func(c *command) *string { return &c.format }, "format", "text", "json")},
	}
}

// text returns a setter of a flag that takes any text but none.
func text(field func(*command) *string) func(*command, string) error {
	return func(c *command, text string) error {
		if text == "" {
			return usagef("an empty value: leave the flag out")
		}
		*field(c) = text
		return nil
	}
}

// oneOf returns a setter of a flag that takes one of a few words.
func oneOf(field func(*command) *string, name string, words ...string) func(*command, string) error {
	return func(c *command, text string) error {
		for _, w := range words {
			if text == w {
				*field(c) = text
				return nil
			}
		}
		return usagef("--%s: %q is none of %s", name, text, strings.Join(words, ", "))
	}
}

func setParam(c *command, text string) error {
	name, v, ok := strings.Cut(text, "=")
	if !ok {
		return usagef("--param: want NAME=VALUE, not %q", text)
	}
	c.params[name] = v
	return nil
}

// setParamFile reads a file of NAME=VALUE lines. Blank lines and lines that
// begin with # do not count.
func setParamFile(c *command, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return usagef("--param-file: %v", err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		name, v, ok := strings.Cut(line, "=")
		if !ok {
			return usagef("%s:%d: want NAME=VALUE, not %q", path, n, line)
		}
		c.params[strings.TrimSpace(name)] = strings.TrimSpace(v)
	}
	if err := lines.Err(); err != nil {
		return usagef("--param-file: %s: %v", path, err)
	}
	return nil
}

func setParallelism(c *command, text string) error {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxParallelism {
		return usagef("--parallelism: want a whole number from 1 to %d, not %q", maxParallelism, text)
	}
	c.parallelism = n
	return nil
}

// maxParallelism bounds what a slip of the finger can ask for.
const maxParallelism = 1024

// parseArgs reads the arguments of a pipeline binary, without its name.
func parseArgs(args []string) (*command, error) {
	c := &command{
		name: "run", params: map[string]string{}, progress: "auto", logLevel: "warn", logFormat: "text", format: "text",
		saving: savingFlags{failures: defaultTolerable, restarts: defaultRestarts, retain: defaultRetain},
	}
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "-h" || arg == "--help" || arg == "help":
			c.name = "help"
			return c, nil
		case !strings.HasPrefix(arg, "-"):
			if commands := []string{"savepoint", "describe", "version"}; !slices.Contains(commands, arg) {
				return nil, unknown("command", arg, commands)
			}
			c.name = arg
		default:
			used, err := c.setFlag(arg, args[i+1:])
			if err != nil {
				return nil, err
			}
			i += used
		}
	}
	return c, nil
}

// setFlag sets the flag that arg names and returns how many of the arguments
// after it are its value.
func (c *command) setFlag(arg string, rest []string) (used int, err error) {
	name, v, hasValue := strings.Cut(strings.TrimLeft(arg, "-"), "=")
	f, err := findFlag(name)
	if err != nil {
		return 0, err
	}
	if f.only != "" && f.only != c.name {
		return 0, usagef("--%s is a flag of %s: write %s --%s", name, f.only, f.only, name)
	}
	switch {
	case f.arg == "" && hasValue:
		return 0, usagef("--%s takes no value", name)
	case f.arg != "" && !hasValue && len(rest) == 0:
		return 0, usagef("--%s wants a value: --%s %s", name, name, f.arg)
	case f.arg != "" && !hasValue:
		v, used = rest[0], 1
	}
	return used, f.set(c, v)
}

func findFlag(name string) (flag, error) {
	var names []string
	for _, f := range flags() {
		if f.name == name {
			return f, nil
		}
		names = append(names, "--"+f.name)
	}
	return flag{}, unknown("flag", "--"+name, names)
}

// usage writes the help text of a pipeline binary.
func usage(spec *Spec, program string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s runs the pipeline %s to the end of its input, or until it is stopped.\n", program, spec.Name)
	if spec.Doc != "" {
		fmt.Fprintf(&b, "\n%s\n", strings.TrimSpace(spec.Doc))
	}
	fmt.Fprintf(&b, "\nUsage:\n  %[1]s [flags]\n  %[1]s savepoint --http ADDR --to DIR [--stop]\n  %[1]s describe [--format json] [--http ADDR]\n  %[1]s version\n\nFlags:\n", program)
	for _, f := range flags() {
		fmt.Fprintf(&b, "  %-30s %s\n", strings.TrimSpace("--"+f.name+" "+f.arg), f.help)
	}
	describeParams(&b, spec)
	return b.String()
}
