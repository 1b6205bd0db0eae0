package value_test

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/value"
)

// decimal reads a literal such as "12.50" and returns it with its scale.
func decimal(t testing.TB, text string) (value.Decimal, int) {
	t.Helper()
	_, fraction, _ := strings.Cut(text, ".")
	d, _, ok := value.ParseDecimal(text, value.MaxDigits, len(fraction))
	if !ok {
		t.Fatalf("ParseDecimal(%q) is no decimal", text)
	}
	return d, len(fraction)
}

func TestDecimalArithmetic(t *testing.T) {
	t.Parallel()
	const nines = "99999999999999999999999999999999999999"
	tests := []struct {
		a, op, b string
		want     string // or the reason
	}{
		{"0.10", "+", "0.20", "0.30"},
		{"1.5", "+", "-0.25", "1.25"},
		{nines, "+", "0", nines},
		{nines, "+", "1", "100000000000000000000000000000000000000 does not fit decimal(38, 0)"},
		{nines, "+", "0.1", nines + ".1 does not fit decimal(38, 1)"},
		{"19999999999999999999999999999999999999", "-", "9999999999999999999999999999999999999.5", "9999999999999999999999999999999999999.5"},
		{"2.50", "*", "-4.0", "-10.000"},
		{nines, "*", "0.5", "49999999999999999999999999999999999999.5 does not fit decimal(38, 1)"},
		{"0.0000000000000000000000000000000000005", "*", "0.10", "0.00000000000000000000000000000000000005"},
		{"0.0000000000000000000000000000000000005", "*", "0.01", "0.00000000000000000000000000000000000000"},
		{"0.0000000000000000000000000000000000015", "*", "0.01", "0.00000000000000000000000000000000000002"},
		{"1", "/", "3", "0.333333"},
		{"2", "/", "-3", "-0.666667"},
		{"0.0000025", "/", "5", "0.0000005"},
		{"0.000001", "/", "2", "0.000000"},
		{"0.000003", "/", "2", "0.000002"},
		{"1", "/", "0.00", "division by zero"},
		{nines, "/", "0.1", nines + "0.000000 does not fit decimal(38, 6)"},
		{"7.5", "%", "2", "1.5"},
		{"-7.5", "%", "2.00", "-1.50"},
		{nines, "%", "0.7", "0.3"},
		{"1", "%", "0", "division by zero"},
	}
	for _, tt := range tests {
		if got := calculate(t, tt.a, tt.op, tt.b); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s %s %s = %s, want %s", tt.a, tt.op, tt.b, got, tt.want)
		}
	}
}

// calculate returns the text of a op b, or the reason it failed for.
func calculate(t testing.TB, a, op, b string) string {
	t.Helper()
	x, xs := decimal(t, a)
	y, ys := decimal(t, b)
	var f value.Fault
	var d value.Decimal
	scale := max(xs, ys)
	switch op {
	case "+":
		d = f.AddDecimal(x, xs, y, ys, at)
	case "-":
		d = f.SubDecimal(x, xs, y, ys, at)
	case "*":
		d, scale = f.MulDecimal(x, xs, y, ys, at), min(xs+ys, value.MaxDigits)
	case "/":
		d, scale = f.DivDecimal(x, xs, y, ys, at), max(6, xs)
	case "%":
		d = f.ModDecimal(x, xs, y, ys, at)
	}
	if reason, pos := f.Take(); reason != "" {
		if d != (value.Decimal{}) || pos != at {
			t.Errorf("%s %s %s failed and gives %v at %d", a, op, b, d, pos)
		}
		return reason
	}
	return value.FormatDecimal(d, scale)
}

// randomDecimal returns the text of a number with so many digits after the
// point, of any size.
func randomDecimal(random *rand.Rand, scale int) string {
	digits := 1 + random.IntN(value.MaxDigits)
	var b strings.Builder
	for range digits {
		b.WriteByte('0' + byte(random.IntN(10)))
	}
	units, _ := new(big.Int).SetString(b.String(), 10)
	if random.IntN(8) == 0 {
		units.Exp(big.NewInt(10), big.NewInt(int64(digits-1)), nil)
	}
	if random.IntN(2) == 0 {
		units.Neg(units)
	}
	return ratOf(units, scale).FloatString(scale)
}

