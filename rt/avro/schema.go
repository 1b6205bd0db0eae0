package avro

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/flow-lang/flowc/rt/schema"
)

// MaxDepth is how deep a type may be nested: what Flow itself allows is far less
// in practice, and a description that was read from a file may be broken.
const MaxDepth = 64

// Schema returns the Avro schema of values of a type, as JSON in one line. name
// is what a type without a name is called.
//
// Names are those of Flow where Avro allows them; other letters become "_", and
// one that is taken gets a number. What Avro has no word for stands in the
// property "flow": duration, json, set, and the union that an option holds, which
// Avro wants a record around; "numbers" are those of the symbols of an enum.
func Schema(t *schema.Type, name string) (string, error) {
	if err := Check(t); err != nil {
		return "", err
	}
	s := &schemaText{taken: map[string]bool{}, known: map[string]string{}}
	for _, reserved := range [...]string{
		"null", "boolean", "int", "long", "float", "double", "bytes", "string", "record", "enum", "array", "map", "fixed", "union",
	} {
		s.taken[reserved] = true
	}
	s.add(t, name)
	return string(s.out), nil
}

// Check returns an error that names the place if t is no whole description of a
// type.
func Check(t *schema.Type) error { return check(t, "", 0) }

func check(t *schema.Type, at string, depth int) error {
	wrong := func(why string) error {
		if at == "" {
			return fmt.Errorf("the type %s", why)
		}
		return fmt.Errorf("the type of %s %s", at, why)
	}
	switch {
	case t == nil:
		return wrong("is missing")
	case depth == MaxDepth:
		return wrong("is nested more than " + strconv.Itoa(MaxDepth) + " deep")
	}
	inner := func(part string) string {
		if at == "" {
			return part
		}
		return at + "." + part
	}
	switch t.Shape {
	case schema.Bool, schema.Int32, schema.Int, schema.Float32, schema.Float, schema.String, schema.Bytes,
		schema.Timestamp, schema.Duration, schema.Date, schema.UUID, schema.JSON:
		return nil
	case schema.Decimal:
		if t.Precision < 1 || t.Precision > 38 || t.Scale < 0 || t.Scale > t.Precision {
			return wrong(fmt.Sprintf("is decimal(%d, %d), which there is not", t.Precision, t.Scale))
		}
		return nil
	case schema.Option, schema.ListOf:
		return check(t.Elem, inner("element"), depth+1)
	case schema.SetOf:
		if err := check(t.Elem, inner("element"), depth+1); err != nil {
			return err
		}
		return checkKey(t.Elem)
	case schema.MapOf:
		if err := check(t.Key, inner("key"), depth+1); err != nil {
			return err
		}
		if err := checkKey(t.Key); err != nil {
			return err
		}
		return check(t.Elem, inner("value"), depth+1)
	case schema.Record, schema.Accumulator:
		for i := range t.Fields {
			if err := check(&t.Fields[i].Type, inner(t.Fields[i].Name), depth+1); err != nil {
				return err
			}
		}
		return nil
	case schema.Enum:
		if len(t.Symbols) == 0 {
			return wrong("is an enum without a symbol")
		}
		return nil
	case schema.Union:
		if len(t.Members) == 0 {
			return wrong("is a union without a member")
		}
		for i := range t.Members {
			if t.Members[i].Shape != schema.Record {
				return wrong("is a union of what is no record")
			}
			if err := check(&t.Members[i], inner(t.Members[i].Name), depth+1); err != nil {
				return err
			}
		}
		return nil
	default:
		return wrong(fmt.Sprintf("is of the unknown shape %q", t.Shape))
	}
}

// Least is the number of bytes that a value of t takes at least.
func Least(t *schema.Type) int {
	switch t.Shape {
	case schema.Float32:
		return 4
	case schema.Float:
		return 8
	case schema.UUID:
		return 16
	case schema.Decimal:
		return 2
	case schema.Record, schema.Accumulator:
		n := 0
		for i := range t.Fields {
			n += Least(&t.Fields[i].Type)
		}
		return n
	case schema.Union:
		least := Least(&t.Members[0])
		for i := range t.Members[1:] {
			least = min(least, Least(&t.Members[i+1]))
		}
		return least + 1
	default:
		return 1
	}
}

// schemaText writes one schema.
type schemaText struct {
	out   []byte
	taken map[string]bool
	known map[string]string // names that have been given, by the description of the type
}

func (s *schemaText) text(t string) { s.out = append(s.out, t...) }

// scalars are the types that have no parts.
var scalars = map[schema.TypeName]string{
	schema.Bool: `"boolean"`, schema.Int32: `"int"`, schema.Int: `"long"`, schema.Float32: `"float"`, schema.Float: `"double"`,
	schema.String: `"string"`, schema.Bytes: `"bytes"`,
	schema.Timestamp: `{"type":"long","logicalType":"timestamp-micros"}`,
	schema.Duration:  `{"type":"long","flow":"duration"}`,
	schema.Date:      `{"type":"int","logicalType":"date"}`,
	schema.JSON:      `{"type":"string","flow":"json"}`,
}

