package sim_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/connector/file"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// The pipeline under test, as the compiler would write it: a visit is a gift,
// which goes from user to user, some steps far. Each user tells a region, which
// sends thanks back: a cycle through two stages besides that through one. Event
// time ends with a last gift from every user.

type gift struct {
	To   string
	From string
	N    int64 // which gift of From to To it is, from 1
	Way  int64 // decides who gets it next
	Hops int64 // how often it is given on
	Last bool  // the end of time brought it about
}

func ownGift(g *gift, a *rt.Arena) { g.To, g.From = a.String(g.To), a.String(g.From) }

type thanks struct {
	To   string
	Last bool
}

func ownThanks(t *thanks, a *rt.Arena) { t.To = a.String(t.To) }

// giftPipeline returns the program over the files that match a pattern.
func giftPipeline(path string, partitions int) rt.Spec {
	return rt.Spec{Name: "gifts", Wire: func(g *rt.Graph) {
		rows := g.Sink(rt.SinkSpec{Name: "users", Connector: file.Sink{Path: "users", Format: file.JSON{}}})
		var toGifts *rt.Edge[gift]
		var toThanks *rt.Edge[thanks]
		regionStage := rt.NewStage(g, rt.StageSpec{Name: "regions"}, func(t *rt.Task) *thankers {
			return &thankers{thanks: toThanks.From(t)}
		})
		toRegions := rt.Connect(regionStage, "s", (*thankers).handle, ownThanks)
		userStage := rt.NewStage(g, rt.StageSpec{Name: "users"}, func(t *rt.Task) *givers {
			o := &givers{cells: state.NewStrings[giverCell](), rows: rows.From(t), gifts: toGifts.From(t), regions: toRegions.From(t), mark: value.MinTime}
			o.due = state.NewQueue(o.cells)
			return o
		})
		toUsers := rt.Connect(userStage, "v", (*givers).handleVisit, func(v *visit, a *rt.Arena) { v.User = a.String(v.User) })
		toGifts = rt.ConnectMessages(userStage, "g", (*givers).handleGift, ownGift)
		toThanks = rt.ConnectMessages(userStage, "t", (*givers).handleThanks, ownThanks)
		rt.AddSource(g, rt.SourceSpec{
			Name: "visits", EventTime: true, Lag: lag,
			Connector: file.Source{Path: path, Partitions: partitions, Format: file.CSV{Rows: &columns}},
		}, func(t *rt.Task) *giftLane {
			return &giftLane{rows: wire.NewCSV(&columns), visits: toUsers.From(t), gifts: toGifts.From(t)}
		})
	}}
}

// giftLane sends a message for each row besides the row.
type giftLane struct {
	rows   *wire.CSV
	visits *rt.Sender[visit]
	gifts  *rt.Sender[gift]
}

func (l *giftLane) Block(b *rt.Block) {
	l.rows.Reset(b.Bytes, b.Columns, b.Line)
	for l.rows.Next() {
		v := visit{User: l.rows.String(0), At: value.Timestamp(l.rows.Int(1))}
		b.Records++
		b.Max = max(b.Max, v.At)
		m := rt.Meta{Time: v.At, Mark: b.Max - lag}
		l.visits.Send(value.HashString(v.User), &v, m)
		g := gift{To: v.User, N: int64(v.At)}
		l.gifts.Send(value.HashString(g.To), &g, m)
	}
}

// thankers sends thanks back.
type thankers struct {
	rt.Stateless
	thanks *rt.Sender[thanks]
}

func (o *thankers) handle(in *rt.Batch[thanks]) {
	for i := range in.Recs {
		o.thanks.Send(value.HashString(in.Recs[i].To), &in.Recs[i], in.Meta(i))
	}
}

type giverCell struct {
	state.Head

	visits, gifts, thanks, last int64
	sent, got                   map[string]int64 // by the other user
	wrong                       string
	end                         state.Timer
}

// givers gives gifts on.
type givers struct {
	rt.Stateless
	cells   *state.Strings[giverCell]
	due     *state.Queue
	rows    *rt.Rows
	gifts   *rt.Sender[gift]
	regions *rt.Sender[thanks]
	mark    value.Timestamp
}

// partner is whom a user gives something to.
func partner(user string, way int64) string {
	return fmt.Sprintf("p%d-user-with-a-long-name-%d", way%3, (int64(len(user))*7+way)%20)
}

func (o *givers) cell(hash uint64, user string, m rt.Meta) (uint32, *giverCell) {
	o.Advance(m.Mark)
	id, c := o.cells.At(hash, user)
	if c.sent == nil {
		c.sent, c.got = map[string]int64{}, map[string]int64{}
		o.due.Set(&c.end, id, 0, value.MaxTime)
	}
	return id, c
}

func (o *givers) give(c *giverCell, from string, way, hops int64, last bool, m rt.Meta) {
	to := partner(from, way)
	c.sent[to]++
	g := gift{To: to, From: from, N: c.sent[to], Way: way, Hops: hops, Last: last}
	o.gifts.Send(value.HashString(to), &g, m)
}

func (o *givers) handleVisit(in *rt.Batch[visit]) {
	for i := range in.Recs {
		v, m := in.Recs[i], in.Meta(i)
		_, c := o.cell(in.Hash[i], v.User, m)
		c.visits++
		o.give(c, strings.Clone(v.User), int64(v.At), int64(v.At)%5, false, m)
		o.Advance(m.Mark)
	}
}

