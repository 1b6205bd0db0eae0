package value_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/value"
)

// at is the place of the operation under test.
const at = value.Pos(3<<48 | 17<<24 | 5)

func TestPos(t *testing.T) {
	t.Parallel()
	p := value.At(3, 17, 5)
	if p != at || p.File() != 3 || p.Line() != 17 || p.Column() != 5 || !p.IsValid() {
		t.Errorf("At(3, 17, 5) = %d:%d:%d", p.File(), p.Line(), p.Column())
	}
	if p := value.At(1<<20, 1<<30, -1); p.File() != 1<<16-1 || p.Line() != 1<<24-1 || p.Column() != 0 {
		t.Errorf("At cuts to %d:%d:%d", p.File(), p.Line(), p.Column())
	}
	if value.Pos(0).IsValid() {
		t.Error("the zero Pos names a place")
	}
}

func TestFaultKeepsTheFirst(t *testing.T) {
	t.Parallel()
	var f value.Fault
	f.DivInt(1, 0, at)
	f.AddInt(math.MaxInt64, 1, 7)
	if !f.Failed() {
		t.Fatal("Failed() = false after a division by zero")
	}
	if reason, pos := f.Take(); reason != "division by zero" || pos != at {
		t.Errorf("Take() = %q, %d", reason, pos)
	}
	if reason, pos := f.Take(); reason != "" || pos != 0 || f.Failed() {
		t.Errorf("a second Take() = %q, %d", reason, pos)
	}
}

