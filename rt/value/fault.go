package value

// Fault remembers the first mistake made since it was last taken: the reason,
// in the words of the program's author, and the place of the operation.
//
// A task owns one Fault and takes it after each record; a Fault is used by one
// goroutine at a time. The zero Fault is ready.
type Fault struct {
	failed bool
	at     Pos
	caller Pos
	reason string
	again  bool
	depth  int
	zones  map[string]*zone // by name; nil until a zone is asked for
}

// Failed reports whether something failed since the last Take.
func (f *Fault) Failed() bool { return f.failed }

// Fail records a mistake unless one is recorded already.
//
//go:noinline
func (f *Fault) Fail(at Pos, reason string) {
	if f.failed {
		return
	}
	f.failed, f.at, f.reason = true, at, reason
}

// CalledAt notes where the program called what has failed, unless nothing has or
// a call within that one is noted.
func (f *Fault) CalledAt(at Pos) {
	if f.failed && f.caller == 0 {
		f.caller = at
	}
}

// Caller returns the place that CalledAt noted of the mistake that Take is about
// to return, 0 if there is none.
func (f *Fault) Caller() Pos { return f.caller }

// Take returns the first mistake and forgets it. Without one it returns zeros.
func (f *Fault) Take() (reason string, at Pos) {
	reason, at = f.reason, f.at
	f.failed, f.again, f.reason, f.at, f.caller = false, false, "", 0, 0
	return reason, at
}

// Again reports whether the mistake is an error of something else that may go
// well the next time.
func (f *Fault) Again() bool { return f.failed && f.again }

// maxCalls is how deep calls of functions may be nested. A frame of Go code
// takes some hundred bytes, so this is far from where the process would end.
const maxCalls = 10_000

// Enter counts the call of a function that may call itself. It fails if calls
// are nested too deep, and then returns false; else Leave must follow.
func (f *Fault) Enter(at Pos) bool {
	if f.depth < maxCalls {
		f.depth++
		return true
	}
	f.Fail(at, "calls are nested deeper than 10000")
	return false
}

// Leave counts the end of a call.
func (f *Fault) Leave() { f.depth-- }
