package config

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// Load reads a configuration file. With an empty path it reads DefaultPath below dir
// if that exists, else it returns the defaults.
func Load(dir, path string) (*Config, error) {
	optional := path == ""
	if optional {
		path = filepath.Join(dir, DefaultPath)
	}

	src, err := os.ReadFile(path)
	if optional && errors.Is(err, os.ErrNotExist) {
		c := Default()
		c.Dir = dir
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}

	c, err := Parse(string(src))
	if err != nil {
		return nil, inFile(path, err)
	}

	c.file = path
	if optional {
		c.Dir = dir // the same base as without the file
		return c, nil
	}

	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}

	if c.Dir = filepath.Dir(abs); filepath.Base(c.Dir) == "etc" {
		c.Dir = filepath.Dir(c.Dir)
	}

	return c, nil
}

// inFile adds the name of the file to an error.
func inFile(path string, err error) error { return fmt.Errorf("read configuration %s: %w", path, err) }

// Parse reads the text of a configuration file. Errors name key and line. The keys of
// reservation systems are not validated before Decode.
func Parse(src string) (*Config, error) {
	c := Default()
	c.src = src
	meta, err := toml.Decode(src, c)
	if err != nil {
		return nil, explain(src, meta, err)
	}
	if key := unknown(meta); key != nil {
		return nil, unknownKey(src, key)
	}

	err = cmp.Or(sitesAreTables(meta), c.readExpires(src), c.validate(), c.readOwn(src))
	if err != nil {
		return nil, locate(src, meta, err)
	}

	return c, nil
}

// locate adds the line to an error about a value.
func locate(src string, meta toml.MetaData, err error) error {
	bad, ok := errors.AsType[*valueError](err)
	if !ok {
		return err
	}

	// A missing key has no line: name the innermost table that exists.
	for n := len(bad.key); n > 0; n-- {
		if key := bad.key[:n]; meta.IsDefined(key...) {
			return fmt.Errorf("line %d: %w", lineOf(src, key), err)
		}
	}

	return err
}

func unknownKey(src string, key toml.Key) error {
	return hint.Wrap(fmt.Errorf("line %d: unknown key %q", lineOf(src, key), key.String()),
		"docs/configuration.md lists every key")
}

// siteTables are the sections with a table sites, whose keys are ids of sites and whose
// values may have keys of a reservation system.
var siteTables = []string{"availability", "flavor_availability"}

// ownDepth is the number of parts of a reservation system's key, such as
// availability.sites.NAME.cloud.
const ownDepth = 4

// sitesAreTables rejects a value in place of the table sites, which the library
// ignores.
func sitesAreTables(meta toml.MetaData) error {
	for _, section := range siteTables {
		if kind := meta.Type(section, "sites"); kind != "" && kind != "Hash" {
			return bad("want a table, with sites.NAME.backend", section, "sites")
		}
	}
	return nil
}

// unknown returns the first unknown key. Keys in other letter case count as unknown:
// the library accepts them, and two that differ only in case would overwrite each
// other.
func unknown(meta toml.MetaData) toml.Key {
	for _, key := range meta.Undecoded() {
		if !isOwn(key) {
			return key
		}
	}

	const siteName = 2 // the part NAME of availability.sites.NAME.backend
	for _, key := range meta.Keys() {
		for i, part := range key {
			if i != siteName && !isOwn(key) && part != strings.ToLower(part) {
				return key
			}
		}
	}

	return nil
}

// isOwn reports whether a key belongs to a reservation system.
func isOwn(key toml.Key) bool {
	if len(key) < ownDepth || key[1] != "sites" || !slices.Contains(siteTables, key[0]) {
		return false
	}
	return !slices.Contains(commonKeys(key[0]), key[ownDepth-1])
}

// commonKeys are the keys of a site that do not depend on its reservation system.
func commonKeys(section string) []string {
	if section == "availability" {
		return tags(reflect.TypeFor[AvailabilitySite]())
	}
	return tags(reflect.TypeFor[FlavorSite]())
}

