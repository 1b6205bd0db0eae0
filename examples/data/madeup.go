package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// clicks makes up visits of a web site: users come, look at pages some seconds
// apart, and go away. Lines are up to 20 s out of order, as when several
// servers write one log.
func clicks() []byte {
	type click struct {
		User string    `json:"user"`
		At   time.Time `json:"at"`
		Page string    `json:"page"`
	}
	users := []string{"ada", "bo", "cy", "dee", "eve", "finn"}
	pages := []string{"/", "/pricing", "/docs", "/docs/state", "/blog", "/login"}
	random := rand.New(rand.NewPCG(1, 2))
	next := make([]time.Time, len(users)) // when each user clicks again
	start := time.Date(2024, 5, 1, 9, 0, 0, 0, time.UTC)
	for i := range next {
		next[i] = start.Add(time.Duration(random.IntN(1200)) * time.Second)
	}
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	for range 240 {
		user := 0
		for i := range next {
			if next[i].Before(next[user]) {
				user = i
			}
		}
		shift := time.Duration(random.IntN(20)) * time.Second
		must(lines.Encode(click{User: users[user], At: next[user].Add(-shift), Page: pages[random.IntN(len(pages))]}))
		pause := 5 + random.IntN(115)
		if random.IntN(8) == 0 {
			pause = 1800 + random.IntN(5400) // away: the next click begins a session
		}
		next[user] = next[user].Add(time.Duration(pause) * time.Second)
	}
	return out.Bytes()
}

// entries makes up bookings of some accounts in cents: most are fine, some
// take more than there is, one is negative, and one is larger than any account.
func entries() []byte {
	type entry struct {
		ID      int    `json:"id"`
		Account string `json:"account"`
		Kind    string `json:"kind"`
		Cents   int64  `json:"cents"`
	}
	accounts := []string{"rent", "food", "travel", "savings"}
	random := rand.New(rand.NewPCG(3, 4))
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	for id := 1; id <= 60; id++ {
		e := entry{ID: id, Account: accounts[random.IntN(len(accounts))], Kind: "withdrawal", Cents: int64(100 + random.IntN(19900))}
		switch {
		case id == 40:
			e.Cents = -e.Cents
		case id == 50:
			e.Kind, e.Cents = "deposit", 1<<63-1
		case id <= 4 || random.IntN(2) == 0:
			e.Kind = "deposit"
		}
		must(lines.Encode(e))
	}
	return out.Bytes()
}

// requests makes up the log of a web server.
func requests() []byte {
	type request struct {
		Method string `json:"method"`
		Path   string `json:"path"`
		Status int    `json:"status"`
		MS     int    `json:"ms"`
	}
	random := rand.New(rand.NewPCG(5, 6))
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	for range 200 {
		r := request{Method: "GET", Path: fmt.Sprintf("/items/%d", random.IntN(500)), Status: 200, MS: 3 + random.IntN(90)}
		switch random.IntN(20) {
		case 0:
			r.Status, r.MS = 500, 200+random.IntN(3000)
		case 1, 2:
			r.Status = 404
		case 3:
			r.Method, r.MS = "POST", 150+random.IntN(900)
		}
		must(lines.Encode(r))
	}
	return out.Bytes()
}

// must panics if err is not nil: encoding these structs cannot fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
