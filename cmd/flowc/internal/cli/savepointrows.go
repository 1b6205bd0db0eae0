package cli

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/rt/avro"
	"github.com/flow-lang/flowc/rt/connector/file/parquet"
	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/schema"
	"github.com/flow-lang/flowc/rt/state"
)

// addFilter adds the flags that say which entries of a savepoint are wanted.
func addFilter(cmd *cobra.Command) func() (*savepoint.Filter, error) {
	f := &savepoint.Filter{}
	span := ""
	flags := cmd.Flags()
	flags.StringVar(&f.UID, "uid", "", "of the step with this uid only")
	flags.StringVar(&f.State, "state", "", "of the state or timer of this name only")
	flags.StringVar(&f.Key, "key", "", "of this key only: as it is, or as JSON")
	flags.StringVar(&f.Prefix, "prefix", "", "of keys that begin so only")
	flags.StringVar(&span, "range", "", "of keys from A up to, and not including, B only: A..B, of which one may be missing")
	return func() (*savepoint.Filter, error) {
		if span == "" {
			return f, nil
		}
		var ok bool
		if f.From, f.To, ok = strings.Cut(span, ".."); !ok {
			return nil, &usageError{fmt.Sprintf("--range %q has no \"..\"", span), "it is A..B, A.. or ..B"}
		}
		return f, nil
	}
}

// A rowWriter prints records of a savepoint.
type rowWriter interface {
	write(l *savepoint.Layout, r *state.Record) error
	end() error
}

// savepointShow is "flowc savepoint show DIR".
func (a *app) savepointShow() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "show DIR",
		Short: "Print entries of a savepoint",
		Long: "show prints the entries of a savepoint, by step, state, key group and key. As JSON an entry is a line\n" +
			"{\"uid\", \"state\", \"key\", \"value\"}, with \"map_key\" or \"index\" where there is one and \"written_at\"\n" +
			"where a ttl counts from it.",
		Example: "  flowc savepoint show /backup/sp-7 --state sum --key ada\n" +
			"  flowc savepoint show /backup/sp-7 --format json --range a..n",
		Args: wantDir,
	}
	filter := addFilter(cmd)
	format := addChoice(cmd, "format", "a table, or an object a line", "text", "json")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		f, err := filter()
		if err != nil {
			return err
		}
		return a.scan(args[0], f, func(*savepoint.Savepoint) (rowWriter, error) {
			if format.value == "json" {
				return newJSONRows(a.stdout), nil
			}
			return newTableRows(a.stdout), nil
		})
	}
	return cmd
}

// scan prints what a filter wants of a savepoint that is whole.
func (a *app) scan(dir string, f *savepoint.Filter, to func(*savepoint.Savepoint) (rowWriter, error)) error {
	s, err := wholeSavepoint(dir)
	if err != nil {
		return err
	}
	w, err := to(s)
	if err != nil {
		return err
	}
	err = s.Scan(f, func(st savepoint.Selected, r *state.Record) error { return w.write(st.Layout, r) })
	return errors.Join(err, w.end())
}

// jsonRows prints an object a line.
type jsonRows struct {
	out *bufio.Writer
	row []byte
}

func newJSONRows(to io.Writer) *jsonRows { return &jsonRows{out: bufio.NewWriterSize(to, 64<<10)} }

func (w *jsonRows) write(l *savepoint.Layout, r *state.Record) (err error) {
	if w.row, err = l.AppendJSON(w.row[:0], r); err == nil {
		_, err = w.out.Write(append(w.row, '\n'))
	}
	return err
}

func (w *jsonRows) end() error { return w.out.Flush() }

// cells are the parts of a row as text; typed puts the type that a value of dynamic
// state brings behind its name.
func cells(l *savepoint.Layout, r *state.Record, typed bool) (list []string, err error) {
	row, err := l.Row(r)
	if err != nil {
		return nil, err
	}
	entry, written := row.Entry(), ""
	if l.Dynamic && typed {
		var t schema.Type
		if err := json.Unmarshal(row.Type, &t); err != nil {
			return nil, err
		}
		entry += ": " + t.String()
	}
	if row.Written != nil {
		written = *row.Written
	}
	return []string{row.UID, row.State, string(row.Key), entry, string(row.Value), written}, nil
}

// tableRows prints a table for people, whose columns are as wide as the rows of one
// screen want.
type tableRows struct {
	out *tabwriter.Writer
	n   int
}

const screen = 200 // rows of a table that is laid out at once

func newTableRows(to io.Writer) *tableRows {
	w := &tableRows{out: tabwriter.NewWriter(to, 0, 8, 2, ' ', 0)}
	fmt.Fprintln(w.out, "UID\tSTATE\tKEY\tENTRY\tVALUE\tWRITTEN AT")
	return w
}

