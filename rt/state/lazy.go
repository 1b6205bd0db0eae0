package state

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"

	"github.com/flow-lang/flowc/rt/value"
)

// Lazy is a [Store] some of whose keys lie where an older program has left them. Each
// is converted when it is read, and moves when it has changed or beside the shard's work,
// bit by bit. What counts of a key is what the first place has, all of it: first this
// program's, then those of the older ones, the latest first. What lies behind goes when
// its turn comes beside, or when nothing would lie before it any more.
//
// A key that lies in the store must have been read before records of it are added to a
// batch, and all of it must be added, with [AllGone] before the entries of a collection,
// if Left reported that it lies where it was left, as a [Spill] does. What all keys have
// moves with the first batch.
type Lazy struct {
	now     Store
	formers []*formerRows // the latest first
	o       LazyOptions

	at      int   // former whose rows are moved beside,
	from    Place // and where they go on
	moving  *moving
	shared  bool        // what all keys have has moved
	storing bool        // a batch is on its way, as far as is known
	left    bool        // what was read last lies where an older program has left it
	over    atomic.Bool // nothing is left
	scratch [2]copies   // of a key that is read: as it was, and converted
}

// Former is what an older program has left.
type Former struct {
	Store   func() Store   // opens it, for the same key groups
	Convert func() Convert // makes what converts it; each is used by one goroutine
}

// A Convert turns the records of one key, all of them in the order of a [Scan], into
// those of the program that runs. What emit is given is valid during the call.
type Convert func(records []Record, emit func(*Record) error) error

// Chain converts a key by one after the other.
func Chain(first, second Convert) Convert {
	var between copies
	return func(records []Record, emit func(*Record) error) error {
		if err := between.convert(first, records); err != nil {
			return err
		}
		return second(between.list, emit)
	}
}

// LazyOptions say how keys move.
type LazyOptions struct {
	First, Last int // key groups of the shard
	Portion     int // bytes that are converted beside between two batches; 0: nothing is stored
	Aside       func(work func(beside bool))
	Pace        func() Rest // begins work beside that rests; nil: it never does
}

// Rest lets others work: what runs beside calls it again and again, and goes on when it
// returns. It returns at once when stop is closed.
type Rest func(stop <-chan struct{})

// formerRows is a Former, opened for the shard's worker and for what runs beside.
type formerRows struct {
	Former
	store   Store
	convert Convert
}

// NewLazy returns the store of a shard that has keys in formers, too, the latest first.
func NewLazy(now Store, formers []Former, o LazyOptions) *Lazy {
	l := &Lazy{now: now, o: o}
	for _, f := range formers {
		l.formers = append(l.formers, &formerRows{Former: f, store: f.Store(), convert: f.Convert()})
	}
	return l
}

// Over reports whether all keys have moved. It may be called by any goroutine.
func (l *Lazy) Over() bool { return l.over.Load() }

// Left reports whether the key that was read last lies where an older program has left it.
func (l *Lazy) Left() bool { return l.left }

// Stop ends what runs beside.
func (l *Lazy) Stop() {
	if l.moving != nil {
		l.moving.stop()
		l.moving.batch.Drop()
		l.moving = nil
	}
}

// Load looks where the key lies.
func (l *Lazy) Load(group int, key []byte, each func(*Record) error) error {
	found, err := l.loadNow(group, key, each)
	left := false
	for _, f := range l.formers[l.at:] {
		if found || err != nil {
			break
		}
		found, err = l.loadFormer(f, group, key, each)
		left = found
	}
	if !found && err == nil && l.storing {
		_, err = l.loadNow(group, key, each) // it may have moved meanwhile
	}
	l.left = left // each may have looked for other keys
	return err
}

// loadNow reads a key of the program that runs, if it is there.
func (l *Lazy) loadNow(group int, key []byte, each func(*Record) error) (found bool, err error) {
	err = l.now.Load(group, key, func(r *Record) error {
		found = true
		return each(r)
	})
	return found, err
}

