package event

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// All returns the first n events of the stream, by kind.
func (s Stream) All(n int64) (persons []Person, auctions []Auction, bids []Bid) {
	for i := range n {
		switch KindOf(i) {
		case PersonKind:
			persons = append(persons, s.Person(i))
		case AuctionKind:
			auctions = append(auctions, s.Auction(i))
		default:
			bids = append(bids, s.Bid(i))
		}
	}
	return persons, auctions, bids
}

// Write writes the first n events as JSON lines to persons.jsonl, auctions.jsonl
// and bids.jsonl in dir, and side.jsonl, which says something of 10,000 numbers.
func (s Stream) Write(dir string, n int64) (err error) {
	var files [4]*bufio.Writer
	for i, name := range []string{"persons.jsonl", "auctions.jsonl", "bids.jsonl", "side.jsonl"} {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		files[i] = bufio.NewWriterSize(f, 1<<20)
		defer func() {
			if failed := f.Close(); err == nil {
				err = failed
			}
		}()
	}
	for i := range n {
		kind := KindOf(i)
		if _, err := files[kind].Write(s.row(kind, i)); err != nil {
			return err
		}
	}
	for id := range SideRows {
		if _, err := fmt.Fprintf(files[3], "{\"id\":%d,\"text\":%q}\n", id, SideText(int64(id))); err != nil {
			return err
		}
	}
	for _, f := range files {
		if err := f.Flush(); err != nil {
			return err
		}
	}
	return nil
}

// SideRows is the number of rows of side.jsonl, and SideText what row id says.
const SideRows = 10_000

func SideText(id int64) string { return fmt.Sprintf("number %d", id) }

// row returns event i as a line of JSON.
func (s Stream) row(kind Kind, i int64) []byte {
	var b []byte
	switch kind {
	case PersonKind:
		p := s.Person(i)
		b = fmt.Appendf(b, `{"id":%d,"name":%q,"email":%q,"credit_card":%q,"city":%q,"state":%q,"at":%q,"extra":%q}`,
			p.ID, p.Name, p.Email, p.CreditCard, p.City, p.State, Time(p.At), p.Ex)
	case AuctionKind:
		a := s.Auction(i)
		b = fmt.Appendf(b, `{"id":%d,"item":%q,"description":%q,"initial_bid":%d,"reserve":%d,"at":%q,"expires":%q,"seller":%d,"category":%d,"extra":%q}`,
			a.ID, a.Item, a.Description, a.InitialBid, a.Reserve, Time(a.At), Time(a.Expires), a.Seller, a.Category, a.Ex)
	default:
		d := s.Bid(i)
		b = fmt.Appendf(b, `{"auction":%d,"bidder":%d,"price":%d,"channel":%s,"url":%s,"at":%q,"extra":%q}`,
			d.Auction, d.Bidder, d.Price, quoted(d.Channel), quoted(d.URL), Time(d.At), d.Ex)
	}
	return append(b, '\n')
}

// quoted is a text as a JSON string.
func quoted(text string) []byte {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string always has a form
	}
	return b
}

// Time writes a time in µs since the Unix epoch as RFC 3339 in UTC.
func Time(at int64) string { return time.UnixMicro(at).UTC().Format(time.RFC3339Nano) }
