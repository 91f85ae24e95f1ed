package change

import (
	"strings"

	"golang.org/x/text/unicode/bidi"
)

const (
	firstStrongIsolate    = "\u2068"
	popDirectionalIsolate = "\u2069"
)

// Isolate makes a name safe for a line of plain text, where no markup can isolate
// its direction: a name with right-to-left characters or directional controls is
// enclosed in U+2068 and U+2069, others are returned unchanged. Isolates that the
// name opens are closed; a control that would close the enclosing isolate is left
// out (Unicode Bidirectional Algorithm, UAX #9).
func Isolate(name string) string {
	var out strings.Builder
	isDirectional, open := false, 0
	for _, r := range name {
		switch class, _ := bidi.LookupRune(r); class.Class() {
		case bidi.R, bidi.AL, bidi.AN, bidi.LRE, bidi.LRO, bidi.RLE, bidi.RLO, bidi.PDF:
			isDirectional = true
		case bidi.LRI, bidi.RLI, bidi.FSI:
			isDirectional = true
			open++
		case bidi.PDI:
			isDirectional = true
			if open == 0 {
				continue
			}
			open--
		}
		out.WriteRune(r)
	}

	if !isDirectional {
		return name
	}

	return firstStrongIsolate + out.String() + strings.Repeat(popDirectionalIsolate, open+1)
}
