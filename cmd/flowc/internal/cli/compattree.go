package cli

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/rt/evolve"
)

// tree prints a migration so that a person reads it in ten seconds: a step a
// branch, a state a leaf, and the answer on the last line.
func (m *migration) tree(a *app, program string, list []planned) {
	width := 0
	steps := []string{}
	of := map[string][]*planned{}
	for i := range list {
		p := &list[i]
		if of[p.UID] == nil {
			steps = append(steps, p.UID)
		}
		of[p.UID] = append(of[p.UID], p)
		width = max(width, len(p.State))
	}
	for _, uid := range steps {
		fmt.Fprintf(a.stdout, "%s\n", strings.TrimSpace(uid+"  "+keyedBy(m.plan.New, uid)))
		m.about(a, uid)
		for i, p := range of[uid] {
			branch, below := "├─", "│ "
			if i == len(of[uid])-1 {
				branch, below = "└─", "  "
			}
			p.leaf(a, branch, below, width)
		}
	}
	for i := range m.plan.Changes {
		if c := &m.plan.Changes[i]; (c.What == evolve.OfSource || c.What == evolve.OfSink || c.What == evolve.OfProgram) && c.Rule != evolve.Same {
			fmt.Fprintf(a.stdout, "%s  %s\n", c.Verdict(), c.Message)
		}
	}
	fmt.Fprintln(a.stdout, m.answer(program, list))
}

// about prints what is said of a step as a whole.
func (m *migration) about(a *app, uid string) {
	for i := range m.plan.Changes {
		c := &m.plan.Changes[i]
		if c.UID == uid && (c.What == evolve.OfStep || c.What == evolve.OfKey || c.What == evolve.OfParam) {
			fmt.Fprintf(a.stdout, "│  %s  %s [%s]\n", c.Verdict(), c.Message, c.Rule)
		}
	}
}

// leaf prints one state.
func (p *planned) leaf(a *app, branch, below string, width int) {
	text := fmt.Sprintf("%s %-*s  %-2s  %s", branch, width, p.State, p.Verdict, p.verdict.Name())
	if p.Entries > 0 {
		text += fmt.Sprintf(", %s in %s", entriesText(p.Entries), bytesText(p.Bytes))
	}
	if p.Refused > 0 {
		text += ", " + doNotFit("", p.Refused)
	}
	fmt.Fprintln(a.stdout, text)
	for _, said := range p.Messages {
		fmt.Fprintf(a.stdout, "%s     %s\n", below, said)
	}
	for _, s := range p.Samples {
		text := fmt.Sprintf("%s     %s  %s", below, orNoKey(string(s.Key)), s.Before)
		switch {
		case s.Error != "":
			text += "  does not fit: " + s.Error
		case s.After != "" && s.After != s.Before:
			text += "  →  " + s.After
		case p.By != "" && !s.told:
			text += "  →  " + p.By
		}
		fmt.Fprintln(a.stdout, text)
	}
}

// doNotFit says that n of something do not fit.
func doNotFit(of string, n int64) string {
	text, verb := fmt.Sprint(n), "do not fit"
	if of != "" {
		text = counted(int(n), of)
	}
	if n == 1 {
		verb = "does not fit"
	}
	return text + " " + verb
}

func orNoKey(key string) string {
	if key == "" {
		return "(no key)"
	}
	return key
}

func entriesText(n int64) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// bytesText writes a size for people.
func bytesText(n int64) string {
	switch {
	case n >= 10<<20:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 10<<10:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}

// answer says whether the restore would go through.
func (m *migration) answer(program string, list []planned) string {
	var entries, refused int64
	for i := range list {
		entries += list[i].Entries
		refused += list[i].Refused
	}
	head := fmt.Sprintf("%s from %s: %s", program, m.savepoint.Dir(), entriesText(entries))
	var refusal []string
	if n := len(m.plan.Findings()); n > 0 && m.plan.Refuse() != nil {
		refusal = append(refusal, counted(n, "finding")+" of \"flowc compat check\"")
	}
	if refused > 0 {
		refusal = append(refusal, doNotFit("value", refused))
	}
	if len(refusal) > 0 {
		return head + "; the restore would be refused: " + strings.Join(refusal, ", ")
	}
	return head + "; the restore goes through" + unless(list)
}

// unless says what the restore hangs on that only the program's own code can tell: what
// its migrations make of each entry.
func unless(list []planned) string {
	var names []string
	for i := range list {
		if p := &list[i]; p.By != "" && p.Entries > 0 {
			names = append(names, p.UID+"/"+p.State)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return " if the program's own code goes well for each entry of " + strings.Join(names, ", ") + ", which \"flowc compat rehearse\" tries"
}
