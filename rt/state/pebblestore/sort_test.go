package pebblestore

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSort sorts keys that begin alike, that are the beginning of others, that end with
// zeros and that come again, with ranges among them.
func TestSort(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 7))
		b := &batch{}
		for range rng.IntN(300) {
			from := len(b.arena)
			b.arena = append(b.arena, "\x01\x00\x02"...)
			b.arena = append(b.arena, bytes.Repeat([]byte{byte(rng.IntN(2))}, rng.IntN(20))...)
			for range rng.IntN(3) {
				b.arena = append(b.arena, byte(rng.IntN(3)))
			}
			b.push(from, len(b.arena), rowKind(rng.IntN(3)))
			b.rows[len(b.rows)-1].weak = rng.IntN(3) == 0
		}
		want := slices.Clone(b.rows)
		slices.SortFunc(want, func(x, y row) int { return b.compare(&x, &y) })
		b.sort()
		if got := b.keys(b.rows); !slices.Equal(got, b.keys(want)) {
			t.Fatalf("seed %d: the rows are\n%q, want\n%q", seed, got, b.keys(want))
		}
	}
}

// keys shows what orders rows; of two ranges from one key, either may come first.
func (b *batch) keys(rows []row) (list []string) {
	for i := range rows {
		r := &rows[i]
		text := fmt.Sprintf("%x %d", b.keyOf(r), r.kind)
		if r.kind != rangeRow {
			text = fmt.Sprintf("%s %t %d", text, r.weak, r.key)
		}
		list = append(list, text)
	}
	return list
}

// BenchmarkSort sorts three rows of each of many keys, as a job with many users has them.
func BenchmarkSort(b *testing.B) {
	const keys = 100_000
	rng := rand.New(rand.NewPCG(1, 1))
	var in batch
	for _, k := range rng.Perm(keys) {
		for state := range 3 {
			from := len(in.arena)
			in.arena = appendState(appendPrefix(in.arena, 1, k*7919%1024, fmt.Appendf(nil, "user-%011d", k)), state)
			in.push(from, len(in.arena), setRow)
		}
	}
	for b.Loop() {
		same := in
		same.sort()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(in.rows)), "ns/row")
}
