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

func (v *TypedValue) read(m *message) {
	m.inner(func(m *message) {
		switch m.field {
		case 1:
			v.Type = m.text()
		case 2:
			v.Has = m.number() != 0
		case 3:
			v.Value = m.bytes()
		}
	})
}

func (a *Address) append(b []byte) []byte {
	return appendText(appendText(appendText(b, 1, a.Namespace), 2, a.Name), 3, a.ID)
}

func (a *Address) read(m *message) {
	m.inner(func(m *message) {
		switch m.field {
		case 1:
			a.Namespace = m.text()
		case 2:
			a.Name = m.text()
		case 3:
			a.ID = m.text()
		}
	})
}

// request is a batch of invocations of one address.
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

// appendRequest appends a ToFunction.
func appendRequest(b []byte, r *request) []byte {
	return appendMessage(b, 100, func(b []byte) []byte {
		b = appendMessage(b, 1, r.target.append)
		for i := range r.state {
			s := &r.state[i]
			b = appendMessage(b, 2, func(b []byte) []byte {
				b = appendText(b, 1, s.name)
				if s.value.Has {
					b = appendMessage(b, 2, s.value.append)
				}
				return b
			})
		}
		for i := range r.invocations {
			v := &r.invocations[i]
			b = appendMessage(b, 3, func(b []byte) []byte {
				if v.Caller.Name != "" {
					b = appendMessage(b, 1, v.Caller.append)
				}
				return appendMessage(b, 2, v.Argument.append)
			})
		}
		return b
	})
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
	argument        TypedValue
}

// readReply reads a FromFunction. What it returns are views of b.
func readReply(b []byte) (*reply, error) {
	r := &reply{}
	m := &message{rest: b}
	for m.next() {
		switch m.field {
		case 100:
			m.inner(r.readResult)
		case 101:
			r.lacks = true
			m.inner(func(m *message) {
				if m.field == 1 {
					r.missing = append(r.missing, readSpec(m))
				}
			})
		}
	}
	if m.err == nil {
		m.err = r.check()
	}
	if m.err != nil {
		return nil, fmt.Errorf("the reply is no message of the protocol: %w", m.err)
	}
	return r, nil
}

func (r *reply) readResult(m *message) {
	switch m.field {
	case 1:
		r.mutated = append(r.mutated, readMutation(m))
	case 2:
		var o outgoing
		m.inner(o.read)
		r.messages = append(r.messages, o)
	case 3:
		r.delayed = append(r.delayed, readDelayed(m))
	case 4:
		var e egressMessage
		m.inner(func(m *message) {
			switch m.field {
			case 1:
				e.namespace = m.text()
			case 2:
				e.name = m.text()
			case 3:
				e.argument.read(m)
			}
		})
		r.egress = append(r.egress, e)
	}
}

func readMutation(m *message) (c mutation) {
	kind := int64(0)
	m.inner(func(m *message) {
		switch m.field {
		case 1:
			kind = m.number()
		case 2:
			c.name = m.text()
		case 3:
			c.value.read(m)
		}
	})
	if kind != 0 && kind != 1 && m.err == nil {
		m.err = fmt.Errorf("a change of the unknown kind %d to the value %q", kind, c.name)
	}
	c.remove = kind == 0
	return c
}

func (o *outgoing) read(m *message) {
	switch m.field {
	case 1:
		o.target.read(m)
	case 2:
		o.argument.read(m)
	}
}

func readDelayed(m *message) (d delayedCall) {
	m.inner(func(m *message) {
		switch m.field {
		case 1:
			d.delay = m.number()
		case 2:
			d.target.read(m)
		case 3:
			d.argument.read(m)
		case 10:
			d.cancel = m.number() != 0
		case 11:
			d.token = m.text()
		}
	})
	return d
}

func readSpec(m *message) (s valueSpec) {
	m.inner(func(m *message) {
		switch m.field {
		case 1:
			s.name = m.text()
		case 2:
			m.inner(func(m *message) {
				switch m.field {
				case 1:
					s.mode = expireMode(m.number())
				case 2:
					s.after = value.Duration(min(max(m.number(), 0), maxMillis)) * 1000
				}
			})
		case 3:
			s.typename = m.text()
		}
	})
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

// record reads an egress message.
func (e *egressMessage) record() (Record, error) {
	r := Record{Egress: e.namespace + "/" + e.name, Type: e.argument.Type, Value: e.argument.Value}
	if r.Type != kafkaRecord && r.Type != kinesisRecord {
		return r, nil
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
		return r, fmt.Errorf("the message to the egress %q is no record for a topic: %w", r.Egress, m.err)
	}
	return r, nil
}
