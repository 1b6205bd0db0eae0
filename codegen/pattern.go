package codegen

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// A pattern is a regular expression that can be matched without ever going back:
// at each choice the next byte decides, or what is preferred cannot fail. What it
// matches is what package regexp matches, the leftmost and of these the first in
// the order of preference, in time that grows with the text only.
type pattern struct {
	text   string
	groups int // without the whole

	// first is tried at the beginning of the text, later everywhere else. They
	// differ if there is a ^. A later that is dead never matches.
	first, later patternSeq
	same, dead   bool
}

// A patternSeq is what comes one after the other.
type patternSeq []*patternNode

// A patternNode is one part of a pattern.
type patternNode struct {
	kind patternKind
	text string // of partText

	set      byteSet // of partSet, so many times
	min, max int     // max is -1 without a bound
	lazy     bool

	group int          // of partGroup, which has one alternative
	alts  []patternSeq // in the order of preference

	after ahead // what comes behind this part; set by look
}

type patternKind uint8

const (
	partText patternKind = iota
	partSet
	partGroup
	partAlts
	partBegin // of the text
	partEnd   // of the text
)

// A byteSet holds the bytes that may begin a code point of a class. A class holds
// all code points beyond ASCII or none, so that bytes tell.
type byteSet [256]bool

// ahead says of a rest of a pattern how it can begin, and whether it can fail.
type ahead struct {
	bytes byteSet
	end   bool // of the text

	sure bool // it matches whatever comes
	once bool // it matches if what comes next is among bytes and end
}

func (a *ahead) meets(b *ahead) bool { return a.end && b.end || a.bytes.meets(&b.bytes) }

func (s *byteSet) meets(t *byteSet) bool {
	for c, in := range s {
		if in && t[c] {
			return true
		}
	}
	return false
}

// Bounds beyond which package regexp does the work: of the parts of a pattern, and
// of what counts as little when a part is tried again and again.
const (
	maxPatternParts = 64
	fewRepeats      = 16
)

// parsePattern returns the pattern of a regular expression, false if it needs to go
// back, or has what is left to package regexp: folded case, boundaries of words and
// lines, classes with some code points beyond ASCII.
func parsePattern(text string) (*pattern, bool) {
	re, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, false
	}
	b := patternBuilder{}
	seq := b.seq(re)
	if b.failed || b.parts > maxPatternParts {
		return nil, false
	}
	p := &pattern{text: text, groups: re.MaxCap()}
	var begins bool
	if p.later, p.dead, begins = seq.without(false); begins {
		p.first, _, _ = seq.without(true)
	} else {
		p.first, p.same = p.later, true
	}
	p.first, p.later = p.first.merged(), p.later.merged()
	rest := ahead{end: true, sure: true, once: true}
	for c := range rest.bytes {
		rest.bytes[c] = true
	}
	if _, ok := p.first.look(rest); !ok {
		return nil, false
	}
	if p.dead {
		return p, true
	}
	begin, ok := p.later.look(rest)
	return p, ok && p.later.linear(begin, p.later.prefix())
}

// patternBuilder takes a parsed expression over.
type patternBuilder struct {
	parts  int
	failed bool
}

func (b *patternBuilder) fail() patternSeq {
	b.failed = true
	return nil
}

