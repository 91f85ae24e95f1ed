package config

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"

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

// keyError is the error for an unknown key, or for the value of a known one.
type keyError struct {
	key  toml.Key
	text string
}

func (e *keyError) Error() string { return e.text }

func bad(why string, key ...string) error {
	return &keyError{key, fmt.Sprintf("key %q: %s", toml.Key(key).String(), why)}
}

func unknown(key toml.Key, known []string) error {
	err := &keyError{key, fmt.Sprintf("unknown key %q", key.String())}
	if near := hint.Nearest(key[len(key)-1], known); near != "" {
		return hint.Wrap(err, "did you mean %s?", near)
	}
	return hint.Wrap(err, "docs/configuration.md lists every key")
}

// locate adds the line to an error about a key: for one that is missing, that of the
// innermost table that exists.
func (c *Config) locate(err error) error {
	if at, ok := errors.AsType[*keyError](err); ok {
		for n := len(at.key); n > 0; n-- {
			if line := lineOf(c.src, at.key[:n]); line > 0 {
				return fmt.Errorf("line %d: %w", line, err)
			}
		}
	}
	return err
}

// lineOf finds the line of a key, which the library does not report; 0 for a missing
// one. It decodes ever longer prefixes of the file: the first valid one that defines
// the key ends with its value, which therefore begins after the previous valid prefix.
func lineOf(src string, key toml.Key) int {
	end, line, begin := 0, 0, 1
	for l := range strings.Lines(src) {
		end += len(l)
		line++

		var prefix map[string]any
		meta, err := toml.Decode(src[:end], &prefix)
		if err != nil {
			continue
		}
		if meta.IsDefined(key...) {
			return begin
		}

		begin = line + 1
	}

	return 0
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
