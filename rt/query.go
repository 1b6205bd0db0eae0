package rt

import (
	"bytes"
	"iter"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// Queryable is an [Operator] with state that can be asked for. Its methods are
// called while its shard rests. Keys come and go as JSON.
type Queryable interface {
	// KeyHash reads a key and returns its hash.
	KeyHash(d *wire.Dec) uint64

	// FindKey reads a key and returns the id of its cell, if it has one.
	FindKey(d *wire.Dec) (id uint32, ok bool)

	// NextKey returns the first id that is not before id and has a cell.
	NextKey(id uint32) (next uint32, ok bool)

	// AppendKey appends the key of an id.
	AppendKey(b []byte, id uint32, f *value.Fault) []byte

	// KeyRange returns what tells whether the key of an id lies in q's range.
	KeyRange(q *Query) func(id uint32) bool

	// Answer answers q with what the key of an id has in a state, which is given
	// by its index in schema.Operator.States.
	Answer(which int, id uint32, q *Query)
}

// Query asks for what one key has in one state, and takes the answer.
type Query struct {
	// Of a state with entries. Keys of entries are JSON; of a list they are
	// numbers of elements. A nil one is not given.
	Entry    []byte // the only entry
	From, To []byte // entries, or keys where keys are listed: from From, before To
	Prefix   string // of text
	Limit    int    // most entries; at least 1

	// Set by the job before the answer.
	Mark, Now value.Timestamp // what a ttl is held against

	// The answer.
	Found bool   // there is a value, or an entry at least
	Out   []byte // the value, or the entries with commas between them
	Next  []byte // From of the next entries; nil if there are none
	Fault value.Fault
	Err   error // a key of an entry that is none

	entries int
}

// QueryState is a state that can be asked for.
type QueryState struct {
	Name     string // external
	UID      string // of its operator
	Place    string // of the operator's step in the program
	Operator *schema.Operator
	State    *schema.State

	stage *stage
	index int // in Operator.States
}

// QueryStates returns the states that can be asked for, in order of
// declaration. The list is the job's: it is not changed.
func (j *Job) QueryStates() []QueryState {
	j.listing.Do(func() { j.askable = j.queryStates() })
	return j.askable
}

func (j *Job) queryStates() (states []QueryState) {
	for i := range j.spec.Job.Operators {
		op := &j.spec.Job.Operators[i]
		for k := range op.States {
			st := &op.States[k]
			if st.Queryable == "" {
				continue
			}
			for _, s := range j.graph.stages {
				if s.spec.UID == op.UID {
					states = append(states, QueryState{
						Name: st.Queryable, UID: op.UID, Place: place(j.spec.Files, s.spec.Pos),
						Operator: op, State: st, stage: s, index: k,
					})
				}
			}
		}
	}
	return states
}

// Ask answers q with what a key has: all of it as of one moment between two
// steps of the key's shard, and not before any answer that has been given. The
// key is JSON and is not looked at for broadcast state. The error is a
// *wire.Malformed if the key is none of the operator.
func (s *QueryState) Ask(key []byte, q *Query) error {
	shard := s.stage.shards[0]
	if !s.State.Broadcast {
		d := wire.Dec{}
		d.Reset(key)
		hash := shard.op.(Queryable).KeyHash(&d)
		if !d.End() {
			return d.Err()
		}
		shard = s.stage.shards[shardOf(shard.task.job.route, hash)]
	}
	shard.rest.look(func() { s.find(shard, key, q) })
	return nil
}

// find answers q with what a key has in a shard, which rests.
func (s *QueryState) find(sh *shard, key []byte, q *Query) {
	op := sh.op.(Queryable)
	id := uint32(0)
	if !s.State.Broadcast {
		d := wire.Dec{}
		d.Reset(key)
		var ok bool
		if id, ok = op.FindKey(&d); !ok {
			return
		}
	}
	sh.answer(op, s.index, id, q)
	sh.looked()
}

// answer fills in the time and lets the operator answer.
func (sh *shard) answer(op Queryable, state int, id uint32, q *Query) {
	q.Mark, q.Now = sh.in.mark, sh.task.job.now()
	op.Answer(state, id, q)
}

// shardOf returns the shard that a key with that hash belongs to.
func shardOf(route []uint16, hash uint64) int {
	if route == nil {
		return 0
	}
	return int(route[(hash>>32)*uint64(len(route))>>32])
}

// Cursor is where a list of keys goes on: behind an id, or, in a shard whose
// state lies in a store, behind a place.
type Cursor struct {
	Shard int
	ID    uint32
	Place state.Place
}

// scanSlots is how many ids are visited while a shard rests.
const scanSlots = 4096

// scanRests is how often a page lets shards rest, at most: a page of a prefix
// that few keys have is given short instead.
const scanRests = 256

// Page lists keys with what they have, in no special order: at most limit rows,
// each handed to row. q says which keys; a key that stays in the state while its
// pages are read is listed once. more is false when there are no further keys.
func (s *QueryState) Page(c Cursor, q Query, limit int, row func(key []byte, q *Query)) (next Cursor, more bool, err error) {
	for range scanRests {
		if c.Shard >= len(s.stage.shards) {
			return c, false, nil
		}
		if limit <= 0 {
			return c, true, nil
		}
		scan := s.scan
		if s.stage.shards[c.Shard].spill != nil {
			scan = s.scanStored
		}
		rows, err := scan(&c, q, limit, row)
		if err != nil {
			return c, false, err
		}
		limit -= rows
	}
	return c, true, nil
}

// scan visits some ids of the shard at c and moves c on.
func (s *QueryState) scan(c *Cursor, q Query, limit int, row func([]byte, *Query)) (rows int, err error) {
	sh := s.stage.shards[c.Shard]
	sh.rest.look(func() {
		l := s.lister(sh, &q, row)
		if err = q.Err; err != nil {
			return
		}
		for range scanSlots {
			id, ok := l.op.NextKey(c.ID)
			if !ok {
				*c = Cursor{Shard: c.Shard + 1}
				break
			}
			if l.rows == limit {
				break
			}
			c.ID = id + 1
			l.list(id)
		}
		rows = l.rows
	})
	return rows, err
}

// lister lists keys of a shard that rests.
type lister struct {
	s      *QueryState
	sh     *shard
	op     Queryable
	within func(id uint32) bool
	prefix []byte
	limit  int // of entries
	row    func(key []byte, q *Query)
	key    []byte
	rows   int
}

// lister returns what lists the keys that q asks for, or sets q.Err.
func (s *QueryState) lister(sh *shard, q *Query, row func([]byte, *Query)) *lister {
	op := sh.op.(Queryable)
	return &lister{s: s, sh: sh, op: op, within: op.KeyRange(q), prefix: jsonPrefix(q.Prefix), limit: q.Limit, row: row}
}

// list gives the row of a key, if it is asked for and there is one.
func (l *lister) list(id uint32) {
	if !l.within(id) {
		return
	}
	q := Query{Limit: l.limit}
	if l.key = l.op.AppendKey(l.key[:0], id, &q.Fault); !bytes.HasPrefix(l.key, l.prefix) {
		return
	}
	if l.sh.answer(l.op, l.s.index, id, &q); q.Found {
		l.row(l.key, &q)
		l.rows++
	}
}

// jsonPrefix returns what the JSON of every text with a prefix begins with.
func jsonPrefix(prefix string) []byte {
	if prefix == "" {
		return nil
	}
	text := wire.AppendString(nil, prefix)
	return text[:len(text)-1]
}

// parse reads a key that a query gives.
func parse[K any](q *Query, text []byte, read func(*wire.Dec) K) (k K) {
	d := wire.Dec{}
	d.Reset(text)
	k = read(&d)
	if !d.End() && q.Err == nil {
		q.Err = d.Err()
	}
	return k
}

// Range returns what tells whether a key lies in the range that q gives.
func Range[K any](q *Query, read func(*wire.Dec) K, compare func(a, b K) int) func(K) bool {
	from, to := q.From != nil, q.To != nil
	var low, high K
	if from {
		low = parse(q, q.From, read)
	}
	if to {
		high = parse(q, q.To, read)
	}
	return func(k K) bool {
		return (!from || compare(low, k) <= 0) && (!to || compare(k, high) < 0)
	}
}

// Entries tells a query about the entries of a collection: how its keys are
// read and shown, its values shown, and what it holds. K is the key as the
// collection holds it.
type Entries[K, V any] struct {
	Name  string // of the key in answers
	Read  func(d *wire.Dec) K
	Key   func(b []byte, k K) []byte
	Value func(b []byte, v *V) []byte // nil if entries have no values
	All   func(s state.Span[K]) iter.Seq2[K, V]
}

// Answer answers q with the entries that it asks for, as objects.
func (e *Entries[K, V]) Answer(q *Query) {
	prefix := jsonPrefix(q.Prefix)
	one := q.Entry
	var shown []byte
	for k, v := range e.All(e.span(q)) {
		shown = e.Key(shown[:0], k)
		if !bytes.HasPrefix(shown, prefix) {
			continue
		}
		if one != nil && e.differs(q, k, shown) {
			return
		}
		if q.entries == q.Limit {
			q.Next = bytes.Clone(shown)
			return
		}
		e.append(q, shown, &v)
		if one != nil {
			return
		}
	}
}

// differs reports whether shown is not the entry that q asks for: its key was
// the next one in order.
func (e *Entries[K, V]) differs(q *Query, _ K, shown []byte) bool {
	want := e.Key(nil, parse(q, q.Entry, e.Read))
	return !bytes.Equal(want, shown)
}

// append adds an entry to the answer.
func (e *Entries[K, V]) append(q *Query, key []byte, v *V) {
	if q.entries > 0 {
		q.Out = append(q.Out, ',')
	}
	q.entries++
	q.Found = true
	q.Out = append(append(append(append(q.Out, `{"`...), e.Name...), `":`...), key...)
	if e.Value != nil {
		q.Out = e.Value(append(q.Out, `,"value":`...), v)
	}
	q.Out = append(q.Out, '}')
}

// span returns the keys that q asks for. All entries with a prefix come together,
// so that a page of them begins at From.
func (e *Entries[K, V]) span(q *Query) state.Span[K] {
	from := q.From
	if q.Entry != nil {
		from = q.Entry
	} else if from == nil && q.Prefix != "" {
		from = wire.AppendString(nil, strings.ToValidUTF8(q.Prefix, ""))
	}
	switch {
	case from != nil && q.To != nil:
		return state.Between(parse(q, from, e.Read), parse(q, q.To, e.Read))
	case from != nil:
		return state.From(parse(q, from, e.Read))
	case q.To != nil:
		return state.Before(parse(q, q.To, e.Read))
	}
	return state.Span[K]{}
}
