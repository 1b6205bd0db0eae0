package value

import (
	"math"
	"time"
)

// AddTime returns t + d. It fails if that is outside the years 1 to 9999.
func (f *Fault) AddTime(t Timestamp, d Duration, at Pos) Timestamp {
	// A sum that wraps round lies far outside the years, too.
	c := t + Timestamp(d)
	if uint64(c-MinTime) > uint64(MaxTime-MinTime) {
		return f.outsideTime(t, " + ", d, at)
	}
	return c
}

// SubTime returns t - d. It fails if that is outside the years 1 to 9999.
func (f *Fault) SubTime(t Timestamp, d Duration, at Pos) Timestamp {
	c := t - Timestamp(d)
	if uint64(c-MinTime) > uint64(MaxTime-MinTime) {
		return f.outsideTime(t, " - ", d, at)
	}
	return c
}

//go:noinline
func (f *Fault) outsideTime(t Timestamp, op string, d Duration, at Pos) Timestamp {
	f.Fail(at, FormatTimestamp(t)+op+durationOperand(d)+" is outside the years 1 to 9999")
	return 0
}

// durationOperand writes d as a right operand.
func durationOperand(d Duration) string {
	if d < 0 {
		return "(" + FormatDuration(d) + ")"
	}
	return FormatDuration(d)
}

// Since returns a - b.
func Since(a, b Timestamp) Duration { return Duration(a - b) }

// AddDuration returns a + b. It fails on overflow.
func (f *Fault) AddDuration(a, b Duration, at Pos) Duration {
	c := a + b
	if (c > a) == (b > 0) {
		return c
	}
	return f.addDurationOverflow(a, b, at)
}

// SubDuration returns a - b. It fails on overflow.
func (f *Fault) SubDuration(a, b Duration, at Pos) Duration {
	c := a - b
	if (c < a) == (b > 0) {
		return c
	}
	return f.subDurationOverflow(a, b, at)
}

// NegDuration returns -d. It fails on overflow.
func (f *Fault) NegDuration(d Duration, at Pos) Duration {
	if d == math.MinInt64 {
		return f.overflowDuration("-(", d, ")", at)
	}
	return -d
}

// AbsDuration returns d without its sign. It fails on overflow.
func (f *Fault) AbsDuration(d Duration, at Pos) Duration {
	if d == math.MinInt64 {
		return f.overflowDuration("abs(", d, ")", at)
	}
	return max(d, -d)
}

// MulDuration returns d * n. It fails on overflow.
func (f *Fault) MulDuration(d Duration, n int64, at Pos) Duration {
	if c, ok := mulOK(int64(d), n); ok {
		return Duration(c)
	}
	return f.overflowDuration("", d, " * "+operand(n), at)
}

// DivDurationInt returns d / n, cut toward zero. It fails if n is 0, and on
// overflow.
func (f *Fault) DivDurationInt(d Duration, n int64, at Pos) Duration {
	return Duration(f.DivInt(int64(d), n, at))
}

// DivDuration returns how often b goes into a, cut toward zero. It fails if b
// is 0, and on overflow.
func (f *Fault) DivDuration(a, b Duration, at Pos) int64 {
	return f.DivInt(int64(a), int64(b), at)
}

// ModDuration returns the remainder of a / b, which has the sign of a. It
// fails if b is 0.
func (f *Fault) ModDuration(a, b Duration, at Pos) Duration {
	return Duration(f.ModInt(int64(a), int64(b), at))
}

// GCDDuration returns the greatest duration that goes into both a and b
// without a remainder; it is 0 only if both are. It fails on overflow.
func (f *Fault) GCDDuration(a, b Duration, at Pos) Duration {
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	return f.AbsDuration(x, at)
}

//go:noinline
func (f *Fault) addDurationOverflow(a, b Duration, at Pos) Duration {
	return f.overflowDuration("", a, " + "+durationOperand(b), at)
}

//go:noinline
func (f *Fault) subDurationOverflow(a, b Duration, at Pos) Duration {
	return f.overflowDuration("", a, " - "+durationOperand(b), at)
}

//go:noinline
func (f *Fault) overflowDuration(before string, a Duration, after string, at Pos) Duration {
	f.Fail(at, "duration overflow in "+before+FormatDuration(a)+after)
	return 0
}

// Truncate returns the last multiple of d since 1970 that is not after t, also
// before 1970. It fails unless d is positive and the result in the years 1 to
// 9999.
func (f *Fault) Truncate(t Timestamp, d Duration, at Pos) Timestamp {
	if t >= 0 && d > 0 {
		return t - t%Timestamp(d)
	}
	return f.truncateEdge(t, d, at)
}

// truncateEdge truncates times before 1970 and refuses bad lengths.
//
//go:noinline
func (f *Fault) truncateEdge(t Timestamp, d Duration, at Pos) Timestamp {
	if d > 0 {
		// The remainder of (t+1)/d lies in (-d, 0].
		if start := t - (t+1)%Timestamp(d) - Timestamp(d) + 1; start >= MinTime {
			return start
		}
	}
	reason := " is not positive, as the length to truncate to must be"
	if d > 0 {
		reason = " reaches from " + FormatTimestamp(t) + " to before the year 1"
	}
	f.Fail(at, FormatDuration(d)+reason)
	return 0
}

