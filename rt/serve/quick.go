package serve

import (
	"bytes"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/flow-lang/flowc/rt"
)

// quickSize is the room for a request that is answered quickly, in bytes.
const quickSize = 1 << 10

// quickRefresh is how old deadlines and the date of answers may be.
const quickRefresh = time.Second

// quick answers what most requests are that come by the thousand: the value of one
// key as it is now,
//
//	GET /state/NAME?key=KEY
//
// and nothing about it that would need a second look: the request has come in one
// piece, with headers that are known to change nothing, or that the token is in. It
// is found, or the state has nothing for it. Whatever else there is to say, also
// about such a request, net/http's way says.
type quick struct {
	server *server
	conn   net.Conn
	in     [quickSize]byte
	out    []byte
	fresh  time.Time // when deadlines and head were made
	head   []byte    // the headers that all answers have
}

// run answers requests until one is not for it, and returns that; ok is false if
// there will be none.
func (q *quick) run(f *front) (rest []byte, ok bool) {
	if q.conn.SetReadDeadline(time.Now().Add(headerTime)) != nil {
		return nil, false
	}
	for !f.isOver() {
		n, err := q.conn.Read(q.in[:])
		if err != nil {
			return nil, false
		}
		if err := q.refresh(time.Now()); err != nil {
			return nil, false
		}
		if !q.answer(q.in[:n]) {
			return bytes.Clone(q.in[:n]), true
		}
		if _, err := q.conn.Write(q.out); err != nil {
			return nil, false
		}
	}
	return nil, false
}

// refresh moves deadlines on. One that is set for each request would cost as much
// as half of the answer.
func (q *quick) refresh(now time.Time) error {
	if now.Sub(q.fresh) < quickRefresh {
		return nil
	}
	q.fresh = now
	q.head = q.head[:0]
	for name, values := range secureHeaders {
		q.head = append(append(append(append(q.head, name...), ": "...), values[0]...), "\r\n"...)
	}
	q.head = now.UTC().AppendFormat(append(q.head, "Date: "...), http.TimeFormat)
	q.head = append(q.head, "\r\nContent-Type: application/json\r\nContent-Length: "...)
	if err := q.conn.SetReadDeadline(now.Add(idleTime)); err != nil {
		return err
	}
	return q.conn.SetWriteDeadline(now.Add(requestTime + headerTime))
}

// answer leaves the answer to a request in q.out, if it is one for it.
func (q *quick) answer(request []byte) (ok bool) {
	name, key, ok := q.parse(request)
	if !ok {
		return false
	}
	job := q.server.job.Load()
	if job == nil {
		return false
	}
	states := job.QueryStates()
	i := slices.IndexFunc(states, func(s rt.QueryState) bool { return s.Name == name })
	if i < 0 || states[i].State.Broadcast {
		return false
	}
	select {
	case q.server.slots <- struct{}{}:
		defer func() { <-q.server.slots }()
	default:
		return false
	}
	defer func() {
		if recover() != nil {
			ok = false // it is asked once more, and noted there
		}
	}()
	a := asked{state: &states[i], query: rt.Query{Limit: defaultPage}, limit: defaultPage}
	a.keys = [][]byte{asJSON(a.state.Operator.Key, key)}
	body, p := a.one()
	status := "HTTP/1.1 200 OK\r\n"
	if p != nil {
		if p.Code != unknownKey {
			return false
		}
		status, body = "HTTP/1.1 404 Not Found\r\n", p.body()
	}
	if !job.Running() {
		return false
	}
	q.out = append(append(q.out[:0], status...), q.head...)
	q.out = append(strconv.AppendInt(q.out, int64(len(body)), 10), "\r\n\r\n"...)
	q.out = append(q.out, body...)
	return true
}

// parse returns the name of the state and the key that a request asks for, if it is
// whole, of the one form that is answered quickly, and to be answered at all.
func (q *quick) parse(request []byte) (name, key string, ok bool) {
	line, header, _ := bytes.Cut(request, []byte("\r\n"))
	path, isGet := bytes.CutPrefix(line, []byte("GET /state/"))
	path, is11 := bytes.CutSuffix(path, []byte(" HTTP/1.1"))
	n, k, asks := bytes.Cut(path, []byte("?key="))
	if !isGet || !is11 || !asks || !plain(n, "%/?") || !plain(k, "&;#") || !q.welcome(header) {
		return "", "", false
	}
	key, err := url.QueryUnescape(string(k))
	return string(n), key, err == nil
}

// plain reports whether a part of a URL consists of visible ASCII without some
// letters.
func plain(text []byte, without string) bool {
	for _, c := range text {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return !bytes.ContainsAny(text, without)
}

// welcome reports whether a header, with the empty line at its end, is one of those
// that may be answered: each field once, and none that it does not know.
func (q *quick) welcome(header []byte) bool {
	seen := 0
	for {
		line, rest, ok := bytes.Cut(header, []byte("\r\n"))
		if !ok {
			return false
		}
		if header = rest; len(line) == 0 {
			break
		}
		name, v, ok := bytes.Cut(line, []byte(": "))
		if !ok {
			return false
		}
		which := slices.IndexFunc(quickFields, func(f quickField) bool { return bytes.EqualFold(name, f.name) })
		if which < 0 || seen&(1<<which) != 0 || !visible(v) || !quickFields[which].fits(q.server, string(v)) {
			return false
		}
		seen |= 1 << which
	}
	return len(header) == 0 && seen&quickHost != 0 && (q.server.token == "" || seen&quickAuthorization != 0)
}

// visible reports whether a value of a header is ASCII without controls.
func visible(v []byte) bool {
	for _, c := range v {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return true
}

// quickField is a field of the header of a request, and which values of it are
// answered quickly.
type quickField struct {
	name []byte
	fits func(s *server, v string) bool
}

// Fields that must be there, by their places in quickFields.
const (
	quickHost = 1 << iota
	quickAuthorization
)

var quickFields = []quickField{
	{[]byte("Host"), func(s *server, v string) bool { return !s.local || isThisMachine(v) }},
	{[]byte("Authorization"), func(s *server, v string) bool { return s.token == "" || s.isToken(v) }},
	{[]byte("User-Agent"), anything},
	{[]byte("Accept"), func(_ *server, v string) bool { return v == "*/*" || v == "application/json" }},
	{[]byte("Accept-Encoding"), anything},
	{[]byte("Accept-Language"), anything},
	{[]byte("Sec-Fetch-Mode"), anything}, // says nothing of where a request comes from
	{[]byte("Connection"), func(_ *server, v string) bool { return v == "keep-alive" }},
}

func anything(*server, string) bool { return true }
