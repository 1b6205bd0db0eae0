package savepoint

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
)

// mostNames bounds how many names and types of a dynamic state a description lists:
// the first in their order. Names may be made of data, and then there is no end of
// them.
const mostNames = 256

// named is a name in dynamic state with the description of a type.
type named struct{ name, described string }

func (a named) compare(b named) int {
	return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.described, b.described))
}

// census counts the values of a dynamic state by name and type. What is left out of
// it depends on what has been counted alone, not on its order.
type census struct {
	most    int // that it lists
	entries map[named]*int64
	past    *named // what stands behind is only counted; nil if nothing does
	more    int64
}

func newCensus() *census { return &census{most: mostNames, entries: map[named]*int64{}} }

// record counts a saved value.
func (c *census) record(r *state.Record) error {
	name := avro.NewReader(r.Sub)
	n := named{name: name.View()}
	if err := name.Close(); err != nil {
		return err
	}
	in := avro.NewReader(r.Value)
	n.described = in.View()
	if in.ViewBytes(); in.Failed() {
		return in.Close()
	}
	c.add(n, 1)
	return nil
}

// add counts values. The texts of n need last only until it returns.
func (c *census) add(n named, entries int64) {
	if c.past != nil && n.compare(*c.past) > 0 {
		c.more += entries
		return
	}
	if sum := c.entries[n]; sum != nil {
		*sum += entries
		return
	}
	c.entries[named{strings.Clone(n.name), strings.Clone(n.described)}] = &entries
	if len(c.entries) > 2*c.most {
		c.cut()
	}
}

// cut leaves as many as are listed, and returns them in order.
func (c *census) cut() []named {
	list := slices.SortedFunc(maps.Keys(c.entries), named.compare)
	if len(list) <= c.most {
		return list
	}
	for _, n := range list[c.most:] {
		c.more += *c.entries[n]
		delete(c.entries, n)
	}
	list = list[:c.most]
	c.past = &list[c.most-1]
	return list
}

// join takes over what another has counted.
func (c *census) join(o *census) {
	for n, entries := range o.entries {
		c.add(n, *entries)
	}
	c.more += o.more
	if o.past != nil && (c.past == nil || o.past.compare(*c.past) < 0) {
		c.past = o.past
		for n, entries := range c.entries {
			if n.compare(*c.past) > 0 {
				c.more += *entries
				delete(c.entries, n)
			}
		}
	}
}

// held is what has been counted, as it stands in the description.
func (c *census) held(uid, name string) (schema.Held, error) {
	h := schema.Held{UID: uid, State: name}
	for _, n := range c.cut() {
		of := schema.HeldNamed{Name: n.name, Entries: *c.entries[n]}
		if err := json.Unmarshal([]byte(n.described), &of.Type); err != nil {
			return h, fmt.Errorf("%s/%s: the type of what is called %q: %w", uid, name, n.name, err)
		}
		h.Names = append(h.Names, of)
	}
	h.More = c.more
	return h, nil
}

// count counts a record if it is of dynamic state.
func (s *Shard) count(l *Layout, operator int, r *state.Record) error {
	if !l.Dynamic {
		return nil
	}
	at := [2]int{operator, r.State}
	c := s.held[at]
	if c == nil {
		c = newCensus()
		if s.held == nil {
			s.held = map[[2]int]*census{}
		}
		s.held[at] = c
	}
	if err := c.record(r); err != nil {
		return fmt.Errorf("savepoint %s: %s/%s: %w", s.w.dir, l.UID, l.Name, err)
	}
	return nil
}

// held is what all shards have counted of each dynamic state.
func (w *Writer) held() ([]schema.Held, error) {
	var list []schema.Held
	for i, layouts := range w.layouts {
		for n, l := range layouts {
			if l == nil || !l.Dynamic {
				continue
			}
			all := newCensus()
			for _, s := range w.shards {
				if c := s.held[[2]int{i, n}]; c != nil {
					all.join(c)
				}
			}
			h, err := all.held(l.UID, l.Name)
			if err != nil {
				return nil, err
			}
			list = append(list, h)
		}
	}
	return list, nil
}
