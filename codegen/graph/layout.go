package graph

import "math"

// The layout is that of Sugiyama, Tagawa and Toda ("Methods for visual
// understanding of hierarchical system structures", IEEE Transactions on
// Systems, Man, and Cybernetics 11(2), 1981), from left to right:
//
//  1. links that close a cycle are turned round,
//  2. every box gets a layer to the right of all that lead to it,
//  3. a link over several layers becomes a chain of invisible boxes, so that it
//     has a lane of its own through each,
//  4. each layer is ordered by the barycenters of its neighbours, sweep by sweep,
//  5. the heights are those that make links straight, as far as the order and
//     the distances let them.
//
// A link is drawn level while it crosses a layer and bends only in the gap
// between two, so it never meets a box that it does not lead to.

// The distances between boxes, in pixels.
const (
	layerGap = 44.0 // between layers, at least
	linkGap  = 4.0  // more for each link that bends there
	maxGap   = 130.0
	boxGap   = 22.0 // between boxes of a layer
	laneGap  = 12.0 // between a lane and its neighbours
)

type point struct{ x, y float64 }

// A box is a rectangle to be placed: x and y, of the upper left corner, are
// the layout's.
type box struct {
	x, y, w, h float64
	pin        pin
	place      int // among the pinned boxes of its side, from 1; 0 is the layout's to choose
}

// A pin holds boxes to one end of the layout.
type pin int

const (
	anywhere pin = iota
	leftmost
	rightmost
)

// A link leads from the right side of a box to the left side of another. fromY
// and toY say how far below the upper corner it does so; negative ones are the
// layout's to choose. The points of its path are in pairs: it is level from
// each first to second, and bends from there to the next first.
type link struct {
	from, to   int
	fromY, toY float64
	path       []point
}

// A vertex is a box, or the lane of a link through one layer.
type vertex struct {
	box        int // -1 for a lane
	w, h       float64
	x, y       float64
	layer      int
	order      int
	in, out    []*segment
	place      int // of the box
	barycenter float64
}

// A segment is the part of a link between two neighbouring layers. fromY and
// toY are as of links.
type segment struct {
	from, to   *vertex
	fromY, toY float64
	given      [2]bool // which of them the link gave
}

// layout places the boxes and routes the links, and returns the size of it all.
// No link may lead from a box to itself.
func layout(boxes []box, links []link) (w, h float64) {
	if len(boxes) == 0 {
		return 0, 0
	}
	l := &layered{boxes: boxes, links: links}
	l.turn()
	l.rank()
	l.lanes()
	l.sort()
	l.ports()
	l.heights()
	w = l.columns()
	h = l.finish()
	return w, h
}

// layered is a layout in the making.
type layered struct {
	boxes    []box
	links    []link
	turned   []bool // by link
	vertices []*vertex
	layers   [][]*vertex
	chains   [][]*segment // by link
}

// ends returns the boxes that link i leads from and to in the layout.
func (l *layered) ends(i int) (from, to int) {
	if l.turned[i] {
		return l.links[i].to, l.links[i].from
	}
	return l.links[i].from, l.links[i].to
}

// turn marks the links that lead back to a box on the way that led to them.
func (l *layered) turn() {
	l.turned = make([]bool, len(l.links))
	out := make([][]int, len(l.boxes))
	for i, k := range l.links {
		out[k.from] = append(out[k.from], i)
	}
	const onWay, done = 1, 2
	state := make([]int, len(l.boxes))
	var visit func(b int)
	visit = func(b int) {
		state[b] = onWay
		for _, i := range out[b] {
			switch to := l.links[i].to; state[to] {
			case onWay:
				l.turned[i] = true
			case 0:
				visit(to)
			}
		}
		state[b] = done
	}
	for b := range l.boxes {
		if state[b] == 0 {
			visit(b)
		}
	}
}

// rank gives each box a layer: to the right of all before it, and then, if
// nothing leads to it, right before what it leads to.
func (l *layered) rank() {
	l.vertices = make([]*vertex, len(l.boxes))
	for i, b := range l.boxes {
		l.vertices[i] = &vertex{box: i, w: b.w, h: b.h, place: b.place}
	}
	order := l.topological()
	into, out := make([]int, len(l.boxes)), make([][]int, len(l.boxes))
	for i := range l.links {
		from, to := l.ends(i)
		into[to]++
		out[from] = append(out[from], to)
	}
	last := 0
	for _, b := range order {
		v := l.vertices[b]
		for _, to := range out[b] {
			l.vertices[to].layer = max(l.vertices[to].layer, v.layer+1)
		}
		last = max(last, v.layer)
	}
	for b, v := range l.vertices {
		nearest := math.MaxInt
		for _, to := range out[b] {
			nearest = min(nearest, l.vertices[to].layer)
		}
		switch {
		case l.boxes[b].pin == rightmost:
			v.layer = last
		case l.boxes[b].pin == leftmost:
			v.layer = 0
		case into[b] == 0 && len(out[b]) > 0:
			v.layer = nearest - 1
		}
	}
	l.layers = make([][]*vertex, last+1)
}

// topological lists the boxes, each after all that lead to it.
func (l *layered) topological() []int {
	into, out := make([]int, len(l.boxes)), make([][]int, len(l.boxes))
	for i := range l.links {
		from, to := l.ends(i)
		into[to]++
		out[from] = append(out[from], to)
	}
	var order []int
	for b, n := range into {
		if n == 0 {
			order = append(order, b)
		}
	}
	for i := 0; i < len(order); i++ {
		for _, to := range out[order[i]] {
			if into[to]--; into[to] == 0 {
				order = append(order, to)
			}
		}
	}
	return order
}

// lanes cuts the links into segments from layer to layer.
func (l *layered) lanes() {
	for _, v := range l.vertices {
		l.layers[v.layer] = append(l.layers[v.layer], v)
	}
	for i, k := range l.links {
		a, b := l.ends(i)
		fromY, toY := k.fromY, k.toY
		if l.turned[i] {
			fromY, toY = toY, fromY
		}
		from, to := l.vertices[a], l.vertices[b]
		var chain []*segment
		for at := from; at != to; {
			next := to
			if at.layer+1 < to.layer {
				next = &vertex{box: -1, layer: at.layer + 1}
				l.vertices = append(l.vertices, next)
				l.layers[next.layer] = append(l.layers[next.layer], next)
			}
			s := &segment{from: at, to: next}
			if at == from && fromY >= 0 {
				s.fromY, s.given[0] = fromY, true
			}
			if next == to && toY >= 0 {
				s.toY, s.given[1] = toY, true
			}
			at.out, next.in = append(at.out, s), append(next.in, s)
			chain = append(chain, s)
			at = next
		}
		l.chains = append(l.chains, chain)
	}
}