func TestFaultIsWhereItWasCalledFirst(t *testing.T) {
	t.Parallel()
	var f value.Fault
	f.CalledAt(3)
	if f.Caller() != 0 {
		t.Error("a call is noted in which nothing has failed")
	}
	f.DivInt(1, 0, at)
	f.CalledAt(5)
	f.CalledAt(9)
	if f.Caller() != 5 {
		t.Errorf("Caller() = %d, not that of the call within the others", f.Caller())
	}
	if f.Take(); f.Caller() != 0 {
		t.Error("the call is noted after the mistake was taken")
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	const day = value.Day
	tests := []struct {
		call func(f *value.Fault) any
		want string
	}{
		{func(f *value.Fault) any { return f.AddInt(math.MaxInt64, 1, at) }, "integer overflow in 9223372036854775807 + 1"},
		{func(f *value.Fault) any { return f.SubInt(math.MinInt64, 1, at) }, "integer overflow in -9223372036854775808 - 1"},
		{func(f *value.Fault) any { return f.SubInt(math.MaxInt64, -1, at) }, "integer overflow in 9223372036854775807 - (-1)"},
		{func(f *value.Fault) any { return f.MulInt(1<<62, 2, at) }, "integer overflow in 4611686018427387904 * 2"},
		{func(f *value.Fault) any { return f.DivInt(math.MinInt64, -1, at) }, "integer overflow in -9223372036854775808 / (-1)"},
		{func(f *value.Fault) any { return f.DivInt(1, 0, at) }, "division by zero"},
		{func(f *value.Fault) any { return f.ModInt(1, 0, at) }, "division by zero"},
		{func(f *value.Fault) any { return f.NegInt(math.MinInt64, at) }, "integer overflow in -(-9223372036854775808)"},
		{func(f *value.Fault) any { return f.AbsInt(math.MinInt64, at) }, "integer overflow in abs(-9223372036854775808)"},
		{func(f *value.Fault) any { return f.AddInt32(math.MaxInt32, 1, at) }, "integer overflow in 2147483647 + 1"},
		{func(f *value.Fault) any { return f.SubInt32(math.MinInt32, 1, at) }, "integer overflow in -2147483648 - 1"},
		{func(f *value.Fault) any { return f.MulInt32(1<<30, -4, at) }, "integer overflow in 1073741824 * (-4)"},
		{func(f *value.Fault) any { return f.DivInt32(math.MinInt32, -1, at) }, "integer overflow in -2147483648 / (-1)"},
		{func(f *value.Fault) any { return f.DivInt32(1, 0, at) }, "division by zero"},
		{func(f *value.Fault) any { return f.ModInt32(1, 0, at) }, "division by zero"},
		{func(f *value.Fault) any { return f.NegInt32(math.MinInt32, at) }, "integer overflow in -(-2147483648)"},
		{func(f *value.Fault) any { return f.AbsInt32(math.MinInt32, at) }, "integer overflow in abs(-2147483648)"},
		{func(f *value.Fault) any { return f.DivFloat(1, 0, at) }, "division by zero"},
		{func(f *value.Fault) any { return f.ModFloat(1, 0, at) }, "division by zero"},
		{func(f *value.Fault) any { return f.DivFloat32(1, 0, at) }, "division by zero"},
		{func(f *value.Fault) any { return f.ModFloat32(1, 0, at) }, "division by zero"},
		{func(f *value.Fault) any { return f.FloatToInt(math.NaN(), at) }, "NaN does not fit int"},
		{func(f *value.Fault) any { return f.FloatToInt(1<<63, at) }, "9223372036854776000 does not fit int"},
		{func(f *value.Fault) any { return f.FloatToInt(-1e300, at) }, "-1e+300 does not fit int"},
		{func(f *value.Fault) any { return f.Float32ToInt(1e30, at) }, "1e+30 does not fit int"},
		{func(f *value.Fault) any { return f.IntToInt32(1<<31, at) }, "2147483648 does not fit int32"},
		{func(f *value.Fault) any { return f.AddTime(value.MaxTime, 1, at) }, "9999-12-31T23:59:59.999999Z + 1us is outside the years 1 to 9999"},
		{func(f *value.Fault) any { return f.AddTime(0, math.MinInt64, at) }, "1970-01-01T00:00:00Z + (-106751991d4h54s775ms808us) is outside the years 1 to 9999"},
		{func(f *value.Fault) any { return f.SubTime(value.MinTime, 1, at) }, "0001-01-01T00:00:00Z - 1us is outside the years 1 to 9999"},
		{func(f *value.Fault) any { return f.SubTime(0, math.MinInt64, at) }, "1970-01-01T00:00:00Z - (-106751991d4h54s775ms808us) is outside the years 1 to 9999"},
		{func(f *value.Fault) any { return f.AddDuration(math.MaxInt64, 1, at) }, "duration overflow in 106751991d4h54s775ms807us + 1us"},
		{func(f *value.Fault) any { return f.SubDuration(math.MinInt64, 1, at) }, "duration overflow in -106751991d4h54s775ms808us - 1us"},
		{func(f *value.Fault) any { return f.MulDuration(day, 1<<60, at) }, "duration overflow in 1d * 1152921504606846976"},
		{func(f *value.Fault) any { return f.DivDurationInt(day, 0, at) }, "division by zero"},
		{func(f *value.Fault) any { return f.DivDuration(day, 0, at) }, "division by zero"},
		{func(f *value.Fault) any { return f.ModDuration(day, 0, at) }, "division by zero"},
		{func(f *value.Fault) any { return f.NegDuration(math.MinInt64, at) }, "duration overflow in -(-106751991d4h54s775ms808us)"},
		{func(f *value.Fault) any { return f.AbsDuration(math.MinInt64, at) }, "duration overflow in abs(-106751991d4h54s775ms808us)"},
		{func(f *value.Fault) any { return f.Truncate(5, 0, at) }, "0s is not positive, as the length to truncate to must be"},
		{func(f *value.Fault) any { return f.Truncate(-5, -1, at) }, "-1us is not positive, as the length to truncate to must be"},
		{func(f *value.Fault) any { return f.Truncate(value.MinTime, 10000*day, at) }, "10000d reaches from 0001-01-01T00:00:00Z to before the year 1"},
		{func(f *value.Fault) any { return f.InZone(0, "Mars/Olympus", at) }, `unknown time zone "Mars/Olympus"`},
		{func(f *value.Fault) any { return f.InZone(0, "Local", at) }, `unknown time zone "Local"`},
		{func(f *value.Fault) any { return value.Index(f, []string{"a", "b", "c"}, 3, at) }, "index 3 is outside a list of 3"},
		{func(f *value.Fault) any { return value.Index(f, []int64{1}, -1, at) }, "index -1 is outside a list of 1"},
		{func(f *value.Fault) any { return len(value.SliceList(f, []int64{1, 2, 3}, 2, 5, at)) }, "slice from 2 to 5 is outside a list of 3"},
		{func(f *value.Fault) any { return len(value.SliceList(f, []int64{1, 2, 3}, 2, 1, at)) }, "slice from 2 to 1 is outside a list of 3"},
		{func(f *value.Fault) any { return f.SliceString("Élan", 2, 5, at) }, "slice from 2 to 5 is outside a string of 4"},
		{func(f *value.Fault) any { return f.SliceString("Élan", -1, 2, at) }, "slice from -1 to 2 is outside a string of 4"},
		{func(f *value.Fault) any { return f.SliceString("Élan", 0, -1, at) }, "slice from 0 to -1 is outside a string of 4"},
		{func(f *value.Fault) any { return f.PadLeft("a", 1<<40, "b", at) }, "pad_left to 1099511627776 is more than 16777216"},
		{func(f *value.Fault) any { return len(f.Range(math.MinInt64, math.MaxInt64, at)) }, "range from -9223372036854775808 to 9223372036854775807 has more than 16777216 elements"},
	}
	for _, tt := range tests {
		var f value.Fault
		got := tt.call(&f)
		if s := fmt.Sprint(got); s != "0" && s != "" {
			t.Errorf("%s: gives %v, not a zero", tt.want, got)
		}
		if reason, pos := f.Take(); reason != tt.want || pos != at {
			t.Errorf("reason = %q at %d, want %q at %d", reason, pos, tt.want, at)
		}
	}
}

// edges are numbers where arithmetic goes wrong, and a random one.
func edges(rng *rand.Rand) int64 {
	all := []int64{0, 1, -1, 2, -2, 7, math.MaxInt32, math.MinInt32, 1 << 32, -(1 << 32), math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, math.MinInt64 + 1}
	if i := rng.IntN(2 * len(all)); i < len(all) {
		return all[i]
	}
	return int64(rng.Uint64()) >> rng.UintN(64)
}

// TestIntegersEqualBigIntegers holds every operation to math/big: the result if
// it fits, else a failure.
func TestIntegersEqualBigIntegers(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 4))
	for range 50_000 {
		a, b := edges(rng), edges(rng)
		x, y := big.NewInt(a), big.NewInt(b)
		check := func(op string, got int64, f *value.Fault, want *big.Int, least, most int64) {
			t.Helper()
			fits := want != nil && want.Cmp(big.NewInt(least)) >= 0 && want.Cmp(big.NewInt(most)) <= 0
			if fits && (f.Failed() || got != want.Int64()) || !fits && (!f.Failed() || got != 0) {
				t.Fatalf("%d %s %d = %d, failed %t, want %v", a, op, b, got, f.Failed(), want)
			}
			f.Take()
		}
		var f value.Fault
		var quo, rem *big.Int
		if b != 0 {
			quo, rem = new(big.Int).QuoRem(x, y, new(big.Int))
		}
		const lo, hi = math.MinInt64, math.MaxInt64
		check("+", f.AddInt(a, b, at), &f, new(big.Int).Add(x, y), lo, hi)
		check("-", f.SubInt(a, b, at), &f, new(big.Int).Sub(x, y), lo, hi)
		check("*", f.MulInt(a, b, at), &f, new(big.Int).Mul(x, y), lo, hi)
		check("/", f.DivInt(a, b, at), &f, quo, lo, hi)
		check("%", f.ModInt(a, b, at), &f, rem, lo, hi)
		check("neg", f.NegInt(a, at), &f, new(big.Int).Neg(x), lo, hi)
		check("abs", f.AbsInt(a, at), &f, new(big.Int).Abs(x), lo, hi)
		check("dur +", int64(f.AddDuration(value.Duration(a), value.Duration(b), at)), &f, new(big.Int).Add(x, y), lo, hi)
		check("dur -", int64(f.SubDuration(value.Duration(a), value.Duration(b), at)), &f, new(big.Int).Sub(x, y), lo, hi)
		check("dur *", int64(f.MulDuration(value.Duration(a), b, at)), &f, new(big.Int).Mul(x, y), lo, hi)
		check("gcd", int64(f.GCDDuration(value.Duration(a), value.Duration(b), at)), &f,
			new(big.Int).GCD(nil, nil, new(big.Int).Abs(x), new(big.Int).Abs(y)), lo, hi)

		c, d := int32(a), int32(b)
		x, y, a, b = big.NewInt(int64(c)), big.NewInt(int64(d)), int64(c), int64(d)
		quo, rem = nil, nil
		if d != 0 {
			quo, rem = new(big.Int).QuoRem(x, y, new(big.Int))
		}
		const lo32, hi32 = math.MinInt32, math.MaxInt32
		check("+32", int64(f.AddInt32(c, d, at)), &f, new(big.Int).Add(x, y), lo32, hi32)
		check("-32", int64(f.SubInt32(c, d, at)), &f, new(big.Int).Sub(x, y), lo32, hi32)
		check("*32", int64(f.MulInt32(c, d, at)), &f, new(big.Int).Mul(x, y), lo32, hi32)
		check("/32", int64(f.DivInt32(c, d, at)), &f, quo, lo32, hi32)
		check("%32", int64(f.ModInt32(c, d, at)), &f, rem, lo32, hi32)
		check("neg32", int64(f.NegInt32(c, at)), &f, new(big.Int).Neg(x), lo32, hi32)
		check("abs32", int64(f.AbsInt32(c, at)), &f, new(big.Int).Abs(x), lo32, hi32)
	}
}

