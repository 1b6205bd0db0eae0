package compat

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/schema"
)

// LockVersion is the form of lock files that is written.
const LockVersion = 1

// Lock is what a lock file holds: the description of the program's state as it
// was released, in each of its epochs. Each fact stands once, with the epochs
// that it held in.
type Lock struct {
	Pipeline string
	Epochs   []Epoch // by number
	facts    []fact
}

// Epoch is one released description.
type Epoch struct {
	Number int
	Sum    string // of the facts
}

// fact is one line: what held from one epoch to another.
type fact struct {
	text  string
	first int
	last  int // 0 while it holds
}

func (f *fact) holds(epoch int) bool { return f.first <= epoch && (f.last == 0 || epoch <= f.last) }

// line writes the fact with its epochs.
func (f *fact) line() string {
	text := f.text + " @" + strconv.Itoa(f.first)
	if f.last != 0 {
		text += "-" + strconv.Itoa(f.last)
	}
	return text
}

// wireText is how functions write messages, for a fact.
func wireText(w *schema.Wire) string {
	text := strconv.Quote(w.Type)
	if w.Protobuf {
		text += " protobuf"
	}
	for _, name := range w.Names {
		text += " " + strconv.Quote(name)
	}
	return text
}

// Latest is the number of the last epoch, 0 if there is none.
func (l *Lock) Latest() int {
	if len(l.Epochs) == 0 {
		return 0
	}
	return l.Epochs[len(l.Epochs)-1].Number
}

// Update returns the lock with job as its last epoch, and what changed: lines
// with + or - before them. If nothing did, it is l itself. l is nil if there is no
// lock yet.
func Update(l *Lock, job *schema.Job) (next *Lock, changes []string) {
	if l == nil {
		l = &Lock{}
	}
	now := factsOf(job)
	epoch := l.Latest() + 1
	next = &Lock{Pipeline: job.Pipeline, Epochs: slices.Clone(l.Epochs)}
	held := map[string]bool{}
	for _, f := range l.facts {
		if f.last == 0 {
			held[f.text] = true
			if !slices.Contains(now, f.text) {
				f.last = epoch - 1
				changes = append(changes, "- "+f.text)
			}
		}
		next.facts = append(next.facts, f)
	}
	for _, text := range now {
		if !held[text] {
			next.facts = append(next.facts, fact{text: text, first: epoch})
			changes = append(changes, "+ "+text)
		}
	}
	if len(changes) == 0 && l.Pipeline == job.Pipeline {
		return l, nil
	}
	if l.Pipeline != "" && l.Pipeline != job.Pipeline {
		changes = append(changes, "- pipeline "+l.Pipeline, "+ pipeline "+job.Pipeline)
	}
	next.Epochs = append(next.Epochs, Epoch{epoch, sum(now)})
	slices.SortFunc(changes, func(a, b string) int {
		if c := strings.Compare(a[2:], b[2:]); c != 0 {
			return c
		}
		return strings.Compare(b, a)
	})
	return next, changes
}

// sum names a set of facts.
func sum(facts []string) string {
	h := fnv.New64a()
	for _, f := range facts {
		fmt.Fprintf(h, "%s\n", f)
	}
	return fmt.Sprintf("%016x", h.Sum64())
}

// Text writes the lock file.
func (l *Lock) Text() string {
	var b strings.Builder
	b.WriteString("# The state of the program as it was released, one fact a line, with the epochs in which it held.\n" +
		"# \"flowc lock\" writes this file; do not edit it. After a merge conflict take one side whole and lock again.\n")
	fmt.Fprintf(&b, "version %d\npipeline %s\n", LockVersion, l.Pipeline)
	for _, e := range l.Epochs {
		fmt.Fprintf(&b, "epoch %d %s\n", e.Number, e.Sum)
	}
	lines := make([]string, len(l.facts))
	for i := range l.facts {
		lines[i] = l.facts[i].line()
	}
	slices.Sort(lines)
	for _, line := range lines {
		b.WriteString(line + "\n")
	}
	return b.String()
}

