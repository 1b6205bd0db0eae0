package codegen

import (
	"github.com/dave/jennifer/jen"

	"github.com/flow-lang/flowc/typecheck/ir"
	"github.com/flow-lang/flowc/typecheck/types"
)

// rowStates is rowStates: how many states may be part of a row.
const rowStates = 31

// rowField is a state or a timer that is part of rows.
type rowField struct {
	number int
	state  *stateCode // nil of a timer
	timer  timerCode
}

func (f *rowField) bit() *jen.Statement { return jen.Lit(1).Op("<<").Lit(f.number) }

// rowFields returns what a cell holds, in the order of rows.
func (n *stepCode) rowFields() (fields []rowField) {
	for i := range n.keyed.states {
		if s := &n.keyed.states[i]; !s.state.Broadcast {
			fields = append(fields, rowField{number: s.state.Index, state: s})
		}
	}
	for _, t := range n.keyed.timers {
		fields = append(fields, rowField{number: len(n.keyed.states) + t.timer.Index, timer: t})
	}
	return fields
}

// inRows reports whether snapshots have each key in one row: if all that its cell
// holds are single values and timers, not too many of them.
func (n *stepCode) inRows() bool {
	if n.op.Key == nil || n.op.Remote != nil || n.keyed.waiting != "" || n.calls != nil {
		return false
	}
	fields := n.rowFields()
	for _, f := range fields {
		switch {
		case f.number >= rowStates:
			return false
		case f.state != nil && f.state.state.Kind != ir.ValueState && f.state.state.Kind != ir.AggregateState:
			return false
		case f.state == nil && (f.timer.family != "" || f.timer.timer.State != nil):
			return false
		}
	}
	return len(fields) > 0
}

// has says whether a cell has the value of a field.
func (f *rowField) has(cell *jen.Statement) *jen.Statement {
	switch {
	case f.state == nil:
		return cell.Dot(f.timer.field).Dot("IsSet").Call()
	case f.state.state.Kind == ir.ValueState:
		return cell.Dot(f.state.has)
	default:
		return cell.Dot(f.state.value).Dot("added")
	}
}

// isInt reports whether a field is a whole number without a time, as most are: it is
// read and written at once.
func (f *rowField) isInt() bool {
	return f.state != nil && f.state.state.Kind == ir.ValueState && f.state.at == "" && types.Is(f.state.state.Elem, types.Int)
}

// saveRow gives a cell as a row:
//
//	has := uint32(0)
//	if c.hasSum {
//		has |= 1 << 0
//	}
//	if !w.Row(has, 1<<0, 0) {
//		return
//	}
//	if c.hasSum {
//		w.Field(avro.AppendFloat(w.Open(), c.sum))
//	}
//	w.EndRow()
func (n *stepCode) saveRow() []jen.Code {
	c, w, has := jen.Id("c"), jen.Id("w"), jen.Id("has")
	var of, timed []jen.Code
	var bits, fields []jen.Code
	for _, f := range n.rowFields() {
		of = append(of, f.bit())
		bits = append(bits, jen.If(f.has(c.Clone())).Block(has.Clone().Op("|=").Add(f.bit())))
		field := func(pack *jen.Statement) jen.Code {
			args := []jen.Code{pack.Call(w.Clone().Dot("Open").Call(), c.Clone().Dot(f.state.value))}
			if f.state.at != "" {
				timed = append(timed, f.bit())
				return w.Clone().Dot("FieldAt").Call(append(args, c.Clone().Dot(f.state.at))...)
			}
			return w.Clone().Dot("Field").Call(args...)
		}
		var give jen.Code
		switch {
		case f.state == nil:
			give = w.Clone().Dot("TimerField").Call(jen.Op("&").Add(c.Clone().Dot(f.timer.field)))
		case f.isInt():
			give = w.Clone().Dot("FieldInt").Call(c.Clone().Dot(f.state.value))
		case f.state.state.Kind == ir.ValueState:
			give = field(n.g.pack(f.state.state.Elem))
		default:
			give = field(n.g.packAccumulator(f.state.state.Agg))
		}
		fields = append(fields, jen.If(f.has(c.Clone())).Block(give))
	}
	body := append([]jen.Code{has.Clone().Op(":=").Uint32().Call(jen.Lit(0))}, bits...)
	body = append(body, jen.If(jen.Op("!").Add(w.Clone()).Dot("Row").Call(has, either(of), either(timed))).Block(jen.Return()))
	return append(append(body, fields...), w.Clone().Dot("EndRow").Call())
}

// either joins bits; without any it is zero.
func either(bits []jen.Code) *jen.Statement {
	if len(bits) == 0 {
		return jen.Lit(0)
	}
	all := jen.Add(bits[0])
	for _, b := range bits[1:] {
		all = all.Op("|").Add(b)
	}
	return all
}

