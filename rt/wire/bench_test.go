package wire_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// bidLine is a line of 180 bytes as the programs of the benchmarks read it.
const bidLine = `{"auction":1007,"bidder":200133,"price":1234.56,"channel":"channel-google-ads",` +
	`"at":"2024-05-01T12:00:00Z","note":"a note of a length that is usual for notes, ok","level":"high"}`

// plainBid is a Bid for encoding/json.
type plainBid struct {
	Auction int64     `json:"auction"`
	Bidder  int64     `json:"bidder"`
	Price   float64   `json:"price"`
	Channel string    `json:"channel"`
	At      time.Time `json:"at"`
	Note    *string   `json:"note"`
	Level   string    `json:"level"`
}

// BenchmarkDecode measures one line of 180 bytes with seven fields.
func BenchmarkDecode(b *testing.B) {
	const anyOrder = `{"level":"high","note":"a note of a length that is usual for notes, ok","at":"2024-05-01T12:00:00Z",` +
		`"channel":"channel-google-ads","price":1234.56,"bidder":200133,"auction":1007}`
	const spaced = `{"auction": 1007, "bidder": 200133, "price": 1234.56, "channel": "channel-google-ads", ` +
		`"at": "2024-05-01T12:00:00Z", "note": "a note of a length that is usual for notes, ok", "level": "high"}`
	for _, bb := range []struct{ name, line string }{
		{"in order", bidLine},
		{"any order", anyOrder},
		{"spaced", spaced},
	} {
		b.Run(bb.name, func(b *testing.B) {
			line := []byte(bb.line)
			var d wire.Dec
			var bid Bid
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				if !decodeBid(&d, line, &bid) {
					b.Fatal(d.Err())
				}
			}
		})
	}
	b.Run("skipped", func(b *testing.B) {
		line := []byte(bidLine)
		var d wire.Dec
		b.SetBytes(int64(len(line)))
		for b.Loop() {
			d.Reset(line)
			if !d.Skip() {
				b.Fatal(d.Err())
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		line := []byte(bidLine)
		b.SetBytes(int64(len(line)))
		b.ReportAllocs()
		for b.Loop() {
			var bid plainBid
			if err := json.Unmarshal(line, &bid); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkEncode measures the same record on its way out.
func BenchmarkEncode(b *testing.B) {
	b.Run("generated", func(b *testing.B) {
		var d wire.Dec
		var f value.Fault
		var bid Bid
		if !decodeBid(&d, []byte(bidLine), &bid) {
			b.Fatal(d.Err())
		}
		var buf []byte
		b.ReportAllocs()
		for b.Loop() {
			buf = appendBid(buf[:0], &bid, &f)
		}
		b.SetBytes(int64(len(buf)))
	})
	b.Run("by hand", func(b *testing.B) {
		var bid plainBid
		if err := json.Unmarshal([]byte(bidLine), &bid); err != nil {
			b.Fatal(err)
		}
		var buf []byte
		for b.Loop() {
			buf = appendByHand(buf[:0], &bid)
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		var bid plainBid
		if err := json.Unmarshal([]byte(bidLine), &bid); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := json.Marshal(&bid); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// appendByHand is what a careful programmer writes with the standard library
// for strings that need no escapes.
func appendByHand(dst []byte, v *plainBid) []byte {
	dst = append(dst, `{"auction":`...)
	dst = strconv.AppendInt(dst, v.Auction, 10)
	dst = append(dst, `,"bidder":`...)
	dst = strconv.AppendInt(dst, v.Bidder, 10)
	dst = append(dst, `,"price":`...)
	dst = strconv.AppendFloat(dst, v.Price, 'f', -1, 64)
	dst = append(dst, `,"channel":"`...)
	dst = append(dst, v.Channel...)
	dst = append(dst, `","at":"`...)
	dst = v.At.AppendFormat(dst, time.RFC3339Nano)
	dst = append(dst, `","note":"`...)
	dst = append(dst, *v.Note...)
	dst = append(dst, `","level":"`...)
	dst = append(dst, v.Level...)
	return append(dst, `"}`...)
}

// BenchmarkCSV measures one row of 135 bytes with seven cells, six of which are
// read as numbers, strings and times.
func BenchmarkCSV(b *testing.B) {
	const row = `1007,200133,1234.56,channel-google-ads,2024-05-01T12:00:00Z,a note of a length that is usual for notes, high` + "\n"
	const rows = 1000
	block := []byte(strings.Repeat(row, rows))
	b.Run("wire", func(b *testing.B) {
		d := wire.NewCSV(textColumns(7))
		b.ReportAllocs()
		var sum int64
		for b.Loop() {
			for d.Reset(block, nil, 1); d.Next(); {
				sum += d.Int(0) + d.Int(1) + int64(d.Float(2)) + int64(len(d.String(3))) + int64(d.Timestamp(4)) + int64(len(d.String(5)))
				if d.Err() != nil {
					b.Fatal(d.Err())
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
	})
	b.Run("encoding-csv", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r := csv.NewReader(bytes.NewReader(block))
			r.ReuseRecord = true
			for {
				cells, err := r.Read()
				if err == io.EOF {
					break
				}
				_, err1 := strconv.ParseInt(cells[0], 10, 64)
				_, err2 := strconv.ParseInt(cells[1], 10, 64)
				_, err3 := strconv.ParseFloat(cells[2], 64)
				_, err4 := time.Parse(time.RFC3339, cells[4])
				if err != nil || err1 != nil || err2 != nil || err3 != nil || err4 != nil {
					b.Fatal(err)
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/row")
	})
}
