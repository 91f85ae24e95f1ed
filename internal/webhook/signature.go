package webhook

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Secret is what both sides of a webhook know.
type Secret struct {
	text []byte
	key  []byte // of a signing token, else nil
}

// tokenPrefix is how signing tokens begin (Standard Webhooks).
const tokenPrefix = "whsec_"

// minSecret is the length below which a secret can be guessed, in bytes.
const minSecret = 16

// ParseSecrets reads a file with a secret in each line.
func ParseSecrets(text []byte) (secrets []Secret, err error) {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			continue
		}
		if len(line) < minSecret {
			return nil, fmt.Errorf("a secret has %d characters, want at least %d", len(line), minSecret)
		}

		s := Secret{text: line}
		if token, ok := bytes.CutPrefix(line, []byte(tokenPrefix)); ok {
			if s.key, err = base64.StdEncoding.DecodeString(string(token)); err != nil {
				return nil, errors.New("the part of a signing token after " + tokenPrefix + " is not base64")
			}
		}
		secrets = append(secrets, s)
	}

	if len(secrets) == 0 {
		return nil, errors.New("there is no secret in it")
	}
	return secrets, nil
}

// errForbidden is what errors about signatures are.
var errForbidden = errors.New("refused")

// maxAge is how far the time at which a notification was signed may be from now.
const maxAge = 5 * time.Minute

// verify checks that a notification comes from who knows a secret. It returns what a copy
// of the notification would have, too, whatever its headers say that are not signed; "" if
// nothing is.
func (r *Receiver) verify(body io.Reader, h http.Header) (id string, err error) {
	if h.Get(githubHeader) == "" && h.Get(standardHeader) == "" && h.Get(tokenHeader) == "" {
		return "", fmt.Errorf("%w: not signed: set the secret of the webhook", errForbidden)
	}
	if r.hasToken(h.Get(tokenHeader)) {
		return h.Get("Idempotency-Key"), nil
	}

	// The body is hashed as it passes by, once for each secret.
	var expected []expectation
	var hashes []io.Writer
	for _, s := range r.Secrets {
		for _, e := range []expectation{expectGitHub(s, h), expectStandard(s, h)} {
			if len(e.sums) > 0 {
				expected, hashes = append(expected, e), append(hashes, e.hash)
			}
		}
	}
	if len(hashes) > 0 {
		if _, err := io.Copy(io.MultiWriter(hashes...), body); err != nil {
			return "", err
		}
	}

	for _, e := range expected {
		sum := e.hash.Sum(nil)
		for _, want := range e.sums {
			if !hmac.Equal(sum, want) {
				continue
			}
			if e.id == "" {
				return string(sum), nil
			}
			if age := r.Now().Sub(e.signed); age.Abs() > maxAge {
				return "", fmt.Errorf("%w: signed %v ago, more than %v: an old copy, or a wrong clock", errForbidden,
					age.Round(time.Second), maxAge)
			}
			return e.id, nil
		}
	}

	return "", fmt.Errorf("%w: signed with another secret", errForbidden)
}

// Headers with signatures.
const (
	githubHeader   = "X-Hub-Signature-256"
	standardHeader = "Webhook-Signature"
	tokenHeader    = "X-Gitlab-Token" // the secret itself
)

// hasToken compares a token with all secrets in constant time.
func (r *Receiver) hasToken(token string) bool {
	given := sha256.Sum256([]byte(token))
	found := 0
	for _, s := range r.Secrets {
		known := sha256.Sum256(s.text)
		found |= subtle.ConstantTimeCompare(given[:], known[:])
	}
	return found == 1
}

// expectation is a signature that a body may have.
type expectation struct {
	hash   hash.Hash
	sums   [][]byte // one of them; none if the notification has no such signature
	id     string   // "" for none that is signed, and then no time either
	signed time.Time
}

// expectGitHub: the HMAC of the body, in hexadecimal. No header is signed, so the sum is
// the id.
func expectGitHub(s Secret, h http.Header) expectation {
	digits, ok := strings.CutPrefix(h.Get(githubHeader), "sha256=")
	sum, err := hex.DecodeString(digits)
	if !ok || err != nil {
		return expectation{}
	}
	return expectation{hash: hmac.New(sha256.New, s.text), sums: [][]byte{sum}}
}

// expectStandard: the HMAC of id, time and body, as the newer signing tokens of GitLab and
// others have it (Standard Webhooks). There may be several, for keys that are exchanged.
func expectStandard(s Secret, h http.Header) expectation {
	e := expectation{id: h.Get("Webhook-Id")}
	seconds, err := strconv.ParseInt(h.Get("Webhook-Timestamp"), 10, 64)
	if err != nil || e.id == "" || s.key == nil {
		return expectation{}
	}

	e.signed = time.Unix(seconds, 0)
	e.hash = hmac.New(sha256.New, s.key)
	fmt.Fprintf(e.hash, "%s.%s.", e.id, h.Get("Webhook-Timestamp"))
	for text := range strings.FieldsSeq(h.Get(standardHeader)) {
		encoded, ok := strings.CutPrefix(text, "v1,")
		if sum, err := base64.StdEncoding.DecodeString(encoded); ok && err == nil {
			e.sums = append(e.sums, sum)
		}
	}

	return e
}
