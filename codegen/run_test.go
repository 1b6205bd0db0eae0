package codegen_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	aggregates "github.com/flow-lang/flowc/golden/gen/aggregates"
	broadcast "github.com/flow-lang/flowc/golden/gen/broadcast"
	collections "github.com/flow-lang/flowc/golden/gen/collections"
	families "github.com/flow-lang/flowc/golden/gen/families"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
)

// run runs a program over files in memory and returns the lines that it wrote,
// by what they hold under "user".
// What files holds under "-" is standard input, which comes later than the rest.
func run(t *testing.T, spec rt.Spec, shards int, files map[string][]byte) map[string][]string {
	t.Helper()
	fs := vfs.NewMem()
	stdin := &lateReader{Reader: bytes.NewReader(files["-"])}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f, err := fs.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(files[name]); err != nil {
			t.Fatal(err)
		}
	}
	err := rt.Run(context.Background(), spec, rt.Options{FS: fs, Stdin: stdin, Parallelism: shards, BlockSize: 4 << 10, Poison: true})
	if err != nil {
		t.Fatal(err)
	}
	f, err := fs.Open("out.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return byUser(t, text)
}

// lateReader waits before its first byte until files have surely been read.
type lateReader struct {
	io.Reader
	once sync.Once
}

func (r *lateReader) Read(b []byte) (int, error) {
	r.once.Do(func() { time.Sleep(200 * time.Millisecond) })
	return r.Reader.Read(b)
}

func byUser(t *testing.T, text []byte) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for line := range bytes.Lines(text) {
		var row struct{ User string }
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		out[row.User] = append(out[row.User], strings.TrimSpace(string(line)))
	}
	return out
}

// checkRun runs a program with one shard and with several.
func checkRun(t *testing.T, spec rt.Spec, files map[string][]byte, want map[string][]string) {
	t.Helper()
	for _, shards := range []int{1, 3} {
		if diff := gocmp.Diff(want, run(t, spec, shards, files)); diff != "" {
			t.Errorf("with %d shards (-want +got):\n%s", shards, diff)
		}
	}
}

// start is when the records of the tests begin.
const start = value.Timestamp(1714564800000000)

// lined appends v as a line of JSON.
func lined(t *testing.T, to []byte, v any) []byte {
	t.Helper()
	line, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return append(append(to, line...), '\n')
}

// life is when an entry was accessed and what it holds.
type life struct {
	since value.Timestamp
	item  string
}

// basket is what one user of the program collections has.
type basket struct {
	amounts []int64
	stock   map[string]int64
	items   map[string]bool
	seen    map[value.Timestamp]int64
	tags    map[string]string
	places  map[[2]string]int64
	flags   map[bool]bool
	fresh   map[string]value.Timestamp
	read    map[string]value.Timestamp
	waits   []life
}

func newBasket() *basket {
	return &basket{
		stock: map[string]int64{}, items: map[string]bool{}, seen: map[value.Timestamp]int64{}, tags: map[string]string{},
		places: map[[2]string]int64{}, flags: map[bool]bool{}, fresh: map[string]value.Timestamp{}, read: map[string]value.Timestamp{},
	}
}

func (b *basket) clone() *basket {
	return &basket{
		slices.Clone(b.amounts), maps.Clone(b.stock), maps.Clone(b.items), maps.Clone(b.seen), maps.Clone(b.tags),
		maps.Clone(b.places), maps.Clone(b.flags), maps.Clone(b.fresh), maps.Clone(b.read), slices.Clone(b.waits),
	}
}

// collectionRow is a row of the program collections.
type collectionRow struct {
	User   string           `json:"user"`
	Listed int64            `json:"listed"`
	Stock  int64            `json:"stock"`
	Item   *int64           `json:"item"`
	Items  []string         `json:"items"`
	Known  bool             `json:"known"`
	Recent int64            `json:"recent"`
	First  *json.RawMessage `json:"first"`
	Last   *int64           `json:"last"`
	Tags   [][]byte         `json:"tags"`
	Places int64            `json:"places"`
	Flags  []bool           `json:"flags"`
	Fresh  int              `json:"fresh"`
	Waits  int64            `json:"waits"`
}

// change is a record of the program collections.
type change struct {
	User string `json:"user"`
	Item string `json:"item"`
	At   string `json:"at"`
	N    int64  `json:"n"`
	Tag  []byte `json:"tag"`
}

