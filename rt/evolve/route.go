package evolve

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// routeKind says how the records of a state become those of another.
type routeKind uint8

const (
	useless        routeKind = iota // they do not: there is a finding
	entries                         // one record each
	cellToEntries                   // a value becomes all entries of its key
	entriesToCell                   // all entries of a key become one value
	valueToElement                  // a value becomes the first element of a list
	elementsToSet                   // an element becomes a key of a set
	whole                           // all of a key becomes all of it by the program's function
)

// route leads the records of one old state or timer to a new one.
type route struct {
	op, state        int // in the new program
	uid, name        string
	oldUID, oldName  string
	kind             routeKind
	timer, broadcast bool
	message          bool    // it leads messages that wait
	key              *keyed2 // of the step
	oldKey           *typ
	sub, val         *node // nil where the bytes stay as they are
	cell             *node // of cellToEntries and entriesToCell
	oldCell, newCell *typ
	oldKind, newKind schema.Kind
	stamp, unstamp   bool   // entries get a time of writing, or lose it
	processing       bool   // the time that they get is a processing time
	byHand           bool   // sub converts by hook
	hookBy           string // what hook does, as text; "" if there is none
	hook             func(dst, old []byte) ([]byte, error)
	merge            func(dst, a, b []byte) ([]byte, error) // of values whose keys become one
	named            map[string]*namedReads                 // of dynamic state: names whose values are looked at
	made             *namedReads                            // of dynamic state: how those of all other names are; nil if they are not
}

// looks reports whether values of dynamic state are looked at.
func (rt *route) looks() bool { return rt.named != nil || rt.made != nil }

// A Mover turns the records of one state or timer of the old program into those
// of the new one.
type Mover struct {
	// Op and State are where the records go: places in the new program, as those
	// of state.Record.
	Op, State int
	// Same says that records pass as they are but for their State: Convert need
	// not be called.
	Same bool

	*route
	at     Moment
	groups int
	keys   *keysMet           // where keys change
	subs   map[string][]byte  // new key of an entry to old, where two may become one
	held   map[string]*held   // keys whose entries are gathered
	united map[string]*merged // what has been put together so far, by key, where keys are merged
	span   span               // which keys are held at once
	keyBuf []byte
	out    state.Record
}

// keysMet says which old key each new one was.
type keysMet struct{ old map[string][]byte }

// Share makes m and o, which move parts of one step to one step, know of each
// other's keys: two keys that become one are refused also where they have nothing
// in the same state.
func (m *Mover) Share(o *Mover) { m.keys = o.keys }

// Moment is when a step is restored: entries that get a time to live count from
// it.
type Moment struct {
	Mark value.Timestamp // to which watermark
	Now  value.Timestamp // at which processing time
}

// Messages reports whether what moves is messages that wait, which stay when all
// else of their key goes.
func (m *Mover) Messages() bool { return m.message }

// ByHand is what the program itself makes of old values or keys, as it is written;
// "" if the rules do all. Without the program's hooks Convert cannot do it.
func (m *Mover) ByHand() string {
	switch {
	case m.hookBy != "" && m.hook == nil:
		return shown(m.hookBy)
	case m.key != nil && m.key.byHand && m.key.hook == nil:
		return shown(m.key.by)
	}
	return ""
}

// Rekeys reports whether keys change.
func (m *Mover) Rekeys() bool { return m.key != nil && !m.key.same() }

// Mover returns what moves the records of a state, a timer or messages that wait,
// by its places in the old program: of its step in Job.Operators, and as in
// state.Record. It is nil if nothing of it goes on.
func (p *Plan) Mover(op, index int, at Moment) *Mover {
	rt := p.routes[source{op, index}]
	if rt == nil || rt.kind == useless {
		return nil
	}
	m := &Mover{Op: rt.op, State: rt.state, route: rt, at: at, groups: groups(p.New), keys: &keysMet{map[string][]byte{}}}
	m.Same = rt.kind == entries && same(rt.sub) && same(rt.val) && !rt.looks() && !rt.stamp && !rt.unstamp &&
		(rt.key == nil || rt.key.same()) && groups(p.Old) == groups(p.New)
	return m
}

func same(n *node) bool { return n == nil || n.same }

// Convert converts one record, which takes nothing away and comes once, and calls
// emit for each record that comes of it, which is good until the next call. An error of type *[Misfit] says that the
// value does not fit; any other that the record is damaged.
func (m *Mover) Convert(r *state.Record, emit func(*state.Record) error) error {
	m.out = *r
	m.out.State = m.route.state
	if err := m.convertKey(r); err != nil {
		return m.explain(r, err)
	}
	if m.merge != nil {
		emit = m.unite
	}
	switch {
	case m.unstamp:
		m.out.Written = 0
	case m.stamp:
		m.out.Written = m.at.Mark
		if m.processing {
			m.out.Written = m.at.Now
		}
	}
	var err error
	switch m.kind {
	case cellToEntries, valueToElement:
		err = m.spread(r, emit)
	case entriesToCell, whole:
		err = m.gather(r)
	default:
		err = m.entry(r, emit)
	}
	return m.explain(r, err)
}

// explain adds to a misfit where it is.
func (m *Mover) explain(r *state.Record, err error) error {
	misfit, ok := err.(*Misfit) //nolint:errorlint // it is made here and never wrapped
	switch {
	case err == nil:
		return nil
	case ok:
		misfit.UID, misfit.State, misfit.Key = m.uid, m.name, m.keyText(r)
		return misfit
	}
	return fmt.Errorf("%s/%s of key %s: %w", m.oldUID, m.oldName, m.keyText(r), err)
}

