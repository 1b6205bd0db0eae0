package compat

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/rt/evolve"
)

// Mends returns the edits that mend findings, and how many findings they leave.
// Without rules these are the findings with one way out, other than saying that
// it is meant; with rules the first way out of the findings of those.
func (r *Report) Mends(rules []string) (all []Edit, left int) {
	for _, e := range r.Findings(0) {
		at := -1
		if len(rules) > 0 {
			if slices.ContainsFunc(rules, func(id string) bool { return strings.EqualFold(id, string(e.Rule)) }) {
				at = first(e, func(*evolve.Mend) bool { return true })
			}
		} else {
			at = first(e, func(m *evolve.Mend) bool { return m.Clear || m.Kind == evolve.AddWas })
		}
		if at < 0 {
			left++
			continue
		}
		for _, edit := range e.Edits[at] {
			if !slices.Contains(all, edit) {
				all = append(all, edit)
			}
		}
	}
	return all, left
}

// first returns the first mend of an entry that can be made and is wanted, or -1.
func first(e *Entry, wanted func(*evolve.Mend) bool) int {
	for i := range e.Edits {
		if len(e.Edits[i]) > 0 && wanted(&e.Mends[i]) {
			return i
		}
	}
	return -1
}

// Diff shows how a file changes, as "diff -u" does with one line around.
func Diff(name, old, new string) string {
	a, b := strings.SplitAfter(old, "\n"), strings.SplitAfter(new, "\n")
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", name, name)
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		if i < len(a) && j < len(b) && a[i] == b[j] {
			i, j = i+1, j+1
			continue
		}
		// Edits are few and small: the next line that both have ends the piece.
		endA, endB := meeting(a[i:], b[j:])
		before := max(i-1, 0)
		fmt.Fprintf(&out, "@@ -%d,%d +%d,%d @@\n", before+1, endA+i-before, j-(i-before)+1, endB+i-before)
		for _, line := range a[before:i] {
			out.WriteString(" " + ended(line))
		}
		for _, line := range a[i : i+endA] {
			out.WriteString(removedLine(line))
		}
		for _, line := range b[j : j+endB] {
			if line != "" {
				out.WriteString("+" + ended(line))
			}
		}
		i, j = i+endA, j+endB
	}
	return out.String()
}

func removedLine(line string) string {
	if line == "" {
		return ""
	}
	return "-" + ended(line)
}

func ended(line string) string {
	if strings.HasSuffix(line, "\n") {
		return line
	}
	return line + "\n"
}

// meeting is how many lines of each have to go until they are the same again.
func meeting(a, b []string) (int, int) {
	for n := 1; n <= len(a)+len(b); n++ {
		for i := 0; i <= n && i <= len(a); i++ {
			j := n - i
			if j > len(b) {
				continue
			}
			if i == len(a) && j == len(b) || i < len(a) && j < len(b) && a[i] == b[j] {
				return i, j
			}
		}
	}
	return len(a), len(b)
}
