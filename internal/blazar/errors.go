package blazar

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hint"
)

// operation describes what was attempted, for the error if it fails.
type operation struct {
	doing    string
	rule     string // the policy rule that allows it
	keystone bool   // it is an authentication
	// fallback is the reason where the error does not determine one; "" means network.
	fallback availability.Reason
}

// maxRetryAfter keeps a bad header from stopping requests to a site for good.
const maxRetryAfter = 24 * time.Hour

// failure makes the error of a failed operation. The text of gophercloud's errors is
// never included, since it quotes URLs and bodies. The session may be nil.
func (c *Client) failure(ctx context.Context, s *session, try operation, err error) error {
	if reauth, ok := errors.AsType[*gophercloud.ErrUnableToReauthenticate](err); ok {
		try.doing, try.keystone = try.doing+": reauthenticate", true
		err = reauth.ErrReauth
	}
	if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
		err = tooLarge("max_answer_mib", "the response is longer than %d bytes", large.Limit)
	}

	reason, detail := classify(ctx, try, err)
	e := &availability.Error{Reason: reason, Err: fmt.Errorf("cloud %q: %s: %w", c.cloud, try.doing, detail)}
	if status, ok := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err); ok {
		e.RetryAfter = retryAfter(status.ResponseHeader.Get("Retry-After"), c.env.Now())
	}

	switch reason {
	case availability.ReasonAuth, availability.ReasonNotFound, availability.ReasonNetwork, availability.ReasonTLS:
		c.forget(s) // a new token, catalog or connection may fix it
	}

	if advice := cmp.Or(c.advice(s, try, reason), hint.Of(err)); advice != "" {
		return hint.Wrap(e, "%s", advice)
	}

	return e
}

// classify returns the reason of a failure, and its text.
func classify(ctx context.Context, try operation, err error) (availability.Reason, error) {
	if status, ok := errors.AsType[gophercloud.ErrUnexpectedResponseCode](err); ok {
		return classifyStatus(status, try)
	}
	if policy, ok := errors.AsType[*policyError](err); ok {
		return availability.ReasonForbidden, policy
	}
	if known, ok := errors.AsType[*availability.Error](err); ok {
		return known.Reason, known.Err
	}

	// Drop the URL, which may contain the project's id.
	if request, ok := errors.AsType[*url.Error](err); ok {
		err = request.Err
	}

	network, isNetwork := errors.AsType[net.Error](err)
	switch {
	case ctx.Err() != nil:
		return availability.ReasonTimeout, fmt.Errorf("no response in time: %w", ctx.Err())
	case isTLS(err):
		return availability.ReasonTLS, err
	case isNetwork && network.Timeout():
		return availability.ReasonTimeout, fmt.Errorf("no response in time: %w", err)
	case is[*json.SyntaxError](err), is[*json.UnmarshalTypeError](err): // of a body that gophercloud decoded
		return classify(ctx, try, malformed("", err))
	case is[*net.OpError](err), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return availability.ReasonNetwork, err
	}

	return cmp.Or(try.fallback, availability.ReasonNetwork), err
}

// is reports whether an error wraps one of a type.
func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// isTLS reports whether the certificate is not trusted, or TLS not spoken.
func isTLS(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	alert := ok && (op.Op == "remote error" || op.Op == "local error")
	return alert || is[*tls.CertificateVerificationError](err) || is[x509.UnknownAuthorityError](err) ||
		is[tls.RecordHeaderError](err) || errors.Is(err, http.ErrSchemeMismatch)
}

