package compat

import (
	"strings"

	"github.com/flow-lang/flowc/lang/source"
	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// Places says where in a program's text the parts of its description stand. The
// description itself has no places, so that it does not change when text moves.
type Places struct {
	main  string          // the program's own file
	files map[string]bool // the program's files, with what it imports, but not those of the library
	spans map[part]source.Span
	steps map[string]*ir.Step
	shown func(string) string
}

// rename gives all places the names that people know.
func (p *Places) rename() {
	for k, span := range p.spans {
		p.spans[k] = p.named(span)
	}
}

func (p *Places) named(s source.Span) source.Span {
	if s.Start.IsValid() {
		s.Start.Filename = p.shown(s.Start.Filename)
		s.End.Filename = s.Start.Filename
	}
	return s
}

// part names what stands somewhere.
type part struct {
	what       evolve.What
	uid, state string
}

// PlacesOf notes where the parts of a program stand. shown gives the name under
// which people know a file.
func PlacesOf(p *ir.Program, shown func(string) string) *Places {
	out := &Places{files: map[string]bool{}, spans: map[part]source.Span{}, steps: map[string]*ir.Step{}, shown: shown}
	for i, file := range p.Files[:p.Own] {
		if i == 0 {
			out.main = shown(file)
		}
		out.files[shown(file)] = true
	}
	defer out.rename()
	out.spans[part{evolve.OfProgram, "", ""}] = word(p.Pos, p.Name)
	for _, s := range p.Sources {
		out.spans[part{evolve.OfSource, s.UID, ""}] = word(s.Pos, s.Name)
	}
	for _, s := range p.Sinks {
		out.spans[part{evolve.OfSink, s.UID, ""}] = word(s.Pos, s.Name)
	}
	for _, s := range p.Steps {
		if s.UID != "" {
			out.step(s)
		}
	}
	for word, list := range map[string][]*ir.Acknowledgement{"retired": p.Retired, "accept": p.Accepted} {
		for _, a := range list {
			out.spans[part{evolve.OfProgram, word, a.Path}] = a.Span
		}
	}
	return out
}

// word is the span of a name that begins at pos.
func word(pos source.Pos, name string) source.Span {
	end := pos
	end.Offset += len(name)
	end.Column += len(name)
	return source.Span{Start: pos, End: end}
}

func (p *Places) step(s *ir.Step) {
	p.steps[s.UID] = s
	own := word(s.Pos, s.Name)
	p.spans[part{evolve.OfStep, s.UID, ""}] = own
	// What a library declares is shown where the program uses it.
	at := func(pos source.Pos, name string) source.Span {
		if s.Op.Library != "" {
			return own
		}
		return word(pos, name)
	}
	for _, st := range s.Op.States {
		p.spans[part{evolve.OfState, s.UID, st.Name}] = at(st.Pos, st.Name)
	}
	for _, t := range s.Op.Timers {
		p.spans[part{evolve.OfTimer, s.UID, t.Name}] = at(t.Pos, t.Name)
	}
	for _, q := range s.Op.Params {
		if q.Value != nil && q.Value.Pos().IsValid() {
			p.spans[part{evolve.OfParam, s.UID, q.Local.Name}] = word(q.Value.Pos(), "")
		}
	}
	for _, f := range s.Op.Shaping {
		p.spans[part{evolve.OfParam, s.UID, f.Name}] = word(f.Func.Pos, "")
	}
	for _, in := range s.Op.Ins {
		span := at(in.Pos, in.Name)
		switch in.Kind {
		case ir.Message:
			p.spans[part{evolve.OfMessage, s.UID, in.Name}] = span
		case ir.Keyed:
			if _, first := p.spans[part{evolve.OfKey, s.UID, ""}]; !first {
				p.spans[part{evolve.OfKey, s.UID, ""}] = span
			}
		case ir.Plain, ir.Broadcast:
		}
	}
}

// Find returns where something stands, as exactly as is known, and whether that
// is known at all. path names a field below a state.
func (p *Places) Find(what evolve.What, uid, state, path string) (source.Span, bool) {
	if p == nil {
		return source.Span{}, false
	}
	if what == evolve.OfState && path != "" {
		// What a library declares is shown where the program uses it.
		if span, _ := p.field(uid, state, path); p.files[span.Start.Filename] {
			return span, true
		}
	}
	for _, k := range []part{{what, uid, state}, {what, uid, ""}, {evolve.OfStep, uid, ""}} {
		if span, ok := p.spans[k]; ok && p.files[span.Start.Filename] {
			return span, true
		}
	}
	return source.Span{}, false
}

// lacking returns where to show what a program does not have: at its step with that uid,
// or, if that is gone as well, at the program's name.
func (p *Places) lacking(uid string) source.Span {
	if span, ok := p.Find(evolve.OfStep, uid, "", ""); ok {
		return span
	}
	return p.spans[part{evolve.OfProgram, "", ""}]
}

// declared returns where the program itself declares something, and whether it does:
// there an edit can be made.
func (p *Places) declared(what evolve.What, uid, state, path string) (source.Span, bool) {
	if path != "" {
		span, exact := p.field(uid, state, path)
		return span, exact && p.files[span.Start.Filename]
	}
	if s := p.steps[uid]; what != evolve.OfStep && (s == nil || s.Op.Library != "") {
		return source.Span{}, false
	}
	span, ok := p.spans[part{what, uid, state}]
	return span, ok
}

// field finds the declaration of a field or a part of an aggregate by its path, and
// otherwise of what stands last on the way there; exact says that it is the one.
func (p *Places) field(uid, state, path string) (span source.Span, exact bool) {
	st := p.state(uid, state)
	if st == nil {
		return source.Span{}, false
	}
	span, left := stateField(st, strings.Split(path, "."))
	return p.named(span), left == 0
}

// stateField goes down a path from a state, and returns how much of it is left.
func stateField(st *ir.State, path []string) (source.Span, int) {
	if st.Group != nil {
		for _, g := range st.Group.Parts {
			if g.Name != path[0] || len(path) == 1 {
				continue
			}
			if g.Agg != nil {
				return partField(g.Agg, path[1:])
			}
			return fieldIn(g.Elem, path[1:])
		}
	}
	if st.Agg != nil {
		if span, left := partField(st.Agg, path); left < len(path) {
			return span, left
		}
	}
	var at source.Span
	left := len(path)
	for _, t := range []types.Type{st.Elem, st.Value, st.MapKey} {
		if span, n := fieldIn(t, path); n < left {
			at, left = span, n
		}
	}
	return at, left
}

// partField goes down a path from an aggregate: to a part, a state of it, and what
// that keeps.
func partField(agg *ir.Aggregate, path []string) (source.Span, int) {
	for _, a := range agg.Parts {
		if a.Name != path[0] {
			continue
		}
		if len(path) > 2 {
			for _, st := range a.Func.States {
				if st.Name == path[1] {
					if span, left := stateField(st, path[2:]); left < len(path)-2 {
						return span, left
					}
				}
			}
		}
		return a.Span, len(path) - 1
	}
	return source.Span{}, len(path)
}

// state finds a state of a step; nil if there is none.
func (p *Places) state(uid, name string) *ir.State {
	s := p.steps[uid]
	if s == nil {
		return nil
	}
	for _, st := range s.Op.States {
		if st.Name == name {
			return st
		}
	}
	return nil
}

// part finds a part of the aggregate that a state keeps, by itself or in a group;
// nil if the path names none.
func (p *Places) part(uid, state, path string) *ir.AggPart {
	st := p.state(uid, state)
	if st == nil {
		return nil
	}
	agg := st.Agg
	if group, rest, ok := strings.Cut(path, "."); ok && st.Group != nil {
		for _, g := range st.Group.Parts {
			if g.Name == group {
				agg, path = g.Agg, rest
			}
		}
	}
	if agg == nil {
		return nil
	}
	for _, a := range agg.Parts {
		if a.Name == path {
			return a
		}
	}
	return nil
}

// fieldIn goes down a path from a type.
func fieldIn(t types.Type, path []string) (source.Span, int) {
	switch t := t.(type) {
	case *types.Option:
		return fieldIn(t.Elem, path)
	case *types.List:
		return fieldIn(t.Elem, path)
	case *types.Set:
		return fieldIn(t.Elem, path)
	case *types.Map:
		if span, left := fieldIn(t.Value, path); left < len(path) {
			return span, left
		}
		return fieldIn(t.Key, path)
	case *types.Union:
		for _, m := range t.Members {
			if span, left := fieldIn(m, path); left < len(path) {
				return span, left
			}
		}
	case *types.Record:
		for _, f := range t.Fields {
			if f.Name != path[0] || !f.Origin.Start.IsValid() {
				continue
			}
			if len(path) > 1 {
				if span, left := fieldIn(f.Type, path[1:]); left < len(path)-1 {
					return span, left
				}
			}
			return f.Origin, len(path) - 1
		}
	}
	return source.Span{}, len(path)
}
