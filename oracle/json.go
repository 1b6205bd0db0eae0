package oracle

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/big"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/typecheck/types"
)

// encode writes a record for a sink. A float that JSON cannot write fails at
// the field that it stands in, or at pos if it stands in none.
func encode(v any, t types.Type, pos source.Pos) string {
	checkFloats(v, t, pos)
	return toJSON(v, t)
}

func checkFloats(v any, t types.Type, pos source.Pos) {
	switch t := t.(type) {
	case *types.Basic:
		if x, ok := v.(float64); ok && (math.IsNaN(x) || math.IsInf(x, 0)) {
			fail(pos, "a float that JSON cannot write")
		}
	case *types.Option:
		if o := v.(option); o.ok {
			checkFloats(o.v, t.Elem, pos)
		}
	case *types.List:
		for _, e := range v.([]any) {
			checkFloats(e, t.Elem, pos)
		}
	case *types.Map:
		for _, e := range v.(dict) {
			checkFloats(e.value, t.Value, pos)
		}
	case *types.Union:
		checkFloats(v.(member).rec, t.Members[v.(member).index], pos)
	case *types.Record:
		for i, f := range t.Fields {
			checkFloats(v.([]any)[i], f.Type, f.Origin.Start)
		}
	}
}

// toJSON writes a value of type t in its one JSON form.
func toJSON(v any, t types.Type) string {
	switch t := t.(type) {
	case *types.Option:
		if o := v.(option); o.ok {
			return toJSON(o.v, t.Elem)
		}
		return "null"
	case *types.List:
		return array(v.([]any), t.Elem)
	case *types.Set:
		return array(v.(set), t.Elem)
	case *types.Map:
		return object(v.(dict), t)
	case *types.Enum:
		return quote(t.Symbols[v.(symbol)].Name)
	case *types.Union:
		m := v.(member)
		rec := t.Members[m.index]
		return "{" + strings.Join(append([]string{`"$type":` + quote(t.Tag(m.index))}, fields(m.rec.([]any), rec)...), ",") + "}"
	case *types.Record:
		return "{" + strings.Join(fields(v.([]any), t), ",") + "}"
	case *types.Decimal:
		return v.(decimal).String()
	case *types.Basic:
		return scalar(v, t.Kind)
	default:
		panic(fmt.Sprintf("oracle: %s has no JSON form", t))
	}
}

func fields(vs []any, t *types.Record) []string {
	out := make([]string, len(vs))
	for i, f := range t.Fields {
		out[i] = quote(wireName(f)) + ":" + toJSON(vs[i], f.Type)
	}
	return out
}

func wireName(f types.Field) string {
	if f.Wire != "" {
		return f.Wire
	}
	return f.Name
}

func array(vs []any, t types.Type) string {
	out := make([]string, len(vs))
	for i, e := range vs {
		out[i] = toJSON(e, t)
	}
	return "[" + strings.Join(out, ",") + "]"
}

func object(d dict, t *types.Map) string {
	out := make([]string, len(d))
	if types.Is(t.Key, types.String) {
		for i, e := range d {
			out[i] = quote(e.key.(string)) + ":" + toJSON(e.value, t.Value)
		}
		return "{" + strings.Join(out, ",") + "}"
	}
	for i, e := range d {
		out[i] = "[" + toJSON(e.key, t.Key) + "," + toJSON(e.value, t.Value) + "]"
	}
	return "[" + strings.Join(out, ",") + "]"
}

// quote writes a string. What is no UTF-8, as in the text of a row that was refused, is
// written as the character that stands for it, which encoding/json escapes.
func quote(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(string([]rune(s))); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(b.String(), "\n")
}

func scalar(v any, k types.Kind) string {
	switch k {
	case types.JSON:
		return string(v.(jsonText))
	case types.Float, types.Float32:
		if x := v.(float64); math.IsNaN(x) || math.IsInf(x, 0) {
			return "null" // in a message about the record
		}
		return text(v, types.Of(k))
	case types.Bool, types.Int, types.Int32:
		return fmt.Sprint(v)
	default:
		return quote(text(v, types.Of(k)))
	}
}

// floatText writes a float as encoding/json does, and what has no JSON form as
// NaN, +Inf and -Inf.
func floatText(v any) string {
	b, err := json.Marshal(v)
	if err == nil {
		return string(b)
	}
	x := reflect.ValueOf(v).Float()
	if math.IsNaN(x) {
		return "NaN"
	}
	return fmt.Sprintf("%+g", x)
}

