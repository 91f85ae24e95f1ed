package change

import (
	"slices"

	"github.com/chameleoncloud/refapi/internal/rawjson"
)

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

// Path returns the names and indexes that the pointer is made of, decoded: at
// least one.
func (op *Op) Path() []string { return slices.Collect(rawjson.Pointer(op.Pointer).Tokens()) }

// Delta is the difference of two JSON objects. It has no operations if the texts
// differ only in white space, the order of members, or string escapes.
type Delta struct {
	Ops    []Op
	Number int // in a log: equal differences have equal numbers
}
