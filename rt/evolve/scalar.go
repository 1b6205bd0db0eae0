package evolve

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"unicode/utf8"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/value"
)

// run converts the value at the front of src, appends the new one to dst, and
// returns what stands behind the old one.
type run func(dst, src []byte, depth int) (out, rest []byte, err error)

// scalar is the rule for two scalars, and what converts one to the other. A nil
// run means that the bytes stay as they are.
type scalar struct {
	rule RuleID
	run  func(old, new *typ) run
}

// pair are an old and a new shape.
type pair struct{ old, new schema.TypeName }

// scalars are the conversions between scalars of different shapes. What is
// missing breaks.
var scalars = map[pair]scalar{
	{schema.Int32, schema.Int}:     {SameBytes, nil},
	{schema.Int32, schema.Float32}: {Narrows, wholeToFloat32},
	{schema.Int32, schema.Float}:   {Widens, wholeToFloat},
	{schema.Int, schema.Int32}:     {Narrows, intToInt32},
	{schema.Int, schema.Float32}:   {Narrows, wholeToFloat32},
	{schema.Int, schema.Float}:     {Narrows, wholeToFloat},

	{schema.Float32, schema.Float}: {Widens, float32ToFloat},
	{schema.Float, schema.Float32}: {Narrows, floatToFloat32},

	{schema.Decimal, schema.Int32}: {Narrows, decimalToWhole},
	{schema.Decimal, schema.Int}:   {Narrows, decimalToWhole},

	{schema.String, schema.Bytes}: {SameBytes, nil},
	{schema.String, schema.UUID}:  {Narrows, stringToUUID},
	{schema.String, schema.JSON}:  {Narrows, stringToJSON},
	{schema.Bytes, schema.String}: {Narrows, bytesToString},
	{schema.Bytes, schema.UUID}:   {Narrows, bytesToUUID},
	{schema.JSON, schema.String}:  {SameBytes, nil},
	{schema.JSON, schema.Bytes}:   {SameBytes, nil},
	{schema.UUID, schema.String}:  {Widens, uuidToString},
	{schema.UUID, schema.Bytes}:   {Widens, uuidToBytes},

	{schema.Date, schema.Timestamp}: {Widens, dateToTimestamp},

	{schema.Bool, schema.JSON}:      {Widens, toJSON},
	{schema.Int32, schema.JSON}:     {Widens, toJSON},
	{schema.Int, schema.JSON}:       {Widens, toJSON},
	{schema.Float32, schema.JSON}:   {Narrows, toJSON},
	{schema.Float, schema.JSON}:     {Narrows, toJSON},
	{schema.Decimal, schema.JSON}:   {Widens, toJSON},
	{schema.Timestamp, schema.JSON}: {Widens, toJSON},
	{schema.Duration, schema.JSON}:  {Widens, toJSON},
	{schema.Date, schema.JSON}:      {Widens, toJSON},
	{schema.UUID, schema.JSON}:      {Widens, toJSON},
}

// scalarOf returns the conversion between two scalars; ok is false if there is
// none.
func scalarOf(old, new *typ) (s scalar, ok bool) {
	switch {
	case new.Shape == schema.Decimal && (old.Shape == schema.Int32 || old.Shape == schema.Int):
		digits := 10 // of the greatest int32
		if old.Shape == schema.Int {
			digits = 19
		}
		if new.Precision-new.Scale >= digits {
			return scalar{Widens, wholeToDecimal}, true
		}
		return scalar{Narrows, wholeToDecimal}, true
	case new.Shape == schema.Decimal && old.Shape == schema.Decimal:
		return decimals(old, new), true
	}
	s, ok = scalars[pair{old.Shape, new.Shape}]
	return s, ok
}

