package compat_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/schema"
)

// flinkCase is a case of Flink's own tests of migrations, with its counterpart
// here.
type flinkCase struct {
	number string // in Flink's list
	what   string
	flink  string // A as it is, R reconfigured, M migrated, X refused, D dropped
	flow   string // the verdict here
	was    *schema.Job
	is     *schema.Job
}

func field1(name string, t schema.Type) schema.Field { return schema.Field{Name: name, Type: t} }

func withDefault(f schema.Field, text string) schema.Field {
	f.Default = &text
	return f
}

// stateJob is a program with one state.
func stateJob(s schema.State) *schema.Job {
	job := matrixJob()
	if s.Name == "" {
		s.Name = "s"
	}
	job.Operators[0].States = []schema.State{s}
	return job
}

func kindOfState(k schema.Kind, t schema.Type) schema.State {
	s := schema.State{Kind: k, Type: &t}
	if k == schema.Map {
		str := shape(schema.String)
		s.MapKey = &str
	}
	return s
}

func valueJob(t schema.Type) *schema.Job { return stateJob(kindOfState(schema.Value, t)) }

// typeCasesOfFlink are those about types: T1 to T51.
func typeCasesOfFlink() []flinkCase {
	str, num, small, wide := shape(schema.String), shape(schema.Int), shape(schema.Int32), shape(schema.Float)
	opt := func(t schema.Type) schema.Type { return wrap(schema.Option, t) }
	id, name := field1("id", num), field1("name", str)
	age := withDefault(field1("age", small), "0")
	r := func(list ...schema.Field) schema.Type { return fields("User", list...) }
	nested := func(t schema.Type) schema.Type {
		return r(id, field1("inner", fields("Inner", field1("x", t))))
	}
	union := func(members ...schema.Type) schema.Type {
		return schema.Type{Shape: schema.Union, Name: "Shape", Members: members}
	}
	circle, square, other := fields("Circle", field1("r", wide)), fields("Square", field1("side", num)), fields("Other", field1("o", str))
	moved := fields("elsewhere.User", id, name)
	c := func(number, what, flink, flow string, old, new schema.Type) flinkCase {
		return flinkCase{number, what, flink, flow, valueJob(old), valueJob(new)}
	}
	four := []schema.Field{id, name, age, field1("height", wide)}
	married := withDefault(field1("married", shape(schema.Bool)), "false")
	return []flinkCase{
		c("T1", "the same fields", "A", "U", r(id, name), r(id, name)),
		c("T2", "a field is gone", "M", "ML", r(id, name), r(id)),
		c("T3", "a new field with a default", "M", "M", r(id), r(id, age)),
		c("T4", "fields gone and new ones", "M", "ML", r(four...), r(name, age, field1("color", opt(str)), married)),
		c("T5", "a field of a field becomes what nothing becomes", "X", "X", nested(num), nested(str)),
		c("T6", "a field of a field is converted", "M", "M", nested(small), nested(wide)),
		c("T7", "a field of a field is read as another type", "R", "A", nested(small), nested(num)),
		c("T8", "a field was int and is string", "X", "X", r(id), r(field1("id", str))),
		c("T9", "a member of a union has more fields", "M", "M", union(circle, square), union(fields("Circle", field1("r", wide), age), square)),
		c("T10", "a member of a union has a field of another type", "X", "X", union(circle, square), union(fields("Circle", field1("r", str)), square)),
		c("T11", "a record that is now one of a union", "R", "M", circle, union(circle, square)),
		c("T12", "the members of a union stand in another order", "R", "M", union(circle, square), union(square, circle)),
		c("T13", "a member of a union is gone", "R", "MC", union(circle, square), union(circle)),
		c("T14", "a union has one more member", "R", "A", union(circle), union(circle, square)),
		c("T15", "one member new and one gone", "R", "MC", union(circle, square), union(circle, other)),
		c("T16", "a record is called otherwise", "X", "U", r(id, name), moved),
		c("T17", "a record and an anonymous one of the same fields", "A", "U", r(id, name), fields("", id, name)),
		c("T18", "{id, name} becomes {name, age, new}", "M", "ML", r(id, name), r(name, age, field1("new", opt(str)))),
		c("T19", "the same enum", "A", "U", enum("a", "b"), enum("a", "b")),
		c("T20", "an enum has one more symbol at its end", "R", "A", enum("a", "b"), enum("a", "b", "c")),
		c("T21", "the symbols of an enum stand in another order", "R", "M", enum("a", "b"), enum("b", "a")),
		c("T22", "a symbol of an enum is gone", "X", "MC", enum("a", "b"), enum("a")),
		c("T23", "the same schema, read by Avro", "A", "U", r(four...), r(four...)),
		c("T24", "an optional field is gone", "M", "ML", r(id, field1("nick", opt(str))), r(id)),
		c("T25", "a new optional field", "M", "M", r(id), r(id, field1("nick", opt(str)))),
		c("T26", "a new field without a default", "X", "X", r(id), r(id, name)),
		c("T27", "a generic and a specific record", "A", "U", fields("", id, name), r(id, name)),
		c("T28", "an older form of the description", "A", "U", r(id), r(id)),
		c("T29", "Kryo, the same configuration: types are described, none is registered", "A", "U", r(id), r(id)),
		c("T30", "Kryo, one more type registered", "R", "U", r(id), r(id)),
		c("T31", "Kryo, registered in another order", "R", "U", r(id), r(id)),
		c("T32", "Kryo, another serializer: here a type of other bytes, which is noticed", "A", "X", r(field1("at", shape(schema.Timestamp))), r(field1("at", shape(schema.Duration)))),
		c("T33", "Kryo, a registered class is missing: here a member", "X", "MC", union(circle, square), union(square)),
		c("T34", "of several parts one breaks", "X", "X", r(id, field1("a", small), field1("b", num)), r(id, field1("a", num), field1("b", str))),
		c("T35", "one as it is, one converted, one read otherwise", "M", "M", r(id, field1("a", small), field1("b", small)), r(id, field1("a", num), field1("b", wide))),
		c("T36", "one as it is, one read otherwise", "R", "A", r(id, field1("a", small)), r(id, field1("a", num))),
		c("T37", "the outside breaks, the inside does not", "X", "X", wrap(schema.ListOf, num), fields("R", field1("x", num))),
		c("T38", "the outside is converted, the inside read otherwise", "M", "M", wrap(schema.SetOf, small), wrap(schema.ListOf, num)),
		c("T39", "a part fewer", "X", "ML", r(id, name), r(name)),
		c("T40", "the same row", "A", "U", r(id, name), r(id, name)),
		c("T41", "a field may be none now", "A", "M", r(id), r(field1("id", opt(num)))),
		c("T42", "a field may be none no longer", "X", "MC", r(field1("id", opt(num))), r(id)),
		c("T43", "some may be none now, one no longer", "X", "MC", r(id, field1("n", opt(str))), r(field1("id", opt(num)), field1("n", str))),
		c("T44", "a row has one more field, which may be none", "X", "M", r(id), r(id, field1("n", opt(str)))),
		c("T45", "INT becomes BIGINT", "X", "A", r(field1("id", small)), r(id)),
		c("T46", "a field of a field may be none now", "X", "M", nested(num), nested(opt(num))),
		c("T47", "fields in another order", "M", "M", r(id, name), r(name, id)),
		c("T48", "a row has one more field, never none", "X", "X", r(id), r(id, name)),
		c("T49", "a row has one field fewer", "X", "ML", r(id, name), r(id)),
		c("T50", "a row within a row has one more field, which may be none", "M", "M", nested(num), r(id, field1("inner", fields("Inner", field1("x", num), field1("n", opt(str)))))),
		c("T51", "other names, another layout", "X", "X", r(field1("f0", num), field1("f1", str)), r(field1("a", str), field1("b", num))),
	}
}