// Facts returns the facts of an epoch, sorted.
func (l *Lock) Facts(epoch int) []string {
	var out []string
	for i := range l.facts {
		if l.facts[i].holds(epoch) {
			out = append(out, l.facts[i].text)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// factsOf takes a description apart, into sorted lines. What a program says about
// how it came to be (was, migrate, retired) is not part of what it is, but for
// what would be done a second time if nothing told that it was done.
func factsOf(job *schema.Job) []string {
	w := newTypeWriter()
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	groups := job.KeyGroups
	if groups == 0 {
		groups = schema.DefaultKeyGroups
	}
	add("groups %d", groups)
	for _, s := range job.Sources {
		add("source %s %s %s", s.UID, s.Connector, strconv.Quote(s.From))
	}
	for _, s := range job.Sinks {
		keeps := ""
		if s.Keeps {
			keeps = " keeps"
		}
		add("sink %s %s %s%s", s.UID, s.Connector, strconv.Quote(s.To), keeps)
	}
	for i := range job.Operators {
		out = append(out, operatorFacts(w, &job.Operators[i])...)
		out = append(out, formerFacts(job, &job.Operators[i])...)
	}
	for _, name := range w.order {
		t := w.types[name]
		for i, line := range w.lines(t) {
			add("%s %s %d %s", t.Shape, nameText(name), i+1, line)
		}
		if len(w.lines(t)) == 0 {
			add("%s %s 0", t.Shape, nameText(name))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func operatorFacts(w *typeWriter, op *schema.Operator) []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	add("step %s %s", op.UID, nameText(op.Name))
	if op.Key != nil {
		add("key %s %s", op.UID, w.text(op.Key))
	}
	if evolve.RekeyRepeatable(op) {
		add("rekeyed %s %s", op.UID, strconv.Quote(op.Rekey.By))
	}
	for _, in := range op.Inputs {
		if in.Message != nil {
			add("message %s/%s %s", op.UID, in.Name, w.text(in.Message))
			if in.Wire != nil {
				add("wired %s/%s %s", op.UID, in.Name, wireText(in.Wire))
			}
		} else if in.Key != nil {
			add("input %s/%s %s", op.UID, in.Name, strconv.Quote(in.Key.Now))
		}
	}
	for _, p := range op.Params {
		add("param %s/%s %s", op.UID, p.Name, strconv.Quote(p.Value))
	}
	for i := range op.States {
		s := &op.States[i]
		at := op.UID + "/" + s.Name
		shape := string(s.Kind)
		if s.Broadcast {
			shape = "broadcast " + shape
		}
		if s.MapKey != nil {
			shape += " " + w.text(s.MapKey) + ","
		}
		if s.Type != nil {
			shape += " " + w.text(s.Type)
		}
		add("state %s %s", at, shape)
		for _, n := range s.Names {
			add("name %s %s %s", at, strconv.Quote(n.Name), namedText(w, &n))
		}
		for _, n := range s.Made {
			add("made %s %s", at, namedText(w, &n))
		}
		if s.Initial != nil {
			add("initial %s %s", at, strconv.Quote(*s.Initial))
		}
		if r := s.Retention.String(); r != "" || s.Retention.After != "" {
			add("retention %s %s", at, retentionText(&s.Retention))
		}
		if evolve.Repeatable(s) {
			add("migrated %s %s", at, strconv.Quote(s.Migrate.By))
		}
		if s.Queryable != "" {
			shows := ""
			if s.Result != nil {
				shows = " shows " + w.text(s.Result)
			}
			add("queryable %s %s%s", at, strconv.Quote(s.Queryable), shows)
		}
	}
	for i := range op.Timers {
		t := &op.Timers[i]
		if t.Entry != "" {
			continue
		}
		clock := "event"
		if t.Processing {
			clock = "processing"
		}
		if t.Index != nil {
			clock += " " + w.text(t.Index)
		}
		add("timer %s/%s %s", op.UID, t.Name, clock)
	}
	return out
}

func retentionText(r *schema.Retention) string {
	if r.Forever {
		return "forever"
	}
	clock := "event"
	switch {
	case r.Processing:
		clock = "processing"
	case r.Watermark:
		clock = "watermark"
	}
	return fmt.Sprintf("ttl %d after %s %s", r.TTL, r.After, clock)
}

// Transitive holds the new program against every epoch of a lock, the latest
// first. Entries that an epoch shares with a later one are left out.
func Transitive(l *Lock, name string, side Side, direction Direction) (*Report, error) {
	var all *Report
	seen := map[string]bool{}
	idle := map[string]int{} // in how many epochs a line acknowledges nothing
	for i := len(l.Epochs) - 1; i >= 0; i-- {
		job, err := l.Job(l.Epochs[i].Number)
		if err != nil {
			return nil, err
		}
		r := Check(Side{Name: name, Job: job}, side, direction)
		for j := range r.Entries {
			if e := &r.Entries[j]; e.Rule == evolve.AckOfNothing {
				idle[e.Fingerprint()]++
			}
		}
		if all == nil {
			all = r
			for j := range r.Entries {
				seen[r.Entries[j].Fingerprint()] = true
			}
			continue
		}
		for _, e := range r.Entries {
			if e.Rule == evolve.Same || e.Rule == evolve.AckOfNothing || seen[e.Fingerprint()] {
				continue
			}
			seen[e.Fingerprint()] = true
			e.Epoch = l.Epochs[i].Number
			all.Entries = append(all.Entries, e)
		}
	}
	all.Entries = slices.DeleteFunc(all.Entries, func(e Entry) bool {
		return e.Rule == evolve.AckOfNothing && idle[e.Fingerprint()] < len(l.Epochs) // it is for an older one
	})
	return all, nil
}
