package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
)

// planned is what becomes of one state of a savepoint, as JSON.
type planned struct {
	UID      string   `json:"uid"`
	State    string   `json:"state"`
	WasUID   string   `json:"was_uid,omitempty"`
	Was      string   `json:"was,omitempty"`
	Verdict  string   `json:"verdict"`
	Rules    []string `json:"rules"`
	Messages []string `json:"messages"`
	Entries  int64    `json:"entries"`
	Bytes    int64    `json:"bytes"`
	By       string   `json:"by,omitempty"` // the program's own migration
	Samples  []sample `json:"samples"`
	Refused  int64    `json:"refused"` // values that do not fit
	Finding  bool     `json:"finding"` // the restore would be refused for it

	verdict         evolve.Verdict
	oldUID, oldName string // in the savepoint; "" if it has none
}

// sample is one entry before and after.
type sample struct {
	Key    json.RawMessage `json:"key,omitempty"`
	Before string          `json:"before"`
	After  string          `json:"after,omitempty"`
	Error  string          `json:"error,omitempty"`

	raw  []byte // the key, as the savepoint has it
	told bool   // what became of it is said of another entry of its key
}

// compatPlan is "flowc compat plan FILE --from savepoint:DIR".
func (a *app) compatPlan() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "plan FILE",
		Short: "Show the migration as it would happen",
		Long: "plan says of each state in a savepoint what becomes of it under the program: the verdict, how many\n" +
			"entries and bytes, and some entries before and after. Every entry that would be converted is, to see\n" +
			"whether it fits, but for those that the program's own code converts: of them, only the ones that are\n" +
			"shown. The savepoint is not touched. It exits with 1 if the restore would be refused.",
		Example: "  flowc compat plan app.flow --from savepoint:/backup/sp-7\n" +
			"  flowc compat plan app.flow --from /backup/sp-7 --samples 5 --format json",
		Args:              wantFile,
		ValidArgsFunction: completeFlow,
	}
	from := cmd.Flags().String("from", "", "the savepoint: a directory, or savepoint:DIR")
	samples := cmd.Flags().Int("samples", 2, "how many entries of each state are shown")
	format := addChoice(cmd, "format", "a tree, or an object a line", "text", "json")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *from == "" {
			return &usageError{"plan wants a savepoint", "name it: --from savepoint:DIR"}
		}
		side, err := a.programSide(args[0], args[0], nil)
		if err != nil {
			return err
		}
		s, err := wholeSavepoint(strings.TrimPrefix(*from, "savepoint:"))
		if err != nil {
			return err
		}
		m := &migration{savepoint: s, plan: evolve.Resolve(&s.Job, side.Job, nil, evolve.Hooks{}), samples: *samples}
		list, err := m.states()
		if err != nil {
			return err
		}
		if err := m.tryOwn(cmd.Context(), a, args[0], list); err != nil {
			return err
		}
		if format.value == "json" {
			out := json.NewEncoder(a.stdout)
			out.SetEscapeHTML(false)
			for i := range list {
				if err := out.Encode(&list[i]); err != nil {
					return err
				}
			}
		} else {
			m.tree(a, args[0], list)
		}
		if m.refuses(list) {
			return errFound
		}
		return nil
	}
	return cmd
}

// migration is a savepoint on its way to a program.
type migration struct {
	savepoint *savepoint.Savepoint
	plan      *evolve.Plan
	samples   int
}

// states works out what becomes of each state, in the order of the new program,
// what is gone last.
func (m *migration) states() ([]planned, error) {
	var list []planned
	at := map[string]int{}
	for i := range m.plan.Changes {
		c := &m.plan.Changes[i]
		if c.What != evolve.OfState && c.What != evolve.OfTimer && c.What != evolve.OfMessage || c.Rule == evolve.AckOfNothing {
			continue
		}
		name := c.UID + "/" + c.State
		k, ok := at[name]
		if !ok {
			k = len(list)
			at[name] = k
			p := planned{UID: c.UID, State: c.State, Rules: []string{}, Messages: []string{}, Samples: []sample{}}
			if c.OldUID != c.UID {
				p.WasUID = c.OldUID
			}
			if c.OldName != c.State {
				p.Was = c.OldName
			}
			list = append(list, p)
		}
		p := &list[k]
		p.verdict = max(p.verdict, c.Verdict())
		p.Verdict = p.verdict.String()
		p.Finding = p.Finding || c.Finding() && c.Verdict().Finding()
		if c.Rule != evolve.Same {
			p.Rules = append(p.Rules, string(c.Rule))
			p.Messages = append(p.Messages, c.Message)
		}
		if p.oldUID == "" {
			p.oldUID, p.oldName = c.OldUID, c.OldName
		}
	}
	for k := range list {
		if p := &list[k]; p.oldUID != "" {
			if err := m.look(p); err != nil {
				return nil, err
			}
		}
	}
	return list, nil
}

