package compat

import (
	"fmt"
	"strconv"

	"github.com/flow-lang/flowc/rt/schema"
)

// namedText writes what stands behind a name of dynamic state: int reads.
func namedText(w *typeWriter, n *schema.Named) string {
	text := w.text(&n.Type)
	if n.Reads {
		text += " reads"
	}
	if n.Remote {
		text += " remote " + strconv.FormatInt(n.TTL, 10)
	}
	return text
}

// namedOf reads a name of dynamic state, "total" int reads, or what has none.
func (r *jobReader) namedOf(text string, named bool) (n schema.Named, err error) {
	t := typeReader{rest: text, define: r.named}
	if named {
		if n.Name, err = t.quoted(); err != nil {
			return n, err
		}
	}
	of, err := t.read(0)
	if err != nil {
		return n, err
	}
	n.Type, n.Reads, n.Remote = *of, t.next("reads"), t.next("remote ")
	if n.Remote {
		n.TTL, err = strconv.ParseInt(t.space(), 10, 64)
	} else if t.space() != "" {
		err = fmt.Errorf("%q stands behind the type", t.rest)
	}
	return n, err
}
