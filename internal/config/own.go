package config

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// Keys are a reservation system's own keys in the table of a site, a struct with toml
// tags.
type Keys interface {
	// Check returns a key whose value is invalid, and why; "" for none.
	Check() (key, why string)
}

// readOwn fills the fields Own: the keys of sites for which Config has no fields.
func (c *Config) readOwn(src string) error {
	type tables struct {
		Sites map[string]map[string]any `toml:"sites"`
	}

	var file struct {
		Availability tables `toml:"availability"`
		Flavors      tables `toml:"flavor_availability"`
	}
	if _, err := toml.Decode(src, &file); err != nil {
		return err
	}

	own := func(section string, table map[string]any) map[string]any {
		for _, key := range commonKeys(section) {
			delete(table, key)
		}
		return table
	}

	for id, site := range c.Availability.Sites {
		site.Own = own("availability", file.Availability.Sites[id])
		c.Availability.Sites[id] = site
	}

	for id, site := range c.FlavorAvailability.Sites {
		site.Own = own("flavor_availability", file.Flavors.Sites[id])
		c.FlavorAvailability.Sites[id] = site
	}

	return nil
}

// Decode decodes the Own of a site in a section. A key that into does not have is an
// error with its line.
func (c *Config) Decode(own map[string]any, into Keys, section, site string) error {
	// Encoded again, the library can decode and check them against the struct.
	var text bytes.Buffer
	if err := toml.NewEncoder(&text).Encode(own); err != nil {
		return fmt.Errorf("read keys of site %q: %w", site, err)
	}

	meta, err := toml.Decode(text.String(), into)
	if key, why := wrongTypeOf(err); key != "" {
		return c.Fault(why, section, "sites", site, key)
	}
	if err != nil {
		return fmt.Errorf("read keys of site %q: %w", site, err)
	}

	for _, key := range meta.Keys() {
		if slices.ContainsFunc(meta.Undecoded(), func(u toml.Key) bool { return u.String() == key.String() }) ||
			key.String() != strings.ToLower(key.String()) {
			return c.unknownOwn(into, section, site, key)
		}
	}

	if key, why := into.Check(); key != "" {
		return c.Fault(why, section, "sites", site, key)
	}

	return nil
}

// unknownOwn is the error for a key that is neither a common one nor one of the
// reservation system.
func (c *Config) unknownOwn(into Keys, section, site string, key toml.Key) error {
	err := unknownKey(c.src, append(toml.Key{section, "sites", site}, key...))
	known := append(commonKeys(section), tags(reflect.TypeOf(into).Elem())...)
	if near := hint.Nearest(key[0], known); near != "" {
		err = hint.Wrap(err, "did you mean %s?", near)
	}
	return c.named(err)
}

// Fault returns an error about the value of a key, with its file and line.
func (c *Config) Fault(why string, key ...string) error {
	var any map[string]any
	meta, err := toml.Decode(c.src, &any)
	if err != nil {
		return err // cannot happen: Parse has decoded it
	}
	return c.named(locate(c.src, meta, bad(why, key...)))
}

func (c *Config) named(err error) error {
	if c.file == "" {
		return err
	}
	return inFile(c.file, err)
}

// wrongTypeOf is wrongType with the key's bare name.
func wrongTypeOf(err error) (key, why string) {
	if err == nil {
		return "", ""
	}

	var parse toml.ParseError
	if errors.As(err, &parse) {
		return parse.LastKey, parse.Message
	}

	key, why = wrongType(err)
	return strings.Trim(key, `"`), why
}

// tags are the names of a struct's keys.
func tags(of reflect.Type) (names []string) {
	for i := range of.NumField() {
		if name := of.Field(i).Tag.Get("toml"); name != "-" {
			names = append(names, name)
		}
	}
	return names
}
