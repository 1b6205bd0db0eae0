package evolve

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
)

func ptr[T any](v T) *T { return &v }

func valueOf(name string, t schema.Type) schema.State {
	return schema.State{Name: name, Kind: schema.Value, Type: &t}
}

func stateKind(k schema.Kind, t schema.Type) schema.State {
	return schema.State{Name: "s", Kind: k, Type: &t}
}

func mapKind(k schema.Kind, key, t schema.Type) schema.State {
	return schema.State{Name: "s", Kind: k, MapKey: &key, Type: &t}
}

// codes lists the rules of a plan with what they are about, without what is
// unchanged.
func codes(p *Plan) []string {
	var out []string
	for i := range p.Changes {
		c := &p.Changes[i]
		if c.Rule == Same {
			continue
		}
		text := fmt.Sprintf("%s %s %s", c.Rule, c.Verdict(), c.Where())
		if c.Acknowledged {
			text += " acknowledged"
		}
		out = append(out, text)
	}
	return out
}

// moved converts records and returns them as text.
func moved(t *testing.T, p *Plan, records ...state.Record) []string {
	t.Helper()
	m := p.Mover(0, 0, Moment{Mark: 77})
	if m == nil {
		return []string{"nothing"}
	}
	var out []string
	emit := func(r *state.Record) error {
		out = append(out, fmt.Sprintf("%d %x %x %x %d %d", r.State, r.Key, r.Sub, r.Value, r.Written, r.Gone))
		return nil
	}
	for _, r := range records {
		if err := m.Convert(&r, emit); err != nil {
			return append(out, err.Error())
		}
	}
	if err := m.Flush(emit); err != nil {
		out = append(out, err.Error())
	}
	return out
}

func part(name, fn, arg string, states ...schema.Field) schema.Field {
	return schema.Field{
		Name: name, Type: recordOf("", states...),
		Part: &schema.Part{Func: fn, Args: []schema.Text{{Now: arg}}, Empty: fn == "sum" || fn == "count"},
	}
}

// kindCase is a change of a state, with the records that come out.
type kindCase struct {
	name     string
	old, new schema.State
	in       []state.Record
	codes    []string
	out      []string
}

