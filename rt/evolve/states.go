package evolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
)

// state judges one state of a step of the new program. from is the step that it
// was, -1 for none.
func (r *resolver) state(at, from, index int) {
	op := &r.plan.New.Operators[at]
	s := &op.States[index]
	about := Change{What: OfState, UID: op.UID, State: s.Name, New: stateText(s)}
	src, ok := r.states[source{at, index}]
	if !ok {
		about.Rule, about.Message = StateAdded, fmt.Sprintf("the state %s is new, and starts empty", s.Name)
		r.change(about)
		return
	}
	r.claimed[src] = op.UID + "/" + s.Name
	old := &r.plan.Old.Operators[src.op]
	was := &old.States[src.state]
	about.OldUID, about.OldName, about.Old = old.UID, was.Name, stateText(was)
	j := &judge{about: about, noun: valueNoun}
	if src.op != from {
		j.add(StateMoved, "", about.Old, about.New, fmt.Sprintf("the state was %s/%s", old.UID, was.Name), "")
	} else if was.Name != s.Name {
		j.add(StateRenamed, "", was.Name, s.Name, fmt.Sprintf("the state %s is now called %s", quoted(was.Name), quoted(s.Name)), "")
	}
	rt := &route{op: at, state: index, uid: op.UID, name: s.Name, oldUID: old.UID, oldName: was.Name}
	rt.broadcast = s.Broadcast
	if !s.Broadcast && !was.Broadcast { // else the keys have nothing to do with it
		rt.key = r.key(src.op, at)
		if src.op != from {
			r.movedMeaning(src.op, at)
		}
	}
	rt.oldKey = link(old.Key)
	if rt.key != nil && rt.key.byHand {
		rt.merge = r.hooks.Merge[op.UID]
	}
	if j.from, j.fromAll = r.migrations(was, s); j.from != "" && was.Kind != schema.Aggregate {
		bare := schema.State{Kind: was.Kind, MapKey: was.MapKey, Type: was.Type}
		j.was = strings.TrimPrefix(bare.String(), "state : ")
	}
	r.shape(j, was, s, rt)
	if was.Kind == schema.Dynamic && s.Kind == schema.Dynamic && rt.kind != useless {
		r.names(j, was, s, rt)
	}
	j.retention(was, s, rt)
	j.queries(was, s, old.Key, op.Key)
	if s.Kind == schema.Value && was.Kind == schema.Value && text(was.Initial) != text(s.Initial) {
		j.add(InitialChanged, "", text(was.Initial), text(s.Initial), "the initial value is "+orNone(text(s.Initial))+", for keys that have none saved", "")
	}
	r.plan.routes[src] = rt
	r.took(j, about)
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

// stateText writes a state as it is declared.
func stateText(s *schema.State) string {
	text := strings.TrimPrefix(s.String(), "state ")
	if s.Initial != nil {
		text += " = " + *s.Initial
	}
	return text
}

// cutState takes the former name of a state apart; moved says that it names the step.
func cutState(name string) (uid, state string, moved bool) {
	i := strings.LastIndexByte(name, '/')
	if i < 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}

func stateCalled(op *schema.Operator, name string) int {
	return slices.IndexFunc(op.States, func(s schema.State) bool { return s.Name == name })
}

func (r *resolver) taken(src source) bool {
	_, ok := r.claimed[src]
	return ok
}

// migrations are how a migration from a saved state to a new one begins: from each
// value, and from all entries of a key.
func (r *resolver) migrations(was, s *schema.State) (each, all string) {
	if was.Type == nil || s.Type == nil || was.Kind == schema.Dynamic || s.Kind == schema.Dynamic || was.Broadcast != s.Broadcast || folds(link(s.Type)) {
		return "", "" // no expression makes what an aggregate keeps
	}
	of := link(was.Type)
	if was.Kind == schema.Aggregate {
		of = link(foldedType(was.Type, len(was.Type.Fields) != 1))
	}
	if folds(of) {
		return "", ""
	}
	text, kind := r.tell.text(of), r.tell.kind(was)
	if was.Kind == schema.Aggregate {
		kind = "value<" + text + ">"
	}
	single := of.Shape != schema.ListOf && of.Shape != schema.SetOf && of.Shape != schema.MapOf
	switch {
	case s.Kind == schema.Value && collection[was.Kind] != "":
		text = r.tell.text(cellOf(was.Kind, was.MapKey, was.Type))
	case s.Kind == schema.Value && (was.Kind == schema.Value || was.Kind == schema.Aggregate):
	case was.Kind != s.Kind || !single: // a collection would be taken for the kind itself
		text = kind
	}
	return r.tell.from("migrate", text), r.tell.from("migrate", kind)
}

// folds reports whether a type has what an aggregate keeps, as itself or as a part of
// a group.
func folds(t *typ) bool {
	return t.Shape == schema.Accumulator || slices.ContainsFunc(t.fields, func(f field) bool {
		return f.typ.Shape == schema.Accumulator || f.typ.elem != nil && f.typ.elem.Shape == schema.Accumulator
	})
}

// shape judges kind and types, and says how records are converted.
func (r *resolver) shape(j *judge, was, s *schema.State, rt *route) {
	if was.Broadcast != s.Broadcast {
		rt.kind = useless
		j.add(BroadcastMoved, "", stateText(was), stateText(s), "a state for each key and a broadcast state do not become each other",
			"give the state another name, and retire the old one")
		return
	}
	if s.Migrate != nil && r.byHand(j, was, s, rt) {
		return
	}
	before := len(j.changes)
	j.kinds(was, s, rt)
	if s.Migrate == nil || j.worst() < Breaks {
		return
	}
	j.changes = j.changes[:before]
	rt.kind = useless
	saved, from := kindText(was.Kind, was.MapKey, was.Type), migrateText(s.Migrate)
	message := fmt.Sprintf("the saved state is %s, and the migration is from %s", saved, from)
	if saved == from {
		message = fmt.Sprintf("the migration is from %s as it is now, and the saved state is as it was", saved)
	}
	help := "leave the migration out, and give the state another name"
	if j.from != "" {
		help = "write " + j.from
	}
	j.add(MigrateMismatch, "", stateText(was), stateText(s), message, help)
}

// byHand takes the migration that the program gives, if it is for what was saved.
func (r *resolver) byHand(j *judge, was, s *schema.State, rt *route) bool {
	m := s.Migrate
	if was.Type == nil || m.Type == nil || !forSaved(was, m) || Repeatable(was) && sameSaid(was.Migrate.By, was.Migrate.Was, m.By, m.Was) {
		return false // of another type, or migrated already
	}
	rt.hook = r.hooks.Migrate[j.about.UID+"/"+s.Name]
	rt.oldKind, rt.newKind, rt.hookBy = was.Kind, s.Kind, m.By
	rt.kind = entries
	from, to := link(was.Type), link(s.Type)
	switch {
	case m.Whole || collection[was.Kind] != "" && s.Kind == schema.Value:
		rt.oldCell, rt.newCell = cellOf(was.Kind, was.MapKey, was.Type), cellOf(s.Kind, s.MapKey, s.Type)
		rt.kind, from, to = whole, rt.oldCell, rt.newCell
	case isMap(was.Kind):
		rt.sub = j.keys(link(was.MapKey), link(s.MapKey), "")
	}
	rt.val = &node{old: from, new: to, run: hooked(from, to, rt)}
	if rt.kind == entries && was.Kind == schema.Set {
		rt.sub, rt.val, rt.byHand = rt.val, nil, true
	}
	j.add(MigratesByHand, "", stateText(was), stateText(s), fmt.Sprintf("old values were %s and become %s by %s", migrateText(m), kindText(s.Kind, s.MapKey, s.Type), shown(m.By)), "")
	return true
}

// Repeatable reports whether a migration could be taken for one of what it has
// made itself, so that only a note that it was made keeps it from being made
// again.
func Repeatable(s *schema.State) bool {
	return s.Migrate != nil && s.Type != nil && forSaved(s, s.Migrate)
}

// forSaved reports whether a migration takes what was saved.
func forSaved(was *schema.State, m *schema.Migrate) bool {
	switch {
	case was.Kind == schema.Aggregate && m.Kind == schema.Value && was.Type.Shape == schema.Accumulator:
		return sameShape(foldedType(was.Type, m.Type.Shape == schema.Record), m.Type)
	case m.Whole:
		return was.Kind == m.Kind && sameBytes(cellOf(was.Kind, was.MapKey, was.Type), link(m.Type))
	case m.Kind == schema.Value && collection[was.Kind] != "":
		return sameBytes(cellOf(was.Kind, was.MapKey, was.Type), link(m.Type))
	}
	return was.Kind == m.Kind && sameShape(was.Type, m.Type)
}

func sameShape(a, b *schema.Type) bool {
	if a == nil || b == nil {
		return a == b
	}
	return sameBytes(link(a), link(b))
}

// hooked converts a value by the program's own function.
func hooked(old, new *typ, rt *route) run {
	return func(dst, src []byte, depth int) ([]byte, []byte, error) {
		rest, err := old.skip(src, depth)
		if err != nil {
			return nil, nil, err
		}
		if rt.hook == nil {
			return nil, nil, fmt.Errorf("the migration of %s/%s is not part of this program", rt.uid, rt.name)
		}
		out, err := rt.hook(dst, src[:len(src)-len(rest)])
		return out, rest, refused(err, old, new, src)
	}
}

func migrateText(m *schema.Migrate) string { return m.Type.String() }

// kindText writes a state's kind and types as in Flow.
func kindText(kind schema.Kind, key, t *schema.Type) string {
	if kind == schema.Value {
		return t.String()
	}
	s := schema.State{Kind: kind, MapKey: key, Type: t}
	return strings.TrimPrefix(s.String(), "state : ")
}

// collection are the shapes of one value that holds what a kind of state holds.
var collection = map[schema.Kind]schema.TypeName{
	schema.List: schema.ListOf, schema.Set: schema.SetOf, schema.Map: schema.MapOf, schema.Sorted: schema.MapOf,
}

// cellOf is the type of one value that holds the whole state of a key.
func cellOf(kind schema.Kind, key, t *schema.Type) *typ {
	if shape, ok := collection[kind]; ok {
		return link(&schema.Type{Shape: shape, Key: key, Elem: t})
	}
	return link(t)
}

// kinds judges the kinds of a state.
func (j *judge) kinds(was, s *schema.State, rt *route) {
	rt.oldKind, rt.newKind = was.Kind, s.Kind
	switch {
	case was.Kind == schema.Dynamic || s.Kind == schema.Dynamic:
		if rt.kind = entries; was.Kind != s.Kind {
			j.kindChanged(was, s, rt)
		}
	case was.Type == nil || s.Type == nil:
		j.kindChanged(was, s, rt)
	case was.Kind == s.Kind, isMap(was.Kind) && isMap(s.Kind):
		j.sameKind(was, s, rt)
	case was.Kind == schema.Value && collection[s.Kind] != "":
		j.spread(was, s, rt)
	case s.Kind == schema.Value && collection[was.Kind] != "":
		j.gathered(was, s, rt)
	case was.Kind == schema.List && s.Kind == schema.Set:
		rt.kind = elementsToSet
		j.add(ListToSet, "", was.String(), s.String(), "the list becomes a set, which gives up order and repeats", "")
		rt.sub = j.types(link(was.Type), link(s.Type), "", nil)
	case was.Kind == schema.List && s.Kind == schema.Sorted && s.MapKey != nil && s.MapKey.Shape == schema.Int:
		rt.kind = entries
		j.add(ListToSorted, "", was.String(), s.String(), "the list becomes a sorted state, by the place of its elements", "")
		rt.val = j.types(link(was.Type), link(s.Type), "", nil)
	case was.Kind == schema.Value && s.Kind == schema.Aggregate:
		j.folded(was, s, rt)
	default:
		j.kindChanged(was, s, rt)
	}
}

func isMap(k schema.Kind) bool { return k == schema.Map || k == schema.Sorted }

func (j *judge) sameKind(was, s *schema.State, rt *route) {
	rt.kind = entries
	if was.Kind != s.Kind {
		j.add(MapToSorted, "", was.String(), s.String(), fmt.Sprintf("the state was a %s and is %s", was.Kind, s.Kind), "")
	}
	switch {
	case isMap(was.Kind) && was.MapKey != nil && s.MapKey != nil:
		rt.sub = j.keys(link(was.MapKey), link(s.MapKey), "")
		rt.val = j.types(link(was.Type), link(s.Type), "", nil)
	case was.Kind == schema.Set:
		noun := j.noun
		j.noun = "an element"
		rt.sub = j.keys(link(was.Type), link(s.Type), "")
		j.noun = noun
	default:
		var instead []byte
		if s.Initial != nil {
			instead, _ = Default(s.Type, *s.Initial)
		}
		rt.val = j.types(link(was.Type), link(s.Type), "", instead)
	}
}

// spread judges a value that becomes the entries of a collection.
func (j *judge) spread(was, s *schema.State, rt *route) {
	rt.oldCell, rt.newCell = link(was.Type), cellOf(s.Kind, s.MapKey, s.Type)
	if was.Type.Shape == collection[s.Kind] && rt.oldCell.whole() && rt.newCell.whole() && (s.Kind != schema.List || readable(rt.oldCell.elem, rt.newCell.elem)) {
		rt.kind = cellToEntries
		j.add(CellToEntries, "", was.String(), s.String(), fmt.Sprintf("the value becomes a state of kind %s, entry by entry", s.Kind), "")
		rt.cell = j.types(rt.oldCell, rt.newCell, "", nil)
		return
	}
	if s.Kind == schema.List {
		rt.kind = valueToElement
		j.add(ValueToList, "", was.String(), s.String(), "the value becomes a list of one element", "")
		rt.val = j.types(link(was.Type), link(s.Type), "", nil)
		return
	}
	j.kindChanged(was, s, rt)
}

// readable reports whether values of old can become values of new.
func readable(old, new *typ) bool {
	j := &judge{}
	j.types(old, new, "", nil)
	return j.worst() < Breaks
}

// gathered judges a collection that becomes one value.
func (j *judge) gathered(was, s *schema.State, rt *route) {
	if s.Type.Shape != collection[was.Kind] {
		j.kindChanged(was, s, rt)
		return
	}
	rt.kind = entriesToCell
	rt.oldCell, rt.newCell = cellOf(was.Kind, was.MapKey, was.Type), link(s.Type)
	j.add(EntriesToCell, "", was.String(), s.String(), "all entries of a key become one value", "")
	rt.cell = j.types(rt.oldCell, rt.newCell, "", nil)
}

// folded judges a value that becomes an aggregate: a record with a field for
// each part, or the one part itself.
func (j *judge) folded(was, s *schema.State, rt *route) {
	acc := link(s.Type)
	shape := link(foldedType(s.Type, was.Type.Shape == schema.Record))
	if acc.Shape != schema.Accumulator || !readable(link(was.Type), shape) {
		j.kindChanged(was, s, rt)
		return
	}
	rt.kind = entries
	j.add(ValueToAgg, "", was.String(), s.String(), "the value becomes what the aggregate has folded so far", "")
	n := j.types(link(was.Type), shape, "", nil)
	rt.val = &node{old: n.old, new: acc, same: n.same, run: n.run}
}

// foldedType is the type of a value that has the bytes of an accumulator: a part
// with one state stands for that state, and an aggregate of one part for the part
// unless the value is a record.
func foldedType(acc *schema.Type, record bool) *schema.Type {
	part := func(f *schema.Field) schema.Type {
		if len(f.Type.Fields) == 1 {
			return f.Type.Fields[0].Type
		}
		return f.Type
	}
	if len(acc.Fields) == 1 && !record {
		t := part(&acc.Fields[0])
		return &t
	}
	out := &schema.Type{Shape: schema.Record}
	for i := range acc.Fields {
		out.Fields = append(out.Fields, schema.Field{Name: acc.Fields[i].Name, Type: part(&acc.Fields[i])})
	}
	return out
}

func (j *judge) kindChanged(was, s *schema.State, rt *route) {
	rt.kind = useless
	from := kindText(was.Kind, was.MapKey, was.Type)
	if was.Kind == schema.Value {
		from = "value<" + from + ">"
	}
	j.add(KindChanged, "", was.String(), s.String(), fmt.Sprintf("the state was %s, and no rule makes it %s", from, s.Kind), j.migration(""))
}

// retention judges how long entries live.
func (j *judge) retention(was, s *schema.State, rt *route) {
	old, new := was.Retention, s.Retention
	before, after := orNone(old.String()), orNone(new.String())
	had, has := old.TTL != 0 || old.After != "", new.TTL != 0 || new.After != ""
	switch {
	case !had && has:
		rt.stamp, rt.processing = true, new.Processing
		j.add(TTLAdded, "", before, after, fmt.Sprintf("entries live for %s now, old ones from the watermark of the restore on", after), "")
	case had && !has:
		rt.unstamp = true
		j.add(TTLChanged, "", before, after, "entries have no time to live any more", "")
	case had && (old.After != new.After || old.Processing != new.Processing):
		c := j.add(TTLMeaning, "", before, after, fmt.Sprintf("what an entry's life counts from was %s and is %s", before, after), "")
		c.Ack = c.UID + "/" + c.State + ".ttl"
		acceptable(c, goesOn)
	case had && (old.TTL != new.TTL || old.Watermark != new.Watermark):
		j.add(TTLChanged, "", before, after, fmt.Sprintf("the time to live was %s and is %s, from when the entry was written", before, after), "")
	}
}
