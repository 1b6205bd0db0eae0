package serve

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// problem is an answer that says why there is none.
type problem struct {
	status  int
	Code    string `json:"code"`
	Message string `json:"message"`
	Meant   string `json:"did_you_mean,omitempty"`
}

func problemf(status int, code, format string, args ...any) *problem {
	return &problem{status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

// write sends the problem as {"error": {"code": …, "message": …}}.
func (p *problem) write(w http.ResponseWriter) {
	if p.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	send(w, p.status, p.told())
}

// told is what is sent of the problem.
func (p *problem) told() map[string]*problem { return map[string]*problem{"error": p} }

// body returns what is sent of the problem as bytes.
func (p *problem) body() []byte {
	_, text := asBody(p.status, p.told())
	return text
}

// send writes v as JSON.
func send(w http.ResponseWriter, status int, v any) {
	status, text := asBody(status, v)
	sendJSON(w, status, text)
}

// asBody returns v as the body of an answer, and the status, which is another if v
// has no JSON.
func asBody(status int, v any) (int, []byte) {
	text, err := marshal(v)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":{"code":"internal","message":"the answer cannot be written as JSON"}}`)
	}
	return status, append(text, '\n')
}

// marshal writes v as JSON in which types such as list<int> can be read: no answer
// is part of a page.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func sendJSON(w http.ResponseWriter, status int, text []byte) {
	sendAs(w, status, "application/json", text)
}

// sendAs sends a whole answer, which says how long it is.
func sendAs(w http.ResponseWriter, status int, contentType string, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) //nolint:gosec // it is JSON or Avro and says so; the client has gone if it fails
}
