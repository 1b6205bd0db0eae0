// Package event makes the events of the Nexmark benchmark: persons who offer
// auctions and bid in them.
//
// An event is a function of the seed and its number alone, so that any part of
// the stream can be made again, by several processes and after a crash. The
// proportions, the hot keys and the distributions are those of the generator of
// nexmark/nexmark (commit 6b3646c), whose own random source cannot be replayed.
package event

import (
	"math"
	"math/bits"
)

// Kind says what an event is.
type Kind uint8

// The kinds, in the order in which they stand in each period.
const (
	PersonKind Kind = iota
	AuctionKind
	BidKind
)

// Proportions of a period, and the first identifiers.
const (
	personsPerPeriod  = 1
	auctionsPerPeriod = 3
	period            = 50

	firstPerson   = 1000
	firstAuction  = 1000
	firstCategory = 10
	categories    = 5

	activePersons = 1000 // persons who are drawn from
	personLead    = 10   // and those who will come
	openAuctions  = 100
	auctionLead   = 10

	hotAuctionRatio = 2 // one bid in so many goes to no hot auction
	hotBidderRatio  = 4
	hotSellerRatio  = 4
	hotStride       = 100
)

// Base is the time of event 0 in µs since the Unix epoch: 2015-07-15T00:00:00Z.
const Base = 1436918400_000_000

// Person is a new user.
type Person struct {
	ID                                       int64
	Name, Email, CreditCard, City, State, Ex string
	At                                       int64 // µs since the Unix epoch
}

// Auction is offered by a person.
type Auction struct {
	ID, InitialBid, Reserve, Seller, Category int64
	Item, Description, Ex                     string
	At, Expires                               int64 // µs since the Unix epoch
}

// Bid is for an auction.
type Bid struct {
	Auction, Bidder, Price int64 // the price in cents
	Channel, URL, Ex       string
	At                     int64 // µs since the Unix epoch
}

// Stream is one stream of events. Rate is in events per second of event time,
// from 1 to 1,000,000.
type Stream struct {
	Seed uint64
	Rate int64
}

// KindOf returns the kind of event n, counted from 0.
func KindOf(n int64) Kind {
	switch r := n % period; {
	case r < personsPerPeriod:
		return PersonKind
	case r < personsPerPeriod+auctionsPerPeriod:
		return AuctionKind
	}
	return BidKind
}

// Time returns when event n happens, in µs since the Unix epoch.
func (s Stream) Time(n int64) int64 { return Base + n*1_000_000/s.Rate }

// random is splitmix64: a stream of its own for each event. Source: Steele, Lea
// and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
type random struct{ state uint64 }

func (s Stream) random(n int64) *random {
	r := &random{s.Seed + uint64(n)*0x9e3779b97f4a7c15}
	r.next()
	return &random{r.next()}
}

func (r *random) next() uint64 {
	r.state += 0x9e3779b97f4a7c15
	z := r.state
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// below returns a number from 0 to n-1.
func (r *random) below(n int64) int64 {
	hi, _ := bits.Mul64(r.next(), uint64(n))
	return int64(hi)
}

// price is spread evenly over six powers of ten, from 1.00 up.
func (r *random) price() int64 {
	u := float64(r.next()>>11) / (1 << 53)
	return int64(math.Round(math.Pow(10, u*6) * 100))
}

// lastPerson and lastAuction return how many persons and auctions came before
// the event after n, less one.
func lastPerson(n int64) int64 { return n / period }

func lastAuction(n int64) int64 {
	epoch, r := n/period, n%period
	switch {
	case r < personsPerPeriod:
		return epoch*auctionsPerPeriod - 1
	case r >= personsPerPeriod+auctionsPerPeriod:
		return epoch*auctionsPerPeriod + auctionsPerPeriod - 1
	}
	return epoch*auctionsPerPeriod + r - personsPerPeriod
}

// person draws one of the active persons, or one who will come soon.
func (r *random) person(n int64) int64 {
	people := lastPerson(n) + 1
	active := min(people, activePersons)
	return people - active + r.below(active+personLead)
}

// auction draws one of the auctions that are open, or one that will come soon.
func (r *random) auction(n int64) int64 {
	first := max(lastAuction(n)-openAuctions, 0)
	return first + r.below(lastAuction(n)-first+1+auctionLead)
}
