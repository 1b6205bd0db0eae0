package checkpoint

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sort"
	"strconv"
	"strings"
)

// ErrFenced says that another process has taken the checkpoints over.
var ErrFenced = errors.New("another process has taken over these checkpoints")

// Log is the log of checkpoints in a store, for the one process that adds to it.
// It is used by one goroutine at a time.
type Log struct {
	store  Store
	lock   io.Closer
	token  string
	number int64 // of the last entry
	whole  []*Manifest
	// Files that this process wrote or found named, and that may be unnamed.
	known  map[string]bool
	claims []*Manifest
	marker []int64 // numbers of LATEST blobs
	broken error   // of the newest checkpoint
	trust  trust
	seen   seen
	unread unverified
	loose  bool // an older manifest cannot be read, so it is unknown which files are needed
}

// Open takes the lock and reads the log. holder is the process id and host, for
// whom is refused; token tells processes apart. Older checkpoints that cannot be
// read are told to warn. An error in the newest is told by [Log.Newest], so that
// a job may start anew.
func Open(store Store, holder, token string, warn func(error)) (*Log, error) {
	lock, err := store.Lock(holder)
	if err != nil {
		return nil, placed(store, err)
	}
	l := &Log{store: store, lock: lock, token: token, known: map[string]bool{}}
	l.trust.read(store)
	if err := l.read(warn); err != nil {
		return nil, errors.Join(placed(store, err), lock.Close())
	}
	return l, nil
}

// placed names the store in an error that does not.
func placed(store Store, err error) error {
	var held *HeldError
	if errors.As(err, &held) {
		return err
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("%s: cannot hold checkpoints: %w", store.Place(""), err)
}

// OpenToRead reads the log of another job, without a lock.
func OpenToRead(store Store) (*Log, error) {
	l := &Log{store: store, known: map[string]bool{}}
	if err := l.read(func(error) {}); err != nil {
		return nil, placed(store, err)
	}
	return l, nil
}

// IsManifest reports whether a blob of that name is a checkpoint.
func IsManifest(name string) bool {
	_, ok := numbered(name, manifestPrefix)
	return ok
}

// Committed reports whether this process has added a checkpoint.
func (l *Log) Committed() bool {
	return len(l.whole) > 0 && l.whole[len(l.whole)-1].Token == l.token
}

// Last returns the place of the last checkpoint; "" if there is none.
func (l *Log) Last() string {
	if len(l.whole) == 0 {
		return ""
	}
	return l.store.Place(manifestName(l.whole[len(l.whole)-1].Number))
}

// Close gives the lock back.
func (l *Log) Close() error { return l.lock.Close() }

// Place returns where the log is.
func (l *Log) Place() string { return l.store.Place("") }

// Number returns the number of the last entry.
func (l *Log) Number() int64 { return l.number }

// read reads all manifests.
func (l *Log) read(warn func(error)) error {
	names, err := l.store.List()
	if err != nil {
		return err
	}
	var numbers []int64
	for _, name := range names {
		if n, ok := numbered(name, manifestPrefix); ok {
			numbers = append(numbers, n)
		}
		if n, ok := numbered(name, latestPrefix); ok {
			l.marker = append(l.marker, n)
		}
		if strings.HasSuffix(name, dataSuffix) {
			l.known[name] = true
		}
	}
	sort.Slice(numbers, func(i, k int) bool { return numbers[i] < numbers[k] })
	sort.Slice(l.marker, func(i, k int) bool { return l.marker[i] < l.marker[k] })
	for _, n := range numbers {
		l.number = n
		m, err := l.load(n)
		var damage *Damage
		switch {
		case err != nil && !errors.As(err, &damage):
			return err
		case err != nil && n == numbers[len(numbers)-1]:
			l.broken, l.loose = err, true
		case err != nil:
			warn(fmt.Errorf("checkpoint %d cannot be used: %w", n, err))
			l.loose = true
		case m.Claim != nil:
			l.claims = append(l.claims, m)
		default:
			l.whole = append(l.whole, m)
		}
	}
	return l.checkMarker()
}

// numbered returns the number that a blob's name has after a prefix.
func numbered(name, prefix string) (int64, bool) {
	digits, ok := strings.CutPrefix(name, prefix)
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, ok && err == nil && n > 0
}

// load reads a manifest.
func (l *Log) load(number int64) (*Manifest, error) {
	name := manifestName(number)
	data, err := l.store.Get(name)
	if err != nil {
		return nil, unread(l.store.Place(name), err)
	}
	m, err := decodeManifest(l.store.Place(name), data)
	if err == nil && m.Number != number {
		err = &Damage{Place: l.store.Place(name), Reason: fmt.Sprintf("it holds checkpoint %d: the file has been given the name of another", m.Number)}
	}
	return m, err
}

// unread makes a file that is missing, or cannot be read, an error of the place.
func unread(place string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &Damage{Place: place, Reason: "it is missing"}
	}
	var p *fs.PathError
	if errors.As(err, &p) {
		err = p.Err
	}
	return fmt.Errorf("%s: %w", place, err)
}

