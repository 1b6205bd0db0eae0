package value

import "slices"

// Sets and maps are values: nothing changes one that has been made, so that
// copies may share what they hold. A set<K> is a []K in order without repeats, a
// map<K, V> a [Map]. Where their order matters a function is handed in that
// compares keys: less than 0, 0 or more, as cmp.Compare does.

// Map is a map<K, V>: the keys in order, and the value of each at its index.
// The zero Map is empty.
type Map[K, V any] struct {
	Keys   []K
	Values []V
}

// SetOf makes a set of elements, of which it takes over the memory. Of equal
// ones the first stays.
func SetOf[K any](compare func(a, b K) int, elems ...K) []K {
	slices.SortStableFunc(elems, compare)
	return slices.CompactFunc(elems, func(a, b K) bool { return compare(a, b) == 0 })
}

// MapOf makes a map of keys and the values that belong to them, of which it
// takes over the memory. Of equal keys the last stays with its value.
func MapOf[K, V any](compare func(a, b K) int, keys []K, values []V) Map[K, V] {
	m, _ := NewMap(compare, keys, values)
	return m
}

// NewMap is [MapOf] for those who want to know of equal keys: repeated is the
// index in keys of the first that equals one before it, -1 if there is none.
func NewMap[K, V any](compare func(a, b K) int, keys []K, values []V) (m Map[K, V], repeated int) {
	if ascends(keys, compare) {
		return Map[K, V]{keys, values}, -1
	}
	order := make([]int, len(keys))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(keys[a], keys[b]) })
	repeated = -1
	m = Map[K, V]{make([]K, 0, len(keys)), make([]V, 0, len(keys))}
	for i, from := range order {
		if i > 0 && compare(keys[order[i-1]], keys[from]) == 0 {
			if repeated < 0 || from < repeated {
				repeated = from
			}
			m.Values[len(m.Values)-1] = values[from]
			continue
		}
		m.Keys, m.Values = append(m.Keys, keys[from]), append(m.Values, values[from])
	}
	return m, repeated
}

// ascends reports whether each key is greater than the one before it.
func ascends[K any](keys []K, compare func(a, b K) int) bool {
	for i := 1; i < len(keys); i++ {
		if compare(keys[i-1], keys[i]) >= 0 {
			return false
		}
	}
	return true
}

// Has reports whether key is among keys, which are a set or those of a map.
func Has[K any](keys []K, key K, compare func(a, b K) int) bool {
	_, ok := slices.BinarySearchFunc(keys, key, compare)
	return ok
}

// Find returns the value of a key, none if m does not have it.
func Find[K, V any](m Map[K, V], key K, compare func(a, b K) int) Option[V] {
	i, ok := slices.BinarySearchFunc(m.Keys, key, compare)
	if !ok {
		return Option[V]{}
	}
	return Some(m.Values[i])
}

// CompareBools puts false before true.
func CompareBools(a, b bool) int { return int(BoolKey(a) - BoolKey(b)) }
