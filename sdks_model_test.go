package flowc_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
)

// sdkOp is one of the commands that the functions of sdks interpret.
type sdkOp struct {
	Op      string      `json:"op"`
	N       int         `json:"n"`
	Version int         `json:"v,omitempty"`
	Text    string      `json:"text,omitempty"`
	To      string      `json:"to,omitempty"`
	ID      string      `json:"id,omitempty"`
	Millis  int         `json:"ms"`
	Token   string      `json:"token,omitempty"`
	Command *sdkCommand `json:"command,omitempty"`
}

// sdkCommand is what a function is called with.
type sdkCommand struct {
	To   string  `json:"to"`
	ID   string  `json:"id"`
	Node int     `json:"node"`
	Ops  []sdkOp `json:"ops"`
}

// sdkState is what an address must hold in the end.
type sdkState struct {
	sum, calls, version int
	slot                string // "" means that it is not there
	added               bool   // sum and half are there
}

// sdkModel makes up trees of commands, and does what they say in the order in which
// it makes them: what comes of them does not depend on the order, for sums are
// added, and what is set has a version, of which the greatest counts.
type sdkModel struct {
	random  *rand.Rand
	ids     int // of each of the two functions
	node    int // messages made
	deepest int

	states map[string]*sdkState // by address: left/7
	ledger map[string]int
	said   []string // rows, sorted at last
	posted []string
	ops    map[string]int // how often each is there
}

const sdkDepth = 10

func newSDKModel(seed uint64, ids int) *sdkModel {
	return &sdkModel{
		random: rand.New(rand.NewPCG(seed, 9)), ids: ids, states: map[string]*sdkState{}, ledger: map[string]int{}, ops: map[string]int{},
	}
}

// address picks an address.
func (m *sdkModel) address() (to, id string) {
	to = "left"
	if m.random.IntN(2) == 0 {
		to = "right"
	}
	return to, fmt.Sprint(m.random.IntN(m.ids))
}

// tree makes up a command and all that it sends, of at most so many messages.
func (m *sdkModel) tree(budget int) *sdkCommand {
	to, id := m.address()
	left := budget - 1
	return m.command(to, id, 1, &left)
}

// command makes up a command for an address, and does what it says.
func (m *sdkModel) command(to, id string, depth int, left *int) *sdkCommand {
	m.node++
	m.deepest = max(m.deepest, depth)
	c := &sdkCommand{To: to, ID: id, Node: m.node, Ops: []sdkOp{}}
	s := m.state(to, id)
	s.calls++
	for range 1 + m.random.IntN(4) {
		c.Ops = append(c.Ops, m.op(c, s, depth, left)...)
	}
	// What a command says last tells the test that it has been handled.
	c.Ops = append(c.Ops, m.say(c, "done"))
	for _, o := range c.Ops {
		m.ops[o.Op]++
	}
	return c
}

func (m *sdkModel) state(to, id string) *sdkState {
	s := m.states[to+"/"+id]
	if s == nil {
		s = &sdkState{}
		m.states[to+"/"+id] = s
	}
	return s
}

// op makes up a command, or several that belong together.
func (m *sdkModel) op(c *sdkCommand, s *sdkState, depth int, left *int) []sdkOp {
	switch m.random.IntN(10) {
	case 0:
		o := sdkOp{Op: "add", N: m.random.IntN(200) - 100}
		s.sum, s.added = s.sum+o.N, true
		return []sdkOp{o}
	case 1, 2:
		o := sdkOp{Op: "set", Version: 1 + m.random.IntN(1<<30), Text: fmt.Sprintf("text %d", c.Node)}
		if m.random.IntN(3) == 0 {
			o.Op, o.Text = "clear", ""
		}
		if o.Version > s.version {
			s.version, s.slot = o.Version, o.Text
		}
		return []sdkOp{o}
	case 3:
		o := sdkOp{Op: "post", Text: fmt.Sprintf("post %d", c.Node)}
		value, _ := json.Marshal([]byte(o.Text))
		m.posted = append(m.posted, fmt.Sprintf(`{"egress":"verify/log","topic":"t","key":%q,"value":%s}`, c.ID, value))
		return []sdkOp{o}
	case 4:
		_, id := m.address()
		o := sdkOp{Op: "tell", To: "ledger", ID: id, N: m.random.IntN(1000)}
		m.ledger[id] += o.N
		return []sdkOp{o}
	case 5:
		return m.cancelled(c, depth, left)
	case 6, 7:
		return m.child(sdkOp{Op: "after", Millis: m.random.IntN(50)}, depth, left)
	default:
		return m.child(sdkOp{Op: "send"}, depth, left)
	}
}

func (m *sdkModel) say(c *sdkCommand, text string) sdkOp {
	m.said = append(m.said, fmt.Sprintf(`{"type":%q,"id":%q,"node":%d,"text":%q}`, c.To, c.ID, c.Node, text))
	return sdkOp{Op: "say", Text: text}
}

// child has a message sent, now or later, unless there are enough.
func (m *sdkModel) child(o sdkOp, depth int, left *int) []sdkOp {
	if depth == sdkDepth || *left == 0 {
		return nil
	}
	*left--
	o.To, o.ID = m.address()
	if o.Op == "after" && m.random.IntN(2) == 0 {
		o.Token = fmt.Sprintf("kept %d", m.node) // and never cancelled
	}
	o.Command = m.command(o.To, o.ID, depth+1, left)
	return []sdkOp{o}
}

// cancelled has a message sent later and cancelled before, by the same command or
// by a message to the same address that it causes; or one that is not there.
func (m *sdkModel) cancelled(c *sdkCommand, depth int, left *int) []sdkOp {
	token := fmt.Sprintf("token %d %d", c.Node, m.random.IntN(1<<30))
	cancel := sdkOp{Op: "cancel", Token: token}
	if m.random.IntN(4) == 0 {
		return []sdkOp{cancel}
	}
	to, id := m.address()
	poison := &sdkCommand{To: to, ID: id, Node: -c.Node, Ops: []sdkOp{{Op: "add", N: 1_000_000}}}
	after := sdkOp{Op: "after", Millis: 600_000, Token: token, To: to, ID: id, Command: poison}
	if depth == sdkDepth || *left == 0 || m.random.IntN(2) == 0 {
		return []sdkOp{after, cancel}
	}
	*left--
	child := m.command(c.To, c.ID, depth+1, left)
	child.Ops = append([]sdkOp{cancel}, child.Ops...)
	m.ops["cancel"]++
	return []sdkOp{after, {Op: "send", To: c.To, ID: c.ID, Command: child}}
}

// rows lists what must be left in state, sorted.
func (m *sdkModel) rows() (rows []string) {
	for at, s := range m.states {
		value := func(name, typename string, v any) {
			text, _ := json.Marshal(v) // numbers and text
			rows = append(rows, fmt.Sprintf("%s values %s %s %s", at, name, typename, text))
		}
		value("calls", "verify/Calls", map[string]int{"n": s.calls})
		if s.added {
			value("sum", "io.statefun.types/int", s.sum)
			value("half", "io.statefun.types/float", float32(s.sum)/2)
		}
		if s.version > 0 {
			value("version", "io.statefun.types/int", s.version)
		}
		if s.slot != "" {
			value("slot", "io.statefun.types/string", s.slot)
		}
	}
	for id, sum := range m.ledger {
		if sum != 0 {
			rows = append(rows, fmt.Sprintf("ledger/%s sum   %d", id, sum))
		}
	}
	slices.Sort(rows)
	return rows
}
