// Package evolve decides what becomes of saved state when a program changes, and
// does it.
//
// In go the descriptions of the program that saved the state and of the one that
// is to go on with it; out comes a [Plan]: each change with the one rule that
// judges it, and, made in the same step as the verdict, the converters that turn
// saved records into those of the new program. The check before a deploy prints
// the plan, and the restore carries it out, so that neither can promise what the
// other does not keep.
//
// Converters work on Avro binary without building values. They trust nothing
// that they read: bytes that are no value of the described type give an error.
// The package reads no file, starts nothing and keeps nothing.
package evolve

import (
	"slices"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
)

// Verdict says what a change does to saved state, the harmless ones first.
type Verdict uint8

// The verdicts.
const (
	Unchanged       Verdict = iota // same bytes, same meaning
	ReadsAsIs                      // old bytes are new bytes
	Migrates                       // converted without loss
	MigratesChecked                // converted where each value fits
	StartsEmpty                    // new
	Partial                        // a part of an aggregate is new
	MigratesLosing                 // converted, and something is given up
	Dropped                        // nobody has it any more
	MeaningChanged                 // the bytes fit and mean something else
	Breaks                         // cannot be read
)

var verdictCodes = [...]string{"U", "A", "M", "MC", "E", "P", "ML", "D", "S", "X"}

var verdictNames = [...]string{
	"unchanged", "reads as it is", "migrates", "migrates, checked", "starts empty", "partial", "migrates, losing",
	"is dropped", "meaning changed", "breaks",
}

// String returns the verdict's code.
func (v Verdict) String() string { return verdictCodes[v] }

// Name returns the verdict in words.
func (v Verdict) Name() string { return verdictNames[v] }

// Finding reports whether the verdict stops a deploy unless it is acknowledged.
func (v Verdict) Finding() bool { return v >= MigratesLosing }

// VerdictOf returns the verdict with the code.
func VerdictOf(code string) (Verdict, bool) {
	i := slices.Index(verdictCodes[:], code)
	return Verdict(max(i, 0)), i >= 0
}

// What says what part of a program a change is about.
type What string

// The parts.
const (
	OfState   What = "state"
	OfTimer   What = "timer"
	OfKey     What = "key"
	OfParam   What = "parameter"
	OfStep    What = "step"
	OfMessage What = "message"
	OfSource  What = "source"
	OfSink    What = "sink"
	OfProgram What = "program"
)

// Change is one difference between two programs, or one state without any,
// judged by one rule.
type Change struct {
	Rule    RuleID
	What    What
	UID     string // of the step, source or sink in the new program, in the old one if it is gone
	State   string // state, timer or parameter; "" if it is about the whole
	Path    string // of a field within the state, "" for all of it
	OldUID  string // where it was; "" if it is new
	OldName string // its name there
	Old     string // what it was, as text; "" if it is new
	New     string // what it is now; "" if it is gone
	Message string // one clause
	Help    string // what to type; "" if there is nothing to do
	Mends   []Mend

	Ack          string // the path that a line "retired" or "accept" has to name; "" if none would help
	Acknowledged bool
}

// Verdict returns what the change does to saved state.
func (c *Change) Verdict() Verdict { return c.Rule.Rule().Verdict }

// Finding reports whether the change stops a deploy.
func (c *Change) Finding() bool {
	return !c.Acknowledged && (c.Verdict().Finding() || c.Rule.Rule().Always)
}

// Where names what the change is about: uid/state.field.
func (c *Change) Where() string {
	where := c.UID
	if c.State != "" {
		where += "/" + c.State
	}
	if c.Path != "" {
		where += "." + c.Path
	}
	return where
}

// String returns the change as a restore prints it.
func (c *Change) String() string {
	text := "[" + string(c.Rule) + "] " + c.Where() + ": " + c.Message
	if c.Help != "" {
		text += "\n  help: " + c.Help
	}
	return text
}

// MendKind says what an edit of a mend does to the source.
type MendKind string

