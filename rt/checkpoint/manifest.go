package checkpoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/value"
)

// The ladder of versions of the format. A version is never renumbered.
const (
	// Version1 is the first.
	Version1 = 1

	// Version2 may have Stores. What has none is written as Version1.
	Version2 = 2

	// Version3 may have sections with rows, and is written only where there are some.
	Version3 = 3

	// Version4 may have Stores with rows that an older program has left. No key lies in
	// two places.
	Version4 = 4

	// Version5 is Version4 where what an older program has left of a key may lie behind
	// what a later one has of it, which counts.
	Version5 = 5

	// Version6 may have Stores with a row for all of a key.
	Version6 = 6

	// Latest is the greatest that is known.
	Latest = Version6
)

// Manifest is an entry of the log: a checkpoint, or a claim.
type Manifest struct {
	Format int     `json:"format_version"`
	Number int64   `json:"number"` // from 1, without gaps
	Token  string  `json:"token"`  // of the process that wrote it
	Claim  *Claim  `json:"claim,omitempty"`
	State          // zero in a claim
	Stores *Stores `json:"stores,omitempty"` // nil if all records are in sections
	Files  []File  `json:"files,omitempty"`
}

// version returns the first version that knows all that the manifest has.
func (m *Manifest) version() int {
	switch {
	case m.Stores.hasRows():
		return Version6
	case m.Stores != nil && m.Stores.Programs != nil:
		return Version5
	}
	for _, op := range m.Operators {
		for _, s := range op.Sections {
			if s.Rows > 0 {
				return Version3
			}
		}
	}
	if m.Stores != nil {
		return Version2
	}
	return Version1
}

// Filing returns a function that gives the number of a file of the checkpoint, which
// adds those that are not there yet.
func (m *Manifest) Filing() func(File) int {
	at := map[string]int{}
	for i := range m.Files {
		at[m.Files[i].Name] = i
	}
	return func(f File) int {
		i, known := at[f.Name]
		if !known {
			i = len(m.Files)
			at[f.Name] = i
			m.Files = append(m.Files, f)
		}
		return i
	}
}

// Stores is state that lies in stores of a backend: their files are part of the
// checkpoint.
type Stores struct {
	Backend   string           `json:"backend"`
	Operators []StoredOperator `json:"operators"`
	Files     []StoredFile     `json:"files"`
	Programs  []schema.Job     `json:"programs,omitempty"` // those that Former names
}

// hasRows reports whether an operator has its keys in rows.
func (s *Stores) hasRows() bool {
	return s != nil && slices.ContainsFunc(s.Operators, func(op StoredOperator) bool {
		return op.Rows || slices.ContainsFunc(op.Formers, func(f Former) bool { return f.Rows })
	})
}

// StoredOperator is an operator whose records are in stores, and in no section.
type StoredOperator struct {
	UID     string   `json:"uid"`
	Number  int      `json:"number"`            // state.Shape.Operator
	Rows    bool     `json:"rows,omitempty"`    // state.Shape.Rows
	Formers []Former `json:"formers,omitempty"` // where else it has records, the latest first

	// The names in its dynamic states that stand in no program, as far as describe lists
	// them: some may be gone.
	Names []StoredName `json:"names,omitempty"`
}

// StoredName is a name in dynamic state.
type StoredName struct {
	State string `json:"state"`
	Name  string `json:"name"`
	Type  string `json:"type,omitempty"` // as describe shows it
}

// StoredFile is a [state.StoreFile]: a piece of a file of the checkpoint.
type StoredFile struct {
	Name   string `json:"name"` // in the stores
	Fixed  bool   `json:"fixed,omitempty"`
	File   int    `json:"file"` // in Manifest.Files
	Offset int64  `json:"offset,omitempty"`
	Length int64  `json:"length"`
}

// Claim is what a process that begins has to say: which state it goes on from
// until it has a checkpoint of its own.
type Claim struct {
	From   int64  `json:"from,omitempty"`   // number of a checkpoint of the log; 0 if none of it
	Origin string `json:"origin,omitempty"` // place of a snapshot elsewhere; "" if it begins anew
}

// State is what a snapshot of a job holds besides the records of its operators.
type State struct {
	Run       string     `json:"run,omitempty"`   // the same for all that go on from one fresh start
	Epoch     int64      `json:"epoch,omitempty"` // greater in each attempt at a snapshot of a run
	Job       schema.Job `json:"job"`
	Sources   []Source   `json:"sources,omitempty"`
	Operators []Operator `json:"operators,omitempty"`
	Sinks     []Sink     `json:"sinks,omitempty"`
}

// Source is how far a source has been read.
type Source struct {
	UID        string      `json:"uid"`
	Partitions []Partition `json:"partitions"`
}

// Partition is how far a partition has been read.
type Partition struct {
	Position json.RawMessage `json:"position,omitempty"` // the connector's
	Mark     value.Timestamp `json:"watermark"`
	Idle     bool            `json:"idle,omitempty"`
	Ended    bool            `json:"ended,omitempty"` // all of it is handled, to the end of time
}

// Operator is the state of an operator.
type Operator struct {
	UID      string    `json:"uid"`
	Shards   []Shard   `json:"shards"`
	Sections []Section `json:"sections,omitempty"` // by epoch
}

// Shard is what a shard knew.
type Shard struct {
	First int             `json:"first"` // key group
	Last  int             `json:"last"`
	Mark  value.Timestamp `json:"watermark"`
}

