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
	main  string // the program's own file
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
	out := &Places{spans: map[part]source.Span{}, steps: map[string]*ir.Step{}, shown: shown}
	if len(p.Files) > 0 {
		out.main = shown(p.Files[0])
	}
	defer out.rename()
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
		if span, ok := p.field(uid, state, path); ok {
			return span, true
		}
	}
	for _, k := range []part{{what, uid, state}, {what, uid, ""}, {evolve.OfStep, uid, ""}} {
		if span, ok := p.spans[k]; ok {
			return span, true
		}
	}
	return source.Span{}, false
}

// field finds the declaration of a field by its path, or of the last part of the
// path that is there.
func (p *Places) field(uid, state, path string) (source.Span, bool) {
	if a := p.part(uid, state, path); a != nil {
		return p.named(a.Span), true
	}
	st := p.state(uid, state)
	if st == nil {
		return source.Span{}, false
	}
	for _, t := range []types.Type{st.Elem, st.Value, st.MapKey} {
		if span, ok := fieldIn(t, strings.Split(path, ".")); ok {
			return p.named(span), true
		}
	}
	return source.Span{}, false
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

func fieldIn(t types.Type, path []string) (source.Span, bool) {
	switch t := t.(type) {
	case *types.Option:
		return fieldIn(t.Elem, path)
	case *types.List:
		return fieldIn(t.Elem, path)
	case *types.Set:
		return fieldIn(t.Elem, path)
	case *types.Map:
		if span, ok := fieldIn(t.Value, path); ok {
			return span, true
		}
		return fieldIn(t.Key, path)
	case *types.Union:
		for _, m := range t.Members {
			if span, ok := fieldIn(m, path); ok {
				return span, true
			}
		}
	case *types.Record:
		for _, f := range t.Fields {
			if f.Name != path[0] || !f.Origin.Start.IsValid() {
				continue
			}
			if len(path) > 1 {
				if span, ok := fieldIn(f.Type, path[1:]); ok {
					return span, true
				}
			}
			return f.Origin, true
		}
	}
	return source.Span{}, false
}
