// Package change computes changes: the difference of two JSON texts as operations
// and, for a complete history, the resources that each commit added, removed and
// changed. It does no I/O: files come from a Source.
package change

import (
	"bytes"
	"strconv"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Diff returns the operations that turn an object into another. Both texts must be
// compact, as rawjson returns them; the operations share their memory. Numbers are
// compared as text, so that 2.50 and 2.5 differ, and strings by their characters;
// the order of members is ignored.
//
// Operations are in the order of the texts. Of arrays, the common start and end are
// left out and the rest is compared element by element. All pointers refer to the
// first object, not to the result of the preceding operations.
func Diff(from, to []byte) *Delta {
	d := differ{pointers: map[string]string{}}
	return &Delta{d.diff(from, to)}
}

// differ collects operations while it walks two values. It may be reused, which
// overwrites the operations that it returned before.
type differ struct {
	ops      []Op
	pointer  []byte            // RFC 6901, to the current value
	pointers map[string]string // interned, so that equal ones share memory
	members  []member          // a stack: the members of the enclosing objects
}

func (d *differ) diff(from, to []byte) []Op {
	d.ops = d.ops[:0]
	d.compare(from, to)
	return d.ops
}

// add appends an operation on the current value. A nil from means add, a nil to
// remove.
func (d *differ) add(from, to []byte) {
	pointer, ok := d.pointers[string(d.pointer)]
	if !ok {
		pointer = string(d.pointer)
		d.pointers[pointer] = pointer
	}
	d.ops = append(d.ops, Op{Pointer: pointer, Old: from, New: to})
}

func (d *differ) compare(from, to []byte) {
	if bytes.Equal(from, to) {
		return
	}
	switch kinds := [2]byte{from[0], to[0]}; {
	case kinds == [2]byte{'{', '{'}:
		d.compareObjects(from, to)
	case kinds == [2]byte{'[', '['}:
		d.compareArrays(from, to)
	case kinds != [2]byte{'"', '"'} || decodeString(from) != decodeString(to):
		d.add(from, to)
	}
}

// descend runs visit one level deeper, at a token of the pointer.
func (d *differ) descend(token string, visit func()) {
	n := len(d.pointer)
	d.pointer = append(d.pointer, '/')
	for i := range len(token) {
		switch c := token[i]; c {
		case '~':
			d.pointer = append(d.pointer, "~0"...)
		case '/':
			d.pointer = append(d.pointer, "~1"...)
		default:
			d.pointer = append(d.pointer, c)
		}
	}

	visit()
	d.pointer = d.pointer[:n]
}

// decodeString decodes a member's name, or any string.
func decodeString(text []byte) string {
	if bytes.IndexByte(text, '\\') < 0 {
		return string(text[1 : len(text)-1])
	}
	s, _ := rawjson.Unquote(text) // cannot fail: the file was parsed
	return s
}

// keyEquals reports whether a member has a name.
func keyEquals(key []byte, name string) bool {
	if bytes.IndexByte(key, '\\') < 0 {
		return string(key[1:len(key)-1]) == name
	}
	return decodeString(key) == name
}

type member struct {
	key, value []byte
	isMatched  bool // the other object has it, too
}

// maxLinearScan is the number of members up to which a linear scan is faster than
// building a map.
const maxLinearScan = 24

func (d *differ) compareObjects(from, to []byte) {
	base := len(d.members)
	for key, value := range membersOf(to) {
		d.members = append(d.members, member{key: key, value: value})
	}

	members := d.members[base:len(d.members):len(d.members)]
	find := finder(members)

	next := 0 // index of the member if both have the same order
	for key, value := range membersOf(from) {
		i := next
		if i >= len(members) || !bytes.Equal(key, members[i].key) {
			i = find(decodeString(key))
		}

		if i < 0 {
			d.descend(decodeString(key), func() { d.add(value, nil) })
			continue
		}

		members[i].isMatched = true
		next = i + 1

		if !bytes.Equal(value, members[i].value) {
			d.descend(decodeString(key), func() { d.compare(value, members[i].value) })
		}
	}

	for _, m := range members {
		if !m.isMatched {
			d.descend(decodeString(m.key), func() { d.add(nil, m.value) })
		}
	}

	d.members = d.members[:base]
}

// finder returns a function that finds a member by its name, -1 for none.
func finder(members []member) func(string) int {
	if len(members) <= maxLinearScan {
		return func(name string) int {
			for i := range members {
				if keyEquals(members[i].key, name) {
					return i
				}
			}
			return -1
		}
	}

	// Built on first use: members in the same order do not need it.
	var index map[string]int
	return func(name string) int {
		if index == nil {
			index = make(map[string]int, len(members))
			for i := range members {
				index[decodeString(members[i].key)] = i
			}
		}

		if i, ok := index[name]; ok {
			return i
		}
		return -1
	}
}

func (d *differ) compareArrays(from, to []byte) {
	var before, after [][]byte
	for v := range elementsOf(from) {
		before = append(before, v)
	}

	for v := range elementsOf(to) {
		after = append(after, v)
	}

	// Leave out what both have in common at either end.
	start := 0
	for start < len(before) && start < len(after) && bytes.Equal(before[start], after[start]) {
		start++
	}

	before, after = before[start:], after[start:]
	for len(before) > 0 && len(after) > 0 && bytes.Equal(before[len(before)-1], after[len(after)-1]) {
		before, after = before[:len(before)-1], after[:len(after)-1]
	}

	both := min(len(before), len(after))
	for i := range both {
		d.descend(strconv.Itoa(start+i), func() { d.compare(before[i], after[i]) })
	}

	// From the end, so that a removal does not shift the indexes of the next ones.
	for i := len(before) - 1; i >= both; i-- {
		d.descend(strconv.Itoa(start+i), func() { d.add(before[i], nil) })
	}

	for i := both; i < len(after); i++ {
		d.descend(strconv.Itoa(start+i), func() { d.add(nil, after[i]) })
	}
}
