package file

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/vfs"
)

// The names of parts
//
// A part is part-SHARD-EPOCH-RUN.jsonl. RUN is the same for all that goes on from
// one fresh start; EPOCH is after that of the snapshot which was prepared before
// the part was begun. So the parts that a snapshot does not have are those of its
// run with a later epoch. A job that no other can go on from writes
// part-SHARD-0.jsonl.

// partsState is what a snapshot holds of a writer's parts: those that were not
// final yet.
type partsState struct {
	Dir   string   `json:"dir"`
	Parts []string `json:"parts,omitempty"`
}

// openParts prepares a directory and returns a writer per shard.
func (s Sink) openParts(env *rt.Env, from *rt.Recovery) ([]rt.Writer, error) {
	dir := strings.TrimSuffix(s.Path, "/")
	if err := env.FS.MkdirAll(dir, 0o777); err != nil {
		return nil, explain(s.Path, err)
	}
	pending, ok, err := s.pending(from)
	if err != nil {
		return nil, err
	}
	epoch := int64(0)
	if ok {
		epoch = from.Epoch
		err = s.recover(env, dir, pending, epoch)
	} else {
		err = s.sweep(env.FS, dir)
	}
	if err != nil {
		return nil, err
	}
	writers := make([]rt.Writer, env.Parallelism)
	for i := range writers {
		writers[i] = &partWriter{fs: env.FS, path: s.Path, dir: dir, format: s.Format, shard: i, run: env.Run, epoch: epoch}
	}
	return writers, nil
}

// pending returns the parts that the snapshot has and that may not be final, if it
// has any of this directory.
func (s Sink) pending(from *rt.Recovery) (parts []string, ok bool, err error) {
	if from == nil {
		return nil, false, nil
	}
	for _, text := range from.States {
		var state partsState
		if len(text) == 0 {
			continue
		}
		if err := json.Unmarshal(text, &state); err != nil {
			return nil, false, fmt.Errorf("%s: the snapshot holds no directory of this sink: %w", s.Path, err)
		}
		if state.Dir == s.Path {
			ok = true
			parts = append(parts, state.Parts...)
		}
	}
	return parts, ok, nil
}

// recover makes final what the snapshot has, and deletes what came after it.
func (s Sink) recover(env *rt.Env, dir string, pending []string, epoch int64) error {
	names, err := env.FS.List(dir)
	if err != nil {
		return explain(s.Path, err)
	}
	for _, name := range pending {
		if slices.Contains(names, "."+name) {
			if err := env.FS.Rename(env.FS.PathJoin(dir, "."+name), env.FS.PathJoin(dir, name)); err != nil {
				return explain(env.FS.PathJoin(dir, name), err)
			}
		} else if !slices.Contains(names, name) {
			env.Log.Warn("a part of the snapshot is gone: it has been taken away, or lost", "part", env.FS.PathJoin(dir, name))
		}
	}
	for _, name := range names {
		hidden := strings.HasPrefix(name, ".part-") && !slices.Contains(pending, name[1:])
		of, run, ok := partEpoch(name)
		if hidden || ok && run == env.Run && of > epoch && !slices.Contains(pending, name) {
			if err := env.FS.Remove(env.FS.PathJoin(dir, name)); err != nil {
				return explain(env.FS.PathJoin(dir, name), err)
			}
		}
	}
	if err := vfs.SyncDir(env.FS, dir); err != nil {
		return explain(s.Path, err)
	}
	return nil
}

// partEpoch returns the epoch and run in the name of a part.
func partEpoch(name string) (epoch int64, run string, ok bool) {
	stem, _, _ := strings.Cut(name, ".")
	words := strings.Split(stem, "-")
	if len(words) != 4 || words[0] != "part" {
		return 0, "", false
	}
	epoch, err := strconv.ParseInt(words[2], 10, 64)
	return epoch, words[3], err == nil
}

// sweep deletes what an earlier run has left unfinished, and its finished parts
// if they may be overwritten.
func (s Sink) sweep(fs vfs.FS, dir string) error {
	names, err := fs.List(dir)
	if err != nil {
		return explain(s.Path, err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, "part-") && !s.Overwrite {
			return fmt.Errorf("%s: the directory holds %s of an earlier run: take it away, or write overwrite: true", s.Path, name)
		}
	}
	for _, name := range names {
		if strings.HasPrefix(name, "part-") || strings.HasPrefix(name, ".part-") {
			if err := fs.Remove(fs.PathJoin(dir, name)); err != nil {
				return explain(fs.PathJoin(dir, name), err)
			}
		}
	}
	return nil
}

// partWriter writes part files, one for each epoch that has rows. Their names
// begin with a dot until they are final.
type partWriter struct {
	fs     vfs.FS
	path   string // of the sink
	dir    string
	format Format
	shard  int
	run    string
	epoch  int64 // that was prepared last

	part    *writer // nil until there is a row
	name    string  // of part, without a dot
	pending []prepared
}

// prepared is a part that is complete and not final.
type prepared struct {
	epoch int64
	name  string
}

func (w *partWriter) hidden(name string) string { return w.fs.PathJoin(w.dir, "."+name) }

func (w *partWriter) Write(rows []byte) error {
	if w.part == nil {
		w.name = fmt.Sprintf("part-%d-0.%s", w.shard, w.format.extension())
		if w.run != "" {
			w.name = fmt.Sprintf("part-%d-%d-%s.%s", w.shard, w.epoch+1, w.run, w.format.extension())
		}
		part := &writer{path: w.hidden(w.name), packing: w.format.packing(w.name), durable: true, linked: true}
		if err := part.create(w.fs, part.path); err != nil {
			return err
		}
		w.part = part
		if err := part.Write(w.format.begin()); err != nil {
			return err
		}
	}
	return w.part.Write(rows)
}

func (w *partWriter) Flush() error {
	if w.part == nil {
		return nil
	}
	return w.part.Flush()
}

// Prepare completes the part.
func (w *partWriter) Prepare(epoch int64) ([]byte, error) {
	w.epoch = epoch
	if w.part != nil {
		part := w.part
		w.part = nil
		_, err := part.Prepare(epoch)
		if err = errors.Join(err, part.Close()); err != nil {
			return nil, err
		}
		if err := w.syncDir(); err != nil {
			return nil, err
		}
		w.pending = append(w.pending, prepared{epoch, w.name})
	}
	state := partsState{Dir: w.path}
	for _, p := range w.pending {
		state.Parts = append(state.Parts, p.name)
	}
	return json.Marshal(state)
}

// Commit gives parts their final names.
func (w *partWriter) Commit(epoch int64) error {
	n := 0
	for ; n < len(w.pending) && w.pending[n].epoch <= epoch; n++ {
		name := w.pending[n].name
		final := w.fs.PathJoin(w.dir, name)
		err := w.fs.Rename(w.hidden(name), final)
		if _, there := w.fs.Stat(final); errors.Is(err, fs.ErrNotExist) && there == nil {
			err = nil
		}
		if err != nil {
			return explain(final, err)
		}
	}
	if n == 0 {
		return nil
	}
	w.pending = w.pending[n:]
	return w.syncDir()
}

// Close leaves the part that is not complete as it is, with a dot.
func (w *partWriter) Close() error {
	if w.part == nil {
		return nil
	}
	return w.part.Close()
}

// syncDir makes new names last.
func (w *partWriter) syncDir() error {
	if err := vfs.SyncDir(w.fs, w.dir); err != nil {
		return explain(w.dir, err)
	}
	return nil
}