// decimals is the conversion between two decimals that differ.
func decimals(old, new *typ) scalar {
	switch {
	case new.Scale == old.Scale && new.Precision >= old.Precision:
		return scalar{SameBytes, nil}
	case new.Scale >= old.Scale && new.Precision-new.Scale >= old.Precision-old.Scale:
		return scalar{Widens, decimalToDecimal}
	}
	return scalar{Narrows, decimalToDecimal}
}

func intToInt32(old, new *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		n, rest, err := takeLong(old, src)
		if err == nil && n != int64(int32(n)) {
			return nil, nil, misfit(old, new, src, "an int32 lies between -2147483648 and 2147483647")
		}
		return appendLong(dst, n), rest, err
	}
}

func wholeToFloat(old, new *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		n, rest, err := takeLong(old, src)
		x := float64(n)
		if err == nil && !exactly(x, n) {
			return nil, nil, misfit(old, new, src, "a float has 53 bits for it")
		}
		return appendFloat(dst, x), rest, err
	}
}

func wholeToFloat32(old, new *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		n, rest, err := takeLong(old, src)
		x := float32(n)
		if err == nil && !exactly(float64(x), n) {
			return nil, nil, misfit(old, new, src, "a float32 has 24 bits for it")
		}
		return appendFloat32(dst, x), rest, err
	}
}

// exactly reports whether x is n.
func exactly(x float64, n int64) bool {
	return x >= math.MinInt64 && x < -math.MinInt64 && int64(x) == n
}

func float32ToFloat(old, _ *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		x, rest, err := takeFloat32(old, src)
		return appendFloat(dst, float64(x)), rest, err
	}
}

func floatToFloat32(old, new *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		x, rest, err := takeFloat(old, src)
		y := float32(x)
		if err == nil && float64(y) != x && x == x {
			return nil, nil, misfit(old, new, src, "a float32 has fewer digits")
		}
		return appendFloat32(dst, y), rest, err
	}
}

func wholeToDecimal(old, new *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		n, rest, err := takeLong(old, src)
		if err != nil {
			return nil, nil, err
		}
		return scaled(dst, rest, value.DecimalOf(n), 0, old, new, src)
	}
}

func decimalToDecimal(old, new *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		d, rest, err := old.takeDecimal(src)
		if err != nil {
			return nil, nil, err
		}
		return scaled(dst, rest, d, old.Scale, old, new, src)
	}
}

// scaled appends d, which has the given scale, as a decimal of type new. It is
// read as text, which loses no digit but zeros and checks everything.
func scaled(dst, rest []byte, d value.Decimal, scale int, old, new *typ, src []byte) ([]byte, []byte, error) {
	var buf [64]byte
	out, _, ok := value.ParseDecimal(value.AppendDecimal(buf[:0], d, scale), new.Precision, new.Scale)
	if !ok {
		return nil, nil, misfit(old, new, src, "it has more digits")
	}
	return appendDecimal(dst, out), rest, nil
}

func decimalToWhole(old, new *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		d, rest, err := old.takeDecimal(src)
		if err != nil {
			return nil, nil, err
		}
		var buf [64]byte
		whole, _, ok := value.ParseDecimal(value.AppendDecimal(buf[:0], d, old.Scale), value.MaxDigits, 0)
		n := int64(whole.Lo)
		if !ok || whole.Hi != n>>63 || new.Shape == schema.Int32 && n != int64(int32(n)) {
			return nil, nil, misfit(old, new, src, "it is no whole number of that size")
		}
		return appendLong(dst, n), rest, nil
	}
}

func bytesToString(old, new *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		b, rest, err := takeBytes(old, src)
		if err == nil && !utf8.Valid(b) {
			return nil, nil, misfit(old, new, src, "it is no UTF-8")
		}
		return appendBytes(dst, b), rest, err
	}
}

func stringToUUID(old, new *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		b, rest, err := takeBytes(old, src)
		if err != nil {
			return nil, nil, err
		}
		u, ok := value.ParseUUID(b)
		if !ok {
			return nil, nil, misfit(old, new, src, "it is no text of a uuid")
		}
		return append(dst, u[:]...), rest, nil
	}
}

