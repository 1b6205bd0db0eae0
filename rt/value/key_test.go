package value_test

import (
	"cmp"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/flow-lang/flowc/rt/value"
)

// keyPart makes keys with many equal beginnings, zeros and extreme numbers.
func keyPart(r *rand.Rand) (string, int64) {
	texts := []string{"", "\x00", "\x00\x00", "\x00\x01", "\x00\xff", "a", "a\x00", "a\x00b", "ab", "\xff", "é"}
	numbers := []int64{math.MinInt64, -1, 0, 1, math.MaxInt64, r.Int64()}
	return texts[r.IntN(len(texts))] + texts[r.IntN(len(texts))], numbers[r.IntN(len(numbers))]
}

func TestKeysSortAsTheirParts(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	encode := func(s string, n int64, last string) string {
		return string(value.AppendStringKey(value.AppendIntKey(value.AppendStringKey(nil, s), n), last))
	}
	for range 20000 {
		s1, n1 := keyPart(r)
		s2, n2 := keyPart(r)
		l1, _ := keyPart(r)
		l2, _ := keyPart(r)
		want := cmp.Or(strings.Compare(s1, s2), cmp.Compare(n1, n2), strings.Compare(l1, l2))
		if got := strings.Compare(encode(s1, n1, l1), encode(s2, n2, l2)); got != want {
			t.Fatalf("(%q, %d, %q) against (%q, %d, %q) = %d, want %d", s1, n1, l1, s2, n2, l2, got, want)
		}
	}
}

func TestKeysComeBack(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	for range 5000 {
		wantText, wantNumber := keyPart(r)
		key := string(value.AppendIntKey(value.AppendStringKey(nil, wantText), wantNumber)) + "rest"
		text, rest := value.TakeStringKey(key)
		number, rest := value.TakeIntKey(rest)
		if text != wantText || number != wantNumber || rest != "rest" {
			t.Fatalf("(%q, %d) came back as (%q, %d), and left %q", wantText, wantNumber, text, number, rest)
		}
	}
}

func TestTakeOfBrokenKeys(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "\x00", "a", "a\x00", "a\x00\xff"} {
		value.TakeStringKey(key)
		value.TakeIntKey(key)
	}
}
