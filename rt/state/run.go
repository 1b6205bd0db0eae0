package state

import (
	"cmp"
	"slices"
)

// run is a row of entries in the order of their queue, which is taken from the
// front.
type run struct {
	entries []Entry
	at      int         // index of the next
	ranks   [2][]ranked // to sort many
}

// ranked is an entry with the rank of its key.
type ranked struct {
	rank      uint64
	id, timer uint32
}

// keptRun is the most entries for which a run that is over keeps its room.
const keptRun = 64 << 10

func (r *run) empty() bool   { return r.at == len(r.entries) }
func (r *run) first() *Entry { return &r.entries[r.at] }
func (r *run) left() []Entry { return r.entries[r.at:] }

func (r *run) pop() Entry {
	r.at++
	return r.entries[r.at-1]
}

// keep drops the entries that are not to stay.
func (r *run) keep(stays func(*Entry) bool) {
	kept := r.entries[:r.at]
	for i := range r.left() {
		if e := &r.entries[r.at+i]; stays(e) {
			kept = append(kept, *e)
		}
	}
	r.entries = kept
}

// begin returns room for the entries of the next run. The last one is over.
func (r *run) begin() []Entry {
	if cap(r.entries) > keptRun {
		r.entries = nil
		r.ranks = [2][]ranked{}
	}
	return r.entries[:0]
}

// sort makes entries the next run. Many are all of one time.
func (r *run) sort(q *Queue, entries []Entry) {
	r.entries, r.at = entries, 0
	if len(entries) <= fewEntries {
		q.sort(entries)
		return
	}
	at, sorted := entries[0].At, r.byRank(q.keys, entries)
	for i, e := range sorted {
		entries[i] = Entry{At: at, ID: e.id, Timer: e.timer}
	}
	for start, i := 0, 1; i <= len(sorted); i++ {
		if i < len(sorted) && sorted[i].rank == sorted[start].rank {
			continue
		}
		if i > start+1 {
			q.sort(entries[start:i])
		}
		start = i
	}
}

// byRank returns entries by the ranks of their keys, byte by byte of those in
// which they differ, the last first.
func (r *run) byRank(keys Keys, entries []Entry) []ranked {
	from, to := r.ranks[0][:0], slices.Grow(r.ranks[1][:0], len(entries))[:len(entries)]
	all, some := ^uint64(0), uint64(0) // bits that all have, and that some have
	for _, e := range entries {
		rank := keys.Rank(e.ID)
		all, some = all&rank, some|rank
		from = append(from, ranked{rank, e.ID, e.Timer})
	}
	for shift := 0; shift < 64; shift += 8 {
		if (all^some)>>shift&0xff == 0 {
			continue
		}
		var ends [256]uint32
		for i := range from {
			ends[from[i].rank>>shift&0xff]++
		}
		sum := uint32(0)
		for i, n := range ends {
			ends[i] = sum
			sum += n
		}
		for _, e := range from {
			end := &ends[e.rank>>shift&0xff]
			to[*end] = e
			*end++
		}
		from, to = to, from
	}
	r.ranks = [2][]ranked{from, to}
	return from
}

// sort brings entries into the order of the queue.
func (q *Queue) sort(entries []Entry) {
	slices.SortFunc(entries, func(a, b Entry) int {
		if a.At != b.At {
			return cmp.Compare(a.At, b.At)
		}
		switch {
		case q.before(&a, &b):
			return -1
		case q.before(&b, &a):
			return 1
		default:
			return 0
		}
	})
}

// heap holds entries in the order of their queue.
type heap []Entry

func (h *heap) push(q *Queue, e Entry) {
	*h = append(*h, e)
	s := *h
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !q.before(&e, &s[up]) {
			break
		}
		s[i] = s[up]
		i = up
	}
	s[i] = e
}

// pop removes and returns the first. The heap must not be empty.
func (h *heap) pop(q *Queue) Entry {
	s := *h
	first, last := s[0], len(s)-1
	moved := s[last]
	s = s[:last]
	*h = s
	if last == 0 {
		return first
	}
	i := 0
	for {
		least := 2*i + 1
		if least >= last {
			break
		}
		if least+1 < last && q.before(&s[least+1], &s[least]) {
			least++
		}
		if !q.before(&s[least], &moved) {
			break
		}
		s[i] = s[least]
		i = least
	}
	s[i] = moved
	return first
}

// keep drops the entries that are not to stay.
func (h *heap) keep(q *Queue, stays func(*Entry) bool) {
	all := *h
	*h = all[:0]
	for i := range all {
		if e := all[i]; stays(&e) {
			h.push(q, e)
		}
	}
}
