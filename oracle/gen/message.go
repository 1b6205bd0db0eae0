package gen

import (
	"fmt"
	"strings"
)

// makeLedger writes a step that takes messages from all others and sends some to
// itself. Messages of different senders meet in any order, so what it gives does
// not depend on that: its rows have no field k, by which tests would compare
// their order, and none tells more than its message, or how many came before it.
func (g *generator) makeLedger() {
	key := g.event.Fields[0].Type
	s := &scope{budget: g.budget(30), op: &operator{key: key}, pure: true, noTimes: true, calls: len(g.funcs)}
	s.vars = append(s.vars, variable{text: "key", t: key})
	note := s.inner()
	note.add("m.n", intT)
	at, time := "", ""
	if g.timed {
		at, time = ", at: timestamp", ", at: time"
	}
	fmt.Fprintf(&g.decls, "record Note { n: int, hops: int }\n\n")
	fmt.Fprintf(&g.ops, "operator ledger {\n  in e: Event key e.k\n  in m: Note message\n"+
		"  out { who: %s, count: int }\n  out told: { who: %s, n: int, hops: int%s }\n"+
		"  state count: value<int> = 0 forever\n"+
		"  on e {\n    %s\n    if e.at == time { send \"LEDGER\"[key] Note { n: 1, hops: 0 } after 1h }\n  }\n"+
		"  on m {\n    count += 1\n    emit { who: key, count: count }\n    emit told { who: key, n: m.n, hops: m.hops%s }\n"+
		"    if m.hops > 0 {\n      send \"LEDGER\"[%s] Note { n: %s, hops: m.hops - 1 }\n    }\n"+
		"    if m.n %% %d == 0 { fail \"fail: unlucky\" }\n  }\n}\n\n",
		key, key, at, g.sendNote(s.inner().add("e", g.event)), time, g.expr(note, key, 2), g.expr(note, intT, 2), 2+g.IntN(20))
	policy := one(g, "", " on error skip", " on error to unlucky", " on error to unlucky")
	fmt.Fprintf(&g.wiring, "stream ledgers = events |> ledger uid \"LEDGER\"%s\n\n", policy)
	g.sink("ledgers", "ledgers")
	g.sink("ledgers.told", "ledgers-told")
	if strings.HasSuffix(policy, "unlucky") {
		g.sink("unlucky", "unlucky")
	}
}

// sendNote writes a statement that sends a message to the ledger. Those that wait
// there for one time are of several senders and lie in any order, also in savepoints.
func (g *generator) sendNote(s *scope) string {
	text := fmt.Sprintf("send \"LEDGER\"[%s] Note { n: %s, hops: %d }", g.expr(s, g.event.Fields[0].Type, 2), g.expr(s, intT, 2), g.IntN(4))
	if g.chance(1, 5) {
		text += " after " + one(g, "0s", "-1s", "1m", "1h")
		g.loose = g.loose || strings.HasSuffix(text, "m") || strings.HasSuffix(text, "h")
	}
	return text
}
