package statefun

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// application is what a module says, as far as a program can say it.
type application struct {
	endpoints []endpoint
	topics    []topic
	egresses  []egress
	requests  bool // each function is called by requests to the playground, too
	remarks   []Remark
}

// endpoint is where functions of a type, or of a namespace, are served.
type endpoint struct {
	functions string // namespace/name or namespace/*
	line      int
	url       string
	timeouts  []string // "call 1m"
	files     []string // "ca \"…\""
}

// topic is a stream of records that an ingress leads to functions.
type topic struct {
	ingress, name string
	kind          string // Kafka, Kinesis or the playground
	value         string // name of the type of its values
	targets       []string
	facts         []string // what else the module says of it
	line          int
}

// egress is where functions send records to.
type egress struct {
	id, kind string
	facts    []string
	line     int
}

func (a *application) remark(line int, format string, args ...any) {
	a.remarks = append(a.remarks, Remark{line, fmt.Sprintf(format, args...)})
}

// understand sorts the components of a module.
func understand(all []component) *application {
	a := &application{}
	for _, c := range all {
		switch c.kind {
		case "io.statefun.endpoints.v1/http", "io.statefun.endpoints.v2/http":
			a.endpoint(c)
		case "io.statefun.kafka.v1/ingress":
			a.ingress(c, "Kafka", "topics", "topic")
		case "io.statefun.kinesis.v1/ingress":
			a.ingress(c, "Kinesis", "streams", "stream")
		case "io.statefun.kafka.v1/egress":
			a.egress(c, "Kafka")
		case "io.statefun.kinesis.v1/egress":
			a.egress(c, "Kinesis")
		case "io.statefun.playground.v1/ingress":
			a.requests = true
			a.remark(c.line, "requests to the playground, PUT /namespace/type/id, are read from JSON lines of a file for each function, such as {\"type\": \"io.statefun.types/string\", \"key\": \"id\", \"value\": \"AAE=\"} with the value in base64")
		case "io.statefun.playground.v1/egress":
			a.egresses = append(a.egresses, egress{id: "io.statefun.playground/egress", kind: playground, facts: a.facts(c, "the playground", "port"), line: c.line})
		default:
			a.remark(c.line, "a component of kind %s has no counterpart: it is left out", c.kind)
		}
	}
	return a
}

// playground is the kind of what the playground of Stateful Functions has besides.
const playground = "the playground"

// typeName is what names of functions look like; the name may be all of them.
var typeName = regexp.MustCompile(`^[A-Za-z0-9_.\-]+(/[A-Za-z0-9_.\-]+)*/([A-Za-z0-9_.\-]+|\*)$`)

func (a *application) endpoint(c component) {
	e := endpoint{functions: c.spec.at("functions").text(), line: c.line, url: c.spec.at("urlPathTemplate").text()}
	switch {
	case !typeName.MatchString(e.functions):
		a.remark(c.line, "an endpoint for the functions %q is left out: they are namespace/name or namespace/*", e.functions)
		return
	case e.url == "":
		a.remark(c.line, "the endpoint for %s is left out: it has no urlPathTemplate", e.functions)
		return
	}
	for _, name := range c.spec.names() {
		switch n := c.spec.at(name); name {
		case "functions", "urlPathTemplate":
		case "timeouts":
			a.timeouts(&e, n)
		case "transport":
			a.transport(&e, n)
		case "maxNumBatchRequests":
			a.remark(n.place(), "maxNumBatchRequests of %s has no counterpart: a batch holds at most 1000 invocations, and \"max N in flight\" bounds those that are under way for all addresses", e.functions)
		default:
			a.remark(n.place(), "%s of the endpoint for %s has no counterpart", name, e.functions)
		}
	}
	a.endpoints = append(a.endpoints, e)
}

func (a *application) timeouts(e *endpoint, n node) {
	for _, name := range n.names() {
		switch name {
		case "call", "connect", "read", "write":
			a.timeout(e, name, n.at(name))
		default:
			a.remark(n.at(name).place(), "the timeout %s of %s has no counterpart", name, e.functions)
		}
	}
}

func (a *application) timeout(e *endpoint, name string, n node) {
	if d, ok := duration(n.text()); ok {
		e.timeouts = append(e.timeouts, name+" "+d)
		return
	}
	a.remark(n.place(), "the timeout %s of %s is no duration: %q", name, e.functions, n.text())
}

