package codegen

import (
	"strconv"

	"github.com/dave/jennifer/jen"
)

// matcher returns the function that looks for a pattern in a text: with captures
// where it and its groups begin and end, and else whether it is there.
//
//	// findPattern looks for "id=([0-9]+)" in a text: where it and its groups stand.
//	func findPattern(s string) (at [4]int, ok bool) {
func (h *helperSet) matcher(g *generator, p *pattern, captures bool) *jen.Statement {
	key, want := "has pattern ", "hasPattern"
	if captures {
		key, want = "find pattern ", "findPattern"
	}
	return jen.Id(h.named(g, key+p.text, want, func(name string) {
		w := &patternWriter{g: g, p: p, captures: captures}
		if p.dead {
			w.attempt(name, p.first, true, "%s looks for %s%s.", name, strconv.QuoteToASCII(p.text), w.told())
			return
		}
		from := g.names.pick(want + "At")
		first := from
		if !p.same {
			first = g.names.pick(want + "First")
			w.attempt(first, p.first, true, "%s looks for %s at the beginning of a text.", first, strconv.QuoteToASCII(p.text))
		}
		w.attempt(from, p.later, false, "%s looks for %s at one place of a text.", from, strconv.QuoteToASCII(p.text))
		w.search(name, first, from)
	}))
}

// captured returns the function that gives the first match and its groups, as
// value.Capture does.
func (h *helperSet) captured(g *generator, p *pattern) *jen.Statement {
	return jen.Id(h.named(g, "capture pattern "+p.text, "capturePattern", func(name string) {
		find := h.matcher(g, p, true)
		option := func() *jen.Statement { return jen.Qual(valuePath, "Option").Index(jen.Index().String()) }
		var parts []jen.Code
		for i := range p.groups + 1 {
			at := func(k int) *jen.Statement { return jen.Id("at").Index(jen.Lit(2*i + k)) }
			parts = append(parts, jen.Id("s").Index(at(0).Op(":").Add(at(1))))
		}
		g.functions.add(comment("%s gives the first %s in a text and its groups.", name, strconv.QuoteToASCII(p.text)).
			Func().Id(name).Params(jen.Id("s").String()).Add(option()).Block(
			jen.List(jen.Id("at"), jen.Id("ok")).Op(":=").Add(find).Call(jen.Id("s")),
			jen.If(jen.Op("!").Id("ok")).Block(jen.Return(option().Values())),
			jen.Return(jen.Qual(valuePath, "Some").Call(jen.Index().String().Values(parts...))),
		))
	}))
}

// patternWriter writes the functions of one pattern.
type patternWriter struct {
	g        *generator
	p        *pattern
	captures bool
}

func (w *patternWriter) told() string {
	if w.captures {
		return " in a text: where it and its groups stand"
	}
	return " in a text"
}

// declare writes a function over the text s.
func (w *patternWriter) declare(name string, params []jen.Code, body []jen.Code, format string, args ...any) {
	f := comment(format, args...).Func().Id(name).Params(params...)
	if w.captures {
		f.Params(jen.Id("at").Index(jen.Lit(2*w.p.groups+2)).Int(), jen.Id("ok").Bool())
	} else {
		f.Bool()
	}
	w.g.functions.add(f.Block(body...))
}

// done leaves the function with what was found.
func (w *patternWriter) done(found bool) jen.Code {
	if w.captures {
		return jen.Return(jen.Id("at"), jen.Lit(found))
	}
	return jen.Return(jen.Lit(found))
}

// attempt writes the function that matches at one place: at the beginning of the
// text, or at i.
func (w *patternWriter) attempt(name string, seq patternSeq, begin bool, format string, args ...any) {
	params := []jen.Code{jen.Id("s").String(), jen.Id("i").Int()}
	var body []jen.Code
	if ahead := seq.begin(); ahead.sure && !w.captures {
		seq = nil
	} else if begin {
		body = append(body, jen.Id("i").Op(":=").Lit(0))
	}
	if begin {
		params = params[:1]
	}
	if w.captures {
		body = append(body, jen.Id("at").Index(jen.Lit(0)).Op("=").Id("i"))
	}
	body = append(body, w.seq(seq)...)
	if w.captures {
		body = append(body, jen.Id("at").Index(jen.Lit(1)).Op("=").Id("i"))
	}
	w.declare(name, params, append(body, w.done(true)), format, args...)
}

