package evolve

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
)

// Dynamic state brings its types with its values. What the program says about it are
// the names that stand in its text, each with the type that it is read as; what is
// saved is known where a savepoint lists it, and else only when the values are read.

// names judges the names that the new program reads of a dynamic state.
func (r *resolver) names(j *judge, was, s *schema.State, rt *route) {
	held := r.plan.Old.Holds(j.about.OldUID, was.Name)
	for i := 0; i < len(s.Names); {
		end := i + 1
		for end < len(s.Names) && s.Names[end].Name == s.Names[i].Name {
			end++
		}
		j.named(was, held, s.Names[i:end], rt)
		i = end
	}
	j.made(was, s, held, rt)
}

// made judges the types that the program reads under names that it makes at run
// time: values of those types must fit wherever they are. Where it reads none of the
// types any more that it did, it takes what are values of one for those of another:
// records, enums and unions for such, and all others for others.
func (j *judge) made(was, s *schema.State, held *schema.Held, rt *route) {
	reads := slices.DeleteFunc(slices.Clone(s.Made), func(n schema.Named) bool { return !n.Reads })
	news := slices.DeleteFunc(slices.Clone(reads), func(n schema.Named) bool { return readBefore(was.Made, &n) })
	if len(news) == 0 {
		return
	}
	looked := held == nil || held.More > 0
	from := len(j.changes)
	for _, saved := range savedAs(was, s, held) {
		same := slices.IndexFunc(news, func(n schema.Named) bool { return SameDeclared(&saved.Type, &n.Type) })
		other := slices.IndexFunc(news, func(n schema.Named) bool { return declared(&saved.Type) == declared(&n.Type) })
		switch {
		case same >= 0:
			j.types(link(&saved.Type), link(&news[same].Type), saved.Name, nil)
		case other >= 0 && len(news) == len(reads) && slices.ContainsFunc(was.Made, func(o schema.Named) bool { return o.Reads && SameDeclared(&o.Type, &saved.Type) }):
			j.otherMade(&saved, &news[other])
		}
	}
	looked = looked && slices.ContainsFunc(news, func(n schema.Named) bool { return declared(&n.Type) })
	if looked && !slices.ContainsFunc(j.changes[from:], func(c Change) bool { return c.Verdict() == Breaks }) {
		j.add(NameLooked, "", "", news[0].Type.String(), fmt.Sprintf("values of type %s must fit: names are made at run time, so each is looked at", news[0].Type.String()), "")
	}
	if looked || slices.ContainsFunc(j.changes[from:], func(c Change) bool { return c.Verdict() == MigratesChecked }) {
		rt.made = &namedReads{reads: news, ways: map[string]*node{}, others: true}
	}
}

// savedAs lists what is saved under names that do not stand in the new program, one
// for each type, under the first of its names.
func savedAs(was, s *schema.State, held *schema.Held) (list []schema.HeldNamed) {
	add := func(n schema.HeldNamed) {
		stands := slices.ContainsFunc(s.Names, func(o schema.Named) bool { return o.Name == n.Name })
		i := slices.IndexFunc(list, func(o schema.HeldNamed) bool {
			return o.Type.String() == n.Type.String() && sameShape(&o.Type, &n.Type)
		})
		switch {
		case stands && n.Name != "":
		case i >= 0:
			list[i].Entries += n.Entries
		default:
			list = append(list, n)
		}
	}
	if held != nil {
		for _, n := range held.Names {
			add(n)
		}
		return list
	}
	for _, n := range append(slices.Clone(was.Made), was.Names...) {
		add(schema.HeldNamed{Name: n.Name, Type: n.Type})
	}
	return list
}

