package rt

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
)

// described is the JSON form of what describe says.
type described struct {
	Pipeline string           `json:"pipeline"`
	Files    []string         `json:"files,omitempty"`
	Hash     string           `json:"hash,omitempty"`
	Flowc    string           `json:"flowc,omitempty"`
	Lock     string           `json:"lock,omitempty"`
	Params   []describedParam `json:"params,omitempty"`
	Job      schema.Job       `json:"job"`
	// Of a job that runs.
	Registered []Registered `json:"registered,omitempty"`
}

type describedParam struct {
	Name    string `json:"name"`
	Type    string `json:"type"`
	Default string `json:"default,omitempty"`
	Env     bool   `json:"env,omitempty"`
}

// Describe returns uids, states, schemas, parameters and connectors as indented
// JSON.
func (spec *Spec) Describe() ([]byte, error) { return spec.describe(nil) }

func (spec *Spec) describe(registered []Registered) ([]byte, error) {
	d := described{Pipeline: spec.Name, Files: spec.Files, Hash: spec.Hash, Flowc: spec.Flowc, Lock: spec.Lock, Job: spec.Job, Registered: registered}
	for _, p := range spec.Params {
		d.Params = append(d.Params, describedParam{Name: p.Name, Type: string(p.Type), Default: p.Default, Env: p.Env})
	}
	text, err := json.MarshalIndent(d, "", "  ")
	return append(text, '\n'), err
}

// describeText returns the same for people, with what has been registered while a
// job ran.
func describeText(spec *Spec, registered []Registered) string {
	var b strings.Builder
	fmt.Fprintf(&b, "pipeline %s\n", spec.Name)
	describeParams(&b, spec)
	for _, s := range spec.Job.Sources {
		fmt.Fprintf(&b, "\nsource %q: %s, %s\n", s.UID, s.Type.String(), s.Connector)
	}
	for i := range spec.Job.Operators {
		op := &spec.Job.Operators[i]
		describeOperator(&b, op, registered)
	}
	for _, s := range spec.Job.Sinks {
		fmt.Fprintf(&b, "\nsink %q: %s, %s\n", s.UID, s.Type.String(), s.Connector)
	}
	return b.String()
}

func describeOperator(b *strings.Builder, op *schema.Operator, registered []Registered) {
	fmt.Fprintf(b, "\nstep %q: %s", op.UID, op.Name)
	if op.Key != nil {
		fmt.Fprintf(b, ", key %s", op.Key)
	}
	b.WriteByte('\n')
	for i := range op.States {
		fmt.Fprintf(b, "  %s\n", &op.States[i])
		for _, n := range op.States[i].Names {
			fmt.Fprintf(b, "    %s\n", n.String())
		}
		for _, n := range op.States[i].Made {
			fmt.Fprintf(b, "    %s\n", n.String())
		}
		for k := range registered {
			if registered[k].UID == op.UID && registered[k].State == op.States[i].Name {
				fmt.Fprintf(b, "    %s\n", &registered[k])
			}
		}
	}
	for i := range op.Timers {
		fmt.Fprintf(b, "  %s\n", &op.Timers[i])
	}
}

func describeParams(b *strings.Builder, spec *Spec) {
	if len(spec.Params) == 0 {
		return
	}
	b.WriteString("\nParameters:\n")
	for _, p := range spec.Params {
		var more string
		switch {
		case p.Env && p.Required:
			more = "environment variable, must be set"
		case p.Env:
			more = fmt.Sprintf("environment variable, default %q", p.Default)
		case p.Required:
			more = "must be given"
		default:
			more = "default " + p.Default
			if p.Type == StringParam {
				more = fmt.Sprintf("default %q", p.Default)
			}
		}
		fmt.Fprintf(b, "  %-30s %s\n", p.Name+": "+string(p.Type), more)
	}
}
