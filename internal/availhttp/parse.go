package availhttp

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/hardware"
)

// parseBool reads the words that mean yes and no, in any case.
func parseBool(text string) (value, ok bool) {
	switch strings.ToLower(text) {
	case "true", "1", "yes", "on", "t", "y":
		return true, true
	case "false", "0", "no", "off", "f", "n":
		return false, true
	}
	return false, false
}

// parseFlags reads what a flag may be: a boolean, or what a file states of it, or a list
// of them. It writes all booleans alike.
func parseFlags(list string) (wanted []string, ok bool) {
	for text := range strings.SplitSeq(list, ",") {
		if value, ok := parseBool(text); ok {
			text = strconv.FormatBool(value)
		} else if text != hardware.IsUnstated && text != hardware.IsStatedFalse {
			return nil, false
		}
		wanted = append(wanted, text)
	}
	return wanted, true
}

// parseInteger reads a decimal number of 64 bits: with a sign, spaces around it,
// leading zeros, single underscores between digits, and a fraction of zeros.
func parseInteger(text string) (int64, bool) {
	text = strings.TrimSpace(text)
	if whole, zeros, ok := strings.Cut(text, "."); ok {
		if zeros == "" || strings.Trim(zeros, "0") != "" {
			return 0, false
		}
		text = whole
	}

	digits := strings.TrimLeft(text, "+-")
	signs := len(text) - len(digits)
	if signs > 1 || digits == "" || slices.Contains(strings.Split(digits, "_"), "") {
		return 0, false
	}

	n, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 10, 64)
	return n, err == nil
}

// milliseconds is the number above which an epoch time is in milliseconds instead of
// seconds.
const milliseconds = 2e10

// parseTime reads RFC 3339 with its liberties (a space for the T, no seconds, no
// zone, which is UTC, a date alone), or a number of seconds or milliseconds
// since 1970. Otherwise it returns why not, in the words of the legacy service,
// whose last attempt was to read a date.
func parseTime(text string) (t time.Time, why string) {
	if t, ok := parseEpoch(text); ok {
		return t, ""
	}

	for _, layout := range []string{
		"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00",
		"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02",
	} {
		if t, err := time.Parse(layout, separated(text)); err == nil {
			return t.UTC(), ""
		}
	}

	if why = dateFault(text); why == "" {
		why = "unexpected extra characters at the end of the input"
	}

	return time.Time{}, why
}

// separated rewrites variants that RFC 3339 or the legacy service permits: another
// separator than T, a lower-case z, an offset without a colon.
func separated(text string) string {
	const day = len("2006-01-02")
	if len(text) <= day || !strings.ContainsAny(text[day:day+1], "Tt _") {
		return text
	}

	text = text[:day] + "T" + text[day+1:]
	if strings.HasSuffix(text, "z") {
		text = text[:len(text)-1] + "Z"
	}

	// Offsets may come without the colon: +0530.
	if i := strings.LastIndexAny(text, "+-"); i > day && len(text)-i == len("+0530") &&
		!strings.Contains(text[i:], ":") {
		text = text[:i+3] + ":" + text[i+3:]
	}

	return text
}

// parseEpoch reads a number of seconds or milliseconds since 1970.
func parseEpoch(text string) (time.Time, bool) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || strings.ContainsAny(text, "xXpP_iInN") {
		return time.Time{}, false
	}

	if math.Abs(n) > milliseconds {
		n /= 1000
	}

	const least, most = -62135596800, 253402300799 // the years 1 and 9999
	if n < least || n > most {
		return time.Time{}, false
	}

	whole, fraction := math.Modf(n)
	return time.Unix(int64(whole), int64(math.Round(fraction*1e6))*1e3).UTC(), true
}

// dateFault reports why a text does not start with a date, "" where it does.
func dateFault(text string) string {
	if len(text) < len("YYYY-MM-DD") {
		return "input is too short"
	}

	// ParseUint accepts digits only, no signs.
	year, yearErr := strconv.ParseUint(text[:4], 10, 64)
	month, monthErr := strconv.ParseUint(text[5:7], 10, 64)
	day, dayErr := strconv.ParseUint(text[8:10], 10, 64)
	daysIn := func(year, month uint64) uint64 {
		return uint64(time.Date(int(year), time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day())
	}

	switch {
	case yearErr != nil:
		return "invalid character in year"
	case text[4] != '-':
		return "invalid date separator, expected `-`"
	case monthErr != nil:
		return "invalid character in month"
	case text[7] != '-':
		return "invalid date separator, expected `-`"
	case dayErr != nil:
		return "invalid character in day"
	case month < 1 || month > 12:
		return "month value is outside expected range of 1-12"
	case day < 1 || day > daysIn(year, month):
		return "day value is outside expected range"
	}

	return ""
}