// search writes the function that tries each place where the pattern can begin.
func (w *patternWriter) search(name, first, from string) {
	rest := func() *jen.Statement { return jen.Id("s").Index(jen.Id("i").Op(":")) }
	// found leaves the function if there is a match at a place.
	found := func(call *jen.Statement) jen.Code {
		if !w.captures {
			return jen.If(call).Block(w.done(true))
		}
		return jen.If(jen.List(jen.Id("at"), jen.Id("ok")).Op(":=").Add(call), jen.Id("ok")).Block(w.done(true))
	}
	begin := w.p.later.begin()
	var body, loop []jen.Code
	start := jen.Id("i").Op(":=").Lit(0)
	if !w.p.same {
		body = append(body, found(jen.Id(first).Call(jen.Id("s"))))
		start = jen.Id("i").Op(":=").Lit(1)
		if begin.bytes[255] {
			start = jen.Id("i").Op(":=").Qual(valuePath, "RuneSize").Call(jen.Id("s"))
		}
	}
	try := found(jen.Id(from).Call(jen.Id("s"), jen.Id("i")))
	skip := func(find *jen.Statement) {
		loop = append(loop, jen.Id("n").Op(":=").Add(find),
			jen.If(jen.Id("n").Op("<").Lit(0)).Block(w.done(false)), jen.Id("i").Op("+=").Id("n"), try)
	}
	prefix := w.p.later.prefix()
	switch only, one := begin.bytes.only(); {
	case prefix != "" && len(prefix) > 1:
		skip(jen.Qual("strings", "Index").Call(rest(), jen.Lit(prefix)))
	case one && !begin.end:
		skip(jen.Qual("strings", "IndexByte").Call(rest(), jen.LitRune(rune(only))))
	case begin.sure:
		loop = append(loop, try)
	default:
		loop = append(loop, jen.If(begin.next()).Block(try))
	}
	loop = append(loop, step(&begin.bytes))
	body = append(body, jen.For(start, jen.Id("i").Op("<=").Len(jen.Id("s")), jen.Empty()).Block(loop...), w.done(false))
	w.declare(name, []jen.Code{jen.Id("s").String()}, body, "%s looks for %s%s.", name, strconv.QuoteToASCII(w.p.text), w.told())
}

// begin is what is ahead of a sequence that was looked at.
func (s patternSeq) begin() ahead {
	var everything ahead
	if len(s) == 0 {
		everything.sure = true
		return everything
	}
	a, _ := s.look(s[len(s)-1].after)
	return a
}

// seq writes the statements that match a sequence at i.
func (w *patternWriter) seq(s patternSeq) []jen.Code {
	var list []jen.Code
	for _, n := range s {
		switch n.kind {
		case partText:
			list = append(list, w.text(n.text)...)
		case partSet:
			list = append(list, w.set(n)...)
		case partGroup:
			list = append(list, w.group(n)...)
		case partAlts:
			list = append(list, w.alts(n))
		case partEnd:
			list = append(list, jen.If(jen.Id("i").Op("!=").Len(jen.Id("s"))).Block(w.done(false)))
		}
	}
	return list
}

func (w *patternWriter) text(text string) []jen.Code {
	if len(text) == 1 {
		set := byteSet{}
		set[text[0]] = true
		return w.one(&set)
	}
	has := jen.Qual("strings", "HasPrefix").Call(jen.Id("s").Index(jen.Id("i").Op(":")), jen.Lit(text))
	return []jen.Code{jen.If(jen.Op("!").Add(has)).Block(w.done(false)), jen.Id("i").Op("+=").Lit(len(text))}
}

// one matches a class once.
func (w *patternWriter) one(set *byteSet) []jen.Code {
	other := jen.Id("i").Op("==").Len(jen.Id("s"))
	if !set.full() {
		other = other.Op("||").Add(set.test(true))
	}
	return []jen.Code{jen.If(other).Block(w.done(false)), step(set)}
}

// step goes on by what a class has matched.
func step(set *byteSet) jen.Code {
	if set[255] {
		return jen.Id("i").Op("+=").Qual(valuePath, "RuneSize").Call(jen.Id("s").Index(jen.Id("i").Op(":")))
	}
	return jen.Id("i").Op("++")
}

// set matches a class as often as it stands there, within its bounds.
func (w *patternWriter) set(n *patternNode) []jen.Code {
	more := jen.Id("i").Op("<").Len(jen.Id("s"))
	if !n.set.full() {
		more = more.Op("&&").Add(n.set.test(false))
	}
	switch {
	case n.max == 0:
		return nil
	case n.min == 1 && n.max == 1:
		return w.one(&n.set)
	case n.min == 0 && n.max == 1:
		return []jen.Code{jen.If(more).Block(step(&n.set))}
	case n.min <= 1 && n.max < 0:
		var list []jen.Code
		if n.min == 1 {
			list = w.one(&n.set)
		}
		return append(list, w.all(&n.set, more))
	}
	count := jen.Id("n").Op(":=").Lit(0)
	if n.max > 0 {
		more = jen.Id("n").Op("<").Lit(n.max).Op("&&").Add(more)
	}
	loop := jen.For(jen.Empty(), more, jen.Id("n").Op("++")).Block(step(&n.set))
	if n.min == 0 {
		return []jen.Code{jen.For(count, more, jen.Id("n").Op("++")).Block(step(&n.set))}
	}
	short := jen.If(jen.Id("n").Op("<").Lit(n.min)).Block(w.done(false))
	return []jen.Code{jen.Block(count, loop, short)}
}

