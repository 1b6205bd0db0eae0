package graph

import (
	"math/rand/v2"
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
