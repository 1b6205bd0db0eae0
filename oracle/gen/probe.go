package gen

import (
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// probe writes statements that emit as text what the collections of an operator
// hold, so that no difference stays hidden in state that nothing reads.
func (g *generator) probe(s *scope) []string {
	if len(s.op.collections) == 0 || s.helper {
		return nil
	}
	text := g.fresh("all")
	out := []string{"var " + text + ` = ""`}
	for _, c := range s.op.collections {
		if c.isMap() {
			k, v := g.fresh("k"), g.fresh("v")
			over := c.name
			if c.kind == "sorted" && g.chance(1, 3) {
				over += "[" + g.entryRange(s, c.key) + "]"
			}
			out = append(out, fmt.Sprintf("for %s, %s in %s {\n  %s += \"%s: %s; \"\n}", k, v, over, text, g.inText(k, c.key), g.entryText(c, v)))
		}
		out = append(out, text+` += "`+g.collectionText(s, c)+`"`)
	}
	return append(out, fmt.Sprintf("emit probe { k: key, text: %s }", text))
}

// probeRecord declares the record of such an output.
func (g *generator) probeRecord(key types.Type) *types.Record {
	r := g.makeRecord(g.fresh("Probe"), []types.Field{{Name: "k", Type: key}, {Name: "text", Type: stringT}})
	g.pool = g.pool[:len(g.pool)-1]
	g.records = g.records[:len(g.records)-1]
	return r
}

// inText is what stands for a value of type t inside quotes.
func (g *generator) inText(text string, t types.Type) string {
	switch t := t.(type) {
	case *types.Option:
		if hasText(t.Elem) && !types.Is(t.Elem, types.JSON) {
			return "${" + text + " ?? " + g.literal(t.Elem) + "}"
		}
		return "${" + text + " == none}"
	case *types.List, *types.Set, *types.Map:
		return "${" + text + ".len}"
	case *types.Record:
		if len(t.Fields) > 0 {
			return g.inText(text+"."+t.Fields[0].Name, t.Fields[0].Type)
		}
	case *types.Union:
		return "union"
	}
	if !hasText(t) {
		return "?"
	}
	return "${" + text + "}"
}

// entryText shows an entry in hand.
func (g *generator) entryText(c *collection, name string) string {
	if c.agg != nil {
		return g.inText(name+".result", optionOf(c.agg.result))
	}
	var texts []string
	for _, p := range c.parts {
		switch {
		case p.agg != nil:
			texts = append(texts, g.inText(name+"."+p.name+".result", optionOf(p.agg.result)))
		case p.list:
			texts = append(texts, g.inText(name+"."+p.name, listOf(p.t)))
		default:
			texts = append(texts, g.inText(name+"."+p.name, p.t))
		}
	}
	return strings.Join(texts, " ")
}

// collectionText shows what a collection says of itself.
func (g *generator) collectionText(s *scope, c *collection) string {
	switch c.kind {
	case "aggregate":
		return g.inText(c.name+".result", optionOf(c.agg.result))
	case "sorted":
		text := "${" + c.name + "[" + g.entryRange(s, c.key) + "].len} "
		if c.agg != nil {
			text += g.inText(c.name+"["+g.entryRange(s, c.key)+"].result", optionOf(c.agg.result))
		}
		return text
	}
	return "${" + c.name + ".len}"
}
