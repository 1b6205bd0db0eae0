package evolve

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/flow-lang/flowc/rt/schema"
)

// A Misfit is the error of a value that the new type does not hold.
type Misfit struct {
	UID, State string // filled in by who knows them
	Key        string // as JSON
	Value      string // as JSON
	Old, New   string // types
	Why        string // one clause
}

// Error says what does not fit.
func (m *Misfit) Error() string {
	text := fmt.Sprintf("%s of type %s is no %s: %s", m.Value, m.Old, m.New, m.Why)
	if m.UID == "" {
		return text
	}
	return fmt.Sprintf("%s/%s of key %s: %s", m.UID, m.State, m.Key, text)
}

// misfit makes the error for the value at the front of src.
func misfit(old, new *typ, src []byte, why string) error {
	text, _, err := appendJSON(nil, old, src, 0)
	if err != nil {
		return err
	}
	return &Misfit{Value: short(text), Old: old.String(), New: new.String(), Why: why}
}

// short cuts a text for a message.
func short(text []byte) string {
	const most = 200
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}

// node converts values of one type to another.
type node struct {
	old, new *typ
	same     bool // the bytes stay as they are
	run      run
}

// convert converts the value at the front of src.
func (n *node) convert(dst, src []byte, depth int) (out, rest []byte, err error) {
	if !n.same {
		if depth > maxDepth {
			return nil, nil, corrupt(n.old, "it is nested too deep")
		}
		return n.run(dst, src, depth)
	}
	rest, err = n.old.skip(src, depth)
	if err != nil {
		return nil, nil, err
	}
	return append(dst, src[:len(src)-len(rest)]...), rest, nil
}

// all converts src, which holds one value and nothing else.
func (n *node) all(dst, src []byte) ([]byte, error) {
	out, rest, err := n.convert(dst, src, 0)
	if err == nil && len(rest) > 0 {
		err = corrupt(n.old, "bytes are left")
	}
	return out, err
}

// optional converts an option to an option.
func optional(old, new *typ, elem *node) run {
	return func(dst, src []byte, depth int) ([]byte, []byte, error) {
		some, rest, err := old.takeOption(src)
		if err != nil || !some {
			return append(dst, 0), rest, err
		}
		return elem.convert(appendLong(dst, 1), rest, depth+1)
	}
}

// wrapped puts a value into an option or union, at a position of it.
func wrapped(at int, elem *node) run {
	return func(dst, src []byte, depth int) ([]byte, []byte, error) {
		return elem.convert(appendLong(dst, int64(at)), src, depth)
	}
}

// unwrapped takes a value out of an option; instead is for none, and nil if none
// must not be.
func unwrapped(old, new *typ, elem *node, instead []byte) run {
	return func(dst, src []byte, depth int) ([]byte, []byte, error) {
		some, rest, err := old.takeOption(src)
		switch {
		case err != nil:
			return nil, nil, err
		case some:
			return elem.convert(dst, rest, depth+1)
		case instead == nil:
			return nil, nil, misfit(old, new, src, "there is no value in its place")
		}
		return append(dst, instead...), rest, nil
	}
}

// enumerated converts symbols; match says which new one an old one is.
func enumerated(old, new *typ, match []int) run {
	return func(dst, src []byte, _ int) ([]byte, []byte, error) {
		i, rest, err := old.takeIndex(src, len(match))
		if err != nil {
			return nil, nil, err
		}
		if match[i] < 0 {
			return nil, nil, misfit(old, new, src, "the symbol is gone")
		}
		return appendLong(dst, int64(match[i])), rest, nil
	}
}

// united converts members; match says which new one an old one is.
func united(old, new *typ, match []int, members []*node) run {
	return func(dst, src []byte, depth int) ([]byte, []byte, error) {
		i, rest, err := old.takeIndex(src, len(match))
		if err != nil {
			return nil, nil, err
		}
		if match[i] < 0 {
			return nil, nil, misfit(old, new, src, "the member "+old.members[i].Name+" is gone")
		}
		return members[i].convert(appendLong(dst, int64(match[i])), rest, depth+1)
	}
}

// listed converts the elements of an array one by one.
func listed(old *typ, elem *node) run {
	return func(dst, src []byte, depth int) ([]byte, []byte, error) {
		for {
			n, rest, err := takeBlock(old, src)
			if err != nil {
				return nil, nil, err
			}
			dst = appendLong(dst, n)
			if n == 0 {
				return dst, rest, nil
			}
			for range n {
				if dst, rest, err = elem.convert(dst, rest, depth+1); err != nil {
					return nil, nil, err
				}
			}
			src = rest
		}
	}
}

// entry is the converted key of a set or map, and the value that goes with it.
type entry struct{ key, old, value []byte }

// keyed converts a set or map, whose keys come out in their new order. Two keys
// that become one are refused, or merged into the first if merge is set. value
// is nil for a set.
func keyed(old, new *typ, key, val *node, merge bool) run {
	return func(dst, src []byte, depth int) ([]byte, []byte, error) {
		entries, rest, err := convertEntries(old, src, key, val, depth)
		if err != nil {
			return nil, nil, err
		}
		order := new.key
		if order == nil {
			order = new.elem
		}
		slices.SortStableFunc(entries, func(a, b entry) int { return compare(order, a.key, b.key) })
		kept := entries[:0]
		for _, e := range entries {
			if n := len(kept); n > 0 && bytes.Equal(kept[n-1].key, e.key) {
				if merge {
					continue
				}
				return nil, nil, misfit(key.old, key.new, e.old, "another key becomes the same")
			}
			kept = append(kept, e)
		}
		if len(kept) > 0 {
			dst = appendLong(dst, int64(len(kept)))
		}
		for _, e := range kept {
			dst = append(append(dst, e.key...), e.value...)
		}
		return append(dst, 0), rest, nil
	}
}

