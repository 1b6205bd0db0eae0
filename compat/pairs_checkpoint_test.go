package compat_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/flow-lang/flowc/rt/checkpoint"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/vfs"
)

// history is how one operator came to what it has saved: all it had once, and
// what has changed since.
type history struct{ base, changes []state.Record }

// history makes up how an operator came to the records of a key, of which some
// were other values, others not there, and others there that are gone.
func (d dice) history(op int, job *schema.Job, final []stored) history {
	h := history{}
	of := &job.Operators[op]
	byKey := map[string][]state.Record{}
	var keys []string
	for i := range final {
		r := final[i].Record
		if byKey[string(r.Key)] == nil {
			keys = append(keys, string(r.Key))
		}
		byKey[string(r.Key)] = append(byKey[string(r.Key)], r)
	}
	if of.Key != nil && d.chance(1, 2) { // a key that has nothing any more
		key := string(encode(nil, kindOf(of.Key), d.value(kindOf(of.Key), 0)))
		if byKey[key] == nil {
			keys = append(keys, key)
		}
	}
	for _, key := range keys {
		d.keyHistory(&h, job, op, key, byKey[key])
	}
	return h
}

func (d dice) keyHistory(h *history, job *schema.Job, op int, key string, final []state.Record) {
	of := &job.Operators[op]
	keyed := key != "" && of.Key != nil
	anew := keyed && (len(final) == 0 || d.chance(1, 5))
	group := 0
	if keyed {
		group = groupOf(job, of.Key, []byte(key))
	}
	if anew {
		h.changes = append(h.changes, state.Record{Group: group, Key: []byte(key), Gone: state.KeyGone})
	}
	for n := range numbersOf(of) {
		l := layoutOf(job, place{op, n})
		if l.Shared != (key == "" && of.Key != nil) { // what a step without a key has is shared with nothing
			continue
		}
		var now []state.Record
		for _, r := range final {
			if r.State == n {
				now = append(now, r)
			}
		}
		var once []state.Record
		if d.chance(1, 2) {
			for _, e := range d.entries(l, nil) {
				r := state.Record{State: n, Group: group, Key: []byte(key), Written: e.written}
				if l.Sub != nil {
					r.Sub = encode(nil, kindOf(l.Sub), e.sub)
				}
				if l.Value != nil {
					r.Value = encode(nil, kindOf(l.Value), e.of)
				}
				once = append(once, r)
			}
		}
		isList := l.SubName == "index" && !l.Timer && !l.Message
		d.stateHistory(h, now, once, anew && !l.Message, isList)
	}
}

// stateHistory makes up how a state of a key came from once to now.
func (d dice) stateHistory(h *history, now, once []state.Record, anew, isList bool) {
	same := func(a, b *state.Record) bool { return bytes.Equal(a.Sub, b.Sub) }
	switch {
	case anew:
		h.base, h.changes = append(h.base, once...), append(h.changes, now...)
	case isList && len(once) > 0 || len(once) > 0 && d.chance(1, 3):
		h.base = append(h.base, once...)
		h.changes = append(append(h.changes, state.Record{State: once[0].State, Group: once[0].Group, Key: once[0].Key, Gone: state.AllGone}), now...)
	case isList:
		at := d.IntN(len(now) + 1)
		h.base, h.changes = append(h.base, now[:at]...), append(h.changes, now[at:]...)
	default:
		for i := range once {
			h.base = append(h.base, once[i])
			if !slices.ContainsFunc(now, func(r state.Record) bool { return same(&r, &once[i]) }) {
				gone := once[i]
				gone.Value, gone.Written, gone.Gone = nil, 0, state.EntryGone
				h.changes = append(h.changes, gone)
			}
		}
		for i := range now {
			if slices.ContainsFunc(once, func(r state.Record) bool { return same(&r, &now[i]) }) || d.chance(1, 2) {
				h.changes = append(h.changes, now[i])
			} else {
				h.base = append(h.base, now[i])
			}
		}
	}
}

// saveCheckpoint writes records as a checkpoint of a program, of which a part is
// older than the rest.
func (d dice) saveCheckpoint(files vfs.FS, dir string, job *schema.Job, records []stored) error {
	if err := files.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	log, err := checkpoint.Open(checkpoint.InFolder(files, dir), "test", "token", func(error) {})
	if err != nil {
		return err
	}
	m := &checkpoint.Manifest{State: checkpoint.State{Run: "run", Epoch: 2, Job: *job, Sources: []checkpoint.Source{
		{UID: job.Sources[0].UID, Partitions: []checkpoint.Partition{{Position: json.RawMessage("0"), Mark: 7}}},
	}}}
	for i := range job.Operators {
		uid := job.Operators[i].UID
		var own []stored
		for _, r := range records {
			if r.uid == uid {
				own = append(own, r)
			}
		}
		half := job.KeyGroups / 2
		op := checkpoint.Operator{UID: uid, Shards: []checkpoint.Shard{{First: 0, Last: half - 1, Mark: markOf(uid) - 1}, {First: half, Last: job.KeyGroups - 1, Mark: markOf(uid)}}}
		h := d.history(i, job, own)
		for epoch, list := range [][]state.Record{h.base, h.changes} {
			var e state.Encoder
			for k := range list {
				e.Add(&list[k])
			}
			s := checkpoint.Section{Last: job.KeyGroups - 1, Epoch: int64(epoch + 1), Base: epoch == 0, Length: int64(e.Len())}
			if s.Length > 0 {
				f, err := log.Put(e.Take())
				if err != nil {
					return err
				}
				s.File = len(m.Files)
				m.Files = append(m.Files, f)
			}
			op.Sections = append(op.Sections, s)
		}
		m.Operators = append(m.Operators, op)
	}
	if err := log.Commit(m); err != nil {
		return err
	}
	return log.Close()
}

// contents are the files of a directory, with what they hold.
func contents(files vfs.FS, dir string) (map[string]string, error) {
	names, err := files.List(dir)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, name := range names {
		b, err := vfs.ReadFile(files, files.PathJoin(dir, name))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out[name] = string(b)
	}
	return out, nil
}
