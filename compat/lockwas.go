package compat

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
)

// A former name is no part of what a program is, but for one that another thing
// beside it has now: without a note that they have changed their names they would do
// it again.

// again are those of former names that something has now.
func again(was []string, has func(string) bool) []string {
	return slices.DeleteFunc(slices.Clone(was), func(name string) bool { return !has(name) })
}

func wasText(was []string) string {
	text := ""
	for _, name := range was {
		text += " was " + strconv.Quote(name)
	}
	return text
}

// was takes former names.
func (r *typeReader) was() (list []string, err error) {
	for r.next("was ") {
		name, err := r.quoted()
		if err != nil {
			return nil, err
		}
		list = append(list, name)
	}
	return list, nil
}

func fieldWas(t *schema.Type, at int) string {
	return wasText(again(t.Fields[at].Was, func(name string) bool {
		return slices.ContainsFunc(t.Fields, func(f schema.Field) bool { return f.Name == name })
	}))
}

func symbolWas(t *schema.Type, at int) string {
	return wasText(again(t.Symbols[at].Was, func(name string) bool {
		return slices.ContainsFunc(t.Symbols, func(s schema.Symbol) bool { return s.Name == name })
	}))
}

// formerFacts are the former names of a step, its states and its timers.
func formerFacts(job *schema.Job, op *schema.Operator) []string {
	var out []string
	add := func(word, at string, was []string, has func(string) bool) {
		for _, name := range again(was, has) {
			out = append(out, fmt.Sprintf("%s-was %s %s", word, at, strconv.Quote(name)))
		}
	}
	step := func(uid string) *schema.Operator {
		if i := job.OperatorAt(uid); i >= 0 {
			return &job.Operators[i]
		}
		return nil
	}
	add("step", op.UID, op.Was, func(uid string) bool { return step(uid) != nil })
	for i := range op.States {
		add("state", op.UID+"/"+op.States[i].Name, op.States[i].Was, func(name string) bool {
			in := op
			if at := strings.LastIndexByte(name, '/'); at >= 0 {
				in, name = step(name[:at]), name[at+1:]
			}
			return in != nil && slices.ContainsFunc(in.States, func(s schema.State) bool { return s.Name == name })
		})
	}
	for i := range op.Timers {
		add("timer", op.UID+"/"+op.Timers[i].Name, op.Timers[i].Was, func(name string) bool {
			return slices.ContainsFunc(op.Timers, func(t schema.Timer) bool { return t.Name == name })
		})
	}
	return out
}
