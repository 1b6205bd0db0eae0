package typecheck

import "github.com/flow-lang/flowc/typecheck/ir"

// calls notes that the function being checked calls fn, to find recursion.
func (k *coder) calls(fn *ir.Func) {
	if from := k.frame.from; from != nil {
		if k.callees[from] == nil {
			k.callers = append(k.callers, from)
		}
		k.callees[from] = append(k.callees[from], fn)
	}
}

// markRecursive sets Recursive on each function that can reach itself: those
// that call themselves, and those of a circle.
func (c *checker) markRecursive() {
	s := &circles{callees: c.callees, number: map[*ir.Func]int{}, low: map[*ir.Func]int{}, open: map[*ir.Func]bool{}}
	for _, fn := range c.callers {
		if s.number[fn] == 0 {
			s.visit(fn)
		}
	}
}

// circles finds the strongly connected parts of the graph of calls.
//
// Source: Tarjan, "Depth-first search and linear graph algorithms", SIAM Journal
// on Computing 1(2), 1972.
type circles struct {
	callees map[*ir.Func][]*ir.Func
	number  map[*ir.Func]int // in the order of visits, from 1
	low     map[*ir.Func]int // the least number that can be reached
	open    map[*ir.Func]bool
	stack   []*ir.Func
}

func (s *circles) visit(fn *ir.Func) {
	s.number[fn] = len(s.number) + 1
	s.low[fn] = s.number[fn]
	s.open[fn] = true
	s.stack = append(s.stack, fn)
	for _, to := range s.callees[fn] {
		switch {
		case to == fn:
			fn.Recursive = true
		case s.number[to] == 0:
			s.visit(to)
			s.low[fn] = min(s.low[fn], s.low[to])
		case s.open[to]:
			s.low[fn] = min(s.low[fn], s.number[to])
		}
	}
	if s.low[fn] == s.number[fn] {
		s.close(fn)
	}
}

// close takes the circle that begins with fn off the stack.
func (s *circles) close(fn *ir.Func) {
	alone := s.stack[len(s.stack)-1] == fn
	for {
		last := s.stack[len(s.stack)-1]
		s.stack = s.stack[:len(s.stack)-1]
		s.open[last] = false
		if !alone {
			last.Recursive = true
		}
		if last == fn {
			return
		}
	}
}
