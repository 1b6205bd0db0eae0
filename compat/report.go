// Package compat is the check before a deploy: it holds a program against what
// an earlier one saved, and says for each state what would become of it.
//
// What a verdict is, and which change gets which, is decided in rt/evolve, which
// the restore uses too. Here are the two programs' places, the mends as edits of
// source text, the exceptions that a program makes, the forms of the report, the
// long text of each rule, and the lock file. The package is a function of what it
// is given: it reads no file, no clock and no network.
package compat

import (
	"fmt"
	"hash/fnv"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/schema"
)

// Side is one of the two programs.
type Side struct {
	Name   string // as the user named it: a file, a revision, a savepoint
	Job    *schema.Job
	Places *Places           // nil if there is no text
	Texts  map[string]string // of the files, by their names in places
	Sizes  map[string]Size   // what a savepoint holds, by "uid/state"; nil if none was read
}

// Size says how much of a state is saved.
type Size struct{ Entries, Bytes int64 }

// Direction says who is to read whose state.
type Direction string

// The directions, named as schema registries do.
const (
	Backward Direction = "backward" // the new program reads old state
	Forward  Direction = "forward"  // the old program reads new state, as after a roll-back
	Full     Direction = "full"     // both
)

// Entry is one line of a report.
type Entry struct {
	evolve.Change
	Direction Direction
	OldSpan   source.Span // nowhere if it is not there
	NewSpan   source.Span
	Size      *Size    // nil if no savepoint was read
	Rollback  bool     // the old program could go on from new state
	Ignored   bool     // by a comment
	Edits     [][]Edit // of each mend; nil if there is no text to edit
	Witness   string   // an old value that the new program could not read, as JSON; "" if there is none
	Epoch     int      // of the lock, when all are checked; else 0
}

// Finding reports whether the entry stops a deploy at the given level.
func (e *Entry) Finding() bool { return !e.Ignored && e.Change.Finding() }

// Fingerprint names the entry for tools that remember what they have seen: it
// does not depend on places.
func (e *Entry) Fingerprint() string {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%s\x00%s\x00%s\x00%s\x00%s\x00%s", e.Rule, e.UID, e.State, e.Path, e.Old, e.New, e.Direction)
	return fmt.Sprintf("%016x", h.Sum64())
}

// Report is what a check found.
type Report struct {
	Old, New  Side
	Direction Direction
	Entries   []Entry
}

// Findings returns the entries that stop a deploy, and those of verdict level or
// worse if that is not zero.
func (r *Report) Findings(level evolve.Verdict) []*Entry {
	var out []*Entry
	for i := range r.Entries {
		e := &r.Entries[i]
		if e.Finding() || level != 0 && !e.Ignored && !e.Acknowledged && e.Verdict() >= level {
			out = append(out, e)
		}
	}
	return out
}

// Check holds the new program against the old one.
func Check(old, new Side, direction Direction) *Report {
	r := &Report{Old: old, New: new, Direction: direction}
	back := evolve.Resolve(old.Job, new.Job, nil, evolve.Hooks{})
	forth := evolve.Resolve(new.Job, old.Job, nil, evolve.Hooks{})
	if direction != Forward {
		r.add(back, forth, Backward)
	}
	if direction != Backward {
		r.add(forth, back, Forward)
	}
	return r
}

// add takes the changes of one direction.
func (r *Report) add(plan, other *evolve.Plan, direction Direction) {
	was, is := &r.Old, &r.New
	if direction == Forward {
		was, is = is, was
	}
	for _, c := range plan.Changes {
		if direction == Forward && (c.Rule == evolve.Same || c.Rule == evolve.AckOfNothing || c.Rule.OfClients()) {
			continue // said already, or not about state
		}
		e := Entry{Change: c, Direction: direction, Rollback: rollback(plan, other, &c), Witness: plan.Witness(&c)}
		if c.OldUID != "" {
			e.OldSpan, _ = was.Places.Find(c.What, c.OldUID, c.OldName, oldPath(&c))
		}
		if c.New != "" || c.OldUID == "" || c.Path != "" {
			e.NewSpan, _ = is.Places.Find(c.What, c.UID, c.State, c.Path)
		}
		if c.Rule == evolve.AckOfNothing {
			e.NewSpan = is.Places.acknowledgement(c.Mends[0].Text)
		}
		if !e.NewSpan.Start.IsValid() && is.Places != nil {
			e.NewSpan = is.Places.lacking(c.UID)
		}
		if was.Sizes != nil && direction == Backward {
			size := was.Sizes[c.OldUID+"/"+c.OldName]
			e.Size = &size
		}
		if direction == Forward {
			e.backwards()
		} else {
			e.mends(is)
		}
		r.Entries = append(r.Entries, e)
	}
}

// backwards tells of a change from the new program to the old one as the other way
// round. The old program is as it is: there is nothing to type in it.
func (e *Entry) backwards() {
	e.OldSpan, e.NewSpan = e.NewSpan, e.OldSpan
	e.Old, e.New = e.New, e.Old
	e.Message = "after a roll-back, " + e.Message
	e.Help, e.Mends = "", nil
	if e.Change.Finding() && e.NewSpan.Start.IsValid() {
		e.Help = fmt.Sprintf("if no roll-back is meant, silence it above the line: // flowc:ignore %s until YYYY-MM-DD \"reason\"", e.Rule)
	}
}

// mends adds the edits of the mends. What the program does not declare itself, as the
// state of an operator of the library, cannot be edited: then it is not a way out.
func (e *Entry) mends(side *Side) {
	var ways []evolve.Mend
	for _, m := range e.Mends {
		if side.Places != nil && m.Kind == evolve.AddWas {
			if _, ok := side.Places.declared(m.What, m.UID, m.State, m.Path); !ok {
				if e.Help == m.Say {
					e.Help = ""
				}
				continue
			}
		}
		if e.Help == "" {
			e.Help = m.Say
		}
		ways = append(ways, m)
		e.Edits = append(e.Edits, edits(side, m))
	}
	e.Mends = ways
}

// oldPath is the path of a field before it was renamed.
func oldPath(c *evolve.Change) string {
	if c.Rule != evolve.FieldRenamed {
		return c.Path
	}
	for i := len(c.Path) - 1; i >= 0; i-- {
		if c.Path[i] == '.' {
			return c.Path[:i+1] + c.Old
		}
	}
	return c.Old
}

// acknowledgement is where a line "retired" or "accept" stands.
func (p *Places) acknowledgement(path string) source.Span {
	if p == nil {
		return source.Span{}
	}
	for _, word := range []string{"retired", "accept"} {
		if span, ok := p.spans[part{evolve.OfProgram, word, path}]; ok {
			return span
		}
	}
	return source.Span{}
}

// rollback reports whether the other direction could go on with what this one
// leaves: nothing about the same thing breaks.
func rollback(plan, other *evolve.Plan, c *evolve.Change) bool {
	for i := range other.Changes {
		o := &other.Changes[i]
		about := o.OldUID == c.UID && (c.State == "" || o.OldName == c.State) || o.UID == c.OldUID && c.OldUID != "" && (c.State == "" || o.State == c.OldName)
		if about && o.Verdict() == evolve.Breaks {
			return false
		}
	}
	return true
}