// handle is the handler of the program, and reports whether it emits a row.
func (b *basket) handle(c change, at, mark value.Timestamp) (row collectionRow, ok bool) {
	const ttl = value.Timestamp(10 * value.Minute)
	now := max(at, mark)
	ended := func(_ string, since value.Timestamp) bool { return now-since >= ttl }
	maps.DeleteFunc(b.fresh, ended)
	maps.DeleteFunc(b.read, ended)
	b.waits = slices.DeleteFunc(b.waits, func(l life) bool { return ended("", l.since) })
	b.seen[at] = c.N
	maps.DeleteFunc(b.seen, func(t value.Timestamp, _ int64) bool { return t < at-value.Timestamp(15*value.Minute) })
	if c.N < 0 {
		b.amounts = nil
		delete(b.stock, c.Item)
		delete(b.items, c.Item)
	} else {
		b.amounts = append(b.amounts, c.N)
		b.stock[c.Item] += c.N
		b.items[c.Item] = true
	}
	b.tags[string(c.Tag)] = "tag of " + c.Item
	b.places[[2]string{c.Item, string(c.Tag)}] = 1
	b.flags[c.N > 2] = true
	b.fresh[c.Item] = max(b.fresh[c.Item], at)
	b.read[c.Item] = max(b.read[c.Item], at)
	b.waits = append(b.waits, life{at, c.Item})
	if c.N == 8 {
		*b = *newBasket()
		return row, false
	}
	return b.row(c, at), true
}

func (b *basket) row(c change, at value.Timestamp) collectionRow {
	row := collectionRow{User: c.User, Known: b.items[c.Item], Items: slices.Sorted(maps.Keys(b.items)), Tags: [][]byte{}, Flags: []bool{}}
	if row.Items == nil {
		row.Items = []string{}
	}
	for _, n := range b.amounts {
		row.Listed += n
	}
	for _, n := range b.stock {
		row.Stock += n
	}
	if n, ok := b.stock[c.Item]; ok {
		row.Item = &n
	}
	inRange := 0
	times := slices.Sorted(maps.Keys(b.seen))
	for _, t := range times {
		if t >= at {
			inRange++
		}
		if t < at {
			last := b.seen[t]
			row.Last = &last
		}
		if n := b.seen[t]; t >= at-value.Timestamp(5*value.Minute) && t <= at && n != 6 && row.Recent <= 100 {
			row.Recent += n
		}
	}
	first := json.RawMessage(`"` + value.FormatTimestamp(times[0]) + `"`)
	row.First = &first
	for id := range b.read {
		if b.items[id] { // the program's loop reads them all
			continue
		}
	}
	for id := range b.read {
		b.read[id] = max(b.read[id], at)
	}
	for _, tag := range slices.Sorted(maps.Keys(b.tags)) {
		row.Tags = append(row.Tags, []byte(tag))
	}
	for p := range b.places {
		if p[0] == c.Item {
			row.Places += 1 + int64(len(p[1]))
		}
	}
	for _, flag := range []bool{false, true} {
		if b.flags[flag] {
			row.Flags = append(row.Flags, flag)
		}
	}
	row.Fresh = 2*len(b.fresh) + inRange + len(b.amounts)
	row.Waits = int64(2*len(b.waits)+len(b.read)+len(b.tags)) + row.Stock
	return row
}

func TestCollections(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 1))
	baskets := map[string]*basket{}
	var input, output []byte
	latest, mark := value.MinTime, value.MinTime
	for i := range 3000 {
		at := start + value.Timestamp(value.Duration(11*i-random.IntN(60))*value.Second)
		c := change{
			User: fmt.Sprintf("user %d", random.IntN(7)), Item: fmt.Sprintf("the item number %d", random.IntN(40)),
			At: value.FormatTimestamp(at), N: int64(random.IntN(10) - 2), Tag: []byte{byte(random.IntN(5)), 0, 'x'},
		}
		if c.N == 8 && random.IntN(20) > 0 {
			c.N = 1
		}
		input = lined(t, input, c)
		latest = max(latest, at)
		mark = latest - value.Timestamp(5*value.Second)
		b := cmp.Or(baskets[c.User], newBasket())
		after := b.clone()
		row, emits := after.handle(c, at, mark)
		if c.N == 7 {
			continue // the handler fails and is undone
		}
		baskets[c.User] = after
		if emits {
			output = lined(t, output, row)
		}
	}
	checkRun(t, collections.Pipeline(), map[string][]byte{"in.jsonl": input}, byUser(t, output))
}

