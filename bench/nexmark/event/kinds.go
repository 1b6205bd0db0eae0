package event

import (
	"fmt"
	"strconv"
	"strings"
)

var (
	firstNames = strings.Fields("Peter Paul Luke John Saul Vicky Kate Julie Sarah Deiter Walter")
	lastNames  = strings.Fields("Shultz Abrams Spencer White Bartels Walton Smith Jones Noris")
	cities     = strings.Split("Phoenix,Los Angeles,San Francisco,Boise,Portland,Bend,Redmond,Seattle,Kent,Cheyenne", ",")
	states     = strings.Fields("AZ CA ID OR WA WY")

	hotChannels = []string{"Google", "Facebook", "Baidu", "Apple"}
)

// otherChannels is the number of channels besides the hot ones.
const otherChannels = 10_000

// Person returns event n, which must be one of that kind.
func (s Stream) Person(n int64) Person {
	r := s.random(n)
	p := Person{
		ID:         lastPerson(n) + firstPerson,
		Name:       pick(r, firstNames) + " " + pick(r, lastNames),
		Email:      r.word(7) + "@" + r.word(5) + ".com",
		CreditCard: fmt.Sprintf("%04d %04d %04d %04d", r.below(10000), r.below(10000), r.below(10000), r.below(10000)),
		City:       pick(r, cities),
		State:      pick(r, states),
		At:         s.Time(n),
	}
	p.Ex = r.padding(200, 8+len(p.Name)+len(p.Email)+len(p.CreditCard)+len(p.City)+len(p.State)+8)
	return p
}

// Auction returns event n, which must be one of that kind.
func (s Stream) Auction(n int64) Auction {
	r := s.random(n)
	a := Auction{
		ID:          lastAuction(n) + firstAuction,
		Item:        r.word(int(3 + r.below(18))),
		Description: r.word(int(3 + r.below(98))),
		InitialBid:  r.price(),
		Category:    firstCategory + r.below(categories),
		At:          s.Time(n),
	}
	a.Reserve = a.InitialBid + r.price()
	if r.below(hotSellerRatio) > 0 {
		a.Seller = lastPerson(n) / hotStride * hotStride
	} else {
		a.Seller = r.person(n)
	}
	a.Seller += firstPerson
	// Auctions last until about as many have come as are open at once.
	horizon := s.Time(n+openAuctions*period/auctionsPerPeriod) - a.At
	a.Expires = a.At + 1000 + r.below(max(2*horizon, 1))
	a.Ex = r.padding(500, 8*5+len(a.Item)+len(a.Description)+16)
	return a
}

// Bid returns event n, which must be one of that kind.
func (s Stream) Bid(n int64) Bid {
	r := s.random(n)
	b := Bid{At: s.Time(n)}
	if r.below(hotAuctionRatio) > 0 {
		b.Auction = max(lastAuction(n), 0) / hotStride * hotStride
	} else {
		b.Auction = r.auction(n)
	}
	b.Auction += firstAuction
	if r.below(hotBidderRatio) > 0 {
		b.Bidder = lastPerson(n)/hotStride*hotStride + 1
	} else {
		b.Bidder = r.person(n)
	}
	b.Bidder += firstPerson
	b.Price = r.price()
	b.Channel, b.URL = s.channel(r)
	b.Ex = r.padding(100, 8*3+len(b.Channel)+len(b.URL)+8)
	return b
}

// channel draws a channel: one bid in two comes by a hot one. The address is
// always the same for a channel; nine of ten name it.
func (s Stream) channel(r *random) (name, url string) {
	if r.below(2) > 0 {
		i := r.below(int64(len(hotChannels)))
		return hotChannels[i], s.address(uint64(i), "")
	}
	i := r.below(otherChannels)
	query := ""
	if i%10 != 0 {
		query = "&channel_id=" + strconv.FormatInt(reversed(i), 10)
	}
	return "channel-" + strconv.FormatInt(i, 10), s.address(uint64(i)+uint64(len(hotChannels)), query)
}

// reversed is i with its 32 bits in reverse order, without its sign.
func reversed(i int64) int64 {
	v := int64(int32(reverse32(uint32(i))))
	if v < 0 {
		return -v
	}
	return v
}

func reverse32(x uint32) uint32 {
	var y uint32
	for range 32 {
		y, x = y<<1|x&1, x>>1
	}
	return y
}

func (s Stream) address(i uint64, query string) string {
	r := &random{s.Seed ^ (i+1)*0xd1342543de82ef95}
	return "https://www.nexmark.com/" + r.word(5) + "/" + r.word(5) + "/" + r.word(5) + "/item.htm?query=1" + query
}

func pick(r *random, from []string) string { return from[r.below(int64(len(from)))] }

// word makes a word of 3 to most letters, in which about one in 13 is a blank
// written as "_".
func (r *random) word(most int) string {
	n := 3
	if most > 3 {
		n += int(r.below(int64(most - 3)))
	}
	b := make([]byte, n)
	for i := range b {
		if r.below(13) == 0 {
			b[i] = '_'
		} else {
			b[i] = byte('a' + r.below(26))
		}
	}
	return string(b)
}

// padding fills an event up to about size bytes, a fifth more or less.
func (r *random) padding(size, has int) string {
	if has >= size {
		return ""
	}
	lack := size - has
	n := lack - lack/5 + int(r.below(int64(2*(lack/5)+1)))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte('a' + r.below(26))
	}
	return string(b)
}