func ratOf(units *big.Int, scale int) *big.Rat { return new(big.Rat).SetFrac(units, ten(scale)) }

func ten(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

// inType writes r with a scale, rounded half to even, or what is wrong with it.
func inType(r *big.Rat, precision, scale int) string {
	x := new(big.Rat).Mul(r, new(big.Rat).SetInt(ten(scale)))
	// FloatString rounds halves away; at a half the even neighbour is below it.
	units, _ := new(big.Int).SetString(x.FloatString(0), 10)
	off := new(big.Rat).Sub(x, new(big.Rat).SetInt(units))
	if off.Abs(off).Cmp(big.NewRat(1, 2)) == 0 && units.Bit(0) == 1 {
		units.Sub(units, big.NewInt(int64(x.Sign())))
	}
	if units.CmpAbs(ten(precision)) >= 0 {
		return r.FloatString(scale) + fmt.Sprintf(" does not fit decimal(%d, %d)", precision, scale)
	}
	return ratOf(units, scale).FloatString(scale)
}

// TestDecimalsEqualRat compares arithmetic with fractions of any size.
func TestDecimalsEqualRat(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 10))
	for range 50_000 {
		as, bs := random.IntN(20), random.IntN(20)
		a, b := randomDecimal(random, as), randomDecimal(random, bs)
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		r := new(big.Rat)
		op, scale := []string{"+", "-", "*", "/", "%"}[random.IntN(5)], max(as, bs)
		switch op {
		case "+":
			r.Add(x, y)
		case "-":
			r.Sub(x, y)
		case "*":
			r.Mul(x, y)
			scale = min(as+bs, value.MaxDigits)
		default:
			if y.Sign() == 0 {
				continue
			}
			r.Quo(x, y)
			if op == "%" {
				whole := new(big.Int).Quo(r.Num(), r.Denom())
				r.Sub(x, y.Mul(y, new(big.Rat).SetInt(whole)))
			} else {
				scale = max(6, as)
			}
		}
		if got, want := calculate(t, a, op, b), inType(r, value.MaxDigits, scale); got != want {
			t.Fatalf("%s %s %s = %s, want %s", a, op, b, got, want)
		}
	}
}

// TestDecimalOrder compares decimals of any scales, and the bytes of keys of
// one.
func TestDecimalOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(11, 12))
	for range 20_000 {
		as, bs := random.IntN(39), random.IntN(39)
		if random.IntN(2) == 0 {
			bs = as
		}
		a, b := randomDecimal(random, as), randomDecimal(random, bs)
		if random.IntN(8) == 0 {
			b, bs = a, as
		}
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		d, _ := decimal(t, a)
		e, _ := decimal(t, b)
		want := x.Cmp(y)
		if got := value.CompareDecimals(d, as, e, bs); got != want {
			t.Fatalf("CompareDecimals(%s, %s) = %d, want %d", a, b, got, want)
		}
		if as != bs {
			continue
		}
		key, other := string(value.AppendDecimalKey(nil, d)), string(value.AppendDecimalKey(nil, e))
		if got := strings.Compare(key, other); got != want || d.Compare(e) != want || (d == e) != (want == 0) {
			t.Fatalf("keys of %s and %s compare as %d, want %d", a, b, got, want)
		}
		if got, rest := value.TakeDecimalKey(key + "rest"); got != d || rest != "rest" {
			t.Fatalf("TakeDecimalKey of the key of %s = %v %q", a, got, rest)
		}
		if (value.HashDecimal(d) == value.HashDecimal(e)) != (d == e) {
			t.Fatalf("HashDecimal of %s and %s", a, b)
		}
		if low, high := value.MinDecimal(d, e), value.MaxDecimal(d, e); low.Compare(high) > 0 {
			t.Fatalf("MinDecimal and MaxDecimal of %s and %s", a, b)
		}
		if d.Sign() != x.Sign() || d.Neg().Sign() != -x.Sign() || d.Abs() != value.MaxDecimal(d, d.Neg()) {
			t.Fatalf("Sign, Neg and Abs of %s", a)
		}
	}
}

