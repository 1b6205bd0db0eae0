package diag

import "strings"

// DidYouMean returns `did you mean "NAME"?` for the candidate that is nearest
// to name, or "" if none is near. Of several that are equally near the first
// wins, so the order of candidates should be one the reader expects.
//
// Near is at most a third of the letters typed wrongly, left out, put in, or
// swapped with the next one; upper and lower case count as equal.
func DidYouMean(name string, candidates []string) string {
	best, least := "", len(name)/3+1
	for _, c := range candidates {
		if c == name {
			continue
		}
		if d := distance(strings.ToLower(name), strings.ToLower(c), least); d < least {
			best, least = c, d
		}
	}
	if best == "" {
		return ""
	}
	return `did you mean "` + best + `"?`
}

// distance is the least number of letters put in, left out, changed, or swapped
// with the next that make b of a; limit or more if it is at least limit.
//
// It is the optimal string alignment distance. Source: Damerau, "A technique
// for computer detection and correction of spelling errors", CACM 7(3), 1964.
func distance(a, b string, limit int) int {
	if len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
