package change

import "strings"

// Kinds of operations, as RFC 6902 names them.
const (
	OpAdd     = "add"
	OpRemove  = "remove"
	OpReplace = "replace"
)

// Op is one operation of a patch: the old and the new value at a pointer.
type Op struct {
	Pointer string // RFC 6901, into the older text
	Old     []byte // compact JSON; nil for an add
	New     []byte // compact JSON; nil for a remove
}

// Kind returns OpAdd, OpRemove or OpReplace.
func (op *Op) Kind() string {
	switch {
	case op.Old == nil:
		return OpAdd
	case op.New == nil:
		return OpRemove
	}
	return OpReplace
}

// Path returns the names and indexes that the pointer is made of, decoded
// (RFC 6901, section 4): at least one.
func (op *Op) Path() []string {
	tokens := strings.Split(op.Pointer, "/")[1:]
	for i, token := range tokens {
		tokens[i] = decodeToken(token)
	}
	return tokens
}

// Member returns the first part of the path: the member of the object that the
// operation changes.
func (op *Op) Member() string {
	token, _, _ := strings.Cut(op.Pointer[1:], "/")
	return decodeToken(token)
}

func decodeToken(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}

// Delta is the difference of two JSON objects. It has no operations if the texts
// differ only in white space, the order of members, or string escapes.
type Delta struct{ Ops []Op }

// Members returns the distinct members that the operations change, in order.
func (d *Delta) Members() []string {
	var names []string
	seen := map[string]bool{}
	for i := range d.Ops {
		name := d.Ops[i].Member()
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}

	return names
}
