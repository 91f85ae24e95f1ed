package webhook

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Examples that senders publish: of GitHub's documentation, and of the libraries for
// Standard Webhooks.
const (
	githubSecret = "It's a Secret to Everybody"
	githubBody   = "Hello, World!"
	githubSum    = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"

	standardSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
	standardBody   = `{"test": 2432232314}`
	standardID     = "msg_p5jXN8AQM9LWM0D4loKWxJek"
	standardTime   = "1614265330"
	standardSum    = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
)

// receiver is a receiver with the secrets of the examples at the time of one.
type receiver struct {
	Receiver
	pushes   int
	outcomes []Outcome
	log      bytes.Buffer
	now      time.Time
}

func newReceiver(t testing.TB) *receiver {
	t.Helper()
	secrets, err := ParseSecrets([]byte("\n" + githubSecret + "\r\n" + standardSecret + "\n"))
	if err != nil {
		t.Fatal(err)
	}

	r := &receiver{now: time.Unix(1614265330, 0)}
	r.Receiver = Receiver{
		Secrets: secrets,
		Push:    func() { r.pushes++ },
		Observe: func(o Outcome) { r.outcomes = append(r.outcomes, o) },
		Now:     func() time.Time { return r.now },
		Log:     slog.New(slog.NewTextHandler(&r.log, nil)),
	}
	return r
}

// send sends a request with headers, and returns the answer.
func (r *receiver) send(method, body string, headers ...string) (int, string) {
	req := httptest.NewRequest(method, Path, strings.NewReader(body))
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	return w.Code, strings.TrimSpace(w.Body.String())
}

func TestReceive(t *testing.T) {
	t.Parallel()
	signed := []string{"Webhook-Id: " + standardID, "Webhook-Timestamp: " + standardTime}
	standard := append([]string{"X-Gitlab-Event: Push Hook", "Webhook-Signature: v1,AAAA " + standardSum + " v2,x"},
		signed...)
	for name, tt := range map[string]struct {
		method, body string
		headers      []string
		age          time.Duration
		status       int
		text         string
	}{
		"GitHub": {body: githubBody, headers: []string{"X-GitHub-Event: push", "X-Hub-Signature-256: " + githubSum},
			status: 202, text: "accepted"},
		"GitHub, another body": {body: githubBody + " ", headers: []string{"X-Hub-Signature-256: " + githubSum},
			status: 403, text: "refused: signed with another secret"},
		"GitHub, a ping": {body: githubBody, headers: []string{"X-GitHub-Event: ping", "X-Hub-Signature-256: " + githubSum},
			status: 200, text: "ignored: not a push"},
		"GitHub, half a signature": {body: githubBody, headers: []string{"X-Hub-Signature-256: " + githubSum[:30]},
			status: 403, text: "refused: signed with another secret"},
		"GitHub, an empty signature": {body: githubBody, headers: []string{"X-Hub-Signature-256: sha256="},
			status: 403, text: "refused: signed with another secret"},
		"GitHub's old signature": {body: githubBody, headers: []string{"X-Hub-Signature: sha1=aa"},
			status: 403, text: "refused: not signed: set the secret of the webhook"},
		"GitLab's token": {body: "{}", headers: []string{"X-Gitlab-Event: Push Hook", "X-Gitlab-Token: " + githubSecret},
			status: 202, text: "accepted"},
		"GitLab, another token": {body: "{}", headers: []string{"X-Gitlab-Token: " + githubSecret + "!"},
			status: 403, text: "refused: signed with another secret"},
		"GitLab, another event": {body: "{}", headers: []string{"X-Gitlab-Event: Note Hook",
			"X-Gitlab-Token: " + githubSecret}, status: 200, text: "ignored: not a push"},
		"GitLab's signature": {body: standardBody, headers: standard, age: maxAge, status: 202, text: "accepted"},
		"GitLab's signature, and a token of nobody": {body: standardBody,
			headers: append(standard, "X-Gitlab-Token: none"), status: 202, text: "accepted"},
		"GitLab's signature, late": {body: standardBody, headers: standard, age: maxAge + time.Second, status: 403,
			text: "refused: signed 5m1s ago, more than 5m0s: an old copy, or a wrong clock"},
		"GitLab's signature, early": {body: standardBody, headers: standard, age: -maxAge - time.Second, status: 403,
			text: "refused: signed -5m1s ago, more than 5m0s: an old copy, or a wrong clock"},
		"GitLab's signature, another id": {body: standardBody, headers: append(standard, "Webhook-Id: msg_2"), status: 403,
			text: "refused: signed with another secret"},
		"GitLab's signature, no time": {body: standardBody, headers: append(standard, "Webhook-Timestamp: now"),
			status: 403, text: "refused: signed with another secret"},
		"no signature": {body: githubBody, headers: []string{"X-GitHub-Event: push"},
			status: 403, text: "refused: not signed: set the secret of the webhook"},
		"too large": {body: strings.Repeat("x", MaxBody+1), headers: []string{"X-Hub-Signature-256: " + githubSum},
			status: 413, text: "too large"},
		"a GET": {method: http.MethodGet, headers: []string{"X-Gitlab-Token: " + githubSecret},
			status: 405, text: "use POST"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReceiver(t)
			r.now = r.now.Add(tt.age)
			method := http.MethodPost
			if tt.method != "" {
				method = tt.method
			}

			status, text := r.send(method, tt.body, tt.headers...)
			if status != tt.status || text != tt.text {
				t.Errorf("answered %d %q, want %d %q", status, text, tt.status, tt.text)
			}
			if (r.pushes == 1) != (status == http.StatusAccepted) || len(r.outcomes) != 1 {
				t.Errorf("%d pushes, outcomes %q", r.pushes, r.outcomes)
			}
			if strings.Contains(r.log.String(), githubSecret) {
				t.Errorf("the log has a secret: %s", r.log.String())
			}
		})
	}
}

