package value_test

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/value"
)

// TestDatesEqualPackageTime holds every day from 0001-01-01 to 9999-12-31 to
// package time.
func TestDatesEqualPackageTime(t *testing.T) {
	t.Parallel()
	moment := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	for d := value.MinDate; d <= value.MaxDate; d++ {
		year, month, day := moment.Date()
		if d.Year() != int64(year) || d.Month() != int64(month) || d.Day() != int64(day) ||
			d.Weekday()%7 != int64(moment.Weekday()) || d.Weekday() == 0 {
			t.Fatalf("day %d is %d-%d-%d, weekday %d, want %v", d, d.Year(), d.Month(), d.Day(), d.Weekday(), moment)
		}
		var buf [10]byte
		text := value.AppendDate(buf[:0], d)
		if back, ok := value.ParseDate(text); !ok || back != d {
			t.Fatalf("%s reads back as %d, %t, want %d", text, back, ok, d)
		}
		moment = moment.Add(24 * time.Hour)
	}
	if moment.Year() != 10000 {
		t.Errorf("the last day is the one before %v", moment)
	}
}

// TestTimestampsEqualPackageTime holds random times to package time.
func TestTimestampsEqualPackageTime(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 8))
	span := uint64(value.MaxTime-value.MinTime) + 1
	for i := range 100_000 {
		at := value.MinTime + value.Timestamp(rng.Uint64N(span))
		switch i % 5 {
		case 0:
			at -= at % value.Timestamp(value.Second)
		case 1:
			at -= at % value.Timestamp(value.Millisecond)
		case 2:
			at = value.Timestamp(rng.Int64N(4e15) - 2e15)
		}
		moment := time.UnixMicro(int64(at)).UTC()
		want := []int64{
			int64(moment.Year()), int64(moment.Month()), int64(moment.Day()), int64(moment.Hour()),
			int64(moment.Minute()), int64(moment.Second()), moment.UnixMilli(), int64(moment.Weekday()+6)%7 + 1,
		}
		got := []int64{at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.UnixMs(), at.Weekday()}
		if !slices.Equal(want, got) {
			t.Fatalf("fields of %v = %v, want %v", moment, got, want)
		}
		text := value.FormatTimestamp(at)
		if text != moment.Format(time.RFC3339Nano) {
			t.Fatalf("FormatTimestamp(%d) = %s, want %s", at, text, moment.Format(time.RFC3339Nano))
		}
		if back, ok := value.ParseRFC3339(text); !ok || back != at {
			t.Fatalf("%s reads back as %d, %t, want %d", text, back, ok, at)
		}
		leads(t, text+`"}`, at, len(text))
		zoned := moment.In(time.FixedZone("", (rng.IntN(2*24*60-1)-24*60+1)*60))
		if zoned.Year() < 1 || zoned.Year() > 9999 {
			continue
		}
		if back, ok := value.ParseRFC3339([]byte(zoned.Format(time.RFC3339Nano))); !ok || back != at {
			t.Fatalf("%s reads back as %d, %t, want %d", zoned.Format(time.RFC3339Nano), back, ok, at)
		}
		var f value.Fault
		d := value.Duration(rng.Int64N(int64(400 * value.Day)))
		if start := f.Truncate(at, d+1, 0); !f.Failed() && (start > at || at-start > value.Timestamp(d) || int64(start)%int64(d+1) != 0) {
			t.Fatalf("Truncate(%d, %d) = %d", at, d+1, start)
		}
	}
}

func TestTimeArithmetic(t *testing.T) {
	t.Parallel()
	var f value.Fault
	noon := parseTime(t, "2024-03-31T12:00:00Z")
	got := []string{
		value.FormatTimestamp(f.AddTime(noon, 90*value.Minute, 0)),
		value.FormatTimestamp(f.SubTime(noon, value.Day, 0)),
		value.FormatTimestamp(f.AddTime(value.MinTime, value.Duration(value.MaxTime-value.MinTime), 0)),
		value.FormatDuration(value.Since(noon, parseTime(t, "2024-03-30T22:30:00Z"))),
		value.FormatTimestamp(f.Truncate(noon+1, value.Hour, 0)),
		value.FormatTimestamp(f.Truncate(-1, value.Hour, 0)),
		value.FormatTimestamp(f.Truncate(-7200_000_000, value.Hour, 0)),
		value.FormatDate(value.DateOf(-1)),
		strconv.FormatInt(value.Timestamp(-1).UnixMs(), 10),
		value.FormatDuration(f.GCDDuration(-4*value.Hour, 6*value.Hour, 0)),
		value.FormatDuration(f.DivDurationInt(value.Hour, 3, 0)),
		strconv.FormatInt(f.DivDuration(value.Hour, 7*value.Minute, 0), 10),
		value.FormatDuration(f.ModDuration(value.Hour, 7*value.Minute, 0)),
		value.FormatDuration(f.AbsDuration(-value.Hour, 0)),
		value.FormatDuration(f.NegDuration(value.Hour, 0)),
		value.FormatTimestamp(f.InZone(parseTime(t, "2024-03-31T00:59:58Z"), "Europe/Berlin", 0)),
		value.FormatTimestamp(f.InZone(parseTime(t, "2024-03-31T01:00:03Z"), "Europe/Berlin", 0)),
	}
	want := []string{
		"2024-03-31T13:30:00Z", "2024-03-30T12:00:00Z", "9999-12-31T23:59:59.999999Z", "13h30m",
		"2024-03-31T12:00:00Z", "1969-12-31T23:00:00Z", "1969-12-31T22:00:00Z", "1969-12-31", "-1",
		"2h", "20m", "8", "4m", "1h", "-1h", "2024-03-31T01:59:58Z", "2024-03-31T03:00:03Z",
	}
	if diff := cmp.Diff(want, got); diff != "" || f.Failed() {
		t.Errorf("failed = %t (-want +got):\n%s", f.Failed(), diff)
	}
}

