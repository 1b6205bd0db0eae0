package remote

import (
	"errors"
	"fmt"
	"strings"

	"github.com/flow-lang/flowc/rt/value"
)

// The messages of the request-reply protocol of Stateful Functions 3. The numbers
// of the fields are those of its published definition.

// Address names a function and one of its keys.
type Address struct{ Namespace, Name, ID string }

// Type is the name of the function's type: namespace/name.
func (a *Address) Type() string { return a.Namespace + "/" + a.Name }

// addressOf splits a type name.
func addressOf(typename, id string) Address {
	namespace, name, _ := cutType(typename)
	return Address{namespace, name, id}
}

// cutType splits a type name at its last slash.
func cutType(typename string) (namespace, name string, ok bool) {
	i := strings.LastIndexByte(typename, '/')
	if i <= 0 || i == len(typename)-1 {
		return "", "", false
	}
	return typename[:i], typename[i+1:], true
}

// TypedValue is a value with the name of its type. It may be absent, which is
// not the same as empty.
type TypedValue struct {
	Type  string
	Has   bool
	Value []byte
}

func (v *TypedValue) append(b []byte) []byte {
	return appendText(appendFlag(appendText(b, 1, v.Type), 2, v.Has), 3, v.Value)
}

func (v *TypedValue) size() int {
	n := sizeText(1, len(v.Type)) + sizeText(3, len(v.Value))
	if v.Has {
		n += 2
	}
	return n
}

// read reads a value. Its type is often that of the value before, whose text it
// then shares, as other texts below do.
func (v *TypedValue) read(m *message, before string) {
	in := m.inner()
	for in.next() {
		switch in.field {
		case 1:
			v.Type = in.textLike(before)
		case 2:
			v.Has = in.number() != 0
		case 3:
			v.Value = in.bytes()
		}
	}
	m.end(&in)
}

func (a *Address) append(b []byte) []byte {
	return appendText(appendText(appendText(b, 1, a.Namespace), 2, a.Name), 3, a.ID)
}

func (a *Address) size() int {
	return sizeText(1, len(a.Namespace)) + sizeText(2, len(a.Name)) + sizeText(3, len(a.ID))
}

func (a *Address) read(m *message, before *Address) {
	in := m.inner()
	for in.next() {
		switch in.field {
		case 1:
			a.Namespace = in.textLike(before.Namespace)
		case 2:
			a.Name = in.textLike(before.Name)
		case 3:
			a.ID = in.textLike(before.ID)
		}
	}
	m.end(&in)
}

// request is a batch of invocations of one address. Its lists are used again.
type request struct {
	target      Address
	state       []stateValue
	invocations []invocation
}

// stateValue is a registered value; it is absent if nothing has been written.
type stateValue struct {
	name  string
	value TypedValue
}

func (s *stateValue) size() int {
	n := sizeText(1, len(s.name))
	if s.value.Has {
		n += sizeMessage(2, s.value.size())
	}
	return n
}

func (s *stateValue) append(b []byte) []byte {
	b = appendText(b, 1, s.name)
	if s.value.Has {
		b = s.value.append(appendHead(b, 2, s.value.size()))
	}
	return b
}

func (v *invocation) size() int {
	n := sizeMessage(2, v.Argument.size())
	if v.Caller.Name != "" {
		n += sizeMessage(1, v.Caller.size())
	}
	return n
}

func (v *invocation) append(b []byte) []byte {
	if v.Caller.Name != "" {
		b = v.Caller.append(appendHead(b, 1, v.Caller.size()))
	}
	return v.Argument.append(appendHead(b, 2, v.Argument.size()))
}

