package gen

import (
	"encoding/json"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// fitCells reports whether the fields of a record fit the cells of a table.
func fitCells(fields []types.Field) bool {
	for _, f := range fields {
		t := f.Type
		if o, ok := t.(*types.Option); ok {
			t = o.Elem
		}
		switch t := t.(type) {
		case *types.Enum, *types.Decimal:
		case *types.Basic:
			if t.Kind == types.JSON {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// csvRow writes a line of a table: the header, or mostly a record.
func (g *generator) csvRow(i int) string {
	if i == 0 && g.header {
		g.order = g.Perm(len(g.event.Fields))
		names := make([]string, len(g.order))
		for at, field := range g.order {
			names[at] = g.event.Fields[field].Name
		}
		if g.chance(1, 3) {
			names, g.order = append(names, "unknown"), append(g.order, -1)
		}
		return strings.Join(names, g.separator())
	}
	if g.order == nil {
		for at := range g.event.Fields {
			g.order = append(g.order, at)
		}
	}
	cells := make([]string, len(g.order))
	for at, field := range g.order {
		cells[at] = g.cell(field)
	}
	row := strings.Join(cells, g.separator())
	if g.broken() {
		// Quotes that do not end would take the next rows along.
		return one(g, row+g.separator()+"1", strings.Join(cells[1:], g.separator()), `a"b`+row, `"a"b`+g.separator()+row, "x"+row)
	}
	return row
}

func (g *generator) separator() string {
	if g.delimiter == `\t` {
		return "\t"
	}
	return g.delimiter
}

// cell writes the value of a field as a cell, now and then in quotes.
func (g *generator) cell(field int) string {
	if field < 0 {
		return one(g, "", "x", `"y"`)
	}
	f := g.event.Fields[field]
	t, text := f.Type, ""
	if o, ok := t.(*types.Option); ok {
		if g.chance(1, 3) {
			return ""
		}
		t = o.Elem
	}
	if text = g.value(t, field == 0); f.Name == "at" {
		text = quoted(g.eventTime())
	}
	var s string
	if json.Unmarshal([]byte(text), &s) == nil { // it is text, and stands without quotes
		text = s
	}
	if strings.ContainsAny(text, g.separator()+"\"\r\n") || text != "" && g.chance(1, 8) {
		text = `"` + strings.ReplaceAll(text, `"`, `""`) + `"`
	}
	return text
}