// edited is a program that is changed.
func edited(job *schema.Job, change func(*schema.Job)) *schema.Job {
	change(job)
	return job
}

// jobCasesOfFlink are those about keys, states and jobs: K1 to K7, S1 to S28, J1 to
// J15.
func jobCasesOfFlink() []flinkCase {
	str, num, small, wide, raw := shape(schema.String), shape(schema.Int), shape(schema.Int32), shape(schema.Float), shape(schema.Bytes)
	key := func(t schema.Type) *schema.Job {
		return edited(valueJob(num), func(j *schema.Job) { j.Operators[0].Key = &t })
	}
	timer := func(t schema.Type) *schema.Job {
		return edited(matrixJob(), func(j *schema.Job) { j.Operators[0].Timers = []schema.Timer{{Name: "t", Index: &t}} })
	}
	of := func(k schema.Kind, t schema.Type) *schema.Job { return stateJob(kindOfState(k, t)) }
	shared := func(k, t schema.Type) *schema.Job {
		return stateJob(schema.State{Kind: schema.Map, MapKey: &k, Type: &t, Broadcast: true})
	}
	ttl := func(t schema.Type, us int64, k schema.Kind) *schema.Job {
		s := kindOfState(k, t)
		if us > 0 {
			s.Retention = schema.Retention{TTL: us, After: schema.AfterWrite}
		}
		return stateJob(s)
	}
	named := func(name string) *schema.Job {
		return stateJob(schema.State{Name: name, Kind: schema.Value, Type: &num})
	}
	steps := func(uids ...string) *schema.Job {
		return edited(matrixJob(), func(j *schema.Job) {
			op := j.Operators[0]
			j.Operators = nil
			for _, uid := range uids {
				op.UID = uid
				op.States = []schema.State{{Name: "n", Kind: schema.Value, Type: &num}}
				j.Operators = append(j.Operators, op)
			}
		})
	}
	groups := func(n int) *schema.Job {
		return edited(valueJob(num), func(j *schema.Job) { j.KeyGroups = n })
	}
	day := int64(86_400_000_000)
	same := func(number, what, flink string) flinkCase {
		return flinkCase{number, what, flink, "U", valueJob(num), valueJob(num)}
	}
	keyless := func(uids ...string) *schema.Job {
		return edited(steps(uids...), func(j *schema.Job) { j.Operators[0].Key = nil })
	}
	return []flinkCase{
		{"K1", "the type of the key is converted", "X", "X", key(small), key(wide)},
		{"K2", "the type of the key is read otherwise", "R", "A", key(str), key(raw)},
		{"K3", "the type of the key breaks", "X", "X", key(str), key(num)},
		{"K4", "a namespace is converted: here the index of timers", "X", "MC", timer(num), timer(small)},
		{"K5", "a namespace is read otherwise", "R", "A", timer(small), timer(num)},
		{"K6", "a namespace breaks", "X", "X", timer(str), timer(num)},
		{"K7", "what a queue of timers holds breaks", "X", "X", timer(shape(schema.Date)), timer(num)},
		{"S1", "a value is converted", "M", "M", of(schema.Value, small), of(schema.Value, wide)},
		{"S2", "a value is read otherwise", "R", "A", of(schema.Value, small), of(schema.Value, num)},
		{"S3", "a value breaks", "X", "X", of(schema.Value, num), of(schema.Value, str)},
		{"S4", "a list is converted", "M", "M", of(schema.List, small), of(schema.List, wide)},
		{"S5", "a list is read otherwise", "R", "A", of(schema.List, small), of(schema.List, num)},
		{"S6", "a list breaks", "X", "X", of(schema.List, num), of(schema.List, str)},
		{"S7", "a map as it is", "A", "U", of(schema.Map, num), of(schema.Map, num)},
		{"S8", "the values of a map are converted", "M", "M", of(schema.Map, small), of(schema.Map, wide)},
		{"S9", "the values of a map are read otherwise", "R", "A", of(schema.Map, small), of(schema.Map, num)},
		{"S10", "the values of a map break", "X", "X", of(schema.Map, num), of(schema.Map, str)},
		{"S11", "an operator's own list is converted: here broadcast state", "M", "M", shared(str, small), shared(str, wide)},
		{"S12", "an operator's own list is read otherwise", "R", "A", shared(str, small), shared(str, num)},
		{"S13", "an operator's own list breaks", "X", "X", shared(str, num), shared(str, str)},
		{"S14", "a union list is converted: here broadcast state", "M", "M", shared(str, small), shared(str, wide)},
		{"S15", "a union list is read otherwise", "R", "A", shared(str, small), shared(str, num)},
		{"S16", "a union list breaks", "X", "X", shared(str, num), shared(str, str)},
		{"S17", "the values of broadcast state are converted", "M", "M", shared(str, small), shared(str, wide)},
		{"S18", "the keys of broadcast state are converted", "M", "M", shared(shape(schema.UUID), num), shared(str, num)},
		{"S19", "the values of broadcast state are read otherwise", "R", "A", shared(str, small), shared(str, num)},
		{"S20", "the keys of broadcast state are read otherwise", "R", "A", shared(small, num), shared(num, num)},
		{"S21", "the values of broadcast state break", "X", "X", shared(str, num), shared(str, str)},
		{"S22", "the keys of broadcast state break", "X", "X", shared(str, num), shared(num, num)},
		{"S23", "a ttl of two days, was one, and a value that is converted", "M", "M", ttl(small, day, schema.Value), ttl(wide, 2*day, schema.Value)},
		{"S24", "no ttl any more, and a value that is converted", "X or M", "M", ttl(small, day, schema.Value), ttl(wide, 0, schema.Value)},
		{"S25", "a ttl now, and a list that is converted", "X or M", "M", ttl(small, 0, schema.List), ttl(wide, day, schema.List)},
		{"S26", "another kind of state under the same name", "X", "M", of(schema.List, num), of(schema.Value, wrap(schema.ListOf, num))},
		{"S27", "a state has another name", "D, silently", "D", named("old"), named("new")},
		{"S28", "Kryo types registered otherwise after the restore", "A", "U", valueJob(num), valueJob(num)},
		{"J1", "steps in another order, and new ones", "A", "E", steps("a", "b", "c"), steps("c", "x", "a", "b", "y")},
		{"J2", "found by the hash of a generated uid: here a step says what its uid was", "A", "U", steps("a"), edited(steps("b"), func(j *schema.Job) { j.Operators[0].Was = []string{"a"} })},
		same("J3", "a failover with that hash: a restart from a checkpoint", "A"),
		{"J4", "a step with state is gone", "X", "D", steps("a", "b"), steps("a")},
		{"J5", "the same, and it is meant", "D", "D", steps("a", "b"), edited(steps("a"), func(j *schema.Job) { j.Retired = []string{"b/n"} })},
		{"J6", "a step without state is gone", "A", "U", edited(steps("a"), func(*schema.Job) {}), steps("a")},
		{"J7", "another number of key groups", "X", "M", groups(16), groups(32)},
		same("J8", "the number of key groups is not given", "A"),
		{"J9", "more shards than there were key groups: fewer key groups now", "X", "M", groups(16), groups(2)},
		same("J10", "chains of different numbers of key groups: a program has one number", "X"),
		same("J11", "keys are shared out to another number of shards", "A"),
		{"J12", "broadcast state is shared out to another number of shards", "A", "U", shared(str, num), shared(str, num)},
		{"J13", "state that cannot be shared out: here that of a step without a key, which one of any number of shards holds", "X", "U", keyless("a"), keyless("a")},
		{"J14", "the same, and keyed state is shared out beside it", "A", "U", keyless("a", "b"), keyless("a", "b")},
		same("J15", "state is read from a savepoint and changed: flowc savepoint", "A"),
	}
}