// checkMarker holds the last entry to what the marker says of it. An entry that
// is newer than the marker was finished just before a crash.
func (l *Log) checkMarker() error {
	if l.broken != nil {
		return nil
	}
	if len(l.marker) == 0 {
		if len(l.whole) > 0 {
			l.broken = &Damage{Place: l.store.Place(latestPrefix + "…"), Reason: "it is missing, and it alone says which checkpoint is the newest"}
		}
		return nil
	}
	number := l.marker[len(l.marker)-1]
	name := latestName(number)
	data, err := l.store.Get(name)
	if err != nil {
		return err
	}
	body, err := unseal(l.store.Place(name), "marker", Version1, data)
	if err != nil {
		l.broken = err
		return nil
	}
	place, want := l.store.Place(manifestName(number)), strings.TrimSpace(string(body))
	entry, err := l.store.Get(manifestName(number))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		l.broken = &Damage{Place: place, Reason: "it is missing, and " + name + " names it as the newest"}
		l.number = max(l.number, number)
	case err != nil:
		return err
	case sum(entry) != want:
		l.broken = &Damage{Place: place, Reason: fmt.Sprintf("its SHA-256 is %s, but %s says %s", sum(entry), name, want)}
	}
	return nil
}

// Newest returns the checkpoint to go on from, or nil if there is none. The
// error says what is wrong with it, and which older one is whole.
func (l *Log) Newest() (*Manifest, error) {
	m, err := l.newest()
	if err != nil || m == nil {
		return nil, err
	}
	return l.verified(m)
}

// ToRestore is Newest for who reads all records of the checkpoint anyway before
// anything else happens: files of records are verified as its image reads them, and not
// read twice. [Log.VerifyUnread] verifies those that it has not read.
func (l *Log) ToRestore() (*Manifest, error) {
	m, err := l.newest()
	if err != nil || m == nil {
		return nil, err
	}
	stored, files := m.storedFiles(), map[int]bool{}
	for i := range m.Files {
		files[i] = !stored[i]
	}
	if err := l.verify(m, true, func(file int) bool { return stored[file] }); err != nil {
		return nil, l.withHelp(err, m.Number)
	}
	l.unread.leave(m, files)
	return m, nil
}

// VerifyUnread verifies those files of a checkpoint that [Log.ToRestore] has left to
// its image and that this has not read.
func (l *Log) VerifyUnread(m *Manifest) error {
	if err := l.verify(m, false, func(file int) bool { return l.unread.take(m, file) }); err != nil {
		return l.withHelp(err, m.Number)
	}
	return nil
}

// Help adds to an error of an image which older checkpoint is whole, if it is that the
// checkpoint is damaged.
func (l *Log) Help(m *Manifest, err error) error { return l.withHelp(err, m.Number) }

// newest returns the checkpoint to go on from before its files have been looked at.
func (l *Log) newest() (*Manifest, error) {
	if l.broken != nil {
		return nil, l.withHelp(l.broken, l.number)
	}
	if len(l.claims) > 0 {
		if m := l.claims[len(l.claims)-1]; m.Number == l.number {
			return l.claimed(m.Claim)
		}
	}
	if len(l.whole) == 0 {
		return nil, nil
	}
	return l.whole[len(l.whole)-1], nil
}

// claimed returns the checkpoint that the last process, which has written none,
// went on from.
func (l *Log) claimed(c *Claim) (*Manifest, error) {
	switch {
	case c.Origin != "":
		return nil, fmt.Errorf("%s: the job went on from %s and had no checkpoint of its own when it ended: give --from %[2]s again, or --fresh to start anew", l.Place(), c.Origin)
	case c.From == 0:
		return nil, nil
	}
	for _, m := range l.whole {
		if m.Number == c.From {
			return m, nil
		}
	}
	m, err := l.load(c.From)
	if err != nil {
		return nil, l.withHelp(err, c.From)
	}
	return m, nil
}

// At returns the checkpoint with a manifest of that name, whole.
func (l *Log) At(name string) (*Manifest, error) {
	number, ok := numbered(name, manifestPrefix)
	if !ok {
		return nil, fmt.Errorf("%s: no checkpoint has this name", l.store.Place(name))
	}
	m, err := l.load(number)
	if err != nil {
		return nil, l.withHelp(err, number)
	}
	if m.Claim != nil {
		return nil, fmt.Errorf("%s: it holds no state: it only says that a process began", l.store.Place(name))
	}
	return l.verified(m)
}

func (l *Log) verified(m *Manifest) (*Manifest, error) {
	if err := l.verify(m, true, func(int) bool { return true }); err != nil {
		return nil, l.withHelp(err, m.Number)
	}
	return m, nil
}

