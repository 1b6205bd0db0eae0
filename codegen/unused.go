package codegen

import (
	"bytes"
	"fmt"
	"go/scanner"
	"go/token"

	"github.com/dave/jennifer/jen"
)

// Go refuses a variable that is never read, and Flow does not: a local may be
// unused, and what reads it may come to nothing when the code is written. So
// each declaration leaves a place behind it, where body puts "_ = name" if
// nothing reads the variable in the end.

// declared is a variable with the place behind its declaration.
type declared struct {
	name  string
	place *jen.Statement
}

// declareVar writes the declaration of a variable.
func (c *coder) declareVar(name string, declaration jen.Code) {
	place := jen.Null()
	c.declared = append(c.declared, declared{name, place})
	c.add(declaration, place)
}

// loopVar notes a variable that the head of a loop declares; its place is the
// first of the body.
func (c *coder) loopVar(name string) {
	place := jen.Null()
	c.declared = append(c.declared, declared{name, place})
	c.add(place)
}

// body returns the statements of a whole function.
func (c *coder) body() []jen.Code {
	if len(c.declared) == 0 {
		return c.out
	}
	reads := readNames(c.out)
	for _, d := range c.declared {
		if reads[d.name] == 0 {
			d.place.Id("_").Op("=").Id(d.name)
		}
	}
	return c.out
}

// readNames counts how often each name is read in a body. Names are unique in a
// function, so that their tokens are enough.
func readNames(body []jen.Code) map[string]int {
	var text bytes.Buffer
	if err := jen.Func().Id("_").Params().Block(body...).Render(&text); err != nil {
		panic(fmt.Sprintf("codegen: %v", err)) // what we write is Go
	}
	var s scanner.Scanner
	set := token.NewFileSet()
	s.Init(set.AddFile("", -1, text.Len()), text.Bytes(), nil, 0)
	reads := map[string]int{}
	before, name, head := token.ILLEGAL, "", false
	for {
		_, tok, lit := s.Scan()
		declares := tok == token.DEFINE || tok == token.ASSIGN || tok == token.COLON || head && tok == token.COMMA
		if name != "" && !declares {
			reads[name]++
		}
		name = ""
		if tok == token.EOF {
			return reads
		}
		if tok == token.IDENT && before != token.PERIOD && before != token.VAR {
			name, head = lit, before == token.FOR // the first of for k, v := range m
		}
		before = tok
	}
}
