package cli

import (
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
		over := func() int { return min(all()-width, all()-width-widths[names]+leastOf) }
		for _, sure := range []bool{true, false} {
			for _, i := range t.drop {
				if over() > 0 && (!sure || t.isEmpty(i)) {
					widths[i] = 0
				}
			}
		}
		widths[names] = max(min(widths[names], widths[names]-(all()-width)), leastOf)
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
		if letters := []rune(cell); len(letters) > width {
			cell = string(letters[:width-1]) + "…"
		}
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
