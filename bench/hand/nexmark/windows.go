package main

import (
	"bufio"
	"math"

	"github.com/flow-lang/flowc/bench/hand/loop"
	"github.com/flow-lang/flowc/bench/hand/scan"
)

const second = 1_000_000

// floor is the multiple of size at or before at.
func floor(at, size int64) int64 { return at - at%size }

// hotItems is q5: it keeps the counts of five slices of two seconds, and their
// sums, from which a slice that is over goes away.
func hotItems() query {
	const slice, slices = 2 * second, 5
	var counts [slices]map[int64]int64
	for i := range counts {
		counts[i] = map[int64]int64{}
	}
	sums := map[int64]int64{}
	next := int64(math.MinInt64) // where the slice at hand ends
	fire := func(out []byte) []byte {
		most := int64(0)
		for _, n := range sums {
			most = max(most, n)
		}
		for auction, n := range sums {
			if n == most {
				out = number(append(out, '{'), "auction", auction)
				out = number(append(out, ','), "bids", n)
				out = moment(append(out, ','), "end", next)
				out = append(out, "}\n"...)
			}
		}
		next += slice
		old := counts[next/slice%slices]
		for auction, n := range old {
			if sums[auction] -= n; sums[auction] == 0 {
				delete(sums, auction)
			}
		}
		clear(old)
		return out
	}
	return query{
		bid: func(b *bid, out []byte) ([]byte, error) {
			for b.at >= next {
				if len(sums) == 0 {
					next = floor(b.at, slice) + slice
					break
				}
				out = fire(out)
			}
			counts[next/slice%slices][b.auction]++
			sums[b.auction]++
			return out, nil
		},
		end: func(out []byte) []byte {
			for len(sums) > 0 {
				out = fire(out)
			}
			return out
		},
	}
}

// highest is q7.
func highest() query {
	type best struct{ auction, price, bidder, at int64 }
	var bids []best
	end := int64(math.MinInt64)
	fire := func(out []byte) []byte {
		for _, b := range bids {
			out = number(append(out, '{'), "auction", b.auction)
			out = number(append(out, ','), "price", b.price)
			out = number(append(out, ','), "bidder", b.bidder)
			out = moment(append(out, ','), "at", b.at)
			out = append(out, "}\n"...)
		}
		bids = bids[:0]
		return out
	}
	return query{
		bid: func(b *bid, out []byte) ([]byte, error) {
			if b.at >= end {
				out = fire(out)
				end = floor(b.at, 10*second) + 10*second
			}
			if len(bids) > 0 && b.price > bids[0].price {
				bids = bids[:0]
			}
			if len(bids) == 0 || b.price == bids[0].price {
				bids = append(bids, best{b.auction, b.price, b.bidder, b.at})
			}
			return out, nil
		},
		end: fire,
	}
}

// sessions is q11. As all sessions have one gap, they end in the order of the bids
// that were their last when they came.
func sessions() query {
	const gap = 10 * second
	type session struct{ start, last, n int64 }
	type check struct{ bidder, at int64 }
	open := map[int64]*session{}
	var checks []check
	first := 0
	upTo := func(now int64, out []byte) []byte {
		for ; first < len(checks) && checks[first].at+gap <= now; first++ {
			c := checks[first]
			s := open[c.bidder]
			if s == nil || s.last != c.at {
				continue
			}
			out = number(append(out, '{'), "bidder", c.bidder)
			out = number(append(out, ','), "bids", s.n)
			out = moment(append(out, ','), "start", s.start)
			out = moment(append(out, ','), "end", s.last+gap)
			out = append(out, "}\n"...)
			delete(open, c.bidder)
		}
		if first > len(checks)/2 {
			checks = append(checks[:0], checks[first:]...)
			first = 0
		}
		return out
	}
	return query{
		bid: func(b *bid, out []byte) ([]byte, error) {
			out = upTo(b.at, out)
			s := open[b.bidder]
			if s == nil {
				s = &session{start: b.at}
				open[b.bidder] = s
			}
			s.last = b.at
			s.n++
			checks = append(checks, check{b.bidder, b.at})
			return out, nil
		},
		end: func(out []byte) []byte { return upTo(math.MaxInt64, out) },
	}
}

// newSellers is q8: it reads of two files the one that is behind.
func newSellers() error {
	persons, err := loop.Open("persons.jsonl")
	if err != nil {
		return err
	}
	defer func() { _ = persons.Close() }()
	auctions, err := loop.Open("auctions.jsonl")
	if err != nil {
		return err
	}
	defer func() { _ = auctions.Close() }()
	var ps, as scan.Scanner
	names, sellers := map[int64]string{}, map[int64]bool{} // of the window at hand
	end := int64(math.MinInt64)
	return loop.Write("out.jsonl", func(w *bufio.Writer) error {
		turn := func(at int64) error {
			if at < end {
				return nil
			}
			out := w.AvailableBuffer()
			for id := range sellers {
				if name, ok := names[id]; ok {
					out = number(append(out, '{'), "id", id)
					out = words(append(out, ','), "name", []byte(name))
					out = moment(append(out, ','), "start", end-10*second)
					out = append(out, "}\n"...)
				}
			}
			clear(names)
			clear(sellers)
			end = floor(at, 10*second) + 10*second
			_, err := w.Write(out)
			return err
		}
		p, a := person{at: math.MinInt64}, auction{at: math.MinInt64}
		nextPerson := func() error {
			line, err := persons.Next()
			if line == nil || err != nil {
				p.at = math.MaxInt64
				return err
			}
			if p, err = decodePerson(&ps, line); err != nil {
				return persons.At(err)
			}
			return nil
		}
		nextAuction := func() error {
			line, err := auctions.Next()
			if line == nil || err != nil {
				a.at = math.MaxInt64
				return err
			}
			if a, err = decodeAuction(&as, line); err != nil {
				return auctions.At(err)
			}
			return nil
		}
		if err := nextPerson(); err != nil {
			return err
		}
		if err := nextAuction(); err != nil {
			return err
		}
		for p.at != math.MaxInt64 || a.at != math.MaxInt64 {
			if err := turn(min(p.at, a.at)); err != nil {
				return err
			}
			if p.at <= a.at {
				names[p.id] = string(p.name)
				if err := nextPerson(); err != nil {
					return err
				}
				continue
			}
			sellers[a.seller] = true
			if err := nextAuction(); err != nil {
				return err
			}
		}
		return turn(math.MaxInt64 - 10*second)
	})
}
