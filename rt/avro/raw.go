package avro

import (
	"fmt"

	"github.com/flow-lang/flowc/rt/schema"
)

// Raw reads a value of type t, which has passed [Check], and returns its bytes,
// a view of the input: it looks at each part as a reader of the value would.
func (r *Reader) Raw(t *schema.Type) []byte {
	from := r.at
	r.skip(t)
	if r.err != nil {
		return nil
	}
	return r.data[from:r.at:r.at]
}

func (r *Reader) skip(t *schema.Type) {
	switch t.Shape {
	case schema.Bool:
		r.Bool()
	case schema.Int32:
		r.Int32()
	case schema.Int, schema.Duration:
		r.Int()
	case schema.Float32:
		r.take(4, "a float")
	case schema.Float:
		r.take(8, "a double")
	case schema.String:
		r.View()
	case schema.Bytes:
		r.ViewBytes()
	case schema.Timestamp:
		r.Timestamp()
	case schema.Date:
		r.Date()
	case schema.UUID:
		r.take(16, "a uuid")
	case schema.JSON:
		r.JSON()
	case schema.Decimal:
		r.Decimal(t.Precision)
	case schema.Option:
		if r.Some() {
			r.skip(t.Elem)
		}
	case schema.ListOf, schema.SetOf:
		r.skipAll(Least(t.Elem), t.Elem)
	case schema.MapOf:
		r.skipAll(Least(t.Key)+Least(t.Elem), t.Key, t.Elem)
	case schema.Record, schema.Accumulator:
		for i := range t.Fields {
			r.skip(&t.Fields[i].Type)
		}
	case schema.Enum:
		r.Branch(len(t.Symbols))
	case schema.Union:
		r.skip(&t.Members[r.Branch(len(t.Members))])
	default:
		panic(fmt.Sprintf("avro: a value of the shape %q", t.Shape))
	}
}

func (r *Reader) skipAll(least int, parts ...*schema.Type) {
	for n := r.Block(least); n > 0; n = r.Block(least) {
		for ; n > 0 && !r.Failed(); n-- {
			for _, t := range parts {
				r.skip(t)
			}
		}
	}
}
