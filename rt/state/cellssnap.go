package state

// cellsSnap is a snapshot of the cells of one shard.
//
// It goes over the cells that it owes one by one. Those that handlers are about
// to change before it comes to them are given at once; what they hold waits in
// kept, encoded, so that a handler waits for no more than its own key.
type cellsSnap struct {
	w      *Saver
	of     Saved
	mode   saveMode
	many   bool     // it is about all cells, or about so many that it looks at all
	ids    []uint32 // of those that it may owe, unless many
	next   uint32   // index in ids, or id
	slots  uint32   // where next ends
	shared bool     // the shared state is still to be given
	kept   Encoder  // what waits
	taken  decoder  // of what has waited: what Next has not given yet
	record Record   // that was taken last
	row    Row      // the same
	gone   Encoder  // records of keys that are gone, which are the first to wait
	done   bool     // all has been given, or it was dropped
}

// Next gives records.
func (s *cellsSnap) Next(bytes int, emit func(*Record)) bool { return s.giveTo(bytes, emit, nil) }

// giveTo is Next that gives rows as they are, if rows is not nil.
func (s *cellsSnap) giveTo(bytes int, emit func(*Record), rows func(*Row)) bool {
	if s.done {
		return true
	}
	given := 0
	count := func(r *Record) {
		given += len(r.Key) + len(r.Sub) + len(r.Value)
		emit(r)
	}
	var countRow func(*Row)
	if rows != nil {
		countRow = func(r *Row) {
			given += len(r.Key) + len(r.Fields)
			rows(r)
		}
	}
	for len(s.taken.rest) > 0 || s.kept.Len() > 0 {
		if given >= bytes {
			return false
		}
		if len(s.taken.rest) == 0 {
			s.taken = decoder{rest: s.kept.Take()}
		}
		s.take(count, countRow)
	}
	s.w.out, s.w.emit, s.w.emitRow = nil, count, countRow
	return s.rest(func() bool { return given >= bytes })
}

// take calls each with the next record that has waited, or with those of a row, unless
// rows takes it.
func (s *cellsSnap) take(each func(*Record), rows func(*Row)) {
	isRow, err := s.taken.next(&s.record, &s.row)
	switch {
	case err == nil && isRow && rows != nil:
		rows(&s.row)
	case err == nil && isRow:
		err = s.row.Records(func(r *Record) error {
			each(r)
			return nil
		})
	case err == nil:
		each(&s.record)
	}
	if err != nil { // it was encoded here
		panic("state: what waits for a snapshot cannot be read: " + err.Error())
	}
}

// Encode is Next that writes what it gives.
func (s *cellsSnap) Encode(bytes int, to *Encoder) bool {
	if s.done {
		return true
	}
	enough := to.Len() + bytes
	to.append(&s.kept)
	s.kept = Encoder{buf: s.kept.buf[:0]}
	s.w.out = to
	return s.rest(func() bool { return to.Len() >= enough })
}

// rest gives what does not wait, until there is enough, and reports whether all has
// been given.
func (s *cellsSnap) rest(enough func() bool) bool {
	if s.shared {
		s.giveShared()
	}
	for touched := s.next; s.next < s.slots; s.next++ {
		if enough() {
			return false
		}
		if s.next == touched && !s.many {
			touched = min(s.next+atOnce, s.slots)
			s.w.cells.touchKnown(s.ids[s.next:touched])
		}
		s.give(s.id(s.next))
	}
	s.end()
	return true
}

// id is the id of the cell at a position.
func (s *cellsSnap) id(at uint32) uint32 {
	if s.many {
		return at
	}
	return s.ids[at]
}

// give gives a cell if it is owed.
func (s *cellsSnap) give(id uint32) {
	known := s.w.cells.pay(id, s.mode == saveCopy)
	if known == nil {
		return
	}
	s.w.mode, s.w.known = s.mode, known
	s.of.SaveKey(s.w, id)
	if store := s.w.store; store != nil {
		store.note(store.cutting, id, s.w.rec.Group, s.w.key)
		if *s.w.known == 0 {
			s.w.weigh = store.weigh()
		}
	}
	s.of.SaveCell(s.w, id)
	if s.w.weigh != nil {
		s.w.weigh = nil
		s.w.store.weighed()
	}
}

// giveShared gives the shared state.
func (s *cellsSnap) giveShared() {
	s.shared = false
	s.w.mode, s.w.known = s.mode, &s.w.shared
	s.w.key = s.w.key[:0]
	s.w.rec = Record{}
	s.of.SaveShared(s.w)
}

func (s *cellsSnap) end() {
	s.done = true
	s.w.cells.ended()
}

// Drop gives the snapshot up: of what it has given or was about to give,
// snapshots may have anything now.
func (s *cellsSnap) Drop() {
	w := s.w
	if w.snapshot != s {
		return
	}
	w.snapshot = nil
	if s.mode != saveCopy {
		s.gone.append(&w.gone)
		w.gone = s.gone
		w.shared = ^uint32(0)
		w.mode, w.known = saveNone, &w.shared
		s.of.SaveShared(w)
		w.saveMessages(s.of)
	}
	for at := range s.slots {
		id := s.id(at)
		if !w.cells.isAlive(id) {
			continue
		}
		if !s.done {
			w.cells.paid(id, s.mode == saveCopy)
		}
		if s.mode != saveCopy {
			w.mode, w.known = saveNone, w.cells.Know(id)
			s.of.SaveCell(w, id)
			w.cells.spread(id)
		}
	}
	if !s.done {
		s.end()
	}
}
