package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// Places are where the file is looked for, the first that is there: in a checkout, and
// on a machine where the programs are installed.
func Places() []string { return []string{"etc/config.toml", "/etc/refapi/config.toml"} }

// Load reads a file or, with an empty path, the first of places that exists; the
// defaults, where none does. Relative paths of the file, and of defaults, start from the
// directory above etc/, or from the file's own directory if that has another name.
func Load(path string, places ...string) (*Config, error) {
	named := path != ""
	if !named {
		path = firstOf(places)
	}
	if path == "" {
		return Default(), nil
	}

	src, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}

	c, err := Parse(string(src))
	if err != nil {
		return nil, inFile(path, err)
	}

	c.file = path
	if named { // from wherever; in a checkout, paths stay as short as they are
		if path, err = filepath.Abs(path); err != nil {
			return nil, err
		}
	}

	c.resolvePaths(baseOf(path))
	return c, nil
}

func firstOf(places []string) string {
	for _, path := range places {
		// One that cannot be read is not skipped: reading it says why.
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			return path
		}
	}
	return ""
}

// baseOf is where relative paths in a file start.
func baseOf(path string) string {
	dir := filepath.Dir(path)
	if filepath.Base(dir) == "etc" {
		return filepath.Dir(dir)
	}
	return dir
}

// resolvePaths has the relative paths start from a directory.
func (c *Config) resolvePaths(dir string) {
	for _, s := range c.Settings() {
		kind, ok := s.tag.Lookup("path")
		text := s.Text()
		if !ok || text == "" || filepath.IsAbs(text) || kind == "or-url" && strings.Contains(text, ":") {
			continue
		}
		s.field.SetString(filepath.Join(dir, text))
	}
}

// inFile adds the name of the file to an error.
func inFile(path string, err error) error {
	if path == "" {
		return err
	}
	return fmt.Errorf("read configuration %s: %w", path, err)
}

// Parse reads the text of a configuration file. Errors name key and line. The keys of
// reservation systems are not validated before Decode.
func Parse(src string) (*Config, error) {
	c := Default()
	c.src = src

	var file map[string]any
	if _, err := toml.Decode(src, &file); err != nil {
		return nil, syntaxError(err)
	}
	c.table = file
	if err := cmp.Or(fill(reflect.ValueOf(c).Elem(), file, nil), c.validate()); err != nil {
		return nil, c.locate(err)
	}

	return c, nil
}

// syntaxError brings the library's errors into the format of ours.
func syntaxError(err error) error {
	parse, ok := errors.AsType[toml.ParseError](err)
	if !ok {
		return err
	}

	// The message may name the key as well.
	message := strings.TrimSuffix(strings.Replace(parse.Message, "Key '", "key '", 1), ".")
	if parse.LastKey != "" && !strings.Contains(message, parse.LastKey) {
		message = fmt.Sprintf("key %q: %s", parse.LastKey, message)
	}

	return fmt.Errorf("line %d: %s", parse.Position.Line, message)
}

// Validate checks the settings, wherever they come from. Its error names the origin of
// the wrong one.
func (c *Config) Validate() (Source, error) {
	err := c.validate()
	at, ok := errors.AsType[*keyError](err)
	if !ok {
		return FromDefault, err
	}

	from := c.Origin(at.key[0], at.key[1])
	if from.Source > FromFile {
		return from.Source, fmt.Errorf("%s: %s", from, at.why)
	}

	return from.Source, inFile(c.file, c.locate(err))
}

// keyError is the error for an unknown key, or for the value of a known one.
type keyError struct {
	key toml.Key
	why string // "" for an unknown one
}

func (e *keyError) Error() string {
	if e.why == "" {
		return fmt.Sprintf("unknown key %q", e.key.String())
	}
	return fmt.Sprintf("key %q: %s", e.key.String(), e.why)
}

func bad(why string, key ...string) error { return &keyError{key, why} }

func unknown(key toml.Key, known []string) error {
	err := &keyError{key: key}
	if near := hint.Nearest(key[len(key)-1], known); near != "" {
		return hint.Wrap(err, "did you mean %s?", near)
	}
	return hint.Wrap(err, "docs/configuration.md lists every key")
}

// locate adds the line to an error about a key: for one that is missing, that of the
// innermost table that exists.
func (c *Config) locate(err error) error {
	if at, ok := errors.AsType[*keyError](err); ok {
		lines := linesOf(c.src)
		for n := len(at.key); n > 0; n-- {
			if line := lines[at.key[:n].String()]; line > 0 {
				return fmt.Errorf("line %d: %w", line, err)
			}
		}
	}
	return err
}

// linesOf finds the line of each key and table, which the library does not report. It
// decodes ever longer prefixes of the file: the first valid one that defines a key ends
// with its value, which therefore begins after the previous valid prefix.
func linesOf(src string) map[string]int {
	lines := map[string]int{}
	end, line, begin := 0, 0, 1
	for l := range strings.Lines(src) {
		end += len(l)
		line++

		var prefix map[string]any
		meta, err := toml.Decode(src[:end], &prefix)
		if err != nil {
			continue
		}

		for _, key := range meta.Keys() {
			for n := range key {
				if name := key[:n+1].String(); lines[name] == 0 {
					lines[name] = begin
				}
			}
		}

		begin = line + 1
	}

	return lines
}

// Keys are a reservation system's own keys in the table of a site, a struct with toml
// tags.
type Keys interface {
	// Check returns a key whose value is invalid, and why; "" for none.
	Check() (key, why string)
}

// Decode decodes the Own of a site in a section. A key that into does not have is an
// error with its line.
func (c *Config) Decode(own map[string]any, into Keys, section, site string) error {
	at := toml.Key{section, "sites", site}
	common := keysOf(reflect.TypeFor[AvailabilitySite]())
	if err := fill(reflect.ValueOf(into).Elem(), own, at, common...); err != nil {
		return inFile(c.file, c.locate(err))
	}
	if key, why := into.Check(); key != "" {
		return c.Fault(why, append(at, key)...)
	}

	return nil
}

// Fault returns an error about the value of a key, with its file and line.
func (c *Config) Fault(why string, key ...string) error {
	return inFile(c.file, c.locate(bad(why, key...)))
}
