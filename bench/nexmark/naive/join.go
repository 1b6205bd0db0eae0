package naive

import (
	"cmp"
	"slices"

	"github.com/flow-lang/flowc/bench/nexmark/event"
)

func localItems(in Input) (rows []Row) {
	for _, p := range in.Persons {
		if p.State != "OR" && p.State != "ID" && p.State != "CA" {
			continue
		}
		for _, a := range in.Auctions {
			if a.Category == 10 && a.Seller == p.ID {
				rows = append(rows, Row{"name": p.Name, "city": p.City, "state": p.State, "auction": a.ID})
			}
		}
	}
	return rows
}

// sale is an auction with its winning bid.
type sale struct {
	event.Auction
	bid event.Bid
}

// sales returns the auctions that were sold, by the time of their end.
func sales(in Input) (sold []sale) {
	bids := map[int64][]event.Bid{}
	for _, b := range in.Bids {
		bids[b.Auction] = append(bids[b.Auction], b)
	}
	for _, a := range in.Auctions {
		s := sale{Auction: a}
		for _, b := range bids[a.ID] {
			if b.At >= a.At && b.At <= a.Expires && b.Price > s.bid.Price {
				s.bid = b
			}
		}
		if s.bid.Price > 0 {
			sold = append(sold, s)
		}
	}
	slices.SortFunc(sold, func(x, y sale) int {
		return cmp.Or(cmp.Compare(x.Expires, y.Expires), cmp.Compare(x.ID, y.ID))
	})
	return sold
}

func winners(in Input) (rows []Row) {
	for _, s := range sales(in) {
		rows = append(rows, Row{
			"auction": s.ID, "category": s.Category, "seller": s.Seller, "bidder": s.bid.Bidder, "price": s.bid.Price,
			"at": event.Time(s.bid.At), "expires": event.Time(s.Expires),
		})
	}
	return rows
}

// averageByCategory gives the last average of each category.
func averageByCategory(in Input) (rows []Row) {
	sums := map[int64][2]int64{}
	for _, s := range sales(in) {
		sum := sums[s.Category]
		sums[s.Category] = [2]int64{sum[0] + 1, sum[1] + s.bid.Price}
	}
	for category, sum := range sums {
		rows = append(rows, Row{"category": category, "sold": sum[0], "price": float64(sum[1]) / float64(sum[0])})
	}
	return rows
}

func averageBySeller(in Input) (rows []Row) {
	prices := map[int64][]int64{}
	for _, s := range sales(in) {
		all := append(prices[s.Seller], s.bid.Price)
		prices[s.Seller] = all[max(len(all)-10, 0):]
		sum := int64(0)
		for _, p := range prices[s.Seller] {
			sum += p
		}
		rows = append(rows, Row{"seller": s.Seller, "price": float64(sum) / float64(len(prices[s.Seller]))})
	}
	return rows
}

func newUsers(in Input) (rows []Row) {
	type stay struct{ id, window int64 }
	sells := map[stay]bool{}
	for _, a := range in.Auctions {
		sells[stay{a.Seller, window(a.At, 10*second)}] = true
	}
	for _, p := range in.Persons {
		if w := window(p.At, 10*second); sells[stay{p.ID, w}] {
			rows = append(rows, Row{"id": p.ID, "name": p.Name, "start": event.Time(w)})
		}
	}
	return rows
}

func expanded(in Input) (rows []Row) {
	auctions := map[int64]event.Auction{}
	for _, a := range in.Auctions {
		auctions[a.ID] = a
	}
	for _, b := range in.Bids {
		if a, ok := auctions[b.Auction]; ok && a.Category == 10 {
			rows = append(rows, Row{
				"auction": a.ID, "bidder": b.Bidder, "price": b.Price, "at": event.Time(b.At), "item": a.Item,
				"category": a.Category, "seller": a.Seller,
			})
		}
	}
	return rows
}

func triples(in Input) (rows []Row) {
	persons := map[int64]event.Person{}
	for _, p := range in.Persons {
		persons[p.ID] = p
	}
	auctions := map[int64]event.Auction{}
	for _, a := range in.Auctions {
		auctions[a.ID] = a
	}
	for _, b := range in.Bids {
		a, offered := auctions[b.Auction]
		if p, known := persons[a.Seller]; offered && known {
			rows = append(rows, Row{"auction": a.ID, "bidder": b.Bidder, "price": b.Price, "seller": p.ID, "name": p.Name})
		}
	}
	return rows
}
