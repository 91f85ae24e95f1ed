package availhttp

import (
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// appendTime writes a time in UTC: with six digits of a fraction when that is
// not zero, and with what stands for the zone behind.
func appendTime(dst []byte, t time.Time, zone string) []byte {
	layout := "2006-01-02T15:04:05"
	if t.Nanosecond()/1000 != 0 {
		layout += ".000000"
	}
	return append(t.AppendFormat(dst, layout), zone...)
}

// quoted is a time as a JSON string.
func quoted(t time.Time, zone string) []byte {
	dst := make([]byte, 0, len(`"2006-01-02T15:04:05.000000+00:00"`))
	return append(appendTime(append(dst, '"'), t, zone), '"')
}

// orNull is an instant as a JSON string, null for [availability.Forever].
func orNull(t availability.Time) []byte {
	if t == availability.Forever {
		return nil
	}
	return quoted(t.Std(), "Z")
}

// syncedAt is when a snapshot was made, null for none.
func syncedAt(s *availability.Snapshot) []byte {
	if s == nil {
		return nil
	}
	return quoted(s.Synced.UTC(), "Z")
}

// sooner is the earlier of a time and an instant.
func sooner(t time.Time, i availability.Time) time.Time {
	if i < availability.At(t) {
		return i.Std()
	}
	return t
}

func boolean(b bool) []byte {
	if b {
		return []byte("true")
	}
	return []byte("false")
}
