package evolve

import (
	"errors"
	"math"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// Witness returns an old value, as JSON, that the new program could not read, for
// a change of a state that breaks or is checked; "" if none is found.
func (p *Plan) Witness(c *Change) string {
	if v := c.Verdict(); c.What != OfState || v != Breaks && v != MigratesChecked || c.OldUID == "" {
		return ""
	}
	op := p.Old.OperatorAt(c.OldUID)
	if op < 0 {
		return ""
	}
	at := stateCalled(&p.Old.Operators[op], c.OldName)
	if at < 0 || p.Old.Operators[op].States[at].Type == nil {
		return ""
	}
	s := &p.Old.Operators[op].States[at]
	m := p.Mover(op, at, Moment{})
	if m == nil {
		return example(link(s.Type))
	}
	// Each part of an entry by itself, so that the other cannot be in the way.
	for _, n := range []*node{m.val, m.cell, m.sub} {
		if n == nil || n.same {
			continue
		}
		for _, v := range instances(n.old, 0) {
			_, err := n.all(nil, v)
			var misfit *Misfit
			if errors.As(err, &misfit) {
				return asJSON(n.old, v)
			}
		}
	}
	return ""
}

func example(t *typ) string {
	all := instances(t, 0)
	if len(all) == 0 {
		return ""
	}
	return asJSON(t, all[len(all)-1])
}

func asJSON(t *typ, v []byte) string {
	text, _, err := appendJSON(nil, t, v, 0)
	if err != nil {
		return ""
	}
	return short(text)
}

// Show writes a saved value as JSON.
func Show(t *schema.Type, v []byte) string {
	if t == nil {
		return ""
	}
	return asJSON(link(t), v)
}

// Mapped shows, for a sample of a plan, what a record becomes: its value as JSON,
// or why it does not fit.
func (p *Plan) Mapped(op, index int, r *state.Record) []string {
	m := p.Mover(op, index, Moment{})
	if m == nil {
		return nil
	}
	var out []string
	show := func(n *state.Record) error {
		if m.timer {
			return nil
		}
		s := &p.New.Operators[m.Op].States[m.State]
		text := Show(s.Type, n.Value)
		if s.Kind == schema.Set {
			text = Show(s.Type, n.Sub)
		} else if s.MapKey != nil {
			text = Show(s.MapKey, n.Sub) + ": " + text
		}
		out = append(out, text)
		return nil
	}
	err := m.Convert(r, show)
	if err == nil {
		err = m.Flush(show)
	}
	if err != nil {
		out = append(out, err.Error())
	}
	return out
}

// instances are values of a type, among them those at its bounds, few enough to
// try all.
func instances(t *typ, depth int) [][]byte {
	if depth > 6 || !t.whole() {
		return nil
	}
	longs := func(ns ...int64) (out [][]byte) {
		for _, n := range ns {
			out = append(out, appendLong(nil, n))
		}
		return out
	}
	switch t.Shape {
	case schema.Bool:
		return [][]byte{{0}, {1}}
	case schema.Int32:
		return longs(0, 1, 1<<24+1, math.MaxInt32)
	case schema.Int:
		return longs(0, 1, math.MaxInt32+1, 1<<53+1, math.MaxInt64)
	case schema.Timestamp:
		return longs(0, int64(value.MaxTime))
	case schema.Duration:
		return longs(0, 3_600_000_000)
	case schema.Date:
		return longs(0, int64(value.MaxDate))
	case schema.Float32:
		return [][]byte{appendFloat32(nil, 0), appendFloat32(nil, 0.5), appendFloat32(nil, float32(math.Inf(1)))}
	case schema.Float:
		return [][]byte{appendFloat(nil, 0), appendFloat(nil, 0.1), appendFloat(nil, math.NaN())}
	case schema.Decimal:
		return decimalInstances(t)
	case schema.String:
		return [][]byte{appendBytes(nil, ""), appendBytes(nil, "some text")}
	case schema.JSON:
		return [][]byte{appendBytes(nil, "null"), appendBytes(nil, "[1]")}
	case schema.Bytes:
		return [][]byte{appendBytes(nil, "text"), appendBytes(nil, "\xff")}
	case schema.UUID:
		return [][]byte{[]byte("0123456789abcdef")}
	case schema.Enum:
		return longs(upTo(len(t.Symbols))...)
	}
	return composed(t, depth)
}

func upTo(n int) []int64 {
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(i)
	}
	return out
}

func decimalInstances(t *typ) [][]byte {
	digits := make([]byte, t.Precision)
	for i := range digits {
		digits[i] = '9'
	}
	most, _, _ := value.ParseDecimal(digits, t.Precision, 0)
	return [][]byte{appendDecimal(nil, value.Decimal{}), appendDecimal(nil, value.DecimalOf(1)), appendDecimal(nil, most)}
}

// composed are values that hold one interesting part each.
func composed(t *typ, depth int) [][]byte {
	var out [][]byte
	switch t.Shape {
	case schema.Option:
		out = append(out, []byte{0})
		for _, v := range instances(t.elem, depth+1) {
			out = append(out, append([]byte{2}, v...))
		}
	case schema.ListOf, schema.SetOf:
		for _, v := range instances(t.elem, depth+1) {
			out = append(out, append(append([]byte{2}, v...), 0))
		}
		out = append(out, []byte{0})
	case schema.MapOf:
		keys, vals := instances(t.key, depth+1), instances(t.elem, depth+1)
		for i := range max(len(keys), len(vals)) {
			if len(keys) > 0 && len(vals) > 0 {
				e := append(append([]byte{2}, keys[min(i, len(keys)-1)]...), vals[min(i, len(vals)-1)]...)
				out = append(out, append(e, 0))
			}
		}
	case schema.Union:
		for i, m := range t.members {
			for _, v := range instances(m, depth+1) {
				out = append(out, append(appendLong(nil, int64(i)), v...))
			}
		}
	default:
		return recordInstances(t, depth)
	}
	return out
}

// recordInstances vary one field after another.
func recordInstances(t *typ, depth int) [][]byte {
	fields := make([][][]byte, len(t.fields))
	for i := range t.fields {
		if fields[i] = instances(t.fields[i].typ, depth+1); len(fields[i]) == 0 {
			return nil
		}
	}
	make1 := func(at int, v []byte) []byte {
		var out []byte
		for i := range fields {
			if i == at {
				out = append(out, v...)
			} else {
				out = append(out, fields[i][0]...)
			}
		}
		return out
	}
	out := [][]byte{make1(-1, nil)}
	for i := range fields {
		for _, v := range fields[i][1:] {
			out = append(out, make1(i, v))
		}
	}
	return out
}
