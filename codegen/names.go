package codegen

import (
	"go/token"
	"strconv"
	"strings"
)

// initialisms are the words that Go writes in one case.
var initialisms = map[string]bool{
	"ACL": true, "API": true, "ASCII": true, "CPU": true, "CSS": true, "DNS": true, "EOF": true, "GUID": true,
	"HTML": true, "HTTP": true, "HTTPS": true, "ID": true, "IP": true, "JSON": true, "LHS": true, "QPS": true,
	"RAM": true, "RHS": true, "RPC": true, "SLA": true, "SMTP": true, "SQL": true, "SSH": true, "TCP": true,
	"TLS": true, "TTL": true, "UDP": true, "UI": true, "UID": true, "URI": true, "URL": true, "UTF8": true,
	"UUID": true, "VM": true, "XML": true, "XSRF": true, "XSS": true,
}

// predeclared are the names that Go gives a meaning outside any package.
var predeclared = strings.Fields(`any bool byte comparable complex64 complex128 error float32 float64
	int int8 int16 int32 int64 rune string uint uint8 uint16 uint32 uint64 uintptr true false iota nil append cap
	clear close complex copy delete imag len make max min new panic print println real recover init main`)

// words takes a name of Flow apart: user_id, userId and w.user_id have the
// words user and id.
func words(name string) []string {
	var list []string
	start := 0
	flush := func(end int) {
		if end > start {
			list = append(list, name[start:end])
		}
	}
	for i := 0; i < len(name); i++ {
		switch {
		case !isWordByte(name[i]):
			flush(i)
			start = i + 1
		case i > start && isUpper(name[i]) && !isUpper(name[i-1]):
			flush(i)
			start = i
		}
	}
	flush(len(name))
	return list
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

// isWordByte reports whether c may stand in a Go identifier that we make:
// ASCII letters and digits. All else parts words.
func isWordByte(c byte) bool {
	return isUpper(c) || 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
}

// exported makes an exported Go name: user_id becomes UserID.
func exported(name string) string {
	var b strings.Builder
	for _, w := range words(name) {
		if up := strings.ToUpper(w); initialisms[up] {
			b.WriteString(up)
		} else {
			b.WriteString(strings.ToUpper(w[:1]) + w[1:])
		}
	}
	return identifier(b.String(), "X")
}

// unexported makes an unexported Go name: user_id becomes userID.
func unexported(name string) string {
	list := words(name)
	if len(list) == 0 {
		return "x"
	}
	first := list[0]
	if strings.ToUpper(first) == first || initialisms[strings.ToUpper(first)] {
		first = strings.ToLower(first)
	} else {
		first = strings.ToLower(first[:1]) + first[1:]
	}
	rest := ""
	if len(list) > 1 {
		rest = exported(strings.Join(list[1:], "_"))
	}
	return identifier(first+rest, "x")
}

// identifier puts prefix before what is no identifier by itself.
func identifier(name, prefix string) string {
	if name == "" || '0' <= name[0] && name[0] <= '9' {
		return prefix + name
	}
	return name
}

// nameScope gives out Go names. A name is given once in a scope and the scopes
// around it, and never one that Go or the generated file uses otherwise.
type nameScope struct {
	outer *nameScope
	taken map[string]bool
}

// newNames returns a scope inside outer, which may be nil. taken are names
// that are in use already.
func newNames(outer *nameScope, taken ...string) *nameScope {
	s := &nameScope{outer: outer, taken: map[string]bool{}}
	for _, name := range taken {
		s.taken[name] = true
	}
	return s
}

// pick gives out want, or want with the first number that makes it free.
func (s *nameScope) pick(want string) string {
	name := want
	for n := 2; !s.free(name); n++ {
		name = want + strconv.Itoa(n)
	}
	s.taken[name] = true
	return name
}

func (s *nameScope) free(name string) bool {
	if token.IsKeyword(name) || name == "_" {
		return false
	}
	for ; s != nil; s = s.outer {
		if s.taken[name] {
			return false
		}
	}
	return true
}
