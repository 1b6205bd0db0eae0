package state

import (
	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/value"
)

// Saved is what generated code tells a [Saver] about its operator.
type Saved interface {
	// SaveKey tells what the key of an id is, by [Saver.Begin].
	SaveKey(w *Saver, id uint32)
	// SaveCell gives what the cell of an id holds.
	SaveCell(w *Saver, id uint32)
	// SaveShared gives what the shard holds for all keys.
	SaveShared(w *Saver)
}

// SavedMessages is a Saved whose operator holds messages that wait.
type SavedMessages interface {
	// SaveMessages gives the messages, by [Waiting.Save].
	SaveMessages(w *Saver)
}

// cells is a table as a Saver sees it.
type cells interface {
	track(gone func(id uint32))
	cut(all, copies bool) (changed []uint32, many bool)
	ended()
	Owes(id uint32) bool
	pay(id uint32, copies bool) (known *uint32)
	paid(id uint32, copies bool)
	spread(id uint32)
	Know(id uint32) *uint32
	touchKnown(ids []uint32)
	slots() uint32
	isAlive(id uint32) bool
	spilled
}

// Saver makes the snapshots of one shard of an operator. It is the part of
// [Durable] that is the same for all operators: generated code calls it before
// it changes a cell that a snapshot owes, and is called back for what to give.
type Saver struct {
	cells  cells
	groups int  // key groups of the job
	first  bool // of the shards: it gives what all have

	tracks   bool
	gone     Encoder    // records of keys that are gone, of the epoch at hand
	shared   uint32     // what snapshots know of the shared state
	snapshot *cellsSnap // the last one, until it has ended; nil if there is none
	store    *Spill     // where cells go that memory has no room for; nil if it has
	weigh    *weigher   // of the cell at hand, if all that it has is given to a store; else nil

	// Of the record at hand.
	mode    saveMode
	known   *uint32 // what snapshots know of its key
	rec     Record
	key     []byte
	sub     []byte
	val     []byte
	row     Row
	into    []byte   // takes the fields of a row: the section, or the room of row.Fields
	direct  bool     // it is the section
	begun   int      // where the length of all fields stands in it
	field   int      // where the field at hand begins
	out     *Encoder // takes what is given; nil: emit does
	emit    func(*Record)
	emitRow func(*Row) // takes rows instead of emit; nil: emit takes their records

	// Of a restore.
	in     avro.Reader
	fields decoder // of the row at hand
	hashes []uint64
	rows   bool // there were rows
	pieces bool // there were records of keys
	lastID uint32
	last   []byte // the key of lastID
	isLast bool
}

// saveMode says what is done with what a cell holds.
type saveMode uint8

const (
	saveChanges saveMode = iota // what snapshots do not have is given
	saveAll                     // all is given
	saveCopy                    // all is given, and snapshots of changes do not count on it
	saveNone                    // nothing is given, and snapshots may not have any of it, or any other
	saveKnown                   // nothing is given, as a snapshot has it already
)

// NewSaver returns the saver of one shard, given its table of cells, the number
// of key groups, and whether the shard is the first.
func NewSaver(cells cells, groups int, first bool) *Saver {
	return &Saver{cells: cells, groups: groups, first: first}
}

// Owes reports whether a snapshot is to be given the cell of an id, by
// [Saver.Give], before it is changed.
func (w *Saver) Owes(id uint32) bool { return w.snapshot != nil && w.cells.Owes(id) }

// OwesShared is Owes for what the shard holds for all keys.
func (w *Saver) OwesShared() bool { return w.snapshot != nil && w.snapshot.shared }

// Give gives the cell of an id to the snapshot that owes it.
func (w *Saver) Give(of Saved, id uint32) {
	s := w.snapshot
	w.out = &s.kept
	s.give(id)
}

// GiveShared is Give for what the shard holds for all keys.
func (w *Saver) GiveShared(of Saved) {
	w.out = &w.snapshot.kept
	w.snapshot.giveShared()
}

// Track begins to note changes.
func (w *Saver) Track(of Saved) {
	if w.tracks {
		return
	}
	w.tracks = true
	w.cells.track(func(id uint32) { w.goneKey(of, id) })
	if !w.rows || w.pieces { // what is known of keys is known from their rows otherwise
		for id := range w.cells.slots() {
			if w.cells.isAlive(id) {
				w.Adopt(of, id)
			}
		}
	}
	w.adoptShared(of)
}

// adoptShared is Adopt for what the shard holds for all keys.
func (w *Saver) adoptShared(of Saved) {
	w.mode, w.known = saveKnown, &w.shared
	of.SaveShared(w)
	w.saveMessages(of)
}

