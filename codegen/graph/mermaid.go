package graph

import (
	"fmt"
	"strings"
)

// mermaidShapes are the brackets of Mermaid for each kind of node.
var mermaidShapes = map[string][2]string{
	"source": {"([", "])"}, "keyed": {"[[", "]]"}, "step": {"[", "]"}, "sink": {"[(", ")]"},
}

// mermaidArrows are the edges by class.
var mermaidArrows = map[string]string{"fused": "-->", "exchange": "==>", "broadcast": "==>", "message": "-.->", "aside": "-.->"}

// Mermaid writes the document as a flowchart, which GitHub and others draw in
// Markdown.
func (d *Document) Mermaid() []byte {
	var out strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&out, format+"\n", args...) }
	line("flowchart LR")
	cards := d.nodes()
	names := map[string]string{} // of nodes, by ID: IDs may hold anything
	for i, c := range cards {
		names[c.ID] = fmt.Sprintf("n%d", i)
	}
	node := func(indent string, c *Node) {
		shape := mermaidShapes[c.Kind]
		line("%s%s%s%s%s", indent, names[c.ID], shape[0], mermaidLabel(c), shape[1])
	}
	for i, members := range d.clusters(cards) {
		if len(members) == 1 {
			node("  ", members[0])
			continue
		}
		line(`  subgraph t%d["one task"]`, i)
		for _, c := range members {
			node("    ", c)
		}
		line("  end")
	}
	for i := range d.Edges {
		e := &d.Edges[i]
		line(`  %s %s|"%s"| %s`, names[e.From], mermaidArrows[e.class()], mermaidText(cut(e.label(), longestRow)), names[e.To])
	}
	return []byte(out.String())
}

func mermaidLabel(c *Node) string {
	text := "<b>" + mermaidText(cut(c.Title, longestRow)) + "</b>"
	for _, r := range c.Rows {
		text += "<br/>" + mermaidText(r.Label+" "+cut(r.Text, longestRow))
	}
	return `"` + text + `"`
}

// mermaidText writes all that could mean something as the number of its
// character, which Mermaid turns back.
func mermaidText(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune(" .,:/?=_-", r), r > 0x9f:
			b.WriteRune(r)
		case r < ' ' || r >= 0x7f:
			b.WriteByte(' ')
		default:
			fmt.Fprintf(&b, "#%d;", r)
		}
	}
	return b.String()
}
