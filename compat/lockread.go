package compat

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
)

// A LockError says what is wrong with a lock file, where, and what to do.
type LockError struct {
	Line int
	What string
	Help string
}

// Error says what is wrong.
func (e *LockError) Error() string {
	if e.Line == 0 {
		return e.What
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.What)
}

const mergeHelp = "take one side whole, as with \"git checkout --ours\", and then run \"flowc lock\" again, which adds what the merged program changes"

// ReadLock reads the text of a lock file. An error is a *[LockError].
func ReadLock(text string) (*Lock, error) {
	l := &Lock{}
	version := 0
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if line == "" || line[0] == '#' {
			continue
		}
		fail := func(what, help string) error { return &LockError{i + 1, what, help} }
		for _, mark := range []string{"<<<<<<<", "=======", ">>>>>>>", "|||||||"} {
			if strings.HasPrefix(line, mark) {
				return nil, fail("a merge conflict is left in the file", mergeHelp)
			}
		}
		word, rest, _ := strings.Cut(line, " ")
		switch word {
		case "version":
			n, err := strconv.Atoi(rest)
			if err != nil || n < 1 {
				return nil, fail(fmt.Sprintf("%q is no version", rest), "")
			}
			if n > LockVersion {
				return nil, fail(fmt.Sprintf("the file has version %d, and this flowc reads up to %d", n, LockVersion), "use the flowc that wrote it, or a later one")
			}
			version = n
		case "pipeline":
			l.Pipeline = rest
		case "epoch":
			if err := l.epoch(rest); err != nil {
				return nil, fail(err.Error(), mergeHelp)
			}
		default:
			f, err := readFact(line)
			if err != nil {
				return nil, fail(err.Error(), "the file was edited by hand: take it from the revision that was released")
			}
			l.facts = append(l.facts, f)
		}
	}
	if version == 0 {
		return nil, &LockError{What: "it is no lock file: it has no version", Help: "write it with: flowc lock FILE"}
	}
	return l, l.verify()
}

func (l *Lock) epoch(rest string) error {
	number, sum, ok := strings.Cut(rest, " ")
	n, err := strconv.Atoi(number)
	switch {
	case err != nil || !ok || n < 1:
		return fmt.Errorf("%q is no epoch", rest)
	case n == l.Latest():
		return fmt.Errorf("epoch %d stands here twice: two branches changed the program's state, and each called it epoch %d", n, n)
	case n < l.Latest():
		return fmt.Errorf("epoch %d stands behind epoch %d", n, l.Latest())
	}
	l.Epochs = append(l.Epochs, Epoch{n, sum})
	return nil
}

func readFact(line string) (fact, error) {
	at := strings.LastIndex(line, " @")
	if at < 0 {
		return fact{}, errors.New("the line does not end with its epochs")
	}
	f := fact{text: line[:at]}
	first, last, ended := strings.Cut(line[at+2:], "-")
	var err error
	if f.first, err = strconv.Atoi(first); err == nil && ended {
		f.last, err = strconv.Atoi(last)
	}
	if err != nil || f.first < 1 || ended && f.last < f.first {
		return f, fmt.Errorf("%q are no epochs", line[at+1:])
	}
	return f, nil
}

// verify holds each epoch to its sum, so that a merge that git did without a
// conflict, and an edit, are noticed.
func (l *Lock) verify() error {
	for _, e := range l.Epochs {
		if sum(l.Facts(e.Number)) != e.Sum {
			return &LockError{
				What: fmt.Sprintf("the facts of epoch %d are not those that were locked: two branches were merged, or the file was edited", e.Number),
				Help: mergeHelp,
			}
		}
	}
	if len(l.Epochs) == 0 {
		return &LockError{What: "it has no epoch", Help: "write it with: flowc lock FILE"}
	}
	return nil
}

// Job returns the description of an epoch.
func (l *Lock) Job(epoch int) (*schema.Job, error) {
	r := &jobReader{job: &schema.Job{Version: schema.Latest, Pipeline: l.Pipeline}, types: map[string]*definition{}}
	facts := l.Facts(epoch)
	for _, f := range facts {
		if err := r.define(f); err != nil {
			return nil, &LockError{What: fmt.Sprintf("%s: %v", f, err)}
		}
	}
	// Steps come before what belongs to them, and states before their traits.
	for _, words := range [][]string{{"groups", "source", "sink", "step"}, {"key", "message", "input", "param", "state", "timer"}, {"initial", "retention", "queryable", "wired", "migrated", "rekeyed", "name", "made", "step-was", "state-was", "timer-was"}} {
		for _, f := range facts {
			word, rest, _ := strings.Cut(f, " ")
			if slices.Contains(words, word) {
				if err := r.fact(word, rest); err != nil {
					return nil, &LockError{What: fmt.Sprintf("%s: %v", f, err), Help: mergeHelp}
				}
			}
		}
	}
	return r.job, nil
}