// kindCases are changes of kinds, aggregates and retention.
func kindCases() []kindCase {
	num, str := basic(schema.Int), basic(schema.String)
	k := []byte("\x02k")
	rec := func(sub, val string) state.Record {
		return state.Record{Key: k, Sub: []byte(sub), Value: []byte(val)}
	}
	sum := part("total", "sum", "_.n", fieldOf("total", of(schema.Option, num)))
	most := part("most", "max", "_.n", fieldOf("most", of(schema.Option, num)))
	count := part("n", "count", "", schema.Field{Name: "n", Type: num, Default: ptr("0")})
	count.Part.Args = nil
	agg := func(parts ...schema.Field) schema.State {
		return stateKind(schema.Aggregate, schema.Type{Shape: schema.Accumulator, Fields: parts})
	}
	ttl := func(s schema.State, us int64, after schema.After) schema.State {
		s.Retention = schema.Retention{TTL: us, After: after}
		return s
	}
	byMark := func(s schema.State) schema.State {
		s.Retention.Watermark = true
		return s
	}
	queried := func(t schema.Type) schema.State {
		s := stateKind(schema.Value, t)
		s.Queryable = "q"
		return s
	}
	return []kindCase{
		{"value<list> to list", stateKind(schema.Value, of(schema.ListOf, num)), stateKind(schema.List, num),
			[]state.Record{rec("", "\x04\x02\x04\x00")}, []string{"C0205 M u/s"}, []string{"0 026b 00 02 0 0", "0 026b 02 04 0 0"}},
		{"empty value<list> to list", stateKind(schema.Value, of(schema.ListOf, num)), stateKind(schema.List, num),
			[]state.Record{rec("", "\x00")}, []string{"C0205 M u/s"}, nil},
		{"list to value<list>", stateKind(schema.List, num), stateKind(schema.Value, of(schema.ListOf, num)),
			[]state.Record{rec("\x02", "\x08"), rec("\x00", "\x06")}, []string{"C0206 M u/s"}, []string{"0 026b  04060800 0 0"}},
		{"value<map> to sorted", stateKind(schema.Value, schema.Type{Shape: schema.MapOf, Key: &str, Elem: &num}), mapKind(schema.Sorted, str, num),
			[]state.Record{rec("", "\x02\x02a\x02\x00")}, []string{"C0205 M u/s"}, []string{"0 026b 0261 02 0 0"}},
		{"map to value<map>", mapKind(schema.Map, str, num), stateKind(schema.Value, schema.Type{Shape: schema.MapOf, Key: &str, Elem: &num}),
			[]state.Record{rec("\x02b", "\x02"), rec("\x02a", "\x04")}, []string{"C0206 M u/s"}, []string{"0 026b  0402610402620200 0 0"}},
		{"value<set> to set", stateKind(schema.Value, of(schema.SetOf, num)), stateKind(schema.Set, num),
			[]state.Record{rec("", "\x02\x02\x00")}, []string{"C0205 M u/s"}, []string{"0 026b 02  0 0"}},
		{"set to value<set>", stateKind(schema.Set, num), stateKind(schema.Value, of(schema.SetOf, num)),
			[]state.Record{rec("\x04", ""), rec("\x02", "")}, []string{"C0206 M u/s"}, []string{"0 026b  04020400 0 0"}},
		{"map to sorted", mapKind(schema.Map, str, num), mapKind(schema.Sorted, str, num),
			[]state.Record{rec("\x02b", "\x02")}, []string{"C0207 M u/s"}, []string{"0 026b 0262 02 0 0"}},
		{"value to list", stateKind(schema.Value, num), stateKind(schema.List, num),
			[]state.Record{rec("", "\x02")}, []string{"C0208 M u/s"}, []string{"0 026b 00 02 0 0"}},
		{"list to set", stateKind(schema.List, num), stateKind(schema.Set, num),
			[]state.Record{rec("\x00", "\x06"), rec("\x02", "\x06")}, []string{"C0112 ML u/s"}, []string{"0 026b 06  0 0", "0 026b 06  0 0"}},
		{"list to sorted", stateKind(schema.List, num), mapKind(schema.Sorted, num, num),
			[]state.Record{rec("\x02", "\x06")}, []string{"C0209 M u/s"}, []string{"0 026b 02 06 0 0"}},
		{"value to set", stateKind(schema.Value, num), stateKind(schema.Set, num),
			[]state.Record{rec("", "\x06")}, []string{"C0212 X u/s"}, []string{"nothing"}},
		{"value to aggregate", stateKind(schema.Value, num), agg(count),
			[]state.Record{rec("", "\x06")}, []string{"C0210 M u/s"}, []string{"0 026b  06 0 0"}},
		{"record to aggregate", stateKind(schema.Value, recordOf("R", fieldOf("n", num), fieldOf("total", num))), agg(sum, count),
			[]state.Record{rec("", "\x06\x08")}, []string{"C0210 M u/s", "C0105 M u/s.total", "C0114 M u/s"}, []string{"0 026b  020806 0 0"}},
		{"part added", agg(count), agg(count, sum),
			[]state.Record{rec("", "\x06")}, []string{"C0301 P u/s.total"}, []string{"0 026b  060200 0 0"}},
		{"part added that needs one", agg(count), agg(count, most),
			[]state.Record{rec("", "\x06")}, []string{"C0302 X u/s.most"}, []string{"0 026b  0600 0 0"}},
		{"part removed", agg(count, sum), agg(sum),
			[]state.Record{rec("", "\x06\x02\x08")}, []string{"C0303 ML u/s.n"}, []string{"0 026b  0208 0 0"}},
		{"parts reordered", agg(count, sum), agg(sum, count),
			[]state.Record{rec("", "\x06\x02\x08")}, []string{"C0304 M u/s"}, []string{"0 026b  020806 0 0"}},
		{"part replaced", agg(sum), agg(part("total", "sum", "_.m", fieldOf("total", of(schema.Option, num)))),
			[]state.Record{rec("", "\x02\x08")}, []string{"C0301 P u/s.total", "C0305 D u/s.total"}, []string{"0 026b  0200 0 0"}},
		{"ttl added", stateKind(schema.Value, num), ttl(stateKind(schema.Value, num), 5, "write"),
			[]state.Record{rec("", "\x02")}, []string{"C0214 M u/s"}, []string{"0 026b  02 77 0"}},
		{"ttl shorter", ttl(stateKind(schema.Value, num), 9, "write"), ttl(stateKind(schema.Value, num), 5, "write"),
			[]state.Record{{Key: k, Value: []byte{2}, Written: 3}}, []string{"C0215 A u/s"}, []string{"0 026b  02 3 0"}},
		{"ttl by watermark", ttl(stateKind(schema.Value, num), 9, "write"), byMark(ttl(stateKind(schema.Value, num), 9, "write")),
			[]state.Record{{Key: k, Value: []byte{2}, Written: 3}}, []string{"C0215 A u/s"}, []string{"0 026b  02 3 0"}},
		{"ttl by watermark no longer", byMark(ttl(stateKind(schema.Value, num), 9, "write")), ttl(stateKind(schema.Value, num), 9, "write"),
			[]state.Record{{Key: k, Value: []byte{2}, Written: 3}}, []string{"C0215 A u/s"}, []string{"0 026b  02 3 0"}},
		{"ttl after something else", ttl(stateKind(schema.Value, num), 9, "write"), ttl(stateKind(schema.Value, num), 9, "read"),
			[]state.Record{{Key: k, Value: []byte{2}, Written: 3}}, []string{"C0216 S u/s"}, []string{"0 026b  02 3 0"}},
		{"queries with another answer", queried(num), queried(basic(schema.Float)),
			[]state.Record{rec("", "\x02")}, []string{"C0103 MC u/s", "C0220 U u/s"}, []string{"0 026b  000000000000f03f 0 0"}},
		{"queries with more", queried(recordOf("R", fieldOf("a", num))), queried(recordOf("R", fieldOf("a", num), schema.Field{Name: "b", Type: num, Default: ptr("7")})),
			[]state.Record{rec("", "\x02")}, []string{"C0115 M u/s.b", "C0223 U u/s"}, []string{"0 026b  020e 0 0"}},
	}
}

