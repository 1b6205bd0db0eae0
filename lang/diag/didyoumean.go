package diag

import (
	"math/bits"
	"strings"
)

// DidYouMean returns `did you mean "NAME"?` for the candidate that is nearest
// to name, or "" if none is near. Of several that are equally near the first
// wins, so the order of candidates should be one the reader expects.
//
// Near is at most a third of the letters typed wrongly, left out, put in, or
// swapped with the next one; upper and lower case count as equal.
func DidYouMean(name string, candidates []string) string {
	best, least := "", len(name)/3+1
	lower, letters := strings.ToLower(name), lettersOf(name)
	var rows [3][]int
	for _, c := range candidates {
		if c == name || len(c)-len(name) >= least || len(name)-len(c) >= least {
			continue
		}
		// Each letter that only one of them has takes an edit of its own.
		if other := lettersOf(c); bits.OnesCount64(letters&^other) >= least || bits.OnesCount64(other&^letters) >= least {
			continue
		}
		if d := distance(lower, strings.ToLower(c), least, &rows); d < least {
			best, least = c, d
		}
	}
	if best == "" {
		return ""
	}
	return `did you mean "` + best + `"?`
}

// lettersOf has a bit for each letter of s, upper and lower case alike. Others
// may share one.
func lettersOf(s string) (set uint64) {
	for i := range len(s) {
		set |= 1 << ((s[i] | 0x20) & 63)
	}
	return set
}

// distance is the least number of letters put in, left out, changed, or swapped
// with the next that make b of a; limit or more if it is at least limit. It works
// in rows, which it makes longer as need be.
//
// It is the optimal string alignment distance. Source: Damerau, "A technique
// for computer detection and correction of spelling errors", CACM 7(3), 1964.
func distance(a, b string, limit int, rows *[3][]int) int {
	for i := range rows {
		if len(rows[i]) <= len(b) {
			rows[i] = make([]int, 2*len(b)+1)
		}
	}
	before, last, row := rows[0], rows[1], rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
			least = min(least, row[j])
		}
		if least > limit { // a swap may still take one off what two rows before had
			return limit
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
