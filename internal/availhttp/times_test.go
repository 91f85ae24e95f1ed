package availhttp

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/availability"
)

// Times are written as the standard library writes them.
func TestAppendTime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		at := availability.Time(rapid.Int64Range(-62135596800_000000, 253402300799_999999).Draw(t, "microseconds"))
		if rapid.Bool().Draw(t, "whole") {
			at -= at % 1e6
		}

		layout := time.RFC3339
		if at%1e6 != 0 {
			layout = "2006-01-02T15:04:05.000000Z07:00"
		}

		want := at.Std().Format(layout)
		if got := string(api.AppendTime(nil, at.Std())); got != want || timeLength(at) != len(want) {
			t.Fatalf("%d: %s (%d), want %s", at, got, timeLength(at), want)
		}
	})
}
