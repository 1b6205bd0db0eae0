// Package gen writes Flow programs that nobody would write: well typed, with
// every construct of the language core, and with values at the edges of what
// can go wrong. Tests run them through the reference interpreter and through
// generated code and compare.
//
// A seed goes in; the text of a program, rows for its source and what a test
// must know to compare outputs come out. The same seed gives the same program
// for ever as far as the package stays the same. It uses no clock and no chance
// but the seed.
//
// Every generated program passes the checker: expressions are made for a type
// that is wanted, from names that are in scope there. Programs end: loops count,
// functions that call themselves count down, and a timer that sets itself again
// does so a few times.
package gen

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/flow-lang/flowc/typecheck/types"
)

// Program is a generated program with its input.
type Program struct {
	Seed uint64
	Text string
	// Rows are the lines of the source, which reads the file in.jsonl, whatever
	// their format is.
	Rows []string
	// Sinks are the uids of the sinks. Each writes to the file UID.jsonl.
	Sinks []string
	// Loose is set if savepoints hold messages of several senders, whose order
	// nothing promises.
	Loose bool
}

// Features are parts of the language that a compiler may still lack; the zero
// Features are the core without them.
type Features struct {
	Collections bool // values of the types set and map
	Decimals    bool // the types decimal(p, s)
	Unions      bool // unions of records
	JSON        bool // the type json with its methods, and to_json
	Families    bool // timers with an index
	Held        bool // collections and aggregates in state, and timers of their entries
	Groups      bool // maps of groups and of aggregates that keep sets, merges, and timers that look into entries
	Library     bool // steps of the standard library
	Messages    bool // messages to the keys of a step
	Meetings    bool // steps of several inputs, broadcast state, joins, split and union
}

// All are all features.
func All() Features {
	return Features{Collections: true, Decimals: true, Unions: true, JSON: true, Families: true, Held: true, Groups: true, Library: true, Messages: true, Meetings: true}
}

// size is how much a program has of everything. What a program costs is the Go
// compiler's time, so most are small: each has some of the features, which it
// combines as many programs in another way would not; tiny ones have one.
type size int

const (
	tiny size = iota
	small
	medium
	large
)

// New writes the program of a seed, with so many rows of input.
func New(seed uint64, rows int, features Features) *Program {
	g := &generator{
		has:     features,
		Rand:    rand.New(rand.NewPCG(seed, 0x666c6f77)),
		helpers: map[string]bool{},
	}
	switch n := g.IntN(100); {
	case n < 1:
		g.size = large
	case n < 6:
		g.size = medium
		g.keep(6)
	case n < 60:
		g.size = tiny
		g.keep(1)
	default:
		g.size = small
		g.keep(1 + g.IntN(3))
		g.has.Library = g.has.Library || features.Library && g.chance(1, 5)
	}
	g.pipeline()
	p := &Program{Seed: seed, Text: g.text(), Sinks: g.sinks, Loose: g.loose}
	g.rows = rows
	for i := range rows {
		p.Rows = append(p.Rows, g.row(i))
	}
	return p
}

// keep leaves out all features but some.
func (g *generator) keep(n int) {
	h := &g.has
	all := []*bool{&h.Collections, &h.Decimals, &h.Unions, &h.JSON, &h.Families, &h.Held, &h.Groups, &h.Library, &h.Messages, &h.Meetings}
	for _, i := range g.Perm(len(all))[n:] {
		*all[i] = false
	}
}

// mostly is true n times of d, and nearly always in a small program, which has a
// feature so that it is used.
func (g *generator) mostly(n, d int) bool {
	if g.size <= small {
		n, d = 4, 5
	}
	return g.chance(n, d)
}

// generator writes one program. Declarations are collected by kind, because
// what is generated later needs more of them.
type generator struct {
	*rand.Rand
	has     Features
	size    size
	pool    []types.Type // of locals, fields and parameters
	enums   []*types.Enum
	records []*types.Record
	aggs    []declared
	funcs   []function
	helpers map[string]bool // typed literals that are declared
	decls   strings.Builder // types
	values  strings.Builder // functions
	ops     strings.Builder // operators
	wiring  strings.Builder // source, streams and sinks
	sinks   []string
	names   int
	params  int

	event *types.Record // of the source
	csv   bool          // its rows are no JSON

	delimiter string
	header    bool
	order     []int // the fields by the columns of the header
	rows      int   // how many rows there are to be
	line      int   // the row at hand

	timed  bool  // the source has event time
	clock  int64 // event time of the last row, µs
	strict bool  // malformed rows stop the job
	ledger bool  // there is a step that takes messages
	loose  bool  // some of them wait for their time
}

// function is a declared function that can be called.
type function struct {
	name   string
	params []types.Type
	result types.Type
}

func (g *generator) text() string {
	return "pipeline generated\n\n" + g.decls.String() + g.values.String() + g.ops.String() + g.wiring.String()
}

// chance is true n times of d.
func (g *generator) chance(n, d int) bool { return g.IntN(d) < n }

// few is a number below n, and below 2 in a small program.
func (g *generator) few(n int) int {
	switch g.size {
	case tiny, small:
		return g.IntN(min(n, 2))
	case medium:
		return g.IntN(min(n, 3))
	}
	return g.IntN(n)
}

// fresh makes a name that stands nowhere else.
func (g *generator) fresh(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

// one picks one of several.
func one[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

// lines indents a block's statements.
func lines(list []string) string {
	var b strings.Builder
	for _, s := range list {
		for l := range strings.Lines(s) {
			b.WriteString("  " + strings.TrimSuffix(l, "\n") + "\n")
		}
	}
	return b.String()
}
