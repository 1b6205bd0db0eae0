package cli

// maxDiffered is how many lines of each side are compared one by one.
const maxDiffered = 1000

// difference shows how got differs from want: "  " begins the lines of both,
// "- " those that are missing, "+ " those that should not be there.
func difference(want, got []string) []string {
	out := []string{"- wanted, + got"}
	if len(want) > maxDiffered || len(got) > maxDiffered {
		want, got = want[:min(len(want), maxDiffered)], got[:min(len(got), maxDiffered)]
	}
	// common[i][k] is the length of the longest common part of want[i:] and got[k:].
	common := make([][]int, len(want)+1)
	for i := range common {
		common[i] = make([]int, len(got)+1)
	}
	for i := len(want) - 1; i >= 0; i-- {
		for k := len(got) - 1; k >= 0; k-- {
			if want[i] == got[k] {
				common[i][k] = common[i+1][k+1] + 1
			} else {
				common[i][k] = max(common[i+1][k], common[i][k+1])
			}
		}
	}
	i, k := 0, 0
	for i < len(want) || k < len(got) {
		switch {
		case i < len(want) && k < len(got) && want[i] == got[k]:
			out = append(out, "  "+want[i])
			i, k = i+1, k+1
		case k == len(got) || i < len(want) && common[i+1][k] >= common[i][k+1]:
			out = append(out, "- "+want[i])
			i++
		default:
			out = append(out, "+ "+got[k])
			k++
		}
	}
	return out
}
