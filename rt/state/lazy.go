package state

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"sync/atomic"
)

// Lazy is a [Store] some of whose keys lie where an older program has left them. Each
// is converted when it is first read, or beside the shard's work, bit by bit, and moves
// with the next batch: it is in one of the places, all of it.
//
// A key that lies in the store must have been read before records of it are added to a
// batch, as a [Spill] does.
type Lazy struct {
	now     Store
	formers []*formerRows // the latest first
	o       LazyOptions

	moved   Encoder // records of keys that were read: the next batch moves them
	at      int     // former whose rows are moved beside,
	from    Place   // and where they go on
	moving  *moving
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
	First, Last int // key groups of the shard; keys of others, which all have, stay
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
	gone    Encoder // records that were read: the next batch removes them
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

// Full reports whether much has been read that the next batch is to move.
func (l *Lazy) Full() bool { return l.o.Portion > 0 && l.moved.Len() > l.o.Portion }

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
	found := false
	err := l.now.Load(group, key, func(r *Record) error {
		found = true
		return each(r)
	})
	for _, f := range l.formers {
		if found || err != nil {
			return err
		}
		found, err = l.loadFormer(f, group, key, each)
	}
	return err
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
	if l.o.Portion > 0 && group >= l.o.First && group <= l.o.Last {
		for i := range was.list {
			r := was.list[i]
			r.Value = nil
			f.gone.Add(&r)
		}
		for i := range now.list {
			l.moved.Add(&now.list[i])
		}
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

// mergeStores calls each with what all places list, in their order, until it returns
// false.
func mergeStores[T any](l *Lazy, list func(Store, func(T) bool) error, compare func(a, b T) int, each func(T) bool) error {
	stores := []Store{l.now}
	for _, f := range l.formers {
		stores = append(stores, f.store)
	}
	errs := make([]error, len(stores))
	heads := make([]T, len(stores))
	live := make([]bool, len(stores))
	nexts := make([]func() (T, bool), len(stores))
	for i, s := range stores {
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
		heads[least], live[least] = nexts[least]()
	}
}

// Batch begins a batch with what moves.
func (l *Lazy) Batch() Batch {
	b := &lazyBatch{l: l}
	if b.moving = l.moving; b.moving != nil {
		l.moving = nil
		b.moving.stop()
		b.Batch = b.moving.batch
	} else {
		b.Batch = l.now.Batch()
	}
	for _, f := range l.formers {
		f.gone.each(func(r *Record) { b.Remove(f.store, r) })
		b.gone = append(b.gone, f.gone)
		f.gone = Encoder{}
	}
	l.moved.each(b.Add)
	b.moved, l.moved = l.moved, Encoder{}
	return b
}

// lazyBatch is a batch of a Lazy.
type lazyBatch struct {
	Batch
	l      *Lazy
	moving *moving // what of it was converted beside; nil if nothing was
	moved  Encoder // as Lazy.moved
	gone   []Encoder
	over   bool // it is stored, and that is known
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
	if m := b.moving; m != nil && err == nil {
		err = m.err
	}
	if b.over || err != nil {
		return err
	}
	b.over = true
	l := b.l
	if m := b.moving; m != nil {
		l.at, l.from = m.at, m.from
		if l.at == len(l.formers) {
			l.formers = nil
			l.over.Store(true)
		}
	}
	b.moved, b.gone = Encoder{}, nil
	l.Begin()
	return nil
}

// Drop leaves to the next batch what the one at hand was to move.
func (b *lazyBatch) Drop() {
	b.Batch.Drop()
	l := b.l
	b.moved.append(&l.moved)
	l.moved = b.moved
	for i, f := range l.formers {
		b.gone[i].append(&f.gone)
		f.gone = b.gone[i]
	}
	b.moving = nil
	l.Begin()
}

// moving is a part of the next batch that is made beside the shard's work: keys that
// are converted. No batch is stored meanwhile, so what is read stays as it is.
type moving struct {
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
// none but those that were read.
func (l *Lazy) Begin() {
	if l.o.Portion <= 0 || len(l.formers) == 0 || l.moving != nil {
		return
	}
	m := &moving{
		batch: l.now.Batch(), at: l.at, from: l.from.Own(),
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
			m.err = m.part(formers[m.at], l.o.Portion)
		}
	})
}

// part converts keys of a former, at least one so that batches that follow at once move
// all, until there are no more or enough.
func (m *moving) part(f *formerRows, most int) error {
	of := f.Store()
	keys, err := scanKeys(of, m.from)
	if err != nil {
		return err
	}
	convert := f.Convert()
	add := func(r *Record) error {
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
		if !first && !m.more(most) {
			to := placeOf(records).Own()
			m.batch.RemoveKeys(of, m.from, &to)
			m.from = to
			return keys.close()
		}
		if err := convert(records, add); err != nil {
			return cmp.Or(keys.close(), unconverted(err))
		}
	}
}
