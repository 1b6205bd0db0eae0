package graph

import (
	"cmp"
	"maps"
	"math"
	"slices"
)

// The measures of cards and of the frames around tasks, in pixels.
const (
	cardPad    = 12.0
	titleLine  = 24.0
	rowLine    = 18.0
	labelGap   = 10.0 // between a row's label and its text
	framePad   = 14.0
	frameTitle = 24.0
	longestRow = 56  // characters
	nameGap    = 8.0 // between a card and the name of an output
)

// A picture is a document with every place known.
type picture struct {
	w, h   float64
	cards  []Node
	boxes  []box     // of the cards
	labels []float64 // width of the labels of each card's rows
	tails  []float64 // how much of the box on the right of each card is for names of outputs
	names  []string  // of the output that each edge begins at, "" of a main one
	back   []bool    // of messages to a step that sends back what would close a circle
	frames []box     // around the steps of one task
	paths  [][]point // of the edges; nil for messages that would close a circle
}

// arrange finds a place for everything. What runs in the same tasks is laid out
// by itself first, and then placed like one box.
func arrange(d *Document) *picture {
	p := &picture{cards: d.nodes(), names: d.outputNames()}
	p.measure(d)
	a := &arranger{picture: p, doc: d, index: map[string]int{}}
	for i, c := range p.cards {
		a.index[c.ID] = i
	}
	a.cluster()
	a.choose()
	// The first time the edges leave their clusters in any order; the second in
	// that of the places they lead to, which are known then.
	for range 2 {
		for i := range a.clusters {
			a.inside(&a.clusters[i])
		}
		a.outside()
	}
	a.place()
	a.join()
	return p
}

// outputNames gives each edge the name of the output that it begins at.
func (d *Document) outputNames() []string {
	named := map[[2]string]string{} // by step and stream
	for _, s := range d.Steps {
		for _, o := range s.Outputs {
			named[[2]string{s.ID, o.Stream}] = o.Name
		}
	}
	names := make([]string, len(d.Edges))
	for i, e := range d.Edges {
		if e.Kind != Message && e.Carries == Records {
			names[i] = cut(named[[2]string{e.From, e.Stream}], longestRow)
		}
	}
	return names
}

// measure shortens what is too long and finds the size of each card, with room on
// the right for the names of its outputs.
func (p *picture) measure(d *Document) {
	tails := map[string]float64{}
	for i, e := range d.Edges {
		if p.names[i] != "" {
			tails[e.From] = max(tails[e.From], math.Ceil(nameGap+rowFont.width(p.names[i])))
		}
	}
	for i := range p.cards {
		c := &p.cards[i]
		c.Title = cut(c.Title, longestRow)
		labels, texts := 0.0, 0.0
		for k, r := range c.Rows {
			c.Rows[k].Text = cut(r.Text, longestRow)
			labels = max(labels, rowFont.width(r.Label))
			texts = max(texts, rowFont.width(c.Rows[k].Text))
		}
		p.labels = append(p.labels, labels)
		p.tails = append(p.tails, tails[c.ID])
		p.boxes = append(p.boxes, box{
			w: math.Ceil(max(titleFont.width(c.Title), labels+labelGap+texts)+2*cardPad) + tails[c.ID],
			h: titleLine + rowLine*float64(len(c.Rows)) + cardPad,
		})
	}
}

// An arranger makes a picture.
type arranger struct {
	*picture
	doc      *Document
	index    map[string]int // of cards, by ID
	clusters []cluster
	of       []int  // the cluster of each card
	drawn    []bool // by edge: whether it is laid out
	outer    []link
	outerOf  []int // for each edge its link between clusters, -1 if there is none
}

// A cluster is cards that are fused to the same tasks.
type cluster struct {
	members []int
	box     box
	inner   []link      // between its cards, and from and to its border
	innerOf map[int]int // link of an edge that stays inside
	entry   map[int]int // link of an edge that comes in
	exit    map[int]int // link of an edge that goes out
	offset  map[int]float64
}

// framed reports whether there is more than one card to draw a frame around.
func (c *cluster) framed() bool { return len(c.members) > 1 }