// encode writes a ToFunction, in one piece of memory of its size.
func (r *request) encode() []byte {
	n := sizeMessage(1, r.target.size())
	for i := range r.state {
		n += sizeMessage(2, r.state[i].size())
	}
	for i := range r.invocations {
		n += sizeMessage(3, r.invocations[i].size())
	}
	b := appendHead(make([]byte, 0, sizeMessage(100, n)), 100, n)
	b = r.target.append(appendHead(b, 1, r.target.size()))
	for i := range r.state {
		s := &r.state[i]
		b = s.append(appendHead(b, 2, s.size()))
	}
	for i := range r.invocations {
		v := &r.invocations[i]
		b = v.append(appendHead(b, 3, v.size()))
	}
	return b
}

// reply is a FromFunction.
type reply struct {
	missing  []valueSpec // the function wants these registered, and the invocations again
	lacks    bool        // it does
	mutated  []mutation
	messages []outgoing
	delayed  []delayedCall
	egress   []egressMessage
}

// valueSpec is a value that a function declares.
type valueSpec struct {
	name     string
	typename string
	mode     expireMode
	after    value.Duration // what a value lives for, more than 0 unless mode is never
}

// expireMode says what the life of a value counts from.
type expireMode int64

const (
	never       expireMode = 0
	afterWrite  expireMode = 1
	afterInvoke expireMode = 2
)

type mutation struct {
	name   string
	remove bool
	value  TypedValue
}

type outgoing struct {
	target   Address
	argument TypedValue
}

type delayedCall struct {
	outgoing
	delay  int64 // ms
	cancel bool
	token  string
}

type egressMessage struct {
	namespace, name string
	egress          string // both: namespace/name
	argument        TypedValue
}

// read reads a FromFunction into the room of the one that r has been. What it has
// then are views of b, but for text.
func (r *reply) read(b []byte) error {
	r.lacks = false
	r.missing, r.mutated, r.messages, r.delayed, r.egress = r.missing[:0], r.mutated[:0], r.messages[:0], r.delayed[:0], r.egress[:0]
	m := message{rest: b}
	for m.next() {
		switch m.field {
		case 100:
			r.readResult(&m)
		case 101:
			r.lacks = true
			in := m.inner()
			for in.next() {
				if in.field == 1 {
					r.missing = append(r.missing, readSpec(&in))
				}
			}
			m.end(&in)
		}
	}
	if m.err == nil {
		m.err = r.check()
	}
	if m.err != nil {
		return fmt.Errorf("the reply is no message of the protocol: %w", m.err)
	}
	return nil
}

func (r *reply) readResult(m *message) {
	in := m.inner()
	given, sent := &egressMessage{}, outgoing{}
	for in.next() {
		switch in.field {
		case 1:
			r.mutated = append(r.mutated, readMutation(&in))
		case 2:
			var o outgoing
			to := in.inner()
			for to.next() {
				o.read(&to, &sent)
			}
			in.end(&to)
			r.messages = append(r.messages, o)
			sent = o
		case 3:
			r.delayed = append(r.delayed, readDelayed(&in))
		case 4:
			r.egress = append(r.egress, egressMessage{})
			e := &r.egress[len(r.egress)-1]
			e.read(&in, given)
			given = e
		}
	}
	m.end(&in)
}

// read reads a message to an egress, which is often that of the message before.
func (e *egressMessage) read(m *message, before *egressMessage) {
	in := m.inner()
	for in.next() {
		switch in.field {
		case 1:
			e.namespace = in.textLike(before.namespace)
		case 2:
			e.name = in.textLike(before.name)
		case 3:
			e.argument.read(&in, before.argument.Type)
		}
	}
	m.end(&in)
	if e.egress = before.egress; e.egress == "" || e.namespace != before.namespace || e.name != before.name {
		e.egress = e.namespace + "/" + e.name
	}
}

func readMutation(m *message) (c mutation) {
	kind := int64(0)
	in := m.inner()
	for in.next() {
		switch in.field {
		case 1:
			kind = in.number()
		case 2:
			c.name = in.text()
		case 3:
			c.value.read(&in, "")
		}
	}
	m.end(&in)
	if kind != 0 && kind != 1 && m.err == nil {
		m.err = fmt.Errorf("a change of the unknown kind %d to the value %q", kind, c.name)
	}
	c.remove = kind == 0
	return c
}

