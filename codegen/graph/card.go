package graph

import (
	"fmt"
	"strings"
)

// A card is what a picture says of one node.
type card struct {
	id    string
	kind  string // "source", "keyed", "step", "sink"
	title string
	doc   string
	rows  []row
}

// A row is one line of a card.
type row struct{ label, text string }

func (c *card) add(label, text string) {
	if text != "" {
		c.rows = append(c.rows, row{label, text})
	}
}

// cards returns the cards of all nodes: sources, steps, sinks.
func (d *Document) cards() []card {
	var all []card
	for i := range d.Sources {
		all = append(all, sourceCard(&d.Sources[i]))
	}
	for i := range d.Steps {
		all = append(all, stepCard(&d.Steps[i]))
	}
	for i := range d.Sinks {
		all = append(all, sinkCard(&d.Sinks[i]))
	}
	return all
}

func sourceCard(s *Source) card {
	c := card{id: s.ID, kind: "source", title: s.Name, doc: s.Doc}
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
	c.add("malformed", s.OnMalformed)
	if s.EventTime && s.OnError != "fail" {
		c.add("errors", s.OnError)
	}
	return c
}

func stepCard(s *Step) card {
	c := card{id: s.ID, kind: "step", title: s.Name, doc: s.Doc}
	c.add("uid", s.UID)
	for _, a := range s.Arguments {
		c.add("with", a.Name+": "+a.Value)
	}
	if s.Key != "" {
		c.kind = "keyed"
		c.add("key", s.keyText())
	}
	for i := range s.States {
		text := strings.TrimPrefix(s.States[i].String(), "state ")
		if q := s.States[i].Queryable; q != "" {
			text += ` queryable "` + q + `"`
		}
		c.add("state", text)
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

func sinkCard(s *Sink) card {
	c := card{id: s.ID, kind: "sink", title: s.Name, doc: s.Doc}
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
// always run as one. A sink stands alone.
func (d *Document) clusters(cards []card) [][]*card {
	tasks := map[string]string{} // the tasks that a node belongs to, as text
	for i, t := range d.Tasks {
		for _, id := range append([]string{t.Head}, t.Fused...) {
			tasks[id] += fmt.Sprint(i, " ")
		}
	}
	known := map[string]int{}
	var all [][]*card
	for i := range cards {
		c := &cards[i]
		key := tasks[c.id]
		if key == "" {
			key = "alone " + c.id
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
