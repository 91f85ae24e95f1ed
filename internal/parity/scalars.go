package parity

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/route"
)

// scalars judges values that differ, and notes by which rules they may.
type scalars struct {
	comparer *Comparer
	question question
	rules    []Rule
}

func (s *scalars) verdict() Verdict {
	if len(s.rules) == 0 {
		return Verdict{Outcome: Equal}
	}
	return listed(s.rules...)
}

// same implements the function of [samejson.DiffFunc].
func (s *scalars) same(at string, got, want json.Token) bool {
	name := path.Base(at)
	ours, isText := got.(string)
	old, isTextToo := want.(string)

	switch bothTexts := isText && isTextToo; {
	case bothTexts && name == "href":
		return s.comparer.New.Relative(ours) == s.comparer.Old.Relative(old)
	case bothTexts && s.isTime(name):
		return isNear(ours, old, s.comparer.Tolerance)
	case s.question.id == route.Search && name == "availability" && got == "unknown" && want == "available":
		s.rules = append(s.rules, UnknownNode)
		return true
	case !s.isOurs(at) && isText != isTextToo && got != nil && want != nil && fmt.Sprint(got) == fmt.Sprint(want):
		s.rules = append(s.rules, OwnType)
		return true
	}
	return false
}

// isOurs reports whether a member comes from the service, not from a file of the
// reference repository.
func (s *scalars) isOurs(at string) bool {
	return s.question.isLive() && s.question.id != route.Search ||
		slices.Contains([]string{"/total", "/offset", "/version", "/timestamp"}, at)
}

// isTime reports whether a member is a time at which a service looked: at the
// reservation system, or at the clock, for the default window of flavors.
func (s *scalars) isTime(name string) bool {
	switch s.question.id {
	case route.NodeAvailability, route.SiteAvailability:
		return name == "last_updated" || name == "last_synced"
	case route.FlavorAvailability:
		return (name == "start" || name == "end") && !s.question.hasWindow()
	}
	return false
}

// zoneless is a time of a flavor's availability.
const zoneless = "2006-01-02T15:04:05"

// isNear reports whether two times have the same form, and differ by at most the
// tolerance.
func isNear(got, want string, tolerance time.Duration) bool {
	for _, zone := range []string{"Z", "+00:00", ""} {
		a, ok := strings.CutSuffix(got, zone)
		b, okToo := strings.CutSuffix(want, zone)
		if !ok || !okToo {
			continue
		}
		x, err := time.Parse(zoneless, a)
		y, errToo := time.Parse(zoneless, b)
		return err == nil && errToo == nil && x.Sub(y).Abs() <= tolerance
	}
	return false
}
