package compat

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/rt/evolve"
)

// Formats are the forms in which a report can be written.
var Formats = []string{"text", "json", "github", "gitlab", "junit", "sarif", "markdown"}

// Write writes the report. level is the least verdict that counts as a finding;
// zero stands for the usual ones. color is for terminals.
func (r *Report) Write(w io.Writer, format string, level evolve.Verdict, color bool) error {
	switch format {
	case "json":
		return r.json(w)
	case "github":
		return diag.GitHub(w, r.diagnostics(level))
	case "sarif":
		return diag.SARIF(w, r.diagnostics(level), r.texts())
	case "gitlab":
		return r.gitlab(w, level)
	case "junit":
		return r.junit(w, level)
	case "markdown":
		return r.markdown(w, level)
	}
	return r.text(w, level, color)
}

// texts are the files of both sides.
func (r *Report) texts() map[string]string {
	out := map[string]string{}
	for _, side := range []Side{r.Old, r.New} {
		for name, text := range side.Texts {
			out[name] = text
		}
	}
	return out
}

// diagnostics are the findings as the compiler's messages.
func (r *Report) diagnostics(level evolve.Verdict) []diag.Diagnostic {
	var out []diag.Diagnostic
	for _, e := range r.Findings(level) {
		d := diag.Diagnostic{Code: diag.Code(e.Rule), Span: e.NewSpan, Message: e.Where() + ": " + e.Message, Help: e.Help}
		if e.What == evolve.OfProgram {
			d.Message = e.Message
		}
		if !e.NewSpan.Start.IsValid() {
			d.Span = e.OldSpan
		} else if e.OldSpan.Start.IsValid() {
			d.Notes = append(d.Notes, diag.Note{Span: e.OldSpan, Message: "in " + r.Old.Name + " it " + wasOrIs(e)})
		}
		for _, note := range []string{e.consequence(), witness(e)} {
			if note != "" {
				d.Notes = append(d.Notes, diag.Note{Message: note})
			}
		}
		out = append(out, d)
	}
	return out
}

// wasOrIs says what stands in the old program.
func wasOrIs(e *Entry) string {
	switch {
	case e.Old == "":
		return "was not there"
	case e.Direction == Forward:
		return "is " + e.Old
	}
	return "was " + e.Old
}

// consequence says what is at stake.
func (e *Entry) consequence() string {
	var parts []string
	if e.Size != nil && e.What == evolve.OfState {
		parts = append(parts, fmt.Sprintf("the savepoint holds %s of it in %s", count(e.Size.Entries, "entry", "entries"), count(e.Size.Bytes, "byte", "bytes")))
	}
	if e.Epoch != 0 {
		parts = append(parts, fmt.Sprintf("in epoch %d of the lock", e.Epoch))
	}
	if e.Change.Verdict().Finding() && e.Direction == Backward {
		back := "going back to the old program stays possible"
		if !e.Rollback {
			back = "there is no going back to the old program"
		}
		parts = append(parts, back)
	}
	return strings.Join(parts, "; ")
}

// witness says which old value the new program could not read.
func witness(e *Entry) string {
	if e.Witness == "" {
		return ""
	}
	return "an old value that the new program could not read: " + e.Witness
}

func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// text writes the findings as the compiler writes its own, and then every state
// with its verdict.
func (r *Report) text(w io.Writer, level evolve.Verdict, color bool) error {
	found := r.diagnostics(level)
	if err := diag.Text(w, found, r.texts(), color); err != nil {
		return err
	}
	var b strings.Builder
	if len(found) > 0 {
		b.WriteByte('\n')
	}
	last := ""
	for _, g := range r.grouped() {
		if g.uid != last {
			fmt.Fprintf(&b, "%s\n", g.title())
			last = g.uid
		}
		name := g.name
		if name == "" {
			name = "(" + string(g.what) + ")"
		}
		fmt.Fprintf(&b, "  %-20s %-2s  %s%s\n", name, g.worst, g.worst.Name(), g.remarks())
	}
	fmt.Fprintf(&b, "%s\n", r.Summary(level))
	_, err := io.WriteString(w, b.String())
	return err
}

