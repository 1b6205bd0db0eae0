package lang

import (
	"slices"
	"sort"
	"strings"

	"github.com/flow-lang/flowc/lang/diag"
	"github.com/flow-lang/flowc/lang/source"
)

// FormatSource returns the text in the one layout of Flow, and true. If the
// text does not parse, the mistakes go to report and the text comes back as it
// was, with false.
func FormatSource(name, text string, report *diag.List) (string, bool) {
	var mine diag.List
	file := Parse(name, text, &mine)
	for _, d := range mine.Sorted() {
		report.Add(d)
	}
	if mine.HasErrors() {
		return text, false
	}
	return Format(file), true
}

// Format returns the program in the one layout of Flow: two columns for each of the
// first twenty levels, lines of at most 100 characters where they can be broken, the
// types of fields and the values of long records below each other.
//
// Whether a block, a record or a wiring that would fit on one line stands on
// one or on several is left as the author wrote it, and so is one empty line
// between two things. All comments stay: those at the end of a line there, all
// others on lines of their own, above what they stood above or inside of.
//
// The file must have been parsed without a mistake. Formatting changes nothing
// that Parse tells apart, and formatting again changes nothing at all.
func Format(file *File) string { return formatWidth(file, maxWidth) }

// formatWidth is Format for lines of another width.
func formatWidth(file *File, width int) string {
	f := &formatter{file: file, homeless: make([]int32, len(file.Comments)+1)}
	for i := range f.homeless {
		f.homeless[i] = int32(i)
	}
	var items []item
	if file.Pipeline != nil {
		items = append(items, f.headerItem())
	}
	for _, d := range file.Decls {
		items = append(items, item{start: d.Span().Start, end: d.Span().End, documented: true, build: func(*doc) *doc { return f.decl(d) }})
	}
	start := file.Pos
	start.Line = 0
	return render(concat(f.rows(start, len(file.Text), items, ";")...), width, len(file.Text)+len(file.Text)/4)
}

// formatter lays out one file.
type formatter struct {
	file *File
	// By index: the next comment that has no place yet, or one that leads there, as a
	// range is asked for once for each of the things around it.
	homeless []int32
}

func (f *formatter) headerItem() item {
	word := "pipeline "
	if f.file.Kind == LibraryFile {
		word = "library "
	}
	name := f.file.Pipeline
	return item{start: f.file.header, end: name.EndPos, documented: true, build: func(*doc) *doc { return text(word + name.Text) }}
}

// item is one thing of a list of things that may each have a line of its own.
type item struct {
	start, end source.Pos
	width      int             // of the part that is padded, so that what follows is aligned; 0 if nothing is
	build      func(*doc) *doc // lays the item out, with the padding
	documented bool            // by the comments right above
}

// comments returns the indexes of the comments from lo up to hi that have no
// place yet, and gives them one.
func (f *formatter) comments(lo, hi int) []int {
	all := f.file.Comments
	first := f.without(sort.Search(len(all), func(i int) bool { return int(all[i].Offset) >= lo }))
	n := 0
	for i := first; i < len(all) && int(all[i].Offset) < hi; i = f.without(i + 1) {
		n++
	}
	if n == 0 {
		return nil
	}
	out := make([]int, 0, n)
	for i := first; len(out) < n; i = f.without(i) {
		f.homeless[i]++
		out = append(out, i)
	}
	return out
}

// without returns the first comment from i on that has no place yet, or how many
// comments there are.
func (f *formatter) without(i int) int {
	at := int32(i)
	for f.homeless[at] != at {
		f.homeless[at] = f.homeless[f.homeless[at]]
		at = f.homeless[at]
	}
	return int(at)
}

// rows lays out items that stand between the places lo and hi, with the
// comments between and in them. The docs alternate with line ends; sep is the
// text between items on one line, and "," also stands at the end of a line.
//
// A comment that begins on the line where the thing before it ends stays there.
func (f *formatter) rows(lo source.Pos, hi int, items []item, sep string) []*doc {
	r := rows{f: f, sep: sep, prev: lo}
	for _, it := range items {
		before := f.comments(r.prev.Offset, it.start.Offset)
		pad := noPad
		if it.width > 0 {
			pad = &doc{kind: padDoc}
		}
		d := it.build(pad)
		inner := f.comments(it.start.Offset, it.end.Offset)
		before = r.behind(before)
		r.inner(it, before, inner)
		r.comments(before)
		r.item(it, d)
		if it.width > 0 {
			r.aligned, r.widths = append(r.aligned, pad), append(r.widths, it.width)
		}
	}
	r.align()
	r.comments(r.behind(f.comments(r.prev.Offset, hi)))
	return r.docs
}

// rows collects the docs of a list.
type rows struct {
	f      *formatter
	sep    string
	prev   source.Pos // the end of what was added last
	docs   []*doc
	items  int
	latest int // index in docs of the place for a "," after the latest item

	// The paddings of the items since the last empty line, and how wide is what
	// stands before them.
	aligned []*doc
	widths  []int
}

// behind adds the first comment if it stands on the line of what was added
// last, and returns the others.
func (r *rows) behind(indexes []int) []int {
	if len(indexes) == 0 || r.f.file.Comments[indexes[0]].start().Line != r.prev.Line {
		return indexes
	}
	r.docs = append(r.docs, suffix(r.f.file.Comments[indexes[0]].Text))
	return indexes[1:]
}

