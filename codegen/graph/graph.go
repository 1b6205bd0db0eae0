// Package graph shows a plan as a picture: SVG, DOT, Mermaid, or the same as
// JSON.
//
// In goes a [plan.Graph], out comes a [Document] of sources, steps and sinks
// with what a person wants to know of each: its uid, connector, key, state,
// timers, promises, and where failed records go; and of the edges between them
// whether a record stays in its task or moves to the shard of its key. The
// forms are written from the document alone. The package reads no file and
// knows no syntax; the same plan gives the same bytes.
package graph

import (
	"bytes"
	"encoding/json"

	"github.com/flow-lang/flowc/rt/schema"
)

// Version is the version of the JSON form. Fields may be added without a new
// one.
const Version = 1

// Document is a program as a graph. Its JSON is what "flowc graph --format
// json" prints.
type Document struct {
	Version  int      `json:"version"`
	Pipeline string   `json:"pipeline"`
	Sources  []Source `json:"sources"`
	Steps    []Step   `json:"steps"` // upstream before downstream
	Sinks    []Sink   `json:"sinks"`
	Edges    []Edge   `json:"edges"`
	Tasks    []Task   `json:"tasks"`
}

// Source is a source. ID names it among all nodes, as do those of steps and
// sinks: "source/" and its uid.
type Source struct {
	ID          string      `json:"id"`
	UID         string      `json:"uid"`
	Name        string      `json:"name"`
	Doc         string      `json:"doc,omitempty"`
	Position    string      `json:"position"` // file:line:column
	Connector   Connector   `json:"connector"`
	Type        schema.Type `json:"type"`       // of its records
	EventTime   bool        `json:"event_time"` // false: a record's time is that of its arrival
	Lag         string      `json:"watermark_lag,omitempty"`
	Idle        string      `json:"idle_after,omitempty"`
	InOrder     bool        `json:"in_order,omitempty"` // one lane takes its blocks in order, as a step reads the watermark
	OnMalformed string      `json:"on_malformed"`       // "fail", "skip" or "to NAME", as all policies
	OnError     string      `json:"on_error"`
}

// Step is an operator applied to streams.
type Step struct {
	ID        string         `json:"id"`            // "step/" and its uid; without one, the operator and the position
	UID       string         `json:"uid,omitempty"` // a step without state needs none
	Name      string         `json:"name"`          // of the operator
	Doc       string         `json:"doc,omitempty"`
	Position  string         `json:"position"`
	Library   bool           `json:"library,omitempty"` // the operator is the standard library's
	Arguments []Argument     `json:"arguments,omitempty"`
	Key       string         `json:"key,omitempty"` // type of the key; "" if there is none
	Inputs    []Input        `json:"inputs"`
	Outputs   []Output       `json:"outputs"` // that are read
	Sends     []Send         `json:"sends,omitempty"`
	States    []State        `json:"states,omitempty"`
	Timers    []schema.Timer `json:"timers,omitempty"`
	OnError   string         `json:"on_error"`
}

// State is a state with its declaration as in Flow, in which parameters have
// their values.
type State struct {
	schema.State
	Declaration string `json:"declaration"`
}

// Sink is a sink.
type Sink struct {
	ID        string      `json:"id"` // "sink/" and its uid
	UID       string      `json:"uid"`
	Name      string      `json:"name"` // of the stream it writes
	Doc       string      `json:"doc,omitempty"`
	Position  string      `json:"position"`
	Connector Connector   `json:"connector"`
	Type      schema.Type `json:"type"`
	Guarantee string      `json:"guarantee"` // "exactly once" or "at least once"
	OnError   string      `json:"on_error"`
}

// Connector is a connector with its arguments as in Flow, by name.
type Connector struct {
	Name      string     `json:"name"`
	Arguments []Argument `json:"arguments"`
}

// Argument is an argument with its value as in Flow.
type Argument struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Input is an input of a step.
type Input struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Key  string `json:"key,omitempty"` // how the key is found: r.sensor
	// Message is set if no stream leads there: steps send to it.
	Message bool `json:"message,omitempty"`
}

// Output is an output of a step. The main one has the name "".
type Output struct {
	Name   string `json:"name"`
	Stream string `json:"stream"`
	Type   string `json:"type"`
}

// Send is a step that messages are sent to.
type Send struct {
	To   string `json:"to"` // its uid
	Type string `json:"type"`
}

// Kind says how records pass over an edge.
type Kind string

// The kinds of edge.
const (
	Fused     Kind = "fused"     // by a call within the task
	Exchange  Kind = "exchange"  // to the shard of their key
	Write     Kind = "write"     // into a sink
	Broadcast Kind = "broadcast" // to every shard
	Message   Kind = "message"   // sent to the shard of a key, and it may lead back
)

// Carries says which records an edge carries.
type Carries string

// What edges carry.
const (
	Records   Carries = "records"
	Malformed Carries = "malformed" // that could not be read
	Failed    Carries = "failed"    // whose handling failed
)

// Edge is a way that records go.
type Edge struct {
	From    string  `json:"from"` // IDs of nodes
	To      string  `json:"to"`
	Input   string  `json:"input,omitempty"`  // of the step it leads to
	Stream  string  `json:"stream,omitempty"` // messages are of none
	Type    string  `json:"type"`
	Kind    Kind    `json:"kind"`
	Carries Carries `json:"carries"`
}

// Task is what runs as one: a source or a keyed step, with the steps that are
// fused to it. A step may be fused to several tasks.
type Task struct {
	Head  string   `json:"head"`
	Fused []string `json:"fused"`
}

// JSON writes the document, indented.
func (d *Document) JSON() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(d); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
