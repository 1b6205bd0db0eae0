package state

import (
	"bytes"
	"errors"
	"slices"
)

// keyScan gives the records of one key after the other.
type keyScan struct {
	scan Scan
	read []byte // records that were read and not given yet
	done bool
	list []Record
}

// scanPiece is how many bytes are read at once.
const scanPiece = 64 << 10

// scanKeys begins to read the keys of a store from a place on.
func scanKeys(s Store, from Place) (*keyScan, error) {
	scan, err := s.Scan(from)
	return &keyScan{scan: scan}, err
}

// next returns all records of the next key, none if there is none. They are valid until
// the next call.
func (k *keyScan) next() ([]Record, error) {
	k.list = k.list[:0]
	d := decoder{rest: k.read}
	var r Record
	for {
		for len(d.rest) > 0 {
			before := d.rest
			if _, err := d.next(&r, nil); err != nil {
				return nil, err
			}
			if n := len(k.list); n > 0 && (r.Group != k.list[0].Group || !bytes.Equal(r.Key, k.list[0].Key)) {
				k.read = before
				return k.list, nil
			}
			k.list = append(k.list, r)
		}
		if k.done {
			k.read = nil
			return k.list, nil
		}
		// What was read so far stays where it is: the records refer to it.
		more := Encoder{buf: bytes.Clone(k.read)}
		var err error
		k.done, err = k.scan.Next(scanPiece, more.Add)
		if err != nil {
			return nil, err
		}
		k.read, k.list = more.Take(), k.list[:0]
		d = decoder{rest: k.read}
	}
}

func (k *keyScan) close() error {
	if k.scan == nil {
		return nil
	}
	return k.scan.Close()
}

// lazyScan merges the keys of a Lazy's places.
type lazyScan struct {
	places  []*keyScan // the latest first
	convert []Convert  // nil of what needs none
	heads   [][]Record // the next key of each; nil if there is none
	now     copies     // of a key that was converted
	begun   bool
}

// Scan begins to read all records from a place on, as they are now.
func (l *Lazy) Scan(from Place) (Scan, error) {
	if len(l.formers) == 0 {
		return l.now.Scan(from)
	}
	stores, convert := []Store{l.now}, []Convert{nil}
	for _, f := range l.formers {
		stores, convert = append(stores, f.Store()), append(convert, f.Convert())
	}
	c := &lazyScan{convert: convert, places: make([]*keyScan, len(stores)), heads: make([][]Record, len(stores))}
	for i, s := range slices.Backward(stores) { // what moves meanwhile is then in both
		var err error
		if c.places[i], err = scanKeys(s, from); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return c, nil
}

// Next gives the next records.
func (c *lazyScan) Next(size int, each func(*Record)) (done bool, err error) {
	if !c.begun {
		c.begun = true
		for i := range c.places {
			if c.heads[i], err = c.places[i].next(); err != nil {
				return false, err
			}
		}
	}
	for size > 0 {
		least := -1
		for i, head := range c.heads {
			if len(head) > 0 && (least < 0 || placeOf(head).Compare(placeOf(c.heads[least])) < 0) {
				least = i
			}
		}
		if least < 0 {
			return true, nil
		}
		list := c.heads[least]
		if convert := c.convert[least]; convert != nil {
			if err = c.now.convert(convert, list); err != nil {
				return false, err
			}
			list = c.now.list
		}
		for i := range list {
			size -= len(list[i].Key) + len(list[i].Sub) + len(list[i].Value) + 1
			each(&list[i])
		}
		if err = c.pass(least); err != nil {
			return false, err
		}
	}
	return false, nil
}

// pass goes on behind the key at hand of a place, and of all places that have it, too.
func (c *lazyScan) pass(of int) (err error) {
	at := placeOf(c.heads[of])
	for i, head := range c.heads {
		if i != of && err == nil && len(head) > 0 && placeOf(head).Compare(at) == 0 {
			c.heads[i], err = c.places[i].next()
		}
	}
	if err == nil {
		c.heads[of], err = c.places[of].next()
	}
	return err
}

// Close ends the scan.
func (c *lazyScan) Close() error {
	var errs []error
	for _, k := range c.places {
		if k != nil {
			errs = append(errs, k.close())
		}
	}
	return errors.Join(errs...)
}

// placeOf is the place of the key that records are of.
func placeOf(list []Record) Place { return Place{list[0].Group, list[0].Key} }
