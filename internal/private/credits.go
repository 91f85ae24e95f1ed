package private

import (
	"regexp"
	"strings"
)

// credit matches a line of a message that names a person: a trailer such as
// Signed-off-by or Co-authored-by, and any other with an address, such as Cc.
var credit = regexp.MustCompile(`(?i)^[ \t>]*[a-z][a-z-]*(-by:|:.*<[^<>]*@[^<>]*>)`)

// withoutCredits returns a message without the lines that credit people.
func withoutCredits(message string) string {
	var rest strings.Builder
	for line := range strings.Lines(message) {
		if !credit.MatchString(line) {
			rest.WriteString(line)
		}
	}
	return rest.String()
}