// named judges one name, which the program reads or writes as those types.
func (j *judge) named(was *schema.State, held *schema.Held, all []schema.Named, rt *route) {
	reads := slices.DeleteFunc(slices.Clone(all), func(n schema.Named) bool { return !n.Reads })
	if len(reads) == 0 {
		return
	}
	name := reads[0].Name
	var before []schema.Named
	for _, n := range was.Names {
		if n.Name == name {
			before = append(before, n)
		}
	}
	j.lives(before, reads)
	if !slices.ContainsFunc(reads, func(n schema.Named) bool { return !readBefore(before, &n) }) {
		return // whatever is saved, it was read so before
	}
	saved, whole := make([]schema.HeldNamed, 0, len(before)), false
	if held != nil {
		saved, whole = held.Of(name)
	} else {
		for _, n := range before {
			saved = append(saved, schema.HeldNamed{Name: name, Type: n.Type})
		}
	}
	from := len(j.changes)
	for i := range saved {
		j.taken(&saved[i], before, reads)
	}
	looked := slices.ContainsFunc(j.changes[from:], func(c Change) bool { return c.Verdict() == MigratesChecked })
	if !whole && !slices.ContainsFunc(j.changes[from:], func(c Change) bool { return c.Verdict() == Breaks }) {
		j.add(NameLooked, name, "", reads[0].Type.String(),
			fmt.Sprintf("values called %s must be %s: names are made at run time, so each is looked at", quoted(name), reads[0].Type.String()), "")
		looked = true
	}
	if looked {
		if rt.named == nil {
			rt.named = map[string]*namedReads{}
		}
		rt.named[name] = &namedReads{reads: reads, ways: map[string]*node{}}
	}
}

// lives judges how long values of a remote function live, which the program
// declares.
func (j *judge) lives(before, reads []schema.Named) {
	for _, n := range reads {
		for _, o := range before {
			if n.Remote && o.Remote && n.TTL != o.TTL {
				old, new := ttlText(o.TTL), ttlText(n.TTL)
				j.add(TTLChanged, n.Name, old, new, fmt.Sprintf("the time to live of %s was %s and is %s", quoted(n.Name), old, new), "")
			}
		}
	}
}

func ttlText(us int64) string {
	r := schema.Retention{TTL: us, Forever: us == 0}
	return r.String()
}

// readBefore reports whether the old program read a name as the same type.
func readBefore(before []schema.Named, n *schema.Named) bool {
	return slices.ContainsFunc(before, func(o schema.Named) bool {
		return o.Reads && o.Remote == n.Remote && SameDeclared(&o.Type, &n.Type) && sameShape(&o.Type, &n.Type)
	})
}

// taken judges values of one name and type: by the read that takes them best.
func (j *judge) taken(saved *schema.HeldNamed, before, reads []schema.Named) {
	var best *judge
	for i := range reads {
		n := &reads[i]
		try := &judge{about: j.about, noun: j.noun}
		switch {
		case n.Remote:
			if !encodesAlike(&saved.Type, before, n) {
				try.otherType(saved, n)
			}
		case !SameDeclared(&saved.Type, &n.Type):
			try.otherType(saved, n)
		default:
			try.types(link(&saved.Type), link(&n.Type), n.Name, nil)
		}
		if best == nil || try.worst() < best.worst() {
			best = try
		}
	}
	j.changes = append(j.changes, best.changes...)
}

// encodesAlike reports whether values of a remote function can be of the type that
// the program declares. How a record is encoded is the function's affair.
func encodesAlike(saved *schema.Type, before []schema.Named, n *schema.Named) bool {
	if slices.ContainsFunc(before, func(o schema.Named) bool { return SameDeclared(&o.Type, saved) && SameDeclared(&o.Type, &n.Type) }) {
		return true
	}
	free := func(t *schema.Type) bool {
		return t.Shape == schema.Bytes || t.Shape == schema.JSON || t.Shape == schema.Record || t.Shape == schema.Union
	}
	return saved.Shape == n.Type.Shape || free(saved) && free(&n.Type)
}

func (j *judge) otherType(saved *schema.HeldNamed, n *schema.Named) {
	j.add(NameType, n.Name, saved.TypeText(), n.Type.String(),
		fmt.Sprintf("what is called %s was %s%s and is read as %s", quoted(n.Name), saved.TypeText(), inEntries(saved), n.Type.String()),
		fmt.Sprintf("read it as %s, or give the new value another name", saved.TypeText()))
}

// otherMade is a finding about values whose names are made at run time.
func (j *judge) otherMade(saved *schema.HeldNamed, n *schema.Named) {
	what := "what has a name that is made at run time"
	if saved.Name != "" {
		what += ", such as " + quoted(saved.Name) + ","
	}
	j.add(NameType, saved.Name, saved.TypeText(), n.Type.String(),
		fmt.Sprintf("%s was %s%s and is read as %s", what, saved.TypeText(), inEntries(saved), n.Type.String()),
		fmt.Sprintf("read it as %s, or keep the new values in a state of their own", saved.TypeText()))
}

