package avro

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// FromJSON reads JSON in the data format of the language as a value of type t,
// which has passed [Check], and appends the value. A record must have all fields
// but those that are optional, and no others; sets and maps are put in order. An
// error names the place.
func FromJSON(dst []byte, t *schema.Type, text []byte) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	n, err := readNode(dec, 0)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("there is more behind the value")
		}
	}
	if err != nil {
		return dst, fmt.Errorf("not JSON: %w", err)
	}
	return fromNode(dst, t, n, "")
}

// node is a JSON value: a json.Token that is no json.Delim, or what an array or
// an object holds.
type node struct {
	scalar json.Token
	kind   json.Delim // '[' or '{'; 0 of a scalar
	names  []string   // of an object
	list   []node
}

func readNode(dec *json.Decoder, depth int) (node, error) {
	if depth > 4*MaxDepth {
		return node{}, errors.New("it is nested too deep")
	}
	token, err := dec.Token()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return node{}, err
	}
	kind, ok := token.(json.Delim)
	if !ok {
		return node{scalar: token}, nil
	}
	n := node{kind: kind}
	for dec.More() {
		if kind == '{' {
			name, err := dec.Token()
			if err != nil {
				return node{}, err
			}
			n.names = append(n.names, name.(string))
		}
		child, err := readNode(dec, depth+1)
		if err != nil {
			return node{}, err
		}
		n.list = append(n.list, child)
	}
	if _, err = dec.Token(); errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// text is the value as JSON, for messages and for values of type json.
func (n *node) text() []byte {
	switch scalar := n.scalar.(type) {
	case string:
		return wire.AppendString(nil, scalar)
	case json.Number:
		return []byte(scalar)
	case bool:
		return wire.AppendBool(nil, scalar)
	}
	if n.kind == 0 {
		return []byte("null")
	}
	out := []byte{byte(n.kind)}
	for i := range n.list {
		if i > 0 {
			out = append(out, ',')
		}
		if n.kind == '{' {
			out = append(wire.AppendString(out, n.names[i]), ':')
		}
		out = append(out, n.list[i].text()...)
	}
	return append(out, byte(n.kind)+2) // the bracket that closes it
}

// wrongNode is the error of a value that is none of type t.
func wrongNode(at string, t *schema.Type, n *node) error {
	text := n.text()
	if len(text) > 60 {
		text = append(text[:60:60], "…"...)
	}
	if at != "" {
		at = at + ": "
	}
	return fmt.Errorf("%s%s is no %s", at, text, t)
}

func fromNode(dst []byte, t *schema.Type, n node, at string) ([]byte, error) {
	switch t.Shape {
	case schema.Option:
		if n.kind == 0 && n.scalar == nil {
			return AppendBranch(dst, 0), nil
		}
		return fromNode(AppendBranch(dst, 1), t.Elem, n, at)
	case schema.JSON:
		return AppendString(dst, string(n.text())), nil
	case schema.ListOf, schema.SetOf, schema.MapOf:
		return fromCollection(dst, t, n, at)
	case schema.Record, schema.Accumulator:
		if n.kind != '{' {
			return dst, wrongNode(at, t, &n)
		}
		return fromFields(dst, t, n, at)
	case schema.Union:
		return fromUnion(dst, t, n, at)
	}
	if n.kind != 0 {
		return dst, wrongNode(at, t, &n)
	}
	dst, ok := fromScalar(dst, t, n.scalar)
	if !ok {
		return dst, wrongNode(at, t, &n)
	}
	return dst, nil
}

// fromScalar appends a value that is a text, a number or a truth in JSON.
func fromScalar(dst []byte, t *schema.Type, token json.Token) ([]byte, bool) {
	switch v := token.(type) {
	case bool:
		return AppendBool(dst, v), t.Shape == schema.Bool
	case json.Number:
		return fromNumber(dst, t, string(v))
	case string:
		return fromText(dst, t, v)
	default:
		return dst, false
	}
}

func fromNumber(dst []byte, t *schema.Type, text string) ([]byte, bool) {
	switch t.Shape {
	case schema.Int, schema.Int32:
		bits := 64
		if t.Shape == schema.Int32 {
			bits = 32
		}
		v, err := strconv.ParseInt(text, 10, bits)
		return AppendInt(dst, v), err == nil
	case schema.Float32:
		v, err := strconv.ParseFloat(text, 32)
		return AppendFloat32(dst, float32(v)), err == nil
	case schema.Float:
		v, err := strconv.ParseFloat(text, 64)
		return AppendFloat(dst, v), err == nil
	case schema.Decimal:
		d, _, ok := value.ParseDecimal(text, t.Precision, t.Scale)
		return AppendDecimal(dst, d), ok
	default:
		return dst, false
	}
}