func parseTime(t *testing.T, text string) value.Timestamp {
	t.Helper()
	at, ok := value.ParseRFC3339(text)
	if !ok {
		t.Fatalf("%s is no time", text)
	}
	return at
}

func TestTimesThatAreNone(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "2024-05-01", "2024-05-01T12:00:00", "2024-05-01T12:00:00z", "2024-05-01t12:00:00Z", "2024-05-01 12:00:00Z",
		"2024-05-01T24:00:00Z", "2024-05-01T12:60:00Z", "2024-05-01T12:00:60Z", "2024-02-30T12:00:00Z", "2023-02-29T12:00:00Z",
		"2024-00-01T12:00:00Z", "2024-01-00T12:00:00Z", "2024-13-01T12:00:00Z", "0000-01-01T00:00:00Z", "2024-05-01T12:00:00.Z",
		"2024-05-01T12:00:00.5", "2024-05-01T12:00:00+0200", "2024-05-01T12:00:00+24:00", "2024-05-01T12:00:00+02:60",
		"2024-05-01T12:00:00Zx", "9999-12-31T23:59:59-00:01", "0001-01-01T00:00:00+00:01", "2024/05/01T12:00:00Z",
		"2024-05-01T12-00:00Z", "2024-05-01T12:00-00Z", "x024-05-01T12:00:00Z", "2024-05-01T1x:00:00Z", "2024-05-01T12:00:00 02:00",
	} {
		if at, ok := value.ParseRFC3339(text); ok {
			t.Errorf("ParseRFC3339(%q) = %s", text, value.FormatTimestamp(at))
		}
	}
	for _, text := range []string{"", "2024-5-1", "2024-05-01x", "2024-04-31", "1900-02-29", "0000-01-01", "20240501", "2024-05/01", "-024-05-01"} {
		if d, ok := value.ParseDate(text); ok {
			t.Errorf("ParseDate(%q) = %s", text, value.FormatDate(d))
		}
	}
}

func TestParseTimestampLayout(t *testing.T) {
	t.Parallel()
	tests := []struct{ text, layout, want string }{
		{"01.05.2024 12:30", "02.01.2006 15:04", "2024-05-01T12:30:00Z"},
		{"2024-05-01 12:30:00.1234567", "2006-01-02 15:04:05", "2024-05-01T12:30:00.123456Z"},
		{"2024-05-01 12:30 +0200", "2006-01-02 15:04 -0700", "2024-05-01T10:30:00Z"},
		{"01.05.2024", "02.01.2006 15:04", ""},
		{"0000-05-01", "2006-01-02", ""},
		{"0001-01-01 00:00 +0100", "2006-01-02 15:04 -0700", ""},
		{"9999-12-31 23:59:59.9999999", "2006-01-02 15:04:05", "9999-12-31T23:59:59.999999Z"},
		{"9999-12-31 23:59 -0100", "2006-01-02 15:04 -0700", ""},
	}
	for _, tt := range tests {
		got := ""
		if at := value.ParseTimestamp(tt.text, tt.layout); at.OK {
			got = value.FormatTimestamp(at.V)
		}
		if got != tt.want {
			t.Errorf("ParseTimestamp(%q, %q) = %q, want %q", tt.text, tt.layout, got, tt.want)
		}
	}
}

