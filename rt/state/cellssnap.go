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
	ids    []uint32 // of a snapshot of changes: the cells that may have changed
	next   uint32   // index in ids, or id
	slots  uint32   // where next ends
	shared bool     // the shared state is still to be given
	kept   []byte   // records that wait
	gone   []byte   // records of keys that are gone, which are the first to wait
	done   bool     // all has been given, or it was dropped
}

// Next gives records.
func (s *cellsSnap) Next(bytes int, emit func(*Record)) bool {
	if s.done {
		return true
	}
	given := 0
	count := func(r *Record) {
		given += len(r.Key) + len(r.Sub) + len(r.Value)
		emit(r)
	}
	var r Record
	for len(s.kept) > 0 {
		if given >= bytes {
			return false
		}
		s.kept = takeRecord(s.kept, &r)
		count(&r)
	}
	s.kept = nil
	s.w.emit = count
	if s.shared {
		s.giveShared()
	}
	for ; s.next < s.slots; s.next++ {
		if given >= bytes {
			return false
		}
		if id := s.id(s.next); s.w.cells.Owes(id) {
			s.give(id)
		}
	}
	s.end()
	return true
}

// id is the id of the cell at a position.
func (s *cellsSnap) id(at uint32) uint32 {
	if s.mode == saveChanges {
		return s.ids[at]
	}
	return at
}

// keep keeps a record until Next takes it.
func (s *cellsSnap) keep(r *Record) { s.kept = appendRecord(s.kept, r) }

// give gives a cell that is owed to w.emit.
func (s *cellsSnap) give(id uint32) {
	s.w.mode, s.w.known = s.mode, s.w.cells.know(id)
	s.of.SaveKey(s.w, id)
	s.of.SaveCell(s.w, id)
	s.w.cells.paid(id, s.mode == saveCopy)
}

// giveShared gives the shared state to w.emit.
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
		w.gone = append(s.gone, w.gone...)
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
			w.mode, w.known = saveNone, w.cells.know(id)
			s.of.SaveCell(w, id)
			w.cells.spread(id)
		}
	}
	if !s.done {
		s.end()
	}
}
