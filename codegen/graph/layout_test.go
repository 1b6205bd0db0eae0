package graph

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestLayout draws graphs of all shapes: no two boxes overlap, and no link meets
// a box that it does not lead to.
func TestLayout(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		rnd := rand.New(rand.NewPCG(seed, 1))
		boxes := make([]box, 1+rnd.IntN(35))
		for i := range boxes {
			boxes[i] = box{w: 40 + float64(rnd.IntN(300)), h: 30 + float64(rnd.IntN(150))}
		}
		var links []link
		for range rnd.IntN(2 * len(boxes)) {
			from, to := rnd.IntN(len(boxes)), rnd.IntN(len(boxes))
			if from > to && rnd.IntN(10) > 0 {
				from, to = to, from
			}
			if from != to {
				links = append(links, link{from: from, to: to, fromY: -1, toY: -1})
			}
		}
		w, h := layout(boxes, links)
		checkBoxes(t, boxes, w, h)
		for _, k := range links {
			checkPath(t, k.path, boxes, func(i int) bool { return i == k.from || i == k.to })
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// TestArrange draws programs of all shapes: neither cards nor the frames around
// tasks overlap, and no edge goes through a card that is not its own.
func TestArrange(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		d := randomDocument(rand.New(rand.NewPCG(seed, 2)))
		p := arrange(d)
		checkBoxes(t, p.boxes, p.w, p.h)
		checkBoxes(t, p.frames, p.w, p.h)
		for i, path := range p.paths {
			e := d.Edges[i]
			if path == nil && e.Kind == Message {
				continue
			}
			checkPath(t, path, p.boxes, func(k int) bool { return p.cards[k].ID == e.From || p.cards[k].ID == e.To })
		}
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// randomDocument makes up a program: each node reads nodes before it, a step
// without key runs in all the tasks of what it reads, and some send messages.
func randomDocument(rnd *rand.Rand) *Document {
	d := &Document{}
	tasks := map[string][]int{} // by node
	start := func(id string) {
		tasks[id] = []int{len(d.Tasks)}
		d.Tasks = append(d.Tasks, Task{Head: id})
	}
	var all []string
	for i := range 1 + rnd.IntN(4) {
		s := Source{ID: fmt.Sprint("source/", i), Name: "s", Connector: Connector{Name: "csv"}}
		d.Sources = append(d.Sources, s)
		all = append(all, s.ID)
		start(s.ID)
	}
	for i := range rnd.IntN(30) {
		s := Step{ID: fmt.Sprint("step/", i), Name: strings.Repeat("n", 1+rnd.IntN(30))}
		kind, held := Fused, map[int]bool{}
		if rnd.IntN(2) == 0 {
			kind, s.Key = Exchange, "int"
			start(s.ID)
		}
		for range 1 + rnd.IntN(2) {
			from := all[rnd.IntN(len(all))]
			d.Edges = append(d.Edges, Edge{From: from, To: s.ID, Kind: kind, Carries: Records})
			for _, n := range tasks[from] {
				if kind == Fused && !held[n] {
					held[n] = true
					tasks[s.ID] = append(tasks[s.ID], n)
					d.Tasks[n].Fused = append(d.Tasks[n].Fused, s.ID)
				}
			}
		}
		d.Steps = append(d.Steps, s)
		all = append(all, s.ID)
	}
	for i := range d.Steps { // messages lead anywhere, also back
		if to := &d.Steps[i]; to.Key != "" && rnd.IntN(4) == 0 {
			d.Edges = append(d.Edges, Edge{From: d.Steps[rnd.IntN(len(d.Steps))].ID, To: to.ID, Kind: Message, Carries: Records})
		}
	}
	for i := range 1 + rnd.IntN(10) {
		s := Sink{ID: fmt.Sprint("sink/", i), Name: "k", Connector: Connector{Name: "csv"}}
		d.Sinks = append(d.Sinks, s)
		d.Edges = append(d.Edges, Edge{From: all[rnd.IntN(len(all))], To: s.ID, Kind: Write, Carries: Records})
	}
	for i := range d.Steps { // some give other streams beside the main one
		s := &d.Steps[i]
		for k := range d.Edges {
			if e := &d.Edges[k]; e.From == s.ID && e.Kind != Message && rnd.IntN(3) == 0 {
				o := Output{Name: strings.Repeat("o", 1+rnd.IntN(20)), Stream: fmt.Sprint("side ", k)}
				s.Outputs, e.Stream = append(s.Outputs, o), o.Stream
			}
		}
	}
	return d
}

// checkBoxes reports boxes that overlap or leave the picture.
func checkBoxes(t *testing.T, boxes []box, w, h float64) {
	t.Helper()
	for i, a := range boxes {
		if a.x < 0 || a.y < 0 || a.x+a.w > w || a.y+a.h > h+1 {
			t.Errorf("box %d at %+v leaves the picture of %v × %v", i, a, w, h)
		}
		for j, b := range boxes[:i] {
			if a.x < b.x+b.w && b.x < a.x+a.w && a.y < b.y+b.h && b.y < a.y+a.h {
				t.Errorf("boxes %d and %d overlap: %+v, %+v", i, j, a, b)
			}
		}
	}
}

// checkPath reports boxes that a path goes through, but for its own.
func checkPath(t *testing.T, path []point, boxes []box, own func(int) bool) {
	t.Helper()
	if len(path) < 4 || len(path)%2 != 0 {
		t.Fatalf("a path of %d points", len(path))
	}
	for i := range path[1:] {
		for step := range 21 {
			p := along(path[i], path[i+1], i%2 == 1, float64(step)/20)
			for k, b := range boxes {
				if !own(k) && p.x > b.x && p.x < b.x+b.w && p.y > b.y && p.y < b.y+b.h {
					t.Errorf("a path goes through box %d %+v at %+v", k, b, p)
					return
				}
			}
		}
	}
	for i := 0; i < len(path); i += 2 {
		if path[i].y != path[i+1].y {
			t.Errorf("a path crosses a layer on a slope: %+v, %+v", path[i], path[i+1])
		}
	}
}

// along is the point at u in 0 to 1 of the part of a path from a to b.
func along(a, b point, bent bool, u float64) point {
	if !bent {
		return point{a.x + u*(b.x-a.x), a.y + u*(b.y-a.y)}
	}
	m, v := (a.x+b.x)/2, 1-u
	return point{
		v*v*v*a.x + 3*v*v*u*m + 3*v*u*u*m + u*u*u*b.x,
		v*v*v*a.y + 3*v*v*u*a.y + 3*v*u*u*b.y + u*u*u*b.y,
	}
}
