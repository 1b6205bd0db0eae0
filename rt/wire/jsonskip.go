package wire

// Skip reads any value and checks that it is valid JSON. It returns false
// after a mistake.
func (d *Dec) Skip() bool {
	if d.pos >= len(d.line) {
		return d.isNo("value")
	}
	switch d.line[d.pos] {
	case '"':
		d.SkipString()
		return d.err == nil
	case '{':
		return d.skipObject()
	case '[':
		return d.skipList()
	case 't':
		return d.literal("true") || d.isNo("value")
	case 'f':
		return d.literal("false") || d.isNo("value")
	case 'n':
		return d.literal("null") || d.isNo("value")
	}
	end, _, ok := scanNumber(d.line, d.pos)
	if !ok {
		return d.isNo("value")
	}
	d.pos = end
	return true
}

func (d *Dec) skipObject() bool {
	if !d.BeginObject() {
		return false
	}
	for {
		if _, ok := d.NextKey(); !ok {
			return d.err == nil
		}
		if !d.Skip() {
			return false
		}
	}
}

func (d *Dec) skipList() bool {
	if !d.BeginList() {
		return false
	}
	for d.NextElem() {
		if !d.Skip() {
			return false
		}
	}
	return d.err == nil
}

// Peek returns the string member of that name of the object that begins here,
// and consumes nothing. ok is false if there is none, or no valid object. It
// finds the "$type" of a union's member wherever it stands.
func (d *Dec) Peek(name string) (text string, ok bool) {
	saved := *d
	if d.pos < len(d.line) && d.line[d.pos] == '{' && d.BeginObject() {
		text, ok = d.find(name)
	}
	used := d.text
	*d = saved
	d.text = used
	return text, ok
}

// find reads members up to the one called name and returns its text.
func (d *Dec) find(name string) (text string, ok bool) {
	for {
		key, more := d.NextKey()
		if !more {
			return "", false
		}
		if string(key) == name {
			if d.line[d.pos] != '"' {
				return "", false
			}
			text = d.String()
			return text, d.err == nil
		}
		d.Skip()
	}
}
