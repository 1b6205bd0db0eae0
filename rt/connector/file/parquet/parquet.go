// Package parquet writes values of saved state as Parquet files, from their Avro
// binary and the description of their type.
//
// Numbers, texts, dates, timestamps, decimals, lists and maps are what Parquet has
// for them. A set is a list, an enum a text, a duration its microseconds, JSON its
// text; an option may be null; a union is a group of its members, all but one of
// which are null. A group without fields gets one that is called empty. Columns of a
// group are sorted by name.
package parquet

import (
	"fmt"
	"io"

	"github.com/parquet-go/parquet-go"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/schema"
)

// rowsOfGroup is how many rows are kept in memory until they are written as one
// group.
const rowsOfGroup = 100_000

// Writer writes a file of rows of one type.
type Writer struct {
	root    *part
	out     *parquet.GenericWriter[any]
	columns [][]parquet.Value
	row     parquet.Row
	in      avro.Reader
}

// NewWriter returns a writer of rows of the type t, a record that has passed
// [avro.Check].
func NewWriter(to io.Writer, t *schema.Type) *Writer {
	w := &Writer{root: &part{t: t}}
	described := parquet.NewSchema(t.Name, w.root.describe())
	w.root.number(described, nil, 0)
	w.columns = make([][]parquet.Value, len(described.Columns()))
	w.out = parquet.NewGenericWriter[any](to, described, parquet.Compression(&parquet.Zstd), parquet.MaxRowsPerRowGroup(rowsOfGroup))
	return w
}

// Write writes one row, given as Avro binary.
func (w *Writer) Write(row []byte) error {
	for i := range w.columns {
		w.columns[i] = w.columns[i][:0]
	}
	w.in.Reset(row)
	w.put(w.root, 0, 0)
	if err := w.in.Close(); err != nil {
		return err
	}
	w.row = w.row[:0]
	for _, values := range w.columns {
		w.row = append(w.row, values...)
	}
	_, err := w.out.WriteRows([]parquet.Row{w.row})
	return err
}

// Close ends the file.
func (w *Writer) Close() error { return w.out.Close() }

// part is a type at its place in a row.
type part struct {
	t      *schema.Type
	parts  []*part // of a group: its fields; of a list, set or option: the element; of a map: key and value
	column int     // of what has no parts
	repeat int     // of a list, set or map: how many lists its elements are in, which is their repetition level
}

// What Parquet calls the parts of lists and maps.
var (
	pathOfElement = []string{"list", "element"}
	pathOfKey     = []string{"key_value", "key"}
	pathOfValue   = []string{"key_value", "value"}
	pathOfInner   = []string{"value"}
)

// nameOfNothing is the field of a group that has none.
const nameOfNothing = "empty"

// describe makes the parts and returns what Parquet calls the type.
func (p *part) describe() parquet.Node {
	inner := func(t *schema.Type) parquet.Node {
		of := &part{t: t}
		p.parts = append(p.parts, of)
		return of.describe()
	}
	switch t := p.t; t.Shape {
	case schema.Option:
		node := inner(t.Elem)
		if t.Elem.Shape == schema.Option {
			node = parquet.Group{pathOfInner[0]: node}
		}
		return parquet.Optional(node)
	case schema.ListOf, schema.SetOf:
		return parquet.List(inner(t.Elem))
	case schema.MapOf:
		key := inner(t.Key)
		return parquet.Map(key, inner(t.Elem))
	case schema.Record, schema.Accumulator:
		group := parquet.Group{}
		for i := range t.Fields {
			group[t.Fields[i].Name] = inner(&t.Fields[i].Type)
		}
		if len(group) == 0 {
			group[nameOfNothing] = parquet.Leaf(parquet.BooleanType)
		}
		return group
	case schema.Union:
		group := parquet.Group{}
		for i := range t.Members {
			group[t.Tag(i)] = parquet.Optional(inner(&t.Members[i]))
		}
		return group
	default:
		return leaf(t)
	}
}

// decimalBytes holds a decimal of 38 digits.
const decimalBytes = 16

func leaf(t *schema.Type) parquet.Node {
	switch t.Shape {
	case schema.Bool:
		return parquet.Leaf(parquet.BooleanType)
	case schema.Int32:
		return parquet.Int(32)
	case schema.Int, schema.Duration:
		return parquet.Int(64)
	case schema.Float32:
		return parquet.Leaf(parquet.FloatType)
	case schema.Float:
		return parquet.Leaf(parquet.DoubleType)
	case schema.String, schema.Enum:
		return parquet.String()
	case schema.JSON:
		return parquet.JSON()
	case schema.Bytes:
		return parquet.Leaf(parquet.ByteArrayType)
	case schema.Timestamp:
		return parquet.Timestamp(parquet.Microsecond)
	case schema.Date:
		return parquet.Date()
	case schema.UUID:
		return parquet.UUID()
	case schema.Decimal:
		return parquet.Decimal(t.Scale, t.Precision, parquet.FixedLenByteArrayType(decimalBytes))
	default:
		panic(fmt.Sprintf("parquet: a value of the shape %q", t.Shape))
	}
}

// number finds the columns of a part at a path, within so many lists.
func (p *part) number(described *parquet.Schema, path []string, lists int) {
	p.repeat = lists + 1
	under := func(i int, more ...string) {
		if len(more) == 2 {
			lists = p.repeat
		}
		p.parts[i].number(described, append(path[:len(path):len(path)], more...), lists)
	}
	lookUp := func(more ...string) parquet.LeafColumn {
		at, ok := described.Lookup(append(path[:len(path):len(path)], more...)...)
		if !ok {
			panic(fmt.Sprintf("parquet: no column %q", path))
		}
		return at
	}
	switch t := p.t; t.Shape {
	case schema.Option:
		if t.Elem.Shape == schema.Option {
			under(0, pathOfInner...)
		} else {
			under(0)
		}
	case schema.ListOf, schema.SetOf:
		under(0, pathOfElement...)
	case schema.MapOf:
		under(0, pathOfKey...)
		under(1, pathOfValue...)
	case schema.Record, schema.Accumulator:
		for i := range t.Fields {
			under(i, t.Fields[i].Name)
		}
		if len(t.Fields) == 0 {
			p.column = lookUp(nameOfNothing).ColumnIndex
		}
	case schema.Union:
		for i := range t.Members {
			under(i, t.Tag(i))
		}
	default:
		p.column = lookUp().ColumnIndex
	}
}
