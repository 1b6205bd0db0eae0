package compat_test

import (
	"slices"

	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/value"
)

// mover is what becomes of one state.
type mover struct {
	x        *expectation
	name     string
	old, new *schema.State
	made     string // the constant of the program's own migration
	change   change
	move     func([]entry) ([]entry, bool) // of one key
}

var shapes = map[schema.Kind]schema.TypeName{
	schema.List: schema.ListOf, schema.Set: schema.SetOf, schema.Map: schema.MapOf, schema.Sorted: schema.MapOf,
}

// cell is the type of one value that holds what a state holds for a key.
func cell(s *schema.State) *kind {
	if shape := shapes[s.Kind]; shape != "" {
		return kindOf(&schema.Type{Shape: shape, Key: s.MapKey, Elem: s.Type})
	}
	return kindOf(s.Type)
}

// each converts entries one by one.
func each(convert func(any) (any, bool)) func([]entry) ([]entry, bool) {
	return func(list []entry) ([]entry, bool) {
		out := slices.Clone(list)
		for i := range out {
			var ok bool
			if out[i].of, ok = convert(out[i].of); !ok {
				return nil, false
			}
		}
		return out, true
	}
}

func (m *mover) set(v evolve.Verdict, c change, move func([]entry) ([]entry, bool)) {
	m.change, m.move = change{verdict: c.and(v)}, move
}

func (m *mover) judge() {
	if m.new.Migrate != nil && m.byHand() {
		return
	}
	was, is := m.old.Kind, m.new.Kind
	maps := func(k schema.Kind) bool { return k == schema.Map || k == schema.Sorted }
	m.change = broken
	switch {
	case was == schema.Aggregate && is == schema.Aggregate:
		m.parts()
	case was == is || maps(was) && maps(is):
		m.sameKind()
	case was == schema.Value && shapes[is] != "":
		m.spread()
	case is == schema.Value && shapes[was] != "" && m.new.Type.Shape == shapes[was]:
		c := changeOf(cell(m.old), kindOf(m.new.Type), nil)
		m.set(evolve.Migrates, c, func(list []entry) ([]entry, bool) { return gather(list, cell(m.old), c) })
	case was == schema.List && is == schema.Set:
		c := changeOf(kindOf(m.old.Type), kindOf(m.new.Type), nil)
		m.set(evolve.MigratesLosing, c, func(list []entry) ([]entry, bool) {
			var out []entry
			for _, e := range list {
				v, ok := c.convert(e.of)
				if !ok {
					return nil, false
				}
				if i := slices.IndexFunc(out, func(o entry) bool { return compareValues(kindOf(m.new.Type), o.sub, v) == 0 }); i >= 0 {
					out[i].written = e.written
					continue
				}
				out = append(out, entry{key: e.key, sub: v, written: e.written})
			}
			return out, true
		})
	case was == schema.List && is == schema.Sorted && m.new.MapKey.Shape == schema.Int:
		c := changeOf(kindOf(m.old.Type), kindOf(m.new.Type), nil)
		m.set(evolve.Migrates, c, each(c.convert))
	case was == schema.Value && is == schema.Aggregate:
		m.fold()
	}
}

// byHand takes the program's own migration, which makes a constant of anything.
func (m *mover) byHand() bool {
	mig := m.new.Migrate
	whole := mig.Whole && m.old.Kind == mig.Kind || mig.Kind == schema.Value && shapes[m.old.Kind] != ""
	from := kindOf(m.old.Type)
	if whole {
		from = cell(m.old)
	}
	if !whole && m.old.Kind != mig.Kind || changeOf(from, kindOf(mig.Type), nil).verdict > evolve.ReadsAsIs {
		return false
	}
	if evolve.Repeatable(m.old) && m.old.Migrate.By == mig.By {
		return false // it was done by an older program
	}
	to := kindOf(m.new.Type)
	m.set(evolve.MigratesChecked, change{}, func(list []entry) ([]entry, bool) {
		switch {
		case whole && len(list) > 0:
			e := entry{key: list[0].key, of: constant(to, m.made)}
			for _, l := range list {
				e.written = max(e.written, l.written)
			}
			return []entry{e}, true
		case m.new.Kind == schema.Set:
			e := list[0]
			e.sub = constant(to, m.made)
			return []entry{e}, len(list) == 1
		}
		return each(func(any) (any, bool) { return constant(to, m.made), true })(list)
	})
	if !whole && isMap(m.old.Kind) {
		k := changeOf(kindOf(m.old.MapKey), kindOf(m.new.MapKey), nil)
		m.change.verdict = max(m.change.verdict, k.and(keysMeet(kindOf(m.old.MapKey), kindOf(m.new.MapKey))))
		values := m.move
		m.move = func(list []entry) ([]entry, bool) {
			list, ok := subsTo(list, kindOf(m.new.MapKey), k.convert)
			if !ok {
				return nil, false
			}
			return values(list)
		}
	}
	return true
}

