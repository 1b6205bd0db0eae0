package compat

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/rt/evolve"
)

// exception is a comment such as // flowc:ignore C0202 until 2026-12-31 "reason", and
// begun what is meant as one for a rule of this package.
var (
	exception = regexp.MustCompile(`^\s*//\s*flowc:ignore\s+([Cc][0-9]{4})\s+until\s+([0-9]{4}-[0-9]{2}-[0-9]{2})\s+"([^"]+)"\s*$`)
	begun     = regexp.MustCompile(`^\s*//\s*flowc:ignore(\s+[Cc][0-9]|\s*$|\s+[^A-Za-z])`)
)

// Ignore marks the entries that a comment above their line in the new program
// silences, and adds a finding for each comment that is over, silences nothing or is
// not written as one. Other comments may stand between. today is a date as 2006-01-02.
func (r *Report) Ignore(today string) {
	for _, file := range slices.Sorted(maps.Keys(r.New.Texts)) {
		lines := strings.Split(r.New.Texts[file], "\n")
		for n, line := range lines {
			if !begun.MatchString(line) {
				continue
			}
			below := n + 1
			for below < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[below]), "//") {
				below++
			}
			r.ignore(file, n+1, below+1, line, today)
		}
	}
}

// ignore takes the comment in the line of the number at, which is for the one at below.
func (r *Report) ignore(file string, at, below int, line, today string) {
	m := exception.FindStringSubmatch(line)
	if m != nil {
		if _, err := time.Parse(time.DateOnly, m[2]); err != nil {
			m = nil
		}
	}
	if m == nil {
		r.exception(file, at, line, evolve.IgnoreUnused, "this is no exception, since it is not written as one",
			"write // flowc:ignore CODE until YYYY-MM-DD \"reason\", with one code and a day that there is")
		return
	}
	code, until := strings.ToUpper(m[1]), m[2]
	silenced := 0
	for i := range r.Entries {
		e := &r.Entries[i]
		if string(e.Rule) == code && e.NewSpan.Start.Filename == file && e.NewSpan.Start.Line == below && e.Change.Finding() {
			silenced++
			e.Ignored = until >= today
		}
	}
	switch {
	case until < today:
		r.exception(file, at, line, evolve.IgnoreIsOver, fmt.Sprintf("this exception for %s ended with %s", code, until), "mend what it silences, or give it another date")
	case silenced == 0:
		r.exception(file, at, line, evolve.IgnoreUnused, fmt.Sprintf("there is no %s on the next line", code), "take the comment out")
	}
}

// exception adds a finding about the comment in a line.
func (r *Report) exception(file string, number int, line string, rule evolve.RuleID, message, help string) {
	at := source.Pos{Filename: file, Line: number, Column: len(line) - len(strings.TrimLeft(line, " \t")) + 1}
	end := at
	end.Column = len(strings.TrimRight(line, " \t\r")) + 1
	c := evolve.Change{Rule: rule, What: evolve.OfProgram, New: strings.TrimSpace(line), Message: message, Help: help}
	r.Entries = append(r.Entries, Entry{Change: c, Direction: Backward, NewSpan: source.Span{Start: at, End: end}, Rollback: true})
}