func TestRoundDecimal(t *testing.T) {
	t.Parallel()
	tests := []struct {
		x          string
		digits     int64
		wantScale  int
		round      string
		floor, top string
	}{
		{"2.675", 2, 2, "2.68", "2", "3"},
		{"-2.675", 2, 2, "-2.68", "-3", "-2"},
		{"2.674", 2, 2, "2.67", "2", "3"},
		{"0.5", 0, 0, "1", "0", "1"},
		{"-0.4", 0, 0, "0", "-1", "0"},
		{"7", 3, 0, "7", "7", "7"},
		{"1550", -2, 0, "1600", "1550", "1550"},
		{"1549.9", -2, 1, "1500.0", "1549", "1550"},
		{"1549.9", -99, 1, "0.0", "1549", "1550"},
		{"1549.9", math.MinInt64, 1, "0.0", "1549", "1550"},
		{"9.95", 1, 2, "10.00 does not fit decimal(3, 2)", "9", "10"},
		{"99999999999999999999999999999999999999", -1, 0, "100000000000000000000000000000000000000 does not fit decimal(3, 0)",
			"99999999999999999999999999999999999999", "99999999999999999999999999999999999999"},
	}
	for _, tt := range tests {
		d, scale := decimal(t, tt.x)
		var f value.Fault
		text := func(d value.Decimal, scale int) string {
			if reason, _ := f.Take(); reason != "" {
				return reason
			}
			return value.FormatDecimal(d, scale)
		}
		precision := 38
		if strings.Contains(tt.round, "(3") {
			precision = 3
		}
		if got := text(f.RoundDecimal(d, scale, tt.digits, precision, tt.wantScale, at), tt.wantScale); got != tt.round {
			t.Errorf("round(%s, %d) = %s, want %s", tt.x, tt.digits, got, tt.round)
		}
		if got := text(f.FloorDecimal(d, scale, 38, 0, at), 0); got != tt.floor {
			t.Errorf("floor(%s) = %s, want %s", tt.x, got, tt.floor)
		}
		if got := text(f.CeilDecimal(d, scale, 38, 0, at), 0); got != tt.top {
			t.Errorf("ceil(%s) = %s, want %s", tt.x, got, tt.top)
		}
	}
}

// TestRoundDecimalEqualsRat compares rounding to any digits, in types of any
// scale, with fractions.
func TestRoundDecimalEqualsRat(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(13, 14))
	for range 20_000 {
		scale, to, precision := random.IntN(39), random.IntN(39), 1+random.IntN(38)
		digits := random.IntN(scale+6) - 5
		text := randomDecimal(random, scale)
		d, _ := decimal(t, text)
		x, _ := new(big.Rat).SetString(text)
		unit := new(big.Rat).SetInt(ten(max(digits, -digits)))
		if digits < 0 {
			unit.Inv(unit)
		}
		rounded, _ := new(big.Rat).SetString(new(big.Rat).Mul(x, unit).FloatString(0))
		want := inType(rounded.Quo(rounded, unit), precision, to)
		var f value.Fault
		got := value.FormatDecimal(f.RoundDecimal(d, scale, int64(digits), precision, to, at), to)
		if reason, _ := f.Take(); reason != "" {
			got = reason
		}
		if got != want {
			t.Fatalf("round(%s, %d) as a decimal(%d, %d) = %s, want %s", text, digits, precision, to, got, want)
		}
		if scale <= to {
			got = value.FormatDecimal(f.WidenDecimal(d, scale, precision, to, at), to)
			if reason, _ := f.Take(); reason != "" {
				got = reason
			}
			if want = inType(x, precision, to); got != want {
				t.Fatalf("%s as a decimal(%d, %d) = %s, want %s", text, precision, to, got, want)
			}
		}
	}
}

