package serve

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
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
	// Of answers as Avro; left out of the list of states.
	Avro json.RawMessage `json:"avro,omitempty"`
}

func describe(q *rt.QueryState) listed {
	l := listed{
		Name: q.Name, UID: q.UID, State: q.State.Name, Place: q.Place, Kind: q.State.Kind,
		Key: q.Operator.Key, Type: q.State.Type, MapKey: q.State.MapKey, Flow: q.State.String(),
	}
	if q.State.Broadcast {
		l.Key = nil
	}
	l.Type, l.MapKey = shownTypes(q)
	if q.State.Kind == schema.List {
		l.MapKey = nil
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
	of := describe(q)
	of.Avro = avroSchema(q)
	send(w, http.StatusOK, of)
}

// stateCalled finds a queryable state.
func stateCalled(j *rt.Job, name string) (*rt.QueryState, *problem) {
	states := j.QueryStates()
	for i := range states {
		if states[i].Name == name {
			return &states[i], nil
		}
	}
	var names []string
	for i := range states {
		names = append(names, states[i].Name)
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
	life   string // of the tables whose ids cursors hold
	plain  bool   // there is nothing but the name: the answer says what the state holds, too
	avro   bool   // the answer becomes Avro: see avro.go
}

// queryParams are what a request to /state/NAME may give.
var queryParams = map[string]bool{
	"key": true, "entry": true, "from": true, "to": true, "prefix": true,
	"limit": true, "cursor": true, "consistency": true,
}

// queryState answers with what keys have, or lists keys.
func (s *server) queryState(w http.ResponseWriter, r *http.Request) {
	params, p := readParams(r)
	var out []byte
	avro := p == nil && wantsAvro(r)
	answer := func(j *rt.Job) { out, p = answerState(r, j, params, avro) }
	switch {
	case p != nil:
	case params.Get("consistency") == checkpointed:
		if failed := s.viewCheckpoint(r, answer); failed != nil {
			p = failed
		}
	default:
		if j := s.job.Load(); j != nil {
			answer(j)
			if p == nil && !j.Running() {
				p = notReady()
			}
		} else {
			p = notReady()
		}
	}
	switch {
	case p != nil:
		p.write(w)
	case avro:
		sendAs(w, http.StatusOK, avroType, out)
	default:
		sendJSON(w, http.StatusOK, out)
	}
}

// viewCheckpoint lets answer look at the last checkpoint.
func (s *server) viewCheckpoint(r *http.Request, answer func(*rt.Job)) *problem {
	c := s.saved.Load()
	err := rt.ErrNoCheckpoint
	if c != nil {
		ctx, cancel := context.WithTimeout(r.Context(), requestTime)
		defer cancel()
		err = c.View(ctx, answer)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, rt.ErrNoCheckpoint):
		return problemf(http.StatusServiceUnavailable, "no_checkpoint", "no checkpoint has been completed: ask for consistency=latest")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return problemf(http.StatusServiceUnavailable, "not_ready", "the checkpoint is still being read: ask again")
	default:
		return problemf(http.StatusServiceUnavailable, "no_checkpoint", "the checkpoint cannot be read: %v", err)
	}
}

// answerState reads a request and answers it.
func answerState(r *http.Request, j *rt.Job, params url.Values, avro bool) ([]byte, *problem) {
	a, p := read(r, j, params)
	if p != nil {
		return nil, p
	}
	a.avro = avro
	var out []byte
	switch {
	case a.state.State.Broadcast || len(a.keys) == 1:
		out, p = a.one()
	case len(a.keys) > 1:
		out, p = a.several()
	default:
		ctx, cancel := context.WithTimeout(r.Context(), requestTime)
		defer cancel()
		out, p = a.page(ctx)
	}
	if p == nil && avro {
		return asAvro(a.state, out)
	}
	return out, p
}

// checkpointed is the consistency of answers from the last checkpoint.
const checkpointed = "checkpointed"

// readParams reads the parameters of a request.
func readParams(r *http.Request) (url.Values, *problem) {
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
	if c := params.Get("consistency"); c != "" && c != "latest" && c != checkpointed {
		return nil, bad("bad_consistency", "consistency is latest or checkpointed, not %.100q", c)
	}
	return params, nil
}

// read reads what a request asks of a job.
func read(r *http.Request, j *rt.Job, params url.Values) (*asked, *problem) {
	state, p := stateCalled(j, r.PathValue("name"))
	if p != nil {
		return nil, p
	}
	a := &asked{state: state, limit: defaultPage, life: lifeOf(j), plain: len(params) == 0}
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
	case schema.Bytes, schema.Timestamp, schema.Duration, schema.Date, schema.UUID, schema.Enum:
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
	return a.readCursor(string(text), err)
}

// readCursor reads where a list of keys goes on. Ids of keys are those of the
// tables of one job: they mean nothing to one that was started after it.
func (a *asked) readCursor(text string, err error) *problem {
	life, at, _ := strings.Cut(text, " ")
	if err == nil {
		c := &a.cursor
		if _, err = fmt.Sscanf(at, "%d %d %d", &c.Shard, &c.ID, &c.Place.Group); err == nil {
			c.Place.Key, err = hex.DecodeString(at[strings.LastIndexByte(at, ' ')+1:])
		}
	}
	switch {
	case err != nil || a.cursor.Shard < 0 || a.cursor.Place.Group < 0 || a.cursor.Place.Group > math.MaxUint16 || life == "":
		return bad("bad_cursor", "the cursor is none that an answer has given")
	case life != a.life:
		return problemf(http.StatusGone, "stale_cursor", "the state has been read anew since that page: begin again with the first")
	}
	return nil
}

// lifeOf names the tables of a job.
func lifeOf(j *rt.Job) string { return strconv.FormatInt(j.Life(), 36) }
