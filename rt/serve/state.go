package serve

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/wire"
)

// Limits of one answer.
const (
	maxPage     = 1000 // rows or entries
	defaultPage = 100
	maxKeys     = 100     // keys of one request
	maxAnswer   = 8 << 20 // bytes after which a page is given short
)

// listed is a queryable state as a list of them shows it.
type listed struct {
	Name  string       `json:"name"`
	UID   string       `json:"uid"`
	State string       `json:"state"`
	Place string       `json:"place,omitempty"`
	Kind  schema.Kind  `json:"kind"`
	Key   *schema.Type `json:"key,omitempty"` // nil of broadcast state
	// What an answer holds: the type of a value, an element or an entry's value.
	Type   *schema.Type `json:"type,omitempty"`
	MapKey *schema.Type `json:"map_key,omitempty"` // of map, sorted and set
	Flow   string       `json:"flow"`              // its declaration
}

func describe(q *rt.QueryState) listed {
	l := listed{
		Name: q.Name, UID: q.UID, State: q.State.Name, Place: q.Place, Kind: q.State.Kind,
		Key: q.Operator.Key, Type: q.State.Type, MapKey: q.State.MapKey, Flow: q.State.String(),
	}
	if q.State.Broadcast {
		l.Key = nil
	}
	if q.State.Kind == schema.Set {
		l.Type, l.MapKey = nil, q.State.Type
	}
	return l
}

func (s *server) listStates(w http.ResponseWriter, _ *http.Request, j *rt.Job) {
	list := []listed{}
	for _, q := range j.QueryStates() {
		list = append(list, describe(&q))
	}
	send(w, http.StatusOK, map[string]any{"states": list})
}

func (s *server) stateSchema(w http.ResponseWriter, r *http.Request, j *rt.Job) {
	q, p := stateCalled(j, r.PathValue("name"))
	if p != nil {
		p.write(w)
		return
	}
	send(w, http.StatusOK, describe(q))
}

// stateCalled finds a queryable state.
func stateCalled(j *rt.Job, name string) (*rt.QueryState, *problem) {
	var names []string
	for _, q := range j.QueryStates() {
		if q.Name == name {
			return &q, nil
		}
		names = append(names, q.Name)
	}
	p := problemf(http.StatusNotFound, "unknown_state", "no state is queryable as %.100q", name)
	p.Meant = rt.Nearest(name, names)
	if len(names) == 0 {
		p.Message += ": the program has none; mark one with queryable \"name\""
	}
	return nil, p
}

// asked is what a request asks of a state.
type asked struct {
	state  *rt.QueryState
	keys   [][]byte // as JSON
	query  rt.Query
	limit  int
	cursor rt.Cursor
}

// queryParams are what a request to /state/NAME may give.
var queryParams = map[string]bool{
	"key": true, "entry": true, "from": true, "to": true, "prefix": true,
	"limit": true, "cursor": true, "consistency": true,
}

// queryState answers with what keys have, or lists keys.
func (s *server) queryState(w http.ResponseWriter, r *http.Request, j *rt.Job) {
	a, p := read(r, j)
	if p == nil && !j.Running() {
		p = notReady()
	}
	if p == nil {
		switch {
		case a.state.State.Broadcast || len(a.keys) == 1:
			p = a.one(w)
		case len(a.keys) > 1:
			p = a.several(w)
		default:
			p = a.page(w, r)
		}
	}
	if p != nil {
		p.write(w)
	}
}

// read reads a request.
func read(r *http.Request, j *rt.Job) (*asked, *problem) {
	state, p := stateCalled(j, r.PathValue("name"))
	if p != nil {
		return nil, p
	}
	params, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, bad("bad_query", "the query of the URL cannot be read: %v", err)
	}
	for name, given := range params {
		if !queryParams[name] {
			return nil, bad("unknown_parameter", "%.100q is no parameter: there are key, entry, from, to, prefix, limit, cursor, consistency", name)
		}
		if name != "key" && len(given) > 1 {
			return nil, bad("bad_query", "%q is given %d times", name, len(given))
		}
	}
	switch c := params.Get("consistency"); c {
	case "", "latest":
	case "checkpointed":
		return nil, problemf(http.StatusServiceUnavailable, "no_checkpoint", "no checkpoint has been completed: ask for consistency=latest")
	default:
		return nil, bad("bad_consistency", "consistency is latest or checkpointed, not %.100q", c)
	}
	a := &asked{state: state, limit: defaultPage}
	if p := a.readKeys(params["key"]); p != nil {
		return nil, p
	}
	if p := a.readLimit(params); p != nil {
		return nil, p
	}
	return a, a.readEntries(params)
}

