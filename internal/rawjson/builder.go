package rawjson

import (
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// Builder builds a compact JSON text. It inserts commas; the caller balances Begin
// and End calls. The zero value is ready to use.
type Builder struct {
	buf []byte
}

// Bytes returns the text so far. It shares memory with the builder.
func (b *Builder) Bytes() []byte { return b.buf }

// Grow makes room for n more bytes.
func (b *Builder) Grow(n int) { b.buf = slices.Grow(b.buf, n) }

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

// RawKey writes a member's name that is already encoded, with its quotes.
func (b *Builder) RawKey(key []byte) {
	b.comma()
	b.buf = append(append(b.buf, key...), ':')
}

// String writes a string value.
func (b *Builder) String(s string) { b.comma(); b.buf = AppendString(b.buf, s) }

// Int writes an integer value.
func (b *Builder) Int(n int) { b.comma(); b.buf = strconv.AppendInt(b.buf, int64(n), 10) }

// Raw writes a compact JSON value as it is, or null for nil.
func (b *Builder) Raw(value []byte) {
	b.comma()
	if value == nil {
		b.buf = append(b.buf, "null"...)
		return
	}
	b.buf = append(b.buf, value...)
}

// comma writes a comma unless the text is empty or ends in '{', '[' or ':'. No
// complete value ends in one of these, so no other state is needed.
func (b *Builder) comma() {
	if len(b.buf) == 0 {
		return
	}
	if last := b.buf[len(b.buf)-1]; last != '{' && last != '[' && last != ':' {
		b.buf = append(b.buf, ',')
	}
}

// AppendString appends s as a JSON string with the fewest escapes (RFC 8785,
// section 3.2.2.2). Bytes that are not UTF-8 become U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst, _ = jsontext.AppendQuote(dst, s) // the error only repeats that bytes were replaced
	return dst
}
