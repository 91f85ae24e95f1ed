// Package bidi keeps the direction of names from spilling over into the text
// around them, where there is no markup to say so.
package bidi

import (
	"strings"

	"golang.org/x/text/unicode/bidi"
)

const (
	firstStrongIsolate    = "\u2068"
	popDirectionalIsolate = "\u2069"
)

// Isolate is a text that may stand before other text: one that has what goes
// from right to left, or turns the direction, is put between U+2068 and U+2069.
// All others stay as they are. What isolates such a text has in itself end
// within it; what would end ours is left out.
func Isolate(text string) string {
	var b strings.Builder
	turns, open := false, 0
	for _, r := range text {
		class := classOf(r)
		switch class {
		case bidi.R, bidi.AL, bidi.AN, bidi.LRE, bidi.LRO, bidi.RLE, bidi.RLO, bidi.PDF:
			turns = true
		case bidi.LRI, bidi.RLI, bidi.FSI:
			turns = true
			open++
		case bidi.PDI:
			turns = true
			if open == 0 {
				continue
			}
			open--
		}
		b.WriteRune(r)
	}
	if !turns {
		return text
	}
	return firstStrongIsolate + b.String() + strings.Repeat(popDirectionalIsolate, open+1)
}

func classOf(r rune) bidi.Class {
	p, _ := bidi.LookupRune(r)
	return p.Class()
}