func bad(code, format string, args ...any) *problem {
	return problemf(http.StatusBadRequest, code, format, args...)
}

func (a *asked) readKeys(keys []string) *problem {
	switch {
	case len(keys) > maxKeys:
		return bad("too_many_keys", "%d keys: at most %d may be asked for at once", len(keys), maxKeys)
	case len(keys) > 0 && a.state.State.Broadcast:
		return bad("bad_key", "the state is the same for all keys: ask without key")
	}
	for _, key := range keys {
		a.keys = append(a.keys, asJSON(a.state.Operator.Key, key))
	}
	return nil
}

// asJSON returns a key in a URL as JSON: a text as it is, and what JSON writes
// as a text with or without quotes.
func asJSON(t *schema.Type, text string) []byte {
	if t == nil {
		return []byte(text)
	}
	switch t.Shape {
	case schema.String:
		return wire.AppendString(nil, text)
	case schema.Bytes, schema.Timestamp, schema.Duration, schema.Date, schema.UUID, schema.Enum, schema.Decimal:
		if !strings.HasPrefix(text, `"`) {
			return wire.AppendString(nil, text)
		}
	}
	return []byte(text)
}

func (a *asked) readLimit(params url.Values) *problem {
	if text := params.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxPage {
			return bad("bad_limit", "limit is a whole number from 1 to %d, not %.100q", maxPage, text)
		}
		a.limit = n
	}
	a.query.Limit = a.limit
	return nil
}

