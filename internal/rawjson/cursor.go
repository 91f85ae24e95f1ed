package rawjson

import (
	"bytes"
	"iter"

	"github.com/go-json-experiment/json/jsontext"
)

// Cursor reads a valid JSON text once, forward. Values that the caller does not
// read are skipped. An invalid text appears to end at the error.
type Cursor struct {
	dec *jsontext.Decoder
}

// NewCursor returns a cursor before the text's one value.
func NewCursor(text []byte) *Cursor {
	return &Cursor{dec: jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true))}
}

// Members reads an object and yields its members' names; inside the loop the
// cursor is before the member's value. Of any other value it yields nothing.
func (c *Cursor) Members() iter.Seq[string] {
	return func(yield func(string) bool) {
		if c.dec.PeekKind() != '{' {
			return
		}
		if _, err := c.dec.ReadToken(); err != nil {
			return
		}

		depth := c.dec.StackDepth()
		for c.dec.PeekKind() == '"' {
			name, err := c.dec.ReadToken()
			if err != nil || !yield(name.String()) {
				return
			}
			// The index counts names and values, so an odd one means that the caller
			// did not read the value.
			if _, n := c.dec.StackIndex(depth); n%2 == 1 && c.dec.SkipValue() != nil {
				return
			}
		}

		c.close('}')
	}
}

// Elements reads an array and yields the index of each element; inside the
// loop the cursor is before it. Of any other value it yields nothing.
func (c *Cursor) Elements() iter.Seq[int] {
	return func(yield func(int) bool) {
		if c.dec.PeekKind() != '[' {
			return
		}
		if _, err := c.dec.ReadToken(); err != nil {
			return
		}

		depth := c.dec.StackDepth()
		for i := 0; ; i++ {
			if k := c.dec.PeekKind(); k == ']' || k == 0 || !yield(i) {
				break
			}
			if _, n := c.dec.StackIndex(depth); n == int64(i) && c.dec.SkipValue() != nil {
				return
			}
		}

		c.close(']')
	}
}

func (c *Cursor) close(kind jsontext.Kind) {
	if c.dec.PeekKind() == kind {
		_, _ = c.dec.ReadToken() // cannot fail: it was peeked
	}
}

// String reads a string; false, and nothing read, for any other value.
func (c *Cursor) String() (string, bool) {
	if c.dec.PeekKind() != '"' {
		return "", false
	}
	t, err := c.dec.ReadToken()
	if err != nil {
		return "", false
	}
	return t.String(), true
}

// Raw reads a value as its text. It is good until the next read.
func (c *Cursor) Raw() []byte {
	v, err := c.dec.ReadValue()
	if err != nil {
		return nil
	}
	return v
}