// loadFormer reads and converts a key, if it is there.
func (l *Lazy) loadFormer(f *formerRows, group int, key []byte, each func(*Record) error) (found bool, err error) {
	was, now := &l.scratch[0], &l.scratch[1]
	was.reset()
	if err = f.store.Load(group, key, was.add); err != nil || len(was.list) == 0 {
		return false, err
	}
	if err = now.convert(f.convert, was.list); err != nil {
		return true, err
	}
	given := *now
	*now = copies{} // each may look for the same key
	for i := range given.list {
		if err := each(&given.list[i]); err != nil {
			return true, err
		}
	}
	*now = given
	return true, nil
}

// copies are records and all that they refer to.
type copies struct {
	text []byte
	list []Record
}

func (c *copies) reset() { c.text, c.list = c.text[:0], c.list[:0] }

// add copies a record.
func (c *copies) add(r *Record) error {
	own := *r
	own.Key, own.Sub, own.Value = c.own(r.Key), c.own(r.Sub), c.own(r.Value)
	c.list = append(c.list, own)
	return nil
}

func (c *copies) own(b []byte) []byte {
	from := len(c.text)
	c.text = append(c.text, b...)
	return c.text[from:len(c.text):len(c.text)]
}

// convert copies what becomes of the records of a key, in their order.
func (c *copies) convert(convert Convert, records []Record) error {
	c.reset()
	if err := convert(records, c.add); err != nil {
		return unconverted(err)
	}
	slices.SortStableFunc(c.list, func(a, b Record) int { return cmp.Compare(a.State, b.State) })
	return nil
}

func unconverted(err error) error {
	return fmt.Errorf("a key that an older program has saved: %w", err)
}

// Keys merges the keys of all places.
func (l *Lazy) Keys(from Place, each func(Place) bool) error {
	if len(l.formers) == 0 {
		return l.now.Keys(from, each)
	}
	list := func(s Store, each func(Place) bool) error { return s.Keys(from, each) }
	return mergeStores(l, list, Place.Compare, each)
}

// Due merges the timers of all places.
func (l *Lazy) Due(clock bool, from Turn, each func(at Turn, group int, key []byte) bool) error {
	if len(l.formers) == 0 {
		return l.now.Due(clock, from, each)
	}
	return mergeStores(l, func(s Store, each func(dueKey) bool) error {
		return s.Due(clock, from, func(at Turn, group int, key []byte) bool { return each(dueKey{at, Place{group, key}}) })
	}, dueKey.compare, func(d dueKey) bool { return each(d.at, d.of.Group, d.of.Key) })
}

// dueKey is a key by the time of its timer.
type dueKey struct {
	at Turn
	of Place
}

func (d dueKey) compare(o dueKey) int { return cmp.Or(d.at.Compare(o.at), d.of.Compare(o.of)) }

// mergeStores calls each with what all places list, in their order and what is the same
// once, until it returns false. The places of older programs are looked at first: what
// moves meanwhile is then in both.
func mergeStores[T any](l *Lazy, list func(Store, func(T) bool) error, compare func(a, b T) int, each func(T) bool) error {
	stores := []Store{l.now}
	for _, f := range l.formers {
		stores = append(stores, f.store)
	}
	errs := make([]error, len(stores))
	heads := make([]T, len(stores))
	live := make([]bool, len(stores))
	nexts := make([]func() (T, bool), len(stores))
	for i, s := range slices.Backward(stores) {
		next, stop := iter.Pull(func(yield func(T) bool) { errs[i] = list(s, yield) })
		defer stop()
		nexts[i] = next
		heads[i], live[i] = next()
	}
	for {
		least := -1
		for i := range heads {
			if live[i] && (least < 0 || compare(heads[i], heads[least]) < 0) {
				least = i
			}
		}
		if err := cmp.Or(errs...); least < 0 || err != nil {
			return err
		}
		if !each(heads[least]) {
			return nil
		}
		for i := range heads {
			if i != least && live[i] && compare(heads[i], heads[least]) == 0 {
				heads[i], live[i] = nexts[i]()
			}
		}
		heads[least], live[least] = nexts[least]()
	}
}

