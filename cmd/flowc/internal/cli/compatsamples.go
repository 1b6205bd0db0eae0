package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/flow-lang/flowc/cmd/flowc/internal/gobuild"
	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/state"
	"github.com/flow-lang/flowc/rt/vfs"
)

// ownKey is a key of the savepoint of which entries are shown that the program's own code
// converts.
type ownKey struct {
	uid    string // of the step in the savepoint
	key    []byte
	states []*planned
}

// ownKeys lists the keys whose shown entries only the program itself can convert.
func ownKeys(list []planned) []*ownKey {
	var keys []*ownKey
	at := map[string]*ownKey{}
	for i := range list {
		p := &list[i]
		if p.By == "" {
			continue
		}
		for _, s := range p.Samples {
			name := p.oldUID + "\x00" + string(s.raw)
			k := at[name]
			if k == nil {
				k = &ownKey{uid: p.oldUID, key: s.raw}
				at[name], keys = k, append(keys, k)
			}
			if n := len(k.states); n == 0 || k.states[n-1] != p {
				k.states = append(k.states, p)
			}
		}
	}
	return keys
}

// tryOwn builds the program and lets it go on from a savepoint of each key that is shown
// and that its own code converts, which says what becomes of the entries. A program that
// would refuse the savepoint anyway is not asked, nor is one where there is no Go
// toolchain to build it.
func (m *migration) tryOwn(ctx context.Context, a *app, program string, list []planned) error {
	keys := ownKeys(list)
	if len(keys) == 0 || m.plan.Refuse() != nil {
		return nil
	}
	tmp, err := os.MkdirTemp("", "flowc-plan-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp)
	r := &rehearsal{app: a, ctx: ctx, dir: tmp, savepoint: m.savepoint}
	now, err := r.prepare(program, "new")
	if errors.Is(err, gobuild.ErrNoGo) {
		return nil // its code stands there as it is written
	}
	if err != nil {
		return err
	}
	for i, k := range keys {
		part := filepath.Join(tmp, fmt.Sprintf("key-%d", i))
		if err := m.partOf(k, part); err != nil {
			return err
		}
		if said := r.perform(now, part); said != "" {
			k.refused(said)
			continue
		}
		if err := k.converted(r.after(now)); err != nil {
			return err
		}
		if err := os.RemoveAll(r.after(now)); err != nil {
			return err
		}
	}
	return nil
}

// partOf writes a savepoint with the entries of one key of one step.
func (m *migration) partOf(k *ownKey, dir string) error {
	w, err := savepoint.Create(vfs.Default, dir, &m.savepoint.Job, m.savepoint.KeyGroups)
	if err != nil {
		return err
	}
	shard := w.Shard()
	err = m.savepoint.Scan(&savepoint.Filter{UID: k.uid}, func(at savepoint.Selected, r *state.Record) error {
		if !bytes.Equal(r.Key, k.key) {
			return nil
		}
		return shard.Add(at.Operator, r)
	})
	if err != nil {
		return err
	}
	return w.Finish(&m.savepoint.State)
}

// converted reads what became of the entries of a key.
func (k *ownKey) converted(dir string) error {
	after, err := savepoint.Open(vfs.Default, dir)
	if err != nil {
		return err
	}
	for _, p := range k.states {
		var texts []string
		shown := k.samples(p)
		err := after.Scan(&savepoint.Filter{UID: p.UID, State: p.State}, func(at savepoint.Selected, r *state.Record) error {
			key, text, err := entryText(at.Layout, r)
			if !bytes.Equal(key, shown[0].Key) {
				text = "at key " + orNoKey(string(key)) + ": " + text
			}
			texts = append(texts, text)
			return err
		})
		if err != nil {
			return err
		}
		if len(texts) == 0 {
			texts = []string{"nothing"}
		}
		shown[0].After = strings.Join(texts, ", ")
		for _, s := range shown[1:] {
			s.told = true
		}
	}
	return nil
}

// refused notes that the program's own code fails for an entry of the key.
func (k *ownKey) refused(said string) {
	for _, p := range k.states {
		if _, why, ok := strings.Cut(strings.TrimSpace(said), p.UID+"/"+p.State+" of key "); ok {
			_, why, _ = strings.Cut(why, ": ")
			p.Refused++
			k.samples(p)[0].Error = why
		}
	}
}

// samples are the entries of the key that are shown of a state. What all of them become
// is said of the first.
func (k *ownKey) samples(p *planned) []*sample {
	var list []*sample
	for i := range p.Samples {
		if s := &p.Samples[i]; bytes.Equal(s.raw, k.key) {
			list = append(list, s)
		}
	}
	return list
}
