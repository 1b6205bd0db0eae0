// Command serve measures what it costs a pipeline to be asked and watched, and how
// long answers take, in one run on one machine.
//
//	go run ./bench/serve [-rows N] [-rate N] [-rounds N]
//
// It builds bench/serve/last.flow, feeds the same rows to it by a pipe, so many a
// second, round by round: without --http, with it, with metrics and dashboard looked at each second,
// and with 1,000 idle connections and 5,000 reads a second. The cost is what is
// added to the CPU time of the process for the same rows; the readers run in this
// process, beside it, on the same cores.
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

const (
	keys    = 10_000
	rowSize = 37 // bytes
)

func main() {
	rows := flag.Int("rows", 4_000_000, "rows of each run")
	rate := flag.Int("rate", 1_000_000, "rows a second; 0 for as many as it takes")
	rounds := flag.Int("rounds", 5, "rounds")
	flag.Parse()
	if err := measure(*rows, *rate, *rounds); err != nil {
		fmt.Fprintln(os.Stderr, "serve:", err)
		os.Exit(1)
	}
}

// way is a way to run the pipeline.
type way struct {
	name string
	http bool
	look func(addr string, over <-chan struct{}) []time.Duration // nil if nobody does
	cpu  []time.Duration
	took []time.Duration
	lat  []time.Duration
}

func measure(rows, rate, rounds int) error {
	dir, err := os.MkdirTemp("", "serve")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	bin := filepath.Join(dir, "last")
	build := exec.Command("go", "run", "./cmd/flowc", "build", filepath.Join("bench", "serve", "last.flow"), "-o", bin)
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build, from the root of the repository: %w", err)
	}
	input := make([]byte, 0, rowSize*rows)
	for i := range rows {
		input = fmt.Appendf(input, "{\"sensor\":\"s%04d\",\"n\":%013d}\n", i*7919%keys, i+1_000_000_000_000)
	}
	ways := []*way{
		{name: "no server"},
		{name: "--http, nobody asks", http: true},
		{name: "metrics and status each second", http: true, look: watch},
		{name: "1,000 idle connections, 5,000 reads/s", http: true, look: crowd},
	}
	for round := range rounds + 1 { // the first warms up
		for _, w := range ways {
			if err := w.run(bin, &pieces{left: input, rate: rowSize * rate}, round > 0); err != nil {
				return err
			}
		}
	}
	base := median(ways[0].cpu)
	for _, w := range ways {
		cpu, took := median(w.cpu), median(w.took)
		fmt.Printf("%-40s CPU %6.3f s (%+5.1f %%), %5.2f million rows/s", w.name, cpu.Seconds(), 100*(cpu.Seconds()/base.Seconds()-1), float64(rows)/took.Seconds()/1e6)
		if slices.Sort(w.lat); len(w.lat) > 0 {
			fmt.Printf(", %d reads: p50 %v, p99 %v", len(w.lat), at(w.lat, 0.5), at(w.lat, 0.99))
		}
		fmt.Println()
	}
	return nil
}

func median(d []time.Duration) time.Duration { slices.Sort(d); return at(d, 0.5) }

func at(sorted []time.Duration, q float64) time.Duration {
	return sorted[int(q*float64(len(sorted)-1))]
}

// run feeds the pipeline once.
func (w *way) run(bin string, input *pieces, counts bool) error {
	args := []string{"--quiet", "--parallelism", "1"}
	addr := ""
	if w.http {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		addr = l.Addr().String()
		_ = l.Close()
		args = append(args, "--http", addr)
	}
	cmd := exec.Command(bin, args...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	begun := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	over := make(chan struct{})
	var looking sync.WaitGroup
	var lat []time.Duration
	if w.look != nil {
		looking.Go(func() { lat = w.look(addr, over) })
	}
	_, fed := io.Copy(in, input)
	_ = in.Close()
	close(over)
	looking.Wait()
	if err := cmd.Wait(); err != nil || fed != nil {
		return fmt.Errorf("%s: %w, %w", w.name, err, fed)
	}
	if counts {
		w.cpu = append(w.cpu, cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime())
		w.took = append(w.took, time.Since(begun))
		w.lat = append(w.lat, lat...)
	}
	return nil
}

// pieces reads bytes in pieces of 64 KiB, as a pipe takes them.
type pieces struct {
	left  []byte
	rate  int // bytes a second; 0 for as many as are taken
	read  int
	begun time.Time
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.left) == 0 {
		return 0, io.EOF
	}
	if p.begun.IsZero() {
		p.begun = time.Now()
	}
	if p.rate > 0 {
		time.Sleep(time.Until(p.begun.Add(time.Duration(float64(p.read) / float64(p.rate) * float64(time.Second)))))
	}
	n := copy(b, p.left[:min(len(p.left), 64<<10)])
	p.read += n
	p.left = p.left[n:]
	return n, nil
}

// get asks once and returns how long it took.
func get(client *http.Client, url string) (time.Duration, bool) {
	begun := time.Now()
	resp, err := client.Get(url)
	if err != nil {
		return 0, false
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	return time.Since(begun), resp.StatusCode == http.StatusOK
}

// watch looks at what Prometheus and an open dashboard do.
func watch(addr string, over <-chan struct{}) []time.Duration {
	client := &http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	for tick := time.NewTicker(time.Second); ; {
		for _, path := range []string{"/metrics", "/status", "/state/last"} {
			get(client, "http://"+addr+path)
		}
		select {
		case <-over:
			tick.Stop()
			return nil
		case <-tick.C:
		}
	}
}

// crowd keeps 1,000 connections open on which nothing comes, and reads 5,000 keys a
// second from 8 connections.
func crowd(addr string, over <-chan struct{}) (all []time.Duration) {
	time.Sleep(50 * time.Millisecond) // until it listens
	for range 1000 {
		if c, err := net.Dial("tcp", addr); err == nil {
			defer func() { _ = c.Close() }()
		}
	}
	const readers, perSecond = 8, 5000
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: readers}, Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var reading sync.WaitGroup
	for r := range readers {
		reading.Go(func() {
			var mine []time.Duration
			begun := time.Now()
			for i := 0; ; i++ {
				select {
				case <-over:
					mu.Lock()
					all = append(all, mine...)
					mu.Unlock()
					return
				case <-time.After(time.Until(begun.Add(time.Duration(i) * time.Second * readers / perSecond))):
				}
				if took, ok := get(client, "http://"+addr+"/state/last?key="+fmt.Sprintf("s%04d", (i*readers+r)%keys)); ok {
					mine = append(mine, took)
				}
			}
		})
	}
	reading.Wait()
	return all
}