// A zone is a named time zone that a task has met.
type zone struct{ location *time.Location }

// InZone returns the wall clock of the named zone (such as "Europe/Berlin") at
// t, written as if it were UTC: its fields are those of the zone. It fails if
// there is no zone of that name; the names "" and "Local" stand for none, as
// their meaning would depend on the machine.
//
// Zones come from the machine's database, or from time/tzdata where the
// program links it.
func (f *Fault) InZone(t Timestamp, name string, at Pos) Timestamp {
	z, ok := f.zones[name]
	if !ok {
		if z = f.loadZone(name, at); z == nil {
			return 0
		}
	}
	_, offset := time.UnixMicro(int64(t)).In(z.location).Zone()
	return f.AddTime(t, Duration(offset)*Second, at)
}

// loadZone returns nil after a failure.
func (f *Fault) loadZone(name string, at Pos) *zone {
	location, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		f.Fail(at, "unknown time zone "+quote(name))
		return nil
	}
	if f.zones == nil {
		f.zones = map[string]*zone{}
	}
	z := &zone{location}
	f.zones[name] = z
	return z
}

// DateOf returns the day of t in UTC.
func DateOf(t Timestamp) Date {
	return Date(sinceYear1(t)/uint64(Day)) + MinDate
}

// sinceYear1 returns the microseconds from MinTime to t; a t that is no valid
// time counts as the nearest border.
func sinceYear1(t Timestamp) uint64 {
	return uint64(min(max(t, MinTime), MaxTime) - MinTime)
}

// ofDay returns the microseconds since midnight.
func ofDay(t Timestamp) uint64 { return sinceYear1(t) % uint64(Day) }

// Year returns the year of t in UTC, 1 to 9999.
func (t Timestamp) Year() int64 { return DateOf(t).Year() }

// Month returns the month of t in UTC, 1 to 12.
func (t Timestamp) Month() int64 { return DateOf(t).Month() }

// Day returns the day of the month of t in UTC, 1 to 31.
func (t Timestamp) Day() int64 { return DateOf(t).Day() }

// Weekday returns the day of the week of t in UTC: 1 is Monday, 7 Sunday.
func (t Timestamp) Weekday() int64 { return DateOf(t).Weekday() }

// Hour returns the hour of t in UTC, 0 to 23.
func (t Timestamp) Hour() int64 { return int64(ofDay(t) / uint64(Hour)) }

// Minute returns the minute of t in UTC, 0 to 59.
func (t Timestamp) Minute() int64 { return int64(sinceYear1(t) % uint64(Hour) / uint64(Minute)) }

// Second returns the second of t in UTC, 0 to 59.
func (t Timestamp) Second() int64 { return int64(sinceYear1(t) % uint64(Minute) / uint64(Second)) }

// UnixMs returns the milliseconds from 1970 to t, cut downwards.
func (t Timestamp) UnixMs() int64 {
	return int64(sinceYear1(t)/uint64(Millisecond)) + int64(MinTime/Timestamp(Millisecond))
}

// Year returns the year of d, 1 to 9999.
func (d Date) Year() int64 { y, _, _ := d.civil(); return int64(y) }

// Month returns the month of d, 1 to 12.
func (d Date) Month() int64 { _, m, _ := d.civil(); return int64(m) }

// Day returns the day of the month of d, 1 to 31.
func (d Date) Day() int64 { _, _, day := d.civil(); return int64(day) }

// Weekday returns the day of the week of d: 1 is Monday, 7 Sunday.
func (d Date) Weekday() int64 {
	// 0001-01-01 was a Monday.
	return int64(uint32(d.valid()-MinDate)%7) + 1
}

// valid returns d, or the border nearest to it.
func (d Date) valid() Date { return min(max(d, MinDate), MaxDate) }

// civil returns d as a year, a month and a day of the month.
//
// Source: Neri and Schneider, "Euclidean affine functions and their
// application to calendar algorithms", Software: Practice and Experience 53(4),
// 2023. Their years begin in March, 306 days before January of the year 1.
func (d Date) civil() (year, month, day uint32) {
	n := 4*uint32(d.valid()-MinDate+306) + 3
	century := n / 146097
	p := 2939745 * uint64(n%146097|3)
	dayOfYear := uint32(p) / 2939745 / 4
	m := 2141*dayOfYear + 197913
	year, month, day = 100*century+uint32(p>>32), m>>16, m&0xffff/2141+1
	if dayOfYear >= 306 {
		year, month = year+1, month-12
	}
	return year, month, day
}

// dateOf returns the day of year, month, day and whether there is such a day
// in the years 1 to 9999.
func dateOf(year, month, day uint32) (Date, bool) {
	if year-1 > 9998 || month-1 > 11 || day-1 >= daysIn(year, month) {
		return 0, false
	}
	y := year
	if month <= 2 {
		y, month = y-1, month+12
	}
	// The inverse of civil, from the same source.
	n := 1461*y/4 - y/100 + y/400 + (979*month-2919)/32 + day - 1
	return Date(n) - 306 + MinDate, true
}

// daysIn returns the number of days of a month from 1 to 12.
func daysIn(year, month uint32) uint32 {
	if month == 2 {
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 30 | (month^month>>3)&1
}
