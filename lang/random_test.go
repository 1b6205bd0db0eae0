package lang_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// program writes random programs that parse, in a random layout.
type randomProgram struct {
	*rand.Rand
	depth int
}

func (r *randomProgram) pick(choices ...string) string { return choices[r.IntN(len(choices))] }

// name returns a name, now and then a long one or a word that is a keyword
// elsewhere.
func (r *randomProgram) name() string {
	return r.pick("a", "b", "value", "key", "record", "emit_", "some_rather_long_name_of_a_thing", "at", "state")
}

// list joins up to n pieces.
func (r *randomProgram) list(n int, sep string, piece func() string) string {
	parts := make([]string, r.IntN(n+1))
	for i := range parts {
		parts[i] = piece()
	}
	return strings.Join(parts, sep+r.space())
}

// space is white space where line ends do not count.
func (r *randomProgram) space() string {
	return r.pick(" ", " ", " ", "  ", "\n", " // a comment\n", "\n\n\n  ")
}

func (r *randomProgram) expr() string {
	if r.depth++; r.depth > 6 {
		r.depth--
		return r.pick(r.name(), "1", "2.5", `"text"`, "5s", "none", "true", "0xff", "12.50d", `t"2024-05-01T12:00:00Z"`)
	}
	defer func() { r.depth-- }()
	x := r.expr
	switch r.IntN(20) {
	case 0:
		return r.name()
	case 1:
		return "(" + r.space() + x() + r.space() + ")"
	case 2:
		return x() + r.pick(" ??", "||", " &&", " +", "-", " *", "/", "%") + " " + x()
	case 3:
		return "(" + x() + r.pick("<", "<=", "==", " in ", "!=") + x() + ")"
	case 4:
		return r.pick("!", "-") + x()
	case 5:
		return r.name() + r.pick(".", "?.") + r.name()
	case 6:
		return r.name() + "(" + r.list(4, ",", func() string { return r.pick("", "size: ", "time layout: ") + x() }) + ")"
	case 7:
		return r.name() + "[" + r.pick(x(), x()+".."+x(), ".."+x(), "..") + "]"
	case 8:
		return "[" + r.list(5, ",", x) + "]"
	case 9:
		return `["k": ` + x() + "," + r.space() + `"l": ` + x() + "]"
	case 10:
		return r.pick("", "Name ", "w.Name ", r.name()+" with ") + r.record()
	case 11:
		return r.pick("x", "(x, y)", "(x: int)", "()") + " => " + x()
	case 12:
		return "if " + x() + " " + r.block() + " else " + r.pick(r.block(), "if let v = "+x()+" "+r.block())
	case 13:
		return "match " + x() + " {\n" + r.arms() + "}"
	case 14:
		return `"text ${` + x() + `} and ${` + r.name() + `}"`
	default:
		return r.name()
	}
}

func (r *randomProgram) record() string {
	return "{" + r.pick("", "\n") + r.list(4, ",", func() string { return r.name() + ": " + r.expr() }) + r.pick("", "\n") + "}"
}

func (r *randomProgram) arms() string {
	out := ""
	for range r.IntN(4) {
		pattern := r.pick("Name n", "Level.low | Level.high", "none", "1 | -2", `"x"`, "other", "w.Name _")
		out += pattern + " => " + r.pick(r.expr(), r.block()) + r.pick("\n", ";", " // why\n")
	}
	return out
}

func (r *randomProgram) block() string {
	return "{" + r.pick("", " ", "\n") + r.list(3, r.pick(";", "\n", ";\n"), r.stmt) + r.pick("", "\n", " // last\n") + "}"
}

func (r *randomProgram) stmt() string {
	if r.depth++; r.depth > 5 {
		r.depth--
		return r.pick("drop", "clear", "break", "a = 1", "emit a")
	}
	defer func() { r.depth-- }()
	switch r.IntN(9) {
	case 0:
		return r.pick("let ", "var ") + r.pick("x", "x: list<int>?") + " = " + r.expr()
	case 1:
		return r.name() + r.pick(" = ", " += ", " -= ") + r.expr()
	case 2:
		return "for " + r.pick("x", "k, v") + " in " + r.name() + " " + r.block()
	case 3:
		return "while " + r.name() + " " + r.block()
	case 4:
		return r.pick("emit ", "emit late ") + r.expr() + r.pick("", " at "+r.expr())
	case 5:
		return r.pick("clear", "clear s", "drop", "return", "continue")
	case 6:
		return r.pick("fail ", "return ") + r.expr()
	case 7:
		return `send "uid"[` + r.expr() + "] " + r.expr() + r.pick("", " after 5s")
	default:
		return r.expr()
	}
}

// program returns a whole program.
func (r *randomProgram) program() string {
	out := "pipeline p\n"
	for range 1 + r.IntN(4) {
		out += r.pick("", "\n", "// a comment\n", "\n\n// two\n\n")
		switch r.IntN(4) {
		case 0:
			out += "func f(" + r.list(3, ",", func() string { return r.name() + ": int = " + r.expr() }) + ") -> int = " + r.expr()
		case 1:
			out += "stream s = a" + r.pick(" ", "\n") + "|> map(" + r.expr() + ")" + r.pick("", "\n // step\n") + ` |> b uid "u" ttl 5s`
		case 2:
			out += "operator o {\n out late: A\n on x " + r.block() + "\n state n: value<int> = " + r.expr() + " forever\n}"
		default:
			out += fmt.Sprintf("record R { a: int%s b: string = %s }", r.pick(",", "\n"), r.expr())
		}
		out += "\n"
	}
	return out
}

func TestFormatRandomPrograms(t *testing.T) {
	t.Parallel()
	parsed := 0
	for seed := range uint64(600) {
		r := &randomProgram{Rand: rand.New(rand.NewPCG(seed, 1))}
		text := r.program()
		if len(codes(text)) > 0 { // a line end in the wrong place
			continue
		}
		parsed++
		checkFormat(t, fmt.Sprint("seed ", seed), text, 30+r.IntN(80))
	}
	if parsed < 200 {
		t.Errorf("only %d programs parse", parsed)
	}
}
