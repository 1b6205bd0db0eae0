package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// table is rows below a head. The texts of the first columns stand at the left,
// numbers at the right.
type table struct {
	left int   // columns whose texts stand at the left; the last of them has names
	drop []int // columns that may be left out where there is no room, the first of them first
	rows [][]string
}

// ranked is a table of which those rows matter that do most.
type ranked struct {
	table
	does []float64 // of each row below the head
	less int       // rows that fit has left out
}

// lines returns in how many lines the table is drawn.
func (t *ranked) lines() int {
	if t.less > 0 {
		return len(t.rows) + 1
	}
	return len(t.rows)
}

// fit leaves out so many rows that the table is drawn in so many lines, if it has
// more, and then has those first that do most. One of them stays in any case.
func (t *ranked) fit(lines int) {
	if len(t.rows) <= lines || len(t.rows) < 2 {
		return
	}
	order := make([]int, len(t.does))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(t.does[b], t.does[a]) })
	keep := max(lines-2, 1) // beside the head and the line about those that are left out
	rows := t.rows[:1:1]
	for _, i := range order[:min(keep, len(order))] {
		rows = append(rows, t.rows[1+i])
	}
	t.less = len(t.rows) - len(rows)
	t.rows = rows
}

// write draws the table, and says how many rows have been left out.
func (t *ranked) write(w io.Writer, width int) {
	t.table.write(w, width)
	if t.less > 0 {
		fmt.Fprintf(w, "… and %d that do less\n", t.less)
	}
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

const (
	tableGap = 2  // blanks between columns
	leastOf  = 12 // letters that are left of a name
)

// write draws the table in so many columns, or as wide as it is if width is 0. Where
// there is no room, what says nothing is left out first, then what may be, and then
// names are cut off.
func (t *table) write(w io.Writer, width int) {
	widths := make([]int, len(t.rows[0]))
	for _, row := range t.rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	all := func() (n int) {
		for _, width := range widths {
			if n += width; width > 0 {
				n += tableGap
			}
		}
		return n - tableGap
	}
	if width > 0 {
		names := t.left - 1
		least := min(leastOf, widths[names])
		over := func() int { return all() - width - widths[names] + least }
		for _, sure := range []bool{true, false} {
			for _, i := range t.drop {
				if over() > 0 && (!sure || t.isEmpty(i)) {
					widths[i] = 0
				}
			}
		}
		widths[names] = max(min(widths[names], widths[names]-(all()-width)), least)
	}
	for _, row := range t.rows {
		fmt.Fprintln(w, t.line(row, widths))
	}
}

// isEmpty reports whether a column says nothing: all of it is 0, or -.
func (t *table) isEmpty(i int) bool {
	return !slices.ContainsFunc(t.rows[1:], func(row []string) bool { return row[i] != "0" && row[i] != "0%" && row[i] != "-" })
}

func (t *table) line(row []string, widths []int) string {
	var b strings.Builder
	for i, cell := range row {
		width := widths[i]
		if width == 0 {
			continue
		}
		cell = cut(cell, width)
		blanks := strings.Repeat(" ", width-utf8.RuneCountInString(cell))
		if i < t.left {
			cell += blanks
		} else {
			cell = blanks + cell
		}
		if b.Len() > 0 {
			b.WriteString(strings.Repeat(" ", tableGap))
		}
		b.WriteString(cell)
	}
	return strings.TrimRight(b.String(), " ")
}

// cut returns text in at most so many letters; 0 means as many as it has.
func cut(text string, width int) string {
	if letters := []rune(text); width > 0 && len(letters) > width {
		return string(letters[:width-1]) + "…"
	}
	return text
}