// comments adds comments that stand between two items, on their own lines.
func (r *rows) comments(indexes []int) {
	r.docs = slices.Grow(r.docs, 2*len(indexes)+4) // with room for an item
	for _, i := range indexes {
		c := &r.f.file.Comments[i]
		r.lineEnd(c.start(), "")
		r.docs = append(r.docs, comment(c.Text))
		r.prev = c.end()
	}
}

// comment is a comment on a line of its own.
func comment(s string) *doc {
	d := newText(s)
	d.broken = true
	return d
}

// inner adds the comments that stood inside of an item, and have no place
// there, above the item and the comments before it. They do not document it, so
// an empty line parts them from what does.
func (r *rows) inner(it item, before, indexes []int) {
	next := it.start
	if len(before) > 0 {
		next = r.f.file.Comments[before[0]].start()
	}
	for _, i := range indexes {
		r.lineEnd(next, "")
		r.docs = append(r.docs, comment(r.f.file.Comments[i].Text))
		r.prev.Line = next.Line
	}
	if len(indexes) > 0 && it.documented {
		r.prev.Line -= 2
	}
}

// item adds an item.
func (r *rows) item(it item, d *doc) {
	flat := " "
	if r.items > 0 {
		switch r.sep {
		case fieldSep:
			flat = ", "
		case ",":
			r.docs[r.latest] = text(",")
		default:
			flat = r.sep + " "
		}
	}
	r.lineEnd(it.start, flat)
	r.docs = append(r.docs, d, text(""))
	r.latest = len(r.docs) - 1
	r.items++
	r.prev = it.end
}

// lineEnd adds the line end before what begins at the place next, and an empty
// line if there is one in the source.
func (r *rows) lineEnd(next source.Pos, flat string) {
	if len(r.docs) > 0 && next.Line > r.prev.Line+1 && r.hasRow() {
		r.align()
		r.docs = append(r.docs, emptyLine)
	}
	r.docs = append(r.docs, line(flat))
}

// hasRow reports whether anything but a comment behind the opening bracket was
// added.
func (r *rows) hasRow() bool { return len(r.docs) > 1 || r.docs[0].kind != suffixDoc }

// align fills the paddings so that all end in the same column.
func (r *rows) align() {
	if len(r.widths) == 0 {
		return
	}
	widest := slices.Max(r.widths)
	for i, d := range r.aligned {
		d.text = strings.Repeat(" ", widest-r.widths[i])
	}
	r.aligned, r.widths = nil, nil
}

// braces lays out items in braces, on one line if the author had them there. lo
// is a place after the "{" or on its line, end the one after the "}".
func (f *formatter) braces(lo, end source.Pos, items []item, sep string) *doc {
	docs := f.rows(lo, end.Offset-1, items, sep)
	if len(docs) == 0 {
		return text("{}")
	}
	g := group(text("{"), nest(docs...), line(" "), text("}"))
	g.brackets = true
	first := lo
	if len(items) > 0 {
		first = items[0].start
	}
	if f.openLine(first, lo) != end.Line {
		return broken(g)
	}
	return g
}

// openLine returns the line of the last "{" before the place first, not before
// the place lo.
func (f *formatter) openLine(first, lo source.Pos) int {
	between := f.file.Text[lo.Offset:first.Offset]
	return first.Line - strings.Count(between[max(strings.LastIndexByte(between, '{'), 0):], "\n")
}

// list lays out items between brackets and with commas, on one line if they
// fit, else one a line. Where only the last can be broken so that the rest
// stays on one line, it is.
func (f *formatter) list(open, closing string, lo source.Pos, hi int, items []item) *doc {
	docs := f.rows(lo, hi, items, ",")
	if len(docs) == 0 {
		return text(open + closing)
	}
	if i := slices.IndexFunc(docs, func(d *doc) bool { return d.kind == lineDoc }); i >= 0 {
		docs[i] = line("")
	}
	lines := broken(group(text(open), nest(docs...), line(""), text(closing)))
	flat := concat(text(open), of(flatDoc, docs...), text(closing))
	last := len(docs) - 2
	if open == "[" && len(items) > 1 || len(items) == 0 || docs[last].kind == suffixDoc || docs[last].kind == lineDoc {
		return choice(flat.broken, flat, lines)
	}
	hugged, ok := breakLast(docs[last], false)
	if before := of(flatDoc, docs[:last]...); ok && !before.broken {
		return choice(flat.broken, flat, concat(text(open), before, hugged, text(closing)), lines)
	}
	return choice(flat.broken, flat, lines)
}

// src returns the text of a node as it was written. Comments in it are in it.
func (f *formatter) src(n Node) *doc {
	s := n.Span()
	f.comments(s.Start.Offset, s.End.Offset)
	return text(f.file.Text[s.Start.Offset:s.End.Offset])
}

// value lays out what stands behind op: on the same line, if need be with the
// brackets at its end broken, or else on the next.
func (f *formatter) value(op string, x Expr) *doc {
	d := f.expr(x)
	flat := concat(text(" "+op+" "), d)
	ways := []*doc{flat}
	if hugged, ok := breakLast(d, true); ok {
		ways = append(ways, concat(text(" "+op+" "), hugged))
	}
	if _, ok := x.(*BinaryExpr); ok { // all operands stand below each other
		d = group(d.kids[0], concat(d.kids[1].kids...))
	}
	return choice(flat.broken, append(ways, concat(text(" "+op), nest(hard(), d)))...)
}

// head lays out the expression in the head of if, while, for or match. Lines of
// it stand further in than those of the block after it.
func (f *formatter) head(x Expr) *doc {
	if _, ok := x.(*BinaryExpr); ok {
		return nest(f.expr(x))
	}
	return f.expr(x)
}
