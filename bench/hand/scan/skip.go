package scan

import "unicode/utf8"

// SkipString moves past a string, which it checks and does not decode.
func (s *Scanner) SkipString() {
	if s.space() != '"' {
		s.fail()
		return
	}
	start := s.at + 1
	for i, ascii := start, true; ; {
		i = plain(s.text, i)
		if i == len(s.text) || s.text[i] < 0x20 {
			s.fail()
			return
		}
		switch s.text[i] {
		case '"':
			s.at = i + 1
			if !ascii && !utf8.Valid(s.text[start:i]) {
				s.fail()
			}
			return
		case '\\':
			before := len(s.scratch)
			i = s.escape(i + 1)
			s.scratch = s.scratch[:before]
			if i < 0 {
				s.fail()
				return
			}
		default:
			ascii = false
			i++
		}
	}
}

// Skip moves past a value of any kind, which it checks, nested up to 64 deep.
func (s *Scanner) Skip() { s.skip(64) }

// skip is Skip with the depth that is left.
func (s *Scanner) skip(depth int) {
	switch c := s.space(); {
	case depth == 0:
		s.fail()
	case c == '"':
		s.SkipString()
	case c == '{':
		s.at++
		s.list('}', depth, func() {
			s.SkipString()
			s.want(':')
		})
	case c == '[':
		s.at++
		s.list(']', depth, func() {})
	case c == 't' || c == 'f':
		s.Bool()
	case c == 'n':
		if rest := s.text[s.at:]; len(rest) < 4 || string(rest[:4]) != "null" {
			s.fail()
			return
		}
		s.at += 4
	default:
		s.Float()
	}
}

// list moves past the elements up to the bracket end, each after what before
// moves past.
func (s *Scanner) list(end byte, depth int, before func()) {
	if s.space() == end {
		s.at++
		return
	}
	for s.err == nil {
		before()
		s.skip(depth - 1)
		switch s.space() {
		case end:
			s.at++
			return
		case ',':
			s.at++
		default:
			s.fail()
		}
	}
}