// Section is a piece of a file: records of an operator's shard, as of one
// attempt at a checkpoint.
type Section struct {
	First  int   `json:"first"` // key group
	Last   int   `json:"last"`
	Epoch  int64 `json:"epoch"`          // of the attempt that wrote it
	Base   bool  `json:"base,omitempty"` // all the shard's state, so that what is older does not count
	File   int   `json:"file"`           // in Manifest.Files; means nothing if Length is 0
	Offset int64 `json:"offset,omitempty"`
	Length int64 `json:"length"`
	Rows   int   `json:"rows,omitempty"` // how many it has; see state.Row
}

// Sink is what the writers of a sink have prepared.
type Sink struct {
	UID     string   `json:"uid"`
	Writers [][]byte `json:"writers,omitempty"`
}

// File is a file of records.
type File struct {
	Name   string `json:"name"`
	Length int64  `json:"length"`
	SHA256 string `json:"sha256"`
}

// The names of blobs.
const (
	manifestPrefix = "checkpoint-"
	latestPrefix   = "LATEST-"
	dataSuffix     = ".data"
)

func manifestName(number int64) string { return fmt.Sprintf("%s%09d", manifestPrefix, number) }
func latestName(number int64) string   { return fmt.Sprintf("%s%09d", latestPrefix, number) }

// sum returns the hash of data as text.
func sum(data []byte) string {
	h := sha256.Sum256(data)
	return hex.EncodeToString(h[:])
}

// seal puts a line before a body that says what it is, of which version, how
// long, and its hash.
func seal(what string, version int, body []byte) []byte {
	return append(sealLine(what, version, body), body...)
}

func sealLine(what string, version int, body []byte) []byte {
	return fmt.Appendf(nil, "flowc %s %d %d %s\n", what, version, len(body), sum(body))
}

// unseal returns the body, if it and its first line are as seal wrote them, in one of the
// versions up to latest.
func unseal(place, what string, latest int, data []byte) ([]byte, error) {
	line, body, ok := bytes.Cut(data, []byte{'\n'})
	var version, length int
	if n, _ := fmt.Sscanf(string(line), "flowc "+what+" %d %d ", &version, &length); !ok || n != 2 || version < Version1 {
		return nil, &Damage{Place: place, Reason: "it does not begin as a " + what + " of flowc does"}
	}
	if length != len(body) {
		return nil, &Damage{Place: place, Reason: fmt.Sprintf("it has %d bytes after its first line, which says %d", len(body), length)}
	}
	if want := sealLine(what, version, body); string(want[:len(want)-1]) != string(line) {
		return nil, &Damage{Place: place, Reason: "its first line is " + string(line) + ", but its content makes it " + string(bytes.TrimSpace(want))}
	}
	if version > latest {
		return nil, fmt.Errorf("%s: its format has version %d, and this program knows %d and older: start a pipeline that a newer flowc has built", place, version, latest)
	}
	return body, nil
}

// maxGroups bounds the number of key groups.
const maxGroups = 1 << 16

// encode returns a manifest as it is stored.
func (m *Manifest) encode() ([]byte, error) {
	body, err := json.MarshalIndent(m, "", " ")
	if err != nil {
		return nil, fmt.Errorf("checkpoint %d: %w", m.Number, err)
	}
	return seal("checkpoint", m.Format, append(body, '\n')), nil
}

// decodeManifest reads what encode wrote.
func decodeManifest(place string, data []byte) (*Manifest, error) {
	body, err := unseal(place, "checkpoint", Latest, data)
	if err != nil {
		return nil, err
	}
	m := &Manifest{}
	if err := json.Unmarshal(body, m); err != nil {
		return nil, &Damage{Place: place, Reason: err.Error()}
	}
	for _, op := range m.Operators {
		for _, s := range op.Sections {
			if s.First < 0 || s.Last < s.First || s.Last >= maxGroups {
				return nil, &Damage{Place: place, Reason: fmt.Sprintf("operator %q has a section of key groups %d to %d", op.UID, s.First, s.Last)}
			}
			if s.Rows < 0 || int64(s.Rows) > s.Length {
				return nil, &Damage{Place: place, Reason: fmt.Sprintf("operator %q has a section of %d rows", op.UID, s.Rows)}
			}
			if s.Length == 0 {
				continue
			}
			if s.File < 0 || s.File >= len(m.Files) || s.Offset < 0 || s.Length < 0 || s.Offset > m.Files[s.File].Length-s.Length {
				return nil, &Damage{Place: place, Reason: fmt.Sprintf("operator %q has a section that lies in no file", op.UID)}
			}
		}
	}
	if m.Stores != nil {
		if err := m.Stores.check(); err != "" {
			return nil, &Damage{Place: place, Reason: err}
		}
		for _, f := range m.Stores.Files {
			if f.File < 0 || f.File >= len(m.Files) || f.Offset < 0 || f.Length < 0 || f.Offset > m.Files[f.File].Length-f.Length {
				return nil, &Damage{Place: place, Reason: fmt.Sprintf("the file %q of the stores lies in no file", f.Name)}
			}
		}
	}
	return m, nil
}

// Damage says that something is not as it was written.
type Damage struct {
	Place  string // of the file
	Reason string // one clause
	Help   string // what to do; may be empty
}

// Error returns the place, the reason and what to do.
func (e *Damage) Error() string {
	text := e.Place + ": " + e.Reason
	if e.Help != "" {
		text += "\n  help: " + e.Help
	}
	return text
}