// The edits.
const (
	AddWas      MendKind = "was"      // append was "Text" to the declaration of what is named
	AddDefault  MendKind = "default"  // append = Text to the field
	AddFallback MendKind = "fallback" // append ?? and a value to the part of an aggregate
	AddLine     MendKind = "line"     // add Text as a line of its own at the top level
	AddClause   MendKind = "clause"   // append Text to the declaration of the state
	AddOption   MendKind = "optional" // append ? to the field's type
	RemoveLine  MendKind = "remove"   // remove the line "retired" or "accept" that names Text
	InsteadType MendKind = "type"     // write Text for the type
)

// Mend is one way out, as an edit of the new program.
type Mend struct {
	Title string // what it means, as a clause
	Say   string // the help that asks for it; "" if there is none
	Kind  MendKind
	What  What   // what is edited
	UID   string // of what is edited
	State string
	Path  string
	Text  string
	Clear bool // it is what is meant nearly always, so that it may be applied unasked
}

// Plan is what becomes of the state of one program under another.
type Plan struct {
	Old, New *schema.Job
	Changes  []Change // unchanged states too, in the order of the new program, what is gone last

	routes  map[source]*route
	formers []int // by operator of the new program: the one that it was, -1 for none
}

// Findings returns the changes that stop a deploy.
func (p *Plan) Findings() []Change {
	var out []Change
	for i := range p.Changes {
		if p.Changes[i].Finding() {
			out = append(out, p.Changes[i])
		}
	}
	return out
}

// Verdict returns the worst verdict of all changes.
func (p *Plan) Verdict() Verdict {
	worst := Unchanged
	for i := range p.Changes {
		worst = max(worst, p.Changes[i].Verdict())
	}
	return worst
}

// Of returns the worst verdict about a step's state, timer or parameter, and of
// the step as a whole if name is "".
func (p *Plan) Of(uid, name string) Verdict {
	worst := Unchanged
	for i := range p.Changes {
		if c := &p.Changes[i]; c.UID == uid && (name == "" || c.State == name) {
			worst = max(worst, c.Verdict())
		}
	}
	return worst
}

// Feeds returns the operators of the old program that an operator of the new one
// has records of, or goes on from.
func (p *Plan) Feeds(op int) []int {
	var from []int
	if was := p.formers[op]; was >= 0 {
		from = append(from, was)
	}
	for src, rt := range p.routes {
		if rt.op == op && !slices.Contains(from, src.op) {
			from = append(from, src.op)
		}
	}
	slices.Sort(from)
	return from
}

// Checked reports whether a value might not fit into the state of an operator of
// the new program, so that all have to be looked at first.
func (p *Plan) Checked(op int) bool {
	uid := p.New.Operators[op].UID
	return slices.ContainsFunc(p.Changes, func(c Change) bool { return c.UID == uid && c.Verdict() == MigratesChecked })
}

// SinkMoved reports whether a sink of the old program is gone or writes somewhere
// else, so that how far it had written means nothing.
func (p *Plan) SinkMoved(uid string) bool {
	return slices.ContainsFunc(p.Changes, func(c Change) bool {
		return c.What == OfSink && c.UID == uid && c.Rule != Same
	})
}

// Refusal is the error of a restore that would do what the check calls a finding.
type Refusal struct{ Changes []Change }

// Error lists the findings.
func (r *Refusal) Error() string {
	lines := make([]string, len(r.Changes))
	for i := range r.Changes {
		lines[i] = r.Changes[i].String()
	}
	return "the saved state does not fit this program:\n" + strings.Join(lines, "\n")
}

// Refuse returns a *[Refusal] if the plan has findings that concern a restore,
// else nil. A line that acknowledges nothing any more does not: the same program
// restarts from its own snapshots.
func (p *Plan) Refuse() error {
	var found []Change
	for _, c := range p.Findings() {
		if c.Verdict().Finding() {
			found = append(found, c)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return &Refusal{found}
}
