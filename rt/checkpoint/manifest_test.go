package checkpoint

import (
	"testing"

	"github.com/flow-lang/flowc/rt/schema"
)

// TestVersions asks for the version of what each has added to the format.
func TestVersions(t *testing.T) {
	t.Parallel()
	sections := State{Operators: []Operator{{Sections: []Section{{Rows: 1}}}}}
	inRows := StoredOperator{Rows: true}
	formerRows := StoredOperator{Formers: []Former{{Rows: true}}}
	for want, list := range map[int][]*Manifest{
		Version1: {{}},
		Version2: {{Stores: &Stores{}}},
		Version3: {{State: sections}, {State: sections, Stores: &Stores{}}},
		Version5: {{State: sections, Stores: &Stores{Programs: []schema.Job{}}}},
		Version6: {{Stores: &Stores{Operators: []StoredOperator{{}, inRows}}}, {Stores: &Stores{Operators: []StoredOperator{formerRows}}}},
	} {
		for i, m := range list {
			if got := m.version(); got != want {
				t.Errorf("manifest %d of version %d has version %d", i, want, got)
			}
		}
	}
}
