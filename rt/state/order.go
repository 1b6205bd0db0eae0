package state

import (
	"cmp"
	"hash/maphash"
	"math/bits"
	"reflect"
	"slices"
	"unsafe"
)

// Order is how the keys of a map are compared. One Order serves all maps of a
// state.
type Order[K any] struct {
	compare func(a, b K) int
	// search returns where k is among keys, which are sorted, or where it would
	// have to be put. It is called once for a whole search, so that a comparison
	// of numbers costs no call.
	search func(keys []K, k K) (at int, found bool)
	sort   func(keys []K)
	hash   func(k K) uint64 // for a hash table; nil if maps of such keys are none
	own    func(k K) K      // copies a key that is to be stored; nil if keys need no copy
}

// Owning is the same order for keys that may be views into memory which is used
// again: own copies one before it is stored. Keys that are there already are not
// copied.
func (o Order[K]) Owning(own func(K) K) Order[K] {
	o.own = own
	return o
}

// keep returns k as it is to be stored.
func (o *Order[K]) keep(k K) K {
	if o.own == nil {
		return k
	}
	return o.own(k)
}

// Ordered is the order of numbers, of times and of strings byte by byte.
func Ordered[K cmp.Ordered]() Order[K] {
	return Order[K]{
		compare: cmp.Compare[K],
		search:  searchOrdered[K],
		sort:    slices.Sort[[]K],
		hash:    hashOf[K](),
	}
}

// seed makes the hashes of every process others, so that no one who chooses keys
// can choose ones that meet. No hash of it is stored.
var seed = maphash.MakeSeed()

// hashOf returns a hash of keys of type K. Numbers of 64 bits, and times, have
// one that costs less than Go's own.
func hashOf[K cmp.Ordered]() func(K) uint64 {
	switch reflect.TypeFor[K]().Kind() {
	case reflect.Int64:
		salt := maphash.String(seed, "int64")
		return func(k K) uint64 { return mixed(*(*uint64)(unsafe.Pointer(&k)), salt) }
	case reflect.String:
		return func(k K) uint64 { return maphash.String(seed, *(*string)(unsafe.Pointer(&k))) }
	default:
		return func(k K) uint64 { return maphash.Comparable(seed, k) }
	}
}

// mixed folds the 128-bit product of two numbers that are made of n and salt, as
// wyhash does.
func mixed(n, salt uint64) uint64 {
	hi, lo := bits.Mul64(n^salt, salt|1)
	hi, lo = bits.Mul64(hi^lo, 0x9e3779b97f4a7c15)
	return hi ^ lo
}

// OrderedBy is the order that compare says: below zero if a comes before b, zero
// if they are the same key.
func OrderedBy[K any](compare func(a, b K) int) Order[K] {
	return Order[K]{
		compare: compare,
		search:  func(keys []K, k K) (int, bool) { return searchBy(keys, k, compare) },
		sort:    func(keys []K) { slices.SortFunc(keys, compare) },
	}
}

// searchOrdered halves without a branch on the keys, which no predictor would
// guess.
func searchOrdered[K cmp.Ordered](keys []K, k K) (int, bool) {
	if len(keys) == 0 {
		return 0, false
	}
	low := 0
	for n := len(keys); n > 1; {
		half := n / 2
		if keys[low+half] <= k {
			low += half
		}
		n -= half
	}
	if keys[low] < k {
		return low + 1, false
	}
	return low, keys[low] == k
}

func searchBy[K any](keys []K, k K, compare func(a, b K) int) (int, bool) {
	low, high := 0, len(keys)
	for low < high {
		middle := int(uint(low+high) / 2)
		switch c := compare(keys[middle], k); {
		case c == 0:
			return middle, true
		case c < 0:
			low = middle + 1
		default:
			high = middle
		}
	}
	return low, false
}

// Span is a range of keys that includes its lower border and not its upper one.
// Either may be missing. The zero Span is all keys.
type Span[K any] struct {
	low, high       K
	hasLow, hasHigh bool
}

// From is the span of k and all keys after it.
func From[K any](k K) Span[K] { return Span[K]{low: k, hasLow: true} }

// Before is the span of all keys before k.
func Before[K any](k K) Span[K] { return Span[K]{high: k, hasHigh: true} }

// Between is the span from low up to, not including, high. It is empty unless
// low comes before high.
func Between[K any](low, high K) Span[K] {
	return Span[K]{low: low, high: high, hasLow: true, hasHigh: true}
}
