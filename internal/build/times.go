package build

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/chameleoncloud/refapi/internal/history"
)

// setTimes finds the modification times of all files.
func (b *builder) setTimes() {
	shift := Revision*time.Second - variation(b.in.Options, b.in.History)
	b.times = b.in.History.Times(b.in.Now, shift)
	b.assets = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(shift)

	b.head = b.times.Modified(b.in.History.Head())
	if !b.in.Edited.IsZero() {
		b.head = b.in.Edited.UTC().Truncate(time.Second)
	}
}

// variation is how far times are moved back for what shows in many bodies and is
// in no commit: the options, and where a shallow clone cut the history. Without
// it a change of these could leave a file its time and length, and so its ETag,
// with other bytes. It is none where there are no options and the history is whole.
func variation(o Options, h *history.History) time.Duration {
	// Encoding a struct of strings and numbers cannot fail.
	none, _ := json.Marshal(Options{})
	input, _ := json.Marshal(o)
	cut := false
	for _, c := range h.Commits {
		if c.Boundary {
			cut = true
			input = append(input, c.ID[:]...)
		}
	}
	if !cut && bytes.Equal(input, none) {
		return 0
	}

	sum := sha256.Sum256(input)
	return time.Second + history.Spread(sum[:])
}
