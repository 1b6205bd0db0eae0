package parquet

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"
	"github.com/parquet-go/parquet-go/format"

	"github.com/flow-lang/flowc/rt/avro"
)

// Reader reads the rows of a file, whoever wrote it, as values of the Avro schema
// that says the same: groups are records, what may be null is a union with null,
// and lists and maps are those of either of the two ways in which they are
// written.
type Reader struct {
	file    *parquet.File
	root    *node
	schema  *avro.Foreign
	group   int // of rows, that is read next
	rows    parquet.Rows
	batch   []parquet.Row
	n, at   int // rows of batch, and of them those that were given
	columns [][]parquet.Value
	next    []int // of each column: the value that comes next
	err     error // of the row at hand
}

// rowsAtOnce is how many rows are taken from the library at once.
const rowsAtOnce = 64

// NewReader reads what describes the file: its end.
func NewReader(in io.ReaderAt, size int64) (*Reader, error) {
	var f *parquet.File
	err := guarded(func() (err error) {
		f, err = parquet.OpenFile(in, size, parquet.SkipBloomFilters(true))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("the file is no whole Parquet file: %w", err)
	}
	r := &Reader{file: f, batch: make([]parquet.Row, rowsAtOnce)}
	names := 0
	if r.root, err = nodeOf(f.Root(), 0, 0, &names); err != nil {
		return nil, err
	}
	text, err := json.Marshal(r.root.schema)
	if err != nil {
		return nil, err
	}
	if r.schema, err = avro.ParseSchema(string(text)); err != nil {
		return nil, err
	}
	r.columns, r.next = make([][]parquet.Value, names), make([]int, names)
	return r, nil
}

// Schema describes the rows.
func (r *Reader) Schema() *avro.Foreign { return r.schema }

// Next appends the next row as Avro binary. At the end of the file the error is
// io.EOF.
func (r *Reader) Next(dst []byte) ([]byte, error) {
	for r.at == r.n {
		if err := r.more(); err != nil {
			return dst, err
		}
	}
	row := r.batch[r.at]
	r.at++
	for i := range r.columns {
		r.columns[i], r.next[i] = r.columns[i][:0], 0
	}
	for _, v := range row {
		c := v.Column()
		if c < 0 || c >= len(r.columns) {
			return dst, fmt.Errorf("a value of column %d of %d", c, len(r.columns))
		}
		r.columns[c] = append(r.columns[c], v)
	}
	dst = r.root.read(dst, r)
	return dst, r.err
}

// more takes rows from the library.
func (r *Reader) more() error {
	for {
		if r.rows == nil {
			groups := r.file.RowGroups()
			if r.group == len(groups) {
				return io.EOF
			}
			r.rows = groups[r.group].Rows()
			r.group++
		}
		err := guarded(func() (err error) {
			r.at = 0
			r.n, err = r.rows.ReadRows(r.batch)
			if errors.Is(err, io.EOF) {
				err = r.rows.Close()
				r.rows = nil
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("the file is damaged: %w", err)
		}
		if r.n > 0 {
			return nil
		}
	}
}

// guarded calls the library, which panics over some files that are damaged.
func guarded(call func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it does not hold together: %v", p)
		}
	}()
	return call()
}

// role is what a node is read as.
type role int

const (
	scalar role = iota
	group       // a record
	list        // of its only part
	pairs       // a map of its two parts
)

// node is a part of a row.
type node struct {
	role     role
	schema   any // in Avro, as JSON
	optional bool
	define   int // definition level from which there is a value, or an element
	repeat   int // of a list: repetition level of its elements but the first
	parts    []*node
	column   int // the first of its columns
	append   func(dst []byte, v parquet.Value) ([]byte, bool)
}

// nodeOf makes the node of a column within so many lists and options. columns
// counts those that have values.
func nodeOf(c *parquet.Column, define, repeat int, columns *int) (*node, error) {
	n := &node{column: *columns}
	if c.Optional() {
		n.optional = true
		define++
	}
	if c.Repeated() {
		return n, n.repeated(c, define, repeat, columns)
	}
	n.define = define
	err := n.plain(c, define, repeat, columns)
	if n.optional {
		n.schema = []any{"null", n.schema}
	}
	return n, err
}

// repeated makes a list of the elements that a column itself has.
func (n *node) repeated(c *parquet.Column, define, repeat int, columns *int) error {
	elem := &node{column: n.column, define: define + 1}
	err := elem.plain(c, define+1, repeat+1, columns)
	n.listOf(elem, define, repeat)
	return err
}

// listOf makes a list within so many lists and options of an element.
func (n *node) listOf(elem *node, define, repeat int) {
	n.role, n.define, n.repeat, n.parts = list, define+1, repeat+1, []*node{elem}
	n.schema = map[string]any{"type": "array", "items": elem.schema}
}

// plain makes what a column holds, apart from how often.
func (n *node) plain(c *parquet.Column, define, repeat int, columns *int) error {
	if c.Leaf() {
		*columns++
		return n.leaf(c)
	}
	parts := c.Columns()
	_, isList := logicalOf(c).(*format.ListType)
	_, isMap := logicalOf(c).(*format.MapType)
	isMap = isMap || converted(c, deprecated.Map) || converted(c, deprecated.MapKeyValue)
	if len(parts) == 1 && parts[0].Repeated() {
		switch {
		case isList || converted(c, deprecated.List):
			return n.list(parts[0], define, repeat, columns)
		case isMap && len(parts[0].Columns()) == 2:
			return n.mapping(parts[0], define, repeat, columns)
		}
	}
	n.role = group
	fields := []any{}
	for _, part := range parts {
		p, err := nodeOf(part, define, repeat, columns)
		if err != nil {
			return fmt.Errorf("%s: %w", part.Name(), err)
		}
		n.parts = append(n.parts, p)
		fields = append(fields, map[string]any{"name": part.Name(), "type": p.schema})
	}
	n.schema = map[string]any{"type": "record", "name": "r" + strconv.Itoa(c.Depth()) + "_" + strconv.Itoa(n.column), "fields": fields}
	return nil
}

// logicalOf is what a column is said to be, nil if nothing is said.
func logicalOf(c *parquet.Column) format.LogicalTypeValue {
	if l := c.Type().LogicalType(); l != nil {
		return l.Value
	}
	return nil
}

// converted reports whether a column is said to be of a type in the former way.
func converted(c *parquet.Column, to deprecated.ConvertedType) bool {
	t := c.Type().ConvertedType()
	return t != nil && *t == to
}

// list reads the list whose repeated part is elems: a group around the element, or
// the element itself.
func (n *node) list(elems *parquet.Column, define, repeat int, columns *int) error {
	inner := elems.Columns()
	if elems.Leaf() || len(inner) != 1 || elems.Name() == "array" {
		return n.repeated(elems, define, repeat, columns)
	}
	elem, err := nodeOf(inner[0], define+1, repeat+1, columns)
	n.listOf(elem, define, repeat)
	return err
}

func (n *node) mapping(entries *parquet.Column, define, repeat int, columns *int) error {
	n.role, n.define, n.repeat = pairs, define+1, repeat+1
	for _, part := range entries.Columns() {
		p, err := nodeOf(part, define+1, repeat+1, columns)
		if err != nil {
			return err
		}
		n.parts = append(n.parts, p)
	}
	key, value := n.parts[0].schema, n.parts[1].schema
	if key == "string" {
		n.schema = map[string]any{"type": "map", "values": value}
		return nil
	}
	n.schema = map[string]any{"type": "array", "flow": "map", "items": map[string]any{
		"type": "record", "name": "m" + strconv.Itoa(n.column), "fields": []any{
			map[string]any{"name": "key", "type": key}, map[string]any{"name": "value", "type": value},
		},
	}}
	return nil
}

// peek returns the next value of the node's first column; ok is false if there is
// none.
func (n *node) peek(r *Reader) (v parquet.Value, ok bool) {
	if n.column >= len(r.columns) || r.next[n.column] >= len(r.columns[n.column]) {
		return v, false
	}
	return r.columns[n.column][r.next[n.column]], true
}

// skip passes over the nulls that stand in all columns of a node that is not
// there.
func (n *node) skip(r *Reader) {
	if n.role == scalar {
		r.next[n.column]++
	}
	for _, p := range n.parts {
		p.skip(r)
	}
}

// read appends what comes next.
func (n *node) read(dst []byte, r *Reader) []byte {
	if r.err != nil {
		return dst
	}
	v, ok := n.peek(r)
	if !ok && (n.role != group || len(n.parts) > 0) {
		r.err = errors.New("the row has too few values")
		return dst
	}
	if n.optional {
		there := n.define
		if n.role == list || n.role == pairs {
			there-- // from n.define on there are elements
		}
		if v.DefinitionLevel() < there {
			n.skip(r)
			return avro.AppendBranch(dst, 0)
		}
		dst = avro.AppendBranch(dst, 1)
	}
	switch n.role {
	case scalar:
		r.next[n.column]++
		if dst, ok = n.append(dst, v); !ok {
			r.err = fmt.Errorf("column %d has a value that is out of range: %s", n.column, v)
		}
	case group:
		for _, p := range n.parts {
			dst = p.read(dst, r)
		}
	default:
		return n.elements(dst, r, v.DefinitionLevel() >= n.define)
	}
	return dst
}

// elements appends the elements of a list or a map, each in a block of its own.
func (n *node) elements(dst []byte, r *Reader, any bool) []byte {
	if !any {
		n.skip(r)
		return avro.AppendEnd(dst)
	}
	for {
		dst = avro.AppendCount(dst, 1)
		for _, p := range n.parts {
			dst = p.read(dst, r)
		}
		if v, ok := n.peek(r); r.err != nil || !ok || v.RepetitionLevel() != n.repeat {
			return avro.AppendEnd(dst)
		}
	}
}

// leaf says how the values of a column are written.
func (n *node) leaf(c *parquet.Column) error {
	n.role = scalar
	t, logical := c.Type(), logicalOf(c)
	if d, ok := logical.(*format.DecimalType); ok {
		return n.decimal(t.Kind(), int(d.Precision), int(d.Scale))
	}
	switch t.Kind() {
	case parquet.Boolean:
		n.is("boolean", func(dst []byte, v parquet.Value) []byte { return avro.AppendBool(dst, v.Boolean()) })
	case parquet.Int32:
		n.int32(logical)
	case parquet.Int64:
		n.int64(logical)
	case parquet.Int96:
		n.schema = map[string]any{"type": "long", "logicalType": "timestamp-micros"}
		n.append = func(dst []byte, v parquet.Value) ([]byte, bool) {
			const julian1970 = 2440588
			at := v.Int96()
			nanos := int64(uint64(at[0]) | uint64(at[1])<<32)
			return avro.AppendInt(dst, (int64(at[2])-julian1970)*86_400_000_000+nanos/1000), true
		}
	case parquet.Float:
		n.is("float", func(dst []byte, v parquet.Value) []byte { return avro.AppendFloat32(dst, v.Float()) })
	case parquet.Double:
		n.is("double", func(dst []byte, v parquet.Value) []byte { return avro.AppendFloat(dst, v.Double()) })
	default:
		n.bytes(t, logical)
	}
	return nil
}

// is says that values are of an Avro type, and how they are appended.
func (n *node) is(schema any, write func(dst []byte, v parquet.Value) []byte) {
	n.schema = schema
	n.append = func(dst []byte, v parquet.Value) ([]byte, bool) { return write(dst, v), true }
}

func (n *node) int32(logical format.LogicalTypeValue) {
	n.is("int", func(dst []byte, v parquet.Value) []byte { return avro.AppendInt(dst, v.Int32()) })
	switch l := logical.(type) {
	case *format.DateType:
		n.schema = map[string]any{"type": "int", "logicalType": "date"}
	case *format.IntType:
		if !l.IsSigned {
			n.is("long", func(dst []byte, v parquet.Value) []byte { return avro.AppendInt(dst, int64(v.Uint32())) })
		}
	}
}

func (n *node) int64(logical format.LogicalTypeValue) {
	n.is("long", func(dst []byte, v parquet.Value) []byte { return avro.AppendInt(dst, v.Int64()) })
	switch l := logical.(type) {
	case *format.TimestampType:
		unit := "timestamp-micros"
		switch l.Unit.Value.(type) {
		case *format.MilliSeconds:
			unit = "timestamp-millis"
		case *format.NanoSeconds:
			unit = "timestamp-nanos"
		}
		n.schema = map[string]any{"type": "long", "logicalType": unit}
	case *format.IntType:
		if !l.IsSigned {
			n.append = func(dst []byte, v parquet.Value) ([]byte, bool) {
				return avro.AppendInt(dst, v.Int64()), v.Uint64() <= math.MaxInt64
			}
		}
	}
}

// bytes is a text, a uuid, or bytes.
func (n *node) bytes(t parquet.Type, logical format.LogicalTypeValue) {
	n.is("bytes", func(dst []byte, v parquet.Value) []byte { return avro.AppendBytes(dst, v.ByteArray()) })
	switch logical.(type) {
	case *format.StringType, *format.EnumType:
		n.schema = "string"
	case *format.JsonType:
		n.schema = map[string]any{"type": "string", "flow": "json"}
	case *format.UUIDType:
		n.is(map[string]any{"type": "fixed", "size": 16, "name": "u" + strconv.Itoa(n.column), "logicalType": "uuid"},
			func(dst []byte, v parquet.Value) []byte { return append(dst, v.ByteArray()...) })
	}
}

// decimal is one of a whole number, or of its bytes.
func (n *node) decimal(kind parquet.Kind, precision, scale int) error {
	if precision > 38 {
		return fmt.Errorf("a decimal of %d digits: those of 38 are read", precision)
	}
	n.is(map[string]any{"type": "bytes", "logicalType": "decimal", "precision": precision, "scale": scale},
		func(dst []byte, v parquet.Value) []byte {
			switch kind {
			case parquet.Int32:
				return avro.AppendBytes(dst, binary.BigEndian.AppendUint32(nil, uint32(v.Int32())))
			case parquet.Int64:
				return avro.AppendBytes(dst, binary.BigEndian.AppendUint64(nil, uint64(v.Int64())))
			}
			return avro.AppendBytes(dst, v.ByteArray())
		})
	return nil
}