// note is a row of the program families.
type note struct {
	User string `json:"user"`
	What string `json:"what"`
	End  string `json:"end"`
	N    int64  `json:"n"`
}

// visitor is what one user of the program families has.
type visitor struct {
	counts map[value.Timestamp]int64
	pages  map[string]int64
	closes map[value.Timestamp]value.Timestamp
	gone   map[string]value.Timestamp
	idle   value.Timestamp // 0 if not set
}

// fire runs the timers that are due at mark: by time, declaration and index.
func (v *visitor) fire(user string, mark value.Timestamp, out func(note)) {
	for {
		next := mark + 1
		for _, at := range v.closes {
			next = min(next, at)
		}
		for _, at := range v.gone {
			next = min(next, at)
		}
		if v.idle != 0 {
			next = min(next, v.idle)
		}
		if next > mark {
			return
		}
		end := value.FormatTimestamp(next)
		for _, w := range slices.Sorted(maps.Keys(v.closes)) {
			if v.closes[w] == next {
				out(note{user, "close", end, v.counts[w]})
				delete(v.counts, w)
				delete(v.closes, w)
			}
		}
		if v.idle == next {
			out(note{user, "idle", end, int64(len(v.counts))})
			v.idle = 0
		}
		for _, page := range slices.Sorted(maps.Keys(v.gone)) {
			if v.gone[page] == next {
				out(note{user, page, end, v.pages[page]})
				delete(v.pages, page)
				delete(v.gone, page)
			}
		}
	}
}

func (v *visitor) handle(page string, at value.Timestamp, n int64) {
	minute := value.Timestamp(value.Minute)
	end := (at/(10*minute) + 1) * 10 * minute
	v.counts[end]++
	v.closes[end] = end
	v.pages[page] = n
	v.gone[page] = at + 3*minute
	v.idle = at + 60*minute
	switch n {
	case 6:
		delete(v.gone, page)
		delete(v.pages, page)
	case 9:
		clear(v.counts)
		clear(v.pages)
		clear(v.closes)
		clear(v.gone)
		v.idle = 0
	}
}

func TestFamilies(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(9, 1))
	visitors := map[string]*visitor{}
	for i := range 5 {
		visitors[fmt.Sprint("user ", i)] = &visitor{
			map[value.Timestamp]int64{}, map[string]int64{}, map[value.Timestamp]value.Timestamp{}, map[string]value.Timestamp{}, 0,
		}
	}
	var input, output []byte
	out := func(n note) { output = lined(t, output, n) }
	latest := value.MinTime
	for i := range 3000 {
		at := start + value.Timestamp(value.Duration(9*i-random.IntN(20))*value.Second)
		user, page, n := fmt.Sprint("user ", random.IntN(5)), fmt.Sprint("a page with a long name ", random.IntN(6)), int64(random.IntN(9))
		if random.IntN(200) == 0 {
			n = 9
		}
		input = lined(t, input, map[string]any{"user": user, "page": page, "at": value.FormatTimestamp(at), "n": n})
		latest = max(latest, at)
		mark := latest - value.Timestamp(5*value.Second)
		for u, v := range visitors {
			v.fire(u, mark, out)
		}
		if n != 5 { // that fails
			visitors[user].handle(page, at, n)
		}
		visitors[user].fire(user, mark, out)
	}
	for u, v := range visitors {
		v.fire(u, value.MaxTime-1, out)
	}
	checkRun(t, families.Pipeline(), map[string][]byte{"in.jsonl": input}, byUser(t, output))
}

// TestBroadcast has orders wait in the program for all rates, which carry no
// time, so that the watermark of the orders is all that counts.
func TestBroadcast(t *testing.T) {
	t.Parallel()
	rates := []byte(`{"currency":"EUR","percent":2}
{"currency":"USD","percent":0}
{"currency":"USD","percent":5}
{"currency":"CHF","percent":0}
`)
	var orders []byte
	want := map[string][]string{}
	for i := range 60 {
		user := fmt.Sprint("user ", i%20)
		at := start + value.Timestamp(value.Duration(i)*value.Second)
		orders = lined(t, orders, map[string]any{"user": user, "currency": []string{"EUR", "USD", "CHF"}[i%3], "at": value.FormatTimestamp(at), "amount": i})
		if percent := []int{2, 5, 0}[i%3]; percent > 0 {
			want[user] = append(want[user], fmt.Sprintf(`{"user":"%s","cents":%d,"rates":2}`, user, i*percent*3))
		}
	}
	for i := range 20 {
		user := fmt.Sprint("user ", i)
		want[user] = append(want[user], fmt.Sprintf(`{"user":"%s","cents":%d,"rates":2}`, user, -(i+40)))
	}
	checkRun(t, broadcast.Pipeline(), map[string][]byte{"rates.jsonl": rates, "-": orders}, want)
}

