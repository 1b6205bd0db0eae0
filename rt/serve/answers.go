package serve

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/wire"
)

// unknownKey is the code of an answer about what is not there.
const unknownKey = "unknown_key"

// one answers with what one key has.
func (a *asked) one() ([]byte, *problem) {
	var key []byte
	if len(a.keys) == 1 {
		key = a.keys[0]
	}
	q := a.query
	if p := a.ask(key, &q); p != nil {
		return nil, p
	}
	if !q.Found {
		return nil, problemf(http.StatusNotFound, unknownKey, "the state has nothing for %s", whatFor(key, &q))
	}
	out := append(a.opening(key), `"found":true,`...)
	return append(a.content(out, &q), a.closing("}\n")...), nil
}

func whatFor(key []byte, q *rt.Query) string {
	switch {
	case q.Entry != nil && key != nil:
		return fmt.Sprintf("the entry %.200s of the key %.200s", q.Entry, key)
	case q.Entry != nil:
		return fmt.Sprintf("the entry %.200s", q.Entry)
	case key != nil && (q.From != nil || q.To != nil || q.Prefix != ""):
		return fmt.Sprintf("this range of the key %.200s", key)
	case key != nil:
		return fmt.Sprintf("the key %.200s", key)
	}
	return "all keys"
}

// opening begins an answer about a key, as closing ends it.
func (a *asked) opening(key []byte) []byte {
	out := make([]byte, 0, 256) // most answers fit
	if a.avro {
		out = append(out, `{"rows":[{`...)
		if key != nil {
			out = append(append(append(out, `"key":`...), key...), ',')
		}
		return out
	}
	out = wire.AppendString(append(out, `{"state":`...), a.state.Name)
	if key != nil {
		out = append(append(out, `,"key":`...), key...)
	}
	return append(out, ',')
}

func (a *asked) closing(text string) string {
	if a.avro {
		return "}]" + text
	}
	return text
}

// openingRows begins an answer that is a list.
func (a *asked) openingRows() []byte {
	if a.avro {
		return []byte(`{"rows":[`)
	}
	out := append([]byte(`{"state":`), wire.AppendString(nil, a.state.Name)...)
	if a.plain {
		if text, err := marshal(describe(a.state)); err == nil {
			out = append(append(out, `,"schema":`...), text...)
		}
	}
	return append(out, `,"rows":[`...)
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
func (a *asked) several() ([]byte, *problem) {
	out := a.openingRows()
	for i, key := range a.keys {
		q := a.query
		if p := a.ask(key, &q); p != nil {
			return nil, p
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
		if len(out) > maxAnswer && i < len(a.keys)-1 {
			return nil, problemf(http.StatusRequestEntityTooLarge, "too_large",
				"%d of the %d keys have %d bytes: ask for fewer at once, or for fewer entries of each", i+1, len(a.keys), len(out))
		}
	}
	return append(out, "]}\n"...), nil
}

// page answers with a page of keys.
func (a *asked) page(ctx context.Context) ([]byte, *problem) {
	out := a.openingRows()
	rows, next, more := 0, a.cursor, true
	for more && rows < a.limit && len(out) < maxAnswer && ctx.Err() == nil {
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
			if a.avro {
				out = append(out, `"found":true,`...)
			}
			out = append(a.content(out, q), '}')
		})
		if err != nil {
			return nil, bad("bad_key", "a key of the range has the wrong type: %v", err)
		}
		if failed != nil {
			return nil, failed
		}
	}
	out = append(out, ']')
	if more {
		cursor := fmt.Sprintf("%s %d %d %d %x", a.life, next.Shard, next.ID, next.Place.Group, next.Place.Key)
		out = append(append(append(out, `,"next":"`...), base64.RawURLEncoding.EncodeToString([]byte(cursor))...), '"')
	}
	return append(out, "}\n"...), nil
}
