package checkpoint

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash/maphash"
	"io"
	"sync"

	"github.com/flow-lang/flowc/rt/vfs"
)

// How files of stores are verified
//
// All that a restore reads whole it hashes first. Stores that go on from their files
// do not read them, and a hash of all would make each start as long as the state is
// large. So a file that this program has hashed on this disk, and that nothing says
// to have changed since, may be hashed beside the job's work. Until that is done the
// job commits nothing. What a disk has lost by itself is found then; what somebody
// has written is found before.

// trust is what is known of files of stores in a directory: their identities when
// they were hashed. It is a hint, in a file that is not synced: without it, files
// are hashed first.
type trust struct {
	mu    sync.Mutex
	known map[string]vfs.Identity // by name
	left  map[*Manifest][]int     // files that are still to be verified
}

// identifier is a store whose blobs are files that have identities.
type identifier interface {
	identity(name string) (vfs.Identity, bool)
	readKnown() ([]byte, error)
	writeKnown(data []byte) error
}

func (s *dirStore) identity(name string) (id vfs.Identity, ok bool) {
	info, err := s.fs.Stat(s.Place(name))
	if err != nil {
		return id, false
	}
	return vfs.IdentityOf(info)
}

func (s *dirStore) readKnown() ([]byte, error) { return vfs.ReadFile(s.fs, s.Place(trustName)) }

// writeKnown replaces the file. What a loss of power leaves of it is refused by its
// checksum.
func (s *dirStore) writeKnown(data []byte) error {
	beside := s.Place(unfinished + trustName)
	f, err := s.fs.Create(beside)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return s.fs.Rename(beside, s.Place(trustName))
}

// read reads what an earlier process knew.
func (t *trust) read(store Store) {
	s, ok := store.(identifier)
	if !ok {
		return
	}
	data, err := s.readKnown()
	if err != nil {
		return
	}
	body, err := unseal(store.Place(trustName), "files", Version1, data)
	if err != nil || json.Unmarshal(body, &t.known) != nil {
		t.known = nil
	}
}

// write keeps what is known of the files that checkpoints name.
func (t *trust) write(store Store, whole []*Manifest) {
	s, ok := store.(identifier)
	if !ok {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	kept := map[string]vfs.Identity{}
	for _, m := range whole {
		for i := range m.Files {
			name := m.Files[i].Name
			was, ok := t.known[name]
			if !ok || kept[name] != (vfs.Identity{}) {
				continue
			}
			// Stores give their files further names and take them away, which changes no
			// content.
			now, ok := s.identity(name)
			if was.Names, was.Changed = now.Names, now.Changed; ok && now == was {
				kept[name] = now
			}
		}
	}
	if len(kept) == 0 && len(t.known) == 0 {
		return
	}
	t.known = kept
	if body, err := json.Marshal(kept); err == nil {
		_ = s.writeKnown(seal("files", Version1, body)) // a hint
	}
}

// holds reports whether a file is what it was when it was hashed.
func (t *trust) holds(store Store, f *File) bool {
	s, ok := store.(identifier)
	if !ok {
		return false
	}
	t.mu.Lock()
	was, known := t.known[f.Name]
	t.mu.Unlock()
	if !known || was.Size != f.Length {
		return false
	}
	now, ok := s.identity(f.Name)
	return ok && now.Holds(was)
}

// note takes note of a file that has been hashed since its identity was was.
func (t *trust) note(store Store, name string, was vfs.Identity, ok bool) {
	s, is := store.(identifier)
	if !is || !ok {
		return
	}
	now, ok := s.identity(name)
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.known, name)
	if ok && now.Holds(was) {
		if t.known == nil {
			t.known = map[string]vfs.Identity{}
		}
		t.known[name] = now
	}
}

func (t *trust) forget(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.known, name)
}

func (t *trust) leave(m *Manifest, files []int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.left == nil {
		t.left = map[*Manifest][]int{}
	}
	t.left[m] = files
}

// IsLeft reports whether files of a checkpoint were left for [Log.Verify].
func (l *Log) IsLeft(m *Manifest) bool {
	l.trust.mu.Lock()
	defer l.trust.mu.Unlock()
	return len(l.trust.left[m]) > 0
}

// Verify verifies the files of a checkpoint that were left when it was given out.
// It may run beside all that adds nothing to the log.
func (l *Log) Verify(ctx context.Context, m *Manifest) error {
	l.trust.mu.Lock()
	left := l.trust.left[m]
	delete(l.trust.left, m)
	l.trust.mu.Unlock()
	for _, i := range left {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := l.verifyFile(m, i, true); err != nil {
			l.trust.forget(m.Files[i].Name)
			l.trust.write(l.store, l.whole)
			return l.withHelp(err, m.Number)
		}
	}
	return nil
}

// verifyFile compares a file with what the manifest says, piece by piece: it may be
// large. What it was then is noted of files of stores.
func (l *Log) verifyFile(m *Manifest, file int, stored bool) error {
	f := &m.Files[file]
	place := l.store.Place(f.Name)
	var was vfs.Identity
	s, known := l.store.(identifier)
	if known = known && stored; known {
		was, known = s.identity(f.Name)
	}
	in, err := l.store.Open(f.Name)
	if err != nil {
		return unread(place, err)
	}
	h := sha256.New()
	var again maphash.Hash
	again.SetSeed(seenSeed)
	to := io.Writer(h)
	if !stored {
		to = io.MultiWriter(h, &again)
	}
	n, err := io.CopyBuffer(to, struct{ io.Reader }{in}, make([]byte, 256<<10))
	if err = errors.Join(err, in.Close()); err != nil {
		return unread(place, err)
	}
	if err := m.compare(place, f, n, hex.EncodeToString(h.Sum(nil))); err != nil {
		return err
	}
	if !stored {
		l.seen.note(f.Name, again.Sum64())
	}
	l.trust.note(l.store, f.Name, was, known)
	return nil
}
