package typecheck

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/lang/diag"
)

func explainStatements() []diag.Explanation {
	return []diag.Explanation{
		{
			Code: AssignConstant, Title: "a name that keeps its value is assigned",
			Text:   "Only a variable (`var`) and a state can be assigned. A local (`let`), a parameter, a loop's name and an input's record keep their value, so that a reader need not look for a later change.",
			Before: withHandler("    let warm = r.temp > 20.0\n    if r.temp > 30.0 { warm = false }\n    if warm { emit r }"),
			After:  withHandler("    var warm = r.temp > 20.0\n    if r.temp > 30.0 { warm = false }\n    if warm { emit r }"),
		},
		{
			Code: AssignField, Title: "a field of a record is assigned",
			Text:   "Values are immutable: a record that was emitted or kept cannot change under somebody else's hands. `r with { temp: 3.0 }` gives a copy with some fields changed.",
			Before: withHandler("    r.temp = 0.0\n    emit r"),
			After:  withHandler("    emit r with { temp: 0.0 }"),
		},
		{
			Code: NotAssignable, Title: "something that is no name is assigned",
			Text:   "On the left of `=` stands the name of a variable or of a state. An element of a list value cannot be assigned: build a new list, with `.map` or `.append`.",
			Before: withHandler("    var temps = [r.temp, 0.0]\n    temps[1] = 1.0\n    if temps.sum() > 0.0 { emit r }"),
			After:  withHandler("    var temps = [r.temp]\n    temps = temps.append(1.0)\n    if temps.sum() > 0.0 { emit r }"),
		},
		{
			Code: Misplaced, Title: "something stands where it means nothing",
			Text: "`emit`, `clear`, `drop` and the writing of state belong into an operator's handlers and helper functions; functions and lambdas are pure. " +
				"`break` and `continue` belong into loops, `return` into functions and handlers. `key`, `time`, `watermark` and `now()` are known in handlers only. Sources and sinks belong into pipelines, not into libraries.",
			Before: withHandler("    if r.temp < 0.0 { break }\n    emit r"),
			After:  withHandler("    if r.temp < 0.0 { return }\n    emit r"),
		},
		{
			Code: UnusedValue, Title: "an expression is a statement and does nothing",
			Text:   "An expression that stands as a statement has no effect, unless it is a call of an operator's helper or sets a timer. Keep its value with `let`, return it, or leave it out. A comparison here is often an assignment with one `=` too many.",
			Before: withHandler("    var n = 0\n    n == 1\n    if n == 1 { emit r }"),
			After:  withHandler("    var n = 0\n    if r.temp > 0.0 { n = 1 }\n    if n == 1 { emit r }"),
		},
		{
			Code: TooLarge, Title: "a program grows beyond bounds",
			Text: fmt.Sprintf("Lambdas are put in the place of each call, so fragments that pass lambdas on to each other, each one twice, double what the next one holds. "+
				"The compiler stops at %d. Pass the name of a function instead of a lambda: it is called and not copied. "+
				"In the same way records that hold another record twice, which holds a third one twice, grow: a record has at most %d fields in all.", maxInlined, maxFields),
			Before: withOutput(doubling(18)),
			After:  withOutput(doubling(3)),
		},
	}
}

// doubling is a chain of fragments of which each calls its function twice.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString("fragment step_0(s: stream<Reading>, f: (float) -> float) -> stream<Reading> = s |> map(r => r with { temp: f(r.temp) })\n")
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "fragment step_%d(s: stream<Reading>, f: (float) -> float) -> stream<Reading> = s |> step_%d(f: x => f(f(x)))\n", i, i-1)
	}
	fmt.Fprintf(&b, "\nstream out = readings |> step_%d(f: x => x * 2.0)", n-1)
	return b.String()
}
