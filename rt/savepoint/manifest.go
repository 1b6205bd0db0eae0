package savepoint

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/value"
)

// The ladder of versions of the format. A version is never renumbered.
const (
	// Version1 is the first.
	Version1 = 1

	// Latest is what is written.
	Latest = Version1
)

// ManifestName is the file that says what a savepoint is and that it is whole.
const ManifestName = "savepoint.json"

// Manifest is what savepoint.json holds.
type Manifest struct {
	Format   int    `json:"format_version"`
	Checksum string `json:"checksum"` // of the file with zeros in its place
	State
	Files []File `json:"files"`
}

// State is what a savepoint holds beside records.
type State struct {
	Pipeline  string     `json:"pipeline"`
	Hash      string     `json:"program_hash,omitempty"` // of the program text
	Flowc     string     `json:"flowc,omitempty"`        // version of the compiler
	Run       string     `json:"run,omitempty"`          // the same for all that go on from one fresh start
	Epoch     int64      `json:"epoch,omitempty"`        // of the snapshot in its run
	KeyGroups int        `json:"key_groups"`
	Sources   []Source   `json:"sources,omitempty"`
	Operators []Operator `json:"operators,omitempty"`
	Sinks     []Sink     `json:"sinks,omitempty"`
	Job       schema.Job `json:"job"`
}

// Source is how far a source has been read.
type Source struct {
	UID        string      `json:"uid"`
	Partitions []Partition `json:"partitions"`
}

// Partition is how far a partition has been read.
type Partition struct {
	Position json.RawMessage `json:"position,omitempty"` // the connector's
	Mark     value.Timestamp `json:"watermark"`          // µs
	Idle     bool            `json:"idle,omitempty"`
	Ended    bool            `json:"ended,omitempty"` // all of it is handled, to the end of time
}

// Operator is what an operator knew besides its state.
type Operator struct {
	UID   string `json:"uid"`
	Marks []Mark `json:"watermarks"`
}

// Mark is the watermark of a range of key groups.
type Mark struct {
	First int             `json:"first"`
	Last  int             `json:"last"`
	Mark  value.Timestamp `json:"watermark"` // µs
}

// Sink is what the writers of a sink have prepared.
type Sink struct {
	UID     string   `json:"uid"`
	Writers [][]byte `json:"writers,omitempty"` // the connector's
}

// File is a file of records.
type File struct {
	Name    string `json:"name"`
	UID     string `json:"uid"`
	State   string `json:"state,omitempty"`   // one of State,
	Timer   string `json:"timer,omitempty"`   // Timer
	Message string `json:"message,omitempty"` // and Message, an input, is set
	First   int    `json:"first_group"`
	Last    int    `json:"last_group"`
	Records int64  `json:"records"`
	Length  int64  `json:"length"`
	SHA256  string `json:"sha256"`
}

// Damage says that a savepoint is not as it was written, or is none.
type Damage struct {
	Place  string // the file, or the directory
	Reason string // one clause
}

// Error returns the place and the reason.
func (e *Damage) Error() string { return e.Place + ": " + e.Reason }

const (
	checksumKey = "\"checksum\": \"sha256:"
	digits      = 2 * sha256.Size
)

// encode returns the manifest with its checksum.
func (m *Manifest) encode() ([]byte, error) {
	m.Checksum = "sha256:" + strings.Repeat("0", digits)
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	text = append(text, '\n')
	at := bytes.Index(text, []byte(checksumKey)) + len(checksumKey)
	sum := sha256.Sum256(text)
	hex.Encode(text[at:], sum[:])
	m.Checksum = "sha256:" + hex.EncodeToString(sum[:])
	return text, nil
}

// decode reads what encode wrote. The checksum is looked at before anything else.
func decode(place string, text []byte) (*Manifest, error) {
	at := bytes.Index(text[:min(len(text), 200)], []byte(checksumKey))
	if at < 0 || at+len(checksumKey)+digits > len(text) {
		return nil, &Damage{place, "it does not begin as the description of a savepoint does"}
	}
	at += len(checksumKey)
	said := string(text[at : at+digits])
	plain := bytes.Clone(text)
	copy(plain[at:], strings.Repeat("0", digits))
	if sum := sha256.Sum256(plain); hex.EncodeToString(sum[:]) != said {
		return nil, &Damage{place, "its content is not what its checksum was made of"}
	}
	var version struct {
		Format int `json:"format_version"`
	}
	if err := json.Unmarshal(text, &version); err != nil {
		return nil, &Damage{place, err.Error()}
	}
	if version.Format > Latest {
		return nil, fmt.Errorf("%s: its format has version %d, and this program knows %d and older: use a newer flowc, or a pipeline built by one", place, version.Format, Latest)
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return nil, &Damage{place, err.Error()}
	}
	for _, s := range m.Sources {
		for i := range s.Partitions {
			s.Partitions[i].Position = compact(s.Partitions[i].Position)
		}
	}
	return m, nil
}

// compact takes the white space away that encode has put in.
func compact(raw json.RawMessage) json.RawMessage {
	var out bytes.Buffer
	if raw == nil || json.Compact(&out, raw) != nil {
		return raw
	}
	return out.Bytes()
}
