package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/codegen"
	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/vfs"
	"github.com/flow-lang/flowc/typecheck/ir"
)

// compatRehearse is "flowc compat rehearse FILE --from savepoint:DIR".
func (a *app) compatRehearse() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rehearse FILE [-- FLAGS]",
		Short: "Try a deploy on a copy of a savepoint",
		Long: "rehearse runs the tests of the program, lets it go on from a savepoint, and says what came of it. It\n" +
			"reads recorded input instead of its sources, those without any read nothing, and it writes to a\n" +
			"folder that is taken away again instead of its sinks; the savepoint is not touched. With --old the\n" +
			"program that is running now does the same, and what both have written and what state both have is\n" +
			"compared. At the end it tries the way back. FLAGS go to both pipelines.\n\n" +
			"It exits with 1 if a test fails or the restore is refused.",
		Example: "  flowc compat rehearse app.flow --from savepoint:/backup/sp-7\n" +
			"  flowc compat rehearse app.flow --from /backup/sp-7 --old git:v1.2 --input orders=orders.jsonl",
		Args: func(cmd *cobra.Command, args []string) error {
			if at := cmd.ArgsLenAtDash(); at >= 0 {
				args = args[:at]
			}
			return wantFile(cmd, args)
		},
		ValidArgsFunction: completeFlow,
	}
	from := cmd.Flags().String("from", "", "the savepoint: a directory, or savepoint:DIR")
	old := cmd.Flags().String("old", "", "the program that is running now: a .flow file, or git:REV[:PATH]")
	inputs := cmd.Flags().StringArray("input", nil, "UID=FILE: recorded input of the source with this uid, in its format (JSON lines, if it is no file); may be given again")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *from == "" {
			return &usageError{"rehearse wants a savepoint", "name it: --from savepoint:DIR"}
		}
		s, err := wholeSavepoint(strings.TrimPrefix(*from, "savepoint:"))
		if err != nil {
			return err
		}
		tmp, err := os.MkdirTemp("", "flowc-rehearsal-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		r := &rehearsal{app: a, ctx: cmd.Context(), dir: tmp, savepoint: s, flags: args[1:], inputs: map[string]string{}}
		if err := r.recorded(*inputs); err != nil {
			return err
		}
		return r.run(args[0], *old)
	}
	return cmd
}

// rehearsal is a deploy that is tried.
type rehearsal struct {
	*app
	ctx       context.Context
	dir       string // for all that is written
	savepoint *savepoint.Savepoint
	inputs    map[string]string // files by the uids of sources
	flags     []string
}

// recorded reads the values of --input.
func (r *rehearsal) recorded(list []string) error {
	for _, text := range list {
		uid, file, ok := strings.Cut(text, "=")
		if !ok {
			return &usageError{fmt.Sprintf("--input %q names no file", text), "write UID=FILE"}
		}
		real, err := filepath.Abs(file)
		if err == nil {
			_, err = os.Stat(real)
		}
		if err != nil {
			return err
		}
		r.inputs[uid] = real
	}
	return nil
}

// actor is one of the two programs of a rehearsal.
type actor struct {
	name    string // new, old
	binary  string
	sources []string // uids
	sinks   []string // uids
}

// run goes through the rehearsal.
func (r *rehearsal) run(program, old string) error {
	if err := r.tests(program); err != nil {
		return err
	}
	now, err := r.prepare(program, "new")
	if err != nil {
		return err
	}
	for uid := range r.inputs {
		if !slices.Contains(now.sources, uid) {
			return &usageError{fmt.Sprintf("--input: there is no source %q", uid), "there is " + strings.Join(now.sources, ", ")}
		}
	}
	if said := r.perform(now, r.savepoint.Dir()); said != "" {
		what := "restore   refused"
		if len(r.inputs) > 0 {
			what = "run       fails, on its way from the savepoint to the end of the input"
		}
		fmt.Fprintf(r.stdout, "%s\n%s", what, indentedText(said))
		return errFound
	}
	after, err := savepoint.Open(vfs.Default, r.after(now))
	if err != nil {
		return err
	}
	fmt.Fprintf(r.stdout, "restore   goes through: %s before, %s after\n", entriesText(recordsOf(r.savepoint)), entriesText(recordsOf(after)))
	if old == "" {
		if err := r.compare("the savepoint", r.savepoint, after); err != nil {
			return err
		}
		fmt.Fprintln(r.stdout, "outputs   not compared; --old names the program that is running now")
		return r.wayBack(after)
	}
	return r.against(program, old, now, after)
}

// tests runs the test blocks of the program, if it has any.
func (r *rehearsal) tests(program string) error {
	list, err := r.testPrograms([]string{program})
	if err != nil {
		return err
	}
	if len(list[0].checked.Tests) == 0 {
		fmt.Fprintln(r.stdout, "tests     there are none")
		return nil
	}
	t := &testRun{app: r.app, format: "text"}
	if err := t.program(r.ctx, program, list[0]); err != nil {
		return err
	}
	if t.failed > 0 {
		fmt.Fprintf(r.stdout, "tests     %d of %s failed\n", t.failed, counted(t.ran, "test"))
		return errFound
	}
	fmt.Fprintf(r.stdout, "tests     %s passed\n", counted(t.ran, "test"))
	return nil
}

