package rawjson

import (
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Builder appends one compact JSON text. Commas come by themselves; balanced
// Begin and End calls are the caller's duty. The zero value is ready to use.
type Builder struct {
	buf []byte
}

// Bytes returns the text so far. It shares memory with the builder.
func (b *Builder) Bytes() []byte { return b.buf }

// Grow makes room for n more bytes.
func (b *Builder) Grow(n int) { b.buf = slices.Grow(b.buf, n) }

// Reset forgets the text, and keeps its memory for the next.
func (b *Builder) Reset() { b.buf = b.buf[:0] }

// BeginObject opens an object.
func (b *Builder) BeginObject() { b.comma(); b.buf = append(b.buf, '{') }

// EndObject closes the innermost object.
func (b *Builder) EndObject() { b.buf = append(b.buf, '}') }

// BeginArray opens an array.
func (b *Builder) BeginArray() { b.comma(); b.buf = append(b.buf, '[') }

// EndArray closes the innermost array.
func (b *Builder) EndArray() { b.buf = append(b.buf, ']') }

// Key writes a member's name; its value must follow.
func (b *Builder) Key(name string) {
	b.comma()
	b.buf = append(AppendString(b.buf, name), ':')
}

// RawKey writes a member's name as a text has it, quotes included.
func (b *Builder) RawKey(key []byte) {
	b.comma()
	b.buf = append(append(b.buf, key...), ':')
}

// String writes a string value.
func (b *Builder) String(s string) { b.comma(); b.buf = AppendString(b.buf, s) }

// Int writes an integer value.
func (b *Builder) Int(n int) { b.comma(); b.buf = strconv.AppendInt(b.buf, int64(n), 10) }

// Bool writes true or false.
func (b *Builder) Bool(v bool) { b.comma(); b.buf = strconv.AppendBool(b.buf, v) }

// Raw writes a compact JSON value as it is, or null for nil.
func (b *Builder) Raw(value []byte) {
	b.comma()
	if value == nil {
		b.buf = append(b.buf, "null"...)
		return
	}
	b.buf = append(b.buf, value...)
}

// comma separates what comes from what was there. No complete value ends in
// one of the bytes after which no comma belongs, so the text is its own state.
func (b *Builder) comma() {
	if len(b.buf) == 0 {
		return
	}
	switch b.buf[len(b.buf)-1] {
	case '{', '[', ':':
	default:
		b.buf = append(b.buf, ',')
	}
}

// AppendString appends s as a JSON string with the fewest escapes (RFC 8785,
// section 3.2.2.2). Bytes that are not UTF-8 become U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, s) // the error only repeats that bytes were replaced
	return dst
}