// inEntries says how many values there are, if that is known.
func inEntries(saved *schema.HeldNamed) string {
	switch saved.Entries {
	case 0:
		return ""
	case 1:
		return " in one entry"
	}
	return fmt.Sprintf(" in %d entries", saved.Entries)
}

// heldText says what a dynamic state holds that is dropped, "" if nobody knows.
func heldText(h *schema.Held) string {
	if h == nil {
		return ""
	}
	const most = 5
	text := ""
	for i := range h.Names {
		if i == most {
			text += ", …"
			break
		}
		if i > 0 {
			text += ", "
		}
		text += quoted(h.Names[i].Name) + " (" + h.Names[i].TypeText() + ")"
	}
	if text == "" {
		return ", and it holds nothing"
	}
	return ", and it holds " + text
}

// SameDeclared reports whether two types are written alike in a program: records,
// enums and unions by their names, whatever they hold.
func SameDeclared(a, b *schema.Type) bool {
	if a == nil || b == nil {
		return a == b
	}
	if a.Shape != b.Shape || a.Name != b.Name || a.Precision != b.Precision || a.Scale != b.Scale {
		return false
	}
	if a.Name == "" && len(a.Fields) != len(b.Fields) {
		return false
	}
	for i := range a.Fields {
		if a.Name == "" && (a.Fields[i].Name != b.Fields[i].Name || !SameDeclared(&a.Fields[i].Type, &b.Fields[i].Type)) {
			return false
		}
	}
	return SameDeclared(a.Key, b.Key) && SameDeclared(a.Elem, b.Elem)
}

// declared reports whether a type has a part that is declared in a program, which may
// hold something else in another.
func declared(t *schema.Type) bool {
	return t != nil && (t.Name != "" || declared(t.Key) || declared(t.Elem) || slices.ContainsFunc(t.Fields, func(f schema.Field) bool { return declared(&f.Type) }))
}

// namedReads are the types that a name is read as, and how values of other types
// are held against them.
type namedReads struct {
	reads  []schema.Named
	ways   map[string]*node // by the description of a value's type
	others bool             // values of other types are as good
}

// mostWays bounds how many descriptions of types are kept for a name.
const mostWays = 1000

// look refuses a value of dynamic state that the program would not read.
func (m *Mover) look(r *state.Record) error {
	name, rest, err := takeBytes(nameType, r.Sub)
	if err != nil || len(rest) > 0 {
		return corrupt(nameType, "it is no name")
	}
	n := m.named[string(name)]
	if n == nil {
		n = m.made
	}
	if n == nil {
		return nil
	}
	text, rest, err := takeBytes(nameType, r.Value)
	if err != nil {
		return err
	}
	data, _, err := takeBytes(nameType, rest)
	if err != nil {
		return err
	}
	way := n.ways[string(text)]
	if way == nil {
		var t schema.Type
		if err := json.Unmarshal(text, &t); err != nil {
			return fmt.Errorf("the description of a value's type: %w", err)
		}
		way = n.way(&t)
		if len(n.ways) < mostWays {
			n.ways[string(text)] = way
		}
	}
	_, err = way.all(nil, data)
	if misfit, ok := err.(*Misfit); ok { //nolint:errorlint // it is made here and never wrapped
		misfit.Why += ", under the name " + quoted(string(name))
	}
	return err
}

// nameType is the type of what has a length and bytes.
var nameType = &typ{Type: &schema.Type{Shape: schema.String}}

// way finds what holds values of a type against the reads.
func (n *namedReads) way(t *schema.Type) *node {
	old := link(t)
	out := &node{old: old, new: link(&n.reads[0].Type)}
	out.run = func(_, src []byte, _ int) ([]byte, []byte, error) {
		return nil, nil, misfit(out.old, out.new, src, "it is of another type")
	}
	if n.others && !slices.ContainsFunc(n.reads, func(r schema.Named) bool { return SameDeclared(t, &r.Type) }) {
		return &node{old: old, new: old, same: true}
	}
	worst := Breaks
	for i := range n.reads {
		read := &n.reads[i]
		switch {
		case read.Remote && encodesAlike(t, nil, read):
			return &node{old: old, new: old, same: true}
		case read.Remote || !SameDeclared(t, &read.Type):
			continue
		}
		j := &judge{}
		if try := j.types(old, link(&read.Type), "", nil); j.worst() < worst {
			out, worst = try, j.worst()
		}
	}
	return out
}
