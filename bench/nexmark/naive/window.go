package naive

import (
	"cmp"
	"slices"
	"time"

	"github.com/flow-lang/flowc/bench/nexmark/event"
)

func hotItems(in Input) (rows []Row) {
	counts := map[int64]map[int64]int{} // by end of the window, then auction
	for _, b := range in.Bids {
		for end := window(b.At, 2*second) + 2*second; end <= window(b.At, 2*second)+10*second; end += 2 * second {
			if counts[end] == nil {
				counts[end] = map[int64]int{}
			}
			counts[end][b.Auction]++
		}
	}
	for end, of := range counts {
		most := 0
		for _, n := range of {
			most = max(most, n)
		}
		for auction, n := range of {
			if n == most {
				rows = append(rows, Row{"auction": auction, "bids": n, "end": event.Time(end)})
			}
		}
	}
	return rows
}

func highest(in Input) (rows []Row) {
	most := map[int64]int64{}
	for _, b := range in.Bids {
		w := window(b.At, 10*second)
		most[w] = max(most[w], b.Price)
	}
	for _, b := range in.Bids {
		if b.Price == most[window(b.At, 10*second)] {
			rows = append(rows, Row{"auction": b.Auction, "price": b.Price, "bidder": b.Bidder, "at": event.Time(b.At)})
		}
	}
	return rows
}

func sessions(in Input) (rows []Row) {
	type session struct{ start, last, n int64 }
	open := map[int64]session{}
	end := func(bidder int64, s session) {
		rows = append(rows, Row{"bidder": bidder, "bids": s.n, "start": event.Time(s.start), "end": event.Time(s.last + 10*second)})
	}
	for _, b := range in.Bids {
		s, ok := open[b.Bidder]
		if ok && b.At >= s.last+10*second {
			end(b.Bidder, s)
			ok = false
		}
		if !ok {
			s = session{start: b.At}
		}
		open[b.Bidder] = session{s.start, b.At, s.n + 1}
	}
	for bidder, s := range open {
		end(bidder, s)
	}
	return rows
}

// group gathers bids by a key.
func group[K comparable](bids []event.Bid, key func(event.Bid) K) map[K][]event.Bid {
	groups := map[K][]event.Bid{}
	for _, b := range bids {
		groups[key(b)] = append(groups[key(b)], b)
	}
	return groups
}

// date writes the day that at lies in.
func date(at int64) string { return time.UnixMicro(at).UTC().Format(time.DateOnly) }

// rank is 1 for a price below 10,000, 2 below 1,000,000, else 3.
func rank(b event.Bid) int {
	switch {
	case b.Price < 10_000:
		return 1
	case b.Price < 1_000_000:
		return 2
	}
	return 3
}

// statistics counts bids, bidders and auctions, of all bids and of each rank.
func statistics(bids []event.Bid) Row {
	row := Row{}
	for r, name := range []string{"", "rank1_", "rank2_", "rank3_"} {
		n, bidders, auctions := 0, map[int64]bool{}, map[int64]bool{}
		for _, b := range bids {
			if r == 0 || rank(b) == r {
				n++
				bidders[b.Bidder], auctions[b.Auction] = true, true
			}
		}
		row[name+"bids"], row[name+"bidders"], row[name+"auctions"] = n, len(bidders), len(auctions)
	}
	return row
}

func days(in Input) (rows []Row) {
	for _, of := range group(in.Bids, func(b event.Bid) int64 { return window(b.At, day) }) {
		rows = append(rows, Row{"day": date(of[0].At), "of": statistics(of)})
	}
	return rows
}

func channels(in Input) (rows []Row) {
	type key struct {
		channel string
		day     int64
	}
	for k, of := range group(in.Bids, func(b event.Bid) key { return key{b.Channel, window(b.At, day)} }) {
		row := statistics(of)
		last := int64(0)
		for _, b := range of {
			last = max(last, window(b.At, 60*second))
		}
		row["last_minute"] = event.Time(last)
		rows = append(rows, Row{"channel": k.channel, "day": date(k.day), "of": row})
	}
	return rows
}

func auctionDays(in Input) (rows []Row) {
	type key struct{ auction, day int64 }
	for k, of := range group(in.Bids, func(b event.Bid) key { return key{b.Auction, window(b.At, day)} }) {
		least, most, total := of[0].Price, of[0].Price, int64(0)
		ranks := [4]int{}
		for _, b := range of {
			least, most, total = min(least, b.Price), max(most, b.Price), total+b.Price
			ranks[rank(b)]++
		}
		rows = append(rows, Row{"auction": k.auction, "day": date(k.day), "of": Row{
			"bids": len(of), "rank1_bids": ranks[1], "rank2_bids": ranks[2], "rank3_bids": ranks[3],
			"least": least, "most": most, "average": float64(total) / float64(len(of)), "total": total,
		}})
	}
	return rows
}

// lastBids gives the last bid of each bidder for each auction.
func lastBids(in Input) (rows []Row) {
	type key struct{ auction, bidder int64 }
	for k, of := range group(in.Bids, func(b event.Bid) key { return key{b.Auction, b.Bidder} }) {
		last := of[len(of)-1]
		rows = append(rows, Row{"auction": k.auction, "bidder": k.bidder, "price": last.Price, "at": event.Time(last.At)})
	}
	return rows
}

func topTen(in Input) (rows []Row) {
	type key struct{ auction, day int64 }
	for k, of := range group(in.Bids, func(b event.Bid) key { return key{b.Auction, window(b.At, day)} }) {
		slices.SortStableFunc(of, func(x, y event.Bid) int { return cmp.Compare(y.Price, x.Price) })
		prices, bidders := []int64{}, []int64{}
		for _, b := range of[:min(10, len(of))] {
			prices, bidders = append(prices, b.Price), append(bidders, b.Bidder)
		}
		rows = append(rows, Row{"auction": k.auction, "prices": prices, "bidders": bidders})
	}
	return rows
}