func fromText(dst []byte, t *schema.Type, text string) ([]byte, bool) {
	switch t.Shape {
	case schema.String:
		return AppendString(dst, text), true
	case schema.Bytes:
		b, err := base64.StdEncoding.DecodeString(text)
		return AppendBytes(dst, b), err == nil
	case schema.Timestamp:
		v, ok := value.ParseRFC3339(text)
		return AppendInt(dst, v), ok
	case schema.Duration:
		v, ok := value.ParseDuration(text)
		return AppendInt(dst, v), ok
	case schema.Date:
		v, ok := value.ParseDate(text)
		return AppendInt(dst, v), ok
	case schema.UUID:
		v, ok := value.ParseUUID(text)
		return AppendUUID(dst, v), ok
	case schema.Enum:
		for i := range t.Symbols {
			if t.Symbols[i].Name == text {
				return AppendBranch(dst, i), true
			}
		}
		return dst, false
	case schema.Float, schema.Float32:
		v, ok := map[string]float64{"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1)}[text]
		if t.Shape == schema.Float32 {
			return AppendFloat32(dst, float32(v)), ok
		}
		return AppendFloat(dst, v), ok
	default:
		return dst, false
	}
}

// fromFields appends the fields of a record in their order.
func fromFields(dst []byte, t *schema.Type, n node, at string) ([]byte, error) {
	seen := make([]bool, len(n.names))
	for i := range t.Fields {
		f := &t.Fields[i]
		place := strings.TrimPrefix(at+"."+f.Name, ".")
		j := slices.Index(n.names, f.Name)
		switch {
		case j >= 0:
			seen[j] = true
			var err error
			if dst, err = fromNode(dst, &f.Type, n.list[j], place); err != nil {
				return dst, err
			}
		case f.Type.Shape == schema.Option:
			dst = AppendBranch(dst, 0)
		default:
			return dst, fmt.Errorf("%s is missing", place)
		}
	}
	if j := slices.Index(seen, false); j >= 0 {
		if slices.Index(n.names, n.names[j]) < j {
			return dst, fmt.Errorf("%s comes twice", strings.TrimPrefix(at+"."+n.names[j], "."))
		}
		return dst, fmt.Errorf("%s is no field of %s", strings.TrimPrefix(at+"."+n.names[j], "."), t)
	}
	return dst, nil
}

func fromUnion(dst []byte, t *schema.Type, n node, at string) ([]byte, error) {
	if n.kind != '{' || len(n.names) == 0 || n.names[0] != "$type" {
		return dst, fmt.Errorf("%w: it must begin with \"$type\"", wrongNode(at, t, &n))
	}
	name, _ := n.list[0].scalar.(string)
	i := t.Tagged(name)
	if i < 0 {
		return dst, wrongNode(at, t, &n)
	}
	rest := node{kind: n.kind, names: n.names[1:], list: n.list[1:]}
	return fromFields(AppendBranch(dst, i), &t.Members[i], rest, at)
}

// fromCollection appends a list, or a set or map in the order of its keys.
func fromCollection(dst []byte, t *schema.Type, n node, at string) ([]byte, error) {
	object := t.Shape == schema.MapOf && t.Key.Shape == schema.String
	if object != (n.kind == '{') || n.kind == 0 {
		return dst, wrongNode(at, t, &n)
	}
	type item struct {
		order string
		bytes []byte
	}
	items := make([]item, 0, len(n.list))
	for i, child := range n.list {
		place := fmt.Sprintf("%s[%d]", at, i)
		var it item
		var err error
		key := t.Elem
		switch {
		case object:
			place = at + "[" + strconv.Quote(n.names[i]) + "]"
			it.bytes, err = fromNode(AppendString(nil, n.names[i]), t.Elem, child, place)
			key = t.Key
		case t.Shape == schema.MapOf:
			if child.kind != '[' || len(child.list) != 2 {
				return dst, fmt.Errorf("%s: %s is no pair of a key and a value", place, child.text())
			}
			if it.bytes, err = fromNode(nil, t.Key, child.list[0], place); err == nil {
				it.bytes, err = fromNode(it.bytes, t.Elem, child.list[1], place)
			}
			key = t.Key
		default:
			it.bytes, err = fromNode(nil, t.Elem, child, place)
		}
		if err != nil {
			return dst, err
		}
		if t.Shape != schema.ListOf {
			it.order = string(AppendOrdered(nil, key, NewReader(it.bytes)))
		}
		items = append(items, it)
	}
	if t.Shape != schema.ListOf {
		slices.SortStableFunc(items, func(a, b item) int { return strings.Compare(a.order, b.order) })
	}
	dst = AppendCount(dst, len(items))
	for i, it := range items {
		if i > 0 && t.Shape != schema.ListOf && it.order == items[i-1].order {
			return dst, fmt.Errorf("%s has a key twice", strings.TrimPrefix(at+" "+t.String(), " "))
		}
		dst = append(dst, it.bytes...)
	}
	return AppendEnd(dst), nil
}
