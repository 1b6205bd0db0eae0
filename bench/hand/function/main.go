// Command function serves a function by the protocol of Stateful Functions that
// gives back what it is given, at the address os.Args[1].
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/flow-lang/flowc/bench/hand/statefun"
)

func main() {
	err := http.ListenAndServe(os.Args[1], http.HandlerFunc(serve))
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func serve(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has gone
	}
	var result, inner []byte
	err = statefun.Fields(body, func(field int, batch []byte) error {
		return statefun.Fields(batch, func(field int, invocation []byte) error {
			if field != statefun.Invocation {
				return nil
			}
			return statefun.Fields(invocation, func(field int, argument []byte) error {
				if field == statefun.Argument {
					inner = statefun.Append(inner[:0], 1, "bench")
					inner = statefun.Append(inner, 2, "out")
					inner = statefun.Append(inner, 3, argument)
					result = statefun.Append(result, statefun.Egress, inner)
				}
				return nil
			})
		})
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(statefun.Append(nil, statefun.Result, result))
}
