package inventory

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName bounds uids, in bytes. Common file systems allow 255, and suffixes are
// added.
const maxName = 200

// reservedSuffixes are suffixes that have a meaning in URLs of the API.
var reservedSuffixes = []string{".json", ".html", ".gz", ".br"}

// quote quotes a name, truncated if it is long.
func quote(name string) string {
	const enough = 48
	if len(name) <= enough {
		return strconv.Quote(name)
	}
	return strconv.Quote(strings.ToValidUTF8(name[:enough], "")) + "…"
}

// checkName returns the reason why a name cannot be a uid, "" if it can. It is strict,
// because a uid is a permanent part of URLs and file names.
func checkName(name string) string {
	switch {
	case name == "":
		return "it is empty"
	case !utf8.ValidString(name):
		return "it is not valid UTF-8"
	case len(name) > maxName:
		return fmt.Sprintf("it is %d bytes long, the limit is %d", len(name), maxName)
	case strings.HasPrefix(name, "."):
		return "it starts with a dot"
	case strings.TrimSpace(name) != name:
		return "it starts or ends with white space"
	}

	for _, r := range name {
		if strings.ContainsRune(`/\%?#`, r) || !unicode.IsGraphic(r) {
			return fmt.Sprintf("it contains %q", r)
		}
	}

	for _, suffix := range reservedSuffixes {
		if strings.HasSuffix(name, suffix) {
			return fmt.Sprintf("names that end in %q are reserved", suffix)
		}
	}

	return ""
}
