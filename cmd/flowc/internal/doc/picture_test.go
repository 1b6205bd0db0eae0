package doc_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/flow-lang/flowc/oracle"
)

// A mark is a row of a picture.
type mark struct {
	label    string
	arrow    bool
	from, to int // seconds; from = to is a moment
	value    string
}

// base is the time that pictures count from.
var base = time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)

// row is what rows of examples have, each some of it.
type row struct {
	User, Key  string
	What       string
	At         *time.Time
	N          json.RawMessage
	Start, End *time.Time
	Value      json.RawMessage
	Left       *row
	Right      *row
}

// picture draws rows in the order in which they came: those of the source, by
// their times, and what an example gave, in between.
func picture(written []oracle.Written) string {
	var marks []mark
	var given []mark
	for _, w := range written {
		var r row
		if err := json.Unmarshal([]byte(w.Row), &r); err != nil {
			panic(err)
		}
		at := seconds(time.UnixMicro(w.Time))
		if w.Sink == "in" {
			marks = append(marks, mark{label: strings.TrimSpace(r.User + " " + r.What), from: at, to: at, value: string(r.N)})
			marks, given = append(marks, given...), nil
			continue
		}
		m := mark{arrow: true, from: at, to: at, value: r.short(w.Row)}
		if w.Sink != "out" {
			m.value = w.Sink + ": " + m.value
		}
		if r.Start != nil && r.End != nil {
			m.from, m.to = seconds(*r.Start), seconds(*r.End)
		}
		given = append(given, m)
	}
	return draw(append(marks, given...))
}

func seconds(t time.Time) int { return int(t.Sub(base).Truncate(time.Second) / time.Second) }

// short is what a row says besides its times.
func (r *row) short(text string) string {
	switch {
	case r.Left != nil || r.Right != nil:
		return r.Left.number() + " + " + r.Right.number()
	case r.Value != nil && r.Key != "":
		return r.Key + " " + brief(r.Value)
	case r.User != "" && r.N != nil:
		return r.User + " " + string(r.N)
	default:
		return brief(json.RawMessage(text))
	}
}

func (r *row) number() string {
	if r == nil {
		return "none"
	}
	return string(r.N)
}

// brief writes a value as people do: times without their day, events by their
// number.
func brief(v json.RawMessage) string {
	var list []json.RawMessage
	if json.Unmarshal(v, &list) == nil {
		parts := make([]string, len(list))
		for i, e := range list {
			parts[i] = brief(e)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	var e row
	if json.Unmarshal(v, &e) == nil && e.User != "" && e.At != nil {
		return string(e.N)
	}
	var at time.Time
	if json.Unmarshal(v, &at) == nil {
		s := seconds(at)
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return strings.NewReplacer(`"`, "", ",", ", ", ":", ": ").Replace(string(v))
}

// draw draws rows below an axis of seconds.
func draw(marks []mark) string {
	left, first, last := 0, 0, 0
	for _, m := range marks {
		left = max(left, len(m.label))
		first, last = min(first, m.from), max(last, m.to)
	}
	first -= ((first % 10) + 10) % 10
	last += (10 - last%10) % 10
	var axis, ticks strings.Builder
	for s := first; s <= last; s++ {
		switch {
		case s%10 == 0:
			axis.WriteString(strings.Repeat(" ", s-first-axis.Len()))
			axis.WriteString(clock(s))
			ticks.WriteByte('|')
		default:
			ticks.WriteByte('-')
		}
	}
	var out strings.Builder
	line := func(label, text string) {
		out.WriteString(strings.TrimRight(fmt.Sprintf("%-*s   %s", left, label, text), " ") + "\n")
	}
	line("", axis.String())
	line("", ticks.String())
	for _, m := range marks {
		at := strings.Repeat(" ", m.from-first)
		switch {
		case !m.arrow:
			line(m.label, at+m.value)
		case m.to > m.from:
			bar := "[" + strings.Repeat("=", m.to-m.from-1) + ")"
			line("", at+bar+strings.Repeat(" ", last-m.to+1)+"  -> "+m.value)
		default:
			line("", at+"*"+strings.Repeat(" ", last-m.from)+"   -> "+m.value)
		}
	}
	return strings.TrimRight(out.String(), "\n")
}

// clock writes seconds as minutes and seconds.
func clock(s int) string {
	if s < 0 {
		return fmt.Sprintf("-%d:%02d", -s/60, -s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
