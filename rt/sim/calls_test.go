package sim_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/connector/file"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/sim"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/vfs"
	"github.com/flow-lang/flowc/rt/wire"
)

// callsJob is visitsJob with a step before it that makes calls.
var callsJob = schema.Job{Operators: slices.Concat(visitsJob.Operators, []schema.Operator{
	{UID: "calls", States: []schema.State{{Name: "pending", Kind: schema.Map, Type: &schema.Type{Shape: schema.Bytes}, MapKey: &schema.Type{Shape: schema.Int}}}},
})}

// stepped is a visit or a reset on its way through a call.
type stepped struct {
	visit
	Reset bool
}

func ownStepped(s *stepped, a *rt.Arena) { s.User = a.String(s.User) }

// relay calls a function for each record, which gives it back, and sends that on.
type relay struct {
	rt.Stateless
	saved
	calls *rt.Calls[stepped, stepped]
}

// newRelay returns a relay that gives results to give.
func newRelay(t *rt.Task, ordered bool, capacity int64, timeout value.Duration, give func(*stepped, rt.Meta)) *relay {
	var made atomic.Int64 // calls of those that may fail
	spec := rt.CallSpec[stepped, stepped]{
		Capacity: capacity, Timeout: timeout, Ordered: ordered, Retries: 1 << 30, BackOff: 1000, MaxWait: 20_000, Own: ownStepped,
		Key: func(s *stepped) uint64 { return value.HashString(s.User) },
		Call: func(_ context.Context, f *value.Fault, s *stepped) stepped {
			if s.At%7 == 3 && value.HashInt(int64(s.At))%2 == 0 && strings.Contains(s.User, "1") && made.Add(1)%3 == 0 {
				f.FailBy(1, errors.New("the service is down"))
			}
			return stepped{visit{strings.Clone(s.User), s.At}, s.Reset}
		},
		Give: func(_, out *stepped, m rt.Meta) { give(out, m) },
		Fail: func(*stepped, rt.Meta) { panic("it is tried for ever") },
	}
	return &relay{calls: rt.NewCalls(t, spec)}
}

func (o *relay) Caller() rt.Caller { return o.calls }

func (o *relay) handle(in *rt.Batch[stepped]) { o.calls.Take(in) }

func (o *relay) now() map[string]cellRecord {
	now := map[string]cellRecord{}
	var b []byte // formatted without fmt: lives of jobs with calls spend their time here
	o.calls.Pending(func(n int64, s *stepped, m rt.Meta) {
		b = strconv.AppendBool(append(strconv.AppendInt(append(append(b[:0], s.User...), ' '), int64(s.At), 10), ' '), s.Reset)
		b = strconv.AppendInt(append(strconv.AppendInt(append(b, ' '), int64(m.Time), 10), ' '), int64(m.Mark), 10)
		now[strconv.FormatInt(n, 10)] = cellRecord{0, string(b)}
	})
	return now
}

func (o *relay) Track()                      { o.last = o.now() }
func (o *relay) Cut(all bool) state.Snapshot { return o.cut(all, o.now()) }
func (o *relay) Copy() state.Snapshot        { return (&saved{}).cut(true, o.now()) }

func (o *relay) Restore(r *state.Record) error {
	if o.last == nil {
		o.last = map[string]cellRecord{}
	}
	if r.Gone == state.EntryGone {
		delete(o.last, savedString(r.Key))
		return nil
	}
	o.last[savedString(r.Key)] = cellRecord{r.Group, savedString(r.Value)}
	return nil
}

