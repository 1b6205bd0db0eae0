package gen

import (
	"fmt"

	"github.com/flow-lang/flowc/typecheck/types"
)

// declared is an aggregate that the program declares, over one value.
type declared struct {
	name          string
	param, result types.Type
}

// makeAggregates declares aggregates that keep values, sets, lists and maps.
// What they give does not depend on how records were grouped before a merge.
func (g *generator) makeAggregates() {
	if !g.has.Groups {
		return
	}
	for range g.few(3) {
		a := declared{name: g.fresh("fold"), param: g.keyType()}
		body := ""
		switch g.IntN(5) {
		case 0:
			a.result = listOf(a.param)
			body = "  state seen: set<%[1]s>\n  add { seen.add(x) }\n  merge other {\n    for v in other.seen { seen.add(v) }\n  }\n  result = seen.values\n"
		case 1:
			a.result = intT
			body = "  state count: value<int> = 0\n  add { count += 1 }\n  merge other { count += other.count }\n  result = count\n"
		case 2:
			a.result = intT
			body = "  state rows: list<%[1]s>\n  add { rows.append(x) }\n  merge other {\n    for v in other.rows { rows.append(v) }\n  }\n  result = rows.len\n"
		case 3: // what it begins with is not Go's zero
			a.result = intT
			body = "  state left: value<int> = 7\n  state any: value<bool> = true\n  add {\n    left -= 1\n    if any { left -= 0 }\n  }\n" +
				"  merge other {\n    left += other.left - 7\n    any = any && other.any\n  }\n  result = if any { left } else { -1 }\n"
		default:
			a.result = listOf(a.param)
			body = "  state counts: map<%[1]s, int>\n  add { counts[x] = (counts[x] ?? 0) + 1 }\n" +
				"  merge other {\n    for k, n in other.counts { counts[k] = (counts[k] ?? 0) + n }\n  }\n  result = counts.keys.filter(k => (counts[k] ?? 0) > 1)\n"
		}
		fmt.Fprintf(&g.values, "aggregate %[2]s(x: %[1]s) -> %[3]s {\n"+body+"}\n\n", a.param, a.name, a.result)
		g.aggs = append(g.aggs, a)
	}
}