func TestDecimalConversions(t *testing.T) {
	t.Parallel()
	var f value.Fault
	for _, n := range []int64{0, 1, -1, math.MaxInt64, math.MinInt64} {
		d := value.DecimalOf(n)
		if got, back := value.FormatDecimal(d, 0), f.DecimalToInt(d, 0, at); got != strconv.FormatInt(n, 10) || back != n {
			t.Errorf("DecimalOf(%d) = %s, and back %d", n, got, back)
		}
	}
	tests := []struct {
		text      string
		wantInt   string
		wantFloat float64
	}{
		{"12.99", "12", 12.99},
		{"-12.99", "-12", -12.99},
		{"-0.99", "0", -0.99},
		{"9223372036854775807.9", "9223372036854775807", 9223372036854775807},
		{"9223372036854775808.0", "9223372036854775808.0 does not fit int", 9223372036854775808},
		{"0.12345678901234567890123456789012345678", "0", 0.12345678901234567890123456789012345678},
	}
	for _, tt := range tests {
		d, scale := decimal(t, tt.text)
		got := strconv.FormatInt(f.DecimalToInt(d, scale, at), 10)
		if reason, _ := f.Take(); reason != "" {
			got = reason
		}
		if got != tt.wantInt {
			t.Errorf("DecimalToInt(%s) = %s, want %s", tt.text, got, tt.wantInt)
		}
		if got := value.DecimalToFloat(d, scale); got != tt.wantFloat {
			t.Errorf("DecimalToFloat(%s) = %v, want %v", tt.text, got, tt.wantFloat)
		}
	}
	for x, want := range map[float64]string{
		0.1: "0.100", -2.5: "-2.500", 1e6: "1000000.000", 0.0001: "0.0001 does not fit decimal(10, 3)",
		1e7: "10000000 does not fit decimal(10, 3)", math.Inf(1): "+Inf does not fit decimal(10, 3)",
	} {
		got := value.FormatDecimal(f.FloatToDecimal(x, 10, 3, at), 3)
		if reason, _ := f.Take(); reason != "" {
			got = reason
		}
		if got != want {
			t.Errorf("FloatToDecimal(%v) = %s, want %s", x, got, want)
		}
	}
}

func TestParseDecimal(t *testing.T) {
	t.Parallel()
	const (
		noNumber = "no number"
		noFit    = "does not fit"
	)
	tests := []struct {
		text             string
		precision, scale int
		want             string
	}{
		{"-0.0001", 5, 4, "-0.0001"},
		{"1234567890123456.7890", 20, 4, "1234567890123456.7890"},
		{"99999999999999999999999999999999999999", 38, 0, "99999999999999999999999999999999999999"},
		{"100000000000000000000000000000000000000", 38, 0, noFit},
		{"0.99999999999999999999999999999999999999", 38, 38, "0.99999999999999999999999999999999999999"},
		{"12.5", 4, 2, "12.50"},
		{"12.50000", 4, 2, "12.50"},
		{"12.501", 4, 2, noFit},
		{"100", 4, 2, noFit},
		{"99.99", 4, 2, "99.99"},
		{"0012", 4, 2, "12.00"},
		{"1.25e1", 4, 2, "12.50"},
		{"1250E-2", 4, 2, "12.50"},
		{"1.25e+01", 4, 2, "12.50"},
		{"0.0000000000000000000000000000000000000000000000012e49", 4, 2, "12.00"},
		{"1200000000000000000000000000000000000000000000000e-47", 4, 2, "12.00"},
		{"1e99999999999999999999", 4, 2, noFit},
		{"1e-99999999999999999999", 4, 2, noFit},
		{"0e99999999999999999999", 4, 2, "0.00"},
		{"-0", 4, 2, "0.00"},
		{"+1", 4, 2, "1.00"},
		{"12345678901234567890123456789012345678901", 4, 2, noFit},
		{"", 4, 2, noNumber},
		{"-", 4, 2, noNumber},
		{".5", 4, 2, "0.50"},
		{"5.", 4, 2, "5.00"},
		{".", 4, 2, noNumber},
		{".e1", 4, 2, noNumber},
		{"1e", 4, 2, noNumber},
		{"1e+", 4, 2, noNumber},
		{"1.2.3", 4, 2, noNumber},
		{"0x10", 4, 2, noNumber},
		{"1_000", 4, 2, noNumber},
		{"NaN", 4, 2, noNumber},
		{" 1", 4, 2, noNumber},
		{"12.50d", 4, 2, noNumber},
	}
	for _, tt := range tests {
		d, number, ok := value.ParseDecimal(tt.text, tt.precision, tt.scale)
		got := value.FormatDecimal(d, tt.scale)
		if !ok {
			got = noFit
		}
		if !number {
			got = noNumber
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("ParseDecimal(%q, %d, %d) (-want +got):\n%s", tt.text, tt.precision, tt.scale, diff)
		}
	}
}