// Batch begins a batch with what moves.
func (l *Lazy) Batch() Batch {
	if len(l.formers) == 0 {
		return l.now.Batch()
	}
	b := &lazyBatch{l: l}
	if b.moving = l.moving; b.moving != nil {
		l.moving = nil
		b.moving.stop()
		b.Batch = b.moving.batch
	} else {
		b.Batch = l.now.Batch()
	}
	if !l.shared && l.o.First == 0 {
		b.err = l.moveShared(b.Batch)
	}
	return b
}

// moveShared gives a batch what all keys have, if it lies where it was left.
func (l *Lazy) moveShared(to Batch) error {
	var all copies
	err := l.Load(0, nil, all.add)
	if l.left {
		for i := range all.list {
			to.Add(&all.list[i])
		}
	}
	return err
}

// lazyBatch is a batch of a Lazy.
type lazyBatch struct {
	Batch
	l      *Lazy
	moving *moving // what of it was converted beside; nil if nothing was
	err    error   // of what was to move
	of     Place   // of the record that was added last
	begun  bool    // there was one
	lasts  bool    // of its key something is sure to be there
	over   bool    // the batch is stored, and that is known
}

// Add adds a record.
func (b *lazyBatch) Add(r *Record) {
	if !b.begun || r.Group != b.of.Group || !bytes.Equal(r.Key, b.of.Key) {
		b.endKey()
		b.begun, b.of = true, Place{r.Group, append(b.of.Key[:0], r.Key...)}
	}
	switch r.Gone {
	case Present:
		b.lasts = true
	case KeyGone:
		b.lasts = false
	}
	b.Batch.Add(r)
}

// endKey ends the records of a key that were added: if there may be nothing of it any
// more, what older programs have of it must not come back.
func (b *lazyBatch) endKey() {
	if b.begun && !b.lasts {
		for _, f := range b.l.formers[b.l.at:] {
			b.RemoveKey(f.store, b.of)
		}
	}
	b.lasts = false
}

// Send begins to store the batch.
func (b *lazyBatch) Send(fired, clock value.Timestamp) {
	b.endKey()
	b.l.storing = true
	b.Batch.Send(fired, clock)
}

// Done reports whether it is stored.
func (b *lazyBatch) Done() (bool, error) {
	done, err := b.Batch.Done()
	if done {
		err = b.stored(err)
	}
	return done, err
}

// Wait waits until it is.
func (b *lazyBatch) Wait() error { return b.stored(b.Batch.Wait()) }

// stored takes note that the batch is stored, once.
func (b *lazyBatch) stored(err error) error {
	if err = cmp.Or(err, b.err); err == nil && b.moving != nil {
		err = b.moving.err
	}
	if b.over || err != nil {
		return err
	}
	b.over = true
	l := b.l
	l.storing, l.shared = false, true
	if m := b.moving; m != nil {
		l.at, l.from = m.at, m.from
		if l.at == len(l.formers) {
			l.formers, l.at = nil, 0
			l.over.Store(true)
		}
	}
	l.Begin()
	return nil
}

// Drop leaves to the next batch what the one at hand was to move.
func (b *lazyBatch) Drop() {
	b.Batch.Drop()
	b.moving = nil
	b.l.Begin()
}

// moving is a part of the next batch that is made beside the shard's work: keys that
// are converted. No batch is stored meanwhile, so what is read stays as it is.
type moving struct {
	now   Store // of the program that runs
	batch Batch
	at    int   // as Lazy.at,
	from  Place // and Lazy.from, when it has ended
	err   error
	ends  chan struct{} // closed when it is to stop
	done  chan struct{}

	rest    Rest // nil: it works without a rest
	keys    int  // that were converted since it rested,
	rested  int  // and how many bytes the batch had then
	stopped bool
}

