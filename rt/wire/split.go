package wire

import "bytes"

// LastLine returns the length of the whole lines at the beginning of block,
// each with its newline. At the end of the input (eof) a last line needs none.
func LastLine(block []byte, eof bool) int {
	if eof {
		return len(block)
	}
	return bytes.LastIndexByte(block, '\n') + 1
}

// LastRow returns the length of the whole rows of CSV at the beginning of
// block, which begins with a row, each with its newline. A newline inside quotes
// ends no row, so a quote that is never closed takes all that follows. At the
// end of the input (eof) a last row needs no newline.
func LastRow(block []byte, delimiter byte, eof bool) int {
	if eof {
		return len(block)
	}
	end := 0 // of the last whole row
	for i := 0; ; {
		quote := bytes.IndexByte(block[i:], '"')
		if quote < 0 {
			if n := bytes.LastIndexByte(block[i:], '\n'); n >= 0 {
				end = i + n + 1
			}
			return end
		}
		if n := bytes.LastIndexByte(block[i:i+quote], '\n'); n >= 0 {
			end = i + n + 1
		}
		i += quote
		if i > 0 && block[i-1] != delimiter && block[i-1] != '\n' {
			i++ // a quote inside a cell opens nothing
			continue
		}
		if i = closingQuote(block, i+1); i < 0 {
			return end
		}
		i++
	}
}

// closingQuote returns the index of the quote that closes the cell whose
// content begins at i, or -1 if there is none.
func closingQuote(b []byte, i int) int {
	for {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		if i+1 == len(b) || b[i+1] != '"' {
			return i
		}
		i += 2
	}
}

// NextLine returns the first line of block without its end, which is "\n" or
// "\r\n", and what follows it.
func NextLine(block []byte) (line, rest []byte) {
	line = block
	if i := bytes.IndexByte(block, '\n'); i >= 0 {
		line, rest = block[:i], block[i+1:]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line, rest
}

// IsBlank reports whether line holds nothing but white space; blank lines are
// skipped.
func IsBlank(line []byte) bool {
	return len(line) == 0 || line[0] <= ' ' && len(bytes.Trim(line, " \t\r")) == 0
}

// Lines walks over the lines of a block that are not blank. The zero Lines is
// ready for Reset.
type Lines struct {
	rest []byte
	text []byte
	next int // number of the line after text
}

// Reset begins a block, which holds whole lines. line is the number of its
// first.
func (l *Lines) Reset(block []byte, line int) { l.rest, l.text, l.next = block, nil, line }

// Next moves to the next line that is not blank. It returns false at the end of
// the block.
func (l *Lines) Next() bool {
	for len(l.rest) > 0 {
		l.text, l.rest = NextLine(l.rest)
		l.next++
		if !IsBlank(l.text) {
			return true
		}
	}
	return false
}

// Raw returns the line without its end.
func (l *Lines) Raw() []byte { return l.text }

// Line returns the number of the line.
func (l *Lines) Line() int { return l.next - 1 }

// TrimBOM returns the beginning of a file without the byte order mark that
// some programs put there.
func TrimBOM(block []byte) []byte {
	return bytes.TrimPrefix(block, []byte("\ufeff"))
}