// TestKinds holds what becomes of states, with the records that come out.
func TestKinds(t *testing.T) {
	t.Parallel()
	for _, tt := range kindCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := Resolve(jobOf(tt.old), jobOf(tt.new), nil, Hooks{})
			if diff := cmp.Diff(tt.codes, codes(p)); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.out, moved(t, p, tt.in...)); diff != "" {
				t.Errorf("records (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRecords holds every single edit of a record and every pair of them to what
// becomes of a value.
func TestRecords(t *testing.T) {
	t.Parallel()
	num, str := basic(schema.Int), basic(schema.String)
	base := func() []schema.Field { return []schema.Field{fieldOf("a", num), fieldOf("b", str), fieldOf("c", num)} }
	edits := []struct {
		name    string
		verdict Verdict
		apply   func([]schema.Field) []schema.Field
	}{
		{"nothing", Unchanged, func(f []schema.Field) []schema.Field { return f }},
		{"rename a", ReadsAsIs, func(f []schema.Field) []schema.Field {
			return edit(f, "a", func(x *schema.Field) { x.Name, x.Was = "z", []string{"a"} })
		}},
		{"remove b", MigratesLosing, func(f []schema.Field) []schema.Field {
			return slices.DeleteFunc(f, func(x schema.Field) bool { return x.Name == "b" })
		}},
		{"add d with a default", Migrates, func(f []schema.Field) []schema.Field {
			return append(f, schema.Field{Name: "d", Type: num, Default: ptr("7")})
		}},
		{"add e optional", Migrates, func(f []schema.Field) []schema.Field {
			return slices.Insert(f, 0, fieldOf("e", of(schema.Option, str)))
		}},
		{"add f", Breaks, func(f []schema.Field) []schema.Field { return append(f, fieldOf("f", str)) }},
		{"reverse", Migrates, func(f []schema.Field) []schema.Field { slices.Reverse(f); return f }},
		{"c optional", Migrates, func(f []schema.Field) []schema.Field {
			return edit(f, "c", func(x *schema.Field) { x.Type = of(schema.Option, num) })
		}},
		{"c int32", MigratesChecked, func(f []schema.Field) []schema.Field {
			return edit(f, "c", func(x *schema.Field) { x.Type = basic(schema.Int32) })
		}},
		{"c bytes", Breaks, func(f []schema.Field) []schema.Field {
			return edit(f, "c", func(x *schema.Field) { x.Type = basic(schema.Bytes) })
		}},
		{"b bytes", ReadsAsIs, func(f []schema.Field) []schema.Field {
			return edit(f, "b", func(x *schema.Field) { x.Type = basic(schema.Bytes) })
		}},
	}
	old := recordOf("R", base()...)
	value := []byte("\x06\x04hi\x0a") // a: 3, b: "hi", c: 5
	for _, one := range edits {
		for _, two := range edits {
			new := recordOf("S", two.apply(one.apply(base()))...)
			name := one.name + ", " + two.name
			p := Resolve(jobOf(valueOf("s", old)), jobOf(valueOf("s", new)), nil, Hooks{})
			want := max(one.verdict, two.verdict)
			got := p.Of("u", "s")
			if got != want && !(one.name == "reverse" && two.name == "reverse") && !undone(one.name, two.name) {
				t.Errorf("%s: verdict %s, want %s: %v", name, got, want, codes(p))
			}
			if got == Breaks {
				continue
			}
			m := p.Mover(0, 0, Moment{})
			err := m.Convert(&state.Record{Key: []byte("\x02k"), Value: value}, func(r *state.Record) error {
				text, rest, err := appendJSON(nil, link(&new), r.Value, 0)
				if err != nil || len(rest) > 0 {
					return fmt.Errorf("%x: %d bytes left, %w", r.Value, len(rest), err)
				}
				for _, f := range new.Fields {
					want := map[string]string{
						"a": "3", "z": "3", "b": `"hi"`, "c": "5", "d": "7", "e": "null",
					}[f.Name]
					if f.Name == "b" && f.Type.Shape == schema.Bytes {
						want = `"aGk="`
					}
					if !strings.Contains(string(text), `"`+f.Name+`":`+want) {
						return fmt.Errorf("%s of %s is not %s", f.Name, text, want)
					}
				}
				return nil
			})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// undone are pairs of which the second edit meets nothing, or changes what the
// first did.
func undone(a, b string) bool {
	return a == b || strings.HasPrefix(a, "c ") && strings.HasPrefix(b, "c ") ||
		strings.HasSuffix(a, "b") && strings.HasPrefix(b, "b ") || strings.HasPrefix(a, "b ") && strings.HasSuffix(b, "b")
}

func edit(f []schema.Field, name string, change func(*schema.Field)) []schema.Field {
	for i := range f {
		if f[i].Name == name {
			change(&f[i])
		}
	}
	return f
}

// baseJob is the program that jobCases edit.
func baseJob() *schema.Job {
	num, str := basic(schema.Int), basic(schema.String)
	return &schema.Job{
		Sources: []schema.Source{{UID: "in", Connector: "jsonl", From: `"a"`}},
		Operators: []schema.Operator{{
			UID: "sums", Name: "sums", Key: &str, Inputs: []schema.Input{{Name: "p", Key: &schema.Text{Now: "_.user"}}, {Name: "sent", Message: &num}},
			Params: []schema.Param{{Name: "size", Value: "1h"}},
			States: []schema.State{valueOf("total", num), valueOf("last", num)},
			Timers: []schema.Timer{{Name: "idle"}},
		}},
		Sinks: []schema.Sink{{UID: "out", Connector: "jsonl", To: `"b"`, Keeps: true}, {UID: "said", Connector: "jsonl"}},
	}
}

// jobCase is an edit of a program.
type jobCase struct {
	name  string
	edit  func(*schema.Job)
	codes []string
}

// jobCases are changes of steps, keys, timers, sources, sinks and what is
// acknowledged.
func jobCases() []jobCase {
	num, str := basic(schema.Int), basic(schema.String)
	op := func(j *schema.Job) *schema.Operator { return &j.Operators[0] }
	return []jobCase{
		{"nothing", func(*schema.Job) {}, nil},
		{"state added", func(j *schema.Job) { op(j).States = append(op(j).States, valueOf("new", str)) }, []string{"C0201 E sums/new"}},
		{"state removed", func(j *schema.Job) { op(j).States = op(j).States[:1] }, []string{"C0202 D sums/last"}},
		{"state removed and retired", func(j *schema.Job) { op(j).States = op(j).States[:1]; j.Retired = []string{"sums/last"} },
			[]string{"C0202 D sums/last acknowledged"}},
		{"retired for nothing", func(j *schema.Job) { j.Retired = []string{"sums/last"}; j.Accepted = []string{"sums/size"} },
			[]string{"C0901 U sums/last", "C0901 U sums/size"}},
		{"state renamed", func(j *schema.Job) { s := &op(j).States[1]; s.Name, s.Was = "newest", []string{"last"} }, []string{"C0203 U sums/newest"}},
		{"state renamed silently", func(j *schema.Job) { op(j).States[1].Name = "newest" }, []string{"C0201 E sums/newest", "C0202 D sums/last"}},
		{"state moved", func(j *schema.Job) {
			s := op(j).States[1]
			s.Was = []string{"sums/last"}
			op(j).States = op(j).States[:1]
			j.Operators = append(j.Operators, schema.Operator{UID: "other", Name: "other", Key: &str, States: []schema.State{s}})
		}, []string{"C0204 U other/last"}},
		{"uid renamed", func(j *schema.Job) { op(j).UID, op(j).Was = "totals", []string{"sums"} }, []string{"C0501 U totals"}},
		{"uid lost", func(j *schema.Job) { op(j).UID = "totals" },
			[]string{"C0201 E totals/total", "C0201 E totals/last", "C0601 E totals/idle", "C0202 D sums/total", "C0202 D sums/last", "C0602 D sums/idle", "C0503 D sums/sent"}},
		{"uid lost and retired", func(j *schema.Job) { op(j).UID = "totals"; j.Retired = []string{"sums"} },
			[]string{"C0201 E totals/total", "C0201 E totals/last", "C0601 E totals/idle", "C0202 D sums/total acknowledged", "C0202 D sums/last acknowledged", "C0602 D sums/idle acknowledged", "C0503 D sums/sent acknowledged"}},
		{"key type", func(j *schema.Job) { op(j).Key = &num }, []string{"C0402 X sums"}},
		{"key of the same bytes", func(j *schema.Job) { op(j).Key = ptr(basic(schema.Bytes)) }, []string{"C0401 A sums"}},
		{"key rehashed by hand", func(j *schema.Job) { op(j).Key = &num; op(j).Rekey = &schema.Rekey{From: str, By: "old.len"} }, []string{"C0404 MC sums"}},
		{"key rehashed from another", func(j *schema.Job) { op(j).Key = &num; op(j).Rekey = &schema.Rekey{From: num, By: "old"} }, []string{"C0405 X sums"}},
		{"key expression", func(j *schema.Job) { op(j).Inputs[0].Key = &schema.Text{Now: "_.team"} }, []string{"C0403 S sums"}},
		{"key expression of a renamed field", func(j *schema.Job) {
			op(j).Inputs[0] = schema.Input{Name: "q", Key: &schema.Text{Now: "_.name", Was: []string{"_.user"}}}
		}, nil},
		{"parameter", func(j *schema.Job) { op(j).Params[0].Value = "2h" }, []string{"C0502 S sums/size"}},
		{"parameter accepted", func(j *schema.Job) { op(j).Params[0].Value = "2h"; j.Accepted = []string{"sums/size"} }, []string{"C0502 S sums/size acknowledged"}},
		{"timer added", func(j *schema.Job) { op(j).Timers = append(op(j).Timers, schema.Timer{Name: "late"}) }, []string{"C0601 E sums/late"}},
		{"timer removed", func(j *schema.Job) { op(j).Timers = nil }, []string{"C0602 D sums/idle"}},
		{"timer renamed", func(j *schema.Job) { op(j).Timers = []schema.Timer{{Name: "still", Was: []string{"idle"}}} }, []string{"C0603 U sums/still"}},
		{"timer on another clock", func(j *schema.Job) { op(j).Timers[0].Processing = true }, []string{"C0604 X sums/idle"}},
		{"timer family", func(j *schema.Job) { op(j).Timers[0].Index = &num }, []string{"C0605 X sums/idle"}},
		{"entry timer", func(j *schema.Job) {
			op(j).Timers = append(op(j).Timers, schema.Timer{Name: "end", Index: &num, Entry: "m"})
		}, nil},
		{"broadcast", func(j *schema.Job) { op(j).States[0].Broadcast = true }, []string{"C0213 X sums/total"}},
		{"queryable", func(j *schema.Job) { op(j).States[0].Queryable = "q" }, []string{"C0217 U sums/total"}},
		{"initial value", func(j *schema.Job) { op(j).States[0].Initial = ptr("0") }, []string{"C0211 A sums/total"}},
		{"source added", func(j *schema.Job) { j.Sources = append(j.Sources, schema.Source{UID: "more"}) }, []string{"C0701 E more"}},
		{"source removed", func(j *schema.Job) { j.Sources = nil }, []string{"C0702 D in"}},
		{"source moved", func(j *schema.Job) { j.Sources[0].From = `"z"` }, []string{"C0703 S in"}},
		{"source moved and accepted", func(j *schema.Job) { j.Sources[0].From = `"z"`; j.Accepted = []string{"in/from"} }, []string{"C0703 S in acknowledged"}},
		{"sink with a position removed", func(j *schema.Job) { j.Sinks = j.Sinks[1:] }, []string{"C0704 D out"}},
		{"sink without one removed", func(j *schema.Job) { j.Sinks = j.Sinks[:1] }, []string{"C0705 U said"}},
		{"sink moved", func(j *schema.Job) { j.Sinks[0].To = `"z"` }, []string{"C0705 U out"}},
		{"key groups", func(j *schema.Job) { j.KeyGroups = 128 }, []string{"C0706 M "}},
		{"message input removed", func(j *schema.Job) { op(j).Inputs = op(j).Inputs[:1] }, []string{"C0503 D sums/sent"}},
		{"another message input", func(j *schema.Job) { op(j).Inputs[1].Name = "told" }, []string{"C0504 E sums/told", "C0503 D sums/sent"}},
		{"messages of another type", func(j *schema.Job) { op(j).Inputs[1].Message = ptr(basic(schema.Float)) }, []string{"C0103 MC sums/sent"}},
		{"a migration that keeps the type", func(j *schema.Job) {
			op(j).States[0].Migrate = &schema.Migrate{Kind: schema.Value, Type: &num, By: "old * 100"}
		}, []string{"C0218 MC sums/total"}},
		{"a rekey that keeps the type", func(j *schema.Job) { op(j).Rekey = &schema.Rekey{From: str, By: "old.lower()"} }, []string{"C0404 MC sums"}},
		{"by hand", func(j *schema.Job) {
			op(j).States[0] = valueOf("total", str)
			op(j).States[0].Migrate = &schema.Migrate{Kind: schema.Value, Type: &num, By: "old"}
		}, []string{"C0218 MC sums/total"}},
		{"by hand from another type", func(j *schema.Job) {
			op(j).States[0] = valueOf("total", str)
			op(j).States[0].Migrate = &schema.Migrate{Kind: schema.Value, Type: &str, By: "old"}
		}, []string{"C0219 X sums/total"}},
		{"by hand, done already", func(j *schema.Job) {
			op(j).States[0].Migrate = &schema.Migrate{Kind: schema.Value, Type: &str, By: "old"}
		}, nil},
	}
}

// TestJobs holds changes of jobs to the rules.
func TestJobs(t *testing.T) {
	t.Parallel()
	for _, tt := range jobCases() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			next := baseJob()
			tt.edit(next)
			p := Resolve(baseJob(), next, nil, Hooks{})
			if diff := cmp.Diff(tt.codes, codes(p)); diff != "" {
				t.Errorf("rules (-want +got):\n%s", diff)
			}
			for _, c := range p.Findings() {
				if c.Help == "" {
					t.Errorf("%s says nothing about what to do", c.String())
				}
			}
		})
	}
}

// TestDroppedOnce holds an acknowledgement for one start to what the lines do.
func TestDroppedOnce(t *testing.T) {
	t.Parallel()
	num := basic(schema.Int)
	old := jobOf(valueOf("s", num))
	old.Operators[0].States = append(old.Operators[0].States, valueOf("t", num))
	p := Resolve(old, jobOf(valueOf("s", num)), nil, Hooks{})
	var refusal *Refusal
	if err := p.Refuse(); !errors.As(err, &refusal) || !strings.Contains(err.Error(), "[C0202] u/t") {
		t.Errorf("Refuse() = %v", err)
	}
	if err := Resolve(old, jobOf(valueOf("s", num)), []string{"u/t"}, Hooks{}).Refuse(); err != nil {
		t.Errorf("acknowledged, and yet %v", err)
	}
}

// TestByHand runs the program's own functions.
func TestByHand(t *testing.T) {
	t.Parallel()
	num, str := basic(schema.Int), basic(schema.String)
	length := func(dst, old []byte) ([]byte, error) {
		b, _, err := takeBytes(link(&str), old)
		return appendLong(dst, int64(len(b))), err
	}
	s := valueOf("s", num)
	s.Migrate = &schema.Migrate{Kind: schema.Value, Type: &str, By: "old.len"}
	p := Resolve(jobOf(valueOf("s", str)), jobOf(s), nil, Hooks{Migrate: map[string]func(dst, old []byte) ([]byte, error){"u/s": length}})
	got := moved(t, p, state.Record{Key: []byte("\x02k"), Value: []byte("\x06abc")})
	if diff := cmp.Diff([]string{"0 026b  06 0 0"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	next := jobOf(valueOf("s", num))
	next.Operators[0].Key, next.Operators[0].Rekey = &num, &schema.Rekey{From: str, By: "old.len"}
	p = Resolve(jobOf(valueOf("s", num)), next, nil, Hooks{Rekey: map[string]func(dst, old []byte) ([]byte, error){"u": length}})
	got = moved(t, p, state.Record{Key: []byte("\x06abc"), Value: []byte{2}}, state.Record{Key: []byte("\x06abd"), Value: []byte{2}})
	want := []string{"0 06  02 0 0", `u/s of key "abd": "abd" of type string is no int: another key becomes the same`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestChains goes from a first version to a third by way of a second, and at
// once: the values that come out are the same.
func TestChains(t *testing.T) {
	t.Parallel()
	num, str := basic(schema.Int), basic(schema.String)
	three := []schema.Type{
		recordOf("R", fieldOf("a", basic(schema.Int32)), fieldOf("b", str)),
		recordOf("R", fieldOf("b", str), schema.Field{Name: "x", Type: num, Was: []string{"a"}}, schema.Field{Name: "c", Type: num, Default: ptr("4")}),
		recordOf("R", schema.Field{Name: "y", Type: of(schema.Option, num), Was: []string{"x", "a"}}, fieldOf("b", basic(schema.Bytes)),
			schema.Field{Name: "c", Type: num, Default: ptr("4")}),
	}
	through := func(v []byte, versions ...schema.Type) []byte {
		for i := 1; i < len(versions); i++ {
			p := Resolve(jobOf(valueOf("s", versions[i-1])), jobOf(valueOf("s", versions[i])), nil, Hooks{})
			err := p.Mover(0, 0, Moment{}).Convert(&state.Record{Value: v}, func(r *state.Record) error { v = slices.Clone(r.Value); return nil })
			if err != nil {
				t.Fatal(err)
			}
		}
		return v
	}
	for _, v := range [][]byte{[]byte("\x06\x04hi"), []byte("\x01\x00")} {
		step, once := through(v, three...), through(v, three[0], three[2])
		if !slices.Equal(step, once) {
			t.Errorf("%x step by step is %x, at once %x", v, step, once)
		}
	}
}

// TestLiterals reads the constants that the compiler writes.
func TestLiterals(t *testing.T) {
	t.Parallel()
	str, num := basic(schema.String), basic(schema.Int)
	tests := []struct {
		t    schema.Type
		text string
		json string // "" if it is refused
	}{
		{num, "-12", "-12"}, {num, "1.5", ""}, {basic(schema.Int32), "3000000000", ""},
		{basic(schema.Float), "2.5", "2.5"}, {basic(schema.Float32), "-1e-3", "-0.001"}, {basic(schema.Bool), "true", "true"},
		{str, `"a \"b\""`, `"a \"b\""`}, {str, `"a" x`, ""}, {basic(schema.Bytes), `b"\x00\xff"`, `"AP8="`},
		{decimalOf(4, 2), "12.50d", "12.50"}, {decimalOf(4, 2), "123.50d", ""},
		{basic(schema.Timestamp), `t"2024-05-01T12:00:00Z"`, `"2024-05-01T12:00:00Z"`}, {basic(schema.Date), `date("2024-05-01")`, `"2024-05-01"`},
		{basic(schema.Duration), "-1h30m", `"-1h30m"`}, {basic(schema.UUID), `uuid("00000000-0000-0000-0000-000000000001")`, `"00000000-0000-0000-0000-000000000001"`},
		{enumOf("a", "b"), "E.b", `"b"`}, {enumOf("a", "b"), "E.c", ""},
		{of(schema.Option, num), "none", "null"}, {of(schema.Option, num), "3", "3"},
		{of(schema.ListOf, num), "[1, 2]", "[1,2]"}, {of(schema.ListOf, num), "[]", "[]"}, {of(schema.SetOf, num), "set([2, 1, 2])", "[1,2]"},
		{schema.Type{Shape: schema.MapOf, Key: &str, Elem: &num}, `["b": 1, "a": 2]`, `{"a":2,"b":1}`}, {schema.Type{Shape: schema.MapOf, Key: &str, Elem: &num}, "[:]", "{}"},
		{recordOf("R", fieldOf("a", num), fieldOf("b", of(schema.ListOf, str))), `{ a: 1, b: ["x"] }`, `{"a":1,"b":["x"]}`}, {recordOf("R", fieldOf("a", num)), "{ b: 1 }", ""},
	}
	for _, tt := range tests {
		b, err := Default(&tt.t, tt.text)
		if err != nil {
			if tt.json != "" {
				t.Errorf("%s: %v", tt.text, err)
			}
			continue
		}
		got, rest, err := appendJSON(nil, link(&tt.t), b, 0)
		if string(got) != tt.json || len(rest) > 0 || err != nil {
			t.Errorf("%s is %s, want %s (%d bytes left, %v)", tt.text, got, tt.json, len(rest), err)
		}
	}
}

// FuzzConvert feeds converters with bytes that nobody wrote: an error, and never
// a panic or more memory than the bytes ask for.
func FuzzConvert(f *testing.F) {
	num, str := basic(schema.Int), basic(schema.String)
	node := recordOf("N", fieldOf("v", num), fieldOf("next", of(schema.Option, schema.Type{Shape: schema.Ref, Name: "N"})))
	wide := recordOf("N", fieldOf("v", basic(schema.Float)), fieldOf("next", of(schema.Option, schema.Type{Shape: schema.Ref, Name: "N"})), schema.Field{Name: "d", Type: num, Default: ptr("1")})
	pairs := [][2]schema.State{
		{valueOf("s", node), valueOf("s", wide)},
		{valueOf("s", of(schema.ListOf, str)), stateKind(schema.List, str)},
		{valueOf("s", schema.Type{Shape: schema.MapOf, Key: &str, Elem: &num}), valueOf("s", schema.Type{Shape: schema.MapOf, Key: ptr(basic(schema.UUID)), Elem: ptr(basic(schema.Int32))})},
		{valueOf("s", decimalOf(38, 10)), valueOf("s", decimalOf(4, 2))},
		{valueOf("s", of(schema.ListOf, recordOf("Empty"))), valueOf("s", of(schema.SetOf, recordOf("Empty")))},
	}
	f.Add(0, []byte("\x02\x02\x04\x00"))
	f.Add(1, []byte("\x02\x02a\x00"))
	f.Add(2, []byte("\x01\x04\x02a\x02\x00"))
	f.Add(3, []byte("\x20"+strings.Repeat("\xff", 16)))
	f.Add(4, []byte("\xfe\xff\xff\xff\xff\xff\xff\xff\x7f"))
	f.Fuzz(func(t *testing.T, which int, data []byte) {
		pair := pairs[uint(which)%uint(len(pairs))]
		p := Resolve(jobOf(pair[0]), jobOf(pair[1]), nil, Hooks{})
		m := p.Mover(0, 0, Moment{})
		if m == nil {
			t.Fatal("nothing goes on")
		}
		_ = m.Convert(&state.Record{Key: []byte("\x02k"), Value: data}, func(*state.Record) error { return nil })
	})
}
