package codegen

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/lang/source"
)

// at names a place of the program text in an operation that can fail. The
// constants are declared once all code is written.
func (g *generator) at(p source.Pos) *jen.Statement {
	name, ok := g.positions[p]
	if !ok {
		name = fmt.Sprintf("at%dx%d", p.Line, p.Column)
		if i := g.fileIndex[p.Filename]; i > 0 {
			name = fmt.Sprintf("at%dx%dIn%d", p.Line, p.Column, i)
		}
		name = g.names.pick(name)
		g.positions[p] = name
		g.posOrder = append(g.posOrder, p)
	}
	return jen.Id(name)
}

// position writes a place as an expression of type value.Pos:
//
//	34<<24 | 18
func (g *generator) position(p source.Pos) *jen.Statement {
	if !p.IsValid() {
		return jen.Lit(0)
	}
	packed := jen.Lit(p.Line).Op("<<").Lit(24).Op("|").Lit(p.Column)
	if i := g.fileIndex[p.Filename]; i > 0 {
		return jen.Lit(i).Op("<<").Lit(48).Op("|").Add(packed)
	}
	return packed
}

// writePositions declares the places that errors name:
//
//	const (
//		at34x18 value.Pos = 34<<24 | 18
//	)
func (g *generator) writePositions() {
	if len(g.posOrder) == 0 {
		return
	}
	slices.SortFunc(g.posOrder, func(a, b source.Pos) int {
		return cmp.Or(cmp.Compare(g.fileIndex[a.Filename], g.fileIndex[b.Filename]), cmp.Compare(a.Offset, b.Offset))
	})
	defs := make([]jen.Code, len(g.posOrder))
	for i, p := range g.posOrder {
		defs[i] = jen.Id(g.positions[p]).Qual(valuePath, "Pos").Op("=").Add(g.position(p))
	}
	g.pipeline.add(
		jen.Comment("Places in the program text that errors name: file<<48 | line<<24 | column.").Line().
			Const().Defs(defs...),
	)
}
