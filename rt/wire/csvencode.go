package wire

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// AppendCell appends s as a cell of CSV, in quotes only where it must be.
func AppendCell(dst []byte, s string, delimiter byte) []byte {
	if !needsQuotes(s, delimiter) {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	for {
		i := strings.IndexByte(s, '"')
		if i < 0 {
			dst = append(dst, s...)
			return append(dst, '"')
		}
		dst = append(append(dst, s[:i+1]...), '"')
		s = s[i+1:]
	}
}

// needsQuotes reports whether s is no cell as it stands. Space at its beginning
// is quoted because some readers drop it, and `\.` because it ends the input
// of Postgres, as encoding/csv does.
func needsQuotes(s string, delimiter byte) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c == delimiter || c == '"' || c == '\n' || c == '\r' {
			return true
		}
	}
	if s == "" {
		return false
	}
	first, _ := utf8.DecodeRuneInString(s)
	return s == `\.` || unicode.IsSpace(first)
}

// AppendRowEnd ends the row of CSV that begins at start. A row of one empty
// cell is given quotes: as a blank line no reader would see it.
func AppendRowEnd(dst []byte, start int) []byte {
	if len(dst) == start {
		dst = append(dst, `""`...)
	}
	return append(dst, '\n')
}

// AppendHeader appends the row that names the columns.
func AppendHeader(dst []byte, names []string, delimiter byte) []byte {
	start := len(dst)
	for i, name := range names {
		if i > 0 {
			dst = append(dst, delimiter)
		}
		dst = AppendCell(dst, name, delimiter)
	}
	return AppendRowEnd(dst, start)
}

// ValidDelimiter reports whether cells may be parted by c: a printable ASCII
// character or a tab that stands in no number, time or identifier, so that only
// strings ever need quotes.
func ValidDelimiter(c byte) bool {
	return strings.IndexByte("\t !#$%&'()*,;<>?@[]^`{|}~", c) >= 0
}
