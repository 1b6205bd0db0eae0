package checkpoint

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/value"
)

// Former is rows that older programs have left: each key's are converted when it is
// read.
type Former struct {
	Number int    `json:"number"`         // state.Shape.Operator
	Rows   bool   `json:"rows,omitempty"` // state.Shape.Rows
	Steps  []Step `json:"steps"`          // how they are converted, one after the other; at least one
}

// Step is a change of the program, as it was restored.
type Step struct {
	From    int             `json:"from"` // the program before, in Stores.Programs
	FromUID string          `json:"from_uid"`
	To      int             `json:"to"` // and the one behind
	ToUID   string          `json:"to_uid"`
	Mark    value.Timestamp `json:"watermark"` // of the operator at the restore
	Now     value.Timestamp `json:"now"`       // processing time then
}

// Program returns the number of a program among those that formers name, and adds it if
// it is not there.
func (s *Stores) Program(job *schema.Job) int {
	i := slices.IndexFunc(s.Programs, func(p schema.Job) bool { return reflect.DeepEqual(&p, job) })
	if i < 0 {
		i = len(s.Programs)
		s.Programs = append(s.Programs, *job)
	}
	return i
}

// Operator returns the operator with a uid; nil if its records are not in stores.
func (s *Stores) Operator(uid string) *StoredOperator {
	if s == nil {
		return nil
	}
	for i := range s.Operators {
		if s.Operators[i].UID == uid {
			return &s.Operators[i]
		}
	}
	return nil
}

// Open opens the store of a shard of an operator, as the program with now finds it: nil
// if the program does not describe it.
func (s *Stores) Open(stores state.Stores, of *StoredOperator, now *schema.Operator, shard int, o state.LazyOptions) (state.Store, error) {
	rows := stores.Shard(ShapeOf(now, of.Number, shard, of.Rows), o.First, o.Last)
	var formers []state.Former
	for i := range of.Formers {
		f := &of.Formers[i]
		convert, err := s.converter(f)
		if err != nil {
			return nil, fmt.Errorf("operator %q: %w", of.UID, err)
		}
		was := s.Programs[f.Steps[0].From].Operator(f.Steps[0].FromUID)
		formers = append(formers, state.Former{
			Store:   func() state.Store { return stores.Shard(ShapeOf(was, f.Number, shard, f.Rows), o.First, o.Last) },
			Convert: convert,
		})
	}
	if len(formers) == 0 {
		return rows, nil
	}
	return state.NewLazy(rows, formers, o), nil
}

// converter returns what makes the converters of what is left.
func (s *Stores) converter(f *Former) (func() state.Convert, error) {
	var makers []func() state.Convert
	for i := range f.Steps {
		step := &f.Steps[i]
		plan := evolve.Resolve(&s.Programs[step.From], &s.Programs[step.To], nil, evolve.Hooks{})
		at := plan.New.OperatorAt(step.ToUID)
		if was, rows := plan.Rows(at); was < 0 || rows == evolve.RowsAnew || plan.Old.Operators[was].UID != step.FromUID {
			return nil, fmt.Errorf("what an older program has left of %q cannot be converted one key after the other", step.FromUID)
		}
		makers = append(makers, func() state.Convert { return plan.ByKey(at, evolve.Moment{Mark: step.Mark, Now: step.Now}) })
	}
	return func() state.Convert {
		convert := makers[0]()
		for _, next := range makers[1:] {
			convert = state.Chain(convert, next())
		}
		return convert
	}, nil
}

// check says what is wrong with what formers name.
func (s *Stores) check() string {
	for i := range s.Operators {
		op := &s.Operators[i]
		for _, f := range op.Formers {
			if len(f.Steps) == 0 {
				return fmt.Sprintf("operator %q has former rows that nothing converts", op.UID)
			}
			for _, step := range f.Steps {
				if !s.describes(step.From, step.FromUID) || !s.describes(step.To, step.ToUID) {
					return fmt.Sprintf("operator %q has former rows of no program", op.UID)
				}
			}
		}
	}
	return ""
}

func (s *Stores) describes(program int, uid string) bool {
	return program >= 0 && program < len(s.Programs) && s.Programs[program].OperatorAt(uid) >= 0
}
