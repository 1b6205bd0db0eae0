package file

import (
	"context"
	"io"
)

// standard reads standard input. A read of a terminal or a pipe cannot be
// interrupted, so one goroutine does nothing but read, into a buffer of its
// own; a job that stops leaves it behind, waiting, until the process ends.
type standard struct {
	in      io.Reader
	regular bool // all input is there already
	pieces  chan piece
	left    []byte // of the piece at hand
	back    []byte // given back: it comes before
	taken   chan struct{}
	err     error
}

// piece is what one read gave.
type piece struct {
	bytes []byte
	err   error
}

// pieceSize is how much is read from standard input at once.
const pieceSize = 256 << 10

func newStandard(in io.Reader) *standard { return &standard{in: in, regular: isRegular(in)} }

// Read reads without a way to interrupt it.
func (s *standard) Read(p []byte) (int, error) { return s.read(context.Background(), p) }

// read reads some bytes, or returns ctx.Err() once ctx is done.
func (s *standard) read(ctx context.Context, p []byte) (int, error) {
	if len(s.back) > 0 {
		n := copy(p, s.back)
		s.back = s.back[n:]
		return n, nil
	}
	if s.regular {
		return s.in.Read(p)
	}
	if s.pieces == nil {
		s.pieces, s.taken = make(chan piece), make(chan struct{})
		go s.pump()
	}
	if len(s.left) == 0 && s.err == nil {
		select {
		case got := <-s.pieces:
			s.left, s.err = got.bytes, got.err
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	n := copy(p, s.left)
	if s.left = s.left[n:]; len(s.left) > 0 {
		return n, nil
	}
	if s.err == nil && n > 0 {
		s.taken <- struct{}{}
	}
	return n, s.err
}

// unread gives back what was read last and not used.
func (s *standard) unread(p []byte) {
	if len(p) > 0 {
		s.back = append(append([]byte(nil), p...), s.back...)
	}
}

// pump reads into one buffer, which is free again when taken says so.
func (s *standard) pump() {
	buf := make([]byte, pieceSize)
	for {
		n, err := s.in.Read(buf)
		s.pieces <- piece{buf[:n], err}
		if err != nil {
			return
		}
		if n > 0 {
			<-s.taken
		}
	}
}
