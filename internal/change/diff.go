// Package change computes changes: the difference of two JSON texts as operations
// and, for a complete history, the resources that each commit added, removed and
// changed. It does no I/O: files come from a Source, and differences go to a Spool.
package change

import (
	"bytes"
	"slices"
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
	exact := differ{}
	exact.compare("", from, to)
	delta := &Delta{Ops: exact.ops}

	if slices.ContainsFunc(delta.Ops, func(op Op) bool { return op.isInArray() }) {
		reading := differ{matches: true}
		reading.compare("", from, to)
		if !slices.EqualFunc(reading.ops, delta.Ops, Op.equal) {
			delta.reading = reading.ops
		}
	}

	return delta
}

// differ collects operations while it walks two values.
type differ struct {
	ops     []Op
	matches bool // elements of arrays are matched by what they are, not by their places
}

// add appends an operation on the value at a pointer. A nil from means add, a nil
// to remove.
func (d *differ) add(at rawjson.Pointer, from, to []byte) {
	d.ops = append(d.ops, Op{Pointer: string(at), Old: from, New: to})
}

// compare compares the values at a pointer.
func (d *differ) compare(at rawjson.Pointer, from, to []byte) {
	if bytes.Equal(from, to) {
		return
	}
	switch kinds := [2]byte{from[0], to[0]}; {
	case kinds == [2]byte{'{', '{'}:
		d.compareObjects(at, from, to)
	case kinds == [2]byte{'[', '['}:
		d.compareArrays(at, from, to)
	case kinds != [2]byte{'"', '"'} || decodeString(from) != decodeString(to):
		d.add(at, from, to)
	}
}

// decodeString decodes a member's name, or any string.
func decodeString(text []byte) string {
	s, _ := rawjson.Unquote(text) // cannot fail: the file was parsed
	return s
}

type member struct {
	key, value []byte
	isMatched  bool // the other object has it, too
}

func (d *differ) compareObjects(at rawjson.Pointer, from, to []byte) {
	var members []member
	for key, value := range rawjson.Members(to) {
		members = append(members, member{key: key, value: value})
	}

	var index map[string]int // of members; built only where their order differs
	next := 0                // index of the member if both have the same order
	for key, value := range rawjson.Members(from) {
		i := next
		if i >= len(members) || !bytes.Equal(key, members[i].key) {
			if index == nil {
				index = indexByName(members)
			}

			found, ok := index[decodeString(key)]
			if !ok {
				d.add(at.AppendToken(decodeString(key)), value, nil)
				continue
			}

			i = found
		}

		members[i].isMatched = true
		next = i + 1

		if !bytes.Equal(value, members[i].value) {
			d.compare(at.AppendToken(decodeString(key)), value, members[i].value)
		}
	}

	for _, m := range members {
		if !m.isMatched {
			d.add(at.AppendToken(decodeString(m.key)), nil, m.value)
		}
	}
}

func indexByName(members []member) map[string]int {
	index := make(map[string]int, len(members))
	for i, m := range members {
		index[decodeString(m.key)] = i
	}
	return index
}

func (d *differ) compareArrays(at rawjson.Pointer, from, to []byte) {
	before, after := slices.Collect(rawjson.Elements(from)), slices.Collect(rawjson.Elements(to))
	if d.matches && d.compareMatching(at, before, after) {
		return
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

	element := func(i int) rawjson.Pointer { return at.AppendToken(strconv.Itoa(start + i)) }
	both := min(len(before), len(after))
	for i := range both {
		d.compare(element(i), before[i], after[i])
	}

	// From the end, so that a removal does not shift the indexes of the next ones.
	for i := len(before) - 1; i >= both; i-- {
		d.add(element(i), before[i], nil)
	}

	for i := both; i < len(after); i++ {
		d.add(element(i), nil, after[i])
	}
}
