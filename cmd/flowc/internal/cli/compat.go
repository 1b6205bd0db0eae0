package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/compat"
	"github.com/flow-lang/flowc/rt/evolve"
)

// compatCommand is "flowc compat" with its commands.
func (a *app) compatCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compat",
		Short: "Hold a program against the state that an earlier one saved",
		Long: "compat says, before a deploy, what becomes of saved state: for each state whether it is unchanged,\n" +
			"reads as it is, migrates, starts empty, is dropped, means something else or breaks. What it promises\n" +
			"is what the restore then does.",
		Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(a.compatCheck(), a.compatFix(), a.compatPlan(), a.compatRehearse(), a.compatRules())
	return cmd
}

// checkFlags are what a check is asked.
type checkFlags struct {
	against    string
	direction  *choice
	transitive bool
	failOn     string
}

func addCheckFlags(cmd *cobra.Command) *checkFlags {
	f := &checkFlags{}
	cmd.Flags().StringVar(&f.against, "against", "", "what to hold the program against: a .flow file, git:REV[:PATH], savepoint:DIR, http://ADDR of a running pipeline or a .lock file (default FILE.lock)")
	f.direction = addChoice(cmd, "direction", "who reads whose state", "backward", "forward", "full")
	cmd.Flags().BoolVar(&f.transitive, "transitive", false, "against every epoch of the lock, not only the last")
	cmd.Flags().StringVar(&f.failOn, "fail-on", "", "the least verdict that is a finding as well: M, MC, E, P, ML, D, S or X")
	return f
}

// level is the least verdict that is a finding, 0 for the usual ones.
func (f *checkFlags) level() (evolve.Verdict, error) {
	if f.failOn == "" {
		return 0, nil
	}
	v, ok := evolve.VerdictOf(strings.ToUpper(f.failOn))
	if !ok || v == evolve.Unchanged {
		return 0, &usageError{fmt.Sprintf("--fail-on %q is no verdict", f.failOn), "there is A, M, MC, E, P, ML, D, S and X, from harmless to broken"}
	}
	return v, nil
}

// report runs the check of the program at path.
func (a *app) report(cmd *cobra.Command, path string, f *checkFlags) (*compat.Report, error) {
	side, err := a.programSide(path, path, nil)
	if err != nil {
		return nil, err
	}
	old, l, err := a.oldSide(cmd.Context(), path, f.against)
	if err != nil {
		return nil, err
	}
	direction := compat.Direction(f.direction.value)
	var r *compat.Report
	switch {
	case f.transitive && l == nil:
		return nil, &usageError{"--transitive wants the epochs of a lock", "leave --against out, or name a .lock file"}
	case f.transitive:
		if r, err = compat.Transitive(l, old.Name, side, direction); err != nil {
			return nil, err
		}
	default:
		r = compat.Check(old, side, direction)
	}
	r.Ignore(today())
	return r, nil
}

// today is the day by which findings are ignored.
func today() string { return time.Now().UTC().Format(time.DateOnly) }

// compatCheck is "flowc compat check FILE".
func (a *app) compatCheck() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check FILE",
		Short: "Say what would become of saved state",
		Long: "check holds the program against its lock, another version of it, or a savepoint, and prints a\n" +
			"verdict for each state. It exits with 1 if something would be lost, mean something else or break\n" +
			"that the program does not acknowledge (retired \"uid/state\", accept \"uid/parameter\").\n\n" +
			"The report goes to standard output. \"flowc explain CODE\" tells more about a rule.",
		Example: "  flowc compat check app.flow\n" +
			"  flowc compat check app.flow --against git:v1.2 --direction full\n" +
			"  flowc compat check app.flow --against savepoint:/backup/sp-7 --format json",
		Args:              wantFile,
		ValidArgsFunction: completeFlow,
	}
	f := addCheckFlags(cmd)
	format := addChoice(cmd, "format", "form of the report", compat.Formats...)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		level, err := f.level()
		if err != nil {
			return err
		}
		r, err := a.report(cmd, args[0], f)
		if err != nil {
			return err
		}
		if err := r.Write(a.stdout, format.value, level, colored(a.stdout.w)); err != nil {
			return fmt.Errorf("write standard output: %w", err)
		}
		if len(r.Findings(level)) > 0 {
			return errFound
		}
		return nil
	}
	return cmd
}

// compatFix is "flowc compat fix FILE".
func (a *app) compatFix() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "fix FILE",
		Short: "Mend what a check found, in the source",
		Long: "fix shows as a diff how the findings of \"compat check\" can be mended in the source, and makes the\n" +
			"changes with -y. Without --rule it takes findings with one way out only; with --rule it takes the\n" +
			"first way of that rule's findings. What says that a loss is meant is never written unasked.",
		Example: "  flowc compat fix app.flow\n" +
			"  flowc compat fix app.flow --rule C0202 -y",
		Args:              wantFile,
		ValidArgsFunction: completeFlow,
	}
	f := addCheckFlags(cmd)
	rules := cmd.Flags().StringSlice("rule", nil, "mend the findings of this rule; may be given more than once")
	yes := cmd.Flags().BoolP("yes", "y", false, "make the changes")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		for _, id := range *rules {
			if !slices.ContainsFunc(evolve.Rules(), func(r evolve.Rule) bool { return strings.EqualFold(string(r.ID), id) }) {
				return &usageError{fmt.Sprintf("unknown rule %q", id), "\"flowc compat rules\" lists them"}
			}
		}
		r, err := a.report(cmd, args[0], f)
		if err != nil {
			return err
		}
		edits, left := r.Mends(*rules)
		changed := compat.Apply(r.New.Texts, edits)
		for _, file := range sortedNames(changed) {
			fmt.Fprint(a.stdout, compat.Diff(file, r.New.Texts[file], changed[file]))
		}
		if left > 0 {
			verb := "have"
			if left == 1 {
				verb = "has"
			}
			fmt.Fprintf(a.stderr, "flowc: %s %s no one way out; \"flowc compat check %s\" names the ways, and --rule takes the first\n", counted(left, "finding"), verb, args[0])
		}
		if *yes {
			for _, file := range sortedNames(changed) {
				if err := replace(file, changed[file]); err != nil {
					return err
				}
			}
		} else if len(changed) > 0 {
			fmt.Fprintln(a.stderr, "flowc: nothing was written; -y makes the changes")
		}
		if left > 0 {
			return errFound
		}
		return nil
	}
	return cmd
}

func sortedNames(texts map[string]string) []string {
	var names []string
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// compatRules is "flowc compat rules".
func (a *app) compatRules() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "rules",
		Short:   "List the rules of the check",
		Long:    "rules lists every rule by which a change is judged, with its verdict. \"flowc explain CODE\" tells more.",
		Example: "  flowc compat rules",
		Args:    wantNothing,
	}
	format := addChoice(cmd, "format", "form of the list", "text", "json")
	cmd.RunE = func(*cobra.Command, []string) error {
		enc := json.NewEncoder(a.stdout)
		for _, r := range evolve.Rules() {
			if format.value == "json" {
				err := enc.Encode(struct {
					Rule    evolve.RuleID `json:"rule"`
					Verdict string        `json:"verdict"`
					Finding bool          `json:"finding"`
					Title   string        `json:"title"`
				}{r.ID, r.Verdict.String(), r.Always || r.Verdict.Finding(), r.Title})
				if err != nil {
					return fmt.Errorf("write standard output: %w", err)
				}
				continue
			}
			fmt.Fprintf(a.stdout, "%s  %-2s  %s\n", r.ID, r.Verdict, r.Title)
		}
		return nil
	}
	return cmd
}