func (a *application) transport(e *endpoint, n node) {
	files := map[string]string{"trust_cacerts": "ca", "client_cert": "cert", "client_key": "key"}
	for _, name := range n.names() {
		v := n.at(name)
		switch name {
		case "type", "pool_ttl", "pool_size":
			// the client has a pool of its own, whatever the transport
		case "timeouts":
			a.timeouts(e, v)
		case "call", "connect", "read", "write":
			a.timeout(e, name, v)
		case "payload_max_bytes":
			if v.text() != "33554432" {
				a.remark(v.place(), "payload_max_bytes of %s has no counterpart: a reply has at most 32 MiB", e.functions)
			}
		case "trust_cacerts", "client_cert", "client_key":
			if strings.HasPrefix(v.text(), "classpath:") || v.text() == "" {
				a.remark(v.place(), "%s of %s has no counterpart: name a file", name, e.functions)
				continue
			}
			e.files = append(e.files, files[name]+" "+quoted(strings.TrimPrefix(strings.TrimPrefix(v.text(), "file:"), "//")))
		default:
			a.remark(v.place(), "%s of %s has no counterpart", name, e.functions)
		}
	}
}

// spans are the units of durations, as the file and as Flow writes them.
var spans = map[string]string{
	"ms": "ms", "milli": "ms", "millis": "ms", "millisecond": "ms", "milliseconds": "ms",
	"s": "s", "sec": "s", "second": "s", "seconds": "s", "": "ms",
	"m": "m", "min": "m", "minute": "m", "minutes": "m",
	"h": "h", "hour": "h", "hours": "h", "d": "d", "day": "d", "days": "d",
}

// duration writes a duration as Flow does.
func duration(text string) (string, bool) {
	text = strings.TrimSpace(text)
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	n, err := strconv.ParseUint(text[:digits], 10, 40)
	unit, ok := spans[strings.ToLower(strings.TrimSpace(text[digits:]))]
	return fmt.Sprintf("%d%s", n, unit), ok && err == nil && n > 0
}

// facts lists what else a component says, one a line, without secrets.
func (a *application) facts(c component, id string, but ...string) (all []string) {
	for _, name := range c.spec.names() {
		if slices.Contains(but, name) {
			continue
		}
		if strings.Contains(strings.ToLower(name), "credentials") {
			a.remark(c.spec.at(name).place(), "%s of %s is not taken over", name, id)
			continue
		}
		all = append(all, name+": "+flat(c.spec.at(name)))
	}
	return all
}

// flat writes a value on one line; values of properties may be secrets, and only
// their names are shown.
func flat(n node) string {
	if names := n.names(); len(names) > 0 {
		var parts []string
		for _, name := range names {
			parts = append(parts, name+" "+flat(n.at(name)))
		}
		return strings.Join(parts, ", ")
	}
	if list := n.list(); len(list) > 0 {
		var parts []string
		for _, e := range list {
			if names := e.names(); len(names) > 0 {
				parts = append(parts, strings.Join(names, ", "))
			} else {
				parts = append(parts, e.text())
			}
		}
		return strings.Join(parts, ", ")
	}
	return n.text()
}

func (a *application) ingress(c component, kind, list, one string) {
	id := c.spec.at("id").text()
	facts := a.facts(c, id, "id", list)
	topics := c.spec.at(list).list()
	if len(topics) == 0 {
		a.remark(c.line, "the ingress %s has no %s: it is left out", id, list)
	}
	for _, e := range topics {
		t := topic{ingress: id, name: e.at(one).text(), kind: kind, value: e.at("valueType").text(), facts: facts, line: e.place()}
		for _, f := range e.at("targets").list() {
			t.targets = append(t.targets, f.text())
		}
		if t.name == "" || len(t.targets) == 0 || !typeName.MatchString(t.value) {
			a.remark(t.line, "a %s of the ingress %s is left out: it has no name, no targets, or no valueType namespace/name", one, id)
			continue
		}
		a.topics = append(a.topics, t)
	}
}

func (a *application) egress(c component, kind string) {
	id := c.spec.at("id").text()
	if id == "" {
		a.remark(c.line, "an egress without an id is left out")
		return
	}
	a.egresses = append(a.egresses, egress{id: id, kind: kind, facts: a.facts(c, id, "id"), line: c.line})
}

// served returns the endpoint of a function: its own rather than its namespace's.
func (a *application) served(function string) *endpoint {
	var all *endpoint
	namespace := function[:strings.LastIndexByte(function, '/')+1]
	for i := range a.endpoints {
		switch e := &a.endpoints[i]; e.functions {
		case function:
			return e
		case namespace + "*":
			all = e
		}
	}
	return all
}
