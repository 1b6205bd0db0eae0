package compat_test

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/google/go-cmp/cmp"

	"github.com/flow-lang/flowc/rt/evolve"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
)

// lazily holds that what stores have of a step becomes, key by key, what a restore makes
// of all of it; and that rows which stay are what they were.
func (c *pairCase) lazily(before saved, got []stored) {
	for i := range c.is.Operators {
		op := &c.is.Operators[i]
		was, rows := c.plan.Rows(i)
		if rows == evolve.RowsAnew || op.Messages() != nil || c.was.Operators[was].Messages() != nil {
			continue
		}
		uid := c.was.Operators[was].UID
		var old, want, each []stored
		for _, r := range before.records(c.was) {
			if r.uid == uid {
				old = append(old, r)
			}
		}
		for _, r := range got {
			if r.uid == op.UID {
				want = append(want, r)
			}
		}
		convert := c.plan.ByKey(i, evolve.Moment{Mark: markOf(uid), Now: now})
		for _, key := range keysOf(&c.was.Operators[was], old) {
			err := convert(key, func(r *state.Record) error {
				each = append(each, stored{op.UID, cloned(r)})
				return nil
			})
			if err != nil {
				c.errorf("%s: a key by itself: %v", op.UID, err)
				return
			}
		}
		sortStored(each)
		if diff := cmp.Diff(textsOf(want), textsOf(each)); diff != "" {
			c.errorf("%s: key by key it becomes something else than all at once (-all +each):\n%s", op.UID, diff)
		}
		if rows != evolve.RowsStay {
			continue
		}
		for k := range old {
			old[k].uid = op.UID
		}
		sortStored(old)
		if diff := cmp.Diff(textsOf(want), textsOf(old)); diff != "" {
			c.errorf("%s: its rows stay, and become something else (-restored +stay):\n%s", op.UID, diff)
		}
	}
}

func textsOf(list []stored) []string {
	texts := make([]string, len(list))
	for i := range list {
		texts[i] = list[i].String()
	}
	return texts
}

// keysOf are the records of each key, in the order of a store.
func keysOf(op *schema.Operator, list []stored) (keys [][]state.Record) {
	at := map[string]int{}
	for i := range list {
		key := string(list[i].Key)
		if _, ok := at[key]; !ok {
			at[key] = len(keys)
			keys = append(keys, nil)
		}
		keys[at[key]] = append(keys[at[key]], list[i].Record)
	}
	for _, key := range keys {
		slices.SortStableFunc(key, func(a, b state.Record) int {
			if a.State != b.State {
				return a.State - b.State
			}
			if a.State < len(op.States) && op.States[a.State].Kind == schema.List {
				x, _ := binary.Varint(a.Sub)
				y, _ := binary.Varint(b.Sub)
				return int(x - y)
			}
			return bytes.Compare(a.Sub, b.Sub)
		})
	}
	return keys
}
