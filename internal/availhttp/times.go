package availhttp

import (
	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
)

// timeLength returns the length of a time as api.AppendTime writes it.
func timeLength(t availability.Time) int {
	if t%1e6 != 0 {
		return len("2006-01-02T15:04:05.000000Z")
	}
	return len("2006-01-02T15:04:05Z")
}

// nullableTime returns nil for [availability.Forever].
func nullableTime(t availability.Time) *api.Time {
	if t == availability.Forever {
		return nil
	}
	return new(api.NewTime(t.Std()))
}

// syncedAt returns when a snapshot was synced, nil for a nil snapshot.
func syncedAt(s *availability.Snapshot) *api.Time {
	if s == nil {
		return nil
	}
	return new(api.NewTime(s.Synced))
}