// writeRestoreRows declares the methods that put rows back:
//
//	// RestoreRows puts rows of a snapshot back.
//	func (s *visits) RestoreRows(rows []state.Row) error {
//		hashes, err := s.saver.Texts(rows)
//		if err != nil {
//			return err
//		}
//		s.cells.TouchRows(hashes)
//		for i := range rows {
//			if err := s.restoreRow(&rows[i]); err != nil {
//				return err
//			}
//		}
//		return nil
//	}
func (n *stepCode) writeRestoreRows() {
	if !n.inRows() {
		return
	}
	saver, cells := func() *jen.Statement { return self(n.keyed.saver) }, func() *jen.Statement { return self(n.keyed.cells) }
	n.snapshot("makes room for so many keys.", "Reserve", []jen.Code{jen.Id("keys").Int()}, nil, cells().Dot("Reserve").Call(jen.Id("keys")))
	r, failed := jen.Id("r"), jen.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err()))
	each := jen.For(jen.Id("i").Op(":=").Range().Id("rows"))
	var body []jen.Code
	if types.Is(n.step.KeyType(), types.String) {
		body = []jen.Code{
			jen.List(jen.Id("hashes"), jen.Err()).Op(":=").Add(saver()).Dot("Texts").Call(jen.Id("rows")), failed,
			cells().Dot("TouchRows").Call(jen.Id("hashes")),
		}
	} else {
		key := operand{code: jen.Id("key"), prec: precPrimary, t: n.step.KeyType(), stable: true, addressable: true}
		find := append([]jen.Code{r.Clone().Op(":=").Op("&").Id("rows").Index(jen.Id("i"))}, n.readKey(n.g.unpacked(n.step.KeyType(), jen.Id("in")))...)
		find = append(find, jen.List(r.Clone().Dot("Hash"), r.Clone().Dot(n.rowKey())).Op("=").List(n.g.hashOf(key), n.g.tableKey(key)))
		body = []jen.Code{each.Clone().Block(find...), cells().Dot("TouchRows").Call(saver().Dot("Hashes").Call(jen.Id("rows")))}
	}
	body = append(body,
		each.Clone().Block(
			jen.If(jen.Err().Op(":=").Add(self("restoreRow")).Call(jen.Op("&").Id("rows").Index(jen.Id("i"))), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err())),
		),
		jen.Return(jen.Nil()))
	n.snapshot("puts rows of a snapshot back.", "RestoreRows", []jen.Code{jen.Id("rows").Index().Qual(statePath, "Row")}, jen.Error(), body...)
	n.snapshot("puts one row back.", "restoreRow", []jen.Code{r.Clone().Op("*").Qual(statePath, "Row")}, jen.Error(), n.restoreRow()...)
}

// rowKey is the field of a row that has the key as the table does.
func (n *stepCode) rowKey() string {
	if textKey(n.step.KeyType()) {
		return "Text"
	}
	return "Number"
}

// restoreRow writes the body of restoreRow:
//
//	id, c := s.cells.AtRow(r)
//	s.saver.RestoreRow(r, s.cells.Know(id))
//	if r.Has&(1<<0) != 0 {
//		c.sum, c.hasSum = s.saver.NextField().Float(), true
//		if err := s.saver.CloseValue(); err != nil {
//			return err
//		}
//	}
//	if r.Gone != 0 { … }
//	return s.saver.CloseRow()
func (n *stepCode) restoreRow() []jen.Code {
	r, saver := func() *jen.Statement { return jen.Id("r") }, func() *jen.Statement { return self(n.keyed.saver) }
	var present, gone []jen.Code
	for _, f := range n.rowFields() {
		read, zero := n.restoreField(&f)
		present = append(present, jen.If(r().Dot("Has").Op("&").Parens(f.bit()).Op("!=").Lit(0)).Block(read...))
		gone = append(gone, jen.If(r().Dot("Gone").Op("&").Parens(f.bit()).Op("!=").Lit(0)).Block(zero))
	}
	body := []jen.Code{
		jen.List(jen.Id("id"), jen.Id("c")).Op(":=").Add(self(n.keyed.cells)).Dot("AtRow").Call(r()),
		saver().Dot("RestoreRow").Call(r(), self(n.keyed.cells).Dot("Know").Call(jen.Id("id"))),
	}
	body = append(body, present...)
	body = append(body, jen.If(r().Dot("Gone").Op("!=").Lit(0)).Block(gone...))
	return append(body, jen.Return(saver().Dot("CloseRow").Call()))
}

// restoreField reads a field of a row into the cell, and says what it is without one.
func (n *stepCode) restoreField(f *rowField) (read []jen.Code, zero jen.Code) {
	c, saver := func() *jen.Statement { return jen.Id("c") }, func() *jen.Statement { return self(n.keyed.saver) }
	checked := func(call *jen.Statement) jen.Code {
		return jen.If(jen.Err().Op(":=").Add(call), jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Err()))
	}
	if f.state == nil {
		timer, q := jen.Op("&").Add(c().Dot(f.timer.field)), n.queue(f.timer.timer)
		restore := saver().Dot("RestoreTimerField").Call(q, timer, jen.Id("id"), jen.Id(f.timer.number))
		return []jen.Code{checked(restore)}, q.Clone().Dot("Cancel").Call(timer.Clone())
	}
	st, next := f.state.state, saver().Dot("NextField").Call()
	value := c().Dot(f.state.value)
	if f.isInt() {
		both := jen.List(value, c().Dot(f.state.has))
		return []jen.Code{both.Clone().Op("=").List(saver().Dot("NextInt").Call(), jen.True())}, both.Clone().Op("=").List(jen.Lit(0), jen.False())
	}
	if st.Kind == ir.ValueState {
		both := jen.List(value, c().Dot(f.state.has))
		read = []jen.Code{both.Clone().Op("=").List(n.g.unpacked(st.Elem, next), jen.True())}
		zero = both.Clone().Op("=").List(n.g.zero(st.Elem), jen.False())
	} else {
		read = []jen.Code{value.Clone().Op("=").Add(n.g.unpackAccumulator(st.Agg).Call(next))}
		zero = value.Clone().Op("=").Add(n.g.handleType(st).Values())
	}
	read = append(read, checked(saver().Dot("CloseValue").Call()))
	if f.state.at != "" {
		read = append(read, c().Dot(f.state.at).Op("=").Add(saver().Dot("FieldTime").Call(jen.Id("r"), f.bit())))
	}
	return read, zero
}
