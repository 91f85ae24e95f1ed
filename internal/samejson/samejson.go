// Package samejson compares JSON texts as the contract does: the same members
// in the same order at every level, and equal values, numbers compared as
// numbers. White space is free.
package samejson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
)

// Diff returns where two texts differ first, "" where they are equal.
func Diff(got, want []byte) string { return DiffFunc(got, want, nil) }

// DiffFunc is Diff, but for scalars that differ: they count as equal where same says
// so. It is called with the JSON Pointer (RFC 6901) of the two and their values: a
// string, a [json.Number], a bool, or nil.
func DiffFunc(got, want []byte, same func(at string, got, want json.Token) bool) string {
	a, b := json.NewDecoder(bytes.NewReader(got)), json.NewDecoder(bytes.NewReader(want))
	a.UseNumber()
	b.UseNumber()

	var at position
	for {
		x, errX := a.Token()
		y, errY := b.Token()
		switch {
		case errors.Is(errX, io.EOF) && errors.Is(errY, io.EOF):
			return ""
		case errX != nil || errY != nil:
			return fmt.Sprintf("at byte %d: %v; want, at byte %d: %v", a.InputOffset(), errX, b.InputOffset(), errY)
		case equal(x, y), same != nil && at.isValue() && isScalar(x) && isScalar(y) && same(at.pointer(), x, y):
			at.advance(x)
		default:
			return fmt.Sprintf("at %s: %v, want %v: …%s…, want …%s…", at.pointer(), show(x), show(y),
				around(got, a.InputOffset()), around(want, b.InputOffset()))
		}
	}
}

// equal reports whether two tokens are.
func equal(x, y json.Token) bool {
	n, isNumber := x.(json.Number)
	m, isNumberToo := y.(json.Number)
	if !isNumber || !isNumberToo {
		return x == y
	}
	if n == m {
		return true
	}

	// A number with a huge exponent would take all memory: such ones must be written alike.
	if tooLarge(n) || tooLarge(m) {
		return false
	}
	p, okP := new(big.Rat).SetString(n.String())
	q, okQ := new(big.Rat).SetString(m.String())
	return okP && okQ && p.Cmp(q) == 0
}

// tooLarge reports whether a number is very long, or has an exponent beyond those of
// float64.
func tooLarge(n json.Number) bool {
	const most, longest = 400, 1000
	i := strings.IndexAny(n.String(), "eE")
	if i < 0 || len(n) > longest {
		return len(n) > longest
	}
	exponent, err := strconv.Atoi(n.String()[i+1:])
	return err != nil || exponent > most || exponent < -most
}

func isScalar(t json.Token) bool {
	_, isDelim := t.(json.Delim)
	return !isDelim
}

// show is a token as it is in a text.
func show(t json.Token) string {
	switch v := t.(type) {
	case nil:
		return "null"
	case string:
		return strconv.Quote(v[:min(len(v), 80)])
	}
	return fmt.Sprint(t)
}

// around shows the text near an offset.
func around(text []byte, offset int64) []byte {
	const some = 60
	return text[max(0, int(offset)-some):min(len(text), int(offset)+some)]
}

// position is where a reader of tokens is: in these objects and arrays.
type position []level

// level is one of them: the member whose value comes next, or the index of the element.
type level struct {
	isArray bool
	index   int
	name    string
	hasName bool
}

// isValue reports whether the next token is a value, not a member's name.
func (p position) isValue() bool {
	return len(p) == 0 || p[len(p)-1].isArray || p[len(p)-1].hasName
}

// advance moves behind a token.
func (p *position) advance(t json.Token) {
	switch delim, isDelim := t.(json.Delim); {
	case isDelim && (delim == '{' || delim == '['):
		*p = append(*p, level{isArray: delim == '['})
		return
	case isDelim:
		*p = (*p)[:len(*p)-1]
	case !p.isValue():
		last := &(*p)[len(*p)-1]
		last.name, last.hasName = t.(string), true
		return
	}

	if len(*p) > 0 { // a value has ended
		last := &(*p)[len(*p)-1]
		last.index, last.hasName = last.index+1, false
	}
}

// pointer returns the JSON Pointer of the next value, or of the object whose members
// have ended; "/" for the text itself, which is easier to see than nothing.
func (p position) pointer() string {
	var b strings.Builder
	for _, l := range p {
		switch {
		case l.isArray:
			fmt.Fprintf(&b, "/%d", l.index)
		case l.hasName:
			b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(l.name))
		}
	}
	if b.Len() == 0 {
		return "/"
	}
	return b.String()
}