func TestDurations(t *testing.T) {
	t.Parallel()
	tests := []struct {
		d    value.Duration
		text string
	}{
		{0, "0s"},
		{1, "1us"},
		{value.Day + 2*value.Hour, "1d2h"},
		{2*value.Second + 500*value.Millisecond, "2s500ms"},
		{value.Day + 2*value.Hour + 3*value.Minute + 4*value.Second + 5*value.Millisecond + 6, "1d2h3m4s5ms6us"},
		{-5 * value.Minute, "-5m"},
		{math.MaxInt64, "106751991d4h54s775ms807us"},
		{math.MinInt64, "-106751991d4h54s775ms808us"},
	}
	for _, tt := range tests {
		if got := value.FormatDuration(tt.d); got != tt.text {
			t.Errorf("FormatDuration(%d) = %s, want %s", tt.d, got, tt.text)
		}
		if got, ok := value.ParseDuration(tt.text); !ok || got != tt.d {
			t.Errorf("ParseDuration(%s) = %d, %t, want %d", tt.text, got, ok, tt.d)
		}
	}
	if got, ok := value.ParseDuration("90m"); !ok || got != 90*value.Minute {
		t.Errorf("ParseDuration(90m) = %d, %t", got, ok)
	}
	for _, text := range []string{
		"", "-", "5", "s", "5x", "1h1d", "1h1h", "1.5s", "+1s", "1s ", "--1s", "106751991d4h54s775ms808us",
		"-106751991d4h54s775ms809us", "99999999999999999999d", "1000000000d", "9223372036854775807us1us", "18446744073709551615us",
	} {
		if got, ok := value.ParseDuration(text); ok {
			t.Errorf("ParseDuration(%q) = %s", text, value.FormatDuration(got))
		}
	}
}

func TestUUIDs(t *testing.T) {
	t.Parallel()
	const text = "123e4567-e89b-12d3-a456-426614174000"
	u, ok := value.ParseUUID("123E4567-E89B-12d3-a456-426614174000")
	if !ok || value.FormatUUID(u) != text || u[0] != 0x12 || u[15] != 0 {
		t.Errorf("ParseUUID = %s, %t, want %s", value.FormatUUID(u), ok, text)
	}
	for _, text := range []string{"", text[1:], text + "0", "123e4567+e89b-12d3-a456-426614174000", "123e456g-e89b-12d3-a456-426614174000", "{23e4567-e89b-12d3-a456-42661417400}"} {
		if u, ok := value.ParseUUID(text); ok {
			t.Errorf("ParseUUID(%q) = %s", text, value.FormatUUID(u))
		}
	}
}

func TestFloatTexts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		x    float64
		want string
	}{
		{5, "5"}, {2.5, "2.5"}, {1e20, "100000000000000000000"}, {1e21, "1e+21"}, {1e-6, "0.000001"}, {1e-7, "1e-7"},
		{math.Copysign(0, -1), "-0"}, {-0.1, "-0.1"}, {0.3, "0.3"}, {0.30000000000000004, "0.30000000000000004"},
		{math.NaN(), "NaN"}, {math.Inf(1), "+Inf"}, {1e15, "1000000000000000"}, {123456.789012, "123456.789012"},
		{999999999.999999, "999999999.999999"}, {1e100, "1e+100"},
	}
	for _, tt := range tests {
		if got := value.FormatFloat(tt.x); got != tt.want {
			t.Errorf("FormatFloat(%v) = %s, want %s", tt.x, got, tt.want)
		}
	}
	if got := value.FormatFloat32(0.1); got != "0.1" {
		t.Errorf("FormatFloat32(0.1) = %s", got)
	}
}

func TestAppendIntEqualsStrconv(t *testing.T) {
	t.Parallel()
	check := func(n int64) {
		t.Helper()
		if want, got := strconv.FormatInt(n, 10), string(value.AppendInt([]byte("n="), n)); got != "n="+want {
			t.Fatalf("AppendInt(%s) = %s", want, got)
		}
	}
	check(math.MinInt64)
	check(math.MaxInt64)
	for power := int64(1); power > 0 && power < 1e18; power *= 10 {
		for d := int64(-2); d <= 2; d++ {
			check(power + d)
			check(-power + d)
		}
	}
	rng := rand.New(rand.NewPCG(11, 12))
	for range 100_000 {
		check(int64(rng.Uint64()) >> rng.UintN(64))
	}
}

// leads checks that a time of n bytes is read at the beginning of any part of text
// that holds it.
func leads(t *testing.T, text string, at value.Timestamp, n int) {
	t.Helper()
	var recent value.Recent
	for range 2 { // the second time its minute is known
		for end := range len(text) + 1 {
			got, took := recent.LeadingTime([]byte(text[:end]))
			if end < n && took != 0 || end >= n && (took != n || got != at) {
				t.Fatalf("LeadingTime(%q) = %d of %d bytes, want %d of %d", text[:end], got, took, at, n)
			}
		}
	}
}

