package cli

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/flow-lang/flowc/rt/savepoint"
	"github.com/flow-lang/flowc/rt/schema"
)

const rowsHelp = "A row of JSON is a line as export writes it. CSV has a line with the names of its columns: those that\n" +
	"export writes, or, instead of \"value\", the fields of a value that is a record. --uid and --state stand\n" +
	"for what no row says."

// rowInput is where the rows for a savepoint come from.
type rowInput struct {
	cmd        *cobra.Command
	path       string
	format     *choice
	uid, state string
}

// addRows adds the flags that say so.
func addRows(cmd *cobra.Command) *rowInput {
	in := &rowInput{cmd: cmd}
	flags := cmd.Flags()
	flags.StringVar(&in.path, "rows", "", "the file with the rows; - is standard input")
	flags.StringVar(&in.uid, "uid", "", "the step that rows are of which do not say it")
	flags.StringVar(&in.state, "state", "", "the state or timer that they are of")
	in.format = addChoice(cmd, "format", "of the rows; auto is csv for a file whose name ends so", "auto", "json", "csv")
	return in
}

// each reads the rows, for a program with that state.
func (in *rowInput) each(a *app, job *schema.Job, each func(*savepoint.Row) error) (err error) {
	if in.path == "" {
		return &usageError{"--rows is missing", example(in.cmd)}
	}
	from := a.stdin
	if in.path != "-" {
		f, failed := os.Open(in.path)
		if failed != nil {
			return failed
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		from = f
	}
	take := func(row *savepoint.Row, line int, err error) error {
		if err == nil {
			row.UID, row.State = cmp.Or(row.UID, in.uid), cmp.Or(row.State, in.state)
			err = each(row)
		}
		if err != nil {
			return fmt.Errorf("%s:%d: %w", in.path, line, err)
		}
		return nil
	}
	if in.format.value == "csv" || in.format.value == "auto" && strings.EqualFold(filepath.Ext(in.path), ".csv") {
		return in.csv(from, job, take)
	}
	return jsonLines(from, take)
}

func jsonLines(from io.Reader, take func(row *savepoint.Row, line int, err error) error) error {
	lines := bufio.NewReaderSize(from, 64<<10)
	for n := 1; ; n++ {
		line, readErr := lines.ReadBytes('\n')
		if text := bytes.TrimSpace(line); len(text) > 0 {
			row, err := readRow(text)
			if err := take(row, n, err); err != nil {
				return err
			}
		}
		if errors.Is(readErr, io.EOF) {
			return nil
		}
		if readErr != nil {
			return readErr
		}
	}
}

func readRow(text []byte) (*savepoint.Row, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	row := &savepoint.Row{}
	if err := dec.Decode(row); err != nil {
		return nil, err
	}
	if dec.More() {
		return nil, errors.New("there is more than one row in a line")
	}
	return row, nil
}

// rowColumns are the columns that are not fields of a value.
var rowColumns = []string{"uid", "state", "key", "entry", "map_key", "index", "value", "written_at", "removed"}

func (in *rowInput) csv(from io.Reader, job *schema.Job, take func(row *savepoint.Row, line int, err error) error) error {
	rows := csv.NewReader(from)
	rows.ReuseRecord = true
	first, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", in.path, err)
	}
	columns := slices.Clone(first)
	for i, name := range columns {
		if slices.Index(columns, name) < i {
			return fmt.Errorf("%s:1: there are two columns %q", in.path, name)
		}
	}
	for {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", in.path, err)
		}
		line, _ := rows.FieldPos(0)
		row, err := in.cells(columns, cells, job)
		if err := take(row, line, err); err != nil {
			return err
		}
	}
}

// cells makes a row of the cells of a line of CSV.
func (in *rowInput) cells(columns, cells []string, job *schema.Job) (*savepoint.Row, error) {
	cell := func(name string) (string, bool) {
		i := slices.Index(columns, name)
		if i < 0 {
			return "", false
		}
		return cells[i], true
	}
	row := &savepoint.Row{}
	row.UID, _ = cell("uid")
	row.State, _ = cell("state")
	_, _, l, err := savepoint.Named(job, cmp.Or(row.UID, in.uid), cmp.Or(row.State, in.state))
	if err != nil {
		return nil, err
	}
	if l.Dynamic {
		return nil, fmt.Errorf("%s of operator %q is dynamic state, whose rows must be JSON", l.Name, l.UID)
	}
	if text, _ := cell("written_at"); text != "" {
		row.Written = &text
	}
	switch text, _ := cell("removed"); text {
	case "", "false":
	case "true":
		row.Removed = true
	default:
		return nil, fmt.Errorf("removed: %q is neither true nor false", text)
	}
	typed := func(t *schema.Type, names ...string) (out json.RawMessage, err error) {
		for _, name := range names {
			if text, ok := cell(name); ok && t != nil && out == nil {
				if out, err = savepoint.CellJSON(t, text); err != nil {
					return nil, fmt.Errorf("%s: %w", name, err)
				}
			}
		}
		return out, nil
	}
	if row.Key, err = typed(l.Key, "key"); err != nil {
		return nil, err
	}
	switch l.SubName {
	case "map_key":
		row.MapKey, err = typed(l.Sub, "map_key", "entry")
	case "index":
		row.Index, err = typed(l.Sub, "index", "entry")
	case "value":
		row.Value, err = typed(l.Sub, "value")
	}
	if err != nil || l.Value == nil || row.Removed {
		return row, err
	}
	if _, ok := cell("value"); ok || l.Value.Shape != schema.Record {
		row.Value, err = typed(l.Value, "value")
		return row, err
	}
	row.Value, err = fieldCells(l.Value, columns, cells)
	return row, err
}

// fieldCells makes a record of the cells of its fields.
func fieldCells(t *schema.Type, columns, cells []string) (json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	for i, name := range columns {
		if slices.Contains(rowColumns, name) {
			continue
		}
		k := slices.IndexFunc(t.Fields, func(f schema.Field) bool { return f.Name == name })
		if k < 0 {
			return nil, fmt.Errorf("the value, a %s, has no field %q", t, name)
		}
		text, err := savepoint.CellJSON(&t.Fields[k].Type, cells[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		fields[name] = text
	}
	return json.Marshal(fields)
}
