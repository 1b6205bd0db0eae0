package ir

import "fmt"

// stateText writes the kind of a state and what it holds.
func stateText(s *State) string {
	broadcast := ""
	if s.Broadcast {
		broadcast = "broadcast "
	}
	name := broadcast + s.Kind.String()
	switch s.Kind {
	case MapState, SortedState:
		value := ""
		switch {
		case s.Group != nil:
			value = "group"
		case s.Agg != nil:
			value = "aggregate"
		default:
			value = s.Value.String()
		}
		return fmt.Sprintf("%s<%s, %s>", name, s.MapKey, value)
	case AggregateState:
		return name
	default:
		return fmt.Sprintf("%s<%s>", name, s.Elem)
	}
}

// aggregate writes what records are folded into; nothing if a is nil.
func (d *dumper) aggregate(a *Aggregate) {
	if a == nil {
		return
	}
	d.in(func() {
		for _, p := range a.Parts {
			d.line("part %s = %s(%s)", p.Name, p.Func.Name, listText(p.Args))
			d.in(func() { d.aggFunc(p.Func) })
		}
		d.line("result %s", text(a.Result))
	})
}

func (d *dumper) aggFunc(f *AggFunc) {
	for _, s := range f.States {
		d.line("state %s: %s%s", s.Name, stateText(s), initial(s))
	}
	d.line("add")
	d.in(func() { d.stmts(f.Add) })
	d.line("merge")
	d.in(func() { d.stmts(f.Merge) })
	d.line("result %s", text(f.Result))
}

// group writes the parts of a group; nothing if g is nil.
func (d *dumper) group(g *Group) {
	if g == nil {
		return
	}
	d.in(func() {
		for _, p := range g.Parts {
			switch p.Kind {
			case AggregateState:
				d.line("part %s: aggregate", p.Name)
				d.aggregate(p.Agg)
			case ListState:
				d.line("part %s: list<%s>", p.Name, p.Elem)
			default:
				d.line("part %s: %s = %s", p.Name, p.Elem, text(p.Init))
			}
		}
	})
}

// entryTime writes when an entry timer fires; "" for other timers.
func entryTime(t *Timer) string {
	if t.State == nil {
		return ""
	}
	name := t.Key.Name
	if t.Value != nil {
		name += ", " + t.Value.Name
	}
	return " follows " + t.State.Name + " (" + name + " => " + text(t.At) + ")"
}

// entryStmtText writes a statement that changes a collection, an aggregate or
// another key.
func entryStmtText(s Stmt) string {
	switch s := s.(type) {
	case *EntrySet:
		return placeText(s.Place) + " = " + text(s.Value)
	case *Append:
		return "append " + placeText(s.Place) + " " + text(s.Value)
	case *SetAdd:
		return "add state " + s.State.Name + " " + text(s.Value)
	case *EntryRemove:
		return "remove state " + s.State.Name + indexText(s.Key)
	case *RemoveBefore:
		return "remove before state " + s.State.Name + indexText(s.Key)
	case *AggAdd:
		return "add " + placeText(s.Place) + " " + text(s.Value)
	case *AggMerge:
		return "merge " + placeText(s.Place) + " " + text(s.Other)
	default:
		panic(fmt.Sprintf("ir: no such statement %T", s))
	}
}

// entryText writes an expression that reads a collection or an aggregate.
func entryText(e Expr) string {
	switch e := e.(type) {
	case *EntryGet:
		return placeText(e.Place)
	case *EntryHas:
		return "(in " + text(e.Key) + " state " + e.State.Name + ")"
	case *StateLen:
		return "state " + e.State.Name + rangeText(e.Range) + ".len"
	case *StateEnd:
		end := ".first"
		if e.Last {
			end = ".last"
		}
		return "state " + e.State.Name + rangeText(e.Range) + end
	case *StateKeys:
		if e.Values {
			return "state " + e.State.Name + ".values"
		}
		return "state " + e.State.Name + ".keys"
	case *AggResult:
		if e.View != nil {
			return text(e.View) + ".result"
		}
		return placeText(e.Place) + rangeText(e.Range) + ".result"
	case *OtherGet:
		return "other:" + e.State.Name
	default:
		panic(fmt.Sprintf("ir: no such expression %T", e))
	}
}

func placeText(p Place) string {
	out := "state " + p.State.Name + indexText(p.Key)
	if p.Part >= 0 && p.State.Group != nil {
		out += "." + p.State.Group.Parts[p.Part].Name
	}
	return out
}

func rangeText(r *Range) string {
	if r == nil {
		return ""
	}
	return "[" + text(r.From) + ".." + text(r.To) + "]"
}

func listText(list []Expr) string {
	out := ""
	for i, e := range list {
		if i > 0 {
			out += ", "
		}
		out += text(e)
	}
	return out
}
