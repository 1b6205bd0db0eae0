package memstore

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"

	"github.com/flow-lang/flowc/rt/state"
)

// rows is what a file holds: the records of an operator in a key group.
type rows struct {
	Operator int
	Records  []state.Record
}

// Open returns stores that begin with files.
func Open(o state.StoresOptions) (*Stores, error) {
	s := &Stores{given: map[int][]state.Record{}}
	for i := range o.Files {
		f := &o.Files[i]
		in, err := f.Open()
		if err != nil {
			return nil, err
		}
		text, err := io.ReadAll(io.NewSectionReader(in, 0, f.Size))
		_ = in.Close() // of a file that was read
		var of rows
		if err == nil {
			err = json.Unmarshal(text, &of)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		s.given[of.Operator] = append(s.given[of.Operator], of.Records...)
	}
	return s, nil
}

// Files gives a file for each key group of an operator, named by what it holds.
func (s *Stores) Files() (files []state.StoreFile, release func() error, err error) {
	for _, of := range s.shards {
		var group rows
		finish := func() error {
			if len(group.Records) == 0 {
				return nil
			}
			text, err := json.Marshal(&group)
			files = append(files, fileOf(text))
			group.Records = nil
			return err
		}
		for _, k := range of.sorted() {
			if k.group < of.first || k.group > of.last {
				continue // of all shards
			}
			if n := len(group.Records); n > 0 && group.Records[n-1].Group != k.group {
				if err := finish(); err != nil {
					return nil, nil, err
				}
			}
			group.Operator = of.shape.Operator
			group.Records = append(group.Records, of.records(k)...)
		}
		if err := finish(); err != nil {
			return nil, nil, err
		}
	}
	return files, func() error { return nil }, nil
}

func fileOf(text []byte) state.StoreFile {
	return state.StoreFile{
		Name: fmt.Sprintf("%x", sha256.Sum256(text)), Size: int64(len(text)), Fixed: true,
		Open: func() (state.StoreReader, error) { return reader{bytes.NewReader(text)}, nil },
	}
}

type reader struct{ io.ReaderAt }

// Close does nothing.
func (reader) Close() error { return nil }
