package graph

import (
	"fmt"
	"strings"
)

// dotShapes are the shapes of Graphviz for each kind of node.
var dotShapes = map[string]string{"source": "cds", "keyed": "box3d", "step": "box", "sink": "folder"}

// DOT writes the document in Graphviz's language.
func (d *Document) DOT() []byte {
	var out strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	line("digraph %s {", dotText(d.Pipeline))
	line("  rankdir=LR;")
	line("  label=%s;", dotText(d.Pipeline))
	line(`  node [fontname="Helvetica", fontsize=11];`)
	cards := d.nodes()
	node := func(indent string, c *Node) {
		line("%s%s [shape=%s, label=%s];", indent, dotText(c.ID), dotShapes[c.Kind], dotLabel(c))
	}
	for i, members := range d.clusters(cards) {
		if len(members) == 1 {
			node("  ", members[0])
			continue
		}
		line("  subgraph cluster_%d {", i)
		line(`    label="one task"; style=dashed;`)
		for _, c := range members {
			node("    ", c)
		}
		line("  }")
	}
	for i := range d.Edges {
		e := &d.Edges[i]
		line("  %s -> %s [label=%s%s];", dotText(e.From), dotText(e.To), dotText(cut(e.label(), longestRow)), dotStyles[e.class()])
	}
	line("}")
	return []byte(out.String())
}

// dotStyles are the attributes of edges by class.
var dotStyles = map[string]string{"fused": "", "exchange": ", penwidth=2.5", "broadcast": ", penwidth=2.5, style=dotted", "message": ", penwidth=2.5, style=dashed, color=blue", "aside": ", style=dashed, color=red"}

// dotText quotes text as a string of DOT.
func dotText(text string) string {
	return `"` + dotEscape(text) + `"`
}

func dotEscape(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// dotLabel is a card as lines that begin at the left.
func dotLabel(c *Node) string {
	text := dotEscape(cut(c.Title, longestRow)) + `\l`
	for _, r := range c.Rows {
		text += dotEscape(r.Label+" "+cut(r.Text, longestRow)) + `\l`
	}
	return `"` + text + `"`
}
