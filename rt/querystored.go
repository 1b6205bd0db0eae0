package rt

import (
	"slices"

	"github.com/flow-lang/flowc/rt/state"
)

// How keys are listed whose state lies in a store
//
// Some keys are in memory, some in the store, some in both, and they move while a
// list is read. So a list goes by places, which stay: a page has the next places of
// both. Memory is looked at first, a piece at a time: a key that leaves it meanwhile
// is in the store by then.

// scanPlaces is how many keys a scan of a store visits, and storedAtOnce how many of
// them while the shard rests: each may have to be read from disk.
const (
	scanPlaces   = 1024
	storedAtOnce = 32
)

// scanStored visits the keys of the shard at c that are next, and moves c on.
func (s *QueryState) scanStored(c *Cursor, q Query, limit int, row func([]byte, *Query)) (rows int, err error) {
	sh := s.stage.shards[c.Shard]
	next, err := sh.nextPlaces(c.Place)
	if err != nil {
		return 0, err
	}
	if len(next) == 0 {
		*c = Cursor{Shard: c.Shard + 1}
		return 0, nil
	}
	for len(next) > 0 && rows < limit && err == nil {
		sh.rest.look(func() {
			l := s.lister(sh, &q, row)
			if err = q.Err; err != nil {
				return
			}
			for n := 0; n < storedAtOnce && len(next) > 0 && rows+l.rows < limit && err == nil; n++ {
				c.Place, next = next[0], next[1:]
				var id uint32
				var ok bool
				if id, ok, err = sh.spill.Find(c.Place); ok {
					l.list(id)
				}
			}
			rows += l.rows
			sh.looked()
		})
	}
	return rows, err
}

// nextPlaces returns the first keys behind a place, in memory and in the store; none
// if there are none.
func (sh *shard) nextPlaces(behind state.Place) (next []state.Place, err error) {
	op := sh.op.(Queryable)
	for at, over := uint32(0), false; !over; {
		sh.rest.look(func() {
			for range scanSlots {
				id, ok := op.NextKey(at)
				if over = !ok; over {
					return
				}
				at = id + 1
				if p := sh.spill.PlaceOf(id); follows(p, behind) {
					next = append(next, p.Own())
				}
			}
		})
		next = firstPlaces(next)
	}
	sh.rest.look(func() {
		n := 0
		err = sh.spill.Stored(behind, func(p state.Place) bool {
			if follows(p, behind) {
				next = append(next, p.Own())
				n++
			}
			return n < scanPlaces
		})
	})
	return firstPlaces(next), err
}

// follows reports whether a place stands behind that of a cursor, which is the zero
// Place if it has seen nothing.
func follows(p, cursor state.Place) bool { return cursor.Key == nil || p.Compare(cursor) > 0 }

// looked lets cells leave memory that somebody's question has brought there.
func (sh *shard) looked() {
	if sh.spill != nil {
		sh.spill.Tick(sh.in.mark, sh.task.now) // the next step sees whether there is no room
	}
}

// firstPlaces returns the first scanPlaces of a list, in order, each once.
func firstPlaces(list []state.Place) []state.Place {
	slices.SortFunc(list, state.Place.Compare)
	list = slices.CompactFunc(list, func(a, b state.Place) bool { return a.Compare(b) == 0 })
	return list[:min(len(list), scanPlaces)]
}
