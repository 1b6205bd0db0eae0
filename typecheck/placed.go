package typecheck

import (
	"github.com/flow-lang/flowc/lang"
	"github.com/flow-lang/flowc/typecheck/ir"
)

// checkSettings checks the lines that set something for the whole program.
func (c *checker) checkSettings(m *module) {
	for _, d := range m.file.Decls {
		d, ok := d.(*lang.SettingDecl)
		if !ok {
			continue
		}
		if d.Name.Text != "key_groups" {
			c.add(mistake(UnknownName, d.Name.Span(), "unknown setting %q", d.Name.Text).
				meant(d.Name.Text, []string{"key_groups"}).help("there is key_groups"))
			continue
		}
		k := &coder{c, &frame{kind: pureCode, what: "a setting"}, &scope{mod: m}}
		n, ok := k.constantOf(d.Value, intType, "key_groups").(*ir.IntConst)
		if !ok {
			continue
		}
		if n.Value < 1 || n.Value > maxKeyGroups {
			c.add(mistake(NumberRange, d.Value.Span(), "key_groups lies between 1 and %d", maxKeyGroups).help("the default is 1024"))
			continue
		}
		c.prog.KeyGroups = int(n.Value)
	}
}

// checkAcknowledgements takes down the lines that say that a consequence for
// saved state is meant. Whether there is one is no matter of the program alone.
func (c *checker) checkAcknowledgements(m *module) {
	for _, d := range m.file.Decls {
		switch d := d.(type) {
		case *lang.RetiredDecl:
			c.prog.Retired = append(c.prog.Retired, &ir.Acknowledgement{Path: constantText(d.Path), Doc: d.Doc, Span: d.Span()})
		case *lang.AcceptDecl:
			c.prog.Accepted = append(c.prog.Accepted, &ir.Acknowledgement{Path: constantText(d.Path), Doc: d.Doc, Span: d.Span()})
		}
	}
}

// maxKeyGroups is the largest number of key groups: a saved key group has 16 bits.
const maxKeyGroups = 1 << 15

// checkPlaces reports what stands in a file of the wrong kind.
func (c *checker) checkPlaces(m *module) {
	for _, d := range m.file.Decls {
		var what string
		switch d.(type) {
		case *lang.SourceDecl:
			what = "a source"
		case *lang.SinkDecl:
			what = "a sink"
		case *lang.StreamDecl:
			what = "a stream"
		case *lang.RekeyDecl:
			what = "a rekey"
		default:
			continue
		}
		if m.file.Kind == lang.LibraryFile {
			c.add(mistake(Misplaced, d.Span(), "%s stands in a library", what).
				help("libraries declare records, functions, operators and fragments; put it into the pipeline"))
		}
	}
	if m != c.main && m.file.Kind == lang.PipelineFile && m.file.Pipeline != nil {
		c.add(mistake(Misplaced, m.file.Pipeline.Span(), "a pipeline cannot be imported").help("begin the file with: library %s", m.file.Pipeline.Text))
	}
}
