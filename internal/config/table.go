package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/reserve"
)

// Setting is a row of the table: a key of the file, and the field for its value.
type Setting struct {
	Key   toml.Key // section and name
	field reflect.Value
	tag   reflect.StructTag
}

// Settings returns the table, with the values of c.
func (c *Config) Settings() (all []Setting) {
	sections := reflect.ValueOf(c).Elem()
	for _, section := range keysOf(sections.Type()) {
		of := sections.Field(slices.Index(keysOf(sections.Type()), section))
		for i, name := range keysOf(of.Type()) {
			all = append(all, Setting{toml.Key{section, name}, of.Field(i), of.Type().Field(i).Tag})
		}
	}
	return all
}

// setting finds a row by its key, such as "publish.keep".
func (c *Config) setting(key string) (*Setting, error) {
	var known []string
	for _, s := range c.Settings() {
		if s.Key.String() == key {
			return &s, nil
		}
		known = append(known, s.Key.String())
	}
	err := fmt.Errorf("unknown key %q", key)
	if near := hint.Nearest(key, known); near != "" {
		return nil, hint.Wrap(err, "did you mean %s?", near)
	}
	return nil, hint.Wrap(err, "docs/configuration.md lists every key, here with its section as in publish.keep")
}

// variablePrefix begins the names of variables.
const variablePrefix = "REFERENCE_API_"

// Variables are the names of the setting's variables in the environment, the preferred
// one first: REFERENCE_API_PUBLISH_KEEP for "publish.keep", and REFERENCE_API_KEEP.
func (s *Setting) Variables() []string {
	names := []string{variablePrefix + strings.ToUpper(strings.Join(s.Key, "_"))}
	if short := s.tag.Get("short"); short != "" {
		names = append(names, variablePrefix+short)
	}
	if env := s.tag.Get("env"); env != "" {
		names = append(names, env)
	}
	return names
}

// Text is the value as a flag or a variable has it; "" for none.
func (s *Setting) Text() string {
	switch v := s.field.Interface().(type) {
	case []string:
		return strings.Join(v, ",")
	case map[string]AvailabilitySite, map[string]FlavorSite, map[string]Notice, map[string]reserve.Snippet:
		return ""
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.Format(time.RFC3339)
	default:
		return fmt.Sprint(v)
	}
}

// Text is the value of a setting as a flag has it.
func (c *Config) Text(key string) (string, error) {
	s, err := c.setting(key)
	if err != nil {
		return "", err
	}
	return s.Text(), nil
}

// Set sets a setting to a value from a flag or a variable: a string or a time as it is, a
// list with commas between its elements, a duration such as 5m or in seconds, and else
// what follows "=" in the file.
func (c *Config) Set(key, text string, from Origin) error {
	s, err := c.setting(key)
	if err != nil {
		return err
	}

	value := parseText(s.field.Interface(), text)
	if err := s.checkType(value); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	if err := set(s.field, value, s.Key); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}

	if c.given == nil {
		c.given = map[string]Origin{}
	}
	c.given[key] = from

	return nil
}

// checkType refuses a text that is no value of the setting's type.
func (s *Setting) checkType(value any) error {
	text, isText := value.(string)
	switch want := typeName(s.field.Type()); {
	case !isText || s.field.Kind() == reflect.String:
		return nil
	case s.field.Type() == reflect.TypeFor[time.Duration]():
		return fmt.Errorf("want a duration such as 5m, not %q", text)
	case strings.HasPrefix(text, "tcp://"):
		return hint.Wrap(fmt.Errorf("want %s, not %q", want, text),
			"Kubernetes sets such variables for Services: disable them with enableServiceLinks: false")
	default:
		return fmt.Errorf("want %s, not %q", want, text)
	}
}

// tomlList matches lists in the file's syntax.
var tomlList = regexp.MustCompile(`^\[\s*["'\]]`)

// parseText reads the text of a value as the file's syntax would; a string where that
// fails, which will be of the wrong type.
func parseText(like any, text string) any {
	switch like.(type) {
	case string:
		return text
	case []string:
		if !tomlList.MatchString(text) { // such as [::1]:80
			return list(text)
		}
	case time.Duration:
		if d, err := time.ParseDuration(text); err == nil {
			return d
		}
	case bool:
		if v, err := strconv.ParseBool(text); err == nil {
			return v
		}
	}

	var table struct{ V any }
	if _, err := toml.Decode("V = "+text, &table); err != nil {
		return text
	}

	return table.V
}

// list splits a text at its commas.
func list(text string) (all []any) {
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}
