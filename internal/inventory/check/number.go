package check

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"

	"github.com/chameleoncloud/refapi/internal/inventory"
)

// maxDigits bounds the length of numbers. The largest that programs agree on has 309
// digits (RFC 8259, section 6).
const maxDigits = 400

// hugeExponent matches huge and tiny numbers. The schema library compares them exactly,
// which takes very long and fails for some.
var hugeExponent = regexp.MustCompile(`[eE][+-]?0*[1-9][0-9]{3}`)

// plainNumbers reports numbers that most programs cannot read, and returns the document
// with 0 in their place.
func plainNumbers(doc any) (any, inventory.Diagnostics) {
	var found inventory.Diagnostics
	var walk func(v any, location []string) any
	walk = func(v any, location []string) any {
		here := location[:len(location):len(location)]
		switch v := v.(type) {
		case json.Number:
			_, err := v.Float64()
			if err == nil && len(v) <= maxDigits && !hugeExponent.MatchString(v.String()) {
				return v
			}
			found = append(found, inventory.Diagnostic{Rule: ruleRange, Pointer: pointer(location),
				Message: fmt.Sprintf("%s is %s, a number that most programs cannot read", memberName(location),
					shorten(v.String()))})
			return json.Number("0")
		case []any:
			for i := range v {
				v[i] = walk(v[i], append(here, strconv.Itoa(i)))
			}
		case map[string]any:
			for name := range v {
				v[name] = walk(v[name], append(here, name))
			}
		}

		return v
	}

	return walk(doc, nil), found
}
