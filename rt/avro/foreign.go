package avro

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Foreign is the schema of a file that may be of others: whatever the
// specification of Avro 1.11 allows.
type Foreign struct {
	kind     string // null, boolean, int, …, or record, enum, array, map, fixed, union
	name     string // of a record, enum or fixed, without its namespace
	logical  string // the logical type, "" if there is none
	flow     string // what this package's own schemas say beside it
	scale    int    // of a decimal
	size     int    // of a fixed, in bytes
	fields   []foreignField
	symbols  []string
	elem     *Foreign   // of an array or a map
	branches []*Foreign // of a union
	least    int        // bytes that a value takes at least
}

type foreignField struct {
	name string
	of   *Foreign
}

// mostForeign is how many types a schema may have.
const mostForeign = 100_000

// ParseSchema reads a schema as the header of a file holds it.
func ParseSchema(text string) (*Foreign, error) {
	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return nil, fmt.Errorf("the schema is no JSON: %w", err)
	}
	p := &schemaParser{names: map[string]*Foreign{}}
	f, err := p.parse(v, "", 0)
	if err != nil {
		return nil, fmt.Errorf("the schema: %w", err)
	}
	return f, nil
}

// schemaParser reads one schema.
type schemaParser struct {
	names map[string]*Foreign // by full name
	n     int
}

// primitives are the types without parts, with the bytes that a value takes at
// least.
var primitives = map[string]int{
	"null": 0, "boolean": 1, "int": 1, "long": 1, "float": 4, "double": 8, "bytes": 1, "string": 1,
}

func (p *schemaParser) parse(v any, space string, depth int) (*Foreign, error) {
	if p.n++; p.n > mostForeign || depth > MaxDepth {
		return nil, fmt.Errorf("it has more than %d types, or is nested more than %d deep", mostForeign, MaxDepth)
	}
	switch v := v.(type) {
	case string:
		if least, ok := primitives[v]; ok {
			return &Foreign{kind: v, least: least}, nil
		}
		if f := p.names[fullName(v, space)]; f != nil {
			return f, nil
		}
		return nil, fmt.Errorf("there is no type %q", v)
	case []any:
		return p.union(v, space, depth)
	case map[string]any:
		return p.complex(v, space, depth)
	default:
		return nil, fmt.Errorf("%v is no type", v)
	}
}

// fullName puts a name into the namespace around it.
func fullName(name, space string) string {
	if space == "" || strings.Contains(name, ".") {
		return name
	}
	return space + "." + name
}

func (p *schemaParser) union(of []any, space string, depth int) (*Foreign, error) {
	f := &Foreign{kind: "union", least: 1}
	for _, v := range of {
		b, err := p.parse(v, space, depth+1)
		if err != nil {
			return nil, err
		}
		f.branches = append(f.branches, b)
	}
	if len(f.branches) == 0 {
		return nil, fmt.Errorf("a union without a branch")
	}
	return f, nil
}

// complex reads a type that is an object.
func (p *schemaParser) complex(v map[string]any, space string, depth int) (*Foreign, error) {
	kind, isName := v["type"].(string)
	if !isName {
		return p.parse(v["type"], space, depth+1) // {"type": {"type": …}}
	}
	text := func(key string) string { s, _ := v[key].(string); return s }
	number := func(key string) int { n, _ := v[key].(float64); return int(n) }
	f := &Foreign{kind: kind, logical: text("logicalType"), flow: text("flow"), scale: number("scale")}
	var err error
	switch kind {
	case "array", "map":
		part := map[string]string{"array": "items", "map": "values"}[kind]
		f.elem, err = p.parse(v[part], space, depth+1)
		f.least = 1
		return f, err
	case "record", "error", "enum", "fixed":
		name := text("name")
		if name == "" {
			return nil, fmt.Errorf("a %s without a name", kind)
		}
		if own := text("namespace"); own != "" {
			space = own
		}
		full := fullName(name, space)
		if i := strings.LastIndex(full, "."); i >= 0 {
			space, f.name = full[:i], full[i+1:]
		} else {
			space, f.name = "", full
		}
		p.names[full] = f
	default:
		least, ok := primitives[kind]
		if !ok {
			return p.parse(kind, space, depth+1) // {"type": "NAME"}
		}
		f.least = least
		return f, nil
	}
	switch kind {
	case "fixed":
		f.size = number("size")
		f.least = f.size
		if f.size < 0 || f.size > maxBlock {
			return nil, fmt.Errorf("the fixed %s has %d bytes", f.name, f.size)
		}
	case "enum":
		f.least = 1
		list, _ := v["symbols"].([]any)
		for _, s := range list {
			symbol, ok := s.(string)
			if !ok {
				return nil, fmt.Errorf("the enum %s has a symbol that is no text", f.name)
			}
			f.symbols = append(f.symbols, symbol)
		}
		if len(f.symbols) == 0 {
			return nil, fmt.Errorf("the enum %s has no symbol", f.name)
		}
	default:
		f.kind = "record"
		err = p.fields(f, v["fields"], space, depth)
	}
	return f, err
}

func (p *schemaParser) fields(f *Foreign, v any, space string, depth int) error {
	list, ok := v.([]any)
	if !ok {
		return fmt.Errorf("the record %s has no fields", f.name)
	}
	least := 0
	for _, item := range list {
		field, _ := item.(map[string]any)
		name, _ := field["name"].(string)
		if name == "" {
			return fmt.Errorf("the record %s has a field without a name", f.name)
		}
		of, err := p.parse(field["type"], space, depth+1)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", f.name, name, err)
		}
		if slices.ContainsFunc(f.fields, func(o foreignField) bool { return o.name == name }) {
			return fmt.Errorf("the record %s has the field %s twice", f.name, name)
		}
		f.fields = append(f.fields, foreignField{name, of})
		least += of.least
	}
	f.least = least
	return nil
}
