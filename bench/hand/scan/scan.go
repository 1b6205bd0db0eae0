// Package scan is the JSON scanner of the hand-written loops that flowc is
// measured against: what a Go programmer writes who wants speed and knows the
// shape of the input, without giving up what a parser owes its user. Fields
// may come in any order, escapes are decoded, numbers are read exactly, and
// text that is no JSON, no UTF-8 or of the wrong type is an error.
//
// It shares no code with the runtime, so that the two do not get faster or
// slower together.
package scan

import (
	"encoding/binary"
	"errors"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// ErrSyntax is the error of a line that is not what the caller expects.
var ErrSyntax = errors.New("scan: malformed line")

// A Scanner reads one JSON object. Its first error sticks: after it, methods
// give zero values.
type Scanner struct {
	text    []byte
	at      int
	scratch []byte // decoded strings with escapes, until the next Reset
	err     error
}

// Reset makes s read text, which must not change before the next Reset: the
// strings that s gives are views of it.
func (s *Scanner) Reset(text []byte) {
	s.text, s.at, s.scratch, s.err = text, 0, s.scratch[:0], nil
}

// Err returns the first error.
func (s *Scanner) Err() error { return s.err }

// fail records an error and moves to the end.
func (s *Scanner) fail() {
	s.err, s.at = ErrSyntax, len(s.text)
}

// space moves past white space and returns the byte there, 0 at the end.
func (s *Scanner) space() byte {
	if s.at < len(s.text) && s.text[s.at] > ' ' {
		return s.text[s.at]
	}
	return s.moreSpace()
}

// moreSpace is space where there is some, or the end.
func (s *Scanner) moreSpace() byte {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// want moves past c, or fails.
func (s *Scanner) want(c byte) bool {
	if s.space() != c {
		s.fail()
		return false
	}
	s.at++
	return true
}

// Begin moves into an object.
func (s *Scanner) Begin() { s.want('{') }

// Key moves past the next key of the object and its colon. It is false at the
// end of the object, after which only white space may follow, and after an
// error.
func (s *Scanner) Key(first bool) ([]byte, bool) {
	switch c := s.space(); {
	case c == '}':
		s.at++
		if s.space() != 0 || s.at != len(s.text) {
			s.fail()
		}
		return nil, false
	case first:
	case c == ',':
		s.at++
	default:
		s.fail()
		return nil, false
	}
	key := s.String()
	if s.at < len(s.text) && s.text[s.at] == ':' {
		s.at++
		return key, true
	}
	return key, s.want(':')
}

// String reads a string: a view of the line, or of the scanner's own memory if
// it holds an escape.
func (s *Scanner) String() []byte {
	if s.at >= len(s.text) || s.text[s.at] != '"' {
		if s.space() != '"' {
			s.fail()
			return nil
		}
	}
	start := s.at + 1
	i, ascii := start, true
	for {
		i = plain(s.text, i)
		if i == len(s.text) || s.text[i] < 0x20 {
			s.fail()
			return nil
		}
		switch s.text[i] {
		case '"':
			s.at = i + 1
			if text := s.text[start:i]; ascii || utf8.Valid(text) {
				return text
			}
			s.fail()
			return nil
		case '\\':
			return s.unescape(start, i)
		}
		ascii = false
		i++
	}
}

// plain returns the first index from i on whose byte does not stand for itself
// in a string of ASCII: a quote, a backslash, a control character or a part of
// a longer character. It looks at eight bytes at a time.
func plain(text []byte, i int) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(text); i += 8 {
		x := binary.LittleEndian.Uint64(text[i:])
		quote, backslash := x^ones*'"', x^ones*'\\'
		// A byte of zero, or one below a space, borrows from its top bit. What
		// borrows further up can only mark bytes after the first that counts.
		found := (quote-ones)&^quote | (backslash-ones)&^backslash | (x-ones*' ')&^x | x
		if found &= tops; found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for i < len(text) && text[i] >= ' ' && text[i] < 0x80 && text[i] != '"' && text[i] != '\\' {
		i++
	}
	return i
}

// unescape reads on from the first escape, at i, of the string that begins at
// start.
func (s *Scanner) unescape(start, i int) []byte {
	from := len(s.scratch)
	s.scratch = append(s.scratch, s.text[start:i]...)
	for i < len(s.text) && s.text[i] >= 0x20 {
		switch s.text[i] {
		case '"':
			s.at = i + 1
			if text := s.scratch[from:]; utf8.Valid(text) {
				return text
			}
			s.fail()
			return nil
		case '\\':
			if i = s.escape(i + 1); i < 0 {
				s.fail()
				return nil
			}
		default:
			run := max(plain(s.text, i), i+1)
			s.scratch = append(s.scratch, s.text[i:run]...)
			i = run
		}
	}
	s.fail()
	return nil
}

// escape decodes the escape whose letter is at i and returns where it ends, -1
// if it is none.
func (s *Scanner) escape(i int) int {
	if i >= len(s.text) {
		return -1
	}
	switch c := s.text[i]; c {
	case '"', '\\', '/':
		s.scratch = append(s.scratch, c)
	case 'b':
		s.scratch = append(s.scratch, '\b')
	case 'f':
		s.scratch = append(s.scratch, '\f')
	case 'n':
		s.scratch = append(s.scratch, '\n')
	case 'r':
		s.scratch = append(s.scratch, '\r')
	case 't':
		s.scratch = append(s.scratch, '\t')
	case 'u':
		r, ok := s.hex(i + 1)
		if !ok {
			return -1
		}
		i += 4
		if utf16.IsSurrogate(r) {
			low, ok := rune(0), i+2 < len(s.text) && s.text[i+1] == '\\' && s.text[i+2] == 'u'
			if ok {
				low, ok = s.hex(i + 3)
			}
			if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
				return -1
			}
			i += 6
		}
		s.scratch = utf8.AppendRune(s.scratch, r)
	default:
		return -1
	}
	return i + 1
}

// hex reads the four hexadecimal digits at i.
func (s *Scanner) hex(i int) (r rune, ok bool) {
	if i+4 > len(s.text) {
		return 0, false
	}
	for _, c := range s.text[i : i+4] {
		switch {
		case c-'0' <= 9:
			r = r<<4 | rune(c-'0')
		case c|0x20-'a' <= 5:
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}
