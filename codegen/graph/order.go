package graph

import (
	"cmp"
	"slices"
)

// sweeps is how often the layers are ordered, once from each side. Few layouts
// get better after the tenth.
const sweeps = 16

// sort orders the vertices of each layer so that few links cross, and keeps the
// best order that it saw.
func (l *layered) sort() {
	for _, layer := range l.layers {
		slices.SortStableFunc(layer, func(a, b *vertex) int { return cmp.Compare(a.place, b.place) })
	}
	l.number()
	best, fewest := l.orders(), l.crossings()
	for range sweeps {
		for i := 1; i < len(l.layers); i++ {
			l.sortLayer(i, func(v *vertex) []*segment { return v.in }, position)
		}
		for i := len(l.layers) - 2; i >= 0; i-- {
			l.sortLayer(i, func(v *vertex) []*segment { return v.out }, target)
		}
		l.swapNeighbours()
		if n := l.crossings(); n < fewest {
			best, fewest = l.orders(), n
		}
	}
	for i, layer := range best {
		copy(l.layers[i], layer)
	}
	l.number()
}

// position is where a segment leaves its layer, in vertices from the top, and
// target where it enters the next.
func position(s *segment) float64 { return float64(s.from.order) + part(s.given[0], s.fromY, s.from.h) }
func target(s *segment) float64   { return float64(s.to.order) + part(s.given[1], s.toY, s.to.h) }

// part is how far down the side of a box a given port is, in 0 to 1.
func part(given bool, y, h float64) float64 {
	if !given || h == 0 {
		return 0.5
	}
	return y / h
}

// number tells each vertex its place in its layer.
func (l *layered) number() {
	for _, layer := range l.layers {
		for i, v := range layer {
			v.order = i
		}
	}
}

// orders copies the layers.
func (l *layered) orders() [][]*vertex {
	out := make([][]*vertex, len(l.layers))
	for i, layer := range l.layers {
		out[i] = slices.Clone(layer)
	}
	return out
}

// sortLayer orders a layer by the mean of where its segments on one side end.
// Vertices without any stay about where they are.
func (l *layered) sortLayer(i int, side func(*vertex) []*segment, end func(*segment) float64) {
	for _, v := range l.layers[i] {
		segments := side(v)
		if len(segments) == 0 || v.place > 0 {
			v.barycenter = float64(v.order)
			continue
		}
		sum := 0.0
		for _, s := range segments {
			sum += end(s)
		}
		v.barycenter = sum / float64(len(segments))
	}
	slices.SortStableFunc(l.layers[i], func(a, b *vertex) int { return cmp.Compare(a.barycenter, b.barycenter) })
	for i, v := range l.layers[i] {
		v.order = i
	}
}

// swapNeighbours changes two neighbours where fewer links cross then.
func (l *layered) swapNeighbours() {
	for _, layer := range l.layers {
		for i := 0; i+1 < len(layer); i++ {
			a, b := layer[i], layer[i+1]
			now := crossed(a.in, b.in, position) + crossed(a.out, b.out, target)
			then := crossed(b.in, a.in, position) + crossed(b.out, a.out, target)
			if then < now && (a.place == 0 || b.place == 0) {
				layer[i], layer[i+1] = b, a
				a.order, b.order = i+1, i
			}
		}
	}
}

// crossed counts the pairs of a segment of upper and one of lower that cross.
func crossed(upper, lower []*segment, end func(*segment) float64) int {
	n := 0
	for _, a := range upper {
		for _, b := range lower {
			if end(a) > end(b) {
				n++
			}
		}
	}
	return n
}

// crossings counts the pairs of segments that cross.
func (l *layered) crossings() int {
	n := 0
	for _, layer := range l.layers {
		for i, a := range layer {
			for _, b := range layer[i+1:] {
				n += crossed(a.out, b.out, target)
			}
		}
	}
	return n
}
