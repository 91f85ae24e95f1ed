package parity

import (
	"slices"
	"time"
)

// Report is the result of a walk.
type Report struct {
	Old     string    `json:"old"`
	New     string    `json:"new"`
	Commit  string    `json:"commit"` // of the legacy service
	Started time.Time `json:"started"`
	Ended   time.Time `json:"ended"`

	Compared int   `json:"compared"`
	Equal    int   `json:"equal"`
	Skipped  int   `json:"skipped"`
	Resumed  int   `json:"resumed"` // of the compared ones, before this run
	Bytes    int64 `json:"bytes"`   // of the legacy service's bodies
	Foreign  int   `json:"foreign"` // links to other servers, which are not followed

	// Incomplete says why the walk ended early; "" if it did not.
	Incomplete string       `json:"incomplete,omitempty"`
	Listed     []Deliberate `json:"listed"`
	Differ     []Finding    `json:"differ"`
	Failed     []Finding    `json:"failed"`
}

// Deliberate counts the answers that differ by one of the contract's rules.
type Deliberate struct {
	Rule    Rule   `json:"rule"`
	Reason  string `json:"reason"`
	Count   int    `json:"count"`
	Example string `json:"example"` // path
}

// Finding is an answer that differs, or is missing.
type Finding struct {
	Path   string `json:"path"`
	Detail string `json:"detail"`
}

// IsEqual reports whether both services are equal as far as the contract says: all
// answers were compared, and none differs otherwise.
func (r *Report) IsEqual() bool {
	return r.Incomplete == "" && len(r.Differ) == 0 && len(r.Failed) == 0
}

// summarize fills a report.
func (w *walker) summarize(r *Report) {
	r.Compared, r.Bytes, r.Foreign, r.Incomplete = len(w.records), w.bytes, w.foreign, w.stopped
	r.Listed, r.Differ, r.Failed = []Deliberate{}, []Finding{}, []Finding{}

	for _, rec := range w.records {
		switch v := rec.Verdict; v.Outcome {
		case Equal:
			r.Equal++
		case Skipped:
			r.Skipped++
		case Differs:
			r.Differ = append(r.Differ, Finding{rec.Path, v.Detail})
		case Failed:
			r.Failed = append(r.Failed, Finding{rec.Path, v.Detail})
		case Listed:
			for _, rule := range v.Rules {
				r.count(rule, rec.Path)
			}
		}
	}
	slices.SortFunc(r.Listed, func(a, b Deliberate) int { return int(a.Rule - b.Rule) })
}

// count counts an answer that differs by a rule.
func (r *Report) count(rule Rule, path string) {
	for i := range r.Listed {
		if r.Listed[i].Rule == rule {
			r.Listed[i].Count++
			return
		}
	}
	r.Listed = append(r.Listed, Deliberate{Rule: rule, Reason: rule.Reason(), Count: 1, Example: path})
}