// read reads a field of a message to a function.
func (o *outgoing) read(m *message, before *outgoing) {
	switch m.field {
	case 1:
		o.target.read(m, &before.target)
	case 2:
		o.argument.read(m, before.argument.Type)
	}
}

func readDelayed(m *message) (d delayedCall) {
	in := m.inner()
	for in.next() {
		switch in.field {
		case 1:
			d.delay = in.number()
		case 2:
			d.target.read(&in, &Address{})
		case 3:
			d.argument.read(&in, "")
		case 10:
			d.cancel = in.number() != 0
		case 11:
			d.token = in.text()
		}
	}
	m.end(&in)
	return d
}

func readSpec(m *message) (s valueSpec) {
	in := m.inner()
	for in.next() {
		switch in.field {
		case 1:
			s.name = in.text()
		case 2:
			life := in.inner()
			for life.next() {
				switch life.field {
				case 1:
					s.mode = expireMode(life.number())
				case 2:
					s.after = value.Duration(min(max(life.number(), 0), maxMillis)) * 1000
				}
			}
			in.end(&life)
		case 3:
			s.typename = in.text()
		}
	}
	m.end(&in)
	return s
}

// maxMillis is the longest delay or life of a value: 9,999 years.
const maxMillis = 9999 * 366 * 86_400_000

// check looks for what no function may answer.
func (r *reply) check() error {
	for _, o := range r.messages {
		if err := o.check(); err != nil {
			return err
		}
	}
	for _, d := range r.delayed {
		switch {
		case d.cancel && d.token == "":
			return errors.New("a cancellation without a token")
		case d.cancel:
			continue
		case d.delay < 0 || d.delay > maxMillis:
			return fmt.Errorf("a delay of %d ms", d.delay)
		}
		if err := d.check(); err != nil {
			return err
		}
	}
	for _, s := range r.missing {
		if s.name == "" || s.mode < never || s.mode > afterInvoke {
			return fmt.Errorf("a description of the value %q that is none", s.name)
		}
	}
	return nil
}

func (o *outgoing) check() error {
	if o.target.Namespace == "" || o.target.Name == "" {
		return errors.New("a message without an address")
	}
	return nil
}

// Invocation is a call of a function: by whom, if by another function, and with
// what.
type invocation struct {
	Caller   Address
	Argument TypedValue
}

// The types of egress messages in the shape of records for a topic of Kafka, or a
// stream of Kinesis.
const (
	kafkaRecord   = "type.googleapis.com/io.statefun.sdk.egress.KafkaProducerRecord"
	kinesisRecord = "type.googleapis.com/io.statefun.sdk.egress.KinesisEgressRecord"
)

// Record is what a function gives to an egress: a value, or a record for a topic.
type Record struct {
	Egress string // namespace/name of the egress that the function names
	Type   string // name of the value's type; "" of a record for a topic
	Value  []byte
	Topic  string // of a record for a topic: that, or the stream of Kinesis; else ""
	Key    string // of a record for a topic: its key, or its partition key; "" means none
}

// read reads an egress message.
func (r *Record) read(e *egressMessage) error {
	*r = Record{Egress: e.egress, Type: e.argument.Type, Value: e.argument.Value}
	if r.Type != kafkaRecord && r.Type != kinesisRecord {
		return nil
	}
	r.Type, r.Value = "", nil
	m := &message{rest: e.argument.Value}
	for m.next() {
		switch m.field { // both have the same fields, but for a hash key of Kinesis
		case 1:
			r.Key = m.text()
		case 2:
			r.Value = m.bytes()
		case 3:
			r.Topic = m.text()
		}
	}
	if m.err != nil {
		return fmt.Errorf("the message to the egress %q is no record for a topic: %w", r.Egress, m.err)
	}
	return nil
}
