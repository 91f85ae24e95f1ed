// Package change owns what changed: the difference of two JSON texts as a
// patch (RFC 6902), and, of a whole history, which resources each commit
// added, removed and changed. It is pure: files come from a Source.
package change

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Diff returns how an object becomes another: a patch (RFC 6902) of add, remove
// and replace operations, and an object with what the first one has at the
// pointer of each remove and replace. Both texts must be compact, as rawjson
// makes them. Numbers are compared as text, so that 2.50 and 2.5 differ, and
// strings by their characters; the order of members does not count.
//
// Operations are in the order of the texts. Arrays are compared from both ends,
// and what is between element by element. All pointers of old are those of the
// first object, however the operations before have moved what follows.
func Diff(from, to []byte) (patch, old []byte) {
	var d differ
	return d.diff(from, to)
}

// differ writes a patch on its way through two values. It may be used again;
// what it gave last is then lost.
type differ struct {
	patch, old rawjson.Builder
	pointer    []byte   // RFC 6901, to where the differ is
	members    []member // a stack: those of the objects that the differ is in
}

func (d *differ) diff(from, to []byte) (patch, old []byte) {
	d.patch.Reset()
	d.old.Reset()
	d.patch.BeginArray()
	d.old.BeginObject()
	d.value(from, to)
	d.patch.EndArray()
	d.old.EndObject()
	return d.patch.Bytes(), d.old.Bytes()
}

// operation writes an operation on the current place. A nil from is an add, a
// nil to is a remove.
func (d *differ) operation(from, to []byte) {
	op := "replace"
	switch {
	case from == nil:
		op = "add"
	case to == nil:
		op = "remove"
	}
	pointer := string(d.pointer)
	d.patch.BeginObject()
	d.patch.Key("op")
	d.patch.String(op)
	d.patch.Key("path")
	d.patch.String(pointer)
	if to != nil {
		d.patch.Key("value")
		d.patch.Raw(to)
	}
	d.patch.EndObject()
	if from != nil {
		d.old.Key(pointer)
		d.old.Raw(from)
	}
}

func (d *differ) value(from, to []byte) {
	switch {
	case bytes.Equal(from, to):
	case from[0] == '{' && to[0] == '{':
		d.object(from, to)
	case from[0] == '[' && to[0] == '[':
		d.array(from, to)
	case from[0] == '"' && to[0] == '"' && name(from) == name(to):
	default:
		d.operation(from, to)
	}
}

// down runs visit one level deeper, at a segment of the pointer.
func (d *differ) down(segment string, visit func()) {
	n := len(d.pointer)
	d.pointer = append(d.pointer, '/')
	for i := range len(segment) {
		switch c := segment[i]; c {
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

// name is a member's name, or any string, decoded.
func name(text []byte) string {
	if bytes.IndexByte(text, '\\') < 0 {
		return string(text[1 : len(text)-1])
	}
	s, _ := rawjson.Unquote(text) // it was read before
	return s
}

// is reports whether a member has a name.
func is(key []byte, wanted string) bool {
	if bytes.IndexByte(key, '\\') < 0 {
		return string(key[1:len(key)-1]) == wanted
	}
	return name(key) == wanted
}

type member struct {
	key, value []byte
	taken      bool
}

// few is how many members are looked through; more are looked up.
const few = 24

func (d *differ) object(from, to []byte) {
	base := len(d.members)
	for k, v := range rawjson.MembersOf(to) {
		d.members = append(d.members, member{key: k, value: v})
	}
	bs := d.members[base:len(d.members):len(d.members)]
	find := finder(bs)
	next := 0 // where the member is if both have the same order
	for key, value := range rawjson.MembersOf(from) {
		i := next
		if i >= len(bs) || !bytes.Equal(key, bs[i].key) {
			i = find(name(key))
		}
		if i < 0 {
			d.down(name(key), func() { d.operation(value, nil) })
			continue
		}
		bs[i].taken = true
		next = i + 1
		if !bytes.Equal(value, bs[i].value) {
			d.down(name(key), func() { d.value(value, bs[i].value) })
		}
	}
	for i := range bs {
		if !bs[i].taken {
			d.down(name(bs[i].key), func() { d.operation(nil, bs[i].value) })
		}
	}
	d.members = d.members[:base]
}

// finder returns a function that finds a member by its name, -1 for none.
func finder(members []member) func(string) int {
	if len(members) <= few {
		return func(wanted string) int {
			for i := range members {
				if is(members[i].key, wanted) {
					return i
				}
			}
			return -1
		}
	}
	var index map[string]int
	return func(wanted string) int {
		if index == nil {
			index = make(map[string]int, len(members))
			for i := range members {
				index[name(members[i].key)] = i
			}
		}
		if i, ok := index[wanted]; ok {
			return i
		}
		return -1
	}
}

func (d *differ) array(from, to []byte) {
	var as, bs [][]byte
	for v := range rawjson.ElementsOf(from) {
		as = append(as, v)
	}
	for v := range rawjson.ElementsOf(to) {
		bs = append(bs, v)
	}
	at := 0
	for at < len(as) && at < len(bs) && bytes.Equal(as[at], bs[at]) {
		at++
	}
	as, bs = as[at:], bs[at:]
	for len(as) > 0 && len(bs) > 0 && bytes.Equal(as[len(as)-1], bs[len(bs)-1]) {
		as, bs = as[:len(as)-1], bs[:len(bs)-1]
	}
	both := min(len(as), len(bs))
	for i := range both {
		d.down(strconv.Itoa(at+i), func() { d.value(as[i], bs[i]) })
	}
	// From the end, so that no removal moves what the next one means.
	for i := len(as) - 1; i >= both; i-- {
		d.down(strconv.Itoa(at+i), func() { d.operation(as[i], nil) })
	}
	for i := both; i < len(bs); i++ {
		d.down(strconv.Itoa(at+i), func() { d.operation(nil, bs[i]) })
	}
}

// Unescape decodes a token of a pointer (RFC 6901, section 4).
func Unescape(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}

// topMembers returns the names of an object's members that a patch touches, in
// its order, each once.
func topMembers(patch []byte) []string {
	var names []string
	seen := map[string]bool{}
	for op := range rawjson.ElementsOf(patch) {
		for k, v := range rawjson.MembersOf(op) {
			if string(k) != `"path"` {
				continue
			}
			top, _, _ := strings.Cut(strings.TrimPrefix(name(v), "/"), "/")
			top = Unescape(top)
			if !seen[top] {
				seen[top] = true
				names = append(names, top)
			}
		}
	}
	return names
}