// TestFlinkCases holds each case of Flink's own tests of migrations to our verdict
// and to what the restore does, and the table of the documentation to both.
func TestFlinkCases(t *testing.T) {
	t.Parallel()
	cases := append(typeCasesOfFlink(), jobCasesOfFlink()...)
	var table strings.Builder
	table.WriteString("| case | | Flink | Flow |\n|---|---|---|---|\n")
	for i, c := range cases {
		p := &pairCase{
			t: t, seed: uint64(i), dice: dice{rand.New(rand.NewPCG(uint64(i), 9))}, rules: &sync.Map{},
			old: &programM{}, new: &programM{}, done: []string{c.number, c.what}, parallelism: 1 + i%3, was: c.was, is: c.is, acknowledged: len(c.is.Retired) > 0,
		}
		what := p.run()
		if got := p.plan.Verdict().String(); got != c.flow {
			t.Errorf("%s, %s: %s, want %s", c.number, c.what, got, c.flow)
		}
		if what == "refused" {
			// What may be acknowledged is, and restored then.
			for _, f := range p.plan.Findings() {
				if f.Ack != "" {
					p.is.Retired = append(p.is.Retired, f.Ack)
					p.acknowledged = true
				}
			}
			if p.acknowledged && p.plan.Verdict() != evolve.Breaks && p.run() == "refused" {
				t.Errorf("%s: it is meant, and refused", c.number)
			}
		}
		fmt.Fprintf(&table, "| %s | %s | %s | `%s` |\n", c.number, c.what, c.flink, c.flow)
	}
	for _, c := range append(livesOfFlink, statefunOfFlink...) {
		text, err := os.ReadFile(c.file)
		if err != nil || !strings.Contains(string(text), c.test) {
			t.Errorf("%s: %s has no %s: %v", c.number, c.file, c.test, err)
		}
		fmt.Fprintf(&table, "| %s | %s | %s | %s |\n", c.number, c.what, c.flink, c.flow)
	}
	inPage(t, "../docs/evolution.md", "flink", table.String())
}

