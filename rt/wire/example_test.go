package wire_test

import (
	"fmt"

	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// A Level is an enum of the program.
type Level int32

const (
	levelLow Level = iota
	levelMid
	levelHigh
)

// Bid is a record of the program:
//
//	record Bid {
//	  auction: int
//	  bidder:  int
//	  price:   float
//	  channel: string
//	  at:      timestamp
//	  note:    string?
//	  level:   Level
//	}
type Bid struct {
	Auction int64
	Bidder  int64
	Price   float64
	Channel string
	At      value.Timestamp
	Note    value.Option[string]
	Level   Level
}

// The bits of a Bid's fields, and those that must not be missing.
const (
	bidAuction = 1 << iota
	bidBidder
	bidPrice
	bidChannel
	bidAt
	bidNote
	bidLevel

	bidRequired = bidAuction | bidBidder | bidPrice | bidChannel | bidAt | bidLevel
)

// decodeBid reads a line into v. It expects the fields in declared order, as an
// encoder of this record writes them, and takes the rest in any.
func decodeBid(d *wire.Dec, line []byte, v *Bid) bool {
	d.Reset(line)
	readBid(d, v)
	return d.End()
}

func readBid(d *wire.Dec, v *Bid) {
	*v = Bid{}
	if !d.BeginObject() {
		return
	}
	seen := uint64(0)
	if d.Key(`"auction":`) {
		seen |= bidAuction
		v.Auction = d.Int()
	}
	if d.Key(`"bidder":`) {
		seen |= bidBidder
		v.Bidder = d.Int()
	}
	if d.Key(`"price":`) {
		seen |= bidPrice
		v.Price = d.Float()
	}
	if d.Key(`"channel":`) {
		seen |= bidChannel
		v.Channel = d.String()
	}
	if d.Key(`"at":`) {
		seen |= bidAt
		v.At = d.Timestamp()
	}
	if d.Key(`"note":`) {
		seen |= bidNote
		if !d.Null() {
			v.Note = value.Some(d.String())
		}
	}
	if d.Key(`"level":`) {
		seen |= bidLevel
		v.Level = readLevel(d)
	}
	if !d.EndObject() {
		seen = readBidRest(d, v, seen)
	}
	if missing := bidRequired &^ seen; missing != 0 {
		d.Missing(missing, "auction", "bidder", "price", "channel", "at", "note", "level")
	}
}

// readBidRest reads the fields that did not come in order.
func readBidRest(d *wire.Dec, v *Bid, seen uint64) uint64 {
	for {
		name, ok := d.NextKey()
		if !ok {
			return seen
		}
		field := uint64(0)
		switch string(name) {
		case "auction":
			if field = bidAuction; seen&field == 0 {
				v.Auction = d.Int()
			}
		case "bidder":
			if field = bidBidder; seen&field == 0 {
				v.Bidder = d.Int()
			}
		case "price":
			if field = bidPrice; seen&field == 0 {
				v.Price = d.Float()
			}
		case "channel":
			if field = bidChannel; seen&field == 0 {
				v.Channel = d.String()
			}
		case "at":
			if field = bidAt; seen&field == 0 {
				v.At = d.Timestamp()
			}
		case "note":
			if field = bidNote; seen&field == 0 && !d.Null() {
				v.Note = value.Some(d.String())
			}
		case "level":
			if field = bidLevel; seen&field == 0 {
				v.Level = readLevel(d)
			}
		default:
			d.Skip()
		}
		if seen&field != 0 {
			d.Twice()
		}
		seen |= field
	}
}

func readLevel(d *wire.Dec) Level {
	switch s := d.String(); s {
	case "low":
		return levelLow
	case "mid":
		return levelMid
	case "high":
		return levelHigh
	default:
		d.NoSymbol(s, "Level")
	}
	return 0
}

// appendBid appends v as a JSON object.
func appendBid(dst []byte, v *Bid, f *value.Fault) []byte {
	dst = append(dst, `{"auction":`...)
	dst = wire.AppendInt(dst, v.Auction)
	dst = append(dst, `,"bidder":`...)
	dst = wire.AppendInt(dst, v.Bidder)
	dst = append(dst, `,"price":`...)
	dst = wire.AppendFloat(dst, v.Price, f, value.At(0, 4, 12))
	dst = append(dst, `,"channel":`...)
	dst = wire.AppendString(dst, v.Channel)
	dst = append(dst, `,"at":`...)
	dst = wire.AppendTimestamp(dst, v.At)
	if v.Note.OK {
		dst = append(dst, `,"note":`...)
		dst = wire.AppendString(dst, v.Note.V)
	} else {
		dst = append(dst, `,"note":null`...)
	}
	switch v.Level {
	case levelLow:
		dst = append(dst, `,"level":"low"}`...)
	case levelMid:
		dst = append(dst, `,"level":"mid"}`...)
	default:
		dst = append(dst, `,"level":"high"}`...)
	}
	return dst
}

// The functions above are what the code generator emits for a record: names in
// declared order are a compare each, and any other line takes the long way.
func Example() {
	var d wire.Dec
	var f value.Fault
	for _, line := range []string{
		`{"auction":1007,"bidder":2001,"price":12.5,"channel":"Google","at":"2024-05-01T12:00:00Z","note":null,"level":"mid"}`,
		`{"level": "low", "at": "2024-05-01T14:00:00.25+02:00", "auction": 1, "bidder": 2, "price": 3, "channel": "a\tb", "extra": [1]}`,
		`{"auction":6.5}`,
		`{"auction":1,"auction":2}`,
		`{"auction":1,"bidder":2}`,
	} {
		var bid Bid
		if decodeBid(&d, []byte(line), &bid) {
			fmt.Println(string(appendBid(nil, &bid, &f)))
		} else {
			fmt.Println("malformed:", d.Err())
		}
	}
	// Output:
	// {"auction":1007,"bidder":2001,"price":12.5,"channel":"Google","at":"2024-05-01T12:00:00Z","note":null,"level":"mid"}
	// {"auction":1,"bidder":2,"price":3,"channel":"a\tb","at":"2024-05-01T12:00:00.25Z","note":null,"level":"low"}
	// malformed: field auction: 6.5 is no int
	// malformed: field auction appears twice
	// malformed: field price is missing
}
