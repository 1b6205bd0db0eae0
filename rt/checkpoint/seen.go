package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash/maphash"
	"io"
	"sync"
)

// seen is what this process knows of the content of files that it has hashed: another
// hash, which costs a tenth. Who reads files more than once hashes them all before, and
// sees so that they have not changed since. Nobody can make a file that has the same, as
// its seed is in no file.
type seen struct {
	mu     sync.Mutex
	hashes map[string]uint64 // by name
}

var seenSeed = maphash.MakeSeed()

func (s *seen) note(name string, hash uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.hashes == nil {
		s.hashes = map[string]uint64{}
	}
	s.hashes[name] = hash
}

// is reports whether data is what the file had when it was hashed.
func (s *seen) is(name string, data []byte) bool {
	s.mu.Lock()
	hash, ok := s.hashes[name]
	s.mu.Unlock()
	return ok && hash == maphash.Bytes(seenSeed, data)
}

// file returns a file of a checkpoint, if it is as the manifest says, in room if
// there is enough.
func (i image) file(number int, room []byte) ([]byte, error) {
	f := &i.manifest.Files[number]
	place := i.store.Place(f.Name)
	data, length, err := read(i.store, f, room)
	if err != nil {
		return nil, unread(place, err)
	}
	if length == f.Length && i.seen.is(f.Name, data) {
		return data, nil
	}
	hash := sha256.Sum256(data)
	if err := i.manifest.compare(place, f, length, hex.EncodeToString(hash[:])); err != nil {
		return nil, err
	}
	i.unread.take(i.manifest, number)
	return data, nil
}

// unverified are the files of the checkpoint that [Log.ToRestore] has given out last which
// nobody has verified since.
type unverified struct {
	mu    sync.Mutex
	of    *Manifest
	files map[int]bool
}

// leave makes files of a checkpoint those that nobody has verified.
func (u *unverified) leave(m *Manifest, files map[int]bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.of, u.files = m, files
}

// take takes note that a file has been verified, and reports whether it was not before.
func (u *unverified) take(m *Manifest, file int) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of != m || !u.files[file] {
		return false
	}
	delete(u.files, file)
	return true
}

// roomToSpare is which part of a file more there is room for: most are about as long as
// each other, and those behind the first need no further room.
const roomToSpare = 16

// read reads a file, whose length is returned alone if it is not what it should be.
func read(store Store, f *File, room []byte) (data []byte, length int64, err error) {
	in, err := store.Open(f.Name)
	if err != nil {
		return nil, 0, err
	}
	defer func() { err = errors.Join(err, in.Close()) }()
	info, err := in.Stat()
	if err != nil {
		return nil, 0, err
	}
	if info.Size() != f.Length {
		return nil, info.Size(), nil
	}
	if int64(cap(room)) < f.Length {
		room = make([]byte, f.Length+f.Length/roomToSpare)
	}
	n, err := io.ReadFull(in, room[:f.Length])
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil // compare says so
	}
	return room[:n], int64(n), err
}
