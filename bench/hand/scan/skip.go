package scan

// Skip moves past a value of any kind, which it checks, nested up to 64 deep.
func (s *Scanner) Skip() { s.skip(64) }

// skip is Skip with the depth that is left.
func (s *Scanner) skip(depth int) {
	switch c := s.space(); {
	case depth == 0:
		s.fail()
	case c == '"':
		s.String()
	case c == '{':
		s.at++
		s.list('}', depth, func() {
			s.space()
			s.String()
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