func bytesToUUID(old, new *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		b, rest, err := takeBytes(old, src)
		if err == nil && len(b) != 16 {
			return nil, nil, misfit(old, new, src, "a uuid has 16 bytes")
		}
		return append(dst, b...), rest, err
	}
}

func uuidToString(old, _ *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		b, rest, err := take(old, src, 16)
		if err != nil {
			return nil, nil, err
		}
		return appendBytes(dst, value.FormatUUID(value.UUID(b))), rest, nil
	}
}

func uuidToBytes(old, _ *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		b, rest, err := take(old, src, 16)
		return appendBytes(dst, b), rest, err
	}
}

func stringToJSON(old, new *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		b, rest, err := takeBytes(old, src)
		if err == nil && !json.Valid(b) {
			return nil, nil, misfit(old, new, src, "it is no JSON")
		}
		return appendBytes(dst, b), rest, err
	}
}

func dateToTimestamp(old, _ *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		n, rest, err := takeLong(old, src)
		if err == nil && (n < int64(value.MinDate) || n > int64(value.MaxDate)) {
			return nil, nil, corrupt(old, "a day beyond all years")
		}
		return appendLong(dst, n*86_400_000_000), rest, err
	}
}

// toJSON writes a scalar as to_json does.
func toJSON(old, new *typ) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		text, rest, err := appendJSON(nil, old, src, 0)
		if err != nil {
			return nil, nil, err
		}
		if (old.Shape == schema.Float || old.Shape == schema.Float32) && len(text) > 0 && text[0] == '"' {
			return nil, nil, misfit(old, new, src, "JSON has no text for it")
		}
		return appendBytes(dst, text), rest, nil
	}
}

// appendJSON writes the value at the front of src as JSON: what Flow writes, and
// the floats that JSON has no text for in quotes.
func appendJSON(dst []byte, t *typ, src []byte, depth int) (out, rest []byte, err error) {
	if depth > maxDepth {
		return nil, nil, corrupt(t, "it is nested too deep")
	}
	switch t.Shape {
	case schema.Bool:
		b, rest, err := take(t, src, 1)
		if err == nil && b[0] > 1 {
			err = corrupt(t, "neither true nor false")
		}
		if err == nil && b[0] == 1 {
			return append(dst, "true"...), rest, nil
		}
		return append(dst, "false"...), rest, err
	case schema.Int32, schema.Int, schema.Timestamp, schema.Duration, schema.Date:
		n, rest, err := takeLong(t, src)
		return appendWhole(dst, t.Shape, n), rest, err
	case schema.Float32:
		x, rest, err := takeFloat32(t, src)
		return appendFloatText(dst, float64(x), func(d []byte) []byte { return value.AppendFloat32(d, x) }), rest, err
	case schema.Float:
		x, rest, err := takeFloat(t, src)
		return appendFloatText(dst, x, func(d []byte) []byte { return value.AppendFloat(d, x) }), rest, err
	case schema.Decimal:
		d, rest, err := t.takeDecimal(src)
		return value.AppendDecimal(dst, d, t.Scale), rest, err
	case schema.String:
		b, rest, err := takeBytes(t, src)
		return appendQuoted(dst, string(b)), rest, err
	case schema.JSON:
		b, rest, err := takeBytes(t, src)
		return append(dst, b...), rest, err
	case schema.Bytes:
		b, rest, err := takeBytes(t, src)
		return appendQuoted(dst, base64.StdEncoding.EncodeToString(b)), rest, err
	case schema.UUID:
		b, rest, err := take(t, src, 16)
		if err != nil {
			return nil, nil, err
		}
		return appendQuoted(dst, value.FormatUUID(value.UUID(b))), rest, nil
	case schema.Enum:
		i, rest, err := t.takeIndex(src, len(t.Symbols))
		if err != nil {
			return nil, nil, err
		}
		return appendQuoted(dst, t.Symbols[i].Name), rest, nil
	}
	return appendParts(dst, t, src, depth)
}

