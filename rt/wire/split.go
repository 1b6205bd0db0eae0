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
	for _, c := range line {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

// TrimBOM returns the beginning of a file without the byte order mark that
// some programs put there.
func TrimBOM(block []byte) []byte {
	return bytes.TrimPrefix(block, []byte("\ufeff"))
}