func TestFloats(t *testing.T) {
	t.Parallel()
	var f value.Fault
	got := []any{
		f.DivFloat(1, 4, at), f.ModFloat(-7.5, 2, at), f.DivFloat32(1, 4, at), f.ModFloat32(-7.5, 2, at),
		f.FloatToInt(-2.9, at), f.FloatToInt(-1<<63, at), f.Float32ToInt(2.9, at), f.IntToInt32(-1<<31, at),
		math.IsInf(f.DivFloat(1e300, 1e-300, at), 1),
	}
	want := []any{
		0.25, -1.5, float32(0.25), float32(-1.5), int64(-2), int64(math.MinInt64), int64(2), int32(math.MinInt32), true,
	}
	if diff := cmp.Diff(want, got); diff != "" || f.Failed() {
		t.Errorf("failed = %t (-want +got):\n%s", f.Failed(), diff)
	}
}

func TestRoundFloat(t *testing.T) {
	t.Parallel()
	tests := []struct {
		x      float64
		digits int64
		want   float64
	}{
		{2.34567, 2, 2.35},
		{2.675, 2, 2.68},
		{1.005, 2, 1.01},
		{-2.5, 0, -3},
		{2.5, 0, 3},
		{0.5, 0, 1},
		{0.49999999999999994, 0, 0},
		{1234.5, -2, 1200},
		{1250, -2, 1300},
		{999.999, 2, 1000},
		{-0.04, 1, math.Copysign(0, -1)},
		{5e-324, 3, 0},
		{1e300, 5, 1e300},
		{math.MaxFloat64, -308, math.MaxFloat64}, // 2e308 is no float64
		{9007199254740993, 1, 9007199254740992},
		{0.1, 400, 0.1},
		{123, -500, 0},
		{0, 2, 0},
		{math.Inf(1), 2, math.Inf(1)},
	}
	for _, tt := range tests {
		if got := value.RoundFloat(tt.x, tt.digits); got != tt.want || math.Signbit(got) != math.Signbit(tt.want) {
			t.Errorf("RoundFloat(%v, %d) = %v, want %v", tt.x, tt.digits, got, tt.want)
		}
	}
	if got := value.RoundFloat(math.NaN(), 2); !math.IsNaN(got) {
		t.Errorf("RoundFloat(NaN, 2) = %v", got)
	}
	if want, got := float32(2.68), value.RoundFloat32(2.675, 2); got != want {
		t.Errorf("RoundFloat32(2.675, 2) = %v, want %v", got, want)
	}
}