// livesOfFlink are the cases of a time to live, which programs test, and that of old
// snapshots.
var livesOfFlink = []struct{ number, what, flink, flow, file, test string }{
	{"E1", "a value that was never set", "none", "none", lives, "E1 "},
	{"E2", "a value that is set to nothing", "none", "none", lives, "E2 "},
	{"E3", "expired after the write, exactly", "none", "none", lives, "E3 "},
	{"E4", "expired after the write, or seen until it is cleaned up", "either", "never seen", lives, "E3 E4 "},
	{"E5", "expired after the read, exactly", "none", "none", lives, "E5 "},
	{"E6", "expired after the read, or seen until it is cleaned up", "either", "never seen", lives, "E5 E6 "},
	{"E7", "a life that ends after all time", "lives", "lives", lives, "E7 "},
	{"E8", "what has expired is not merged", "left out", "left out", lives, "E8 "},
	{"E9", "several keys", "each its own", "each its own", lives, "E9 "},
	{"E10", "several namespaces: here entries of a map", "each its own", "each its own", lives, "E10 "},
	{"E11", "a snapshot, a change, and back", "as in the snapshot", "as in the snapshot", lives, "E11 "},
	{"E12", "a ttl state restored as one without", "X", "`A`", "flink_test.go", `{"S24",`},
	{"E13", "cleaned up bit by bit, also in a snapshot", "gone", "gone", lives, "E13 "},
	{"F", "snapshots of older releases", "1.8 and newer", "all", "snapshots_test.go", "TestOldSnapshots"},
}

