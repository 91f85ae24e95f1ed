package history

import "fmt"

// Limits bound the cost of reading a history. 0 means no limit.
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

// For each allowed change, comparisonsPerChange entries may be compared: its parent
// directories, and differences from other parents. Paths stay in memory, and real
// ones change often, so there may be one path per changesPerPath changes.
const (
	comparisonsPerChange = 10
	changesPerPath       = 4
)

// countDifference counts two entries that differ.
func (d *differ) countDifference() error {
	d.compared++
	if limit := d.limits.Changes; limit > 0 &&
		(d.recorded > limit || d.compared > comparisonsPerChange*limit || d.tracked.made > limit/changesPerPath) {
		return &LimitError{What: "changes", Limit: limit}
	}
	return nil
}