// Summary says in one line how the check ended.
func (r *Report) Summary(level evolve.Verdict) string {
	worst, forth := evolve.Unchanged, evolve.Unchanged
	for i := range r.Entries {
		if v := r.Entries[i].Verdict(); r.Entries[i].Direction == Forward {
			forth = max(forth, v)
		} else {
			worst = max(worst, v)
		}
	}
	text := fmt.Sprintf("%s against %s: ", r.New.Name, r.Old.Name)
	switch r.Direction {
	case Forward:
		text += "back: " + forth.Name()
	case Full:
		text += worst.Name() + ", and back: " + forth.Name()
	case Backward:
		text += worst.Name()
	}
	if n := len(r.Findings(level)); n > 0 {
		return text + "; " + count(int64(n), "finding", "findings")
	}
	return text + "; no findings"
}

// group are the entries about one state or other thing.
type group struct {
	uid, name string
	what      evolve.What
	worst     evolve.Verdict
	entries   []*Entry
}

func (g *group) title() string {
	if g.uid == "" {
		return "program"
	}
	return g.uid
}

// remarks are the changes in words.
func (g *group) remarks() string {
	var parts []string
	for _, e := range g.entries {
		if e.Rule == evolve.Same {
			continue
		}
		text := e.Message
		if e.Acknowledged {
			text += ", as acknowledged"
		}
		if e.Ignored {
			text += ", silenced"
		}
		parts = append(parts, text+" ["+string(e.Rule)+"]")
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, "; ")
}

// grouped puts entries about one thing together, in the order of the report.
func (r *Report) grouped() []*group {
	var out []*group
	for i := range r.Entries {
		e := &r.Entries[i]
		at := slices.IndexFunc(out, func(g *group) bool { return g.uid == e.UID && g.name == e.State && g.what == e.What })
		if at < 0 {
			out = append(out, &group{uid: e.UID, name: e.State, what: e.What})
			at = len(out) - 1
		}
		out[at].entries = append(out[at].entries, e)
		out[at].worst = max(out[at].worst, e.Verdict())
	}
	slices.SortStableFunc(out, func(a, b *group) int { return r.rank(a.uid) - r.rank(b.uid) })
	return out
}

// rank is the place of the first entry of a uid.
func (r *Report) rank(uid string) int {
	return slices.IndexFunc(r.Entries, func(e Entry) bool { return e.UID == uid })
}

// place is a place as programs read it.
type place struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

func placeOf(s source.Span) *place {
	if !s.Start.IsValid() {
		return nil
	}
	return &place{s.Start.Filename, s.Start.Line, s.Start.Column}
}

type jsonEdit struct {
	place
	EndLine   int    `json:"end_line"`
	EndColumn int    `json:"end_column"`
	Text      string `json:"text"`
}

type jsonMend struct {
	Title string     `json:"title"`
	Edits []jsonEdit `json:"edits"`
}