// TestRoundFloatRoundsTheText compares with exact decimal rounding of the text.
func TestRoundFloatRoundsTheText(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 6))
	for range 50_000 {
		x := float64(rng.Int64N(1e9)-5e8) / math.Pow10(rng.IntN(9))
		digits := rng.Int64N(6)
		r, _ := new(big.Rat).SetString(value.FormatFloat(x))
		scale := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(digits), nil))
		half := big.NewRat(int64(1-2*b2i(x < 0)), 2)
		scaled := new(big.Rat).Add(new(big.Rat).Mul(r, scale), half)
		whole := new(big.Rat).SetInt(new(big.Int).Quo(scaled.Num(), scaled.Denom()))
		want, _ := new(big.Rat).Quo(whole, scale).Float64()
		if got := value.RoundFloat(x, digits); got != want {
			t.Fatalf("RoundFloat(%v, %d) = %v, want %v", x, digits, got, want)
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

func TestLists(t *testing.T) {
	t.Parallel()
	var f value.Fault
	xs := []string{"a", "b", "c"}
	part := value.SliceList(&f, xs, 1, 2, at)
	_ = append(part, "overwritten")
	got := []any{
		value.Index(&f, xs, 2, at), part, value.SliceList(&f, xs, 3, 3, at), f.Range(-1, 2, at), f.Range(2, 2, at),
		value.First(xs), value.Last(xs), value.First([]int64{}), value.Last([]int64{}),
		value.Some(3).Or(4), value.Option[int]{}.Or(4),
	}
	want := []any{
		"c", []string{"b"}, []string{}, []int64{-1, 0, 1}, []int64(nil),
		value.Some("a"), value.Some("c"), value.Option[int64]{}, value.Option[int64]{}, 3, 4,
	}
	if diff := cmp.Diff(want, got); diff != "" || f.Failed() {
		t.Errorf("failed = %t (-want +got):\n%s", f.Failed(), diff)
	}
}

func TestStrings(t *testing.T) {
	t.Parallel()
	var f value.Fault
	const s = "  Élan vital 42 "
	got := []any{
		value.Len(s), value.Trim(s), value.Upper(s), value.Lower(s), value.Contains(s, "élan"),
		value.StartsWith(s, "  É"), value.EndsWith(s, "42 "), value.IndexOf(s, "vital"), value.IndexOf(s, "x"),
		value.Replace(s, "a", "o"), value.Replace(s, "", "o"), value.Split("a b c", " "), value.Split("é1", ""),
		f.SliceString("Élan vital", 0, 4, at), f.SliceString("Élan", 4, 4, at), f.SliceString("\xff\xfeab", 1, 3, at),
		f.PadLeft("7", 3, "0", at), f.PadLeft("é", 6, "ab", at), f.PadLeft("long", 2, "0", at), f.PadLeft("x", 5, "", at),
		value.ParseInt("-42"), value.ParseInt("4x"), value.ParseInt("9223372036854775808"), value.ParseInt(""),
		value.ParseFloat("2.5"), value.ParseFloat("1e400"), value.ParseFloat("nan"), value.ParseFloat("0x1p3"), value.ParseFloat32("0.1"), value.ParseFloat32("1e39"),
		value.Hex([]byte{0, 255}), value.Base64([]byte("hi")), value.Hex(value.SHA256(nil))[:8],
	}
	none := value.Option[int64]{}
	want := []any{
		int64(16), "Élan vital 42", "  ÉLAN VITAL 42 ", "  élan vital 42 ", false,
		true, true, value.Some(int64(7)), none,
		"  Élon vitol 42 ", s, []string{"a", "b", "c"}, []string{"é", "1"},
		"Élan", "", "\xfea",
		"007", "ababaé", "long", "x",
		value.Some(int64(-42)), none, none, none,
		value.Some(2.5), value.Option[float64]{}, value.Option[float64]{}, value.Option[float64]{}, value.Some(float32(0.1)), value.Option[float32]{},
		"00ff", "aGk=", "e3b0c442",
	}
	if diff := cmp.Diff(want, got); diff != "" || f.Failed() {
		t.Errorf("failed = %t (-want +got):\n%s", f.Failed(), diff)
	}
	if got := value.ParseInt(strings.Repeat("9", 1000)); got.OK {
		t.Errorf("ParseInt of 1000 nines = %v", got)
	}
}

func TestEnterEndsRecursion(t *testing.T) {
	t.Parallel()
	var f value.Fault
	var depth func() int
	depth = func() int {
		if !f.Enter(at) {
			return 0
		}
		defer f.Leave()
		return 1 + depth()
	}
	for range 2 {
		if want, got := 10_000, depth(); got != want {
			t.Errorf("depth = %d, want %d", got, want)
		}
		if reason, pos := f.Take(); reason != "calls are nested deeper than 10000" || pos != at {
			t.Errorf("Take() = %q, %d", reason, pos)
		}
	}
}

func TestBytesAndRegexps(t *testing.T) {
	t.Parallel()
	a, b := []byte("a"), []byte("b")
	u, v := value.UUID{1}, value.UUID{2}
	got := []any{
		value.MinBytes(a, b), value.MinBytes(b, a), value.MaxBytes(a, b), value.MaxBytes(b, a),
		value.MinUUID(u, v), value.MinUUID(v, u), value.MaxUUID(u, v), value.MaxUUID(v, u), u.Compare(v),
		value.Capture(regexp.MustCompile(`(\d+)(x)?`), "ab12"), value.Capture(regexp.MustCompile(`x`), "ab12"),
		value.BoolKey(true), value.BoolKey(false), value.FormatLayout(0, "02.01.2006 15:04"),
	}
	want := []any{
		a, a, b, b, u, u, v, v, -1,
		value.Some([]string{"12", "12", ""}), value.Option[[]string]{},
		int64(1), int64(0), "01.01.1970 00:00",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// BenchmarkChecked measures a sum of checked additions and multiplications, to
// be compared with the same sum unchecked.
func BenchmarkChecked(b *testing.B) {
	xs := make([]int64, 1024)
	for i := range xs {
		xs[i] = int64(i)
	}
	b.Run("checked", func(b *testing.B) {
		var f value.Fault
		for b.Loop() {
			sum := int64(0)
			for _, x := range xs {
				sum = f.AddInt(sum, f.MulInt(x, 3, at), at)
			}
			if sum == 0 || f.Failed() {
				b.Fatal(sum)
			}
		}
	})
	b.Run("unchecked", func(b *testing.B) {
		for b.Loop() {
			sum := int64(0)
			for _, x := range xs {
				sum += x * 3
			}
			if sum == 0 {
				b.Fatal(sum)
			}
		}
	})
}
