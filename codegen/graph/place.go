package graph

import (
	"cmp"
	"math"
	"slices"
)

// ports spreads the ends of links over the sides of their boxes, in the order
// of what they lead to, so that those of one box do not cross.
func (l *layered) ports() {
	for _, v := range l.vertices {
		spread(v, v.out, target, func(s *segment, y float64) {
			if !s.given[0] {
				s.fromY = y
			}
		})
		spread(v, v.in, position, func(s *segment, y float64) {
			if !s.given[1] {
				s.toY = y
			}
		})
	}
}

func spread(v *vertex, segments []*segment, end func(*segment) float64, put func(*segment, float64)) {
	sorted := slices.Clone(segments)
	slices.SortStableFunc(sorted, func(a, b *segment) int { return cmp.Compare(end(a), end(b)) })
	for i, s := range sorted {
		put(s, v.h*float64(i+1)/float64(len(sorted)+1))
	}
}

// rounds is how often the heights are brought nearer to those of the
// neighbours.
const rounds = 24

// heights finds y of every vertex.
func (l *layered) heights() {
	for _, layer := range l.layers {
		y := 0.0
		for i, v := range layer {
			if i > 0 {
				y += layer[i-1].h + apart(layer[i-1], v)
			}
			v.y = y
		}
		for _, v := range layer {
			v.y -= (y + layer[len(layer)-1].h) / 2
		}
	}
	for i := range rounds {
		both := i >= rounds/2
		for k := 1; k < len(l.layers); k++ {
			l.level(k, true, both)
		}
		for k := len(l.layers) - 2; k >= 0; k-- {
			l.level(k, both, true)
		}
	}
	for k := 1; k < len(l.layers); k++ {
		l.level(k, true, false)
	}
}

// apart is the distance that two neighbours of a layer keep.
func apart(a, b *vertex) float64 {
	if a.w == 0 || b.w == 0 {
		return laneGap
	}
	return boxGap
}

// level moves the vertices of a layer to where their links on the sides named
// are straight, or as near as their order and distances allow: the heights with
// the least sum of squares of what is missing. Lanes count more than boxes, for
// a link that bends in the open is the worst to read.
func (l *layered) level(k int, in, out bool) {
	layer := l.layers[k]
	var runs []run
	offset := 0.0
	for i, v := range layer {
		if i > 0 {
			offset += layer[i-1].h + apart(layer[i-1], v)
		}
		want, weight := wish(v, in, out)
		r := run{sum: weight * (want - offset), weight: weight, count: 1}
		for len(runs) > 0 && runs[len(runs)-1].mean() > r.mean() {
			r = runs[len(runs)-1].join(r)
			runs = runs[:len(runs)-1]
		}
		runs = append(runs, r)
	}
	i, offset := 0, 0.0
	for _, r := range runs {
		for range r.count {
			if i > 0 {
				offset += layer[i-1].h + apart(layer[i-1], layer[i])
			}
			layer[i].y = r.mean() + offset
			i++
		}
	}
}

// A run is neighbours that stand as close as they may. Pooling those whose
// wishes are in the wrong order gives the least squares under an order (Barlow
// et al., "Statistical Inference under Order Restrictions", 1972).
type run struct {
	sum, weight float64
	count       int
}

func (r run) mean() float64 { return r.sum / r.weight }
func (r run) join(o run) run {
	return run{r.sum + o.sum, r.weight + o.weight, r.count + o.count}
}

// wish is where v's links would be straight, and how much that counts.
func wish(v *vertex, in, out bool) (y, weight float64) {
	add := func(s *segment, other *vertex, otherY, ownY float64) {
		w := 1.0
		if v.box < 0 && other.box < 0 {
			w = 8
		}
		y += w * (other.y + otherY - ownY)
		weight += w
	}
	if in {
		for _, s := range v.in {
			add(s, s.from, s.fromY, s.toY)
		}
	}
	if out {
		for _, s := range v.out {
			add(s, s.to, s.toY, s.fromY)
		}
	}
	if weight == 0 {
		return v.y, 0.1
	}
	return y / weight, weight
}

// columns finds x of every vertex and returns the width of all.
func (l *layered) columns() float64 {
	x := 0.0
	for i, layer := range l.layers {
		wide := 0.0
		bends := 0
		for _, v := range layer {
			v.x = x
			wide = max(wide, v.w)
			bends += len(v.out)
		}
		for _, v := range layer {
			if v.box < 0 {
				v.w = wide
			}
		}
		x += wide
		if i+1 < len(l.layers) {
			x += l.gap(i, bends)
		}
	}
	return x
}

// gap is the distance between layer i and the next. Beside the ends of a
// cluster's links, which have no width, it is shorter.
func (l *layered) gap(i, bends int) float64 {
	wide := min(layerGap+linkGap*float64(bends), maxGap)
	for _, pair := range [][]*vertex{l.layers[i], l.layers[i+1]} {
		if !slices.ContainsFunc(pair, func(v *vertex) bool { return v.w > 0 }) {
			return min(wide, layerGap) / 2
		}
	}
	return wide
}

// finish gives the boxes their places and the links their paths, and returns
// the height of all.
func (l *layered) finish() float64 {
	top, bottom := math.Inf(1), 0.0
	for _, v := range l.vertices {
		v.y = math.Round(v.y)
		top = min(top, v.y)
	}
	for _, v := range l.vertices {
		v.y -= top
		bottom = max(bottom, v.y+v.h)
		if v.box >= 0 {
			l.boxes[v.box].x, l.boxes[v.box].y = v.x, v.y
		}
	}
	ends := make([]float64, len(l.layers)) // right ends of the layers
	for _, v := range l.vertices {
		ends[v.layer] = max(ends[v.layer], v.x+v.w)
	}
	for i, chain := range l.chains {
		l.links[i].path = pathOf(chain, ends)
		if l.turned[i] {
			slices.Reverse(l.links[i].path)
		}
	}
	return bottom
}

// pathOf lists the points of a link: level to the end of each layer, and bent
// to the next.
func pathOf(chain []*segment, ends []float64) []point {
	var path []point
	for _, s := range chain {
		y := s.from.y + s.fromY
		if s.from.box >= 0 {
			path = append(path, point{s.from.x + s.from.w, y})
		}
		path = append(path, point{ends[s.from.layer], y}, point{s.to.x, s.to.y + s.toY})
		if s.to.box >= 0 {
			end := s.to.x
			if s.to.w == 0 {
				end = ends[s.to.layer] // the border of a cluster
			}
			path = append(path, point{end, s.to.y + s.toY})
		}
	}
	return path
}