// TestLeadingTimeLeaves holds that a time of another form is left to who reads any.
func TestLeadingTimeLeaves(t *testing.T) {
	t.Parallel()
	var recent value.Recent
	recent.LeadingTime([]byte("2024-05-01T12:00:00Z"))
	for _, text := range []string{
		"2024-05-01T12:00:00+02:00", "2024-05-01T12:00:00.1234567Z", "2024-05-01T12:00:00.12345678Z", "2024-05-01T12:00:00.Z",
		"2024-05-01T12:00:00.5", "2024-05-01T12:00:60Z", "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00:00Z",
		"2024-05-01T12:00-00Z", "2024-05-01T12:00:0/Z", "2024-02-30T12:00:00Z", "2024-05-01 12:00:00Z", "",
	} {
		for _, r := range []*value.Recent{{}, &recent} {
			if at, n := r.LeadingTime([]byte(text)); n != 0 {
				t.Errorf("LeadingTime(%q) = %d of %d bytes", text, at, n)
			}
		}
	}
}

func TestLeadingDigits(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(13, 14))
	for range 100_000 {
		var text [8]byte
		for i := range text {
			text[i] = "0123456789"[rng.IntN(10)]
		}
		want := rng.IntN(9)
		if want < 8 {
			for text[want]-'0' <= 9 {
				text[want] = byte(rng.Uint32())
			}
		}
		n, digits := value.LeadingDigits(binary.LittleEndian.Uint64(text[:]))
		if sum, _ := strconv.ParseUint(string(text[:want]), 10, 64); digits != want || n != sum {
			t.Fatalf("LeadingDigits(%q) = %d of %d digits, want %d of %d", text, n, digits, sum, want)
		}
	}
}

// TestParsersTakeAnything runs the parsers over random text, for panics.
func TestParsersTakeAnything(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 10))
	var recent value.Recent
	seeds := []string{"2024-05-01T12:00:00.5+02:00", "123e4567-e89b-12d3-a456-426614174000", "1d2h3m4s5ms6us", "2024-05-01"}
	for range 50_000 {
		text := []byte(seeds[rng.IntN(len(seeds))])
		for range rng.IntN(4) {
			text[rng.IntN(len(text))] = byte(rng.Uint32())
		}
		text = text[:rng.IntN(len(text)+1)]
		if at, ok := value.ParseRFC3339(text); ok && (at < value.MinTime || at > value.MaxTime) {
			t.Fatalf("ParseRFC3339(%q) = %d", text, at)
		}
		if d, ok := value.ParseDuration(text); ok {
			if back, ok := value.ParseDuration(value.FormatDuration(d)); !ok || back != d {
				t.Fatalf("%q = %d reads back as %d", text, d, back)
			}
		}
		if at, n := recent.LeadingTime(text); n > 0 {
			if whole, ok := value.ParseRFC3339(text[:n]); !ok || whole != at {
				t.Fatalf("LeadingTime(%q) = %d of %d bytes, ParseRFC3339 gives %d, %t", text, at, n, whole, ok)
			}
		}
		value.ParseUUID(text)
		value.ParseDate(text)
		_ = value.FormatTimestamp(value.Timestamp(rng.Uint64()))
		_ = value.FormatDate(value.Date(rng.Uint32()))
	}
}

// BenchmarkTimestamp measures the text of a time, there and back.
func BenchmarkTimestamp(b *testing.B) {
	for _, text := range []string{"2024-05-01T12:00:00Z", "2024-05-01T12:00:00.123456Z", "2024-05-01T12:00:00+02:00"} {
		b.Run("parse/"+text, func(b *testing.B) {
			raw := []byte(text)
			for b.Loop() {
				if _, ok := value.ParseRFC3339(raw); !ok {
					b.Fatal(text)
				}
			}
		})
		b.Run("append/"+text, func(b *testing.B) {
			at, _ := value.ParseRFC3339(text)
			var buf [32]byte
			for b.Loop() {
				value.AppendTimestamp(buf[:0], at)
			}
		})
	}
}

// BenchmarkAppendFloat measures prices, measures and numbers of all digits
// beside strconv.
func BenchmarkAppendFloat(b *testing.B) {
	for _, x := range []float64{5, 1234.56, 21.125, 0.30000000000000004} {
		b.Run("value/"+value.FormatFloat(x), func(b *testing.B) {
			var buf [32]byte
			for b.Loop() {
				value.AppendFloat(buf[:0], x)
			}
		})
		b.Run("strconv/"+value.FormatFloat(x), func(b *testing.B) {
			var buf [32]byte
			for b.Loop() {
				strconv.AppendFloat(buf[:0], x, 'f', -1, 64)
			}
		})
	}
}
