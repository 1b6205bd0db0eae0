package wire

import (
	"encoding/base64"
	"errors"
	"strconv"
	"unicode/utf8"

	"github.com/flow-lang/flowc/rt/value"
)

// Empty reports whether the field has no column or an empty cell, which is none
// for an optional field.
func (d *CSV) Empty(field int) bool {
	column := d.columns[field]
	return column < 0 || column >= len(d.cells) || d.cells[column].start == d.cells[column].end
}

// cell returns the bytes of a field's cell; none after a mistake.
func (d *CSV) cell(field int) []byte {
	column := d.columns[field]
	if d.err != nil || uint(column) >= uint(len(d.cells)) {
		return nil
	}
	return d.textOf(d.cells[column])
}

// textOf returns the content of a cell, each two quotes in it made one.
func (d *CSV) textOf(c cell) []byte {
	raw := d.block[c.start:c.end]
	if !c.doubled {
		return raw
	}
	text := d.text.reserve(len(raw))
	for i := 0; i < len(raw); i++ {
		text = append(text, raw[i])
		if raw[i] == '"' {
			i++
		}
	}
	return d.text.keep(text)
}

// isNo records that the field's cell is no typ.
func (d *CSV) isNo(field int, typ string) {
	if d.err == nil {
		if text := d.cell(field); len(text) > 0 {
			d.Refuse(field, quote(view(text))+" is no "+typ)
			return
		}
		d.failColumn(field, " is empty")
	}
}

// Refuse records that the field's cell is wrong: the reason stands after the
// column's name and a colon.
func (d *CSV) Refuse(field int, reason string) { d.failColumn(field, ": "+reason) }

func (d *CSV) failColumn(field int, reason string) {
	if d.err == nil {
		d.fail("column " + d.format.Columns[field].Name + reason)
	}
}

// NoSymbol records that text, which was just read, is no symbol of enum.
func (d *CSV) NoSymbol(field int, text, enum string) {
	d.Refuse(field, quote(text)+" is no "+enum)
}

// String reads a string.
func (d *CSV) String(field int) string {
	text := d.cell(field)
	for i := 0; i < len(text); {
		if i+8 <= len(text) && load64(text[i:])&tops == 0 {
			i += 8
			continue
		}
		if text[i] >= utf8.RuneSelf {
			if !utf8.Valid(text[i:]) {
				d.failColumn(field, ": invalid UTF-8")
				return ""
			}
			break
		}
		i++
	}
	return view(text)
}

// Int reads a whole number, with or without a sign.
func (d *CSV) Int(field int) int64 { return d.whole(field, "int") }

// Int32 reads a whole number of 32 bits.
func (d *CSV) Int32(field int) int32 {
	n := d.whole(field, "int32")
	if int64(int32(n)) != n {
		d.doesNotFit(field, "int32")
		return 0
	}
	return int32(n)
}

// whole reads a whole number of 64 bits.
func (d *CSV) whole(field int, typ string) int64 {
	text := d.cell(field)
	digits := text
	negative := len(text) > 0 && text[0] == '-'
	if negative {
		digits = text[1:]
	}
	if uint(len(digits)-1) > 17 {
		return d.anyWhole(field, text, typ)
	}
	var n int64
	for _, c := range digits {
		if c -= '0'; c > 9 {
			return d.anyWhole(field, text, typ)
		}
		n = n*10 + int64(c)
	}
	if negative {
		return -n
	}
	return n
}

// anyWhole reads any whole number.
func (d *CSV) anyWhole(field int, text []byte, typ string) int64 {
	n, err := strconv.ParseInt(view(text), 10, 64)
	switch {
	case err == nil:
		return n
	case errors.Is(err, strconv.ErrRange):
		d.doesNotFit(field, typ)
	default:
		d.isNo(field, typ)
	}
	return 0
}

