package gen

import (
	"fmt"

	"github.com/flow-lang/flowc/typecheck/types"
)

// lookInto writes a statement that looks into a collection: a loop, or one that
// has an entry in hand.
func (g *generator) lookInto(s *scope, c *collection) string {
	body := s.inner()
	if s.loops < 2 && g.chance(1, 2) {
		body.loops++
		return g.loopOver(s, body, c)
	}
	if !c.isMap() {
		return ""
	}
	name := g.fresh("en")
	if c.kind == "sorted" && g.chance(1, 2) {
		body.add(name+".key", c.key)
		g.addEntry(body, c, name+".value")
		end := g.ends(s, c)
		return fmt.Sprintf("if let %s = %s {\n%s}", name, end, g.block(body))
	}
	g.addEntry(body, c, name)
	return fmt.Sprintf("if let %s = %s[%s] {\n%s}", name, c.name, g.groupKey(s, c.key), g.block(body))
}

func (g *generator) loopOver(s, body *scope, c *collection) string {
	x := g.fresh("x")
	if c.kind == "aggregate" {
		return ""
	}
	over, k := c.name, g.fresh("k")
	if c.kind == "sorted" && g.chance(1, 2) {
		over += "[" + g.entryRange(s, c.key) + "]"
	}
	body.add(k, c.key)
	g.addEntry(body, c, x)
	return fmt.Sprintf("for %s, %s in %s {\n%s}", k, x, over, g.block(body))
}

// addEntry makes known what can be read of an entry in hand.
func (g *generator) addEntry(s *scope, c *collection, name string) {
	if c.agg != nil {
		s.add(name+".result", optionOf(c.agg.result))
	}
	for _, p := range c.parts {
		switch {
		case p.agg != nil:
			s.add(name+"."+p.name+".result", optionOf(p.agg.result))
		case p.list:
			s.add(name+"."+p.name, listOf(p.t))
		default:
			s.add(name+"."+p.name, p.t)
		}
	}
}

// ends reads the first or last entry.
func (g *generator) ends(s *scope, c *collection) string {
	over := c.name
	if g.chance(1, 2) {
		over += "[" + g.entryRange(s, c.key) + "]"
	}
	return over + one(g, ".first", ".last")
}

// readCollection writes what can be read of a collection as a t; "" if that is
// nothing.
func (g *generator) readCollection(s *scope, t types.Type) string {
	var ways []func() string
	way := func(of types.Type, write func() string) {
		if types.Identical(of, t) {
			ways = append(ways, write)
		}
	}
	for _, c := range s.op.collections {
		if c.kind == "aggregate" {
			way(optionOf(c.agg.result), func() string { return c.name + ".result" })
			continue
		}
		g.waysInto(s, c, way)
		way(intT, func() string { return c.name + ".len" })
	}
	if len(ways) == 0 {
		return ""
	}
	return one(g, ways...)()
}

// waysInto lists what can be read of a map.
func (g *generator) waysInto(s *scope, c *collection, way func(types.Type, func() string)) {
	entry := func() string { return c.name + "[" + g.groupKey(s, c.key) + "]" }
	way(boolT, func() string { return "(" + g.groupKey(s, c.key) + " in " + c.name + ")" })
	way(listOf(c.key), func() string { return c.name + ".keys" })
	if c.agg != nil {
		way(optionOf(c.agg.result), func() string { return entry() + ".result" })
	}
	for _, p := range c.parts {
		switch {
		case p.agg != nil:
			way(optionOf(p.agg.result), func() string { return entry() + "." + p.name + ".result" })
		case p.list:
			way(optionOf(listOf(p.t)), func() string { return entry() + "?." + p.name })
		case isOption(p.t):
			way(p.t, func() string { return entry() + "?." + p.name })
		default:
			way(optionOf(p.t), func() string { return entry() + "?." + p.name })
		}
	}
	if c.kind != "sorted" {
		return
	}
	way(intT, func() string { return c.name + "[" + g.entryRange(s, c.key) + "].len" })
	way(optionOf(c.key), func() string { return g.ends(s, c) + "?.key" })
	if c.agg != nil {
		way(optionOf(c.agg.result), func() string { return c.name + "[" + g.entryRange(s, c.key) + "].result" })
	}
}
