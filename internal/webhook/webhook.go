// Package webhook receives the notifications of GitHub, GitLab and those that send the
// same (Forgejo, Gitea): that somebody pushed to a repository. A push is only a reason to
// look at the repository, so nothing of its body is read but to check its signature.
package webhook

import (
	"cmp"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/chameleoncloud/refapi/internal/ops"
)

// Path is where notifications are received.
const Path = "/-/webhook"

// MaxBody is the longest body, that of GitHub and GitLab, in bytes.
const MaxBody = 25 << 20

// Outcome is what became of a request.
type Outcome string

// The outcomes.
const (
	Accepted Outcome = "accepted"
	Repeated Outcome = "repeated" // it was accepted before
	Ignored  Outcome = "ignored"  // not about a push
	Refused  Outcome = "refused"  // not signed with a secret of ours, or not a notification at all
)

// Outcomes are all of them.
func Outcomes() []Outcome { return []Outcome{Accepted, Repeated, Ignored, Refused} }

// Receiver is the handler of Path.
type Receiver struct {
	// Secrets are those that a notification may be signed with: more than one while they
	// are exchanged.
	Secrets []Secret
	// Push is called for each push that was not received before. It must not wait.
	Push func()
	// Observe is called after each request.
	Observe func(Outcome)
	Now     func() time.Time
	Log     *slog.Logger

	seen recent
}

// events are those that say that a branch or a tag has changed, by GitHub and by GitLab.
// One without a name is a push.
var events = map[string]bool{
	"": true, "push": true, "create": true, "delete": true,
	"Push Hook": true, "Tag Push Hook": true, "System Hook": true,
}

// ServeHTTP implements [http.Handler].
func (r *Receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	outcome, status, text := r.receive(w, req)
	if outcome == Refused {
		r.Log.Warn("webhook refused", "from", req.RemoteAddr, "status", status, "error", text)
	} else {
		r.Log.Info("webhook "+string(outcome), "event", event(req), "delivery", delivery(req))
	}
	r.Observe(outcome)
	ops.WriteText(w, status, text)
}

// receive decides on a request.
func (r *Receiver) receive(w http.ResponseWriter, req *http.Request) (_ Outcome, status int, text string) {
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return Refused, http.StatusMethodNotAllowed, "use POST"
	}
	if req.ContentLength > MaxBody {
		return Refused, http.StatusRequestEntityTooLarge, "too large"
	}

	id, err := r.verify(http.MaxBytesReader(w, req.Body, MaxBody), req.Header)
	_, tooLarge := errors.AsType[*http.MaxBytesError](err)
	switch {
	case tooLarge:
		return Refused, http.StatusRequestEntityTooLarge, "too large"
	case errors.Is(err, errForbidden):
		return Refused, http.StatusForbidden, err.Error()
	case err != nil:
		return Refused, http.StatusBadRequest, "cannot read the request"
	case !events[event(req)]:
		return Ignored, http.StatusOK, "ignored: not a push"
	case id != "" && !r.seen.add(id):
		return Repeated, http.StatusOK, "received before"
	}

	r.Push()
	return Accepted, http.StatusAccepted, "accepted"
}

func event(req *http.Request) string {
	return cmp.Or(req.Header.Get("X-GitHub-Event"), req.Header.Get("X-Gitlab-Event"))
}

// delivery is the sender's name of the notification. Senders show it to their users.
func delivery(req *http.Request) string {
	return cmp.Or(req.Header.Get("X-GitHub-Delivery"), req.Header.Get("Webhook-Id"),
		req.Header.Get("X-Gitlab-Event-UUID"))
}
