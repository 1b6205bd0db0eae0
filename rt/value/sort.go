package value

import "slices"

// SortBy returns the elements of xs in the order of their keys; elements with
// equal keys stay in their order. keys holds the key of each element.
// Neither list is changed.
func SortBy[T, K any](xs []T, keys []K, compare func(a, b K) int) []T {
	order := make([]int, len(xs))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return compare(keys[a], keys[b]) })
	sorted := make([]T, len(xs))
	for i, from := range order {
		sorted[i] = xs[from]
	}
	return sorted
}
