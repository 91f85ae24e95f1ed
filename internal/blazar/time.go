package blazar

import (
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// parseTime reads a time in one of Blazar's formats: with or without seconds and a
// fraction, with T or a space in the middle, in UTC unless there is a zone. It is
// truncated to microseconds.
func parseTime(s string) (availability.Time, bool) {
	if len(s) < len("2006-01-02T15:04") || len(s) > 64 {
		return 0, false
	}

	if s[10] == ' ' {
		s = s[:10] + "T" + s[11:]
	}

	layout := "2006-01-02T15:04"
	if len(s) > len(layout) && s[len(layout)] == ':' {
		layout += ":05" // time.Parse also accepts a fraction here
	}

	// What follows the digits is the zone, of which there are three formats.
	rest := strings.TrimLeft(s[len("2006-01-02T15:04"):], ":.,0123456789")
	switch {
	case rest == "": // UTC
	case rest == "Z" || len(rest) == len("+00:00"):
		layout += "Z07:00"
	case len(rest) == len("+0000"):
		layout += "Z0700"
	default:
		layout += "Z07"
	}

	t, err := time.Parse(layout, s)
	if err != nil {
		return 0, false
	}

	return availability.At(t), true
}
