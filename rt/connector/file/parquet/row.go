package parquet

import (
	"encoding/binary"

	"github.com/parquet-go/parquet-go"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/schema"
)

// put reads a value and puts it into its columns. repeat is the repetition level
// of its first part, define how much of its path there is: see the format's
// description of nested columns.
func (w *Writer) put(p *part, repeat, define int) {
	switch t := p.t; t.Shape {
	case schema.Option:
		if w.in.Some() {
			w.put(p.parts[0], repeat, define+1)
		} else {
			w.null(p.parts[0], repeat, define)
		}
	case schema.ListOf, schema.SetOf, schema.MapOf:
		w.putAll(p, repeat, define)
	case schema.Record, schema.Accumulator:
		for _, of := range p.parts {
			w.put(of, repeat, define)
		}
		if len(p.parts) == 0 {
			w.add(p, parquet.BooleanValue(true), repeat, define)
		}
	case schema.Union:
		which := w.in.Branch(len(p.parts))
		for i, of := range p.parts {
			if i == which {
				w.put(of, repeat, define+1)
			} else {
				w.null(of, repeat, define)
			}
		}
	default:
		w.add(p, w.value(t), repeat, define)
	}
}

// putAll puts the elements of a list, set or map.
func (w *Writer) putAll(p *part, repeat, define int) {
	least, first := 0, true
	for _, of := range p.parts {
		least += avro.Least(of.t)
	}
	for n := w.in.Block(least); n > 0; n = w.in.Block(least) {
		for ; n > 0 && !w.in.Failed(); n-- {
			for _, of := range p.parts {
				w.put(of, repeat, define+1)
			}
			first, repeat = false, p.repeat
		}
	}
	if first {
		for _, of := range p.parts {
			w.null(of, repeat, define)
		}
	}
}

// null says in all columns of a part that there is none.
func (w *Writer) null(p *part, repeat, define int) {
	if len(p.parts) == 0 {
		w.add(p, parquet.NullValue(), repeat, define)
	}
	for _, of := range p.parts {
		w.null(of, repeat, define)
	}
}

func (w *Writer) add(p *part, v parquet.Value, repeat, define int) {
	w.columns[p.column] = append(w.columns[p.column], v.Level(repeat, define, p.column))
}

// value reads a value that is one column.
func (w *Writer) value(t *schema.Type) parquet.Value {
	in := &w.in
	switch t.Shape {
	case schema.Bool:
		return parquet.BooleanValue(in.Bool())
	case schema.Int32:
		return parquet.Int32Value(in.Int32())
	case schema.Int:
		return parquet.Int64Value(in.Int())
	case schema.Duration:
		return parquet.Int64Value(int64(in.Duration()))
	case schema.Float32:
		return parquet.FloatValue(in.Float32())
	case schema.Float:
		return parquet.DoubleValue(in.Float())
	case schema.Timestamp:
		return parquet.Int64Value(int64(in.Timestamp()))
	case schema.Date:
		return parquet.Int32Value(int32(in.Date()))
	case schema.UUID:
		id := in.UUID()
		return parquet.FixedLenByteArrayValue(id[:])
	case schema.Enum:
		return parquet.ByteArrayValue([]byte(t.Symbols[in.Branch(len(t.Symbols))].Name))
	case schema.Decimal:
		d := in.Decimal(t.Precision)
		digits := binary.BigEndian.AppendUint64(make([]byte, 0, decimalBytes), uint64(d.Hi))
		return parquet.FixedLenByteArrayValue(binary.BigEndian.AppendUint64(digits, d.Lo))
	default: // text or bytes
		return parquet.ByteArrayValue(in.ViewBytes())
	}
}
