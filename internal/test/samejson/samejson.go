// Package samejson compares JSON texts as the contract does: the same members
// in the same order at every level, and equal values, numbers compared as
// numbers. White space is free. It is for tests.
package samejson

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
)

// Diff returns where two texts differ first, "" where they are equal.
func Diff(got, want []byte) string {
	a, b := json.NewDecoder(bytes.NewReader(got)), json.NewDecoder(bytes.NewReader(want))
	a.UseNumber()
	b.UseNumber()

	for {
		x, errX := a.Token()
		y, errY := b.Token()
		switch {
		case errors.Is(errX, io.EOF) && errors.Is(errY, io.EOF):
			return ""
		case errX != nil || errY != nil:
			return fmt.Sprintf("at byte %d: %v; want, at byte %d: %v", a.InputOffset(), errX, b.InputOffset(), errY)
		case !equal(x, y):
			return fmt.Sprintf("at byte %d: %v, want %v: …%s…, want …%s…", a.InputOffset(), x, y,
				around(got, a.InputOffset()), around(want, b.InputOffset()))
		}
	}
}

func equal(x, y json.Token) bool {
	n, isNumber := x.(json.Number)
	m, isNumberToo := y.(json.Number)
	if !isNumber || !isNumberToo {
		return x == y
	}
	p, okP := new(big.Rat).SetString(n.String())
	q, okQ := new(big.Rat).SetString(m.String())
	return okP && okQ && p.Cmp(q) == 0
}

// around shows the text near an offset.
func around(text []byte, offset int64) []byte {
	const some = 60
	return text[max(0, int(offset)-some):min(len(text), int(offset)+some)]
}
