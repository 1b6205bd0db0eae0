package cli

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/cmd/flowc/internal/gobuild"
	"github.com/flow-lang/flowc/cmd/flowc/internal/load"
	"github.com/flow-lang/flowc/codegen"
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/plan"
	"github.com/flow-lang/flowc/typecheck/rig"
)

// testCommand is "flowc test FILE… [-run REGEXP]".
func (a *app) testCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test FILE…",
		Short: "Run the test blocks of programs",
		Long: "test compiles each program with its test blocks and runs them on virtual time: nothing is read\n" +
			"from outside, nothing is written, and the clock moves when the test says so. A test that holds is\n" +
			"run again with a crash of the job, and a restore, between any two of its lines.\n\n" +
			"It exits with 1 if a test fails, and shows the line and how what came differs from what was\n" +
			"expected.",
		Example: "  flowc test temperature.flow\n" +
			"  flowc test temperature.flow --run \"jump\"",
		Args:              wantFiles,
		ValidArgsFunction: completeFlow,
	}
	pattern := cmd.Flags().String("run", "", "run the tests whose name fits this regular expression")
	format := addChoice(cmd, "format", "form of the results", "text", "json")
	backends := &backendsFlag{}
	cmd.Flags().Var(backends, "backends", "where crashes find state: memory, which has a small store, too, or memory,pebble")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if _, err := regexp.Compile(*pattern); err != nil {
			return &usageError{fmt.Sprintf("--run: %v", err), "the syntax is RE2: https://github.com/google/re2/wiki/Syntax"}
		}
		programs, err := a.testPrograms(args)
		if err != nil {
			return err
		}
		t := &testRun{app: a, pattern: *pattern, format: format.value, pebble: backends.pebble}
		for i, p := range programs {
			if err := t.program(cmd.Context(), args[i], p); err != nil {
				return err
			}
		}
		return t.finish()
	}
	return cmd
}

// tested is a program that is to be tested.
type tested struct {
	program *load.Program
	checked *ir.Program
}

// testPrograms reads and checks all programs before the first is run.
func (a *app) testPrograms(paths []string) ([]tested, error) {
	all := newReport()
	var list []tested
	for _, path := range paths {
		var found diag.List
		p := load.Read(path, &found)
		p.Files.Tests = true
		list = append(list, tested{p, p.Check(&found)})
		all.add(p, &found)
	}
	if err := a.finish(all, &choice{value: "text"}); err != nil {
		return nil, err
	}
	for i, t := range list {
		if t.program.Files.Main.Kind == lang.LibraryFile {
			return nil, &failure{
				fmt.Errorf("%s is a library, and only a pipeline has tests", paths[i]),
				"write a pipeline that imports it, with the tests",
			}
		}
	}
	return list, nil
}

// testResult is what a test gave, as package rig of the runtime writes it.
type testResult struct {
	File    string   `json:"file"`
	Name    string   `json:"name"`
	Place   string   `json:"place"`
	OK      bool     `json:"ok"`
	Message string   `json:"message,omitempty"`
	Details []string `json:"details,omitempty"`
	Compare bool     `json:"-"`
	Want    []string `json:"want,omitempty"`
	Got     []string `json:"got,omitempty"`
	Bug     bool     `json:"-"`

	Restarts int    `json:"restarts,omitempty"`
	State    string `json:"state,omitempty"`
	Restart  string `json:"restart,omitempty"`
}

// testRun runs the tests of several programs.
type testRun struct {
	*app
	pattern, format string
	pebble          bool // is linked
	ran, failed     int
}