// prepare builds a program that reads recorded input and writes to the folder.
func (r *rehearsal) prepare(program, name string) (*actor, error) {
	out := &actor{name: name}
	c, err := r.generateAs(program, &choice{value: "text"}, nil, codegen.Links{}, func(p *ir.Program) { r.standIn(p, out) })
	if err != nil {
		return nil, err
	}
	out.binary, err = r.built(r.ctx, c)
	return out, errors.Join(err, os.MkdirAll(filepath.Join(r.dir, name), 0o700), os.WriteFile(r.nothing(), nil, 0o600))
}

// nothing is an empty file.
func (r *rehearsal) nothing() string { return filepath.Join(r.dir, "nothing") }

// after is where an actor's savepoint comes.
func (r *rehearsal) after(a *actor) string { return filepath.Join(r.dir, a.name, "savepoint") }

// standIn puts files in the place of all connectors. That a source is another one
// then is meant.
func (r *rehearsal) standIn(p *ir.Program, a *actor) {
	for _, s := range p.Sources {
		a.sources = append(a.sources, s.UID)
		c := &ir.Connector{Name: "jsonl", Args: map[string]ir.Expr{}, Pos: s.Connector.Pos}
		path := r.nothing()
		if file := r.inputs[s.UID]; file != "" {
			path = file
			if s.Connector.Name == "csv" {
				c.Name = "csv"
				for _, keep := range []string{"delimiter", "header", "time layout"} {
					if v := s.Connector.Args[keep]; v != nil {
						c.Args[keep] = v
					}
				}
			}
		}
		c.Args["path"] = &ir.StringConst{Value: path}
		s.Connector = c
		p.Accepted = append(p.Accepted, &ir.Acknowledgement{Path: s.UID + "/from"})
	}
	for _, s := range p.Sinks {
		a.sinks = append(a.sinks, s.UID)
		s.Connector = &ir.Connector{Name: "jsonl", Args: map[string]ir.Expr{"path": &ir.StringConst{Value: r.output(a, s.UID)}}, Pos: s.Connector.Pos}
	}
}

// output is the file that stands for a sink.
func (r *rehearsal) output(a *actor, uid string) string {
	return filepath.Join(r.dir, a.name, strings.NewReplacer("/", "_", `\`, "_").Replace(uid)+".jsonl")
}

// perform lets an actor go on from a savepoint to the end of the input. What it
// returns says why it did not.
func (r *rehearsal) perform(a *actor, from string) string {
	real, err := filepath.Abs(from)
	if err != nil {
		return err.Error()
	}
	args := []string{"--from", real, "--savepoint-on-end", r.after(a), "--quiet"}
	for _, uid := range a.sources {
		args = append(args, "--reset-source", uid)
	}
	cmd := exec.CommandContext(r.ctx, a.binary, append(args, r.flags...)...)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Run(); err != nil {
		return strings.ReplaceAll(said.String(), real, "the savepoint") + "\n"
	}
	return ""
}

// against lets the old program do the same, and compares.
func (r *rehearsal) against(program, old string, now *actor, after *savepoint.Savepoint) error {
	file := old
	if rest, ok := strings.CutPrefix(old, "git:"); ok {
		tmp, at, err := checkout(r.ctx, program, rest)
		if err != nil {
			return err
		}
		defer os.RemoveAll(tmp)
		file = at
	}
	before, err := r.prepare(file, "old")
	if err != nil {
		return err
	}
	if said := r.perform(before, r.savepoint.Dir()); said != "" {
		return &failure{fmt.Errorf("%s does not go on from %s\n%s", old, r.savepoint.Dir(), indentedText(said)), "--old names the program that has written the savepoint"}
	}
	kept, err := savepoint.Open(vfs.Default, r.after(before))
	if err != nil {
		return err
	}
	if err := r.compare("the old program", kept, after); err != nil {
		return err
	}
	if err := r.outputs(before, now); err != nil {
		return err
	}
	back := &actor{name: "back", binary: before.binary, sources: before.sources}
	if said := r.perform(back, r.after(now)); said != "" {
		fmt.Fprintf(r.stdout, "way back  refused: the old program cannot go on from what the new one has\n%s", indentedText(said))
		return nil
	}
	fmt.Fprintln(r.stdout, "way back  goes through: the old program goes on from what the new one has")
	return nil
}

// wayBack tries whether the program that wrote the savepoint could go on from what
// the new one has.
func (r *rehearsal) wayBack(after *savepoint.Savepoint) error {
	job := r.savepoint.Job
	for _, s := range job.Sources {
		job.Accepted = append(job.Accepted[:len(job.Accepted):len(job.Accepted)], s.UID+"/from")
	}
	m := &migration{savepoint: after, plan: evolve.Resolve(&after.Job, &job, nil, evolve.Hooks{})}
	list, err := m.states()
	if err != nil {
		return err
	}
	if !m.refuses(list) {
		fmt.Fprintln(r.stdout, "way back  goes through: what the new program has fits the old one")
		return nil
	}
	fmt.Fprintln(r.stdout, "way back  refused: what the new program has does not fit the old one")
	for _, c := range m.plan.Findings() {
		fmt.Fprintf(r.stdout, "          [%s] %s: %s\n", c.Rule, c.Where(), c.Message)
	}
	for i := range list {
		if list[i].Refused > 0 {
			fmt.Fprintf(r.stdout, "          %s/%s: %s of it do not fit\n", list[i].UID, list[i].State, entriesText(list[i].Refused))
		}
	}
	return nil
}

func indentedText(text string) string {
	return "          " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n          ") + "\n"
}

func recordsOf(s *savepoint.Savepoint) (n int64) {
	for i := range s.Files {
		n += s.Files[i].Records
	}
	return n
}
