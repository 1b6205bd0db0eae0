package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// What a handler needs of collections in state is fetched into the cache before, for
// many records at once (package state says why): the collections that it reads or
// changes, and of a map the entry whose key can be told from the record alone.

// needs is what the handler of an input needs of collections.
type needs struct {
	list   []need                // in the order of declaration
	locals map[*ir.Local]ir.Expr // what keys are made of beside the record
}

// need is a collection.
type need struct {
	state *stateCode
	key   ir.Expr // of an entry, worked out from the record; nil if none is known
}

// ahead returns what the handler of an input needs.
func (n *stepCode) ahead(in *ir.In) needs {
	if n.cellless(in) {
		return needs{}
	}
	h := handlerOf(n.op, in)
	locals := map[*ir.Local]ir.Expr{}
	needed := map[*ir.State]bool{}
	keys := map[*ir.State]ir.Expr{}
	helpers := map[*ir.Func]bool{}
	var look func(m ir.Node) bool
	look = func(m ir.Node) bool {
		switch m := m.(type) {
		case *ir.Let:
			if !m.Local.Var && n.plain(m.Value, h.Param, locals) {
				locals[m.Local] = m.Value
			}
		case *ir.Call:
			if m.Func.Op != nil && !helpers[m.Func] {
				helpers[m.Func] = true
				ir.InspectAll(m.Func.Body, look)
			}
		}
		if s, key := entryOf(m); s != nil {
			needed[s] = true
			if key != nil && keys[s] == nil && hashed(s) && n.plain(key, h.Param, locals) {
				keys[s] = key
			}
		}
		return true
	}
	ir.InspectAll(h.Body, look)
	all := needs{locals: locals}
	for i := range n.keyed.states {
		s := &n.keyed.states[i]
		if needed[s.state] && !s.state.Broadcast && s.state.Kind != ir.AggregateState && !n.g.few[s.state] {
			all.list = append(all.list, need{state: s, key: keys[s.state]})
		}
	}
	if len(all.list) == 1 && all.list[0].key == nil {
		return needs{} // its misses alone do not pay for going over the records once more
	}
	return all
}

// hashed reports whether a collection may be a hash table.
func hashed(s *ir.State) bool {
	switch s.Kind {
	case ir.SetState:
		return isOrdered(s.Elem)
	case ir.MapState, ir.SortedState, ir.DynamicState:
		return isOrdered(s.MapKey)
	default:
		return false
	}
}

// reads reports whether a key is not the same for all records.
func (n needs) reads(key ir.Expr, record *ir.Local) bool {
	found := false
	ir.Inspect(key, func(m ir.Node) bool {
		if l, ok := m.(*ir.LocalRef); ok {
			found = found || l.Local == record || n.reads(n.locals[l.Local], record)
		}
		return !found
	})
	return found
}

// entryOf returns the state that a node reads or changes by itself, with the key of
// the entry, if it is one that is looked up.
func entryOf(m ir.Node) (*ir.State, ir.Expr) {
	switch m := m.(type) {
	case *ir.EntryGet:
		return m.Place.State, m.Place.Key
	case *ir.EntryHas:
		return m.State, m.Key
	case *ir.AggResult:
		return m.Place.State, m.Place.Key
	case *ir.EntrySet:
		return m.Place.State, m.Place.Key
	case *ir.Append:
		return m.Place.State, m.Place.Key
	case *ir.AggAdd:
		return m.Place.State, m.Place.Key
	case *ir.AggMerge:
		return m.Place.State, m.Place.Key
	case *ir.EntryRemove:
		return m.State, m.Key
	case *ir.SetAdd:
		return m.State, m.Value
	case *ir.StateLen:
		return m.State, nil
	case *ir.StateEnd:
		return m.State, nil
	case *ir.StateKeys:
		return m.State, nil
	case *ir.RemoveBefore:
		return m.State, nil
	case *ir.ForState:
		return m.State, nil
	}
	return nil, nil
}

// plain reports whether e is worked out at little cost from the record alone and
// cannot fail.
func (n *stepCode) plain(e ir.Expr, record *ir.Local, locals map[*ir.Local]ir.Expr) bool {
	if n.g.graph.Effects.CanFail(e) {
		return false
	}
	plain := true
	ir.Inspect(e, func(m ir.Node) bool {
		switch m := m.(type) {
		case *ir.LocalRef:
			plain = plain && (m.Local == record || locals[m.Local] != nil)
		case *ir.FieldOf, *ir.IntConst, *ir.StringConst, *ir.EnumConst, *ir.BoolConst:
		case *ir.Binary:
			plain = plain && types.Is(m.T, types.Int)
		default:
			plain = false
		}
		return plain
	})
	return plain
}

// writeAhead declares the method that goes ahead of the handlers of an input:
//
//	// aheadC fetches what the next records of the input c need of collections into the cache.
//	func (s *shop) aheadC(in *rt.Batch[Change], from int) {
//		cells := s.cells.Near(in.Hash[from:])
//		for _, c := range cells {
//			s.stock.Touch(&c.stock)
//		}
//		for i, c := range cells {
//			s.stock.TouchSlot(&c.stock, in.Recs[from+i].Item)
//		}
//		for i, c := range cells {
//			s.stock.TouchEntry(&c.stock, in.Recs[from+i].Item)
//		}
//	}
func (n *stepCode) writeAhead(i int, in *ir.In, needs needs) {
	edge := n.edge(i)
	record := jen.Id("in").Dot("Recs").Index(jen.Id("from").Op("+").Id("i"))
	if edge.pair != "" {
		record = record.Dot("Rec")
	}
	c := n.coder(nil, "in", "from", "cells", "c", "i")
	handler := handlerOf(n.op, in)
	c.vars[handler.Param] = variable{code: record}
	for local, value := range needs.locals {
		c.vars[local] = variable{alias: value}
	}
	pass := func(whole, entry string) {
		numbered := false
		body := c.block(func() {
			for _, f := range needs.list {
				handle := jen.Id("c").Dot(f.state.value)
				switch {
				case plainList(f.state.state):
					if whole == "Touch" {
						c.add(handle.Dot(whole).Call())
					}
				case f.key != nil && entry != "":
					numbered = numbered || needs.reads(f.key, handler.Param)
					key := c.keyOf(f.state.state, c.expr(f.key))
					c.add(self(f.state.ops).Dot(entry).Call(jen.Op("&").Add(handle), key))
				default:
					c.add(self(f.state.ops).Dot(whole).Call(jen.Op("&").Add(handle)))
				}
			}
		})
		if len(body) == 0 {
			return
		}
		number := jen.Id("_")
		if numbered {
			number = jen.Id("i")
		}
		c.add(jen.For(jen.List(number, jen.Id("c")).Op(":=").Range().Id("cells")).Block(body...))
	}
	c.add(jen.Id("cells").Op(":=").Add(self(n.keyed.cells)).Dot("Near").Call(jen.Id("in").Dot("Hash").Index(jen.Id("from").Op(":"))))
	pass("Touch", "")
	pass("TouchChunk", "TouchSlot")
	pass("TouchEnds", "TouchEntry")
	n.addMethod(comment("%s fetches what the next records of the input %s need of collections into the cache.", n.keyed.ahead[i], safeName(in.Name)).
		Func().Params(n.receiver()).Id(n.keyed.ahead[i]).
		Params(jen.Id("in").Op("*").Qual(rtPath, "Batch").Types(edge.elem()), jen.Id("from").Int()).Block(c.body()...))
}