// saveMessages gives the messages that wait, which are not part of a cell.
func (w *Saver) saveMessages(of Saved) {
	if m, ok := of.(SavedMessages); ok {
		m.SaveMessages(w)
	}
}

// Adopt takes what the cell of an id holds as what snapshots have.
func (w *Saver) Adopt(of Saved, id uint32) {
	w.mode, w.known = saveKnown, w.cells.Know(id)
	of.SaveCell(w, id)
}

// AdoptWhole is Adopt of a cell all of which is to be given once any of it has changed,
// with what takes it away before: a store has it elsewhere.
func (w *Saver) AdoptWhole(of Saved, id uint32) {
	w.mode, w.known = saveNone, w.cells.Know(id)
	of.SaveCell(w, id)
}

// goneKey notes that a key that snapshots know is about to be removed.
func (w *Saver) goneKey(of Saved, id uint32) {
	of.SaveKey(w, id)
	w.rec = Record{Group: w.rec.Group, Key: w.key, Gone: KeyGone}
	w.gone.Add(&w.rec)
	if w.store != nil {
		w.store.forget(&w.rec)
	}
}

// Cut begins a snapshot and ends the epoch.
func (w *Saver) Cut(of Saved, all bool) Snapshot {
	if all {
		w.Track(of)
	} else if !w.tracks {
		panic("state: a snapshot of changes that nobody has noted: Track comes before")
	}
	mode := saveChanges
	if all {
		mode = saveAll
	}
	return w.begin(of, mode)
}

// Copy begins a snapshot of all.
func (w *Saver) Copy(of Saved) Snapshot { return w.begin(of, saveCopy) }

func (w *Saver) begin(of Saved, mode saveMode) Snapshot {
	if w.snapshot != nil && !w.snapshot.done {
		panic("state: a snapshot begins before the one before it has ended")
	}
	s := &cellsSnap{w: w, of: of, mode: mode, shared: w.first, slots: w.cells.slots()}
	s.ids, s.many = w.cells.cut(mode != saveChanges, mode == saveCopy)
	if !s.many {
		s.slots = uint32(len(s.ids))
	}
	if mode != saveCopy {
		s.gone, w.gone = w.gone, Encoder{}
	}
	if mode == saveChanges {
		s.kept.append(&s.gone)
	}
	w.snapshot = s
	w.mode, w.out = mode, &s.kept
	w.saveMessages(of)
	return s
}

// Begin says whose records come: of a key with that hash, which is written to
// what is returned and given to [Saver.Key].
func (w *Saver) Begin(hash uint64) []byte {
	w.rec.Group = value.Group(hash, w.groups)
	return w.key[:0]
}

// Key sets the key of the records that come.
func (w *Saver) Key(key []byte) { w.key = key }

// bit is the bit of a state in what snapshots know of a key. The last bit is
// that of all further states.
func bit(state int) uint32 { return 1 << min(state, 31) }

// Has says whether there is a value of a state, and reports whether it is to be
// given, by [Saver.Room] and [Saver.Put].
func (w *Saver) Has(state int, has bool) bool {
	if !has {
		w.clear(state)
		return false
	}
	if w.mode != saveCopy {
		*w.known |= bit(state)
	}
	w.rec.State = state
	return w.gives()
}

// gives reports whether records are given.
func (w *Saver) gives() bool { return w.mode <= saveCopy }

// clear says that there is nothing of a state any more.
func (w *Saver) clear(state int) {
	if w.mode == saveChanges && *w.known&bit(state) != 0 {
		w.put(Record{State: state, Group: w.rec.Group, Gone: AllGone})
	}
	if w.mode != saveCopy && w.mode != saveNone && state < 31 {
		*w.known &^= bit(state)
	}
}

// Room returns the buffer that a value is appended to.
func (w *Saver) Room() []byte { return w.val[:0] }

// Put gives a value of the state that [Saver.Has] was asked about. written is
// what its life counts from, 0 without a ttl.
func (w *Saver) Put(val []byte, written value.Timestamp) {
	w.val = val
	w.put(Record{State: w.rec.State, Group: w.rec.Group, Value: val, Written: written})
}

func (w *Saver) put(r Record) {
	w.rec = r
	w.rec.Key = w.key
	if w.weigh != nil {
		w.weigh.add(&w.rec)
	}
	if w.out != nil {
		w.out.Add(&w.rec)
		return
	}
	w.emit(&w.rec)
}

// entry gives an entry of a collection: w.sub and w.val.
func (w *Saver) entry(state int, written value.Timestamp) {
	w.put(Record{State: state, Group: w.rec.Group, Sub: w.sub, Value: w.val, Written: written})
}

// entryGone says that the entry w.sub is gone.
func (w *Saver) entryGone(state int) {
	w.put(Record{State: state, Group: w.rec.Group, Sub: w.sub, Gone: EntryGone})
}
