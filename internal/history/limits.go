package history

import "fmt"

// Limits bound what a history may cost. Zero is no limit.
type Limits struct {
	Commits int // in all
	Changes int // files that differ between a commit and its first parent, in all commits; and four times the paths
}

// LimitError is a history beyond a limit.
type LimitError struct {
	What  string // "commits" or "changes"
	Limit int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("the history has more than %d %s", e.Limit, e.What)
}

// For each change that is allowed, so many entries may be compared: directories
// on the way to it, and what differs from other parents. And for so many changes
// there may be one path: it stays in memory, and real ones change often.
const (
	comparisons    = 10
	changesOfAPath = 4
)

// count notes that two entries were found to differ.
func (d *differ) count() error {
	d.compared++
	if most := d.limits.Changes; most > 0 &&
		(d.recorded > most || d.compared > comparisons*most || d.tracked.made > most/changesOfAPath) {
		return &LimitError{What: "changes", Limit: most}
	}
	return nil
}
