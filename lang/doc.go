// Package lang reads and lays out program text.
//
// [Parse] makes the syntax tree of one file, [Format] makes text of it again.
// The package knows the grammar and nothing else: what a name means, which
// types fit, and whether state is bounded is found out by the stages after it.
// It opens no file, and keeps nothing between two calls.
//
// # How text is read
//
// The lexer cuts the text into small tokens that know where they stand on their
// line, for a line end can end a statement. All words are one kind of token:
// what is a keyword depends on the place. A recursive descent parser with two
// tokens of look-ahead makes the tree, expressions by precedence climbing. It is
// written by hand, and not with a grammar library, for two reasons: a megabyte
// of anything must be read or refused within about 100 ms, and a message is only
// as good as what the parser knows when it gives it.
//
// # What is promised about mistakes
//
// Every mistake is told in one run, and each once. After a mistake the parser
// goes on with the next item of the nearest list: a statement, a field, a member
// of an operator, a declaration. Where the layout of the program is regular, the
// beginnings of lines say where that is; a bracket that is missing then spoils
// no more than its own line. What was read in spite of mistakes is whole: a node
// that lacks a part that it must have is left out, or is a [BadExpr].
//
// No text can crash the parser or make it hang: nesting and chains have limits,
// and of one file at most a hundred mistakes are told.
package lang