// definition is what a name stands for.
type definition struct {
	shape schema.TypeName
	lines map[int]string
}

// jobReader puts a description together.
type jobReader struct {
	job   *schema.Job
	types map[string]*definition
	open  []string // names that are being put together
}

// define notes a line of a named type.
func (r *jobReader) define(f string) error {
	word, rest, _ := strings.Cut(f, " ")
	if word != string(schema.Record) && word != string(schema.Enum) && word != string(schema.Union) {
		return nil
	}
	t := typeReader{rest: rest}
	name, err := t.name()
	if err != nil {
		return err
	}
	n, err := t.number()
	if err != nil {
		return err
	}
	d := r.types[name]
	if d == nil {
		d = &definition{schema.TypeName(word), map[int]string{}}
		r.types[name] = d
	}
	if n > 0 {
		d.lines[n] = t.space()
	}
	return nil
}

// named puts a named type together.
func (r *jobReader) named(name string) (*schema.Type, error) {
	d := r.types[name]
	if d == nil {
		return nil, fmt.Errorf("%s stands nowhere", name)
	}
	plain, _, _ := strings.Cut(name, "~")
	if slices.Contains(r.open, name) {
		return &schema.Type{Shape: schema.Ref, Name: plain}, nil
	}
	r.open = append(r.open, name)
	defer func() { r.open = r.open[:len(r.open)-1] }()
	t := &schema.Type{Shape: d.shape, Name: plain}
	for n := 1; n <= len(d.lines); n++ {
		line, ok := d.lines[n]
		if !ok {
			return nil, fmt.Errorf("%s has no part %d", name, n)
		}
		reader := typeReader{rest: line, define: r.named}
		switch d.shape {
		case schema.Record:
			f, err := reader.field(false, len(r.open))
			if err != nil {
				return nil, err
			}
			t.Fields = append(t.Fields, f)
		case schema.Union:
			m, err := reader.read(len(r.open))
			if err != nil {
				return nil, err
			}
			t.Members = append(t.Members, *m)
		default:
			s, value, _ := strings.Cut(line, " = ")
			value, former, _ := strings.Cut(value, " ")
			v, err := strconv.ParseInt(value, 10, 32)
			if err != nil {
				return nil, err
			}
			reader.rest = former
			was, err := reader.was()
			if err != nil {
				return nil, err
			}
			t.Symbols = append(t.Symbols, schema.Symbol{Name: s, Value: int32(v), Was: was})
		}
	}
	return t, nil
}

// read reads a type that fills the rest of a line.
func (r *jobReader) read(text string) (*schema.Type, error) {
	t := typeReader{rest: text, define: r.named}
	out, err := t.read(0)
	if err == nil && t.space() != "" {
		err = fmt.Errorf("%q stands behind the type", t.rest)
	}
	return out, err
}

var errNowhere = errors.New("what it belongs to stands nowhere")

// fact adds one line to the description.
func (r *jobReader) fact(word, rest string) error {
	at, text, _ := strings.Cut(rest, " ")
	switch word {
	case "groups":
		n, err := strconv.Atoi(rest)
		if n != schema.DefaultKeyGroups {
			r.job.KeyGroups = n
		}
		return err
	case "source", "sink":
		return r.connected(word, at, text)
	case "step":
		t := typeReader{rest: text}
		name, err := t.name()
		r.job.Operators = append(r.job.Operators, schema.Operator{UID: at, Name: name})
		return err
	case "key":
		op := r.job.Operator(at)
		if op == nil {
			return errNowhere
		}
		key, err := r.read(text)
		op.Key = key
		return err
	case "step-was":
		op := r.job.Operator(at)
		if op == nil {
			return errNowhere
		}
		was, err := strconv.Unquote(text)
		op.Was = append(op.Was, was)
		return err
	case "rekeyed":
		op := r.job.Operator(at)
		if op == nil || op.Key == nil {
			return errNowhere
		}
		by, err := strconv.Unquote(text)
		op.Rekey = &schema.Rekey{From: *op.Key, By: by}
		return err
	}
	i := strings.LastIndexByte(at, '/')
	if i < 0 {
		return errNowhere
	}
	op := r.job.Operator(at[:i])
	if op == nil {
		return errNowhere
	}
	return r.member(op, word, at[i+1:], text)
}

func (r *jobReader) connected(word, uid, text string) error {
	connector, where, _ := strings.Cut(text, " ")
	t := typeReader{rest: where}
	place, err := t.quoted()
	if err != nil {
		return err
	}
	if word == "source" {
		r.job.Sources = append(r.job.Sources, schema.Source{UID: uid, Name: uid, Connector: connector, From: place})
		return nil
	}
	r.job.Sinks = append(r.job.Sinks, schema.Sink{UID: uid, Name: uid, Connector: connector, To: place, Keeps: t.next("keeps")})
	return nil
}

