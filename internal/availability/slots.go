package availability

import "time"

// Candidate is a node that may be reserved.
type Candidate struct {
	Site, Node string
	Host       *Host // what Blazar knows of it; not nil
}

// Rules are what a site asks of reservations.
type Rules struct {
	Lead    time.Duration // from now to the earliest start
	Gap     time.Duration // between two reservations of a node
	Longest time.Duration // of one reservation; 0 for no limit
}

// SlotQuery asks for times in which nodes are free together.
type SlotQuery struct {
	Count         int                     // of nodes, at least 1
	Length        time.Duration           // at least a microsecond
	After, Before Time                    // the whole slot lies between them
	SameSite      bool                    // all nodes must be of one site
	Limit         int                     // of slots
	Rules         func(site string) Rules // nil for no rules
}

// Slot is a time in which nodes are free together.
type Slot struct {
	Interval
	Site  string   // "" where the nodes are of several
	Nodes []string // as many as asked for
}

// Slots finds the earliest slots, and how many there are without the limit.
func Slots(candidates []Candidate, now Time, q SlotQuery) (slots []Slot, total int) {
	return nil, 0
}
