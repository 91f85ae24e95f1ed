package route

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// DurationPattern is a regular expression of what [ParseDuration] reads.
const DurationPattern = "[1-9][0-9]{0,7}[smhd]?"

// ParseDuration reads a positive number of at most eight digits: of seconds, or of
// minutes, hours or days with the unit's first letter after it.
func ParseDuration(text string) (time.Duration, bool) {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	unit := time.Second
	if last := len(text) - 1; last > 0 && units[text[last]] != 0 {
		text, unit = text[:last], units[text[last]]
	}

	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil || n == 0 || len(text) > 8 || strings.HasPrefix(text, "0") {
		return 0, false
	}
	return min(time.Duration(n), math.MaxInt64/unit) * unit, true
}

// FormatDuration writes a duration as [ParseDuration] reads it, in the largest unit.
func FormatDuration(d time.Duration) string {
	for _, u := range []struct {
		letter string
		of     time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"m", time.Minute}} {
		if d%u.of == 0 {
			return strconv.FormatInt(int64(d/u.of), 10) + u.letter
		}
	}
	return strconv.FormatInt(int64(d/time.Second), 10)
}
