package graph

import (
	"fmt"
	"slices"
	"strings"
)

// A Node is what a picture says of a source, step or sink.
type Node struct {
	ID    string
	Kind  string // "source", "keyed" or "step" of a step with a key or without, "sink"
	Title string
	Doc   string
	Rows  []Row
}

// A Row is one line of a node.
type Row struct{ Label, Text string }

func (c *Node) add(label, text string) {
	if text != "" {
		c.Rows = append(c.Rows, Row{label, text})
	}
}

// SourceNodes describes the sources for people.
func (d *Document) SourceNodes() []Node { return nodes(d.Sources, sourceNode) }

// StepNodes describes the steps.
func (d *Document) StepNodes() []Node { return nodes(d.Steps, stepNode) }

// SinkNodes describes the sinks.
func (d *Document) SinkNodes() []Node { return nodes(d.Sinks, sinkNode) }

func nodes[T any](list []T, describe func(*T) Node) []Node {
	out := make([]Node, len(list))
	for i := range list {
		out[i] = describe(&list[i])
	}
	return out
}

// nodes returns all of them: sources, steps, sinks.
func (d *Document) nodes() []Node {
	return slices.Concat(d.SourceNodes(), d.StepNodes(), d.SinkNodes())
}

func sourceNode(s *Source) Node {
	c := Node{ID: s.ID, Kind: "source", Title: s.Name, Doc: s.Doc}
	c.add("uid", s.UID)
	c.add("from", s.Connector.text("stdin"))
	c.add("gives", s.Type.String())
	when := "of arrival"
	if s.EventTime {
		when = "event time, lag " + s.Lag
	}
	if s.Idle != "" {
		when += ", idle after " + s.Idle
	}
	if s.InOrder {
		when += ", in order"
	}
	c.add("time", when)
	if s.OnMalformed != "fail" {
		c.add("malformed", s.OnMalformed)
	}
	if s.EventTime && s.OnError != "fail" {
		c.add("errors", s.OnError)
	}
	return c
}

func stepNode(s *Step) Node {
	c := Node{ID: s.ID, Kind: "step", Title: s.Name, Doc: s.Doc}
	c.add("uid", s.UID)
	for _, a := range s.Arguments {
		c.add("with", a.Name+": "+a.Value)
	}
	if s.Key != "" {
		c.Kind = "keyed"
		c.add("key", s.keyText())
	}
	for _, in := range s.Inputs {
		if in.Message {
			c.add("message", in.Name+": "+in.Type)
		}
	}
	for i := range s.States {
		text, name, _ := strings.Cut(s.States[i].Declaration, " queryable ")
		c.add("state", strings.TrimPrefix(text, "state "))
		c.add("query", name)
	}
	for i := range s.Timers {
		c.add("timer", strings.TrimPrefix(s.Timers[i].String(), "timer "))
	}
	for _, o := range s.Outputs {
		text := o.Type
		if o.Name != "" {
			text = o.Name + ": " + text
		}
		c.add("gives", text)
	}
	for _, m := range s.Sends {
		c.add("sends", fmt.Sprintf("%s to %q", m.Type, m.To))
	}
	if s.OnError != "fail" {
		c.add("errors", s.OnError)
	}
	return c
}

// keyText says what the key is, and how it is found.
func (s *Step) keyText() string {
	var ways []string
	for _, in := range s.Inputs {
		if in.Key != "" {
			ways = append(ways, in.Key)
		}
	}
	return strings.Join(ways, ", ") + ": " + s.Key
}

func sinkNode(s *Sink) Node {
	c := Node{ID: s.ID, Kind: "sink", Title: s.Name, Doc: s.Doc}
	c.add("uid", s.UID)
	c.add("to", s.Connector.text("stdout"))
	c.add("takes", s.Type.String())
	c.add("promise", s.Guarantee)
	if s.OnError != "fail" {
		c.add("errors", s.OnError)
	}
	return c
}

// text writes the connector as in Flow, its path first; standard stands for
// standard input or output.
func (c *Connector) text(standard string) string {
	var first, rest []string
	for _, a := range c.Arguments {
		switch {
		case a.Name != "path":
			rest = append(rest, a.Name+": "+a.Value)
		case a.Value == "-":
			first = append(first, standard)
		default:
			first = append(first, a.Value)
		}
	}
	return c.Name + "(" + strings.Join(append(first, rest...), ", ") + ")"
}

// clusters parts the cards into those that are fused to the same tasks, and so
// always run as one. A sink stands alone, and what comes behind one is apart
// from what comes before it, so that clusters never feed each other in a circle.
func (d *Document) clusters(cards []Node) [][]*Node {
	tasks := map[string]string{} // the tasks that a node belongs to, as text
	for i, t := range d.Tasks {
		for _, id := range append([]string{t.Head}, t.Fused...) {
			tasks[id] += fmt.Sprint(i, " ")
		}
	}
	behind := d.behindSinks()
	known := map[string]int{}
	var all [][]*Node
	for i := range cards {
		c := &cards[i]
		key := tasks[c.ID]
		if key == "" {
			key = "alone " + c.ID
		}
		if behind[c.ID] {
			key += "behind a sink"
		}
		n, ok := known[key]
		if !ok {
			n = len(all)
			known[key] = n
			all = append(all, nil)
		}
		all[n] = append(all[n], c)
	}
	return all
}

// behindSinks returns the nodes that records which a sink could not take come
// to.
func (d *Document) behindSinks() map[string]bool {
	next := map[string][]string{}
	for _, e := range d.Edges {
		next[e.From] = append(next[e.From], e.To)
	}
	behind := map[string]bool{}
	var follow func(id string)
	follow = func(id string) {
		for _, to := range next[id] {
			if !behind[to] {
				behind[to] = true
				follow(to)
			}
		}
	}
	for _, s := range d.Sinks {
		follow(s.ID)
	}
	return behind
}
