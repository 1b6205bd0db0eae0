package main

import "github.com/flow-lang/flowc/bench/hand/scan"

// bid is a row of bids.jsonl. Of its texts it has those that the query wants, and
// these are good while the line is.
type bid struct {
	auction, bidder, price int64
	channel, url, extra    []byte
	at                     int64 // microseconds
}

// fields reads the fields of one object: field reads the value of each that it
// knows and returns its bit, or 0. All of all must be there, each once.
func fields(s *scan.Scanner, line []byte, all int, field func(key []byte) int) error {
	has := 0
	s.Reset(line)
	s.Begin()
	for first := true; ; first = false {
		key, more := s.Key(first)
		if !more {
			break
		}
		bit := field(key)
		if bit == 0 {
			s.Skip()
		}
		if has&bit != 0 {
			return scan.ErrSyntax
		}
		has |= bit
	}
	if s.Err() != nil || has != all {
		return scan.ErrSyntax
	}
	return nil
}

// The texts of a bid, which a query wants or not.
const (
	channel = 1 << (iota + 3)
	address
	_
	extra
)

// text reads a text that is wanted, and moves past any other.
func text(s *scan.Scanner, wanted bool) []byte {
	if wanted {
		return s.String()
	}
	s.SkipString()
	return nil
}

func decodeBid(s *scan.Scanner, line []byte, wants int) (b bid, err error) {
	err = fields(s, line, 1<<7-1, func(key []byte) int {
		switch string(key) {
		case "auction":
			b.auction = s.Int()
			return 1
		case "bidder":
			b.bidder = s.Int()
			return 1 << 1
		case "price":
			b.price = s.Int()
			return 1 << 2
		case "channel":
			b.channel = text(s, wants&channel != 0)
			return channel
		case "url":
			b.url = text(s, wants&address != 0)
			return address
		case "at":
			b.at = s.Time()
			return 1 << 5
		case "extra":
			b.extra = text(s, wants&extra != 0)
			return extra
		}
		return 0
	})
	return b, err
}

// person is what is needed of a row of persons.jsonl.
type person struct {
	id, at int64
	name   []byte // good while the line is
}

func decodePerson(s *scan.Scanner, line []byte) (p person, err error) {
	err = fields(s, line, 1<<8-1, func(key []byte) int {
		switch string(key) {
		case "id":
			p.id = s.Int()
			return 1
		case "name":
			p.name = s.String()
			return 1 << 1
		case "email":
			s.SkipString()
			return 1 << 2
		case "credit_card":
			s.SkipString()
			return 1 << 3
		case "city":
			s.SkipString()
			return 1 << 4
		case "state":
			s.SkipString()
			return 1 << 5
		case "at":
			p.at = s.Time()
			return 1 << 6
		case "extra":
			s.SkipString()
			return 1 << 7
		}
		return 0
	})
	return p, err
}

// auction is what is needed of a row of auctions.jsonl.
type auction struct{ seller, at int64 }

func decodeAuction(s *scan.Scanner, line []byte) (a auction, err error) {
	err = fields(s, line, 1<<10-1, func(key []byte) int {
		switch string(key) {
		case "id":
			s.Int()
			return 1
		case "item":
			s.SkipString()
			return 1 << 1
		case "description":
			s.SkipString()
			return 1 << 2
		case "initial_bid":
			s.Int()
			return 1 << 3
		case "reserve":
			s.Int()
			return 1 << 4
		case "at":
			a.at = s.Time()
			return 1 << 5
		case "expires":
			s.Time()
			return 1 << 6
		case "seller":
			a.seller = s.Int()
			return 1 << 7
		case "category":
			s.Int()
			return 1 << 8
		case "extra":
			s.SkipString()
			return 1 << 9
		}
		return 0
	})
	return a, err
}
