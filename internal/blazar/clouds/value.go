package clouds

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// kind is the kind of a value in a YAML document.
type kind int

const (
	null kind = iota
	scalar
	list
	mapping
)

// String names the kind in an error.
func (k kind) String() string {
	return [...]string{"empty", "a string", "a list", "a mapping"}[k]
}

// value is a value in a YAML document, with its position.
type value struct {
	kind  kind
	text  string // of a scalar, as written
	items []value
	// members of a mapping, without duplicate keys, in the order of the file.
	members []member
	at      string // the file and line
}

type member struct {
	key   string
	value value
}

// orEmpty returns the value, or null for an empty string.
func (v value) orEmpty() value {
	if v.kind == scalar && v.text == "" {
		return value{at: v.at}
	}
	return v
}

// get returns a member's value, null where there is none.
func (v *value) get(key string) value {
	for i := range v.members {
		if v.members[i].key == key {
			return v.members[i].value
		}
	}
	return value{}
}

// set adds a member, replacing one of the same key: as in PyYAML, the last of several
// wins.
func (v *value) set(key string, to value) {
	v.remove(key)
	v.members = append(v.members, member{key, to})
}

// remove deletes a member.
func (v *value) remove(key string) {
	for i := range v.members {
		if v.members[i].key == key {
			v.members = append(v.members[:i:i], v.members[i+1:]...)
			return
		}
	}
}

// normalized replaces hyphens with underscores in all keys of a mapping, at
// every level.
func (v value) normalized() value {
	switch v.kind {
	case list:
		items := make([]value, len(v.items))
		for i, item := range v.items {
			items[i] = item.normalized()
		}
		v.items = items
	case mapping:
		normal := value{}
		for _, m := range v.members {
			normal.set(strings.ReplaceAll(m.key, "-", "_"), m.value.normalized())
		}
		v.members = normal.members
	}
	return v
}

// merge overrides v with the members of over, at every level. A null in over overrides
// nothing.
func (v value) merge(over value) value {
	switch {
	case over.kind == null:
		return v
	case v.kind != mapping || over.kind != mapping:
		return over
	}

	merged := value{kind: mapping, at: v.at, members: slices.Clone(v.members)}
	for _, m := range over.members {
		merged.set(m.key, merged.get(m.key).merge(m.value))
	}

	return merged
}

// Limits of a document, against nested aliases that expand without end.
const (
	maxDepth  = 50
	maxValues = 200_000
)

var errTooLarge = errors.New("aliases make it too large")

var yamlLine = regexp.MustCompile(`line (\d+)`)

// parse reads a YAML document, which may be JSON. Its errors have the position of a
// mistake but never the text, which may be a secret.
func parse(file string, text []byte) (value, error) {
	var node yaml.Node
	if err := yaml.Unmarshal(text, &node); err != nil {
		where := file
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			line, _ := strconv.Atoi(m[1])
			// The library counts lines from 0 in these errors.
			if strings.Contains(err.Error(), "did not find expected") {
				line++
			}
			where = fmt.Sprintf("%s:%d", file, line)
		}

		return value{}, hint.Wrap(fmt.Errorf("read clouds: %s is not YAML", where),
			"look at the indentation, at tabs, and for brackets and quotes that do not end")
	}
	if len(node.Content) == 0 {
		return value{at: file}, nil
	}

	c := converter{file: file}
	v, err := c.value(node.Content[0], 0)
	if err != nil {
		return value{}, fmt.Errorf("read clouds: %s: %w", file, err)
	}

	return v, nil
}

// converter converts the library's nodes to values, resolving aliases and merge keys.
type converter struct {
	file  string
	count int
}

func (c *converter) at(n *yaml.Node) string { return fmt.Sprintf("%s:%d", c.file, n.Line) }

func (c *converter) value(n *yaml.Node, depth int) (value, error) {
	c.count++
	if depth > maxDepth || c.count > maxValues {
		return value{}, errTooLarge
	}

	v := value{at: c.at(n)}
	switch n.Kind {
	case yaml.AliasNode:
		return c.value(n.Alias, depth+1)
	case yaml.MappingNode:
		v.kind = mapping
		return v, c.members(&v, n, depth)
	case yaml.SequenceNode:
		v.kind = list
		for _, item := range n.Content {
			converted, err := c.value(item, depth+1)
			if err != nil {
				return value{}, err
			}
			v.items = append(v.items, converted)
		}

	default:
		if n.Tag != "!!null" {
			v.kind, v.text = scalar, n.Value
		}
	}

	return v, nil
}

// members reads the members of a mapping. Its own members override those of a merge
// key, wherever that is.
func (c *converter) members(v *value, n *yaml.Node, depth int) error {
	var merged, own []member
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		converted, err := c.value(n.Content[i+1], depth+1)
		if err != nil {
			return err
		}

		if key.Tag == "!!merge" {
			merged = append(merged, converted.members...)
			// Of several bases the first wins, so it is set last.
			for _, base := range slices.Backward(converted.items) {
				merged = append(merged, base.members...)
			}
			continue
		}

		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		// A composite value starts below its key: report the line of the key.
		if converted.kind != scalar {
			converted.at = c.at(key)
		}

		own = append(own, member{key.Value, converted})
	}

	for _, m := range slices.Concat(merged, own) {
		v.set(m.key, m.value)
	}

	return nil
}