// statefunOfFlink are the cases of Stateful Functions, which are no changes of state but
// what a function is asked: the tests of the step, and those that the official SDKs
// serve, hold them.
var statefunOfFlink = []struct{ number, what, flink, flow, file, test string }{
	{"F1", "one message: one request, with caller and argument", "one", "one", statefun, `"F1"`},
	{"F2", "messages while a request is under way", "the next has all, in order", "the next has all, in order", statefun, `"F2"`},
	{"F3", "more messages than may wait", "back-pressure", "back-pressure", statefun, `"F3"`},
	{"F4", "a value is changed, or removed", "seen by the next request", "seen by the next request", statefun, `"F4"`},
	{"F5", "no value is registered", "none is shipped", "none is shipped", statefun, `"F5"`},
	{"F6", "a value is changed that is not registered", "fails", "fails by the step's policy", statefun, `"F6"`},
	{"F7", "a value is registered twice with one type", "no effect", "no effect", statefun, `"F7"`},
	{"F8", "a value of another type name is registered, or written", "fails", "fails by the step's policy", statefun, `"F8"`},
	{"F9", "the function lacks a value", "the same batch again", "the same batch again", statefun, `"F9"`},
	{"F10", "a restore while a request is under way", "the batch again, with its state", "the batch again, with its state", "../sdks_test.go", "TestSDKs"},
	{"F11", "messages that wait, with a token and without, and are cancelled", "sent, or cancelled", "sent, or cancelled", "../sdks_test.go", `"cancellations"`},
	{"F12", "what is given to an egress", "delivered", "delivered", statefun, `"F12"`},
	{"F13", "the metric of the backlog", "counted", "counted", "../rt/serve/metrics/metrics_test.go", "flow_function_backlog_records"},
	{"F14", "retries within the time of a call, and TLS", "kept", "kept", "../rt/remote/remote_test.go", "TestFaults"},
	{"F15", "a tree of commands with failures: what is expected is what comes", "once", "once", "../sdks_test.go", "TestSDKs"},
}

const statefun = "../rt/remote/flink_test.go"

const lives = "../cmd/flowc/testdata/script/test_lives.txtar"

// inPage holds what stands between two marks of a page to want.
func inPage(t *testing.T, page, mark, want string) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- "+mark+" -->\n", "<!-- end of "+mark+" -->"
	i, j := strings.Index(string(text), begin), strings.Index(string(text), end)
	if i < 0 || j < i {
		t.Fatalf("%s has no %s", page, begin)
	}
	i += len(begin)
	if *update {
		must(os.WriteFile(page, slices.Concat(text[:i], []byte("\n"+want+"\n"), text[j:]), 0o644))
		return
	}
	if diff := cmp.Diff("\n"+want+"\n", string(text[i:j])); diff != "" {
		t.Errorf("%s, %s (-want +got); go test ./compat -update writes it:\n%s", page, mark, diff)
	}
}