func (b *patternBuilder) seq(re *syntax.Regexp) patternSeq {
	if b.parts++; b.parts > maxPatternParts || re.Flags&syntax.FoldCase != 0 && re.Op == syntax.OpLiteral {
		return b.fail()
	}
	switch re.Op {
	case syntax.OpEmptyMatch:
		return nil
	case syntax.OpLiteral:
		text := string(re.Rune)
		if strings.ContainsRune(text, utf8.RuneError) { // a byte that is not UTF-8 reads like it
			return b.fail()
		}
		return patternSeq{{kind: partText, text: text}}
	case syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return b.repeated(re, 1, 1, false)
	case syntax.OpBeginText:
		return patternSeq{{kind: partBegin}}
	case syntax.OpEndText:
		return patternSeq{{kind: partEnd}}
	case syntax.OpCapture:
		return patternSeq{{kind: partGroup, group: re.Cap, alts: []patternSeq{b.seq(re.Sub[0])}}}
	case syntax.OpConcat:
		var all patternSeq
		for _, sub := range re.Sub {
			all = append(all, b.seq(sub)...)
		}
		return all
	case syntax.OpAlternate:
		n := &patternNode{kind: partAlts}
		for _, sub := range re.Sub {
			n.alts = append(n.alts, b.seq(sub))
		}
		return patternSeq{n}
	case syntax.OpStar:
		return b.repeated(re.Sub[0], 0, -1, re.Flags&syntax.NonGreedy != 0)
	case syntax.OpPlus:
		return b.repeated(re.Sub[0], 1, -1, re.Flags&syntax.NonGreedy != 0)
	case syntax.OpRepeat:
		return b.repeated(re.Sub[0], re.Min, re.Max, re.Flags&syntax.NonGreedy != 0)
	case syntax.OpQuest:
		return b.optional(re)
	default:
		return b.fail()
	}
}

// optional is what there is or is not.
func (b *patternBuilder) optional(re *syntax.Regexp) patternSeq {
	lazy := re.Flags&syntax.NonGreedy != 0
	if _, ok := classOf(re.Sub[0]); ok {
		return b.repeated(re.Sub[0], 0, 1, lazy)
	}
	n := &patternNode{kind: partAlts, alts: []patternSeq{b.seq(re.Sub[0]), nil}}
	if lazy {
		slices.Reverse(n.alts)
	}
	return patternSeq{n}
}

// repeated is a class so many times.
func (b *patternBuilder) repeated(re *syntax.Regexp, least, most int, lazy bool) patternSeq {
	set, ok := classOf(re)
	if !ok {
		return b.fail()
	}
	return patternSeq{{kind: partSet, set: set, min: least, max: most, lazy: lazy}}
}

// classOf is the set of an expression that matches one code point.
func classOf(re *syntax.Regexp) (set byteSet, ok bool) {
	ranges := re.Rune
	switch re.Op {
	case syntax.OpCharClass:
	case syntax.OpLiteral:
		if len(ranges) != 1 || re.Flags&syntax.FoldCase != 0 {
			return set, false
		}
		ranges = []rune{ranges[0], ranges[0]}
	case syntax.OpAnyChar:
		ranges = []rune{0, utf8.MaxRune}
	case syntax.OpAnyCharNotNL:
		ranges = []rune{0, '\n' - 1, '\n' + 1, utf8.MaxRune}
	default:
		return set, false
	}
	for i := 0; i < len(ranges); i += 2 {
		lo, hi := ranges[i], ranges[i+1]
		if hi >= utf8.RuneSelf && (hi != utf8.MaxRune || lo > utf8.RuneSelf) {
			return set, false
		}
		for c := lo; c <= min(hi, 255); c++ {
			set[c] = true
		}
	}
	return set, len(ranges) > 0
}

// without is what is left where the beginning of the text is behind, or at hand:
// dead if nothing can match, and begins if there was a ^. A ^ may stand only where
// nothing has been matched, as elsewhere look refuses it.
func (s patternSeq) without(atBegin bool) (rest patternSeq, dead, begins bool) {
	if len(s) == 0 {
		return s, false, false
	}
	n := *s[0]
	switch n.kind {
	case partBegin:
		rest, _, _ = s[1:].without(atBegin)
		return rest, !atBegin, true
	case partGroup, partAlts:
		var left []patternSeq
		for _, alt := range n.alts {
			alt, gone, had := alt.without(atBegin)
			if begins = begins || had; !gone {
				left = append(left, alt)
			}
		}
		n.alts = left
		return append(patternSeq{&n}, s[1:]...), len(left) == 0, begins
	default:
		return append(patternSeq{&n}, s[1:]...), false, false
	}
}

