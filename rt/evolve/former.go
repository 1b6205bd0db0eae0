package evolve

import (
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
)

// Former returns what converts single values of a type as it once was, by the
// rules for state. If they cannot be read, why says so; fields that are gone are
// left out.
func Former(old, new *schema.Type) (convert func(dst, src []byte) ([]byte, error), why string) {
	j := &judge{noun: valueNoun}
	n := j.types(link(old), link(new), "", nil)
	if j.worst() < Breaks {
		return n.all, ""
	}
	var reasons []string
	for i := range j.changes {
		if j.changes[i].Verdict() == Breaks {
			reasons = append(reasons, j.changes[i].Message)
		}
	}
	return nil, strings.Join(reasons, "; ")
}
