// Package naive computes the Nexmark queries in the plainest way: all events in
// memory, loops and maps, no stream. It shares nothing with flowc, and is what
// the results of the Flow programs are held against.
package naive

import (
	"github.com/flow-lang/flowc/bench/nexmark/event"
)

// Input is all events.
type Input struct {
	Persons  []event.Person
	Auctions []event.Auction
	Bids     []event.Bid
}

// Row is a row of a result, by the names of its fields.
type Row map[string]any

// A Query computes the rows of a result, in any order.
type Query func(in Input) []Row

// Queries are the queries by their names.
var Queries = map[string]Query{
	"q0": passThrough, "q1": currency, "q2": selection, "q3": localItems, "q4": averageByCategory, "q5": hotItems,
	"q6": averageBySeller, "q7": highest, "q8": newUsers, "q9": winners, "q11": sessions, "q13": sideInput,
	"q14": calculation, "q15": days, "q16": channels, "q17": auctionDays, "q18": lastBids, "q19": topTen,
	"q20": expanded, "q21": channelNumbers, "q22": folders, "q23": triples,
}

// window returns the start of the window of so many µs that at lies in.
func window(at, size int64) int64 { return at - at%size }

const second = 1_000_000

const day = 86_400 * second