// text is what ${} shows of a value, without quotes.
func text(v any, t types.Type) string {
	if e, ok := t.(*types.Enum); ok {
		return e.Symbols[v.(symbol)].Name
	}
	b, ok := t.(*types.Basic)
	if !ok {
		return toJSON(v, t)
	}
	switch b.Kind {
	case types.String:
		return v.(string)
	case types.Bytes:
		return base64.StdEncoding.EncodeToString(v.([]byte))
	case types.UUID:
		h := hex.EncodeToString(v.([]byte))
		return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
	case types.Float32:
		return floatText(float32(v.(float64)))
	case types.Float:
		return floatText(v)
	case types.Timestamp:
		return time.UnixMicro(v.(int64)).UTC().Format("2006-01-02T15:04:05.999999Z07:00")
	case types.Date:
		return time.Unix(v.(int64)*86400, 0).UTC().Format("2006-01-02")
	case types.Duration:
		return duration(v.(int64))
	default:
		return scalar(v, b.Kind)
	}
}

// duration writes a length of time as a literal, the largest unit first.
func duration(us int64) string {
	if us == 0 {
		return "0s"
	}
	var b strings.Builder
	rest := new(big.Int).Abs(big.NewInt(us))
	if us < 0 {
		b.WriteByte('-')
	}
	for _, u := range []struct {
		name string
		size int64
	}{{"d", 86400e6}, {"h", 3600e6}, {"m", 60e6}, {"s", 1e6}, {"ms", 1000}, {"us", 1}} {
		n, r := new(big.Int).QuoRem(rest, big.NewInt(u.size), new(big.Int))
		if n.Sign() > 0 {
			fmt.Fprintf(&b, "%s%s", n, u.name)
		}
		rest = r
	}
	return b.String()
}

// parseRecord reads a line of input; reason says why it is malformed.
func parseRecord(line string, t types.Type) (v any, reason string) {
	if !utf8.ValidString(line) {
		return nil, "broken UTF-8"
	}
	return parseValue(line, t)
}

func parseValue(text string, t types.Type) (v any, reason string) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	defer func() {
		if r := recover(); r != nil {
			m, ok := r.(malformed)
			if !ok {
				panic(r)
			}
			v, reason = nil, string(m)
		}
	}()
	v = readValue(d, t)
	if _, err := d.Token(); err != io.EOF {
		return nil, "text after the value"
	}
	return v, ""
}

type malformed string

func token(d *json.Decoder) json.Token {
	t, err := d.Token()
	if err != nil {
		panic(malformed("no JSON"))
	}
	return t
}

// raw reads the next value as its text.
func raw(d *json.Decoder) json.RawMessage {
	var m json.RawMessage
	if err := d.Decode(&m); err != nil {
		panic(malformed("no JSON"))
	}
	return m
}

func readValue(d *json.Decoder, t types.Type) any {
	switch t := t.(type) {
	case *types.Option:
		m := raw(d)
		if string(m) == "null" {
			return none
		}
		return some(reread(m, t.Elem))
	case *types.Record:
		return readRecord(d, t)
	case *types.List:
		return readArray(d, t.Elem)
	case *types.Set:
		return makeSet(readArray(d, t.Elem), t.Elem)
	case *types.Map:
		return readMap(d, t)
	case *types.Union:
		return readUnion(raw(d), t)
	case *types.Enum:
		i := t.SymbolIndex(str(d))
		if i < 0 {
			panic(malformed("no such symbol"))
		}
		return symbol(i)
	case *types.Decimal:
		n, isNumber := token(d).(json.Number)
		v, ok := readDecimal(string(n), t)
		if !isNumber || !ok {
			panic(malformed("does not fit"))
		}
		return v
	case *types.Basic:
		return readScalar(d, t.Kind)
	default:
		panic(fmt.Sprintf("oracle: %s cannot be read", t))
	}
}

func reread(m json.RawMessage, t types.Type) any {
	v, reason := parseValue(string(m), t)
	if reason != "" {
		panic(malformed(reason))
	}
	return v
}

func delim(d *json.Decoder, want rune) {
	if t, ok := token(d).(json.Delim); !ok || rune(t) != want {
		panic(malformed("wrong type"))
	}
}

func readRecord(d *json.Decoder, t *types.Record) any {
	delim(d, '{')
	got := make([]any, len(t.Fields))
	seen := make([]bool, len(t.Fields))
	for d.More() {
		name := token(d).(string)
		i := fieldByWire(t, name)
		if i < 0 {
			raw(d)
			continue
		}
		if seen[i] {
			panic(malformed("field " + name + " appears twice"))
		}
		seen[i], got[i] = true, readValue(d, t.Fields[i].Type)
	}
	delim(d, '}')
	for i, f := range t.Fields {
		if !seen[i] {
			got[i] = missing(f)
		}
	}
	return got
}

func fieldByWire(t *types.Record, name string) int {
	for i, f := range t.Fields {
		if wireName(f) == name {
			return i
		}
	}
	return -1
}

