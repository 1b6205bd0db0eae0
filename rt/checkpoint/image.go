package checkpoint

import (
	"fmt"

	"github.com/flow-lang/flowc/rt/state"
)

// An Image is a snapshot of a job that another job may go on from: a checkpoint
// or a savepoint.
type Image interface {
	// State returns what the image holds besides records.
	State() *State

	// Records calls each with all records of an operator whose key groups are
	// from first to last, those of one key group in an order in which they can be
	// applied. A record is good until each returns. It may be called by several
	// goroutines.
	Records(operator, first, last int, each func(*state.Record) error) error

	// Changes returns how many bytes the records take that Records gives of those key
	// groups, 0 if each is of another entry and none takes anything away.
	Changes(operator, first, last int) int64

	// Place returns where the image is, for messages.
	Place() string
}

// Image returns a checkpoint of the log as an image. Its files are verified
// again as they are read.
func (l *Log) Image(m *Manifest) Image { return image{l.store, m, &l.seen, &l.unread} }

type image struct {
	store    Store
	manifest *Manifest
	seen     *seen
	unread   *unverified
}

func (i image) State() *State { return &i.manifest.State }

func (i image) Place() string { return i.store.Place(manifestName(i.manifest.Number)) }

// Records reads the sections by epoch. What is older than the newest base of a
// record's key group does not count.
func (i image) Records(operator, first, last int, each func(*state.Record) error) error {
	return i.RecordsAhead(operator, first, last, nil, each)
}

// RestoreRows calls rows with those records of Records that stand in rows, many at
// once, and each with the others.
func (i image) RestoreRows(operator, first, last int, rows func([]state.Row) error, each func(*state.Record) error) error {
	uid := i.manifest.Operators[operator].UID
	if of := i.manifest.Stores.Operator(uid); of != nil {
		return i.storedRecords(of, first, last, each)
	}
	floor := floors(i.manifest.Operators[operator].Sections)
	wanted := func(s Section, _ string) bool { return s.Last >= first && s.First <= last }
	return i.eachSection(operator, wanted, func(s Section, data []byte) error {
		counted := func(group int) (bool, error) {
			if group < s.First || group > s.Last {
				return false, notOf(s, group)
			}
			return group >= first && group <= last && counts(floor, group, s.Epoch), nil
		}
		all := first <= s.First && s.Last <= last
		for group := s.First; group <= s.Last && all; group++ {
			all = counts(floor, group, s.Epoch)
		}
		return state.DecodeRows(data, func(lot []state.Row) error {
			n := 0
			for k := range lot {
				lot[k].First = s.Base // a base has a row of each key, and what is older does not count
				if group := lot[k].Group; all && group >= s.First && group <= s.Last {
					n++
					continue
				}
				ok, err := counted(lot[k].Group)
				if err != nil {
					return err
				}
				if !ok {
					continue
				}
				if n < k {
					lot[n] = lot[k]
				}
				n++
			}
			return rows(lot[:n])
		}, func(r *state.Record) error {
			ok, err := counted(r.Group)
			if !ok {
				return err
			}
			return each(r)
		})
	})
}

// notOf is the error of what a section cannot have.
func notOf(s Section, group int) error {
	return fmt.Errorf("a record of key group %d in a section of groups %d to %d", group, s.First, s.Last)
}

// Keys estimates from the bases how many keys with rows there are of those key groups.
func (i image) Keys(operator, first, last int) int {
	keys := 0
	for _, s := range Needed(i.manifest.Operators[operator].Sections) {
		overlap := min(last, s.Last) - max(first, s.First) + 1
		if s.Base && overlap > 0 {
			keys += s.Rows * overlap / (s.Last - s.First + 1)
		}
	}
	return keys
}

// RecordsAhead is Records that tells of some records before it calls each with
// them, and with others that do not count, so that what they need can be fetched at
// once.
func (i image) RecordsAhead(operator, first, last int, ahead func([]state.Record), each func(*state.Record) error) error {
	uid := i.manifest.Operators[operator].UID
	if of := i.manifest.Stores.Operator(uid); of != nil {
		return i.storedRecords(of, first, last, each)
	}
	floor := floors(i.manifest.Operators[operator].Sections)
	wanted := func(s Section, _ string) bool { return s.Last >= first && s.First <= last }
	return i.sections(operator, wanted, ahead, func(s Section, r *state.Record) error {
		if r.Group < first || r.Group > last || !counts(floor, r.Group, s.Epoch) {
			return nil
		}
		return each(r)
	})
}

// Changes returns the length of all sections if one of them has changes of another.
func (i image) Changes(operator, first, last int) int64 {
	size, changes := int64(0), false
	for _, s := range Needed(i.manifest.Operators[operator].Sections) {
		if s.Last >= first && s.First <= last {
			size += s.Length
			changes = changes || !s.Base && s.Length > 0
		}
	}
	if !changes {
		return 0
	}
	return size
}

// Sections calls each with the records of those sections of a checkpoint that are
// wanted, by epoch. wanted is told the name of the file that a section lies in, ""
// if it is empty.
func (l *Log) Sections(m *Manifest, operator int, wanted func(s Section, file string) bool, each func(*state.Record) error) error {
	return image{l.store, m, &l.seen, &l.unread}.sections(operator, wanted, nil, func(_ Section, r *state.Record) error { return each(r) })
}

func (i image) sections(operator int, wanted func(Section, string) bool, ahead func([]state.Record), each func(Section, *state.Record) error) error {
	return i.eachSection(operator, wanted, func(s Section, data []byte) error {
		return state.DecodeAhead(data, ahead, func(r *state.Record) error {
			if r.Group < s.First || r.Group > s.Last {
				return notOf(s, r.Group)
			}
			return each(s, r)
		})
	})
}

// eachSection calls do with the sections of an operator that are wanted, by epoch.
func (i image) eachSection(operator int, wanted func(Section, string) bool, do func(s Section, data []byte) error) error {
	op := &i.manifest.Operators[operator]
	cached, data := -1, []byte(nil)
	for _, s := range op.Sections {
		name := ""
		if s.Length > 0 {
			name = i.manifest.Files[s.File].Name
		}
		if !wanted(s, name) || s.Length == 0 {
			continue
		}
		if s.File != cached {
			var err error
			if data, err = i.file(s.File, data); err != nil {
				return err
			}
			cached = s.File
		}
		if err := do(s, data[s.Offset:s.Offset+s.Length]); err != nil {
			return fmt.Errorf("%s: operator %q: %w", i.store.Place(name), op.UID, err)
		}
	}
	return nil
}

// floors returns, by key group, the epoch of the newest base.
func floors(sections []Section) []int64 {
	var floor []int64
	var before Section
	for _, s := range sections {
		if !s.Base || s.First == before.First && s.Last == before.Last && s.Epoch == before.Epoch {
			continue
		}
		before = s
		for len(floor) <= s.Last {
			floor = append(floor, 0)
		}
		for g := s.First; g <= s.Last; g++ {
			floor[g] = max(floor[g], s.Epoch)
		}
	}
	return floor
}

// counts reports whether records of a key group that were written in an epoch
// count.
func counts(floor []int64, group int, epoch int64) bool {
	return group >= len(floor) || epoch >= floor[group]
}

// Needed returns the sections that still count, of sections by epoch: those of
// which some key group has no newer base.
func Needed(sections []Section) []Section {
	floor := floors(sections)
	var needed []Section
	for _, s := range sections {
		for g := s.First; g <= s.Last; g++ {
			if counts(floor, g, s.Epoch) {
				needed = append(needed, s)
				break
			}
		}
	}
	return needed
}