// look finds an old state in the savepoint, and converts its entries unless the
// verdict is that they cannot be.
func (m *migration) look(p *planned) error {
	uid, name := p.oldUID, p.oldName
	for i := range m.savepoint.Files {
		if f := &m.savepoint.Files[i]; f.UID == uid && f.State+f.Timer+f.Message == name {
			p.Entries, p.Bytes = p.Entries+f.Records, p.Bytes+f.Length
		}
	}
	if p.Entries == 0 {
		return nil
	}
	selected, err := m.savepoint.States(&savepoint.Filter{UID: uid, State: name})
	if err != nil {
		return err
	}
	c := &converted{planned: p, old: selected[0].Layout, most: m.samples}
	if p.verdict < evolve.Breaks {
		c.mover = m.plan.Mover(selected[0].Operator, selected[0].Number, evolve.Moment{})
	}
	if mover := c.mover; mover != nil {
		p.By = mover.ByHand()
		if c.new, err = savepoint.LayoutOf(&m.plan.New.Operators[mover.Op], mover.State); err != nil {
			return err
		}
	}
	err = m.savepoint.Scan(&savepoint.Filter{UID: uid, State: name}, func(_ savepoint.Selected, r *state.Record) error { return c.record(r) })
	if errors.Is(err, errEnough) {
		return nil
	}
	if err == nil {
		err = c.endKey()
	}
	return err
}

// errEnough ends a scan whose further entries would tell nothing.
var errEnough = errors.New("enough")

// converted takes the entries of one state through its conversion.
type converted struct {
	*planned
	old, new *savepoint.Layout
	mover    *evolve.Mover // nil if nothing goes on
	most     int
	key      []byte // of the entry before
	begun    bool   // there was one
}

func (c *converted) converts() bool { return c.mover != nil && !c.mover.Same && c.By == "" }

// endKey takes what has waited for all entries of a key.
func (c *converted) endKey() error {
	if !c.begun || !c.converts() {
		return nil
	}
	return c.misfit(c.mover.EndKey(c.flushed))
}

// record takes one entry. All of a key come together.
func (c *converted) record(r *state.Record) error {
	if !bytes.Equal(c.key, r.Key) {
		if err := c.endKey(); err != nil {
			return err
		}
		c.key = append(c.key[:0], r.Key...)
	}
	c.begun = true
	shown := len(c.Samples) < c.most
	if !c.converts() && !shown {
		return errEnough
	}
	var one sample
	if shown {
		var err error
		if one.Key, one.Before, err = entryText(c.old, r); err != nil {
			return err
		}
		one.raw = bytes.Clone(r.Key)
		if c.mover != nil && c.mover.Same {
			one.After = one.Before
		}
	}
	if c.converts() {
		var after []string
		err := c.mover.Convert(r, func(out *state.Record) error {
			if !shown {
				return nil
			}
			_, text, err := entryText(c.new, out)
			after = append(after, text)
			return err
		})
		if one.After = strings.Join(after, ", "); err != nil {
			var misfit *evolve.Misfit
			if !errors.As(err, &misfit) {
				return err
			}
			c.Refused++
			one.Error = misfit.Why
			if !shown && c.Refused == 1 { // one that is refused is always shown
				if one.Key, one.Before, err = entryText(c.old, r); err != nil {
					return err
				}
				shown = true
			}
		}
	}
	if shown {
		c.Samples = append(c.Samples, one)
	}
	return nil
}

// flushed takes what all entries of a key became.
func (c *converted) flushed(r *state.Record) error {
	if !slices.ContainsFunc(c.Samples, func(s sample) bool { return s.After == "" }) {
		return nil
	}
	key, text, err := entryText(c.new, r)
	for i := range c.Samples {
		if s := &c.Samples[i]; s.After == "" && bytes.Equal(s.Key, key) {
			s.After = text
			break
		}
	}
	return err
}

// misfit counts a value that does not fit.
func (c *converted) misfit(err error) error {
	var misfit *evolve.Misfit
	if errors.As(err, &misfit) {
		if c.Refused++; c.Refused == 1 || len(c.Samples) < c.most { // one that is refused is always shown
			c.Samples = append(c.Samples, sample{Key: json.RawMessage(misfit.Key), Before: misfit.Value, Error: misfit.Why})
		}
		return nil
	}
	return err
}

// entryText is the key of an entry as JSON, and the rest as text.
func entryText(l *savepoint.Layout, r *state.Record) (key json.RawMessage, text string, err error) {
	row, err := l.Row(r)
	if err != nil {
		return nil, "", err
	}
	text = string(row.Value)
	if entry := row.Entry(); entry != "" {
		text = "[" + entry + "] " + text
	}
	return row.Key, shortened(text), nil
}

func shortened(text string) string {
	const most = 120
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// refuses reports whether the restore would be refused.
func (m *migration) refuses(list []planned) bool {
	for i := range list {
		if list[i].Refused > 0 {
			return true
		}
	}
	return m.plan.Refuse() != nil
}

// keyedBy says what a step's key is.
func keyedBy(job *schema.Job, uid string) string {
	if op := job.Operator(uid); op != nil && op.Key != nil {
		return "key " + op.Key.String()
	}
	return ""
}