func (s *schemaText) add(t *schema.Type, name string) {
	if text, ok := scalars[t.Shape]; ok {
		s.text(text)
		return
	}
	switch t.Shape {
	case schema.UUID:
		s.named(t, "uuid", func(name string) {
			s.text(`{"type":"fixed","size":16,"name":` + name + `,"logicalType":"uuid"}`)
		})
	case schema.Decimal:
		s.text(fmt.Sprintf(`{"type":"bytes","logicalType":"decimal","precision":%d,"scale":%d}`, t.Precision, t.Scale))
	case schema.Option:
		s.text(`["null",`)
		if t.Elem.Shape == schema.Union {
			s.wrapped(t.Elem, name)
		} else {
			s.add(t.Elem, name)
		}
		s.text("]")
	case schema.ListOf:
		s.text(`{"type":"array","items":`)
		s.add(t.Elem, name+"_element")
		s.text("}")
	case schema.SetOf:
		s.text(`{"type":"array","flow":"set","items":`)
		s.add(t.Elem, name+"_element")
		s.text("}")
	case schema.MapOf:
		s.mapping(t, name)
	case schema.Record, schema.Accumulator:
		if t.Name != "" {
			name = t.Name
		}
		s.named(t, name, func(called string) { s.record(called, name, t.Fields) })
	case schema.Enum:
		s.named(t, t.Name, func(name string) { s.enum(name, t) })
	case schema.Union:
		s.text("[")
		for i := range t.Members {
			if i > 0 {
				s.text(",")
			}
			s.add(&t.Members[i], name)
		}
		s.text("]")
	default:
		panic(fmt.Sprintf("avro: a type of shape %s that was checked", t.Shape))
	}
}

// named writes a type that Avro wants a name for: where it stands first whole,
// and then by its name.
func (s *schemaText) named(t *schema.Type, want string, write func(name string)) {
	text, err := json.Marshal(t)
	if err != nil {
		panic(err) // a Type is plain data
	}
	if name, ok := s.known[string(text)]; ok {
		s.text(name)
		return
	}
	name := `"` + unique(s.taken, want) + `"`
	s.known[string(text)] = name
	write(name)
}

// record writes a record; inside is what types in it without a name are called
// after.
func (s *schemaText) record(name, inside string, fields []schema.Field) {
	s.text(`{"type":"record","name":` + name + `,"fields":[`)
	taken := map[string]bool{}
	for i := range fields {
		if i > 0 {
			s.text(",")
		}
		s.text(`{"name":"` + unique(taken, fields[i].Name) + `","type":`)
		s.add(&fields[i].Type, inside+"_"+fields[i].Name)
		s.text("}")
	}
	s.text("]}")
}

// wrapped puts a union into a record, which takes no bytes.
func (s *schemaText) wrapped(t *schema.Type, name string) {
	some := &schema.Type{Shape: schema.Option, Elem: t}
	s.named(some, name+"_some", func(called string) {
		s.text(`{"type":"record","flow":"option","name":` + called + `,"fields":[{"name":"value","type":`)
		s.add(t, name)
		s.text("}]}")
	})
}

func (s *schemaText) mapping(t *schema.Type, name string) {
	if t.Key.Shape == schema.String {
		s.text(`{"type":"map","values":`)
		s.add(t.Elem, name+"_value")
		s.text("}")
		return
	}
	s.text(`{"type":"array","flow":"map","items":`)
	s.named(t, name+"_entry", func(called string) {
		s.record(called, name, []schema.Field{{Name: "key", Type: *t.Key}, {Name: "value", Type: *t.Elem}})
	})
	s.text("}")
}

func (s *schemaText) enum(name string, t *schema.Type) {
	s.text(`{"type":"enum","name":` + name + `,"symbols":[`)
	taken := map[string]bool{}
	numbers, plain := "", true
	for i, symbol := range t.Symbols {
		if i > 0 {
			s.text(",")
			numbers += ","
		}
		s.text(`"` + unique(taken, symbol.Name) + `"`)
		numbers += strconv.Itoa(int(symbol.Value))
		plain = plain && int(symbol.Value) == i
	}
	s.text("]")
	if !plain {
		s.text(`,"numbers":[` + numbers + "]")
	}
	s.text("}")
}

// unique turns a name into one that Avro allows and that is not taken, and takes
// it.
func unique(taken map[string]bool, name string) string {
	want := legal(name)
	free := want
	for n := 2; taken[free]; n++ {
		free = want + "_" + strconv.Itoa(n)
	}
	taken[free] = true
	return free
}

// legal turns a name into one that Avro allows.
func legal(name string) string {
	legal := []byte(name)
	for i, c := range legal {
		if c != '_' && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			legal[i] = '_'
		}
	}
	if len(legal) == 0 || legal[0] >= '0' && legal[0] <= '9' {
		legal = append([]byte("_"), legal...)
	}
	return string(legal)
}