// doesNotFit records that the number in the field's cell does not fit typ.
func (d *CSV) doesNotFit(field int, typ string) {
	if d.err == nil {
		d.Refuse(field, cut(view(d.cell(field)))+" does not fit "+typ)
	}
}

// Float reads a number. One beyond the largest float64 is malformed.
func (d *CSV) Float(field int) float64 {
	text := d.cell(field)
	if n, places, end := scanDecimal(text, 0); end == len(text) && end > 0 && n <= 1<<53 {
		x := float64(n)
		if places > 0 {
			x /= pow10[places]
		}
		if text[0] == '-' {
			return -x
		}
		return x
	}
	if x := value.ParseFloat(view(text)); x.OK {
		return x.V
	}
	d.isNo(field, "float")
	return 0
}

// Float32 reads a number. One beyond the largest float32 is malformed.
func (d *CSV) Float32(field int) float32 {
	if x := value.ParseFloat32(view(d.cell(field))); x.OK {
		return x.V
	}
	d.isNo(field, "float32")
	return 0
}

// Decimal reads a number as a decimal(precision, scale), with or without an
// exponent. One with more digits, unless they are zeros behind the point, is
// malformed.
func (d *CSV) Decimal(field, precision, scale int) value.Decimal {
	text := d.cell(field)
	if n, places, end := scanDecimal(text, 0); end == len(text) && end > 0 {
		if x, ok := value.DecimalAt(n, text[0] == '-', scale-places, precision); ok {
			return x
		}
	}
	x, number, ok := value.ParseDecimal(text, precision, scale)
	switch {
	case ok:
		return x
	case number:
		d.doesNotFit(field, value.DecimalName(precision, scale))
	default:
		d.isNo(field, value.DecimalName(precision, scale))
	}
	return value.Decimal{}
}

// Bool reads true or false.
func (d *CSV) Bool(field int) bool {
	switch string(d.cell(field)) {
	case "true":
		return true
	case "false":
		return false
	}
	d.isNo(field, "bool")
	return false
}

// Bytes reads standard, padded base64. The bytes are fresh and belong to the
// caller.
func (d *CSV) Bytes(field int) []byte {
	text := d.cell(field)
	b, err := appendBase64(d.text.reserve(base64.StdEncoding.DecodedLen(len(text))), view(text))
	if err != nil {
		d.isNo(field, "base64")
		return nil
	}
	return d.text.keep(b)
}

// Timestamp reads a time in the layout of the format.
func (d *CSV) Timestamp(field int) value.Timestamp {
	text := d.cell(field)
	if d.format.Layout == "" {
		if t, ok := value.ParseRFC3339(text); ok {
			return t
		}
	} else if t := value.ParseTimestamp(view(text), d.format.Layout); t.OK {
		return t.V
	}
	d.isNo(field, "timestamp")
	return 0
}

// Date reads a date such as 2024-05-01.
func (d *CSV) Date(field int) value.Date {
	return parsedCell(d, field, value.ParseDate[[]byte], "date")
}

// Duration reads a duration such as 1h30m.
func (d *CSV) Duration(field int) value.Duration {
	return parsedCell(d, field, value.ParseDuration[[]byte], "duration")
}

// UUID reads the text form of a UUID.
func (d *CSV) UUID(field int) value.UUID {
	return parsedCell(d, field, value.ParseUUID[[]byte], "uuid")
}

// parsedCell reads a cell that parse understands.
func parsedCell[T any](d *CSV, field int, parse func([]byte) (T, bool), typ string) (zero T) {
	if x, ok := parse(d.cell(field)); ok {
		return x
	}
	d.isNo(field, typ)
	return zero
}

// JSON reads the text of a JSON value.
func (d *CSV) JSON(field int) value.JSON {
	text := d.cell(field)
	var j Dec
	j.Reset(text)
	if !j.Skip() || !j.End() {
		d.isNo(field, "json")
		return ""
	}
	return value.JSON(view(text))
}
