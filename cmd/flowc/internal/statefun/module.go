// Package statefun turns the module file of an application of Stateful Functions 3,
// YAML in its present or its former form, into a program in Flow. Text goes in, text
// and remarks come out; it reads no files.
package statefun

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Remark is about a place of the module.
type Remark struct {
	Line int // from 1
	Text string
}

// component is one part of a module: an endpoint, an ingress or an egress.
type component struct {
	kind string // io.statefun.kafka.v1/ingress
	line int
	spec node
}

// node is a value of the file with what reads it; the zero node is one that is not
// there.
type node struct{ *yaml.Node }

// at returns what a mapping has under a name, however deep: at("transport", "type").
func (n node) at(path ...string) node {
	for _, name := range path {
		found := node{}
		if n.Node != nil && n.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == name {
					found = node{n.Content[i+1]}.followed()
				}
			}
		}
		n = found
	}
	return n
}

// followed is what an alias stands for.
func (n node) followed() node {
	if n.Node != nil && n.Kind == yaml.AliasNode {
		return node{n.Alias}
	}
	return n
}

// text returns a scalar, "" if it is none.
func (n node) text() string {
	if n.Node == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// list returns the elements of a sequence.
func (n node) list() (all []node) {
	if n.Node != nil && n.Kind == yaml.SequenceNode {
		for _, e := range n.Content {
			all = append(all, node{e}.followed())
		}
	}
	return all
}

// names returns the names of a mapping's entries, in their order.
func (n node) names() (all []string) {
	if n.Node != nil && n.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(n.Content); i += 2 {
			all = append(all, n.Content[i].Value)
		}
	}
	return all
}

func (n node) place() int {
	if n.Node == nil {
		return 1
	}
	return n.Line
}

// read reads a module file of either form.
func read(text []byte) ([]component, error) {
	var all []component
	documents := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var document yaml.Node
		err := documents.Decode(&document)
		switch {
		case errors.Is(err, io.EOF) && len(all) == 0:
			return nil, errors.New("there is no component in it, such as kind: io.statefun.endpoints.v2/http")
		case errors.Is(err, io.EOF):
			return all, nil
		case err != nil:
			return nil, err
		case len(document.Content) == 0 || document.Content[0].Tag == "!!null":
			continue // nothing between two lines of ---
		}
		some, err := components(node{document.Content[0]})
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
}

// components returns those of one document.
func components(n node) ([]component, error) {
	switch version := n.at("version").text(); {
	case n.at("kind").text() != "":
		return []component{{n.at("kind").text(), n.place(), n.at("spec")}}, nil
	case version == "3.0" || version == "3":
		return former(n.at("module", "spec"))
	case version != "":
		return nil, fmt.Errorf("line %d: modules of version %s speak another protocol: bring the application to Stateful Functions 3 first", n.place(), version)
	default:
		return nil, fmt.Errorf("line %d: this is no component of a module: it has no kind", n.place())
	}
}

// former returns the components of a module of version 3.0, whose lists have them
// one in another.
func former(spec node) (all []component, err error) {
	for _, part := range []struct{ list, one string }{{"endpoints", "endpoint"}, {"ingresses", "ingress"}, {"egresses", "egress"}} {
		for _, e := range spec.at(part.list).list() {
			e = e.at(part.one)
			kind := e.at("meta", "type").text()
			if kind == "" {
				kind = e.at("meta", "kind").text()
			}
			c := component{kind, e.place(), e.at("spec")}
			switch {
			case c.spec.Node == nil || c.spec.Kind != yaml.MappingNode:
				return nil, fmt.Errorf("line %d: the %s has no spec", e.place(), part.one)
			case part.one == "endpoint":
				c.kind = "io.statefun.endpoints.v1/" + kind
			default:
				// io.statefun.kafka/ingress
				c.kind = strings.Replace(kind, "/", ".v1/", 1)
			}
			if id := e.at("meta", "id"); id.Node != nil {
				name := &yaml.Node{Kind: yaml.ScalarNode, Value: "id", Line: id.Line}
				c.spec.Content = append([]*yaml.Node{name, id.Node}, c.spec.Content...)
			}
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("line %d: the module has no endpoints, ingresses or egresses", spec.place())
	}
	return all, nil
}
