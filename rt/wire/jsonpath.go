package wire

import (
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/rt/value"
)

// At returns the value at a path such as a.b[0] inside j: names of members
// parted by points, and indexes of elements in brackets, from 0. It is none if
// there is nothing, or if the path is none.
func At(j value.JSON, path string) value.Option[value.JSON] {
	d := over(j)
	for rest := path; rest != ""; {
		var ok bool
		if rest, ok = d.descend(rest, len(rest) == len(path)); !ok {
			return value.Option[value.JSON]{}
		}
	}
	found := d.Raw()
	if d.err != nil {
		return value.Option[value.JSON]{}
	}
	return value.Some(found)
}

// over returns a decoder of j.
func over(j value.JSON) *Dec {
	d := new(Dec)
	d.Reset(bytesOf(string(j)))
	return d
}

// descend goes one step of the path into the value and returns the steps after
// it.
func (d *Dec) descend(path string, first bool) (rest string, ok bool) {
	if index, isIndex := strings.CutPrefix(path, "["); isIndex {
		digits, rest, closed := strings.Cut(index, "]")
		n, err := strconv.ParseUint(digits, 10, 31)
		return rest, closed && err == nil && d.element(n)
	}
	name, point := strings.CutPrefix(path, ".")
	if point == first {
		return "", false
	}
	end := strings.IndexAny(name, ".[")
	if end < 0 {
		end = len(name)
	}
	return name[end:], end > 0 && d.member(name[:end])
}

// member goes to the member of that name of the object that begins here.
func (d *Dec) member(name string) bool {
	if d.pos >= len(d.line) || d.line[d.pos] != '{' || !d.BeginObject() {
		return false
	}
	for {
		key, ok := d.NextKey()
		if !ok || string(key) == name {
			return ok
		}
		d.Skip()
	}
}

// element goes to the element of that index of the list that begins here.
func (d *Dec) element(index uint64) bool {
	if d.pos >= len(d.line) || d.line[d.pos] != '[' || !d.BeginList() {
		return false
	}
	for d.NextElem() {
		if index == 0 {
			return true
		}
		index--
		d.Skip()
	}
	return false
}

// as reads all of j as one type; none if it is of another.
func as[T any](j value.JSON, read func(*Dec) T) value.Option[T] {
	d := over(j)
	x := read(d)
	if !d.End() {
		return value.Option[T]{}
	}
	return value.Some(x)
}

// AsInt returns the whole number that j is, none of another type.
func AsInt(j value.JSON) value.Option[int64] { return as(j, (*Dec).Int) }

// AsFloat returns the number that j is, none of another type.
func AsFloat(j value.JSON) value.Option[float64] { return as(j, (*Dec).Float) }

// AsString returns the string that j is, none of another type.
func AsString(j value.JSON) value.Option[string] { return as(j, (*Dec).String) }

// AsBool returns the truth value that j is, none of another type.
func AsBool(j value.JSON) value.Option[bool] { return as(j, (*Dec).Bool) }

// AsList returns the elements of the list that j is, none of another type.
func AsList(j value.JSON) value.Option[[]value.JSON] {
	return as(j, func(d *Dec) (list []value.JSON) {
		if d.BeginList() {
			for d.NextElem() {
				list = append(list, d.Raw())
			}
		}
		return list
	})
}
