package graph

import (
	"fmt"
	"strconv"
	"strings"
)

// margin is the space around a picture, head that for its title, and foot that
// for its legend.
const (
	margin = 24.0
	head   = 34.0
	foot   = 44.0
)

// style gives the colours, light and dark by what the reader prefers.
const style = `
text { font-family: "Helvetica Neue", Helvetica, Arial, "DejaVu Sans", sans-serif; font-size: 12px; fill: #1f2328; }
.title { font-size: 14px; font-weight: bold; }
.pipeline { font-size: 18px; font-weight: bold; }
.label { fill: #656d76; }
.page { fill: #ffffff; }
.frame { fill: #f3f5f8; stroke: #c4ccd6; stroke-dasharray: 5 4; }
.card { fill: #ffffff; stroke: #c4ccd6; }
.bar.source { fill: #1a7f37; }
.bar.keyed { fill: #8250df; }
.bar.step { fill: #6e7781; }
.bar.sink { fill: #bc4c00; }
.edge { fill: none; stroke: #6e7781; stroke-width: 1.5; }
.edge.exchange { stroke: #8250df; stroke-width: 3; }
.edge.broadcast { stroke: #0969da; stroke-width: 3; stroke-dasharray: 2 2; }
.edge.message { stroke: #bf8700; stroke-width: 3; stroke-dasharray: 8 4; }
.edge.aside { stroke: #cf222e; stroke-dasharray: 5 3; }
.head { fill: #6e7781; }
.head.exchange { fill: #8250df; }
.head.broadcast { fill: #0969da; }
.head.message { fill: #bf8700; }
.head.aside { fill: #cf222e; }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3; }
.label { fill: #9198a1; }
.page { fill: #0d1117; }
.frame { fill: #151b23; stroke: #3d444d; }
.card { fill: #0d1117; stroke: #3d444d; }
.bar.source { fill: #3fb950; }
.bar.keyed { fill: #ab7df8; }
.bar.step { fill: #9198a1; }
.bar.sink { fill: #f0883e; }
.edge { stroke: #9198a1; }
.edge.exchange { stroke: #ab7df8; }
.edge.broadcast { stroke: #4493f8; }
.edge.message { stroke: #d29922; }
.edge.aside { stroke: #f85149; }
.head { fill: #9198a1; }
.head.exchange { fill: #ab7df8; }
.head.broadcast { fill: #4493f8; }
.head.message { fill: #d29922; }
.head.aside { fill: #f85149; }
}
`

// SVG draws the document from left to right.
func (d *Document) SVG() []byte {
	p := arrange(d)
	s := &svg{}
	w, h := max(p.w, legendWidth())+2*margin, p.h+2*margin+head+foot
	s.line(`<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %s %s" role="img">`, num(w), num(h), num(w), num(h))
	s.line(`<title>%s</title>`, escape(d.Pipeline))
	s.line("<style>%s</style>", style)
	s.line(`<rect class="page" width="%s" height="%s"/>`, num(w), num(h))
	s.line(`<text class="pipeline" x="%s" y="%s">%s</text>`, num(margin), num(margin+16), escape(cut(d.Pipeline, longestRow)))
	s.line(`<g transform="translate(%s %s)">`, num(margin), num(margin+head))
	for _, f := range p.frames {
		s.rect("frame", f, 10)
		s.line(`<text class="label" x="%s" y="%s">one task</text>`, num(f.x+framePad), num(f.y+16))
	}
	for i, path := range p.paths {
		if path != nil {
			s.edge(&d.Edges[i], path, p.names[i], p.back[i])
		}
	}
	for i := range p.cards {
		s.card(&p.cards[i], p.card(i), p.labels[i])
	}
	s.line("</g>")
	s.legend(h - margin)
	s.line("</svg>")
	return []byte(s.out.String())
}

type svg struct{ out strings.Builder }

func (s *svg) line(format string, args ...any) { fmt.Fprintf(&s.out, format+"\n", args...) }

func (s *svg) rect(class string, b box, round float64) {
	s.line(`<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="%s"/>`, class, num(b.x), num(b.y), num(b.w), num(b.h), num(round))
}

