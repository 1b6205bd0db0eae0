package rt

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"github.com/flow-lang/flowc/rt/value"
)

// UsageError says that a pipeline was started in a wrong way. A pipeline binary
// exits with 2 after it.
type UsageError struct{ Message string }

// Error returns the message.
func (e *UsageError) Error() string { return e.Message }

func usagef(format string, args ...any) error {
	return &UsageError{fmt.Sprintf(format, args...)}
}

// Params are the values of a program's parameters. A getter panics if the
// program has no parameter of that name and type: generated code asks only for
// what it has declared.
type Params struct {
	values map[string]any
}

// newParams parses the given values and the defaults.
func newParams(params []Param, given map[string]string, getenv func(string) (string, bool)) (Params, error) {
	p := Params{values: map[string]any{}}
	var errs []error
	known := map[string]bool{}
	var names []string
	for _, param := range params {
		text, ok := given[param.Name]
		if param.Env {
			text, ok = getenv(param.Name)
		} else {
			known[param.Name] = true
			names = append(names, param.Name)
		}
		if !ok && param.Required {
			errs = append(errs, missingParam(param))
			continue
		}
		if !ok {
			text = param.Default
		}
		v, err := parseParam(param, text)
		if err != nil {
			errs = append(errs, usagef("%s: %q is no %s: %v", paramName(param), text, param.Type, err))
			continue
		}
		p.values[param.Name] = v
	}
	for _, name := range sortedKeys(given) {
		if !known[name] {
			errs = append(errs, unknown("parameter", name, names))
		}
	}
	return p, joinUsage(errs)
}

// joinUsage makes one UsageError of many, or nil of none.
func joinUsage(errs []error) error {
	if len(errs) == 0 {
		return nil
	}
	return &UsageError{errors.Join(errs...).Error()}
}

func paramName(p Param) string {
	if p.Env {
		return "environment variable " + p.Name
	}
	return "parameter " + strconv.Quote(p.Name)
}

func missingParam(p Param) error {
	if p.Env {
		return usagef("environment variable %s is not set: the program reads it at start", p.Name)
	}
	return usagef("parameter %q has no default: give it with --param %s=VALUE", p.Name, p.Name)
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// parseParam reads a value in the form that --param takes.
func parseParam(p Param, text string) (any, error) {
	switch t := p.Type; t {
	case StringParam:
		return text, nil
	case BoolParam:
		if text == "true" || text == "false" {
			return text == "true", nil
		}
		return nil, errors.New("want true or false")
	case IntParam:
		n, err := strconv.ParseInt(digits(text), 10, 64)
		return n, numberError(err)
	case Int32Param:
		n, err := strconv.ParseInt(digits(text), 10, 32)
		return int32(n), numberError(err)
	case FloatParam:
		x, err := strconv.ParseFloat(digits(text), 64)
		return x, numberError(err)
	case Float32Param:
		x, err := strconv.ParseFloat(digits(text), 32)
		return float32(x), numberError(err)
	case TimestampParam:
		v, ok := value.ParseRFC3339(text)
		return v, orElse(ok, "want a time like 2024-05-01T12:00:00Z")
	case DurationParam:
		v, ok := value.ParseDuration(text)
		return v, orElse(ok, "want a duration like 1h30m")
	case DateParam:
		v, ok := value.ParseDate(text)
		return v, orElse(ok, "want a date like 2024-05-01")
	case UUIDParam:
		v, ok := value.ParseUUID(text)
		return v, orElse(ok, "want a UUID like 123e4567-e89b-12d3-a456-426614174000")
	case DecimalParam:
		v, number, ok := value.ParseDecimal(digits(text), p.Precision, p.Scale)
		if !number {
			return nil, errors.New("want a number")
		}
		return v, orElse(ok, fmt.Sprintf("want at most %d digits, %d of them behind the point", p.Precision, p.Scale))
	case EnumParam:
		n := slices.Index(p.Symbols, text)
		return n, orElse(n >= 0, "want "+strings.Join(p.Symbols, ", "))
	default:
		panic(fmt.Sprintf("rt: parameter type %q", t))
	}
}

// digits drops the underscores that Flow allows in numbers.
func digits(text string) string { return strings.ReplaceAll(text, "_", "") }

func numberError(err error) error {
	if errors.Is(err, strconv.ErrRange) {
		return errors.New("it does not fit")
	}
	if err != nil {
		return errors.New("want a number")
	}
	return nil
}

func orElse(ok bool, message string) error {
	if ok {
		return nil
	}
	return errors.New(message)
}

func param[T any](p *Params, name string) T {
	v, ok := p.values[name].(T)
	if !ok {
		panic(fmt.Sprintf("rt: no parameter %q of type %T", name, v))
	}
	return v
}

// Int returns an int parameter.
func (p *Params) Int(name string) int64 { return param[int64](p, name) }

// Int32 returns an int32 parameter.
func (p *Params) Int32(name string) int32 { return param[int32](p, name) }

// Float returns a float parameter.
func (p *Params) Float(name string) float64 { return param[float64](p, name) }

// Float32 returns a float32 parameter.
func (p *Params) Float32(name string) float32 { return param[float32](p, name) }

// String returns a string parameter.
func (p *Params) String(name string) string { return param[string](p, name) }

// Bool returns a bool parameter.
func (p *Params) Bool(name string) bool { return param[bool](p, name) }

// Timestamp returns a timestamp parameter.
func (p *Params) Timestamp(name string) value.Timestamp { return param[value.Timestamp](p, name) }

// Duration returns a duration parameter.
func (p *Params) Duration(name string) value.Duration { return param[value.Duration](p, name) }

// Date returns a date parameter.
func (p *Params) Date(name string) value.Date { return param[value.Date](p, name) }

// UUID returns a uuid parameter.
func (p *Params) UUID(name string) value.UUID { return param[value.UUID](p, name) }

// Decimal returns a decimal parameter.
func (p *Params) Decimal(name string) value.Decimal { return param[value.Decimal](p, name) }

// Enum returns which of its symbols an enum parameter is, from 0.
func (p *Params) Enum(name string) int { return param[int](p, name) }