// A body whose length is not announced ends at the limit, too.
func TestUnannouncedLength(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	req := httptest.NewRequest(http.MethodPost, Path, io.LimitReader(endless{}, MaxBody+1))
	req.Header.Set("X-Hub-Signature-256", githubSum)
	w := httptest.NewRecorder()
	r.ServeHTTP(w, req)
	if req.ContentLength >= 0 || w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("length %d, answered %d %s", req.ContentLength, w.Code, w.Body)
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

// A copy of a notification does nothing, also under another delivery id, which is not
// signed.
func TestReplay(t *testing.T) {
	t.Parallel()
	r := newReceiver(t)
	for i := range 3 {
		r.send("POST", githubBody, "X-Hub-Signature-256: "+githubSum, fmt.Sprint("X-GitHub-Delivery: ", i))
		r.send("POST", standardBody, "Webhook-Signature: "+standardSum, "Webhook-Id: "+standardID,
			"Webhook-Timestamp: "+standardTime)
		r.send("POST", "", "X-Gitlab-Token: "+githubSecret, "Idempotency-Key: one")
	}
	if r.pushes != 3 {
		t.Errorf("%d pushes, want one of each kind", r.pushes)
	}

	// Without a name, no two notifications are known to be the same.
	for range 2 {
		r.send("POST", "", "X-Gitlab-Token: "+githubSecret)
	}
	if r.pushes != 5 {
		t.Errorf("%d pushes, want 5", r.pushes)
	}

	// Others take the place of old ones in memory.
	for i := range 3 * maxRecent {
		r.send("POST", "", "X-Gitlab-Token: "+githubSecret, fmt.Sprint("Idempotency-Key: ", i))
	}
	if n := len(r.seen.known); n != maxRecent {
		t.Errorf("%d notifications are remembered, want %d", n, maxRecent)
	}
}

func TestParseSecrets(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                         "there is no secret in it",
		" \n\n":                    "there is no secret in it",
		"short":                    "a secret has 5 characters, want at least 16",
		"whsec_not base64, really": "the part of a signing token after whsec_ is not base64",
	} {
		if _, err := ParseSecrets([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// FuzzReceive: who does not know a secret causes no push and no panic.
func FuzzReceive(f *testing.F) {
	f.Add("POST", githubBody, githubSum, standardSum, standardID, standardTime, "token")
	f.Add("PUT", standardBody, "sha256=", "v1, v1,=", "", "-9223372036854775808", "")
	f.Fuzz(func(t *testing.T, method, body, github, standard, id, seconds, token string) {
		r := newReceiver(t)
		secrets, err := ParseSecrets([]byte("nobody knows this one\nwhsec_bm9ib2R5IGtub3dzIHRoaXMgb25l"))
		if err != nil {
			t.Fatal(err)
		}
		r.Secrets = secrets
		req := httptest.NewRequest("POST", Path, strings.NewReader(body))
		req.Method = method
		for name, value := range map[string]string{githubHeader: github, standardHeader: standard, tokenHeader: token,
			"Webhook-Id": id, "Webhook-Timestamp": seconds} {
			req.Header[name] = []string{value}
		}

		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		if r.pushes > 0 || w.Code < 400 {
			t.Errorf("answered %d %s", w.Code, w.Body)
		}
	})
}