func (o *givers) handleGift(in *rt.Batch[gift]) {
	for i := range in.Recs {
		g, m := in.Recs[i], in.Meta(i)
		id, c := o.cell(in.Hash[i], g.To, m)
		if c.gifts++; g.From == "" {
			if at := m.Time; at != value.Timestamp(g.N) {
				c.wrong = fmt.Sprintf("a gift of %d has the time %d", g.N, at)
			}
			continue
		}
		from := strings.Clone(g.From)
		if c.got[from]++; c.got[from] != g.N {
			c.wrong = fmt.Sprintf("gift %d of %s came as number %d", g.N, from, c.got[from])
		}
		if g.Hops > 0 {
			o.give(c, strings.Clone(g.To), g.Way*3+g.Hops, g.Hops-1, g.Last, m)
		}
		if g.Last {
			o.row(id, c)
		} else if m.Mark == value.MaxTime {
			c.wrong = "a gift came after the end of time"
		}
		o.regions.Send(value.HashInt(g.N%7), &thanks{To: from, Last: g.Last}, m)
	}
}

func (o *givers) handleThanks(in *rt.Batch[thanks]) {
	for i := range in.Recs {
		t, m := in.Recs[i], in.Meta(i)
		id, c := o.cell(in.Hash[i], t.To, m)
		if c.thanks++; t.Last {
			c.last++
			o.row(id, c)
		}
	}
}

func (o *givers) Advance(mark value.Timestamp) {
	for o.due.Next() <= mark {
		e := o.due.Pop()
		if c := o.cells.Cell(e.ID); o.due.Fires(&c.end, e) {
			o.row(e.ID, c)
			o.give(c, o.cells.Key(e.ID), 1, 2, true, rt.Meta{Time: e.At, Mark: max(e.At-1, o.mark)})
		}
	}
	o.mark = max(o.mark, mark)
}

func (o *givers) row(id uint32, c *giverCell) {
	row := append(o.rows.Begin(), o.cells.Key(id)...)
	for _, n := range []int64{c.visits, c.gifts, c.thanks, c.last} {
		row = strconv.AppendInt(append(row, ' '), n, 10)
	}
	o.rows.End(append(append(append(row, ' '), c.wrong...), '\n'))
}

// giftsByHand is what becomes of the visits, one after another: the last row of
// each user.
func giftsByHand(in input) map[string]string {
	cells := map[string]*giverCell{}
	var users []string
	cell := func(user string) *giverCell {
		if cells[user] == nil {
			cells[user] = &giverCell{}
			users = append(users, user)
		}
		return cells[user]
	}
	var give func(from string, way, hops int64, last bool)
	give = func(from string, way, hops int64, last bool) {
		to := partner(from, way)
		c := cell(from)
		cell(to).gifts++
		if c.thanks++; last {
			c.last++
		}
		if hops > 0 {
			give(to, way*3+hops, hops-1, last)
		}
	}
	for _, rows := range in {
		for _, r := range rows {
			cell(r.user).visits++
			cell(r.user).gifts++
			give(r.user, int64(r.at), int64(r.at)%5, false)
		}
	}
	for i := 0; i < len(users); i++ {
		give(users[i], 1, 2, true)
	}
	out := map[string]string{}
	for user, c := range cells {
		out[user] = fmt.Sprint(c.visits, c.gifts, c.thanks, c.last)
	}
	return out
}

// checkGifts simulates one seed and compares how often each user gave and got.
func checkGifts(t testing.TB, seed uint64, mutant rt.Mutant) error {
	return checkGiftsWith(t, seed, mutant, func(spec rt.Spec, opts rt.Options) error {
		_, err := sim.Run(spec, sim.Options{Seed: seed, Job: opts})
		return err
	})
}

func checkGiftsWith(t testing.TB, seed uint64, mutant rt.Mutant, run func(rt.Spec, rt.Options) error) error {
	random := rand.New(rand.NewPCG(seed, 3))
	in := randomInput(random, 1+random.IntN(3), 10+random.IntN(60), lag)
	fs := in.files(t)
	opts := options(random, fs)
	opts.Mutant = mutant
	if err := run(giftPipeline("in-*", len(in)), opts); err != nil {
		return err
	}
	got := map[string]string{}
	for user, lines := range byKey(content(t, fs, "users")) {
		got[user] = lines[len(lines)-1]
		if !strings.HasSuffix(got[user], " ") {
			return fmt.Errorf("%s: %s", user, got[user])
		}
		got[user] = strings.TrimSpace(got[user])
	}
	if diff := cmp.Diff(giftsByHand(in), got); diff != "" {
		return fmt.Errorf("users (-want +got):\n%s", diff)
	}
	return nil
}

// TestMessagesComeExactlyOnce: whatever the order of steps, each message comes,
// once, in the order of its sender, also those that the end of time brings about.
func TestMessagesComeExactlyOnce(t *testing.T) {
	t.Parallel()
	for seed := range seeds(1000) {
		if err := checkGifts(t, seed, 0); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// TestMessagesComeExactlyOnceBetweenGoroutines is the same with workers that run
// beside each other.
func TestMessagesComeExactlyOnceBetweenGoroutines(t *testing.T) {
	t.Parallel()
	for seed := range seeds(100) {
		err := checkGiftsWith(t, seed, 0, func(spec rt.Spec, opts rt.Options) error {
			return rt.Run(context.Background(), spec, opts)
		})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
	}
}

// TestMessagesStop: a job that is stopped delivers what is on its way and ends.
func TestMessagesStop(t *testing.T) {
	t.Parallel()
	for seed := range seeds(50) {
		random := rand.New(rand.NewPCG(seed, 4))
		in := randomInput(random, 3, 2000, lag)
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(random.IntN(20_000))*time.Microsecond)
		defer cancel()
		ended := make(chan error, 1)
		go func() { ended <- rt.Run(ctx, giftPipeline("in-*", len(in)), options(random, in.files(t))) }()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("seed %d: %v", seed, err)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("seed %d: the job does not end", seed)
		}
	}
}