// program runs the tests of one program.
func (t *testRun) program(ctx context.Context, path string, p tested) error {
	if len(p.checked.Tests) == 0 {
		t.complain(path+" has no tests", "write one: test \"…\" { … }")
		return nil
	}
	var found diag.List
	user, funcs, err := externs(path, p.checked, &found)
	if err != nil {
		return err
	}
	all := newReport()
	all.add(p.program, &found)
	if err := t.app.finish(all, &choice{value: "text"}); err != nil {
		return err
	}
	mounted := rig.Mount(p.checked)
	code, err := codegen.Generate(plan.Build(mounted.Program), codegen.Options{
		ImportPath: gobuild.ProgramModule, Tests: mounted.Tests, Externs: funcs, Links: codegen.Links{Pebble: t.pebble},
	})
	if err != nil {
		return &bugError{fmt.Sprintf("generate code for the tests of %s: %v", path, err)}
	}
	built, err := t.built(ctx, &compiled{code: code, user: user})
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, built, t.pattern)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return &bugError{fmt.Sprintf("the tests of %s: %v\n%s", path, err, said.Bytes())}
	}
	for results := json.NewDecoder(&out); ; {
		var r testResult
		var flags struct{ Compare, Bug bool }
		var line json.RawMessage
		if err := results.Decode(&line); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return &bugError{fmt.Sprintf("the tests of %s: %v", path, err)}
		}
		if err := errors.Join(json.Unmarshal(line, &r), json.Unmarshal(line, &flags)); err != nil {
			return &bugError{fmt.Sprintf("the tests of %s: %v", path, err)}
		}
		r.File, r.Compare, r.Bug = path, flags.Compare, flags.Bug
		if err := t.show(p.program, r); err != nil {
			return err
		}
	}
}

// show prints what one test gave.
func (t *testRun) show(p *load.Program, r testResult) error {
	if r.Bug {
		return &bugError{fmt.Sprintf("%s: test %q: %s\n%s", r.Place, r.Name, r.Message, strings.Join(r.Details, "\n"))}
	}
	r.Place, r.Restart = shownPlace(p, r.Place), shownPlace(p, r.Restart)
	for i, d := range r.Details {
		r.Details[i] = shownPlace(p, d)
	}
	t.ran++
	if !r.OK {
		t.failed++
	}
	if t.format == "json" {
		out := json.NewEncoder(t.stdout)
		out.SetEscapeHTML(false)
		return out.Encode(r)
	}
	if r.OK {
		fmt.Fprintf(t.stdout, "ok    %s\n", r.Name)
		return nil
	}
	fmt.Fprintf(t.stdout, "FAIL  %s\n%s: %s\n", r.Name, r.Place, r.Message)
	if r.State != "" {
		fmt.Fprintf(t.stdout, "  it holds, but not with a crash and a restore before %s, with the state in %s\n", cmp.Or(r.Restart, "each line"), r.State)
	}
	for _, d := range r.Details {
		fmt.Fprintf(t.stdout, "  %s\n", d)
	}
	if r.Compare {
		for _, line := range difference(r.Want, r.Got) {
			fmt.Fprintf(t.stdout, "  %s\n", line)
		}
	}
	return nil
}

// finish says how many tests failed.
func (t *testRun) finish() error {
	if t.format == "text" {
		switch {
		case t.ran == 0 && t.pattern != "":
			t.complain(fmt.Sprintf("no test fits %q", t.pattern), "")
		case t.failed > 0:
			fmt.Fprintf(t.stdout, "%d of %s failed\n", t.failed, counted(t.ran, "test"))
		case t.ran > 0:
			fmt.Fprintf(t.stdout, "%s passed\n", counted(t.ran, "test"))
		}
	}
	if t.failed > 0 {
		return errFound
	}
	return nil
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// placed is a text that begins with a place in the program.
var placed = regexp.MustCompile(`^(\S+\.flow)(:\d+:\d+)`)

// shownPlace writes the file that text begins with as the caller of flowc would.
func shownPlace(p *load.Program, text string) string {
	m := placed.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	return p.Shown(m[1]) + strings.TrimPrefix(text, m[1])
}

// likeGo lets "flowc test -run X" be written with one dash, as "go test" does.
func likeGo(args []string) []string {
	if len(args) == 0 || args[0] != "test" {
		return args
	}
	out := slices.Clone(args)
	for i, arg := range out {
		if arg == "-run" || strings.HasPrefix(arg, "-run=") {
			out[i] = "-" + arg
		}
	}
	return out
}