// total is a row of the program aggregates.
type total struct {
	User   string   `json:"user"`
	What   string   `json:"what"`
	Start  string   `json:"start"`
	N      int      `json:"n"`
	Most   *int64   `json:"most"`
	Mean   *float64 `json:"mean"`
	Note   *string  `json:"note"`
	Listed []int64  `json:"listed"`
}

// sums is what one user of the program aggregates has.
type sums struct {
	all    []int64
	note   string
	noteAt value.Timestamp
	panes  map[value.Timestamp][]int64
	slices map[value.Timestamp]int64

	recent, first     int64 // with a ttl after write, and after create
	recentAt, firstAt value.Timestamp
}

func newSums() *sums {
	return &sums{noteAt: value.MinTime, panes: map[value.Timestamp][]int64{}, slices: map[value.Timestamp]int64{}}
}

// fire gives the panes that end at mark and forgets slices.
func (s *sums) fire(user string, mark value.Timestamp, out func(total)) {
	const size, hour = value.Timestamp(10 * value.Minute), value.Timestamp(value.Hour)
	for _, w := range slices.Sorted(maps.Keys(s.panes)) {
		if w+size <= mark {
			out(total{User: user, What: "pane", Start: value.FormatTimestamp(w), N: len(s.panes[w]), Listed: s.panes[w]})
			delete(s.panes, w)
		}
	}
	maps.DeleteFunc(s.slices, func(at value.Timestamp, _ int64) bool { return at+hour <= mark })
}

// handle is the handler of the program.
func (s *sums) handle(user, note string, at, mark value.Timestamp, n int64, out func(total)) {
	if max(at, mark)-s.recentAt >= value.Timestamp(5*value.Minute) {
		s.recent, s.recentAt = 0, at
	}
	if max(at, mark)-s.firstAt >= value.Timestamp(5*value.Minute) {
		s.first, s.firstAt = 0, at
	}
	s.recent, s.recentAt = s.recent+1, max(s.recentAt, at)
	s.first++
	const minute = value.Timestamp(value.Minute)
	s.all = append(s.all, n)
	if at >= s.noteAt {
		s.note, s.noteAt = note, at
	}
	pane, slice := at/(10*minute)*10*minute, at/(5*minute)*5*minute
	s.panes[pane] = append(s.panes[pane], n+1)
	s.slices[slice] += n
	if n == 8 {
		*s = *newSums()
		return
	}
	var sum, recent int64
	for _, x := range s.all {
		sum += x
	}
	for start, x := range s.slices {
		if at-30*minute <= start && start < at {
			recent += x
		}
	}
	most, mean, last := slices.Max(s.all), float64(sum)/float64(len(s.all)), s.note
	out(total{user, "whole", value.FormatTimestamp(at), len(s.all), &most, &mean, &last, []int64{recent, int64(len(s.slices)), s.recent, s.first}})
}

func TestAggregates(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(11, 1))
	users := map[string]*sums{}
	for i := range 5 {
		users[fmt.Sprint("user ", i)] = newSums()
	}
	var input, output []byte
	out := func(n total) { output = lined(t, output, n) }
	latest := value.MinTime
	for i := range 3000 {
		at := start + value.Timestamp(value.Duration(20*i-random.IntN(900))*value.Second)
		user, note, n := fmt.Sprint("user ", random.IntN(5)), fmt.Sprint("a note with some text ", i), int64(random.IntN(9))
		if n == 8 && random.IntN(50) > 0 {
			n = 1
		}
		input = lined(t, input, map[string]any{"user": user, "at": value.FormatTimestamp(at), "n": n, "note": note})
		latest = max(latest, at)
		mark := latest - value.Timestamp(5*value.Second)
		users[user].fire(user, mark, out)
		if n != 7 { // that fails
			users[user].handle(user, note, at, mark, n, out)
		}
		users[user].fire(user, mark, out)
	}
	for user, s := range users {
		s.fire(user, value.MaxTime, out)
	}
	checkRun(t, aggregates.Pipeline(), map[string][]byte{"in.jsonl": input}, byUser(t, output))
}
