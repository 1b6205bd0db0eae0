package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// unionName is a union with its names in Go.
type unionName struct {
	union  *types.Union
	name   string
	member string   // type of what says which member a value is
	tag    string   // field of that
	tags   []string // constants, by member
	fields []string // by member
}

// unionOf returns the names of u, and gives them first if it has none yet.
func (g *generator) unionOf(u *types.Union) *unionName {
	for _, n := range g.unionNames {
		if n.union == u {
			return n
		}
	}
	n := &unionName{union: u, name: g.names.pick(exported(u.Name))}
	n.member = g.names.pick(n.name + "Member")
	fields := newNames(nil)
	n.tag = fields.pick("Member")
	for _, m := range u.Members {
		record := g.record(m)
		n.fields = append(n.fields, fields.pick(record.name))
		n.tags = append(n.tags, g.names.pick(n.name+record.name))
	}
	g.unionNames = append(g.unionNames, n)
	return n
}

// isStruct reports whether values of t are structs that are passed by pointer:
// records and unions.
func isStruct(t types.Type) bool {
	switch t.(type) {
	case *types.Record, *types.Union:
		return true
	}
	return false
}

// unionDecls declares the Go types for a union:
//
//	// Event is declared at market.flow:16:1: one of its records, the others being zero.
//	type Event struct {
//		Member  EventMember // which
//		Bid     Bid
//		Auction Auction
//	}
//
//	// EventMember says which record an Event is.
//	type EventMember uint16
//
//	// The members of Event.
//	const (
//		EventBid EventMember = iota
//		EventAuction
//	)
func (g *generator) unionDecls(n *unionName) []jen.Code {
	fields := []jen.Code{jen.Id(n.tag).Id(n.member).Comment("which")}
	tags := make([]jen.Code, len(n.tags))
	for i, m := range n.union.Members {
		fields = append(fields, jen.Id(n.fields[i]).Add(g.goType(m)))
		tags[i] = jen.Id(n.tags[i])
	}
	tags[0] = jen.Id(n.tags[0]).Id(n.member).Op("=").Iota()
	return []jen.Code{
		comment("%s is declared at %s: one of its records, the others being zero.", n.name, where(n.union.Origin.Start)).
			Type().Id(n.name).Struct(fields...),
		comment("%s says which record a value of %s is.", n.member, n.name).Type().Id(n.member).Uint16(),
		comment("The members of %s.", n.name).Const().Defs(tags...),
	}
}

// convertUnion makes a union of one of its members.
func (c *coder) convertUnion(e *ir.Convert, to *types.Union) operand {
	x := c.expr(e.X)
	n := c.g.unionOf(to)
	i := memberIndex(to, e.X.Type())
	return operand{
		code: jen.Id(n.name).Values(jen.Id(n.tag).Op(":").Id(n.tags[i]), jen.Id(n.fields[i]).Op(":").Add(x.value())),
		prec: precPrimary, t: to, lit: true,
	}
}

func memberIndex(u *types.Union, t types.Type) int {
	for i, m := range u.Members {
		if types.Identical(m, t) {
			return i
		}
	}
	panic("codegen: " + t.String() + " is no member of " + u.Name)
}

// memberTag reads which member a union is.
func (c *coder) memberTag(v operand) *jen.Statement {
	return v.base().Dot(c.g.unionOf(v.t.(*types.Union)).tag)
}

// fitsMember tests whether a union, or the one that an option holds, is a
// member.
func (c *coder) fitsMember(v operand, member int) *jen.Statement {
	if isOption(v.t) {
		return v.base().Dot("OK").Op("&&").Add(c.fitsMember(held(v), member))
	}
	return c.memberTag(v).Op("==").Id(c.g.unionOf(v.t.(*types.Union)).tags[member])
}

// matched is what the name in an arm stands for: the value, what an option
// holds, or the member of a union.
func (c *coder) matched(v operand, a *ir.Arm) operand {
	if fitsAll(a) {
		return v
	}
	if isOption(v.t) {
		v = held(v)
	}
	if p, ok := a.Patterns[0].(ir.MemberPattern); ok {
		u := v.t.(*types.Union)
		return operand{
			code: v.base().Dot(c.g.unionOf(u).fields[p.Member]), prec: precPrimary, t: u.Members[p.Member],
			stable: v.stable, addressable: v.addressable || v.pointer,
		}
	}
	return v
}