// cluster makes a cluster of the cards that belong together.
func (a *arranger) cluster() {
	a.of = make([]int, len(a.cards))
	for i, members := range a.doc.clusters(a.cards) {
		c := cluster{innerOf: map[int]int{}, entry: map[int]int{}, exit: map[int]int{}, offset: map[int]float64{}}
		for _, m := range members {
			n := a.index[m.ID]
			a.of[n] = i
			c.members = append(c.members, n)
		}
		a.clusters = append(a.clusters, c)
	}
}

// choose picks the edges that are laid out. Streams lead from left to right;
// messages do so where they close no circle, neither of cards nor of clusters.
// Those that lead back to their own card are drawn beside it, and of all the cards
// say where they go.
func (a *arranger) choose() {
	cards, clusters := make(ways, len(a.cards)), make(ways, len(a.clusters))
	a.drawn = make([]bool, len(a.doc.Edges))
	for _, messages := range []bool{false, true} {
		for i, e := range a.doc.Edges {
			if (e.Kind == Message) != messages {
				continue
			}
			from, to := a.index[e.From], a.index[e.To]
			if messages && (cards.lead(to, from) || a.of[from] != a.of[to] && clusters.lead(a.of[to], a.of[from])) {
				continue
			}
			a.drawn[i] = true
			cards[from] = append(cards[from], to)
			if a.of[from] != a.of[to] {
				clusters[a.of[from]] = append(clusters[a.of[from]], a.of[to])
			}
		}
	}
}

// ways are the edges that lead from each node.
type ways [][]int

// lead reports whether there is a way from one node to another, which every node
// has to itself.
func (w ways) lead(from, to int) bool {
	seen := make([]bool, len(w))
	queue := []int{from}
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		if n == to {
			return true
		}
		if !seen[n] {
			seen[n] = true
			queue = append(queue, w[n]...)
		}
	}
	return false
}

// inside lays out the cards of one cluster. Edges that cross its border end at
// a box without size there.
func (a *arranger) inside(c *cluster) {
	if !c.framed() {
		c.box = a.boxes[c.members[0]]
		return
	}
	n := a.of[c.members[0]]
	c.inner = nil
	at := map[int]int{} // card to box
	var boxes []box
	for i, m := range c.members {
		at[m] = i
		boxes = append(boxes, a.boxes[m])
	}
	for i, e := range a.doc.Edges {
		from, to := a.index[e.From], a.index[e.To]
		comes, goes := a.of[to] == n, a.of[from] == n
		k := link{fromY: -1, toY: -1}
		switch {
		case !a.drawn[i]:
			continue
		case comes && goes:
			k.from, k.to = at[from], at[to]
			c.innerOf[i] = len(c.inner)
		case comes:
			k.from, k.to = len(boxes), at[to]
			boxes = append(boxes, box{pin: leftmost})
			c.entry[i] = len(c.inner)
		case goes:
			k.from, k.to = at[from], len(boxes)
			boxes = append(boxes, box{pin: rightmost})
			c.exit[i] = len(c.inner)
		default:
			continue
		}
		c.inner = append(c.inner, k)
	}
	a.sortPorts(c, boxes)
	w, h := layout(boxes, c.inner)
	c.box = box{w: w + 2*framePad, h: h + frameTitle + framePad}
	for i, m := range c.members {
		a.boxes[m].x, a.boxes[m].y = boxes[i].x, boxes[i].y
	}
	for i, k := range c.entry {
		c.offset[i] = frameTitle + boxes[c.inner[k].from].y
	}
	for i, k := range c.exit {
		c.offset[i] = frameTitle + boxes[c.inner[k].to].y
	}
}

// sortPorts orders the boxes at each border of c as their edges went outside,
// if that was laid out before.
func (a *arranger) sortPorts(c *cluster, boxes []box) {
	if a.outer == nil {
		return
	}
	order := func(edges map[int]int, port func(link) int, far func([]point) point) {
		sorted := slices.Sorted(maps.Keys(edges))
		slices.SortStableFunc(sorted, func(i, j int) int {
			return cmp.Compare(far(a.outer[a.outerOf[i]].path).y, far(a.outer[a.outerOf[j]].path).y)
		})
		for place, i := range sorted {
			boxes[port(c.inner[edges[i]])].place = place + 1
		}
	}
	order(c.entry, func(k link) int { return k.from }, func(p []point) point { return p[len(p)-3] })
	order(c.exit, func(k link) int { return k.to }, func(p []point) point { return p[2] })
}

