package state

import "github.com/flow-lang/flowc/rt/value"

// due is an entry of a map by the time that its life counts from.
type due[K any] struct {
	since value.Timestamp
	key   K
}

// dueHeap is a heap of them, the earliest first.
type dueHeap[K any] []due[K]

func (h *dueHeap[K]) push(d due[K]) {
	*h = append(*h, d)
	s := *h
	i := len(s) - 1
	for i > 0 && d.since < s[(i-1)/2].since {
		s[i] = s[(i-1)/2]
		i = (i - 1) / 2
	}
	s[i] = d
}

// pop removes and returns the first. The heap must not be empty.
func (h *dueHeap[K]) pop() due[K] {
	s := *h
	first, last := s[0], len(s)-1
	moved := s[last]
	clear(s[last:])
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
		if least+1 < last && s[least+1].since < s[least].since {
			least++
		}
		if moved.since <= s[least].since {
			break
		}
		s[i] = s[least]
		i = least
	}
	s[i] = moved
	return first
}
