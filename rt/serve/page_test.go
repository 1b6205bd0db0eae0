package serve_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	greeter "github.com/flow-lang/flowc/golden/gen/greeter"
	"github.com/flow-lang/flowc/rt"
	"github.com/flow-lang/flowc/rt/vfs"
)

// TestDashboard uses the dashboard as a person does.
func TestDashboard(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	r := start(t, 2, nil)
	for i := range 60 {
		r.send(fmt.Sprintf("shop %02d", i%12), fmt.Sprintf("item %d", i%7), i, i%60)
	}
	r.eventually("/state/total?key=shop+11", `"found":true`)
	b.open("http://"+r.addr+"/", 1600, 1000, "light")
	b.until(`document.querySelector('#state').textContent === 'running'`)
	b.until(`document.querySelectorAll('#graph .node').length === 5`)
	b.until(`document.querySelectorAll('#steps tbody tr').length === 5`)
	b.until(`document.querySelector('#answer').innerText.includes('shop 11')`)
	b.shoot("light-1600")

	// A node tells all about itself, by mouse and by keyboard.
	b.click(`[data-id="step/shops"]`)
	b.until(`document.querySelector('#detail').innerText.includes('state total')`)
	b.press("Escape", "")
	b.until(`document.querySelector('#detail').innerText === ''`)
	b.eval(`document.querySelector('[data-id="step/spots"]').focus()`)
	b.press("Enter", "\r")
	b.until(`document.querySelector('#detail').innerText.includes('spots')`)

	// All of it is reached by Tab alone, and what has focus shows it.
	b.press("Escape", "")
	b.eval(`document.activeElement.blur()`)
	wanted := []string{"#token-button", "#savepoint-button", "#stop-button", "#graph", `[data-id="source/sales"]`, `[data-id="step/shops"]`, `[data-id="sink/c"]`, "#query-state", "#query-key", "#query-live", "#query-checkpointed"}
	for range 60 {
		b.press("Tab", "")
		if len(wanted) == 0 {
			break
		}
		if b.eval(fmt.Sprintf(`document.activeElement.matches(%q)`, wanted[0])) == "true" {
			if b.eval(`(() => { const e = document.activeElement, box = e.querySelector(':scope > rect.box'); return box ? getComputedStyle(box).strokeWidth === '2.5px' : getComputedStyle(e).outlineStyle === 'solid' })()`) != "true" {
				t.Errorf("%s does not show that it has focus", wanted[0])
			}
			wanted = wanted[1:]
		}
	}
	if len(wanted) > 0 {
		t.Errorf("Tab does not lead to %v", wanted)
	}

	// What one key has, as it changes.
	b.eval(`document.querySelector('#query-state').focus()`)
	b.eval(`(() => { const s = document.querySelector('#query-state'); s.value = 'total'; s.dispatchEvent(new Event('change')) })()`)
	b.press("/", "/")
	b.eval(`document.querySelector('#query-key').focus()`)
	b.typed("shop 03")
	b.press("Enter", "\r")
	b.until(`document.querySelector('#answer').innerText.includes('135')`)
	r.send("shop 03", "item", 1000, 59)
	b.until(`document.querySelector('#answer').innerText.includes('1135')`)
	b.eval(`document.querySelector('#query-key').value = 'nobody'`)
	b.until(`document.querySelector('#query-said').innerText.includes('nothing for')`)
	if got := b.all(); len(got) > 0 && !onlyMissing(got) {
		t.Errorf("the console has:\n%s", strings.Join(got, "\n"))
	}

	for _, width := range []int{1600, 360} {
		b.open("http://"+r.addr+"/", width, 900, "dark")
		b.until(`document.querySelectorAll('#graph .node').length === 5`)
		b.until(`document.documentElement.scrollWidth <= window.innerWidth`)
		b.shoot(fmt.Sprintf("dark-%d", width))
	}

	// Stop asks before it does.
	b.click("#stop-button")
	b.until(`document.querySelector('#ask').open`)
	b.shoot("stop-360")
	b.press("Escape", "")
	b.until(`!document.querySelector('#ask').open`)
	b.click("#stop-button")
	b.until(`document.querySelector('#ask').open`)
	b.click("#ask-yes")
	select {
	case err := <-r.ended:
		r.ended <- err
	case <-time.After(10 * time.Second):
		t.Error("the job goes on after Stop")
	}
}

// TestDashboardLoop: steps that send to each other stand in the graph beside each other,
// not ever further to the right.
func TestDashboardLoop(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	fs := vfs.NewMem()
	f, err := fs.Create("in.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	r := startSpec(t, greeter.Pipeline(), rt.Options{FS: fs, Parallelism: 1, Getenv: func(string) (string, bool) { return "hidden", true }}, nil)
	b.open("http://"+r.addr+"/", 1600, 1000, "light")
	b.until(`document.querySelectorAll('#graph .node').length === 8`) // a source, three steps, four sinks
	b.shoot("loop-1600")
	b.until(`new Set([...document.querySelectorAll('#graph .node')].map((n) => n.transform.baseVal[0].matrix.e)).size === 5`)
	b.until(`document.querySelector('#graph svg').viewBox.baseVal.width < 5 * 330`)
}

// onlyMissing reports whether the console has nothing but what the browser says
// of answers with the status 404, which is that of an unknown key.
func onlyMissing(said []string) bool {
	for _, line := range said {
		if !strings.Contains(line, "status of 404") || !strings.Contains(line, "/state/") {
			return false
		}
	}
	return true
}

// TestDashboardWithToken asks for the token and keeps it in the tab.
func TestDashboardWithToken(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	r := start(t, 1, func(o *rt.ServeOptions) { o.TokenFile = tokenFile(t, secret) })
	b.open("http://"+r.addr+"/", 800, 800, "light")
	b.until(`document.querySelector('#notice').innerText.includes('token')`)
	b.click("#token-button")
	b.until(`document.querySelector('#ask').open`)
	b.typed("wrong" + secret)
	b.press("Enter", "\r")
	b.until(`document.querySelector('#notice').innerText.includes('does not take')`)
	b.click("#token-button")
	b.until(`document.querySelector('#ask').open`)
	b.eval(`document.querySelector('#ask-input').select()`)
	b.typed(secret)
	b.press("Enter", "\r")
	b.until(`document.querySelector('#notice').hidden`)
	b.until(`document.querySelector('#state').textContent === 'running'`)
	if got := b.eval(`document.documentElement.outerHTML`); strings.Contains(got, secret) {
		t.Error("the page shows the token")
	}

	// What has come of what was pressed stays there.
	b.click("#savepoint-button")
	b.until(`document.querySelector('#ask').open`)
	b.typed("not/from/the/root")
	b.press("Enter", "\r")
	b.until(`document.querySelector('#done').innerText.includes('relative')`)
	b.until(`new Promise((done) => setTimeout(() => done(document.querySelector('#done').innerText.includes('relative')), 1500))`)
	r.server.Close()
	b.until(`document.querySelector('#notice').innerText.includes('does not answer')`)
}
