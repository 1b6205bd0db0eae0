package load

import "github.com/flow-lang/flowc/lang/diag"

// FileUnreadable occurs when a file of program text is missing, is a folder, or
// may not be read.
const FileUnreadable diag.Code = "L0901"

// FileTooLong occurs when a file of program text is longer than MaxSize.
const FileTooLong diag.Code = "L0902"

// ImportOutside occurs when an import names a file outside the program's root.
//
// Example:
//
//	import "../shared/weather.flow"
const ImportOutside diag.Code = "L0903"

// ExternMissing occurs when a Go function that the program declares is not in its
// Go module, or does not fit.
//
// Example:
//
//	extern func country(ip: string) -> string? = go "example.com/app/geo".Lookup
const ExternMissing diag.Code = "L0904"

// Explanations returns the long text of every code of this package. Their
// examples are of files and folders, so Before and After show commands and
// imports, not whole programs.
func Explanations() []diag.Explanation {
	return []diag.Explanation{
		{
			Code:  ExternMissing,
			Title: "a Go function is not there or does not fit",
			Text: "`extern func` names a function of the Go module whose `go.mod` stands beside the program or in a folder above it, " +
				"by the path of its package and its name. It is an ordinary function, " +
				"`func([context.Context,] parameters…) (result[, error])`, with the Go types that docs/language.md lists.\n\n" +
				"It is looked up when the program is built, run or tested; `flowc check` reads no Go.",
			Before: "func Lookup(ip string) string",
			After:  "func Lookup(ip string) (*string, error)",
		},
		{
			Code:  FileUnreadable,
			Title: "a file cannot be read",
			Text: "flowc could not read a file of program text: the one given on the command line, or one that an " +
				"`import` names. It is missing, it is a folder, or you may not read it.\n\n" +
				"Paths on the command line start at the current folder; the path of an `import` starts at the folder " +
				"of the file that holds the import.",
			Before: "flowc check temprature.flow",
			After:  "flowc check temperature.flow",
		},
		{
			Code:  FileTooLong,
			Title: "a file of program text is too long",
			Text: "A file of program text has at most 1 MiB. Longer files are data that was given to flowc by " +
				"mistake, or programs that a machine wrote.\n\n" +
				"Put records, functions and operators that belong together into files that begin with `library NAME`, " +
				"and import them.",
			Before: "flowc check readings.csv",
			After:  "flowc check temperature.flow",
		},
		{
			Code:  ImportOutside,
			Title: "an import leaves the folder of the program",
			Text: "A program may import files of its own folder and of the folders below. That way a program can be " +
				"moved and built elsewhere, and a program from somebody else cannot read your other files.\n\n" +
				"Several programs that share libraries stand below one root: put an empty file named `flow.mod` into " +
				"the folder that holds the programs and the libraries. Paths stay relative to the importing file and " +
				"may then use `..` up to that folder.",
			Before: "import \"/home/ada/shared/weather.flow\"",
			After:  "import \"../shared/weather.flow\"   // with a file flow.mod in the folder above",
		},
	}
}
