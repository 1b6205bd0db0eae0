package oracle

import (
	"encoding/csv"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// table is how the rows of a source of csv lie in its file.
type table struct {
	delimiter rune
	columns   []string // of the header, or the fields in order
}

// tableOf returns the table of a source, nil if its rows are JSON. A header is
// the first of the rows, which are returned without it.
func tableOf(s *ir.Source, rows []string) (t *table, skipped int) {
	if s.Connector.Name != "csv" {
		return nil, 0
	}
	t = &table{delimiter: ','}
	if d, ok := s.Connector.Args["delimiter"].(*ir.StringConst); ok {
		t.delimiter = []rune(d.Value)[0]
	}
	if h, ok := s.Connector.Args["header"].(*ir.BoolConst); ok && !h.Value {
		for _, f := range s.Out.Elem.(*types.Record).Fields {
			t.columns = append(t.columns, f.Name)
		}
		return t, 0
	}
	if len(rows) == 0 {
		return t, 0
	}
	t.columns, _ = t.cells(rows[0])
	return t, 1
}

// cells parts a row.
func (t *table) cells(row string) ([]string, error) {
	r := csv.NewReader(strings.NewReader(row))
	r.Comma, r.FieldsPerRecord = t.delimiter, -1
	return r.Read()
}

// parse reads a row; reason says why it is malformed.
func (t *table) parse(row string, rec *types.Record) (v any, reason string) {
	cells, err := t.cells(row)
	if err != nil || !utf8.ValidString(row) {
		return nil, "no row of csv"
	}
	if len(cells) != len(t.columns) {
		return nil, "another number of cells than columns"
	}
	got := make([]any, len(rec.Fields))
	for i, f := range rec.Fields {
		at := slices.Index(t.columns, f.Name)
		text := ""
		if at >= 0 {
			text = cells[at]
		}
		option, isOption := f.Type.(*types.Option)
		switch {
		case isOption && text == "":
			got[i] = none
		case isOption:
			if got[i], reason = parseCell(text, option.Elem); reason == "" {
				got[i] = some(got[i])
			}
		case text == "" && f.Default != nil:
			got[i] = constant(f.Default)
		default:
			got[i], reason = parseCell(text, f.Type)
		}
		if reason != "" {
			return nil, reason
		}
	}
	return got, ""
}

// parseCell reads a value that stands in a cell as it does in JSON, but without
// quotes.
func parseCell(text string, t types.Type) (v any, reason string) {
	switch t := t.(type) {
	case *types.Decimal:
	case *types.Basic:
		switch t.Kind {
		case types.String:
			return text, ""
		case types.Bool, types.Int, types.Int32, types.Float, types.Float32:
		default:
			return parseValue(quote(text), t)
		}
	default:
		return parseValue(quote(text), t)
	}
	if text != strings.TrimSpace(text) {
		return nil, "space round a value"
	}
	return parseValue(text, t)
}
