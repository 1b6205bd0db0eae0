package state

// Journal remembers what the handler at hand has changed in the collections of
// one operator, so that a handler that fails can be undone whole. One Journal
// serves all collections of an operator.
//
// A handler works on a copy of its cell, which holds the handles of collections
// but not what is in them. After it the generated code either keeps the copy and
// calls [Journal.Commit], or keeps the cell as it was and calls
// [Journal.Rollback].
type Journal struct {
	touched []undoer // collections with changes, in order of their first
	counts  *Counts
}

// undoer is a collection that has changes to undo or to forget.
type undoer interface {
	undo()
	forget()
	stored() int // entries that changes are about
}

// Counts is what operations on collections have cost, in entries: for tests of
// what the language promises.
type Counts struct {
	Read    int // looked up one by one
	Written int // put or removed, each time it was
	Scanned int // visited by loops and by the ends of ranges
	Stored  int // written in handlers that were kept, once for each handler
}

// NewJournal returns an empty journal.
func NewJournal() *Journal { return &Journal{} }

// Count makes the collections of the journal count what they do in c, from now
// on; nil ends it.
func (j *Journal) Count(c *Counts) { j.counts = c }

// Commit keeps the changes and forgets what they replaced. It ends a handler.
func (j *Journal) Commit() {
	if len(j.touched) == 0 {
		return
	}
	for _, u := range j.touched {
		if j.counts != nil {
			j.counts.Stored += u.stored()
		}
		u.forget()
	}
	j.touched = j.touched[:0]
}

// Rollback undoes the changes since the last Commit or Rollback. Handles are as
// they were when they are copied back with the cell.
func (j *Journal) Rollback() {
	for _, u := range j.touched {
		u.undo()
		u.forget()
	}
	j.touched = j.touched[:0]
}

func (j *Journal) read(n int) {
	if j.counts != nil {
		j.counts.Read += n
	}
}

func (j *Journal) wrote(n int) {
	if j.counts != nil {
		j.counts.Written += n
	}
}

func (j *Journal) scanned(n int) {
	if j.counts != nil {
		j.counts.Scanned += n
	}
}
