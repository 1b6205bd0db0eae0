package event_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/bench/nexmark/event"
)

var stream = event.Stream{Seed: 1, Rate: 1000}

// An event is the same whenever it is made, and another seed gives another one.
func TestEventsCanBeMadeAgain(t *testing.T) {
	t.Parallel()
	other := event.Stream{Seed: 2, Rate: 1000}
	same := 0
	for n := range int64(5000) {
		if event.KindOf(n) != event.BidKind {
			continue
		}
		if diff := cmp.Diff(stream.Bid(n), stream.Bid(n)); diff != "" {
			t.Fatalf("bid %d (-first +second):\n%s", n, diff)
		}
		if stream.Bid(n) == other.Bid(n) {
			same++
		}
	}
	if same > 0 {
		t.Errorf("%d bids are the same for two seeds", same)
	}
}

// The shares are those of the original: 1 : 3 : 46 kinds, half of the bids for
// hot auctions, three quarters by hot bidders, half by hot channels.
func TestShares(t *testing.T) {
	t.Parallel()
	const n = 200_000
	kinds := map[event.Kind]int{}
	var hotAuction, hotBidder, hotChannel, bids float64
	for i := range int64(n) {
		kind := event.KindOf(i)
		kinds[kind]++
		if kind != event.BidKind {
			continue
		}
		b := stream.Bid(i)
		bids++
		if b.Auction%100 == 0 {
			hotAuction++
		}
		if b.Bidder%100 == 1 {
			hotBidder++
		}
		if len(b.Channel) < 9 && b.Channel[0] != 'c' {
			hotChannel++
		}
	}
	want := map[event.Kind]int{event.PersonKind: n / 50, event.AuctionKind: n / 50 * 3, event.BidKind: n / 50 * 46}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	for _, share := range []struct {
		name      string
		got, want float64
	}{{"hot auctions", hotAuction / bids, 0.5}, {"hot bidders", hotBidder / bids, 0.75}, {"hot channels", hotChannel / bids, 0.5}} {
		if share.got < share.want-0.02 || share.got > share.want+0.02 {
			t.Errorf("share of %s = %.3f, want about %.2f", share.name, share.got, share.want)
		}
	}
}

// An auction's seller and times make sense, and its identifier is one more than
// that of the auction before.
func TestAuctions(t *testing.T) {
	t.Parallel()
	next := int64(1000)
	for n := range int64(20_000) {
		if event.KindOf(n) != event.AuctionKind {
			continue
		}
		a := stream.Auction(n)
		if a.ID != next || a.Expires <= a.At || a.Seller < 1000 || a.Reserve < a.InitialBid {
			t.Fatalf("auction %d = %+v, want identifier %d, a seller, and an end after its beginning", n, a, next)
		}
		next++
	}
}
