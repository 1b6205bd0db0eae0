// Command service says over HTTP who somebody is. It is busy now and then.
package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"sync/atomic"
)

func main() {
	people := map[string]string{
		"ada": `{"name":"Ada Lovelace","city":"London"}`,
		"kon": `{"name":"Konrad Zuse","city":"Berlin"}`,
	}
	var asked atomic.Int64
	http.HandleFunc("GET /people/{id}", func(w http.ResponseWriter, r *http.Request) {
		person, known := people[r.PathValue("id")]
		switch {
		case asked.Add(1)%3 == 0:
			http.Error(w, "busy", http.StatusServiceUnavailable)
		case !known:
			http.NotFound(w, r)
		default:
			fmt.Fprintln(w, person)
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("http://" + listener.Addr().String())
	fmt.Fprintln(os.Stderr, http.Serve(listener, nil))
	os.Exit(1)
}