// keyText writes the key of a record as JSON.
func (m *Mover) keyText(r *state.Record) string {
	if m.oldKey == nil || len(r.Key) == 0 {
		return "none"
	}
	text, _, err := appendJSON(nil, m.oldKey, r.Key, 0)
	if err != nil {
		return fmt.Sprintf("%x", r.Key)
	}
	return short(text)
}

func (m *Mover) convertKey(r *state.Record) error {
	k := m.key
	if k == nil || k.same() {
		return nil
	}
	key, err := k.node.all(m.keyBuf[:0], r.Key)
	if err == nil && k.byHand {
		if k.hook == nil {
			return fmt.Errorf("the rekey of %s is not part of this program", m.uid)
		}
		key, err = k.hook(nil, key)
		err = refused(err, k.node.old, k.to, r.Key)
	}
	if err != nil {
		return err
	}
	m.keyBuf, m.out.Key = key, key
	if old, ok := m.keys.old[string(key)]; !ok {
		m.keys.old[string(key)] = bytes.Clone(r.Key)
	} else if !k.merges && !bytes.Equal(old, r.Key) {
		return misfit(k.node.old, k.to, r.Key, "another key becomes the same")
	}
	return nil
}

// entry converts a record to a record.
func (m *Mover) entry(r *state.Record, emit func(*state.Record) error) error {
	var err error
	if m.looks() {
		if err = m.look(r); err != nil {
			return err
		}
	}
	if m.kind == elementsToSet {
		if m.out.Sub, err = m.sub.all(nil, r.Value); err != nil {
			return err
		}
		m.out.Value = nil
		return emit(&m.out)
	}
	if !same(m.sub) {
		if m.out.Sub, err = m.sub.all(nil, r.Sub); err != nil {
			return err
		}
		if err = m.meets(r); err != nil {
			return err
		}
	}
	if !same(m.val) {
		if m.out.Value, err = m.val.all(nil, r.Value); err != nil {
			return err
		}
	}
	return emit(&m.out)
}

// meets refuses two keys of a map that become one.
func (m *Mover) meets(r *state.Record) error {
	if !m.byHand && !mayMeet(m.sub.old, m.sub.new) {
		return nil
	}
	if m.subs == nil {
		m.subs = map[string][]byte{}
	}
	at := string(r.Key) + "\x00" + string(m.out.Sub)
	if old, ok := m.subs[at]; ok && !bytes.Equal(old, r.Sub) {
		return misfit(m.sub.old, m.sub.new, r.Sub, "another key becomes the same")
	}
	m.subs[at] = bytes.Clone(r.Sub)
	return nil
}

// spread makes entries of a value.
func (m *Mover) spread(r *state.Record, emit func(*state.Record) error) error {
	if m.kind == valueToElement {
		var err error
		m.out.Sub = appendLong(nil, 0)
		if m.out.Value, err = m.val.all(nil, r.Value); err != nil {
			return err
		}
		return emit(&m.out)
	}
	cell, err := m.cell.all(nil, r.Value)
	if err != nil {
		return err
	}
	return m.emitCell(cell, emit)
}

// emitCell gives the entries of a value that holds all of a key.
func (m *Mover) emitCell(cell []byte, emit func(*state.Record) error) error {
	t := m.newCell
	n := int64(0)
	_, err := each(t, cell, func(src []byte) ([]byte, error) {
		if t.key != nil {
			var err error
			if src, err = t.key.skip(src, 0); err != nil {
				return nil, err
			}
		}
		return t.elem.skip(src, 0)
	}, func(elem []byte) error {
		switch {
		case t.key != nil:
			rest, err := t.key.skip(elem, 0)
			if err != nil {
				return err
			}
			m.out.Sub, m.out.Value = elem[:len(elem)-len(rest)], rest
		case t.Shape == schema.SetOf:
			m.out.Sub, m.out.Value = elem, nil
		default:
			m.out.Sub, m.out.Value = appendLong(nil, n), elem
		}
		n++
		return emit(&m.out)
	})
	return err
}

// release converts all of a key.
func (m *Mover) release(h *held, emit func(*state.Record) error) error {
	cell := m.oldValue(h)
	var err error
	if m.kind == whole {
		if cell, err = m.val.all(nil, cell); err != nil {
			return err
		}
		if collection[m.newKind] != "" {
			return m.emitCell(cell, emit)
		}
	} else if cell, err = m.cell.all(nil, cell); err != nil {
		return err
	}
	m.out.Value = cell
	return emit(&m.out)
}

// oldValue puts the entries of a key into one value, in their order.
func (m *Mover) oldValue(h *held) []byte {
	if collection[m.oldKind] == "" {
		return h.entries[len(h.entries)-1].value
	}
	t := m.oldCell
	order := t.key
	switch {
	case t.Shape == schema.SetOf:
		order = t.elem
	case order == nil:
		order = place0
	}
	slices.SortStableFunc(h.entries, func(a, b entry) int { return compare(order, a.key, b.key) })
	cell := appendLong(nil, int64(len(h.entries)))
	for _, e := range h.entries {
		if t.Shape != schema.ListOf {
			cell = append(cell, e.key...)
		}
		cell = append(cell, e.value...)
	}
	return append(cell, 0)
}

// place0 is the type of the number of an element of a list.
var place0 = &typ{Type: &schema.Type{Shape: schema.Int}}
