package wire

import "bytes"

// Columns says for each field which column of the header it is read from, -1 if
// an optional one has none, and appends the number of the header's columns. It
// returns an error that names what is missing.
func Columns(header []string, fields []Column) ([]int, error) {
	columns := make([]int, 0, len(fields)+1)
	for _, field := range fields {
		at := -1
		for i, name := range header {
			if name != field.Name {
				continue
			}
			if at >= 0 {
				return nil, &Malformed{Reason: "the header names column " + quote(name) + " twice"}
			}
			at = i
		}
		if at < 0 && !field.Optional {
			return nil, &Malformed{Reason: noColumn(field.Name, header)}
		}
		columns = append(columns, at)
	}
	return append(columns, len(header)), nil
}

// noColumn says that the header lacks a column, and what it has instead.
func noColumn(name string, header []string) string {
	reason := "the header has no column " + quote(name)
	best, least := "", len(name)/3 // short names are alike only but for their case
	for _, candidate := range header {
		if n := editDistance(bytes.ToLower([]byte(name)), bytes.ToLower([]byte(candidate))); n <= least && candidate != "" {
			best, least = candidate, n-1
		}
	}
	if best != "" {
		return reason + ", did you mean " + quote(best) + "?"
	}
	reason += "; it has"
	for i, candidate := range header {
		if i == 10 {
			return reason + " and more"
		}
		if i > 0 {
			reason += ","
		}
		reason += " " + quote(candidate)
	}
	return reason
}

// editDistance returns how many bytes must be put in, left out or changed to
// make b of a.
func editDistance(a, b []byte) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	var row [65]int
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

// Header reads the names of the columns from the first row of a file, which
// block holds whole, and returns what follows it. Space around a name and a byte order mark do not
// count.
func Header(block []byte, delimiter byte) (names []string, rest []byte, err error) {
	d := NewCSV(&CSVFormat{Delimiter: delimiter})
	d.Reset(TrimBOM(block), nil, 1)
	if !d.nextRow() {
		return nil, nil, &Malformed{Reason: "the header is missing"}
	}
	if d.err != nil {
		return nil, nil, d.err
	}
	for _, c := range d.cells {
		names = append(names, string(bytes.TrimSpace(d.textOf(c))))
	}
	return names, d.block[min(d.next, len(d.block)):], nil
}