func isMap(k schema.Kind) bool { return k == schema.Map || k == schema.Sorted }

func (m *mover) sameKind() {
	old, new := m.old, m.new
	verdict := evolve.Unchanged
	if old.Kind != new.Kind {
		verdict = evolve.Migrates
	}
	switch old.Kind {
	case schema.Map, schema.Sorted:
		k := changeOf(kindOf(old.MapKey), kindOf(new.MapKey), nil)
		v := changeOf(kindOf(old.Type), kindOf(new.Type), nil)
		m.set(max(verdict, k.and(keysMeet(kindOf(old.MapKey), kindOf(new.MapKey)))), v, func(list []entry) ([]entry, bool) {
			list, ok := subsTo(list, kindOf(new.MapKey), k.convert)
			if !ok {
				return nil, false
			}
			return each(v.convert)(list)
		})
	case schema.Set:
		k := changeOf(kindOf(old.Type), kindOf(new.Type), nil)
		m.set(keysMeet(kindOf(old.Type), kindOf(new.Type)), k, func(list []entry) ([]entry, bool) {
			return subsTo(list, kindOf(new.Type), k.convert)
		})
	default:
		var instead *any
		if new.Initial != nil && old.Type.Shape == schema.Option && new.Type.Shape != schema.Option {
			v := constant(kindOf(new.Type), *new.Initial)
			instead = &v
		}
		v := changeOf(kindOf(old.Type), kindOf(new.Type), instead)
		if old.Kind == schema.Value && initial(old) != initial(new) {
			verdict = max(verdict, evolve.ReadsAsIs)
		}
		m.set(verdict, v, each(v.convert))
	}
}

func initial(s *schema.State) string {
	if s.Initial == nil {
		return ""
	}
	return *s.Initial
}

// spread makes entries of a value.
func (m *mover) spread() {
	to := cell(m.new)
	if m.old.Type.Shape == to.Shape {
		elem := changeOf(kindOf(m.old.Type).elem(), to.elem(), nil)
		if m.new.Kind != schema.List || elem.verdict < evolve.Breaks {
			c := changeOf(kindOf(m.old.Type), to, nil)
			m.set(evolve.Migrates, c, func(list []entry) ([]entry, bool) {
				v, ok := c.convert(list[0].of)
				if !ok {
					return nil, false
				}
				return entriesOf(list[0], v, m.new.Kind == schema.List), true
			})
			return
		}
	}
	if m.new.Kind == schema.List {
		c := changeOf(kindOf(m.old.Type), kindOf(m.new.Type), nil)
		m.set(evolve.Migrates, c, func(list []entry) ([]entry, bool) {
			v, ok := c.convert(list[0].of)
			return []entry{{list[0].key, int64(0), v, list[0].written}}, ok
		})
		if m.change.verdict == evolve.Breaks {
			m.change = broken
		}
	}
}

// entriesOf are the entries of a value that holds them all: a map, a set or a
// list.
func entriesOf(e entry, v any, list bool) []entry {
	var out []entry
	switch v := v.(type) {
	case []pair:
		for _, p := range v {
			out = append(out, entry{e.key, p.key, p.of, e.written})
		}
	case []any:
		for i, x := range v {
			one := entry{e.key, x, nil, e.written}
			if list {
				one.sub, one.of = int64(i), x
			}
			out = append(out, one)
		}
	}
	return out
}