func (w *tableRows) write(l *savepoint.Layout, r *state.Record) error {
	list, err := cells(l, r, true)
	if err != nil {
		return err
	}
	fmt.Fprintln(w.out, strings.TrimRight(strings.Join(list, "\t"), "\t"))
	if w.n++; w.n%screen == 0 {
		return w.out.Flush()
	}
	return nil
}

func (w *tableRows) end() error { return w.out.Flush() }

// csvRows prints CSV. Keys and values are as in JSON, without the quotes of a
// text.
type csvRows struct{ out *csv.Writer }

func newCSVRows(to io.Writer) (*csvRows, error) {
	w := &csvRows{csv.NewWriter(to)}
	return w, w.out.Write([]string{"uid", "state", "key", "entry", "value", "written_at"})
}

func (w *csvRows) write(l *savepoint.Layout, r *state.Record) error {
	list, err := cells(l, r, false)
	if err != nil {
		return err
	}
	for i, cell := range list[2:5] {
		var text string
		if json.Unmarshal([]byte(cell), &text) == nil && cell != "null" {
			list[i+2] = text
		}
	}
	return w.out.Write(list)
}

func (w *csvRows) end() error {
	w.out.Flush()
	return w.out.Error()
}

// avroRows writes an Avro file, of one state.
type avroRows struct{ out *avro.Writer }

func (w *avroRows) write(l *savepoint.Layout, r *state.Record) error {
	return w.out.Value(l.AppendRow(w.out.Room(), r))
}

func (w *avroRows) end() error { return w.out.Flush() }

// parquetRows writes a Parquet file, of one state.
type parquetRows struct {
	out *parquet.Writer
	row []byte
}

func (w *parquetRows) write(l *savepoint.Layout, r *state.Record) error {
	w.row = l.AppendRow(w.row[:0], r)
	return w.out.Write(w.row)
}

func (w *parquetRows) end() error { return w.out.Close() }

// savepointExport is "flowc savepoint export DIR".
func (a *app) savepointExport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export DIR [-o FILE]",
		Short: "Write entries of a savepoint as JSON lines, CSV, Avro or Parquet",
		Long: "export writes the entries of a savepoint, to standard output unless -o names a file. As JSON lines they\n" +
			"are what show prints and import reads. An Avro or Parquet file has the entries of one state.",
		Example: "  flowc savepoint export /backup/sp-7 -o all.jsonl\n" +
			"  flowc savepoint export /backup/sp-7 --uid sums --state sum --format avro -o sums.avro\n" +
			"  flowc savepoint export /backup/sp-7 --uid sums --state sum --prefix a --format parquet -o sums.parquet",
		Args: wantDir,
	}
	filter := addFilter(cmd)
	format := addChoice(cmd, "format", "of the rows", "json", "csv", "avro", "parquet")
	path := cmd.Flags().StringP("output", "o", "", "the file to write; standard output without it")
	cmd.RunE = func(_ *cobra.Command, args []string) (err error) {
		f, err := filter()
		if err != nil {
			return err
		}
		var to io.Writer = a.stdout
		if *path != "" {
			file, failed := os.Create(*path)
			if failed != nil {
				return failed
			}
			defer func() { err = errors.Join(err, file.Close()) }()
			to = file
		}
		return a.scan(args[0], f, func(s *savepoint.Savepoint) (rowWriter, error) { return exporter(s, f, format.value, to) })
	}
	return cmd
}

func exporter(s *savepoint.Savepoint, f *savepoint.Filter, format string, to io.Writer) (rowWriter, error) {
	switch format {
	case "csv":
		return newCSVRows(to)
	case "avro":
		one, err := oneState(s, f, "an Avro")
		if err != nil {
			return nil, err
		}
		text, err := one.Schema()
		if err != nil {
			return nil, err
		}
		out, err := avro.NewWriter(to, text)
		return &avroRows{out: out}, err
	case "parquet":
		one, err := oneState(s, f, "a Parquet")
		if err != nil {
			return nil, err
		}
		return &parquetRows{out: parquet.NewWriter(to, one.RowType())}, nil
	default:
		return newJSONRows(to), nil
	}
}

// oneState returns the state that a filter wants, which must be one.
func oneState(s *savepoint.Savepoint, f *savepoint.Filter, file string) (*savepoint.Layout, error) {
	states, err := s.States(f)
	if err != nil {
		return nil, err
	}
	if len(states) > 1 {
		return nil, &usageError{fmt.Sprintf("%s file has the entries of one state, and there are %d", file, len(states)), "name one: --uid UID --state NAME"}
	}
	return states[0].Layout, nil
}
