package oracle

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// textFunction is a function that makes or reads text.
func (c builtinCall) textFunction(name string) any {
	switch name {
	case "string":
		return text(c.args[0], c.x.Args[0].Type())
	case "parse_int":
		n, err := strconv.ParseInt(c.args[0].(string), 10, 64)
		return option{err == nil, n}.tidy()
	case "parse_float":
		return parseFloat(c.args[0].(string))
	case "parse_timestamp":
		t, err := time.Parse(c.args[1].(string), c.args[0].(string))
		if err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
			return none
		}
		return some(t.UnixMicro())
	case "to_json":
		return jsonText(encode(c.args[0], c.x.Args[0].Type(), c.x.Pos()))
	case "hash64":
		// Which number it is belongs to the runtime; programs under test only
		// compare hashes.
		text := toJSON(c.args[0], c.x.Args[0].Type())
		if hash := c.m.in.Hash64; hash != nil {
			return hash(text)
		}
		sum := sha256.Sum256([]byte(text))
		return int64(binary.BigEndian.Uint64(sum[:]))
	case "sha256":
		sum := sha256.Sum256(c.args[0].([]byte))
		return sum[:]
	case "hex":
		return hex.EncodeToString(c.args[0].([]byte))
	case "base64":
		return base64.StdEncoding.EncodeToString(c.args[0].([]byte))
	default:
		panic("oracle: no function " + name)
	}
}

// tidy is o, without a value if it is none.
func (o option) tidy() option {
	if !o.ok {
		return none
	}
	return o
}

func parseFloat(s string) any {
	if !regexp.MustCompile(`^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?$`).MatchString(s) {
		return none
	}
	v, err := strconv.ParseFloat(s, 64)
	return option{err == nil, v}.tidy()
}

func (c builtinCall) stringMethod(name string) any {
	s := c.args[0].(string)
	arg := func(i int) string { return c.args[i].(string) }
	switch name {
	case "len":
		return int64(len([]rune(s)))
	case "bytes":
		return []byte(s)
	case "upper":
		return strings.ToUpper(s)
	case "lower":
		return strings.ToLower(s)
	case "trim":
		return strings.TrimSpace(s)
	case "contains":
		return strings.Contains(s, arg(1))
	case "starts_with":
		return strings.HasPrefix(s, arg(1))
	case "ends_with":
		return strings.HasSuffix(s, arg(1))
	case "index_of":
		before, _, found := strings.Cut(s, arg(1))
		return option{found, int64(len([]rune(before)))}.tidy()
	case "replace":
		if arg(1) == "" {
			return s
		}
		return strings.ReplaceAll(s, arg(1), arg(2))
	case "split":
		return listOf(strings.Split(s, arg(1)))
	case "slice":
		runes := []rune(s)
		a, b := c.bounds(len(runes))
		return string(runes[a:b])
	case "pad_left":
		return padLeft(s, c.args[1].(int64), arg(2))
	case "matches":
		return regexp.MustCompile(arg(1)).MatchString(s)
	case "capture":
		found := regexp.MustCompile(arg(1)).FindStringSubmatch(s)
		return option{found != nil, listOf(found)}.tidy()
	default:
		panic("oracle: no string method " + name)
	}
}

func listOf(texts []string) []any {
	out := make([]any, len(texts))
	for i, s := range texts {
		out[i] = s
	}
	return out
}

// bounds are the arguments of slice on n elements.
func (c builtinCall) bounds(n int) (a, b int64) {
	a, b = c.args[1].(int64), c.args[2].(int64)
	if a < 0 || b < a || b > int64(n) {
		fail(c.x.Pos(), fmt.Sprintf("slice from %d to %d is outside %d", a, b, n))
	}
	return a, b
}

func padLeft(s string, n int64, fill string) string {
	missing := int(n) - len([]rune(s))
	if missing <= 0 || fill == "" {
		return s
	}
	pad := []rune(strings.Repeat(fill, missing))[:missing]
	return string(pad) + s
}

// jsonStep is a name or an index of a path.
var jsonStep = regexp.MustCompile(`([^.\[\]]+)|\[([0-9]+)\]`)

func (c builtinCall) jsonMethod(name string) any {
	j := string(c.args[0].(jsonText))
	switch name {
	case "at":
		return jsonAt(j, c.args[1].(string))
	case "as_int":
		n, err := strconv.ParseInt(j, 10, 64)
		return option{err == nil, n}.tidy()
	case "as_float":
		return parseFloat(j)
	case "as_bool":
		return option{j == "true" || j == "false", j == "true"}.tidy()
	case "as_string":
		s, ok := decoded(j).(string)
		return option{ok, s}.tidy()
	case "as_list":
		return jsonList(j)
	default:
		panic("oracle: no json method " + name)
	}
}
