package blazar

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
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
	var reauth *gophercloud.ErrUnableToReauthenticate
	if errors.As(err, &reauth) {
		try.doing, try.keystone = try.doing+": reauthenticate", true
		err = reauth.ErrReauth
	}

	reason, detail := c.classify(ctx, try, err)
	e := &availability.Error{Reason: reason, Err: fmt.Errorf("cloud %q: %s: %w", c.options.Cloud, try.doing, detail)}
	var status gophercloud.ErrUnexpectedResponseCode
	if errors.As(err, &status) {
		e.RetryAfter = retryAfter(status.ResponseHeader.Get("Retry-After"), c.options.Now())
	}

	switch reason {
	case availability.ReasonAuth, availability.ReasonNotFound, availability.ReasonNetwork, availability.ReasonTLS:
		c.forget(s) // a new token, catalog or connection may fix it
	}

	if advice := c.advice(s, try, e); advice != "" {
		return hint.Wrap(e, "%s", advice)
	}

	return e
}

// classify returns the reason of a failure, and its text.
func (c *Client) classify(ctx context.Context, try operation, err error) (availability.Reason, error) {
	var (
		status  gophercloud.ErrUnexpectedResponseCode
		form    *malformed
		policy  *policyError
		large   *overLimit
		request *url.Error
		cut     *readError
		network net.Error
	)

	switch {
	case errors.As(err, &status):
		return classifyStatus(status, try)
	case errors.As(err, &policy):
		return availability.ReasonForbidden, policy
	case errors.As(err, &large):
		return availability.ReasonTooLarge, large
	case errors.As(err, &form):
		return availability.ReasonResponse, form
	}

	// Drop the URL, which may contain the project's id.
	if errors.As(err, &request) {
		err = request.Err
	}

	switch {
	case ctx.Err() != nil:
		return availability.ReasonTimeout, fmt.Errorf("no response in time: %w", ctx.Err())
	case isTLS(err):
		return availability.ReasonTLS, err
	case errors.As(err, &network) && network.Timeout():
		return availability.ReasonTimeout, fmt.Errorf("no response in time: %w", err)
	case errors.As(err, &cut):
		return availability.ReasonNetwork, cut
	case isJSON(err):
		// A body that gophercloud decoded.
		return availability.ReasonResponse, &malformed{err: err}

	case isNetwork(err):
		return availability.ReasonNetwork, err
	case try.fallback != "":
		return try.fallback, err
	}

	return availability.ReasonNetwork, err
}

// classifyStatus is classify for a response with an unexpected status.
func classifyStatus(status gophercloud.ErrUnexpectedResponseCode, try operation) (availability.Reason, error) {
	text := strconv.Itoa(status.Actual)
	if name := http.StatusText(status.Actual); name != "" {
		text += " " + name
	}

	// The message of a 5xx is left out: it may be a stack trace or the like.
	if message := serviceMessage(status.Body); message != "" && status.Actual < 500 {
		text += ": " + message
	}

	detail := errors.New(text)
	switch code := status.Actual; {
	case code == http.StatusUnauthorized, try.keystone && code == http.StatusBadRequest:
		return availability.ReasonAuth, detail
	case code == http.StatusForbidden:
		if try.rule != "" {
			return availability.ReasonForbidden, newPolicyError(serviceMessage(status.Body), try.rule)
		}
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

// advice returns a hint for the operator, "" for none.
func (c *Client) advice(s *session, try operation, e *availability.Error) string {
	reason := e.Reason
	file := "clouds.yaml"
	if s != nil {
		file = s.cloud.File
	}

	switch {
	case reason == availability.ReasonAuth:
		return fmt.Sprintf("check the credentials of %q in %s; the application credential may have expired, or its user may have lost the role", c.options.Cloud, file)
	case reason == availability.ReasonForbidden && try.rule != "":
		return fmt.Sprintf("Blazar's stock policy lets only admins read: allow %s in its policy.yaml, or give this user the admin role", try.rule)
	case reason == availability.ReasonNotFound && try.keystone:
		return fmt.Sprintf("check auth_url of %q in %s", c.options.Cloud, file)
	case reason == availability.ReasonNotFound:
		return "check the endpoint in Keystone's catalog: openstack catalog list"
	case reason == availability.ReasonTLS:
		return fmt.Sprintf("cacert: of %q in %s names the file of a certificate authority", c.options.Cloud, file)
	}

	var large *overLimit
	if errors.As(e, &large) && large.key != "" {
		return fmt.Sprintf("if this is Blazar, raise the limit %s in [availability]", large.key)
	}

	return ""
}

// isTLS reports whether the certificate is not trusted, or TLS not spoken.
func isTLS(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		unknown      x509.UnknownAuthorityError
		record       tls.RecordHeaderError
		op           *net.OpError
	)
	return errors.As(err, &verification) || errors.As(err, &unknown) || errors.As(err, &record) ||
		errors.Is(err, http.ErrSchemeMismatch) ||
		errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error") // TLS alerts
}

func isJSON(err error) bool {
	var (
		syntax *json.SyntaxError
		typed  *json.UnmarshalTypeError
	)
	return errors.As(err, &syntax) || errors.As(err, &typed) || errors.Is(err, io.ErrUnexpectedEOF)
}

func isNetwork(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) || errors.Is(err, io.EOF)
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