func convertEntries(old *typ, src []byte, key, val *node, depth int) (entries []entry, rest []byte, err error) {
	for {
		n, rest, err := takeBlock(old, src)
		if err != nil || n == 0 {
			return entries, rest, err
		}
		for range n {
			e := entry{old: rest}
			if e.key, rest, err = key.convert(nil, rest, depth+1); err != nil {
				return nil, nil, err
			}
			if val != nil {
				if e.value, rest, err = val.convert(nil, rest, depth+1); err != nil {
					return nil, nil, err
				}
			}
			entries = append(entries, e)
		}
		src = rest
	}
}

// mapped converts the values of a map whose keys stay as they are.
func mapped(old *typ, key, val *node) run {
	return func(dst, src []byte, depth int) ([]byte, []byte, error) {
		for {
			n, rest, err := takeBlock(old, src)
			if err != nil {
				return nil, nil, err
			}
			dst = appendLong(dst, n)
			if n == 0 {
				return dst, rest, nil
			}
			for range n {
				if dst, rest, err = key.convert(dst, rest, depth+1); err == nil {
					dst, rest, err = val.convert(dst, rest, depth+1)
				}
				if err != nil {
					return nil, nil, err
				}
			}
			src = rest
		}
	}
}

// slot says where a field of a new record comes from.
type slot struct {
	from  int    // field of the old record, -1 for none
	node  *node  // what converts it
	fresh []byte // its value if from is -1
}

// recorded converts a record.
func recorded(old *typ, slots []slot) run {
	if inOrder(slots) {
		return streamed(old, slots)
	}
	return func(dst, src []byte, depth int) ([]byte, []byte, error) {
		var few [16][]byte
		at := append(few[:0], make([][]byte, len(old.fields))...)
		rest := src
		var err error
		for i := range old.fields {
			at[i] = rest
			if rest, err = old.fields[i].typ.skip(rest, depth+1); err != nil {
				return nil, nil, err
			}
		}
		for i := range slots {
			s := &slots[i]
			if s.from < 0 {
				dst = append(dst, s.fresh...)
				continue
			}
			if dst, _, err = s.node.convert(dst, at[s.from], depth+1); err != nil {
				return nil, nil, err
			}
		}
		return dst, rest, nil
	}
}

// inOrder reports whether the old fields stand in the same order in the new
// record.
func inOrder(slots []slot) bool {
	last := -1
	for _, s := range slots {
		if s.from >= 0 && s.from <= last {
			return false
		}
		last = max(last, s.from)
	}
	return true
}

// streamed converts a record field by field as they come.
func streamed(old *typ, slots []slot) run {
	return func(dst, src []byte, depth int) ([]byte, []byte, error) {
		next := 0
		var err error
		skipTo := func(end int) {
			for ; next < end && err == nil; next++ {
				src, err = old.fields[next].typ.skip(src, depth+1)
			}
		}
		for i := range slots {
			s := &slots[i]
			if s.from < 0 {
				dst = append(dst, s.fresh...)
				continue
			}
			if skipTo(s.from); err == nil {
				dst, src, err = s.node.convert(dst, src, depth+1)
				next++
			}
			if err != nil {
				return nil, nil, err
			}
		}
		skipTo(len(old.fields))
		return dst, src, err
	}
}

// compare compares two values of a type that may be a key, by the order of their
// values. Bytes that are no values compare as equal.
func compare(t *typ, a, b []byte) int {
	c, _, _ := compareNext(t, a, b)
	return c
}

func compareNext(t *typ, a, b []byte) (c int, restA, restB []byte) {
	switch t.Shape {
	case schema.Record:
		for i := range t.fields {
			if c, a, b = compareNext(t.fields[i].typ, a, b); c != 0 {
				return c, nil, nil
			}
		}
		return 0, a, b
	case schema.Int32, schema.Int, schema.Timestamp, schema.Duration, schema.Date:
		x, restA, errA := takeLong(t, a)
		y, restB, errB := takeLong(t, b)
		if errA != nil || errB != nil {
			return 0, nil, nil
		}
		return order(x, y), restA, restB
	case schema.Enum:
		x, restA, errA := t.takeIndex(a, len(t.Symbols))
		y, restB, errB := t.takeIndex(b, len(t.Symbols))
		if errA != nil || errB != nil {
			return 0, nil, nil
		}
		return order(int64(t.Symbols[x].Value), int64(t.Symbols[y].Value)), restA, restB
	case schema.Decimal:
		x, restA, errA := t.takeDecimal(a)
		y, restB, errB := t.takeDecimal(b)
		if errA != nil || errB != nil {
			return 0, nil, nil
		}
		return x.Compare(y), restA, restB
	case schema.String, schema.Bytes:
		x, restA, errA := takeBytes(t, a)
		y, restB, errB := takeBytes(t, b)
		if errA != nil || errB != nil {
			return 0, nil, nil
		}
		return bytes.Compare(x, y), restA, restB
	}
	n := 1 // a bool
	if t.Shape == schema.UUID {
		n = 16
	}
	x, restA, errA := take(t, a, n)
	y, restB, errB := take(t, b, n)
	if errA != nil || errB != nil {
		return 0, nil, nil
	}
	return bytes.Compare(x, y), restA, restB
}

func order(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
