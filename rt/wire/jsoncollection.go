package wire

import (
	"strings"

	"github.com/flow-lang/flowc/rt/value"
)

// TypeMember is the member that says which of its records a union holds. It
// stands first in what is written, and anywhere in what is read.
const TypeMember = "$type"

// Type returns the text of the member [TypeMember] of the object that begins
// here; it is malformed not to have one. If it stands first, as it mostly does,
// reading the object goes on behind it.
func (d *Dec) Type() string {
	if d.pos >= len(d.line) || d.line[d.pos] != '{' {
		d.isNo("object")
		return ""
	}
	begin := *d
	if d.BeginObject() && d.Key(`"`+TypeMember+`":`) && d.pos < len(d.line) && d.line[d.pos] == '"' {
		if text := d.String(); d.err == nil {
			begin.text = d.text
			begin.inside = d.pos
			*d = begin
			return text
		}
	}
	*d = begin
	text, ok := d.Peek(TypeMember)
	if !ok && d.Skip() { // which finds what else is wrong with it
		d.Missing(1, TypeMember)
	}
	return text
}

// ReadSet reads a list as a set; an element may stand in it more than once.
func ReadSet[K any](d *Dec, read func(*Dec) K, compare func(a, b K) int) []K {
	if !d.BeginList() {
		return nil
	}
	var elems []K
	for d.NextElem() {
		elems = append(elems, read(d))
	}
	return value.SetOf(compare, elems...)
}

// ReadMap reads an object as a map. A key that appears twice is malformed.
func ReadMap[V any](d *Dec, read func(*Dec) V) (m value.Map[string, V]) {
	if !d.BeginObject() {
		return m
	}
	for {
		name, ok := d.NextKey()
		if !ok {
			break
		}
		m.Keys = append(m.Keys, view(name))
		m.Values = append(m.Values, read(d))
	}
	return uniqueKeys(d, m)
}

// uniqueKeys puts a map in order.
func uniqueKeys[V any](d *Dec, m value.Map[string, V]) value.Map[string, V] {
	sorted, repeated := value.NewMap(strings.Compare, m.Keys, m.Values)
	if repeated >= 0 {
		d.Refuse("key " + quote(m.Keys[repeated]) + " appears twice")
	}
	return sorted
}

// ReadPairs reads a list of lists of a key and its value as a map. Of equal keys
// the last counts.
func ReadPairs[K, V any](d *Dec, readKey func(*Dec) K, read func(*Dec) V, compare func(a, b K) int) (m value.Map[K, V]) {
	if !d.BeginList() {
		return m
	}
	for d.NextElem() {
		if !d.BeginList() || !d.pairElem() {
			break
		}
		key := readKey(d)
		if !d.pairElem() {
			break
		}
		m.Keys, m.Values = append(m.Keys, key), append(m.Values, read(d))
		if d.NextElem() {
			d.Refuse("a pair has a key and a value, and no more")
		}
	}
	return value.MapOf(compare, m.Keys, m.Values)
}

// pairElem goes to an element of a pair, which must be there.
func (d *Dec) pairElem() bool {
	if d.NextElem() {
		return true
	}
	d.Refuse("a pair has a key and a value")
	return false
}
