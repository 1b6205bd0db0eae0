package schema

// String returns the type as in Flow; a record, enum or union by its name, and
// an anonymous record by its fields.
func (t *Type) String() string {
	switch t.Shape {
	case Decimal:
		return "decimal(" + digits(int64(t.Precision)) + ", " + digits(int64(t.Scale)) + ")"
	case Option:
		return t.Elem.String() + "?"
	case ListOf, SetOf:
		return string(t.Shape) + "<" + t.Elem.String() + ">"
	case MapOf:
		return "map<" + t.Key.String() + ", " + t.Elem.String() + ">"
	case Record:
		if t.Name == "" {
			return t.fields()
		}
		return t.Name
	case Accumulator:
		return t.parts()
	case Enum, Union, Ref:
		return t.Name
	default:
		return string(t.Shape)
	}
}

// fields writes the fields of an anonymous record.
func (t *Type) fields() string {
	text := "{ "
	for i := range t.Fields {
		if i > 0 {
			text += ", "
		}
		text += t.Fields[i].Name + ": " + t.Fields[i].Type.String()
	}
	return text + " }"
}

// parts writes what an aggregate folds.
func (t *Type) parts() string {
	text := "<{ "
	for i := range t.Fields {
		if i > 0 {
			text += ", "
		}
		text += t.Fields[i].Name + ": " + t.Fields[i].Part.String()
	}
	return "aggregate" + text + " }>"
}

// String returns the part as in Flow, with "_" for the record.
func (p *Part) String() string {
	if p == nil {
		return "?"
	}
	text := p.Func + "("
	for i := range p.Args {
		if i > 0 {
			text += ", "
		}
		text += p.Args[i].Now
	}
	return text + ")"
}

// String returns the state's declaration as in Flow, without its initial value.
func (s *State) String() string {
	text := "state " + s.Name + ": "
	if s.Broadcast {
		text += "broadcast "
	}
	text += string(s.Kind)
	switch s.Kind {
	case Dynamic:
	case Map, Sorted:
		text += "<" + s.MapKey.String() + ", " + s.Type.String() + ">"
	case Aggregate:
		text = text[:len(text)-len(Aggregate)] + s.Type.String()
	default:
		if s.Type != nil {
			text += "<" + s.Type.String() + ">"
		}
	}
	if r := s.Retention.String(); r != "" {
		text += " " + r
	}
	return text
}

// TypeText returns the type as in Flow, and behind a scalar the name that a remote
// function has for it.
func (n *HeldNamed) TypeText() string {
	text := n.Type.String()
	if n.Type.Name != "" && n.Type.Name != text {
		text += " (" + n.Type.Name + ")"
	}
	return text
}

// String returns the name with what the program makes of it.
func (n *Named) String() string {
	text := "\"" + n.Name + "\": " + n.Type.String()
	if n.Name == "" {
		text = "names made at run time: " + n.Type.String()
	}
	switch {
	case n.Remote && n.TTL > 0:
		return text + ", of a remote function, ttl " + duration(n.TTL)
	case n.Remote:
		return text + ", of a remote function"
	case n.Reads:
		return text + ", read"
	}
	return text + ", only written"
}

// String returns the clause as in Flow; "" if a timer ends the state.
func (r *Retention) String() string {
	switch {
	case r.Forever:
		return "forever"
	case r.TTL == 0 && r.After == "":
		return ""
	}
	text := "ttl of a parameter"
	if r.TTL > 0 {
		text = "ttl " + duration(r.TTL)
	}
	if r.After != "" {
		text += " after " + string(r.After)
	}
	switch {
	case r.Processing:
		text += " processing time"
	case r.Watermark:
		text += " by watermark"
	}
	return text
}

// String returns the timer's declaration as in Flow.
func (t *Timer) String() string {
	text := "timer " + t.Name
	if t.Index != nil {
		text += "[" + t.Index.String() + "]"
	}
	if t.Processing {
		return text + ": processing time"
	}
	return text + ": event time"
}

// duration writes a positive number of microseconds as a Flow literal.
func duration(us int64) string {
	text := ""
	for _, unit := range []struct {
		name string
		size int64
	}{{"d", 86_400_000_000}, {"h", 3_600_000_000}, {"m", 60_000_000}, {"s", 1_000_000}, {"ms", 1000}, {"us", 1}} {
		if n := us / unit.size; n > 0 {
			text += digits(n) + unit.name
			us -= n * unit.size
		}
	}
	return text
}

// digits writes a number that is not negative.
func digits(n int64) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return digits(n/10) + string(rune('0'+n%10))
}