// all goes behind everything that is in a set. What is beyond ASCII is all in it or
// not at all, so bytes do for code points.
func (w *patternWriter) all(set *byteSet, more *jen.Statement) jen.Code {
	rest := jen.Id("s").Index(jen.Id("i").Op(":"))
	outside := set.inverted()
	if set.full() {
		return jen.Id("i").Op("=").Len(jen.Id("s"))
	}
	if only, one := outside.only(); one {
		return jen.If(
			jen.Id("n").Op(":=").Qual("strings", "IndexByte").Call(rest, jen.LitRune(rune(only))),
			jen.Id("n").Op(">=").Lit(0),
		).Block(jen.Id("i").Op("+=").Id("n")).Else().Block(jen.Id("i").Op("=").Len(jen.Id("s")))
	}
	return jen.For(more).Block(jen.Id("i").Op("++"))
}

func (w *patternWriter) group(n *patternNode) []jen.Code {
	inner := w.seq(n.alts[0])
	if !w.captures {
		return inner
	}
	place := func(k int) *jen.Statement { return jen.Id("at").Index(jen.Lit(2*n.group + k)).Op("=").Id("i") }
	return append(append([]jen.Code{place(0)}, inner...), place(1))
}

// alts takes the alternative that what comes next decides; what no other takes
// goes to the last, which may fail.
func (w *patternWriter) alts(n *patternNode) jen.Code {
	if len(n.alts) == 2 && len(n.alts[1]) == 0 {
		return jen.If(w.decides(n.alts[0], n.after)).Block(w.seq(n.alts[0])...)
	}
	var cases []jen.Code
	for i, alt := range n.alts {
		if i == len(n.alts)-1 {
			cases = append(cases, jen.Default().Block(w.seq(alt)...))
			break
		}
		cases = append(cases, jen.Case(w.decides(alt, n.after)).Block(w.seq(alt)...))
	}
	return jen.Switch().Block(cases...)
}

// decides is the condition on what comes next under which an alternative is taken.
func (w *patternWriter) decides(alt patternSeq, after ahead) *jen.Statement {
	a, _ := alt.look(after)
	return a.next()
}

// next is the condition that what comes next is ahead.
func (a *ahead) next() *jen.Statement {
	none := byteSet{}
	switch {
	case a.bytes == none:
		return jen.Id("i").Op("==").Len(jen.Id("s"))
	case a.bytes.full() && a.end:
		return jen.True()
	case a.bytes.full():
		return jen.Id("i").Op("<").Len(jen.Id("s"))
	case a.end:
		return jen.Id("i").Op("==").Len(jen.Id("s")).Op("||").Add(a.bytes.test(false))
	default:
		return jen.Id("i").Op("<").Len(jen.Id("s")).Op("&&").Add(a.bytes.test(false))
	}
}

func (s *byteSet) full() bool { return *s.inverted() == byteSet{} }

func (s *byteSet) inverted() *byteSet {
	var t byteSet
	for c, in := range s {
		t[c] = !in
	}
	return &t
}

// only is the byte of a set of one.
func (s *byteSet) only() (c byte, one bool) {
	ranges := s.ranges()
	if len(ranges) != 1 || ranges[0][0] != ranges[0][1] {
		return 0, false
	}
	return ranges[0][0], true
}

// ranges are the first and the last bytes of the runs of a set.
func (s *byteSet) ranges() [][2]byte {
	var all [][2]byte
	for c := 0; c < len(s); c++ {
		if !s[c] {
			continue
		}
		from := c
		for c+1 < len(s) && s[c+1] {
			c++
		}
		all = append(all, [2]byte{byte(from), byte(c)})
	}
	return all
}

// test is the condition that the byte at i is in the set, or that it is not; the
// set is neither empty nor full.
func (s *byteSet) test(not bool) *jen.Statement {
	if outside := s.inverted(); len(outside.ranges()) < len(s.ranges()) {
		return outside.test(!not)
	}
	b := func() *jen.Statement { return jen.Id("s").Index(jen.Id("i")) }
	ranges := s.ranges()
	var some *jen.Statement
	for _, r := range ranges {
		var in *jen.Statement
		lo, hi := jen.LitRune(rune(r[0])), jen.LitRune(rune(r[1]))
		switch {
		case r[0] == r[1] && not && len(ranges) == 1:
			return b().Op("!=").Add(lo)
		case r[0] == r[1]:
			in = b().Op("==").Add(lo)
		case r[0] == 0:
			in = b().Op("<=").Add(hi)
		case r[1] == 255:
			in = b().Op(">=").Add(lo)
		default:
			in = lo.Op("<=").Add(b()).Op("&&").Add(b()).Op("<=").Add(hi)
		}
		if some == nil {
			some = in
		} else {
			some = some.Op("||").Add(in)
		}
	}
	if not {
		return jen.Op("!").Parens(some)
	}
	if len(ranges) > 1 {
		return jen.Parens(some)
	}
	return some
}
