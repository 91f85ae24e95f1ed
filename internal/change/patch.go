package change

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

// Kinds of operations, as RFC 6902 names them, and one that only a reading has.
const (
	OpAdd     = "add"
	OpRemove  = "remove"
	OpReplace = "replace"
	OpOrder   = "order" // the elements of an array have other places
)

// Op is one operation of a patch: the old and the new value at a pointer.
type Op struct {
	Pointer string // RFC 6901, into the older text
	Old     []byte // compact JSON; nil for an add
	New     []byte // compact JSON; nil for a remove, and with Old for OpOrder
}

// Kind returns the kind of the operation.
func (op *Op) Kind() string {
	switch {
	case op.Old == nil && op.New == nil:
		return OpOrder
	case op.Old == nil:
		return OpAdd
	case op.New == nil:
		return OpRemove
	}
	return OpReplace
}

// Path returns the names and indexes that the pointer is made of, decoded: at
// least one.
func (op *Op) Path() []string { return slices.Collect(rawjson.Pointer(op.Pointer).Tokens()) }

// equal reports whether two operations are the same.
func (op Op) equal(other Op) bool {
	return op.Pointer == other.Pointer && bytes.Equal(op.Old, other.Old) && bytes.Equal(op.New, other.New)
}

// isInArray reports whether the operation may be about an element of an array.
func (op *Op) isInArray() bool {
	for token := range rawjson.Pointer(op.Pointer).Tokens() {
		if _, err := strconv.Atoi(token); err == nil {
			return true
		}
	}
	return false
}

// Delta is the difference of two JSON objects. It has no operations if the texts
// differ only in white space, the order of members, or string escapes.
type Delta struct {
	Ops    []Op // an exact patch
	Number int  // in a log: equal differences have equal numbers

	reading []Op // nil if it is the patch
}

// Reading returns the difference for people, who ask whether a disk was replaced, not
// whether it is in another place of a list: elements are matched by serial number,
// address or device. Pointers are those of the newer text, except of what was removed.
func (d *Delta) Reading() []Op {
	if d.reading != nil {
		return d.reading
	}
	return d.Ops
}