// classifyStatus is classify for a response with an unexpected status.
func classifyStatus(status gophercloud.ErrUnexpectedResponseCode, try operation) (availability.Reason, error) {
	text := strings.TrimSpace(strconv.Itoa(status.Actual) + " " + http.StatusText(status.Actual))
	message := serviceMessage(status.Body)
	// The message of a 5xx is left out: it may be a stack trace or the like.
	if message != "" && status.Actual < 500 {
		text += ": " + message
	}

	detail := errors.New(text)
	switch code := status.Actual; {
	case code == http.StatusUnauthorized, try.keystone && code == http.StatusBadRequest:
		return availability.ReasonAuth, detail
	case code == http.StatusForbidden && try.rule != "":
		return availability.ReasonForbidden, newPolicyError(message, try.rule)
	case code == http.StatusForbidden:
		return availability.ReasonForbidden, detail
	case code == http.StatusNotFound:
		return availability.ReasonNotFound, detail
	case code == http.StatusTooManyRequests, code == 498: // 498 is from Swift's rate limiter
		return availability.ReasonRateLimit, detail
	case code >= 500:
		return availability.ReasonServer, detail
	}

	return availability.ReasonResponse, detail
}

// policyError is a 403 by a service's policy.
type policyError struct {
	rules  []string // that would allow the request
	detail string   // the service's message, where it names no rule
}

func (p *policyError) Error() string {
	text := "403 Forbidden: "
	if p.detail != "" {
		text += p.detail + ": "
	}
	return text + "policy.yaml must allow " + strings.Join(p.rules, " and ")
}

// policyText matches the message of oslo.policy for a denied request.
var policyText = regexp.MustCompile(`^Policy doesn't allow ([a-z0-9_:-]+) to be performed\.?$`)

// newPolicyError names the rule in the service's message, else the one that the
// service is documented to check.
func newPolicyError(message, rule string) *policyError {
	if m := policyText.FindStringSubmatch(message); m != nil {
		return &policyError{rules: []string{m[1]}}
	}
	return &policyError{rules: []string{rule}, detail: message}
}

// malformed is the error for a response that is not in the service's format, or exceeds
// a bound.
func malformed(contentType string, err error) error {
	if is[*availability.Error](err) {
		return err
	}

	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		kind, _, err := mime.ParseMediaType(contentType)
		if err != nil {
			kind = "unknown"
		}
		// The text of the error is left out: it quotes the response.
		return availability.Failf(availability.ReasonResponse,
			"response is not JSON at byte %d; its content type is %s", syntax.Offset, sanitize(kind))
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return availability.Failf(availability.ReasonResponse, "unexpected end of JSON")
	}

	return availability.Failf(availability.ReasonResponse, "%w", err)
}

// tooLarge is the error for a response that exceeds a bound. key is the one in
// [availability] that sets it, "" for none.
func tooLarge(key, format string, args ...any) error {
	err := availability.Failf(availability.ReasonTooLarge, format, args...)
	if key == "" {
		return err
	}
	return hint.Wrap(err, "if this is Blazar, raise the limit %s in [availability]", key)
}

func tooMany(limit int, what, key string) error {
	return tooLarge(key, "the response has more than %d %s", limit, what)
}

// advice returns a hint for the operator, "" for none.
func (c *Client) advice(s *session, try operation, reason availability.Reason) string {
	file := "clouds.yaml"
	if s != nil {
		file = s.cloud.File
	}

	switch {
	case reason == availability.ReasonAuth:
		return fmt.Sprintf("check the credentials of %q in %s; the application credential may have expired, or its "+
			"user may have lost the role", c.cloud, file)
	case reason == availability.ReasonForbidden && try.rule != "":
		return fmt.Sprintf("Blazar's stock policy lets only admins read: allow %s in its policy.yaml, or give this "+
			"user the admin role", try.rule)
	case reason == availability.ReasonNotFound && try.keystone:
		return fmt.Sprintf("check auth_url of %q in %s", c.cloud, file)
	case reason == availability.ReasonNotFound:
		return "check the endpoint in Keystone's catalog: openstack catalog list"
	case reason == availability.ReasonTLS:
		return fmt.Sprintf("cacert: of %q in %s names the file of a certificate authority", c.cloud, file)
	}

	return ""
}

// retryAfter reads the header of RFC 9110, section 10.2.3: seconds or a date.
func retryAfter(header string, now time.Time) time.Duration {
	var wait time.Duration
	if seconds, err := strconv.ParseUint(header, 10, 32); err == nil {
		wait = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		wait = at.Sub(now)
	}
	return max(0, min(wait, maxRetryAfter))
}
