package inventory

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is the longest uid, in bytes. File names end at 255 on every common
// file system, and suffixes are put behind.
const maxName = 200

// reservedSuffixes are suffixes that the API gives a meaning of its own.
var reservedSuffixes = []string{".json", ".html", ".gz", ".br"}

// quote makes a name readable, and shortens a long one.
func quote(name string) string {
	const enough = 48
	if len(name) <= enough {
		return strconv.Quote(name)
	}
	return strconv.Quote(strings.ToValidUTF8(name[:enough], "")) + "…"
}

// checkName says why a name cannot be a uid, "" where it can. A uid is a
// segment of URLs and of file names, for good.
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
