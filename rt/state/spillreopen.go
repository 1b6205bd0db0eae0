package state

// Reopen takes what the store holds, which was filled by another job that ended, as
// the shard's state: instead of [Spill.Restore] for each record. Cells come into
// memory when they are looked for. Of what all shards have, every shard reads those
// states of which shared reports true.
func (s *Spill) Reopen(shared func(number int) bool) error {
	return s.store.Load(0, nil, func(r *Record) error {
		if !shared(r.State) {
			return nil
		}
		return s.of.Restore(r)
	})
}

// findTimers finds when the first timer in the store is due.
func (s *Spill) findTimers() error {
	for _, q := range s.queues {
		if q == nil {
			continue
		}
		first := Turn{At: Never}
		err := s.store.Due(q.clock, Turn{At: Always}, func(at Turn, _ int, _ []byte) bool {
			first = at
			return false
		})
		if err != nil {
			return err
		}
		q.setFar(first)
	}
	return nil
}
