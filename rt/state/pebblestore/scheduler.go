package pebblestore

import (
	"sync"

	"github.com/cockroachdb/pebble/v2"
)

// scheduler lets one compaction run at a time, and none while the database is opened:
// Open would wait for its end.
type scheduler struct {
	pebble.ConcurrencyLimitScheduler // says nothing to what runs
	db                               pebble.DBForCompaction

	granting sync.Mutex // held while the database is asked to run one

	mu   sync.Mutex // guards what follows; never held while the database is called
	open bool
	over bool
	runs bool
}

// Register takes the database.
func (s *scheduler) Register(_ int, db pebble.DBForCompaction) { s.db = db }

// Unregister lets nothing run any more.
func (s *scheduler) Unregister() {
	s.granting.Lock()
	defer s.granting.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over = true
}

// TrySchedule reports whether a compaction may run now.
func (s *scheduler) TrySchedule() (bool, pebble.CompactionGrantHandle) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.open || s.over || s.runs {
		return false, nil
	}
	s.runs = true
	return true, s
}

// Done takes note that a compaction has ended, and runs one that waits.
func (s *scheduler) Done() {
	s.mu.Lock()
	s.runs = false
	s.mu.Unlock()
	s.grant()
}

// begin lets compactions run.
func (s *scheduler) begin() {
	s.mu.Lock()
	s.open = true
	s.mu.Unlock()
	s.grant()
}

// grant runs a compaction that waits, if there is one.
func (s *scheduler) grant() {
	s.granting.Lock()
	defer s.granting.Unlock()
	if ok, handle := s.TrySchedule(); ok && !s.db.Schedule(handle) {
		s.mu.Lock()
		s.runs = false
		s.mu.Unlock()
	}
}

// UpdateGetAllowedWithoutPermission does nothing: it is always one.
func (s *scheduler) UpdateGetAllowedWithoutPermission() {}
