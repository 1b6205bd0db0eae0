package value_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"

	"github.com/flow-lang/flowc/rt/value"
)

// TestHash64 holds the hash to the values it has had since the first release.
// A change here would lose the saved state of every job: never update them.
func TestHash64(t *testing.T) {
	t.Parallel()
	tests := []struct {
		length int // of the bytes 0, 1, 2, …
		want   uint64
	}{
		{0, 0x93228a4de0eec5a2},
		{1, 0x8e6d4af7d310c8c4},
		{2, 0x5121ba5bc9a828b5},
		{3, 0x78c4aa0c972a522d},
		{4, 0xe08aeeb68058fb32},
		{5, 0x845a2c5da2318785},
		{7, 0x094e98feb6055cc6},
		{8, 0xb4d6ac74d009e1d4},
		{9, 0xb42922e019b409be},
		{15, 0x87edaf96d89a08ef},
		{16, 0x305fdea0ed4a2619},
		{17, 0xd29ffdd201a46f9a},
		{31, 0xebc13906e5018315},
		{32, 0x5b00c06ef7540f8f},
		{33, 0x5e1a2536ff90cc32},
		{47, 0xe2cb58f6ab8e4419},
		{48, 0xecbfb7ff9e3d9a97},
		{49, 0x0691f11bac523a91},
		{63, 0x907220c8cff2e2c7},
		{64, 0xe0fe4c75f61d710d},
		{95, 0xa39f0af73a3eee99},
		{96, 0x948137d69794b570},
		{97, 0x2501575738d109be},
		{128, 0x693d6d731c86b2ee},
		{256, 0x139c96a974ad43cb},
		{1000, 0xb0aaefd54a691522},
	}
	for _, tt := range tests {
		b := make([]byte, tt.length)
		for i := range b {
			b[i] = byte(i)
		}
		if got := value.Hash64(b); got != tt.want {
			t.Errorf("Hash64(%d bytes) = %#x, want %#x", tt.length, got, tt.want)
		}
		if got := value.HashString(string(b)); got != tt.want {
			t.Errorf("HashString(%d bytes) = %#x, want %#x", tt.length, got, tt.want)
		}
	}
}

func TestHashIntIsTheHashOfTheKeyEncoding(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 1, -1, 7, 1 << 40, math.MinInt64, math.MaxInt64} {
		key := binary.BigEndian.AppendUint64(nil, uint64(n)^1<<63)
		if want, got := value.Hash64(key), value.HashInt(n); got != want {
			t.Errorf("HashInt(%d) = %#x, want %#x", n, got, want)
		}
	}
}

// TestHash64SpreadsKeys throws keys as programs have them into 1024 groups and
// compares with what chance would do: chi squared over 1023 degrees of freedom
// lies below 1200 in all but one case of ten thousand.
func TestHash64SpreadsKeys(t *testing.T) {
	t.Parallel()
	const groups, n = 1024, 200_000
	kinds := []struct {
		name string
		hash func(i int) uint64
	}{
		{"counting numbers", func(i int) uint64 { return value.HashInt(int64(i)) }},
		{"multiples of 4096", func(i int) uint64 { return value.HashInt(int64(i) << 12) }},
		{"short names", func(i int) uint64 { return value.HashString(fmt.Sprintf("s%d", i)) }},
		{"long names", func(i int) uint64 {
			return value.HashString(fmt.Sprintf("sensors/building-%d/floor-%d/room-%d/temperature", i%7, i%31, i))
		}},
	}
	for _, kind := range kinds {
		for _, shift := range []int{0, 54} { // the low bits and the high ones
			counts := make([]int, groups)
			for i := range n {
				counts[kind.hash(i)>>shift%groups]++
			}
			const expected = float64(n) / groups
			chi := 0.0
			for _, c := range counts {
				chi += (float64(c) - expected) * (float64(c) - expected) / expected
			}
			if chi > 1200 {
				t.Errorf("%s, bits from %d: chi squared = %.0f, want at most 1200", kind.name, shift, chi)
			}
		}
	}
}

// BenchmarkHash64 measures the hash of one key.
func BenchmarkHash64(b *testing.B) {
	for _, n := range []int{8, 16, 32, 100} {
		b.Run(fmt.Sprintf("bytes=%d", n), func(b *testing.B) {
			keys := make([]byte, 1024+n)
			i := 0
			for b.Loop() {
				value.Hash64(keys[i : i+n])
				i = (i + 1) % 1024
			}
		})
	}
}