// members writes a switch over the members of the union behind v for which code
// gives something to do.
func (g *generator) members(u *types.Union, v *jen.Statement, code func(i int, field operand) []jen.Code) jen.Code {
	n := g.unionOf(u)
	var cases []jen.Code
	for i, m := range u.Members {
		field := operand{code: v.Clone().Dot(n.fields[i]), prec: precPrimary, t: m, stable: true, addressable: true}
		if body := code(i, field); len(body) > 0 {
			cases = append(cases, jen.Case(jen.Id(n.tags[i])).Block(body...))
		}
	}
	return jen.Switch(v.Clone().Dot(n.tag)).Block(cases...)
}

// equalUnions compares two unions member by member.
func (c *coder) equalUnions(u *types.Union, a, b operand) *jen.Statement {
	n := c.g.unionOf(u)
	same := a.base().Dot(n.tag).Op("==").Add(b.base().Dot(n.tag))
	for i, m := range u.Members {
		field := func(v operand) operand {
			return operand{code: v.base().Dot(n.fields[i]), prec: precPrimary, t: m, stable: true, addressable: true}
		}
		same = same.Op("&&").Line().Add(c.equal(field(a), field(b)).in(precAnd))
	}
	return same
}

// structReader returns the function that reads a record or a union from JSON.
func (g *generator) structReader(t types.Type) string {
	if u, ok := t.(*types.Union); ok {
		return g.unionReader(u)
	}
	return g.reader(t.(*types.Record))
}

// unionReader returns the function that reads a union:
//
//	// readEvent reads the record that the member $type names.
//	func readEvent(d *wire.Dec, r *Event) {
//		*r = Event{}
//		switch name := d.Type(); name {
//		case "Bid":
//			r.Member = EventBid
//			readBid(d, &r.Bid)
//		default:
//			d.NoSymbol(name, "Event")
//		}
//	}
func (g *generator) unionReader(u *types.Union) string {
	n := g.unionOf(u)
	want := "read" + n.name
	return g.helpers.named(g, want, want, func(name string) {
		var cases []jen.Code
		for i, m := range u.Members {
			cases = append(cases, jen.Case(memberNames(u, i)...).Block(
				jen.Id("r").Dot(n.tag).Op("=").Id(n.tags[i]),
				jen.Id(g.reader(m)).Call(jen.Id("d"), jen.Op("&").Id("r").Dot(n.fields[i])),
			))
		}
		cases = append(cases, jen.Default().Block(jen.Id("d").Dot("NoSymbol").Call(jen.Id("name"), jen.Lit(u.Name))))
		g.decode.add(comment("%s reads the record that the member $type names.", name).
			Func().Id(name).Params(jen.Id("d").Op("*").Qual(wirePath, "Dec"), jen.Id("r").Op("*").Id(n.name)).Block(
			jen.Op("*").Id("r").Op("=").Id(n.name).Values(),
			jen.Switch(jen.Id("name").Op(":=").Id("d").Dot("Type").Call(), jen.Id("name")).Block(cases...),
		))
	})
}

// memberNames is what a member may be called in what is read: as it is written, or
// as the program calls it.
func memberNames(u *types.Union, i int) []jen.Code {
	list := []jen.Code{jen.Lit(u.Tag(i))}
	if name := u.Members[i].Name; name != u.Tag(i) {
		list = append(list, jen.Lit(name))
	}
	return list
}

// union writes the record that a union is, with $type before its fields.
func (w *jsonWriter) union(t *types.Union, v operand) {
	w.flush()
	w.out = append(w.out, w.g.members(t, v.base(), func(i int, field operand) []jen.Code {
		inner := w.inner(0)
		m := t.Members[i]
		inner.text(`{"$type":` + quoteJSON(t.Tag(i)))
		inner.fields(m, field, false)
		inner.text("}")
		inner.flush()
		return inner.out
	}))
}
