package follow

import "time"

// Release is a published release, with its commit.
type Release struct{ ID, Commit string }

// Stage is one of the functions that a Loop calls.
type Stage string

// The stages.
const (
	Fetch Stage = "fetch"
	Build Stage = "build"
	Hook  Stage = "hook" // Then
)

// Outcome is how a stage ended.
type Outcome string

// The outcomes: Done or Failed, and those of a build.
const (
	Done      Outcome = "done"
	Failed    Outcome = "failed"
	Published Outcome = "published"
	Unchanged Outcome = "unchanged" // the commit was live already
	Pinned    Outcome = "pinned"    // the live release was left as it is, on request of an operator
)

// Result is what a build without an error did.
type Result struct {
	Outcome Outcome // Published, Unchanged or Pinned
	Live    Release // the live one, after the build
	Detail  []any   // attributes of the line of the log that says so
}

// Step is one call.
type Step struct {
	Stage   Stage
	Outcome Outcome
	Took    time.Duration
}

// Status is what is known at one moment. Times are zero for what did not happen yet.
type Status struct {
	Live   Release
	Seen   string    // the newest commit
	Behind time.Time // when a commit was first seen that is not live yet; zero if Seen is live

	Success   time.Time     // end of the last fetch and build without an error
	Failure   time.Time     // of the last error
	LastError string        // "" after a success
	Failures  int           // in a row
	Took      time.Duration // of the last release that was published, from fetching on
	Pinned    bool
}

// Lag is how long a commit has waited to be served.
func (s *Status) Lag(now time.Time) time.Duration {
	if s.Behind.IsZero() {
		return 0
	}
	return max(0, now.Sub(s.Behind)) // clocks are set back
}
