package build

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/chameleoncloud/refapi/internal/history"
)

// setTimes sets the modification times of all kinds of files.
func (b *builder) setTimes() {
	shift := Revision*time.Second - variation(b.Options, b.History)
	b.times = b.History.Times(b.Now, shift)
	// The header of pages that no commit changes names the testbed.
	sum := sha256.Sum256([]byte(b.Grid.UID))
	b.assets = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(shift - history.Spread(sum[:]))

	b.head = b.times.Modified(b.History.Head())
	if !b.Edited.IsZero() {
		b.head = b.Edited.UTC().Truncate(time.Second)
	}
}

// variation is how far times are moved back for what shows in many bodies and is
// in no commit: the options, and the boundary of a shallow clone. Without it a
// change of these could leave a file its time and length, and so its ETag, with
// other bytes. It is zero without options and with a complete history.
func variation(o Options, h *history.History) time.Duration {
	// Encoding a struct of strings and numbers cannot fail.
	none, _ := json.Marshal(Options{})
	input, _ := json.Marshal(o)

	for _, c := range h.Commits {
		if c.Boundary {
			input = append(input, c.ID[:]...)
		}
	}

	for _, id := range mailmapOf(h, o) {
		input = append(input, id[:]...)
	}

	if bytes.Equal(input, none) {
		return 0
	}

	sum := sha256.Sum256(input)
	return time.Second + history.Spread(sum[:])
}
