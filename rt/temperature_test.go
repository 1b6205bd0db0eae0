package rt_test

import (
	"math"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
	"github.com/flow-lang/flowc/rt/wire"
)

// The temperature program as flowc compiles it, written by hand: alerts when a
// sensor's temperature jumps, and a timer that forgets silent sensors.

type reading struct {
	Sensor string
	At     value.Timestamp
	Temp   float64
}

var readingColumns = wire.CSVFormat{Delimiter: ',', Columns: []wire.Column{{Name: "sensor"}, {Name: "at"}, {Name: "temp"}}}

func ownReading(r *reading, a *rt.Arena) { r.Sensor = a.String(r.Sensor) }

// temperature returns the program over any source and sink.
func temperature(source rt.SourceConnector, sink rt.SinkConnector, csv bool) rt.Spec {
	return rt.Spec{
		Name:  "temperature_alerts",
		Files: []string{"temperature.flow"},
		Params: []rt.Param{
			{Name: "threshold", Type: rt.FloatParam, Default: "1.7"},
			{Name: "forget", Type: rt.BoolParam, Default: "true"},
		},
		Job: schema.Job{
			Version:   schema.Version1,
			Pipeline:  "temperature_alerts",
			Sources:   []schema.Source{{UID: "readings", Name: "readings", Connector: "csv"}},
			Operators: []schema.Operator{{UID: "temperature-jumps", Name: "temperature_jumps", Key: &schema.Type{Shape: schema.String}}},
			Sinks:     []schema.Sink{{UID: "alerts", Name: "alerts", Connector: "jsonl"}},
		},
		Wire: func(g *rt.Graph) {
			alerts := g.Sink(rt.SinkSpec{UID: "alerts", Name: "alerts", Connector: sink})
			jumps := rt.NewStage(g, rt.StageSpec{UID: "temperature-jumps", Name: "temperature_jumps"}, func(t *rt.Task) *temperatureJumps {
				cells := state.NewStrings[temperatureJumpsCell]()
				return &temperatureJumps{
					f: t.Fault(), threshold: g.Params().Float("threshold"), forget: g.Params().Bool("forget"),
					cells: cells, due: state.NewQueue(cells), alerts: alerts.From(t),
				}
			})
			toJumps := rt.Connect(jumps, "r", (*temperatureJumps).handleR, ownReading)
			rt.AddSource(g, rt.SourceSpec{
				UID: "readings", Name: "readings", Pos: value.At(0, 18, 1), EventTime: true, Lag: 5 * value.Second, Connector: source,
			}, func(t *rt.Task) *readings {
				return &readings{t: t, csv: csv, rows: wire.NewCSV(&readingColumns), jumps: toJumps.From(t)}
			})
		},
	}
}

// readings is the lane.
type readings struct {
	t     *rt.Task
	csv   bool
	rows  *wire.CSV
	lines wire.Lines
	dec   wire.Dec
	jumps *rt.Sender[reading]
}

func (s *readings) Block(b *rt.Block) {
	if s.csv {
		s.csvBlock(b)
		return
	}
	s.lines.Reset(b.Bytes, b.Line)
	for s.lines.Next() {
		var r reading
		if err := s.json(&r); err != nil {
			if !s.t.Malformed(b, s.lines.Line(), s.lines.Raw(), err) {
				return
			}
			continue
		}
		s.stream(b, &r)
	}
}

func (s *readings) csvBlock(b *rt.Block) {
	s.rows.Reset(b.Bytes, b.Columns, b.Line)
	for s.rows.Next() {
		r := reading{Sensor: s.rows.String(0), At: s.rows.Timestamp(1), Temp: s.rows.Float(2)}
		if err := s.rows.Err(); err != nil {
			if !s.t.Malformed(b, s.rows.Line(), s.rows.Raw(), err) {
				return
			}
			continue
		}
		s.stream(b, &r)
	}
}

func (s *readings) json(r *reading) *wire.Malformed {
	d := &s.dec
	d.Reset(s.lines.Raw())
	if d.BeginObject() && d.Key(`"sensor":`) {
		r.Sensor = d.String()
		if d.Key(`"at":`) {
			r.At = d.Timestamp()
			if d.Key(`"temp":`) {
				r.Temp = d.Float()
				if d.EndObject() {
					d.End()
				}
			}
		}
	}
	return d.Err()
}

func (s *readings) stream(b *rt.Block, r *reading) {
	b.Records++
	b.Max = max(b.Max, r.At)
	s.jumps.Send(value.HashString(r.Sensor), r, rt.Meta{Time: r.At, Mark: b.Max - value.Timestamp(5*value.Second)})
}

type temperatureJumpsCell struct {
	state.Head

	has  uint8
	last float64
	idle state.Timer
}

const hasLast = 1 << 0

// temperatureJumps is one shard of the operator.
type temperatureJumps struct {
	rt.Stateless
	f         *value.Fault
	threshold float64
	forget    bool
	cells     *state.Strings[temperatureJumpsCell]
	due       *state.Queue
	alerts    *rt.Rows
}

func (o *temperatureJumps) handleR(in *rt.Batch[reading]) {
	o.cells.Touch(in.Hash)
	for i := range in.Recs {
		m := in.Meta(i)
		if o.due.Next() <= m.Mark {
			o.Advance(m.Mark)
		}
		o.onR(in.Hash[i], &in.Recs[i])
		if o.due.Next() <= m.Mark {
			o.Advance(m.Mark)
		}
	}
}

func (o *temperatureJumps) onR(hash uint64, r *reading) {
	id, cell := o.cells.At(hash, r.Sensor)
	c := *cell
	if o.forget {
		o.due.Set(&c.idle, id, 0, o.f.AddTime(r.At, value.Hour, value.At(0, 30, 14)))
	}
	if c.has&hasLast != 0 {
		if jump := math.Abs(r.Temp - c.last); jump > o.threshold {
			row := o.alerts.Begin()
			row = append(row, `{"sensor":`...)
			row = wire.AppendString(row, r.Sensor)
			row = append(row, `,"temp":`...)
			row = value.AppendFloat(row, r.Temp)
			row = append(row, `,"jump":`...)
			row = value.AppendFloat(row, jump)
			o.alerts.End(append(row, "}\n"...))
		}
	}
	c.last, c.has = r.Temp, c.has|hasLast
	o.cells.Put(id, &c)
}

func (o *temperatureJumps) Advance(mark value.Timestamp) {
	for o.due.Next() <= mark {
		e := o.due.Pop()
		if o.due.Fires(&o.cells.Cell(e.ID).idle, e) {
			o.cells.Remove(e.ID)
		}
	}
}
