package config

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/BurntSushi/toml"
)

// Shown is a value in force, without its secrets.
type Shown struct {
	Key   toml.Key
	Value any // nil for none
	From  Origin
}

// Show lists all values in force.
func (c *Config) Show() []Shown {
	s := &shower{config: c, lines: linesOf(c.src)}
	s.show(nil, reflect.ValueOf(c).Elem())
	return s.all
}

type shower struct {
	config *Config
	lines  map[string]int
	all    []Shown
}

// show adds the values in a table, or a single one.
func (s *shower) show(key toml.Key, v reflect.Value) {
	switch value := v.Interface().(type) {
	case time.Time:
		if s.add(key, nil); !value.IsZero() {
			s.all[len(s.all)-1].Value = value.Format(time.RFC3339)
		}
		return
	case time.Duration:
		s.add(key, value.Seconds())
		return
	}

	switch v.Kind() {
	case reflect.Struct:
		names := keysOf(v.Type())
		for i, name := range names {
			s.show(append(slices.Clone(key), name), v.Field(i))
		}
		if field := v.FieldByName("Own"); field.IsValid() {
			own := field.Interface().(map[string]any)
			for _, name := range slices.Sorted(maps.Keys(own)) {
				s.add(append(slices.Clone(key), name), own[name])
			}
		}
	case reflect.Map:
		names := v.MapKeys()
		slices.SortFunc(names, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, name := range names {
			s.show(append(slices.Clone(key), name.String()), v.MapIndex(name))
		}
	default:
		s.add(key, v.Interface())
	}
}

func (s *shower) add(key toml.Key, value any) {
	s.all = append(s.all, Shown{key, masked(key[len(key)-1], value), s.config.origin(key, s.lines)})
}

// mask stands for a secret.
const mask = "***"

var (
	userInformation = regexp.MustCompile(`://[^\s/'"]*@`)
	secretKey       = regexp.MustCompile(`(^|_)(password|secret|token)$`)
)

// masked is a value without passwords: the keys of reservation systems are not ours, and
// URLs may have user information.
func masked(name string, value any) any {
	switch v := value.(type) {
	case string:
		if v != "" && secretKey.MatchString(name) {
			return mask
		}
		return userInformation.ReplaceAllString(v, "://"+mask+"@")
	case []string:
		all := make([]string, len(v))
		for i, text := range v {
			all[i] = userInformation.ReplaceAllString(text, "://"+mask+"@")
		}
		return all
	}
	return value
}

// WriteShown prints values as a configuration file, with their origins in comments.
func WriteShown(w io.Writer, all []Shown) error {
	columns := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	table := ""
	for _, v := range all {
		if at := v.Key[:len(v.Key)-1].String(); at != table {
			separator := ""
			if table != "" {
				separator = "\n"
			}
			fmt.Fprintf(columns, "%s[%s]\n", separator, at)
			table = at
		}

		unset := ""
		if v.Value == nil {
			unset, v.Value = "# ", ""
		}

		text, err := json.Marshal(v.Value) // a basic string of TOML has the same escapes
		if err != nil {
			return err
		}
		fmt.Fprintf(columns, "%s%s = %s\t# %s\n", unset, v.Key[len(v.Key)-1:], text, v.From)
	}

	return columns.Flush()
}

// shownJSON is the JSON form of [Shown].
type shownJSON struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
	From  string `json:"from"`           // "default", "file", "environment" or "flag"
	Name  string `json:"name,omitempty"` // of the file, the variable or the flag
	Line  int    `json:"line,omitempty"`
}

// MarshalJSON implements [json.Marshaler].
func (v Shown) MarshalJSON() ([]byte, error) {
	from := [...]string{"default", "file", "environment", "flag"}[v.From.Source]
	return json.Marshal(shownJSON{v.Key.String(), v.Value, from, v.From.Name, v.From.Line})
}
