package config

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// Source is a kind of origin. Later ones take precedence.
type Source int

// Where a value may come from.
const (
	FromDefault Source = iota
	FromFile
	FromEnvironment
	FromFlag
)

// Origin is where a value came from.
type Origin struct {
	Source Source
	Name   string // of the file, the variable or the flag
	Line   int    // in the file
}

func (o Origin) String() string {
	switch o.Source {
	case FromDefault:
		return "default"
	case FromFile:
		return fmt.Sprintf("%s:%d", o.Name, o.Line)
	}
	return o.Name
}

// File is the name of the file that was read, "" for none.
func (c *Config) File() string { return c.file }

// Origin says where the value of a setting came from.
func (c *Config) Origin(section, name string) Origin {
	return c.origin(toml.Key{section, name}, nil)
}

// origin is that of a setting, or of a key in its table. The lines of the file may be nil.
func (c *Config) origin(key toml.Key, lines map[string]int) Origin {
	if from, ok := c.given[key[:2].String()]; ok {
		return from
	}
	if isIn(c.table, key) {
		return Origin{FromFile, c.file, lines[key.String()]}
	}
	return Origin{}
}

func isIn(table map[string]any, key toml.Key) bool {
	value, ok := table[key[0]]
	if !ok || len(key) == 1 {
		return ok
	}
	inner, _ := value.(map[string]any)
	return isIn(inner, key[1:])
}

// ServerAddresses is where nginx and refgen serve listen.
func (c *Config) ServerAddresses() []string {
	return c.addresses("server", c.Server.Listen, c.Server.Host, c.Server.Port)
}

// AvailapiAddresses is where availapi listens.
func (c *Config) AvailapiAddresses() []string {
	return c.addresses("availapi", c.Availapi.Listen, c.Availapi.Host, c.Availapi.Port)
}

// addresses are those of listen, or else host and port, whichever comes from the source
// with the higher precedence.
func (c *Config) addresses(section string, listen []string, host string, port int) []string {
	older := max(c.Origin(section, "host").Source, c.Origin(section, "port").Source)
	if len(listen) > 0 && c.Origin(section, "listen").Source >= older {
		return listen
	}
	return []string{net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(port))}
}