// jsonEntry is the form of an entry that is promised to programs.
type jsonEntry struct {
	Rule         evolve.RuleID `json:"rule"`
	Verdict      string        `json:"verdict"`
	UID          string        `json:"uid"`
	State        *string       `json:"state"`
	Path         *string       `json:"path"`
	Old          *place        `json:"old"`
	New          *place        `json:"new"`
	Message      string        `json:"message"`
	Mends        []jsonMend    `json:"mends"`
	Entries      *int64        `json:"entries"`
	Bytes        *int64        `json:"bytes"`
	Rollback     bool          `json:"rollback"`
	Acknowledged bool          `json:"acknowledged"`
	Fingerprint  string        `json:"fingerprint"`
	Direction    Direction     `json:"direction"`
	Finding      bool          `json:"finding"`
	Was          *string       `json:"was"` // what it was, as text
	Is           *string       `json:"is"`
	Help         *string       `json:"help"`
	Witness      *string       `json:"witness"`
	Epoch        int           `json:"epoch,omitempty"` // of the lock, where it is not the last
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// json writes an object for each entry, the harmless ones first.
func (r *Report) json(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	all := make([]*Entry, len(r.Entries))
	for i := range r.Entries {
		all[i] = &r.Entries[i]
	}
	slices.SortStableFunc(all, func(a, b *Entry) int { return int(a.Verdict()) - int(b.Verdict()) })
	for _, e := range all {
		j := jsonEntry{
			Rule: e.Rule, Verdict: e.Verdict().String(), UID: e.UID, State: orNull(e.State), Path: orNull(e.Path),
			Old: placeOf(e.OldSpan), New: placeOf(e.NewSpan), Message: e.Message, Mends: []jsonMend{},
			Rollback: e.Rollback, Acknowledged: e.Acknowledged || e.Ignored, Fingerprint: e.Fingerprint(),
			Direction: e.Direction, Finding: e.Finding(), Was: orNull(e.Old), Is: orNull(e.New), Help: orNull(e.Help), Witness: orNull(e.Witness), Epoch: e.Epoch,
		}
		if e.Size != nil {
			j.Entries, j.Bytes = &e.Size.Entries, &e.Size.Bytes
		}
		for n, edits := range e.Edits {
			m := jsonMend{Title: e.Mends[n].Title, Edits: []jsonEdit{}}
			for _, x := range edits {
				m.Edits = append(m.Edits, jsonEdit{*placeOf(x.Span), x.Span.End.Line, x.Span.End.Column, x.Text})
			}
			j.Mends = append(j.Mends, m)
		}
		if err := enc.Encode(j); err != nil {
			return err
		}
	}
	return nil
}

// gitlab writes a Code Quality report. Source: GitLab, "Code Quality report
// format", which takes a subset of Code Climate's.
func (r *Report) gitlab(w io.Writer, level evolve.Verdict) error {
	type lines struct {
		Begin int `json:"begin"`
	}
	type location struct {
		Path  string `json:"path"`
		Lines lines  `json:"lines"`
	}
	type issue struct {
		Description string   `json:"description"`
		CheckName   string   `json:"check_name"`
		Fingerprint string   `json:"fingerprint"`
		Severity    string   `json:"severity"`
		Location    location `json:"location"`
	}
	all := []issue{}
	for _, e := range r.Findings(level) {
		at := e.where(r)
		severity := "major"
		if e.Verdict() == evolve.Breaks {
			severity = "blocker"
		}
		all = append(all, issue{e.Where() + ": " + e.Message, string(e.Rule), e.Fingerprint(), severity, location{at.File, lines{at.Line}}})
	}
	out, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	_, err = w.Write(append(out, '\n'))
	return err
}

// where is a place for tools that want one.
func (e *Entry) where(r *Report) place {
	if p := placeOf(e.NewSpan); p != nil {
		return *p
	}
	if p := placeOf(e.OldSpan); p != nil {
		return *p
	}
	return place{File: r.New.Name, Line: 1, Column: 1}
}

// junit writes each state as a test.
func (r *Report) junit(w io.Writer, level evolve.Verdict) error {
	type failure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
	type testcase struct {
		Class    string    `xml:"classname,attr"`
		Name     string    `xml:"name,attr"`
		Failures []failure `xml:"failure"`
	}
	type suite struct {
		XMLName  xml.Name   `xml:"testsuite"`
		Name     string     `xml:"name,attr"`
		Tests    int        `xml:"tests,attr"`
		Failures int        `xml:"failures,attr"`
		Cases    []testcase `xml:"testcase"`
	}
	found := r.Findings(level)
	s := suite{Name: "flowc compat check " + r.New.Name}
	for _, g := range r.grouped() {
		name := g.name
		if name == "" {
			name = string(g.what)
		}
		c := testcase{Class: g.title(), Name: name}
		for _, e := range g.entries {
			if slices.Contains(found, e) {
				c.Failures = append(c.Failures, failure{e.Message, string(e.Rule), e.Message + "\n" + e.Help})
				s.Failures++
			}
		}
		s.Cases = append(s.Cases, c)
	}
	s.Tests = len(s.Cases)
	var b bytes.Buffer
	b.WriteString(xml.Header)
	enc := xml.NewEncoder(&b)
	enc.Indent("", "  ")
	if err := enc.Encode(s); err != nil {
		return err
	}
	b.WriteByte('\n')
	_, err := w.Write(b.Bytes())
	return err
}

// markdown writes a table for a comment on a pull request.
func (r *Report) markdown(w io.Writer, level evolve.Verdict) error {
	cell := strings.NewReplacer("|", "\\|", "\n", " ", "<", "&lt;")
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**\n\n| | step | state | verdict | what changes |\n|---|---|---|---|---|\n", cell.Replace(r.Summary(level)))
	found := r.Findings(level)
	for _, g := range r.grouped() {
		mark := "✓"
		for _, e := range g.entries {
			if slices.Contains(found, e) {
				mark = "✗"
			}
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", mark, cell.Replace(g.title()), cell.Replace(g.name), g.worst.Name(), cell.Replace(strings.TrimPrefix(g.remarks(), ": ")))
	}
	_, err := io.WriteString(w, b.String())
	return err
}
