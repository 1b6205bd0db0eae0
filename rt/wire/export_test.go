package wire

// AllRows reads the cells of rows of any width, for the comparison with
// encoding/csv.
func AllRows(block []byte) (rows [][]string, err *Malformed) {
	d := NewCSV(&CSVFormat{Delimiter: ','})
	d.Reset(block, nil, 1)
	for d.nextRow() {
		var row []string
		for _, c := range d.cells {
			row = append(row, string(d.textOf(c)))
		}
		rows = append(rows, row)
		if d.err != nil {
			return rows, d.err
		}
	}
	return rows, nil
}

// Pos returns the position in the line.
func (d *Dec) Pos() int { return d.pos }
