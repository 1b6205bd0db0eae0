package wire

import (
	"bytes"
	"strconv"
)

// Column is a column of CSV that a field of the record is read from.
type Column struct {
	Name     string
	Optional bool // whether a header without it is fine: the field has a default or may be none
}

// CSVFormat says how rows of CSV are read.
type CSVFormat struct {
	Delimiter byte     // between cells; see ValidDelimiter
	Columns   []Column // one for each field of the record, in declared order
	Layout    string   // of timestamps, as package time has it; RFC 3339 if empty
}

// CSV decodes the rows of a block: RFC 4180 with any delimiter, and with "\n"
// or "\r\n" at the end of a row. Blank lines are skipped.
//
// The methods that read a cell take the index of the field. The first mistake
// in a row sticks until the next; after it every cell is zero, so a parser
// looks at [CSV.Err] once per row. Strings are views into the block, or, if they
// held doubled quotes, into memory that is never used again.
//
// A CSV is used by one goroutine at a time.
type CSV struct {
	format   *CSVFormat
	declared []int // the columns of rows without a header: 0, 1, 2, …
	columns  []int // field to column, -1 if there is none
	width    int   // columns of a row
	block    []byte
	next     int // where the next row begins
	start    int // where the row begins
	end      int // where it ends, before its line end
	line     int // of the row
	lines    int // line of the next row
	cells    []cell
	err      *Malformed
	text     chunk
}

// A cell is a cell of the row at hand, without its quotes.
type cell struct {
	start, end int
	doubled    bool // whether doubled quotes stand in it
}

// NewCSV returns a decoder of rows of that format.
func NewCSV(format *CSVFormat) *CSV {
	d := &CSV{format: format}
	for i := range format.Columns {
		d.declared = append(d.declared, i)
	}
	return d
}

// Reset begins a block, which holds whole rows. columns is what [Columns] made
// of the header; nil if there is none, and then the columns are the fields in
// declared order. line is the number of the block's first line.
func (d *CSV) Reset(block []byte, columns []int, line int) {
	fields := len(d.format.Columns)
	d.block, d.next, d.lines, d.err = block, 0, line, nil
	d.columns, d.width = d.declared, fields
	if len(columns) > fields {
		d.columns, d.width = columns[:fields], columns[fields]
	}
}

// Next reads the next row. It returns false at the end of the block. A row
// whose form is wrong is a row, too: Err says why.
func (d *CSV) Next() bool {
	if !d.nextRow() {
		return false
	}
	if len(d.cells) != d.width {
		d.fail("the row has " + countOf(len(d.cells)) + " instead of " + strconv.Itoa(d.width))
	}
	return true
}

// nextRow is Next for rows of any width.
func (d *CSV) nextRow() bool {
	for d.next < len(d.block) {
		d.err, d.cells = nil, d.cells[:0]
		d.start, d.line = d.next, d.lines
		d.scanRow()
		if d.end > d.start {
			return true
		}
	}
	return false
}

func countOf(columns int) string {
	if columns == 1 {
		return "1 column"
	}
	return strconv.Itoa(columns) + " columns"
}

// Line returns the number of the line where the row begins.
func (d *CSV) Line() int { return d.line }

// Raw returns the text of the row without its line end.
func (d *CSV) Raw() []byte { return d.block[d.start:d.end] }

// Err returns the first mistake in the row, or nil.
func (d *CSV) Err() *Malformed { return d.err }

// scanRow finds the cells of the row that begins at next, and its end.
func (d *CSV) scanRow() {
	b, i := d.block, d.next
	for {
		var c cell
		if i < len(b) && b[i] == '"' {
			c, i = d.quotedCell(i)
		} else {
			c.start = i
			i = d.plainEnd(i)
			c.end = i
		}
		if i < len(b) && b[i] == d.format.Delimiter {
			d.cells = append(d.cells, c)
			i++
			continue
		}
		d.next, d.end = i+1, i // at a newline, or the end of the block
		if i > d.start && i > 0 && b[i-1] == '\r' {
			d.end--
			c.end = min(c.end, d.end)
		}
		d.lines++
		d.cells = append(d.cells, c)
		return
	}
}

// plainEnd returns where the unquoted text that begins at i ends: at a
// delimiter, a newline, or the end of the block. A quote in it is a mistake of
// the row, which then goes on all the same.
func (d *CSV) plainEnd(i int) int {
	b := d.block
	delimiter := uint64(d.format.Delimiter) * each
	for i < len(b) {
		if i+8 <= len(b) {
			marks := cellMarks(load64(b[i:]), delimiter)
			if marks == 0 {
				i += 8
				continue
			}
			i += firstMark(marks)
		}
		switch b[i] {
		case d.format.Delimiter, '\n':
			return i
		case '"':
			d.fail("a quote stands in a cell without quotes around it")
		}
		i++
	}
	return i
}

// cellMarks marks, by their top bits, the bytes of x that are a delimiter, a
// newline or a quote. Only the lowest mark is certain.
func cellMarks(x, delimiter uint64) uint64 {
	d, n, q := x^delimiter, x^'\n'*each, x^'"'*each
	return ((d - each) | (n - each) | (q - each)) &^ x & tops
}

// quotedCell reads the cell whose opening quote stands at i and returns where
// it ends.
func (d *CSV) quotedCell(i int) (c cell, end int) {
	b := d.block
	c.start, c.end = i+1, closingQuote(b, i+1)
	if c.end < 0 {
		d.fail("a quote is not closed")
		d.lines += bytes.Count(b[c.start:], []byte{'\n'})
		c.end = len(b)
		return c, len(b)
	}
	c.doubled = bytes.IndexByte(b[c.start:c.end], '"') >= 0
	d.lines += bytes.Count(b[c.start:c.end], []byte{'\n'})
	end = d.plainEnd(c.end + 1)
	if rest := b[c.end+1 : end]; len(rest) > 0 && !(string(rest) == "\r" && (end == len(b) || b[end] == '\n')) {
		d.fail("text follows a closing quote")
	}
	return c, end
}

// fail records a mistake in the form of the row, unless there is one.
func (d *CSV) fail(reason string) {
	if d.err == nil {
		d.err = &Malformed{Reason: reason}
	}
}