// missing is the value of a field that a record lacks.
func missing(f types.Field) any {
	if f.Default != nil {
		return constant(f.Default)
	}
	if _, ok := f.Type.(*types.Option); ok {
		return none
	}
	panic(malformed("field " + f.Name + " is missing"))
}

func readArray(d *json.Decoder, t types.Type) []any {
	delim(d, '[')
	out := []any{}
	for d.More() {
		out = append(out, readValue(d, t))
	}
	delim(d, ']')
	return out
}

func readMap(d *json.Decoder, t *types.Map) any {
	out := dict{}
	if !types.Is(t.Key, types.String) {
		delim(d, '[')
		for d.More() {
			delim(d, '[')
			k := readValue(d, t.Key)
			out = out.put(k, readValue(d, t.Value), t.Key)
			delim(d, ']')
		}
		delim(d, ']')
		return out
	}
	delim(d, '{')
	for d.More() {
		k := token(d).(string)
		if out.get(k, t.Key).ok {
			panic(malformed("key " + k + " appears twice"))
		}
		out = out.put(k, readValue(d, t.Value), t.Key)
	}
	delim(d, '}')
	return out
}

func readUnion(m json.RawMessage, t *types.Union) any {
	var tag struct {
		Type *string `json:"$type"`
	}
	if err := json.Unmarshal(m, &tag); err != nil || tag.Type == nil {
		panic(malformed("no $type"))
	}
	for i, r := range t.Members {
		if *tag.Type == t.Tag(i) || *tag.Type == r.Name {
			return member{i, reread(m, r)}
		}
	}
	panic(malformed("no such member"))
}

func str(d *json.Decoder) string {
	s, ok := token(d).(string)
	if !ok {
		panic(malformed("wrong type"))
	}
	return s
}

func readScalar(d *json.Decoder, k types.Kind) any {
	switch k {
	case types.JSON:
		return jsonText(raw(d))
	case types.Bool:
		b, ok := token(d).(bool)
		if !ok {
			panic(malformed("wrong type"))
		}
		return b
	case types.Int, types.Int32, types.Float, types.Float32:
		n, ok := token(d).(json.Number)
		if !ok {
			panic(malformed("wrong type"))
		}
		return number(string(n), k)
	default:
		return readText(str(d), k)
	}
}

func number(s string, k types.Kind) any {
	bits := 64
	if k == types.Int32 || k == types.Float32 {
		bits = 32
	}
	if k == types.Int || k == types.Int32 {
		n, err := strconv.ParseInt(s, 10, bits)
		if err != nil {
			panic(malformed("does not fit"))
		}
		return n
	}
	f, err := strconv.ParseFloat(s, bits)
	if err != nil {
		panic(malformed("does not fit"))
	}
	return f
}

// readText reads the types that are written as text.
func readText(s string, k types.Kind) any {
	var v any = s
	var err error
	switch k {
	case types.Bytes:
		v, err = base64.StdEncoding.DecodeString(s)
	case types.UUID:
		v, err = hex.DecodeString(strings.ReplaceAll(s, "-", ""))
		if err == nil && (len(s) != 36 || len(v.([]byte)) != 16) {
			err = io.ErrUnexpectedEOF
		}
	case types.Timestamp:
		var t time.Time
		t, err = time.Parse(time.RFC3339Nano, s)
		v = t.UnixMicro()
	case types.Date:
		var t time.Time
		t, err = time.Parse("2006-01-02", s)
		v = t.Unix() / 86400
	case types.Duration:
		v, err = readDuration(s)
	}
	if err != nil {
		panic(malformed("not of type " + k.String()))
	}
	return v
}

// readDuration reads a literal such as 1d2h or -5s.
func readDuration(s string) (int64, error) {
	units := map[string]int64{"d": 86400e6, "h": 3600e6, "m": 60e6, "s": 1e6, "ms": 1000, "us": 1}
	rest, sign := strings.TrimPrefix(s, "-"), int64(1)
	if rest != s {
		sign = -1
	}
	total := new(big.Int)
	for rest != "" {
		digits := strings.TrimLeft(rest, "0123456789")
		n, err := strconv.ParseInt(rest[:len(rest)-len(digits)], 10, 64)
		if err != nil {
			return 0, err
		}
		after := strings.TrimLeft(digits, "dhmsu")
		size, ok := units[digits[:len(digits)-len(after)]]
		if !ok {
			return 0, io.ErrUnexpectedEOF
		}
		total.Add(total, new(big.Int).Mul(big.NewInt(n), big.NewInt(size)))
		rest = after
	}
	total.Mul(total, big.NewInt(sign))
	if s == "" || s == "-" || !total.IsInt64() {
		return 0, io.ErrUnexpectedEOF
	}
	return total.Int64(), nil
}