// appendParts writes a value that has parts.
func appendParts(dst []byte, t *typ, src []byte, depth int) (out, rest []byte, err error) {
	switch t.Shape {
	case schema.Option:
		some, rest, err := t.takeOption(src)
		if err != nil || !some {
			return append(dst, "null"...), rest, err
		}
		return appendJSON(dst, t.elem, rest, depth+1)
	case schema.Union:
		i, rest, err := t.takeIndex(src, len(t.members))
		if err != nil {
			return nil, nil, err
		}
		return appendFields(dst, t.members[i], rest, depth+1, t.Tag(i))
	case schema.Record, schema.Accumulator:
		return appendFields(dst, t, src, depth, "")
	case schema.ListOf, schema.SetOf, schema.MapOf:
		return appendElements(dst, t, src, depth)
	}
	return nil, nil, corrupt(t, "no such type")
}

func appendFields(dst []byte, t *typ, src []byte, depth int, kind string) (out, rest []byte, err error) {
	dst = append(dst, '{')
	if kind != "" {
		dst = appendQuoted(append(dst, `"$type":`...), kind)
	}
	for i := range t.fields {
		if i > 0 || kind != "" {
			dst = append(dst, ',')
		}
		dst = append(appendQuoted(dst, t.fields[i].Name), ':')
		if dst, src, err = appendJSON(dst, t.fields[i].typ, src, depth+1); err != nil {
			return nil, nil, err
		}
	}
	return append(dst, '}'), src, nil
}

func appendElements(dst []byte, t *typ, src []byte, depth int) (out, rest []byte, err error) {
	object := t.key != nil && t.key.Shape == schema.String
	open, end := byte('['), byte(']')
	if object {
		open, end = '{', '}'
	}
	dst = append(dst, open)
	first := true
	for {
		n, rest, err := takeBlock(t, src)
		if err != nil || n == 0 {
			return append(dst, end), rest, err
		}
		for range n {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			if dst, rest, err = appendElement(dst, t, rest, depth, object); err != nil {
				return nil, nil, err
			}
		}
		src = rest
	}
}

func appendElement(dst []byte, t *typ, src []byte, depth int, object bool) (out, rest []byte, err error) {
	if t.key == nil {
		return appendJSON(dst, t.elem, src, depth+1)
	}
	between := byte(':')
	if !object {
		dst, between = append(dst, '['), ','
	}
	if dst, src, err = appendJSON(dst, t.key, src, depth+1); err != nil {
		return nil, nil, err
	}
	if dst, src, err = appendJSON(append(dst, between), t.elem, src, depth+1); err != nil {
		return nil, nil, err
	}
	if !object {
		dst = append(dst, ']')
	}
	return dst, src, nil
}

func appendWhole(dst []byte, shape schema.TypeName, n int64) []byte {
	switch shape {
	case schema.Timestamp:
		if t := value.Timestamp(n); t >= value.MinTime && t <= value.MaxTime {
			return append(value.AppendTimestamp(append(dst, '"'), t), '"')
		}
	case schema.Date:
		if n >= int64(value.MinDate) && n <= int64(value.MaxDate) {
			return append(value.AppendDate(append(dst, '"'), value.Date(n)), '"')
		}
	case schema.Duration:
		return append(value.AppendDuration(append(dst, '"'), value.Duration(n)), '"')
	}
	return value.AppendInt(dst, n)
}

func appendFloatText(dst []byte, x float64, text func([]byte) []byte) []byte {
	switch {
	case math.IsNaN(x):
		return append(dst, `"NaN"`...)
	case math.IsInf(x, 1):
		return append(dst, `"+Inf"`...)
	case math.IsInf(x, -1):
		return append(dst, `"-Inf"`...)
	}
	return text(dst)
}

func appendQuoted(dst []byte, s string) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string has JSON
	}
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...)
}
