// Package parity compares a legacy service of the reference API with this one, by the
// rules of the contract: equal statuses, the same members in the same order and equal
// values, but for the contract's list of deliberate differences. [Walk] follows the
// links of the legacy service, and [Comparer.Compare] judges a pair of answers.
package parity

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/samejson"
)

// Answer is what a service answers to a GET.
type Answer struct {
	Status    int
	Location  string // of a redirect
	MediaType string // without parameters
	Body      []byte
}

// Service is a service that is asked.
type Service interface {
	// Get asks for a path, with its query, below the service's root. The error is for
	// an answer that did not come, or not completely.
	Get(ctx context.Context, path string) (*Answer, error)
	// Relative returns a link without the service's own URL or path prefix, if it has
	// one of them, and else as it is.
	Relative(href string) string
}

// Outcome is how two answers compare.
type Outcome string

// The outcomes.
const (
	Equal   Outcome = "equal"
	Listed  Outcome = "listed"  // they differ as the contract says
	Differs Outcome = "differs" // they differ otherwise
	Skipped Outcome = "skipped" // they are not compared
	Failed  Outcome = "failed"  // there is no answer to compare
)

// Verdict is the result of a comparison.
type Verdict struct {
	Outcome Outcome `json:"outcome"`
	Rules   []Rule  `json:"rules,omitempty"` // by which listed answers differ
	Detail  string  `json:"detail,omitempty"`
}

// notLive is the verdict about live answers where only files are compared.
var notLive = Verdict{Outcome: Skipped, Detail: "the live service is not compared"}

// Comparer judges answers.
type Comparer struct {
	Old, New Service
	// Head is the commit that both serve, "" if that is not known.
	Head string
	// Tolerance is by how much times of live answers may differ.
	Tolerance time.Duration
	// NoLive leaves out answers that only the live service has.
	NoLive bool
}

// Compare judges two answers to a path.
func (c *Comparer) Compare(ctx context.Context, path string, old, ours *Answer) Verdict {
	q := newQuestion(path)
	switch {
	case q.isDescription():
		return Verdict{Outcome: Skipped, Detail: "the description of the API is each service's own"}
	case c.NoLive && (q.isLive() || q.isVersion() && ours.Status == http.StatusServiceUnavailable):
		return notLive
	case old.Status != ours.Status && !(isRedirect(old) && isRedirect(ours)):
		return c.compareStatus(q, old, ours)
	case isRedirect(old):
		return c.compareLocation(old, ours)
	case old.Status != http.StatusOK && old.Status != http.StatusUnprocessableEntity:
		return compareDetail(old, ours)
	case !isJSON(old):
		return differs("the legacy service answers with %q, not JSON", old.MediaType)
	case !isJSON(ours):
		return differs("the answer is %q, want JSON", ours.MediaType)
	}

	return c.compareBodies(ctx, q, old, ours)
}

func differs(format string, args ...any) Verdict {
	return Verdict{Outcome: Differs, Detail: fmt.Sprintf(format, args...)}
}

func listed(rules ...Rule) Verdict {
	slices.Sort(rules)
	return Verdict{Outcome: Listed, Rules: slices.Compact(rules)}
}

func isJSON(a *Answer) bool { return a.MediaType == route.JSONType }

func isRedirect(a *Answer) bool { return a.Status/100 == 3 && a.Status != http.StatusNotModified }

// compareStatus judges answers with different statuses.
func (c *Comparer) compareStatus(q question, old, ours *Answer) Verdict {
	missing := ours.Status == http.StatusNotFound
	switch {
	case q.isOdd() && (missing || ours.Status == http.StatusBadRequest):
		return listed(OddPath)
	case old.Status == http.StatusInternalServerError && ours.Status < http.StatusInternalServerError:
		return listed(q.crashRule())
	case q.hasWindow() && ours.Status == http.StatusUnprocessableEntity && old.Status == http.StatusOK &&
		strings.Contains(string(ours.Body), `"value_error"`):
		return listed(Times)
	case q.isCollectionVersion() && old.Status == http.StatusNotFound &&
		(ours.Status == http.StatusOK || ours.Status == http.StatusTemporaryRedirect):
		return listed(CollectionVersion)
	case q.isListed() && missing && isEmptyList(old):
		return listed(MissingParent)
	case q.isVersion() && old.Status == http.StatusOK && (missing || ours.Status == http.StatusTemporaryRedirect) &&
		c.isOtherVersion(q, old):
		return listed(OtherVersion)
	}

	return differs("status %d, want %d: %s", ours.Status, old.Status, excerpt(ours.Body))
}

// isEmptyList reports whether an answer is a collection of nothing.
func isEmptyList(a *Answer) bool {
	var list struct {
		Total *int              `json:"total"`
		Items []json.RawMessage `json:"items"`
	}
	return a.Status == http.StatusOK && json.Unmarshal(a.Body, &list) == nil &&
		list.Total != nil && *list.Total == 0 && list.Items != nil && len(list.Items) == 0
}

// isOtherVersion reports whether the legacy service answered with another version than
// it was asked for. HEAD's hash is the one that every item links to, so it must answer.
func (c *Comparer) isOtherVersion(q question, old *Answer) bool {
	var version struct{ UID string }
	err := json.Unmarshal(old.Body, &version)
	return err == nil && version.UID != q.version() && q.version() != c.Head
}

// compareLocation judges two redirects: to the same path, by whichever status.
func (c *Comparer) compareLocation(old, ours *Answer) Verdict {
	if got, want := c.New.Relative(ours.Location), c.Old.Relative(old.Location); got != want {
		return differs("redirects to %q, want %q", got, want)
	}
	return Verdict{Outcome: Equal}
}

// compareDetail judges two errors, of which clients read the detail.
func compareDetail(old, ours *Answer) Verdict {
	var got, want struct {
		Detail *string `json:"detail"`
	}
	if err := json.Unmarshal(old.Body, &want); err != nil || want.Detail == nil {
		return differs("the legacy service's error %d has no detail: %s", old.Status, excerpt(old.Body))
	}
	if err := json.Unmarshal(ours.Body, &got); err != nil || got.Detail == nil || *got.Detail != *want.Detail {
		return differs("detail of the %d: %s, want %q", ours.Status, excerpt(ours.Body), *want.Detail)
	}
	return Verdict{Outcome: Equal}
}

// excerpt is the start of a body, on one line.
func excerpt(body []byte) string {
	const some = 120
	text := strings.Join(strings.Fields(strings.ToValidUTF8(string(body[:min(len(body), some)]), "")), " ")
	if len(body) > some {
		text += " …"
	}
	return text
}

// compareBodies judges two JSON texts.
func (c *Comparer) compareBodies(ctx context.Context, q question, old, ours *Answer) Verdict {
	s := &scalars{comparer: c, question: q}
	diff := samejson.DiffFunc(ours.Body, old.Body, s.same)
	if diff == "" {
		return s.verdict()
	}

	// Only now the slower ways: the answer may be listed otherwise.
	if sorted, ok := c.inOrderOf(ctx, q, old, ours); ok {
		s := &scalars{comparer: c, question: q, rules: []Rule{Sorted}}
		if diff = samejson.DiffFunc(sorted, old.Body, s.same); diff == "" {
			return s.verdict()
		}
	}
	if fewer, ok := withReservationsOf(q, old, ours); ok {
		s := &scalars{comparer: c, question: q, rules: []Rule{MoreReservations}}
		if samejson.DiffFunc(fewer, old.Body, s.same) == "" {
			return s.verdict()
		}
	}

	return differs("%s", diff)
}
