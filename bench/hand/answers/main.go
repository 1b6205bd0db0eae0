// Command answers gives each request the same answer, at the address os.Args[1], with
// as little work as a Go program can do it with: what it costs others on the machine
// is what the asking costs, whoever is asked.
package main

import (
	"fmt"
	"net"
	"os"
)

const answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 42\r\n\r\n" +
	`{"state":"last","key":"s0000","value":123}`

func main() {
	l, err := net.Listen("tcp", os.Args[1])
	for err == nil {
		var c net.Conn
		if c, err = l.Accept(); err == nil {
			go serve(c)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// serve takes what one read gives for a request.
func serve(c net.Conn) {
	defer c.Close()
	in := make([]byte, 1024)
	for {
		if _, err := c.Read(in); err != nil {
			return
		}
		if _, err := c.Write([]byte(answer)); err != nil {
			return
		}
	}
}