func (s *svg) card(c *Node, b box, labels float64) {
	s.line(`<g id="%s">`, escape(c.ID))
	if c.Doc != "" {
		s.line("<title>%s</title>", escape(c.Doc))
	}
	s.rect("card", b, 6)
	s.rect("bar "+c.Kind, box{x: b.x, y: b.y, w: 5, h: b.h}, 2)
	x, y := b.x+cardPad, b.y+18
	s.line(`<text class="title" x="%s" y="%s">%s</text>`, num(x), num(y), escape(c.Title))
	y += titleLine - 4
	for _, r := range c.Rows {
		s.line(`<text class="label" x="%s" y="%s">%s</text>`, num(x), num(y), escape(r.Label))
		s.line(`<text x="%s" y="%s">%s</text>`, num(x+labels+labelGap), num(y), escape(r.Text))
		y += rowLine
	}
	s.line("</g>")
}

// class names how an edge is drawn.
func (e *Edge) class() string {
	switch {
	case e.Carries != Records:
		return "aside"
	case e.Kind == Exchange, e.Kind == Broadcast, e.Kind == Message:
		return string(e.Kind)
	default:
		return "fused"
	}
}

// label is what an edge carries: the name of a stream, or of the input that
// messages are for.
func (e *Edge) label() string {
	if e.Kind == Message {
		return e.Input
	}
	return e.Stream
}

// arrow is how long and half as wide the head of an edge is.
const arrow = 8.0

// edge draws an edge with the name of the output that it begins at, and with a head
// at both ends if what comes back goes the same way.
func (s *svg) edge(e *Edge, path []point, name string, bothWays bool) {
	end := path[len(path)-1]
	back := 1.0
	if before := path[len(path)-3]; before.x > end.x {
		back = -1 // the edge closes a cycle and comes from the right
	}
	var d strings.Builder
	begin := path[0]
	if bothWays {
		begin.x += arrow - 1
	}
	fmt.Fprintf(&d, "M%s %s", num(begin.x), num(begin.y))
	for i := 1; i < len(path); i++ {
		a, b := path[i-1], path[i]
		if i == len(path)-1 {
			b.x -= back * (arrow - 1)
		}
		if i%2 == 1 || a.y == b.y || a.x == b.x {
			fmt.Fprintf(&d, " L%s %s", num(b.x), num(b.y))
			continue
		}
		middle := (a.x + b.x) / 2
		fmt.Fprintf(&d, " C%s %s %s %s %s %s", num(middle), num(a.y), num(middle), num(b.y), num(b.x), num(b.y))
	}
	class := e.class()
	s.line(`<g><title>%s</title>`, escape(e.label()+": "+e.Type))
	s.line(`<path class="edge %s" d="%s"/>`, class, d.String())
	s.line(`<path class="head %s" d="M%s %s l%s %s v%s z"/>`, class,
		num(end.x), num(end.y), num(-back*arrow), num(-arrow/2), num(arrow))
	if bothWays {
		s.line(`<path class="head %s" d="M%s %s l%s %s v%s z"/>`, class, num(path[0].x), num(path[0].y), num(arrow), num(-arrow/2), num(arrow))
	}
	if name != "" {
		s.line(`<text class="label" x="%s" y="%s">%s</text>`, num(path[0].x+nameGap/2), num(path[0].y-4), escape(name))
	}
	s.line("</g>")
}

// legendEntries explain the edges.
var legendEntries = [...]struct{ class, text string }{
	{"fused", "a call within the task, or into a sink"},
	{"exchange", "to the shard of the record's key"},
	{"broadcast", "to every shard"},
	{"message", "messages, to the shard of their key"},
	{"aside", "records that are malformed or failed"},
}

const legendLine, legendGap = 36.0, 28.0

func legendWidth() float64 {
	w := 0.0
	for _, e := range legendEntries {
		w += legendLine + 8 + rowFont.width(e.text) + legendGap
	}
	return w
}

func (s *svg) legend(y float64) {
	x := margin
	for _, e := range legendEntries {
		s.line(`<path class="edge %s" d="M%s %s h%s"/>`, e.class, num(x), num(y-4), num(legendLine))
		x += legendLine + 8
		s.line(`<text class="label" x="%s" y="%s">%s</text>`, num(x), num(y), e.text)
		x += rowFont.width(e.text) + legendGap
	}
}

// num writes a length with at most one digit after the point.
func num(x float64) string {
	text := strconv.FormatFloat(x, 'f', 1, 64)
	return strings.TrimSuffix(text, ".0")
}

// escape makes text that stands in an element or an attribute. What XML cannot
// hold becomes U+FFFD.
func escape(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '"':
			b.WriteString("&quot;")
		case r == '\'':
			b.WriteString("&#39;")
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
		case r < ' ' || r == 0x7f || r == 0xfffe || r == 0xffff:
			b.WriteRune('\uFFFD')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