func (o *relay) Restored(value.Timestamp) error {
	var numbers []int
	for key := range o.last {
		n, err := strconv.Atoi(key)
		if err != nil {
			return err
		}
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	for _, n := range numbers {
		var s stepped
		var m rt.Meta
		if _, err := fmt.Sscan(o.last[fmt.Sprint(n)].value, &s.User, (*int64)(&s.At), &s.Reset, (*int64)(&m.Time), (*int64)(&m.Mark)); err != nil {
			return err
		}
		o.calls.Restore(int64(n), s, m)
	}
	return nil
}

// relayPipeline gives the visits of a file to a sink through calls that keep the
// order of each user.
func relayPipeline(path string) rt.Spec {
	return rt.Spec{Name: "relay", Job: callsJob, Wire: func(g *rt.Graph) {
		out := g.Sink(rt.SinkSpec{UID: "out", Name: "out", Connector: file.Sink{Path: "out/", Format: file.JSON{}}})
		stage := rt.NewStage(g, rt.StageSpec{UID: "calls", Name: "calls"}, func(t *rt.Task) *relay {
			rows, mark := out.From(t), value.MinTime
			return newRelay(t, false, 5, 4000, func(s *stepped, m rt.Meta) {
				if m.Mark < mark {
					panic("the watermark has gone back")
				}
				mark = m.Mark
				rows.End(userRow(rows.Begin(), s.User, s.At, int64(m.Time), m.Time < m.Mark))
			})
		})
		to := rt.Connect(stage, "v", (*relay).handle, ownStepped)
		rt.AddSource(g, rt.SourceSpec{UID: "visits", Name: "visits", EventTime: true, Lag: lag, Connector: file.Source{Path: path, Format: file.CSV{Rows: &columns}}},
			func(t *rt.Task) *relayLane { return &relayLane{t: t, rows: wire.NewCSV(&columns), to: to.From(t)} })
	}}
}

// TestCallsAreLostAndDoubledNowhere: whatever the order of results, wherever the
// process is killed and whichever calls time out or fail, each record comes out
// once, those of a user in their order, and none becomes late.
func TestCallsAreLostAndDoubledNowhere(t *testing.T) {
	t.Parallel()
	var sum sim.LifeCount
	for seed := range seeds(200) {
		l := newLife(t, seed, nil)
		l.Spec = relayPipeline("in-0")
		if len(l.in) > 1 {
			l.in = l.in[:1]
		}
		if err := l.Run(); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		out, err := l.parts(t, "out")
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		got := byKey(out)
		want := map[string][]string{}
		for _, r := range l.in[0] {
			want[r.user] = append(want[r.user], fmt.Sprintf("%d %d", r.at, r.at))
		}
		for user, rows := range got {
			for i, row := range rows {
				rows[i] = strings.TrimSuffix(row, " late")
			}
			if !slices.Equal(rows, want[user]) {
				t.Fatalf("seed %d: %s has\n%s\ninstead of\n%s", seed, user, strings.Join(rows, "\n"), strings.Join(want[user], "\n"))
			}
			delete(want, user)
		}
		if len(want) > 0 {
			t.Fatalf("seed %d: nothing comes of %v", seed, want)
		}
		sum.Add(l.Count)
	}
	if sum.Crashes == 0 {
		t.Error("no process was killed")
	}
	t.Logf("%+v", sum)
}

// relayLane decodes visits and sends them to where calls are made.
type relayLane struct {
	t    *rt.Task
	rows *wire.CSV
	to   *rt.Sender[stepped]
	raw  *rt.Rows // nil if rows go nowhere else
}

func (l *relayLane) Block(b *rt.Block) {
	l.rows.Reset(b.Bytes, b.Columns, b.Line)
	for l.rows.Next() {
		s := stepped{visit{l.rows.String(0), value.Timestamp(l.rows.Int(1))}, l.rows.String(2) == "reset"}
		if err := l.rows.Err(); err != nil {
			l.t.Malformed(b, l.rows.Line(), l.rows.Raw(), err)
			return
		}
		b.Records++
		b.Max = max(b.Max, s.At)
		if l.raw != nil {
			l.raw.End(append(append(l.raw.Begin(), l.rows.Raw()...), '\n'))
		}
		l.to.Send(0, &s, rt.Meta{Time: s.At, Mark: b.Max - lag})
	}
}

// TestCallsAtOnce makes calls on goroutines: as many at once as the capacity says,
// also where some are made again, and never more; each record comes out once.
func TestCallsAtOnce(t *testing.T) {
	t.Parallel()
	const records, capacity = 2000, 7
	for _, ordered := range []bool{false, true} {
		var now, most, given, calls atomic.Int64
		spec := rt.CallSpec[stepped, stepped]{
			Capacity: capacity, Timeout: 60_000_000, Ordered: ordered, Retries: 1 << 30, BackOff: 1000, MaxWait: 2000, Own: ownStepped,
			Call: func(_ context.Context, f *value.Fault, s *stepped) stepped {
				if n := now.Add(1); n > most.Load() {
					most.Store(n)
				}
				defer now.Add(-1)
				time.Sleep(200 * time.Microsecond)
				if calls.Add(1)%10 == 0 {
					f.FailBy(1, errors.New("the service is down"))
				}
				return *s
			},
			Fail: func(*stepped, rt.Meta) { panic("it is tried for ever") },
		}
		fs := vfs.NewMem()
		var rows strings.Builder
		for i := range records {
			fmt.Fprintf(&rows, "u%d,%d,visit\n", i%50, i+1)
		}
		if err := vfs.WriteFile(fs, "in", []byte(rows.String())); err != nil {
			t.Fatal(err)
		}
		last := value.Timestamp(0)
		pipeline := rt.Spec{Name: "relay", Job: callsJob, Wire: func(g *rt.Graph) {
			out := g.Sink(rt.SinkSpec{UID: "out", Name: "out", Connector: file.Sink{Path: "out/", Format: file.JSON{}}})
			stage := rt.NewStage(g, rt.StageSpec{UID: "calls", Name: "calls"}, func(t *rt.Task) *relay {
				out.From(t)
				of := spec
				of.Give = func(_, s *stepped, _ rt.Meta) {
					if ordered && s.At != last+1 {
						panic(fmt.Sprintf("%d comes after %d", s.At, last))
					}
					last = s.At
					given.Add(1)
				}
				return &relay{calls: rt.NewCalls(t, of)}
			})
			to := rt.Connect(stage, "v", (*relay).handle, ownStepped)
			rt.AddSource(g, rt.SourceSpec{UID: "visits", Name: "visits", EventTime: true, Connector: file.Source{Path: "in", Format: file.CSV{Rows: &columns}}},
				func(t *rt.Task) *relayLane { return &relayLane{t: t, rows: wire.NewCSV(&columns), to: to.From(t)} })
		}}
		if err := rt.Run(t.Context(), pipeline, rt.Options{FS: fs, Parallelism: 1}); err != nil {
			t.Fatal(err)
		}
		if given.Load() != records || most.Load() != capacity {
			t.Errorf("ordered %t: of %d records %d came out, with %d calls at once, want %d", ordered, records, given.Load(), most.Load(), capacity)
		}
	}
}
