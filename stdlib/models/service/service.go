// Package service is what the program calls.flow of package models asks. What it
// answers, and which of its calls fail, follows from what it is asked, so that a
// model knows; it notes what it has been asked.
//
// It is for one job at a time, whose calls are made one at a time, as in the
// simulator.
package service

import "errors"

// Entry is something that was asked.
type Entry struct {
	Life  int   // of the job, from 1
	At    int64 // µs of the job's clock
	Op    string
	ID    int64  // of the record; 0 of an entry of Find
	Key   string // of an entry of Find, and of what is to be found
	Fails bool
}

// Log is what was asked since the last Reset, in order.
var Log []Entry

var (
	life, now int64
	calls     map[string]int64 // of this life, by record
	asked     map[string]int64 // of this life, by key
)

// Reset forgets all.
func Reset() { Log, life = nil, 0 }

// Begin begins a life of the job: calls are counted anew.
func Begin() { life, calls, asked = life+1, map[string]int64{}, map[string]int64{} }

// Set says what the job's clock shows, in µs.
func Set(t int64) { now = t }

// ErrBusy is the error of a call that may be made again.
var ErrBusy = errors.New("the service is busy")

// Never is an error that remains.
type Never struct{}

func (Never) Error() string { return "the service knows no such record" }

// Temporary says that no further call helps.
func (Never) Temporary() bool { return false }

// Fails says how many calls for a record fail before one is answered; it is less
// than 0 if none ever is, and that is known at once.
func Fails(id int64) int64 {
	switch {
	case id%11 == 0:
		return -1
	case id%7 == 0:
		return 3
	case id%5 == 0:
		return 2
	case id%3 == 0:
		return 1
	}
	return 0
}

// Answer gives ten times n, unless the call for the record fails.
func Answer(op string, id, n int64) (int64, error) {
	key := op + string(rune(id))
	calls[key]++
	var err error
	switch fails := Fails(id); {
	case fails < 0:
		err = Never{}
	case calls[key] <= fails:
		err = ErrBusy
	}
	note(Entry{Op: op, ID: id, Fails: err != nil})
	return 10 * n, err
}

// Steady gives ten times n; the calls for some records fail at first.
func Steady(op string, id, n int64) (int64, error) {
	if Fails(id) < 0 {
		id++ // which may fail, but not for ever
	}
	return Answer(op, id, n)
}

// Found is what there is of a key.
type Found struct {
	Asked int64 // µs of the job's clock
}

// Used gives the key, and notes that a record wants to know what there is of it.
func Used(op string, id int64, key string) string {
	note(Entry{Op: op, ID: id, Key: key})
	return key
}

// Find gives what there is of a key, of k3 nothing. Every third call fails, so that a
// record may be out of luck any number of times, between calls for others.
func Find(op, key string) (*Found, error) {
	asked[op+key]++
	fails := asked[op+key]%3 == 0
	note(Entry{Op: op, Key: key, Fails: fails})
	switch {
	case fails:
		return nil, ErrBusy
	case key == "k3":
		return nil, nil
	}
	return &Found{now}, nil
}

func note(e Entry) {
	e.Life, e.At = int(life), now
	Log = append(Log, e)
}