// gather makes one value of all entries of a key.
func gather(list []entry, from *kind, c change) ([]entry, bool) {
	var v any
	var written value.Timestamp
	for _, e := range list {
		written = max(written, e.written)
	}
	switch from.Shape {
	case schema.MapOf:
		pairs := []pair{}
		for _, e := range list {
			pairs = append(pairs, pair{e.sub, e.of})
		}
		v = pairs
	case schema.SetOf:
		all := []any{}
		for _, e := range list {
			all = append(all, e.sub)
		}
		v = all
	default:
		all := []any{}
		for _, e := range list {
			all = append(all, e.of)
		}
		v = all
	}
	out, ok := c.convert(v)
	return []entry{{list[0].key, nil, out, written}}, ok
}

// samePart reports whether two parts of aggregates fold the same.
func samePart(a, b *schema.Part) bool {
	return a.Func == b.Func && slices.EqualFunc(a.Args, b.Args, func(x, y schema.Text) bool { return x.Now == y.Now })
}

// parts judges an aggregate that was another.
func (m *mover) parts() {
	old, new := kindOf(m.old.Type), kindOf(m.new.Type)
	m.change = change{verdict: evolve.Unchanged}
	var match []int
	var makers []func(record) (any, bool)
	last := -1
	for i, f := range new.Fields {
		at := slices.IndexFunc(old.Fields, func(o schema.Field) bool { return o.Name == f.Name && samePart(o.Part, f.Part) })
		match = append(match, at)
		switch {
		case at >= 0:
			if at < last {
				m.change.verdict = m.change.and(evolve.Migrates)
			}
			last = max(last, at)
			c := changeOf(old.field(at), new.field(i), nil)
			m.change.verdict = m.change.and(c.verdict)
			makers = append(makers, func(r record) (any, bool) { return c.convert(r[at]) })
		case !f.Part.Empty:
			m.change.verdict = evolve.Breaks
		default:
			m.change.verdict = m.change.and(evolve.Partial)
			makers = append(makers, func(record) (any, bool) { return freshPart(new.field(i)), true })
		}
	}
	for i, f := range old.Fields {
		if slices.Contains(match, i) {
			continue
		}
		v := evolve.MigratesLosing
		if slices.ContainsFunc(new.Fields, func(n schema.Field) bool { return n.Name == f.Name }) {
			v = evolve.Dropped
		}
		m.change.verdict = m.change.and(v)
	}
	m.move = each(func(v any) (any, bool) {
		out := record{}
		for _, make := range makers {
			part, fits := make(v.(record))
			if !fits {
				return nil, false
			}
			out = append(out, part)
		}
		return out, true
	})
}

// freshPart is a part that nothing was added to: the parts of this test that have
// a result of nothing are counts and sums.
func freshPart(k *kind) any {
	out := record{}
	for i := range k.Fields {
		switch f := k.field(i); f.Shape {
		case schema.Int:
			out = append(out, int64(0))
		case schema.SetOf:
			out = append(out, []any{})
		default:
			zero := any(int64(0))
			if f.elem().Shape == schema.Float {
				zero = 0.0
			}
			out = append(out, some{zero})
		}
	}
	return out
}

// fold makes an aggregate of a value.
func (m *mover) fold() {
	acc := m.new.Type
	shape := schema.Type{Shape: schema.Record}
	for _, f := range acc.Fields {
		t := f.Type
		if len(t.Fields) == 1 {
			t = t.Fields[0].Type
		}
		shape.Fields = append(shape.Fields, schema.Field{Name: f.Name, Type: t})
	}
	single := len(acc.Fields) == 1 && m.old.Type.Shape != schema.Record
	if single {
		shape = shape.Fields[0].Type
	}
	c := changeOf(kindOf(m.old.Type), kindOf(&shape), nil)
	if c.verdict == evolve.Breaks {
		return
	}
	whole := func(f schema.Field, v any) any {
		if len(f.Type.Fields) == 1 {
			return record{v}
		}
		return v
	}
	m.set(evolve.Migrates, c, each(func(v any) (any, bool) {
		v, ok := c.convert(v)
		if !ok {
			return nil, false
		}
		if single {
			return record{whole(acc.Fields[0], v)}, true
		}
		out := record{}
		for i, f := range v.(record) {
			out = append(out, whole(acc.Fields[i], f))
		}
		return out, true
	}))
}
