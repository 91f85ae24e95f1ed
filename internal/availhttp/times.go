package availhttp

import (
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// appendTime writes a time in UTC: with six digits of a fraction when that is
// not zero, and with what stands for the zone behind. Most of a search would be
// time.Time.AppendFormat, which can do much more.
func appendTime(dst []byte, t time.Time, zone string) []byte {
	year, month, day := t.Date()
	hour, minute, second := t.Clock()
	dst = append(digits(dst, year, 4), '-')
	dst = append(digits(dst, int(month), 2), '-')
	dst = append(digits(dst, day, 2), 'T')
	dst = append(digits(dst, hour, 2), ':')
	dst = append(digits(dst, minute, 2), ':')
	dst = digits(dst, second, 2)
	if micro := t.Nanosecond() / 1000; micro != 0 {
		dst = digits(append(dst, '.'), micro, 6)
	}
	return append(dst, zone...)
}

// digits writes a number with leading zeros.
func digits(dst []byte, n, width int) []byte {
	var text [20]byte
	i := len(text)
	for ; n > 0 || len(text)-i < width; n /= 10 {
		i--
		text[i] = byte('0' + n%10)
	}
	return append(dst, text[i:]...)
}

// timeLength is the length of an instant with Z for its zone.
func timeLength(t availability.Time) int {
	if t%1e6 != 0 {
		return len("2006-01-02T15:04:05.000000Z")
	}
	return len("2006-01-02T15:04:05Z")
}

// jsonTime is a time as a JSON string.
func jsonTime(t time.Time, zone string) []byte {
	dst := make([]byte, 0, len(`"2006-01-02T15:04:05.000000+00:00"`))
	return append(appendTime(append(dst, '"'), t, zone), '"')
}

// nullableTime is an instant as a JSON string, null for [availability.Forever].
func nullableTime(t availability.Time) []byte {
	if t == availability.Forever {
		return nil
	}
	return jsonTime(t.Std(), "Z")
}

// syncedAt is when a snapshot was made, null for none.
func syncedAt(s *availability.Snapshot) []byte {
	if s == nil {
		return nil
	}
	return jsonTime(s.Synced.UTC(), "Z")
}