// How much is converted between two rests.
const (
	restKeys  = 256
	restBytes = 32 << 10
)

func (m *moving) stop() {
	close(m.ends)
	<-m.done
}

// more reports whether more keys are to move, after a rest if it is time for one.
func (m *moving) more(most int) bool {
	if m.stopped || m.batch.Bytes() >= most {
		return false
	}
	if m.keys++; m.rest != nil && (m.keys >= restKeys || m.batch.Bytes()-m.rested >= restBytes) {
		m.rest(m.ends)
		m.keys, m.rested = 0, m.batch.Bytes()
	}
	select {
	case <-m.ends:
		m.stopped = true
	default:
	}
	return !m.stopped
}

// Begin begins to convert keys beside; the next batch moves them, and when it is stored
// more are begun with. Who opens the store has to call it once, or its first batch moves
// none.
func (l *Lazy) Begin() {
	if l.o.Portion <= 0 || len(l.formers) == 0 || l.moving != nil {
		return
	}
	m := &moving{
		now: l.now, batch: l.now.Batch(), at: l.at, from: l.from.Own(),
		ends: make(chan struct{}), done: make(chan struct{}),
	}
	l.moving = m
	formers := l.formers
	l.o.Aside(func(beside bool) {
		defer close(m.done)
		if beside && l.o.Pace != nil {
			m.rest = l.o.Pace()
		}
		for again := true; again; again = m.err == nil && m.at < len(formers) && m.more(l.o.Portion) {
			m.err = m.part(formers[m.at:], l.o.Portion)
		}
	})
}

// part converts keys of the first of some formers, at least one so that batches that
// follow at once move all, until there are no more or enough.
func (m *moving) part(formers []*formerRows, most int) error {
	of := formers[0].Store()
	keys, err := scanKeys(of, m.from)
	if err != nil {
		return err
	}
	moved := movedKeys{store: m.now}
	defer moved.close()
	convert := formers[0].Convert()
	some := false
	add := func(r *Record) error {
		some = true
		m.batch.Add(r)
		return nil
	}
	for first := true; ; first = false {
		records, err := keys.next()
		if err != nil || len(records) == 0 {
			if err == nil {
				m.batch.RemoveKeys(of, m.from, nil)
				m.batch.RemoveTimers(of)
				m.at, m.from = m.at+1, Place{}
			}
			return cmp.Or(err, keys.close())
		}
		at := placeOf(records)
		if !first && !m.more(most) {
			to := at.Own()
			m.batch.RemoveKeys(of, m.from, &to)
			m.from = to
			return keys.close()
		}
		already, err := moved.has(at)
		if err != nil {
			return cmp.Or(keys.close(), err)
		}
		if already {
			continue
		}
		some = false
		if err := convert(records, add); err != nil {
			return cmp.Or(keys.close(), unconverted(err))
		}
		if !some { // nor does what lies behind count
			for _, f := range formers[1:] {
				m.batch.RemoveKey(f.store, at)
			}
		}
	}
}

// movedKeys says which keys a store has, of keys that are asked for in their order.
type movedKeys struct {
	store Store
	next  func() (Place, bool)
	stop  func() // nil before the first question
	head  Place  // the next key of the store,
	live  bool   // if there is one
	err   error
}

// has reports whether the store has a key.
func (k *movedKeys) has(at Place) (bool, error) {
	const near = 8 // keys that are gone over before the store is asked anew
	for n := 0; k.stop == nil || k.live && k.head.Compare(at) < 0; n++ {
		if k.stop == nil || n == near {
			k.close()
			k.next, k.stop = iter.Pull(func(yield func(Place) bool) { k.err = k.store.Keys(at, yield) })
		}
		k.head, k.live = k.next()
	}
	return k.live && k.head.Compare(at) == 0, k.err
}

// close ends the questions.
func (k *movedKeys) close() {
	if k.stop != nil {
		k.stop()
	}
}
