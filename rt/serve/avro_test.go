package serve_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	queries "github.com/flow-lang/flowc/golden/gen/queries"
	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/schema"
)

// asked is a question as Avro: the type of the answer, and the same as JSON.
func (r *running) avro(path string, t *schema.Type) string {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodGet, "http://"+r.addr+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json;q=0.5, avro/binary")
	resp, err := r.client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK {
		return string(body)
	}
	if got := resp.Header.Get("Content-Type"); got != "avro/binary" {
		r.t.Errorf("GET %s: it is %s", path, got)
	}
	in := avro.NewReader(body)
	text := avro.AppendJSON(nil, t, in)
	if err := in.Close(); err != nil {
		r.t.Errorf("GET %s: %v", path, err)
	}
	return string(text)
}

// answerOf builds the type of answers by hand: option fields of one that has
// entries, and those of one that has a value.
func answerOf(key *schema.Type, fields ...schema.Field) *schema.Type {
	text := schema.Type{Shape: schema.Option, Elem: &schema.Type{Shape: schema.String}}
	row := &schema.Type{Shape: schema.Record, Name: "Row"}
	if key != nil {
		row.Fields = append(row.Fields, schema.Field{Name: "key", Type: *key})
	}
	row.Fields = append(append(row.Fields, schema.Field{Name: "found", Type: schema.Type{Shape: schema.Bool}}), fields...)
	return &schema.Type{Shape: schema.Record, Name: "Answer", Fields: []schema.Field{
		{Name: "rows", Type: schema.Type{Shape: schema.ListOf, Elem: row}}, {Name: "next", Type: text},
	}}
}

func value(t schema.Type) schema.Field {
	return schema.Field{Name: "value", Type: schema.Type{Shape: schema.Option, Elem: &t}}
}

func TestAvro(t *testing.T) {
	t.Parallel()
	r := start(t, 2, nil)
	r.send("a", "apple", 7, 0)
	r.send("a", "pear", 5, 30)
	r.send("b", "pear", 2, 60)
	r.eventually("/state/total?key=b", `"value":2`)
	r.eventually("/state/total?key=a", `"value":12`)
	r.eventually("/state/halves?key=2", `"value":1`)
	text, number := &schema.Type{Shape: schema.String}, schema.Type{Shape: schema.Int}
	total := answerOf(text, value(number))
	entry := &schema.Type{Shape: schema.Record, Name: "Entry", Fields: []schema.Field{{Name: "map_key", Type: *text}, {Name: "value", Type: number}}}
	stock := answerOf(text,
		schema.Field{Name: "entries", Type: schema.Type{Shape: schema.Option, Elem: &schema.Type{Shape: schema.ListOf, Elem: entry}}},
		schema.Field{Name: "next", Type: schema.Type{Shape: schema.Option, Elem: text}})
	known := answerOf(nil, stock.Fields[0].Type.Elem.Fields[2:]...)
	sums := answerOf(text, value(schema.Type{Shape: schema.Record, Fields: []schema.Field{{Name: "n", Type: number}, {Name: "all", Type: number}}}))
	tests := []struct {
		path string
		of   *schema.Type
		want string
	}{
		{"/state/total?key=a", total, `{"rows":[{"key":"a","found":true,"value":12}],"next":null}`},
		{"/state/total?key=a&key=x&key=b", total, `{"rows":[{"key":"a","found":true,"value":12},{"key":"x","found":false,"value":null},{"key":"b","found":true,"value":2}],"next":null}`},
		{"/state/total?prefix=a", total, `{"rows":[{"key":"a","found":true,"value":12}],"next":null}`},
		{"/state/stock?key=a&limit=1", stock, `{"rows":[{"key":"a","found":true,"entries":[{"map_key":"apple","value":7}],"next":"InBlYXIi"}],"next":null}`},
		{"/state/known?from=b", known, `{"rows":[{"found":true,"entries":[{"map_key":"pear","value":2}],"next":null}],"next":null}`},
		{"/state/sums?key=a", sums, `{"rows":[{"key":"a","found":true,"value":{"n":2,"all":12}}],"next":null}`},
		{"/state/total?key=x", total, `{"error":{"code":"unknown_key","message":"the state has nothing for the key \"x\""}}` + "\n"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, r.avro(tt.path, tt.of)); diff != "" {
			t.Errorf("GET %s (-want +got):\n%s", tt.path, diff)
		}
	}
}

// TestAvroSchemas asks for the schema of every state.
func TestAvroSchemas(t *testing.T) {
	t.Parallel()
	r := start(t, 1, nil)
	r.eventually("/readyz", `"ready"`)
	job := queries.Pipeline().Job
	for i := range job.Operators {
		for _, st := range job.Operators[i].States {
			if st.Queryable == "" {
				continue
			}
			_, text := r.get("/state/" + st.Queryable + "/schema")
			var said struct {
				Kind schema.Kind
				Avro struct{ Type, Name string }
			}
			if err := json.Unmarshal([]byte(text), &said); err != nil || said.Avro.Type != "record" || said.Avro.Name != "Answer" || said.Kind != st.Kind {
				t.Errorf("schema of %s: %v: %s", st.Queryable, err, text)
			}
			if _, page := r.get("/state/" + st.Queryable); !strings.Contains(page, `"schema":{"name":`) && !st.Broadcast {
				t.Errorf("/state/%s does not say what it holds: %.200s", st.Queryable, page)
			}
		}
	}
}