// readEntries reads what is asked of the entries of one key, or of the list of
// keys where none is given.
func (a *asked) readEntries(params url.Values) *problem {
	of := a.state.Operator.Key
	st := a.state.State
	one := len(a.keys) > 0 || st.Broadcast
	if one {
		if st.Kind == schema.Value || st.Kind == schema.Aggregate {
			for _, name := range []string{"entry", "from", "to", "prefix", "cursor"} {
				if params.Has(name) {
					return bad("bad_query", "%s asks for entries, and a state of the kind %s has none", name, st.Kind)
				}
			}
			return nil
		}
		of = describe(a.state).MapKey
		if st.Kind == schema.List {
			of = &schema.Type{Shape: schema.Int}
		}
	} else if params.Has("entry") {
		return bad("bad_query", "entry needs a key: whose entry?")
	}
	get := func(name string) []byte {
		if !params.Has(name) {
			return nil
		}
		return asJSON(of, params.Get(name))
	}
	q := &a.query
	q.Entry, q.From, q.To, q.Prefix = get("entry"), get("from"), get("to"), params.Get("prefix")
	if q.Prefix != "" && of.Shape != schema.String {
		return bad("bad_prefix", "prefix is for keys that are strings; these are of type %s", of)
	}
	cursor := params.Get("cursor")
	if cursor == "" {
		return nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil && one {
		q.From = text
		return nil
	}
	if err == nil {
		_, err = fmt.Sscanf(string(text), "%d %d", &a.cursor.Shard, &a.cursor.ID)
	}
	if err != nil || a.cursor.Shard < 0 {
		return bad("bad_cursor", "the cursor is none that an answer has given")
	}
	return nil
}

// one answers with what one key has.
func (a *asked) one(w http.ResponseWriter) *problem {
	var key []byte
	if len(a.keys) == 1 {
		key = a.keys[0]
	}
	q := a.query
	if p := a.ask(key, &q); p != nil {
		return p
	}
	if !q.Found {
		return problemf(http.StatusNotFound, "unknown_key", "the state has nothing for %s", whatFor(key, &q))
	}
	out := append(opening(a.state, key), `"found":true,`...)
	sendJSON(w, http.StatusOK, append(a.content(out, &q), "}\n"...))
	return nil
}

func whatFor(key []byte, q *rt.Query) string {
	switch {
	case q.Entry != nil && key != nil:
		return fmt.Sprintf("the entry %.200s of the key %.200s", q.Entry, key)
	case q.Entry != nil:
		return fmt.Sprintf("the entry %.200s", q.Entry)
	case key != nil:
		return fmt.Sprintf("the key %.200s", key)
	}
	return "all keys"
}

// opening begins an answer about a key.
func opening(s *rt.QueryState, key []byte) []byte {
	out := append([]byte(`{"state":`), wire.AppendString(nil, s.Name)...)
	if key != nil {
		out = append(append(out, `,"key":`...), key...)
	}
	return append(out, ',')
}

// content appends the value, or the entries and where they go on.
func (a *asked) content(b []byte, q *rt.Query) []byte {
	switch a.state.State.Kind {
	case schema.Value, schema.Aggregate:
		return append(append(b, `"value":`...), q.Out...)
	}
	b = append(append(append(b, `"entries":[`...), q.Out...), ']')
	if q.Next != nil {
		b = append(append(append(b, `,"next":"`...), base64.RawURLEncoding.EncodeToString(q.Next)...), '"')
	}
	return b
}

// ask asks for a key and says what is wrong with the question.
func (a *asked) ask(key []byte, q *rt.Query) *problem {
	err := a.state.Ask(key, q)
	var malformed *wire.Malformed
	switch {
	case errors.As(err, &malformed):
		return bad("bad_key", "the key %.200s is no %s: %v", key, a.state.Operator.Key, err)
	case err != nil:
		return problemf(http.StatusServiceUnavailable, "not_ready", "%v", err)
	}
	return a.failed(q)
}

// failed says what went wrong with an answer.
func (a *asked) failed(q *rt.Query) *problem {
	if q.Err != nil {
		return bad("bad_entry", "a key of the range or entry has the wrong type: %v", q.Err)
	}
	if q.Fault.Failed() {
		reason, _ := q.Fault.Take()
		return problemf(http.StatusUnprocessableEntity, "no_json", "the value has no text as JSON: %s", reason)
	}
	return nil
}

// several answers with a row for each key that was asked for.
func (a *asked) several(w http.ResponseWriter) *problem {
	out := append([]byte(`{"state":`), wire.AppendString(nil, a.state.Name)...)
	out = append(out, `,"rows":[`...)
	for i, key := range a.keys {
		q := a.query
		if p := a.ask(key, &q); p != nil {
			return p
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, `{"key":`...), key...), `,"found":`...)
		out = strconv.AppendBool(out, q.Found)
		if q.Found {
			out = a.content(append(out, ','), &q)
		}
		out = append(out, '}')
	}
	sendJSON(w, http.StatusOK, append(out, "]}\n"...))
	return nil
}

// page answers with a page of keys.
func (a *asked) page(w http.ResponseWriter, r *http.Request) *problem {
	out := append([]byte(`{"state":`), wire.AppendString(nil, a.state.Name)...)
	out = append(out, `,"rows":[`...)
	rows, next, more := 0, a.cursor, true
	for more && rows < a.limit && len(out) < maxAnswer && r.Context().Err() == nil {
		var err error
		var failed *problem
		next, more, err = a.state.Page(next, a.query, min(a.limit-rows, 64), func(key []byte, q *rt.Query) {
			if rows++; rows > 1 {
				out = append(out, ',')
			}
			if p := a.failed(q); p != nil {
				failed = p
				q.Out = []byte("null")
			}
			out = append(append(append(out, `{"key":`...), key...), ',')
			out = append(a.content(out, q), '}')
		})
		if err != nil {
			return bad("bad_key", "a key of the range has the wrong type: %v", err)
		}
		if failed != nil {
			return failed
		}
	}
	out = append(out, ']')
	if more {
		cursor := fmt.Sprintf("%d %d", next.Shard, next.ID)
		out = append(append(append(out, `,"next":"`...), base64.RawURLEncoding.EncodeToString([]byte(cursor))...), '"')
	}
	sendJSON(w, http.StatusOK, append(out, "}\n"...))
	return nil
}
