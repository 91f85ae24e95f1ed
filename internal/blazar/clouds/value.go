package clouds

import (
	"errors"
	"fmt"
	"regexp"
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
	plain bool   // the scalar has no quotes
	items []value
	// members of a mapping, without duplicate keys, in the order of the file.
	members []member
	at      position
}

type member struct {
	key   string
	value value
}

// position is a line of a file.
type position struct {
	file string
	line int
}

func (p position) String() string {
	if p.line == 0 {
		return p.file
	}
	return fmt.Sprintf("%s:%d", p.file, p.line)
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
		before := v.members
		v.members = nil
		for _, m := range before {
			v.set(strings.ReplaceAll(m.key, "-", "_"), m.value.normalized())
		}
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

	merged := value{kind: mapping, at: v.at, members: append([]member(nil), v.members...)}
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
		where := position{file: file}
		if m := yamlLine.FindStringSubmatch(err.Error()); m != nil {
			where.line, _ = strconv.Atoi(m[1])
		}

		// The library counts lines from 0 in these errors.
		if strings.Contains(err.Error(), "did not find expected") {
			where.line++
		}

		return value{}, hint.Wrap(fmt.Errorf("read clouds: %v is not YAML", where),
			"look at the indentation, at tabs, and for brackets and quotes that do not end")
	}
	if len(node.Content) == 0 {
		return value{at: position{file: file}}, nil
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

func (c *converter) value(n *yaml.Node, depth int) (value, error) {
	c.count++
	if depth > maxDepth || c.count > maxValues {
		return value{}, errTooLarge
	}

	v := value{at: position{c.file, n.Line}}
	switch n.Kind {
	case yaml.AliasNode:
		return c.value(n.Alias, depth+1)
	case yaml.SequenceNode:
		v.kind = list
		for _, item := range n.Content {
			converted, err := c.value(item, depth+1)
			if err != nil {
				return value{}, err
			}
			v.items = append(v.items, converted)
		}

	case yaml.MappingNode:
		v.kind = mapping
		return v, c.members(&v, n, depth)

	default:
		v.plain = n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
		if n.Tag != "!!null" || !v.plain {
			v.kind, v.text = scalar, n.Value
		}
	}

	return v, nil
}

// members reads the members of a mapping. Its own members override those of a merge
// key, wherever that is.
func (c *converter) members(v *value, n *yaml.Node, depth int) error {
	var own []member
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, content := n.Content[i], n.Content[i+1]
		converted, err := c.value(content, depth+1)
		if err != nil {
			return err
		}
		if key.Tag == "!!merge" {
			bases := []value{converted}
			if converted.kind == list {
				bases = converted.items
			}

			// Of several bases the first wins, so it is set last.
			for j := len(bases) - 1; j >= 0; j-- {
				for _, m := range bases[j].members {
					v.set(m.key, m.value)
				}
			}

			continue
		}

		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		// A composite value starts below its key: report the line of the key.
		if converted.at.line != key.Line && converted.kind != scalar {
			converted.at.line = key.Line
		}

		own = append(own, member{key.Value, converted})
	}

	for _, m := range own {
		v.set(m.key, m.value)
	}

	return nil
}

// booleans are the words of YAML 1.1, which PyYAML reads as booleans where they are not
// quoted. Here they may be quoted.
var booleans = map[string]bool{
	"true": true, "yes": true, "on": true, "y": true, "t": true, "1": true,
	"false": false, "no": false, "off": false, "n": false, "f": false, "0": false,
}

// boolean reads a boolean, with or without quotes.
func (v value) boolean() (is, ok bool) {
	is, ok = booleans[strings.ToLower(strings.TrimSpace(v.text))]
	return is, ok && v.kind == scalar
}