// FuzzParseDecimal compares what is read with fractions, and reads what is
// written.
func FuzzParseDecimal(f *testing.F) {
	for _, seed := range []string{"-0.0001", "12.50", "1e5", "1.5E-3", "00", "123456789012345678901234567890.12345678", "5.", "x"} {
		f.Add(seed, uint8(38), uint8(4))
	}
	f.Fuzz(func(t *testing.T, text string, precision, scale uint8) {
		p := 1 + int(precision)%38
		s := int(scale) % (p + 1)
		d, number, ok := value.ParseDecimal(text, p, s)
		if ok && !number {
			t.Fatalf("ParseDecimal(%q) fits and is no number", text)
		}
		if len(text) > 60 || strings.ContainsAny(text, "eE") && len(text) > 8 {
			return // a fraction would take its time
		}
		x, isRat := new(big.Rat).SetString(text)
		if number && !isRat {
			t.Fatalf("ParseDecimal(%q) is a number, which it is not", text)
		}
		if !number {
			return
		}
		want := inType(x, p, s)
		back, _ := new(big.Rat).SetString(strings.Fields(want)[0])
		if fits := !strings.Contains(want, " ") && back.Cmp(x) == 0; fits != ok {
			t.Fatalf("ParseDecimal(%q, %d, %d) fits: %t, want %t", text, p, s, ok, fits)
		}
		if ok && value.FormatDecimal(d, s) != want {
			t.Fatalf("ParseDecimal(%q, %d, %d) = %s, want %s", text, p, s, value.FormatDecimal(d, s), want)
		}
	})
}

// BenchmarkDecimal is what a ledger does for each booking: read an amount, add
// it to a balance, write that.
func BenchmarkDecimal(b *testing.B) {
	var f value.Fault
	x, xs := decimal(b, "1234.56")
	y, ys := decimal(b, "0.075")
	var sum value.Decimal
	b.Run("add", func(b *testing.B) {
		for b.Loop() {
			sum = f.AddDecimal(sum, xs, x, xs, at)
		}
	})
	b.Run("add of another scale", func(b *testing.B) {
		for b.Loop() {
			sum = f.AddDecimal(x, xs, y, ys, at)
		}
	})
	b.Run("mul", func(b *testing.B) {
		for b.Loop() {
			sum = f.MulDecimal(x, xs, y, ys, at)
		}
	})
	b.Run("div", func(b *testing.B) {
		for b.Loop() {
			sum = f.DivDecimal(x, xs, y, ys, at)
		}
	})
	b.Run("round", func(b *testing.B) {
		for b.Loop() {
			sum = f.RoundDecimal(y, ys, 2, 12, 2, at)
		}
	})
	b.Run("parse", func(b *testing.B) {
		for b.Loop() {
			sum, _, _ = value.ParseDecimal("-1234567.89", 12, 2)
		}
	})
	b.Run("append", func(b *testing.B) {
		var buf [48]byte
		for b.Loop() {
			value.AppendDecimal(buf[:0], x, xs)
		}
	})
}
