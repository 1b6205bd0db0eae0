package sim_test

import (
	"strconv"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/connector/file"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// The pipeline under test, as the compiler would write it: visits of users are
// counted in sessions, which a timer ends; the ended sessions of each region are
// summed in windows, which a timer ends, too. A visit may also be a reset, which
// goes to another input of the same step and must keep its place.

type visit struct {
	User string
	At   value.Timestamp
}

type session struct {
	User   string
	Region int64
	At     value.Timestamp
	Visits int64
}

const (
	lag    = 40
	gap    = value.Timestamp(100)
	window = value.Timestamp(500)
)

var columns = wire.CSVFormat{Delimiter: ',', Columns: []wire.Column{{Name: "user"}, {Name: "at"}, {Name: "kind"}}}

func regionOf(user string) int64 { return int64(user[len(user)-1]) % 5 }

// outputs are where the pipeline writes.
type outputs struct {
	users, regions, raw string
	sink                func(rt.SinkConnector) rt.SinkConnector // what stands in for a sink; nil means itself
}

// pipeline returns the program over the files that match a pattern. With calls
// each visit goes through one before it is counted.
func pipeline(path string, partitions int, calls bool) rt.Spec {
	return pipelineTo(outputs{users: "users", regions: "regions", raw: "raw"}, path, partitions, calls)
}

func pipelineTo(to outputs, path string, partitions int, calls bool) rt.Spec {
	job := visitsJob
	if calls {
		job = callsJob
	}
	return rt.Spec{Name: "visits", Job: job, Wire: func(g *rt.Graph) {
		sink := func(name, path string) *rt.Sink {
			var c rt.SinkConnector = file.Sink{Path: path, Format: file.JSON{}}
			if to.sink != nil {
				c = to.sink(c)
			}
			return g.Sink(rt.SinkSpec{UID: name, Name: name, Connector: c})
		}
		perUser, perRegion, raw := sink("users", to.users), sink("regions", to.regions), sink("raw", to.raw)
		regionStage := rt.NewStage(g, rt.StageSpec{UID: "regions", Name: "regions"}, func(t *rt.Task) *regions {
			o := &regions{cells: state.NewInts[regionCell](), rows: perRegion.From(t), mark: value.MinTime}
			o.due = state.NewQueue(o.cells)
			return o
		})
		toRegions := rt.Connect(regionStage, "s", (*regions).handle, func(s *session, a *rt.Arena) { s.User = a.String(s.User) })
		userStage := rt.NewStage(g, rt.StageSpec{UID: "users", Name: "users"}, func(t *rt.Task) *users {
			o := &users{cells: state.NewStrings[userCell](), rows: perUser.From(t), regions: toRegions.From(t), mark: value.MinTime}
			o.due = state.NewQueue(o.cells)
			return o
		})
		own := func(v *visit, a *rt.Arena) { v.User = a.String(v.User) }
		toVisits := rt.Connect(userStage, "v", (*users).handleVisit, own)
		toResets := rt.Connect(userStage, "r", (*users).handleReset, own)
		source := rt.SourceSpec{
			UID: "visits", Name: "visits", EventTime: true, Lag: lag,
			Connector: file.Source{Path: path, Partitions: partitions, Format: file.CSV{Rows: &columns}},
		}
		if calls {
			stage := rt.NewStage(g, rt.StageSpec{UID: "calls", Name: "calls"}, func(t *rt.Task) *relay {
				visits, resets := toVisits.From(t), toResets.From(t)
				return newRelay(t, true, 1+int64(partitions)*7, 20_000, func(s *stepped, m rt.Meta) {
					if s.Reset {
						resets.Send(value.HashString(s.User), &s.visit, m)
					} else {
						visits.Send(value.HashString(s.User), &s.visit, m)
					}
				})
			})
			toCalls := rt.Connect(stage, "v", (*relay).handle, ownStepped)
			rt.AddSource(g, source, func(t *rt.Task) *relayLane {
				return &relayLane{t: t, rows: wire.NewCSV(&columns), to: toCalls.From(t), raw: raw.From(t)}
			})
			return
		}
		rt.AddSource(g, source, func(t *rt.Task) *lane {
			return &lane{t: t, rows: wire.NewCSV(&columns), visits: toVisits.From(t), resets: toResets.From(t), raw: raw.From(t)}
		})
	}}
}

type lane struct {
	t              *rt.Task
	rows           *wire.CSV
	visits, resets *rt.Sender[visit]
	raw            *rt.Rows
}

func (l *lane) Block(b *rt.Block) {
	l.rows.Reset(b.Bytes, b.Columns, b.Line)
	for l.rows.Next() {
		v := visit{User: l.rows.String(0), At: value.Timestamp(l.rows.Int(1))}
		kind := l.rows.String(2)
		if err := l.rows.Err(); err != nil {
			if !l.t.Malformed(b, l.rows.Line(), l.rows.Raw(), err) {
				return
			}
			continue
		}
		b.Records++
		b.Max = max(b.Max, v.At)
		m := rt.Meta{Time: v.At, Mark: b.Max - lag}
		l.raw.End(append(append(l.raw.Begin(), l.rows.Raw()...), '\n'))
		if kind == "reset" {
			l.resets.Send(value.HashString(v.User), &v, m)
		} else {
			l.visits.Send(value.HashString(v.User), &v, m)
		}
	}
}

type userCell struct {
	state.Head

	visits int64
	end    state.Timer
}

// users counts the visits of each user's session.
type users struct {
	rt.Stateless
	saved
	cells   *state.Strings[userCell]
	due     *state.Queue
	rows    *rt.Rows
	regions *rt.Sender[session]
	mark    value.Timestamp
}

func (o *users) handleVisit(in *rt.Batch[visit]) { o.handle(in, false) }
func (o *users) handleReset(in *rt.Batch[visit]) { o.handle(in, true) }

func (o *users) handle(in *rt.Batch[visit], reset bool) {
	o.cells.Touch(in.Hash)
	for i := range in.Recs {
		m := in.Meta(i)
		o.Advance(m.Mark)
		v := &in.Recs[i]
		id, c := o.cells.At(in.Hash[i], v.User)
		if c.visits++; reset {
			c.visits = 0
		}
		o.due.Set(&c.end, id, 0, m.Time+gap)
		o.rows.End(userRow(o.rows.Begin(), v.User, v.At, c.visits, m.Time < m.Mark))
		o.Advance(m.Mark)
	}
}

func (o *users) Advance(mark value.Timestamp) {
	for o.due.Next() <= mark {
		e := o.due.Pop()
		c := o.cells.Cell(e.ID)
		if !o.due.Fires(&c.end, e) {
			continue
		}
		s := session{User: o.cells.Key(e.ID), At: e.At, Visits: c.visits}
		s.Region = regionOf(s.User)
		o.regions.Send(value.HashInt(s.Region), &s, rt.Meta{Time: e.At, Mark: max(e.At-1, o.mark)})
		o.cells.Remove(e.ID)
	}
	o.mark = max(o.mark, mark)
}

type regionCell struct {
	state.Head

	start                  value.Timestamp
	sessions, visits, late int64
	users                  int64 // sum over their names, to find strings that were overwritten
	end                    state.Timer
}

// regions sums the sessions of each region.
type regions struct {
	rt.Stateless
	saved
	cells *state.Ints[regionCell]
	due   *state.Queue
	rows  *rt.Rows
	mark  value.Timestamp
}

func (o *regions) handle(in *rt.Batch[session]) {
	o.cells.Touch(in.Hash)
	for i := range in.Recs {
		m := in.Meta(i)
		o.Advance(m.Mark)
		s := &in.Recs[i]
		id, c := o.cells.At(in.Hash[i], s.Region)
		c.add(s, m)
		if !c.end.IsSet() {
			o.due.Set(&c.end, id, 0, c.start+window)
		}
		o.Advance(m.Mark)
	}
}

func (c *regionCell) add(s *session, m rt.Meta) {
	if c.sessions == 0 {
		c.start = m.Time - m.Time%window
	}
	c.sessions++
	c.visits += s.Visits
	name := int64(0)
	for _, b := range []byte(s.User) {
		name = name*31 + int64(b)
	}
	c.users += name * s.Visits
	if m.Time < m.Mark {
		c.late++
	}
}

func (o *regions) Advance(mark value.Timestamp) {
	for o.due.Next() <= mark {
		e := o.due.Pop()
		if c := o.cells.Cell(e.ID); o.due.Fires(&c.end, e) {
			o.rows.End(regionRow(o.rows.Begin(), o.cells.Key(e.ID), e.At, c))
			o.cells.Remove(e.ID)
		}
	}
	o.mark = max(o.mark, mark)
}

func userRow(row []byte, user string, at value.Timestamp, visits int64, late bool) []byte {
	row = append(row, user...)
	row = strconv.AppendInt(append(row, ' '), int64(at), 10)
	row = strconv.AppendInt(append(row, ' '), visits, 10)
	if late {
		row = append(row, " late"...)
	}
	return append(row, '\n')
}

func regionRow(row []byte, region int64, at value.Timestamp, c *regionCell) []byte {
	row = strconv.AppendInt(row, region, 10)
	for _, n := range []int64{int64(at), c.sessions, c.visits, c.late, c.users} {
		row = strconv.AppendInt(append(row, ' '), n, 10)
	}
	return append(row, '\n')
}