// readExpires reads a time without a zone as UTC. The library uses the machine's local
// zone, so that different machines would publish different files.
func (c *Config) readExpires(src string) error {
	var raw struct {
		Security struct{ Expires any }
	}
	if _, err := toml.Decode(src, &raw); err != nil {
		return err
	}

	t, ok := raw.Security.Expires.(time.Time)
	if !ok {
		return nil
	}

	switch t.Location().String() { // the library marks kinds of times by these names
	case "datetime-local", "date-local":
		t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
	case "time-local":
		return bad("want a date such as 2030-01-31", "security", "expires")
	}

	c.Security.Expires = t.UTC()
	return nil
}

// typeError matches the library's error for a value of a wrong type.
var typeError = regexp.MustCompile(`^toml: (?:line (\d+) )?\(last key (".*")\): (?:incompatible types: TOML value has type (.+); destination has type (.+)|type mismatch for .*: expected (.+) but found (.+))$`)

// typeNames translates the library's names of types.
var typeNames = map[string]string{
	"int64": "an integer", "integer": "an integer", "float64": "a number with a fraction", "bool": "true or false", "boolean": "true or false",
	"string": "a string", "slice": "a list", "[]any": "a list", "[]interface {}": "a list", "[]map[string]any": "a list of tables",
	"table": "a table", "map[string]any": "a table", "map[string]interface {}": "a table", "time.Time": "a time",
}

func typeName(name string) string {
	if known, ok := typeNames[name]; ok {
		return known
	}
	return name
}

// explain brings the library's errors into one format: line, key, what is wrong.
func explain(src string, meta toml.MetaData, err error) error {
	var parse toml.ParseError
	if errors.As(err, &parse) {
		message := strings.TrimSuffix(strings.Replace(parse.Message, "Key '", "key '", 1), ".")
		if strings.HasPrefix(message, "parsing time ") {
			message = "want a time such as 2030-01-31T00:00:00Z"
		}

		// The message may name the key as well.
		if parse.LastKey != "" && !strings.Contains(message, parse.LastKey) {
			message = fmt.Sprintf("key %q: %s", parse.LastKey, message)
		}

		return fmt.Errorf("line %d: %s", parse.Position.Line, message)
	}

	key, why := wrongType(err)
	if key == "" {
		return err
	}

	line := ""
	if m := typeError.FindStringSubmatch(err.Error()); m != nil {
		line = m[1]
	}

	// The library gives no line for a table that exists only through dotted keys: take
	// that of the first key in it.
	for _, k := range meta.Keys() {
		if line == "" && strings.HasPrefix(strconv.Quote(k.String()), strings.TrimSuffix(key, `"`)) {
			line = strconv.Itoa(lineOf(src, k))
		}
	}

	return fmt.Errorf("line %s: key %s: %s", line, key, why)
}

// wrongType returns the quoted key whose value has a wrong type, and a description; ""
// for any other error.
func wrongType(err error) (key, why string) {
	m := typeError.FindStringSubmatch(err.Error())
	if m == nil {
		return "", ""
	}
	return m[2], fmt.Sprintf("want %s, not %s", typeName(m[4]+m[5]), typeName(m[3]+m[6]))
}

// lineOf finds the line of a key, which the library does not report. It decodes ever
// longer prefixes of the file: the first valid one that defines the key ends with its
// value, which therefore begins after the previous valid prefix.
func lineOf(src string, key toml.Key) int {
	end, line, begin := 0, 0, 1
	for l := range strings.Lines(src) {
		end += len(l)
		line++
		var any map[string]any
		meta, err := toml.Decode(src[:end], &any)
		if err != nil {
			continue
		}
		if meta.IsDefined(key...) {
			return begin
		}

		begin = line + 1
	}

	return line
}