// merged makes one text of those that stand side by side, and takes an only
// alternative for what it is.
func (s patternSeq) merged() patternSeq {
	var all patternSeq
	for _, n := range s {
		n := *n
		n.alts = slices.Clone(n.alts)
		for i, alt := range n.alts {
			n.alts[i] = alt.merged()
		}
		parts := patternSeq{&n}
		if n.kind == partAlts && len(n.alts) == 1 {
			parts = n.alts[0]
		}
		for _, part := range parts {
			if last := len(all) - 1; last >= 0 && all[last].kind == partText && part.kind == partText {
				all[last] = &patternNode{kind: partText, text: all[last].text + part.text}
				continue
			}
			all = append(all, part)
		}
	}
	return all
}

// look finds what is ahead of a sequence that rest follows, from its end to its
// beginning, and reports whether it never has to go back.
func (s patternSeq) look(rest ahead) (ahead, bool) {
	for _, n := range slices.Backward(s) {
		n.after = rest
		var ok bool
		switch n.kind {
		case partText:
			rest, ok = n.lookText(), true
		case partSet:
			rest, ok = n.lookSet()
		case partGroup:
			rest, ok = n.alts[0].look(rest)
		case partAlts:
			rest, ok = n.lookAlts()
		case partEnd:
			rest, ok = ahead{end: true, once: rest.sure}, rest.sure
		}
		if !ok {
			return rest, false
		}
	}
	return rest, true
}

func (n *patternNode) lookText() ahead {
	var a ahead
	a.once = len(n.text) == 1 && n.after.sure
	if n.text[0] < utf8.RuneSelf {
		a.bytes[n.text[0]] = true
		return a
	}
	for c := utf8.RuneSelf; c < len(a.bytes); c++ {
		a.bytes[c] = true
	}
	return a
}

// lookSet decides how often a class is matched: as often as it can be where what
// follows begins in another way, or cannot fail.
func (n *patternNode) lookSet() (ahead, bool) {
	rest := n.after
	mine := ahead{bytes: n.set}
	switch {
	case n.min == n.max, !mine.meets(&rest):
	case n.lazy && rest.sure:
		n.max = n.min
	case n.lazy && rest.once && n.min == 0:
		for c, in := range rest.bytes {
			n.set[c] = n.set[c] && !in
		}
		mine.bytes = n.set
	case !n.lazy && rest.sure:
	default:
		return rest, false
	}
	if n.set == (byteSet{}) {
		n.max = 0
	}
	if n.min > 0 {
		mine.once = n.min == 1 && rest.sure
		return mine, true
	}
	mine.end, mine.sure, mine.once = rest.end, rest.sure, rest.sure
	if n.max == 0 {
		return rest, true
	}
	for c, in := range rest.bytes {
		mine.bytes[c] = mine.bytes[c] || in
	}
	return mine, true
}

// lookAlts decides which alternative is taken by what comes next.
func (n *patternNode) lookAlts() (ahead, bool) {
	all := ahead{once: true}
	for i, alt := range n.alts {
		a, ok := alt.look(n.after)
		if !ok || all.meets(&a) && !all.once {
			return a, false
		}
		if a.sure {
			all.sure = all.once
			n.alts = n.alts[:i+1]
		}
		all.once = all.once && a.once
		all.end = all.end || a.end
		for c, in := range a.bytes {
			all.bytes[c] = all.bytes[c] || in
		}
		if a.sure {
			break
		}
	}
	return all, true
}

// prefix is the text with which every match begins.
func (s patternSeq) prefix() string {
	if len(s) == 0 {
		return ""
	}
	switch s[0].kind {
	case partText:
		return s[0].text
	case partGroup:
		return s[0].alts[0].prefix()
	default:
		return ""
	}
}

// linear reports whether to begin anew at each place takes no more time than grows
// with the text. It does if what a class took without a bound is not tried again:
// there is no failing behind it, or no beginning within it.
func (s patternSeq) linear(begin ahead, prefix string) bool {
	for _, n := range s {
		for _, alt := range n.alts {
			if !alt.linear(begin, prefix) {
				return false
			}
		}
		if n.kind != partSet || n.after.sure || 0 <= n.max && n.max <= fewRepeats {
			continue
		}
		stops := func(c byte) bool { return !n.set[c] }
		if n.set.meets(&begin.bytes) && !slices.ContainsFunc([]byte(prefix), stops) {
			return false
		}
	}
	return true
}
