package serve

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/schema"
)

// avroType is the media type of answers as Avro: one value in the binary
// encoding, of the schema that /state/NAME/schema gives as "avro". It is the same
// for all questions about a state.
const avroType = "avro/binary"

// wantsAvro reports whether a client accepts Avro.
func wantsAvro(r *http.Request) bool {
	for _, accepted := range r.Header.Values("Accept") {
		for one := range strings.SplitSeq(accepted, ",") {
			if kind, _, _ := strings.Cut(one, ";"); strings.EqualFold(strings.TrimSpace(kind), avroType) {
				return true
			}
		}
	}
	return false
}

// shownTypes returns the types of what answers about a state show: of a value, an
// element or the value of an entry, and of the key of an entry. Either may be nil.
func shownTypes(q *rt.QueryState) (shown, entry *schema.Type) {
	st := q.State
	shown, entry = st.Type, st.MapKey
	if st.Result != nil {
		shown = st.Result
	}
	switch st.Kind {
	case schema.Set:
		return nil, st.Type
	case schema.List:
		return shown, &schema.Type{Shape: schema.Int}
	case schema.Dynamic: // each value has a type of its own
		return &schema.Type{Shape: schema.JSON}, &schema.Type{Shape: schema.String}
	}
	return shown, entry
}

// answerType is the type of an answer as Avro:
//
//	{ rows: list<{ key: K, found: bool, value: V? }>, next: string? }
//
// where a state with entries has entries: list<{ map_key: E, value: V }>? and
// next: string? instead of the value, a list calls the key of an element index,
// and broadcast state has neither key nor found.
func answerType(q *rt.QueryState) *schema.Type {
	shown, entry := shownTypes(q)
	option := func(t *schema.Type) schema.Type { return schema.Type{Shape: schema.Option, Elem: t} }
	next := schema.Field{Name: "next", Type: option(&schema.Type{Shape: schema.String})}
	row := &schema.Type{Shape: schema.Record, Name: "Row"}
	if !q.State.Broadcast {
		row.Fields = append(row.Fields, schema.Field{Name: "key", Type: *keyType(q)})
	}
	row.Fields = append(row.Fields, schema.Field{Name: "found", Type: schema.Type{Shape: schema.Bool}})
	if entry == nil {
		row.Fields = append(row.Fields, schema.Field{Name: "value", Type: option(shown)})
	} else {
		name := "map_key"
		if q.State.Kind == schema.List {
			name = "index"
		}
		one := &schema.Type{Shape: schema.Record, Name: "Entry", Fields: []schema.Field{{Name: name, Type: *entry}}}
		if shown != nil {
			one.Fields = append(one.Fields, schema.Field{Name: "value", Type: *shown})
		}
		row.Fields = append(row.Fields,
			schema.Field{Name: "entries", Type: option(&schema.Type{Shape: schema.ListOf, Elem: one})}, next)
	}
	return &schema.Type{Shape: schema.Record, Name: "Answer", Fields: []schema.Field{
		{Name: "rows", Type: schema.Type{Shape: schema.ListOf, Elem: row}}, next,
	}}
}

// keyType is the type of the keys of a state. A step without a key has one that
// is false.
func keyType(q *rt.QueryState) *schema.Type {
	if q.Operator.Key == nil {
		return &schema.Type{Shape: schema.Bool}
	}
	return q.Operator.Key
}

// avroSchema returns the schema of answers; nil if Avro has none for them.
func avroSchema(q *rt.QueryState) json.RawMessage {
	text, err := avro.Schema(answerType(q), "Answer")
	if err != nil {
		return nil
	}
	return json.RawMessage(text)
}

// asAvro turns an answer in the shape of answerType from JSON to Avro.
func asAvro(q *rt.QueryState, answer []byte) ([]byte, *problem) {
	t := answerType(q)
	if err := avro.Check(t); err != nil {
		return nil, problemf(http.StatusNotAcceptable, "no_avro", "the state has no schema in Avro: %v; ask for JSON", err)
	}
	out, err := avro.FromJSON(nil, t, answer)
	if err != nil {
		return nil, problemf(http.StatusNotAcceptable, "no_avro", "the answer cannot be written as Avro: %v; ask for JSON", err)
	}
	return out, nil
}