// outside lays out the clusters.
func (a *arranger) outside() {
	boxes := make([]box, len(a.clusters))
	for i, c := range a.clusters {
		boxes[i] = c.box
	}
	a.outer, a.outerOf = nil, nil
	for i, e := range a.doc.Edges {
		from, to := a.of[a.index[e.From]], a.of[a.index[e.To]]
		a.outerOf = append(a.outerOf, -1)
		if from == to || !a.drawn[i] {
			continue
		}
		a.outerOf[i] = len(a.outer)
		a.outer = append(a.outer, link{from: from, to: to, fromY: a.port(from, i), toY: a.port(to, i)})
	}
	a.w, a.h = layout(boxes, a.outer)
	for i := range a.clusters {
		a.clusters[i].box = boxes[i]
	}
}

// place moves what is inside of each cluster to where the cluster is.
func (a *arranger) place() {
	for i := range a.clusters {
		c := &a.clusters[i]
		dx, dy := c.box.x, c.box.y
		if c.framed() {
			a.frames = append(a.frames, c.box)
			dx, dy = dx+framePad, dy+frameTitle
		}
		for _, m := range c.members {
			a.boxes[m].x += dx
			a.boxes[m].y += dy
		}
		for _, k := range c.inner {
			for j := range k.path {
				k.path[j].x += dx
				k.path[j].y += dy
			}
		}
	}
}

// port is where edge i crosses the border of a cluster, -1 if anywhere.
func (a *arranger) port(cluster, i int) float64 {
	if y, ok := a.clusters[cluster].offset[i]; ok {
		return y
	}
	return -1
}

// join puts the path of each edge together.
func (a *arranger) join() {
	a.back = make([]bool, len(a.doc.Edges))
	for i, e := range a.doc.Edges {
		if e.From == e.To {
			a.paths = append(a.paths, loop(a.card(a.index[e.From])))
			continue
		}
		a.back[i] = a.drawn[i] && a.answered(e)
		if !a.drawn[i] {
			a.paths = append(a.paths, nil)
			continue
		}
		from, to := &a.clusters[a.of[a.index[e.From]]], &a.clusters[a.of[a.index[e.To]]]
		if from == to {
			a.paths = append(a.paths, a.begun(e, from.inner[from.innerOf[i]].path))
			continue
		}
		path := slices.Clone(a.outer[a.outerOf[i]].path)
		if k, ok := from.exit[i]; ok {
			path = connected(from.inner[k].path, path)
		}
		if k, ok := to.entry[i]; ok {
			path = connected(path, to.inner[k].path)
		}
		a.paths = append(a.paths, a.begun(e, path))
	}
}

// begun is the path of an edge from the card on, past the names of its outputs.
func (a *arranger) begun(e Edge, path []point) []point {
	path[0].x -= a.tails[a.index[e.From]]
	return path
}

// card is the box of a card without the names of its outputs.
func (p *picture) card(i int) box {
	b := p.boxes[i]
	b.w -= p.tails[i]
	return b
}

// answered reports whether e is for messages, and others that are not drawn go
// the other way.
func (a *arranger) answered(e Edge) bool {
	return e.Kind == Message && slices.ContainsFunc(a.doc.Edges, func(o Edge) bool {
		return o.Kind == Message && o.From == e.To && o.To == e.From
	})
}

// loopWide and loopHigh are how far an edge that leads back to its own card goes
// to the right, and how far below its beginning it ends.
const loopWide, loopHigh = 18.0, 16.0

// loop is the path of such an edge: to the right, down, and back, at the lower
// right corner of the card.
func loop(b box) []point {
	x, y := b.x+b.w, b.y+b.h-loopHigh-6
	return []point{{x, y}, {x + loopWide, y}, {x + loopWide, y + loopHigh}, {x, y + loopHigh}}
}

// connected puts two paths together, of which the first ends and the second
// begins level.
func connected(a, b []point) []point {
	return append(slices.Clone(a[:len(a)-1]), b[1:]...)
}
