package compat

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/rt/evolve"
)

// exception is a comment such as // flowc:ignore C0202 until 2026-12-31 "reason".
var exception = regexp.MustCompile(`^\s*//\s*flowc:ignore\s+(C[0-9]{4})\s+until\s+([0-9]{4}-[0-9]{2}-[0-9]{2})\s+"([^"]+)"\s*$`)

// Ignore marks the entries that a comment above their line in the new program
// silences, and adds a finding for each comment that is over or silences
// nothing. today is a date as 2006-01-02. Only comments for rules of this package
// are looked at.
func (r *Report) Ignore(today string) {
	for _, file := range slices.Sorted(maps.Keys(r.New.Texts)) {
		for n, line := range strings.Split(r.New.Texts[file], "\n") {
			m := exception.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			r.ignore(file, n+1, line, m[1], m[2], today)
		}
	}
}

func (r *Report) ignore(file string, number int, line, code, until, today string) {
	silenced := 0
	for i := range r.Entries {
		e := &r.Entries[i]
		if string(e.Rule) == code && e.NewSpan.Start.Filename == file && e.NewSpan.Start.Line == number+1 && e.Change.Finding() {
			silenced++
			e.Ignored = until >= today
		}
	}
	c := evolve.Change{What: evolve.OfProgram, New: strings.TrimSpace(line), Help: "take the comment out"}
	switch {
	case until < today:
		c.Rule, c.Message = evolve.IgnoreIsOver, fmt.Sprintf("this exception for %s ended with %s", code, until)
		c.Help = "mend what it silences, or give it another date"
	case silenced == 0:
		c.Rule, c.Message = evolve.IgnoreUnused, fmt.Sprintf("there is no %s on the next line", code)
	default:
		return
	}
	at := source.Pos{Filename: file, Line: number, Column: len(line) - len(strings.TrimLeft(line, " \t")) + 1}
	end := at
	end.Column = len(strings.TrimRight(line, " \t\r")) + 1
	r.Entries = append(r.Entries, Entry{Change: c, Direction: Backward, NewSpan: source.Span{Start: at, End: end}, Rollback: true})
}