// withHelp adds to damage which checkpoint before number is whole.
func (l *Log) withHelp(err error, number int64) error {
	var damage *Damage
	if !errors.As(err, &damage) {
		return err
	}
	with := *damage
	with.Help = "no older checkpoint here is whole: start anew with --fresh, or from a savepoint with --from"
	for i := len(l.whole) - 1; i >= 0; i-- {
		if m := l.whole[i]; m.Number < number && l.verify(m, false, func(int) bool { return true }) == nil {
			with.Help = fmt.Sprintf("checkpoint %d is whole: start from it with --from %s", m.Number, l.store.Place(manifestName(m.Number)))
			break
		}
	}
	return &with
}

// verify compares those files of a checkpoint that are wanted with what the manifest
// says. Those of stores that are known to be as they were may be left for [Log.Verify].
func (l *Log) verify(m *Manifest, leave bool, wanted func(file int) bool) error {
	var left []int
	stored := m.storedFiles()
	for i := range m.Files {
		if !wanted(i) {
			continue
		}
		if leave && stored[i] && l.trust.holds(l.store, &m.Files[i]) {
			left = append(left, i)
			continue
		}
		if err := l.verifyFile(m, i, stored[i]); err != nil {
			return err
		}
	}
	if leave {
		l.trust.leave(m, left)
	}
	return nil
}

// compare holds a file against what the manifest says of it.
func (m *Manifest) compare(place string, f *File, length int64, hash string) error {
	switch {
	case length != f.Length:
		return &Damage{Place: place, Reason: fmt.Sprintf("it has %d bytes, but checkpoint %d says %d", length, m.Number, f.Length)}
	case hash != f.SHA256:
		return &Damage{Place: place, Reason: fmt.Sprintf("its SHA-256 is %s, but checkpoint %d says %s", hash, m.Number, f.SHA256)}
	}
	return nil
}

// Claim adds an entry that makes the log this process's own.
func (l *Log) Claim(c Claim) error {
	m := &Manifest{Format: Version1, Number: l.number + 1, Token: l.token, Claim: &c}
	if err := l.create(m); err != nil {
		return placed(l.store, err)
	}
	l.claims = append(l.claims, m)
	return l.mark(m.Number)
}

// create writes a manifest, as the next entry.
func (l *Log) create(m *Manifest) error {
	data, err := m.encode()
	if err != nil {
		return err
	}
	if err := l.store.PutIfAbsent(manifestName(m.Number), data); err != nil {
		return err
	}
	l.number = m.Number
	return nil
}

// Put writes a file of records.
func (l *Log) Put(data []byte) (File, error) {
	f := File{Length: int64(len(data)), SHA256: sum(data)}
	f.Name = f.SHA256 + dataSuffix
	l.known[f.Name] = true
	if err := l.store.PutIfAbsent(f.Name, data); err != nil && !errors.Is(err, fs.ErrExist) {
		return f, unread(l.store.Place(f.Name), err)
	}
	return f, nil
}

// Commit adds a checkpoint whose files are all written, and sets its number.
// After an error other than ErrFenced it may be there or not; both are sound.
func (l *Log) Commit(m *Manifest) error {
	m.Format, m.Number, m.Token = m.version(), l.number+1, l.token
	err := l.create(m)
	if errors.Is(err, fs.ErrExist) {
		// Ours, if an earlier attempt said that it failed.
		before, loaded := l.load(m.Number)
		if loaded != nil || before.Token != l.token {
			return fmt.Errorf("%s: %w: checkpoint %d is there already", l.store.Place(""), ErrFenced, m.Number)
		}
		l.whole, l.number = append(l.whole, before), m.Number
		m.Number++
		err = l.create(m)
	}
	if err != nil {
		return unread(l.store.Place(manifestName(m.Number)), err)
	}
	l.whole = append(l.whole, m)
	l.trust.write(l.store, l.whole)
	return l.mark(m.Number)
}

// mark writes the marker of the last entry, and takes the older markers away.
func (l *Log) mark(number int64) error {
	name := latestName(number)
	data, err := l.store.Get(manifestName(number))
	if err != nil {
		return unread(l.store.Place(manifestName(number)), err)
	}
	names, err := l.store.List()
	if err != nil {
		return placed(l.store, err)
	}
	for _, other := range names {
		if n, ok := numbered(other, manifestPrefix); ok && n > number {
			return fmt.Errorf("%s: %w: it has written checkpoint %d", l.store.Place(""), ErrFenced, n)
		}
	}
	if err := l.store.PutIfAbsent(name, seal("marker", Version1, []byte(sum(data)+"\n"))); err != nil {
		return unread(l.store.Place(name), err)
	}
	for _, old := range l.marker {
		if err := l.store.Delete(latestName(old)); err != nil {
			return unread(l.store.Place(latestName(old)), err)
		}
	}
	l.marker = []int64{number}
	return nil
}