// readWire reads what wireText writes.
func readWire(text string) (*schema.Wire, error) {
	t := typeReader{rest: text}
	name, err := t.quoted()
	w := &schema.Wire{Type: name}
	w.Protobuf = err == nil && t.next("protobuf")
	for err == nil && t.space() != "" {
		if name, err = t.quoted(); err == nil {
			w.Names = append(w.Names, name)
		}
	}
	return w, err
}

// member adds what belongs to a step.
func (r *jobReader) member(op *schema.Operator, word, name, text string) error {
	switch word {
	case "message":
		t, err := r.read(text)
		op.Inputs = append(op.Inputs, schema.Input{Name: name, Message: t})
		return err
	case "input":
		key, err := strconv.Unquote(text)
		op.Inputs = append(op.Inputs, schema.Input{Name: name, Key: &schema.Text{Now: key}})
		return err
	case "param":
		value, err := strconv.Unquote(text)
		op.Params = append(op.Params, schema.Param{Name: name, Value: value})
		return err
	case "timer":
		clock, index, family := strings.Cut(text, " ")
		t := schema.Timer{Name: name, Processing: clock == "processing"}
		var err error
		if family {
			t.Index, err = r.read(index)
		}
		op.Timers = append(op.Timers, t)
		return err
	case "state":
		return r.state(op, name, text)
	}
	if word == "wired" {
		i := slices.IndexFunc(op.Inputs, func(in schema.Input) bool { return in.Name == name && in.Message != nil })
		if i < 0 {
			return errNowhere
		}
		var err error
		op.Inputs[i].Wire, err = readWire(text)
		return err
	}
	if word == "timer-was" {
		i := slices.IndexFunc(op.Timers, func(t schema.Timer) bool { return t.Name == name })
		if i < 0 {
			return errNowhere
		}
		was, err := strconv.Unquote(text)
		op.Timers[i].Was = append(op.Timers[i].Was, was)
		return err
	}
	i := slices.IndexFunc(op.States, func(s schema.State) bool { return s.Name == name })
	if i < 0 {
		return errNowhere
	}
	switch word {
	case "state-was":
		was, err := strconv.Unquote(text)
		op.States[i].Was = append(op.States[i].Was, was)
		return err
	case "name":
		n, err := r.namedOf(text, true)
		op.States[i].Names = append(op.States[i].Names, n)
		return err
	case "made":
		n, err := r.namedOf(text, false)
		op.States[i].Made = append(op.States[i].Made, n)
		return err
	case "queryable":
		name, err := strconv.QuotedPrefix(text)
		if err != nil {
			return err
		}
		if shows, folds := strings.CutPrefix(text[len(name):], " shows "); folds {
			if op.States[i].Result, err = r.read(shows); err != nil {
				return err
			}
			text = name
		}
	}
	return trait(&op.States[i], word, text)
}

func (r *jobReader) state(op *schema.Operator, name, text string) error {
	s := schema.State{Name: name}
	rest, broadcast := strings.CutPrefix(text, "broadcast ")
	s.Broadcast = broadcast
	kind, rest, typed := strings.Cut(rest, " ")
	s.Kind = schema.Kind(kind)
	if typed {
		t := typeReader{rest: rest, define: r.named}
		first, err := t.read(0)
		if err != nil {
			return err
		}
		s.Type = first
		if t.next(",") {
			s.MapKey = first
			if s.Type, err = t.read(0); err != nil {
				return err
			}
		}
		if t.space() != "" {
			return fmt.Errorf("%q stands behind the type", t.rest)
		}
	}
	op.States = append(op.States, s)
	return nil
}

// trait adds what a line says of a state beyond its type.
func trait(s *schema.State, word, text string) error {
	var err error
	switch word {
	case "initial":
		var v string
		v, err = strconv.Unquote(text)
		s.Initial = &v
	case "migrated":
		s.Migrate = &schema.Migrate{Kind: s.Kind, Type: s.Type}
		s.Migrate.By, err = strconv.Unquote(text)
	case "queryable":
		s.Queryable, err = strconv.Unquote(text)
	case "retention":
		if text == "forever" {
			s.Retention.Forever = true
			return nil
		}
		var after, clock string
		_, err = fmt.Sscanf(text, "ttl %d after %s %s", &s.Retention.TTL, &after, &clock)
		s.Retention.After, s.Retention.Processing, s.Retention.Watermark = schema.After(after), clock == "processing", clock == "watermark"
	}
	return err
}
