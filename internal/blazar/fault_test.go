package blazar_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/test/blazartest"
)

// fault is what a service does wrong, and what comes of it.
type fault struct {
	path   string
	do     http.HandlerFunc
	reason availability.Reason
	want   string // in the error
	advice string // in the hint
	wait   time.Duration
}

func faults() map[string]fault {
	const (
		hosts, allocations = blazartest.Hosts, blazartest.Allocations
		long               = `{"hypervisor_hostname":"n","id":"1","uid":"0123456789"},`
	)
	return map[string]fault{
		"403 for hosts": {path: hosts, do: blazartest.Forbidden("blazar:oshosts:get"),
			reason: availability.ReasonForbidden,
			want:   "list hosts at http://127.0.0.1:", advice: "stock policy lets only admins read"},
		"403 for allocations": {path: allocations, do: blazartest.Forbidden("blazar:oshosts:get_allocations"),
			reason: availability.ReasonForbidden,
			want:   "403 Forbidden: policy.yaml must allow blazar:oshosts:get_allocations",
			advice: "allow blazar:oshosts:get_allocations"},
		"403 in plain text": {path: hosts, do: blazartest.Text(403, "no"),
			reason: availability.ReasonForbidden, want: "403 Forbidden: policy.yaml must allow blazar:oshosts:get",
			advice: "admins"},
		"404": {path: hosts, do: blazartest.OldBlazarError(404, "Not here."),
			reason: availability.ReasonNotFound, want: "404 Not Found: Not here.", advice: "catalog"},
		"404 of a web server": {path: allocations, do: blazartest.HTML(404),
			reason: availability.ReasonNotFound, want: "list allocations at http://127.0.0.1:", advice: "catalog"},
		"429, seconds": {path: hosts, do: blazartest.Busy("17"), reason: availability.ReasonRateLimit,
			want: "429 Too Many Requests", wait: 17 * time.Second},
		"429, a date": {path: hosts, do: blazartest.Busy("Thu, 01 Jan 2099 00:02:00 GMT"),
			reason: availability.ReasonRateLimit, want: "429", wait: 2 * time.Minute},
		"429, a date of the past": {path: hosts, do: blazartest.Busy("Thu, 01 Jan 1998 00:02:00 GMT"),
			reason: availability.ReasonRateLimit, want: "429"},
		"429, years": {path: hosts, do: blazartest.Busy("4294967295"),
			reason: availability.ReasonRateLimit, want: "429", wait: 24 * time.Hour},
		"429, nonsense": {path: hosts, do: blazartest.Busy("soon"),
			reason: availability.ReasonRateLimit, want: "429"},
		"500": {path: hosts,
			do: blazartest.BlazarError(500,
				"lease "+blazartest.SecretLease), reason: availability.ReasonServer, want: "500 Internal Server Error"},
		"500 of its manager": {path: hosts, do: blazartest.InternalError, reason: availability.ReasonServer,
			want: "500 Internal Server Error"},
		"500 with a traceback": {path: allocations, do: blazartest.Traceback,
			reason: availability.ReasonServer, want: "500 Internal Server Error"},
		"503 while Keystone is down": {path: hosts, do: blazartest.KeystoneDown, reason: availability.ReasonServer,
			want: "503 Service Unavailable"},
		"503 that never ends": {path: hosts, do: endless503, reason: availability.ReasonServer, want: "503"},
		"302": {path: hosts,
			do: http.RedirectHandler("http://127.0.0.1:1/",
				http.StatusFound).ServeHTTP, reason: availability.ReasonResponse, want: "302 Found"},
		"400 of Keystone's middleware": {path: hosts,
			do: blazartest.KeystoneError(400,
				"Bad\r\nthing \x1b[31m 5ec4e7b0a9d84c3f8e21d7c6b5a49382"), reason: availability.ReasonResponse,
			want: "400 Bad Request: Bad thing [31m …"},
		"204": {path: hosts, do: blazartest.Body(204, "", ""),
			reason: availability.ReasonResponse, want: "204"},
		"HTML": {path: hosts, do: blazartest.HTML(200), reason: availability.ReasonResponse,
			want: "not JSON at byte 1; its content type is text/html"},
		"nothing": {path: hosts, do: blazartest.JSON(""), reason: availability.ReasonResponse,
			want: "unexpected end of JSON"},
		"truncated": {path: hosts, do: blazartest.JSON(`{"hosts":[{"id":"1","hyper`),
			reason: availability.ReasonResponse, want: "unexpected end of JSON"},
		"truncated after a row": {path: allocations,
			do:     blazartest.JSON(`{"allocations":[{"resource_id":"1","reservations":[]}`),
			reason: availability.ReasonResponse, want: "unexpected end of JSON"},
		"cut off": {path: hosts, do: blazartest.CutOff(`{"hosts":[`),
			reason: availability.ReasonNetwork, want: "unexpected EOF"},
		"not a JSON object": {path: hosts, do: blazartest.JSON(`[]`), reason: availability.ReasonResponse,
			want: "not a JSON object"},
		"no list": {path: hosts, do: blazartest.JSON(`{"hosts":null}`),
			reason: availability.ReasonResponse, want: `no list "hosts"`},
		"another list": {path: allocations, do: blazartest.JSON(`{"hosts":[]}`),
			reason: availability.ReasonResponse, want: `no list "allocations"`},
		"more than one answer": {path: hosts, do: blazartest.JSON(`{"hosts":[]}{}`),
			reason: availability.ReasonResponse, want: "trailing data"},
		"a bomb of brackets": {path: hosts, do: blazartest.JSON(`{"hosts":` + strings.Repeat("[", 50_000)),
			reason: availability.ReasonResponse},
		"too large": {path: hosts,
			do: blazartest.JSON(`{"hosts":[` + strings.Repeat(long, 5000) +
				`{}]}`), reason: availability.ReasonTooLarge, want: "longer than 100000 bytes", advice: "limit"},
		"without an end": {path: allocations, do: blazartest.Endless(`{"allocations":[`, long, 0),
			reason: availability.ReasonTooLarge, want: "longer than 100000 bytes", advice: "limit"},
		"one endless string": {path: hosts, do: blazartest.Endless(`{"hosts":[{"id":"`, "x", 0),
			reason: availability.ReasonTooLarge, want: "longer than 100000 bytes", advice: "limit"},
		"a trickle": {path: hosts, do: blazartest.Endless(`{"hosts":[`, `{},`, time.Millisecond),
			reason: availability.ReasonTimeout, want: "no response in time"},
		"a hanging connection": {path: hosts, do: blazartest.Hang, reason: availability.ReasonTimeout,
			want: "no response in time"},
		"a connection that is closed": {path: hosts,
			do: func(http.ResponseWriter,
				*http.Request) {
				panic(http.ErrAbortHandler)
			}, reason: availability.ReasonNetwork, want: "EOF"},
	}
}

func endless503(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusServiceUnavailable)
	blazartest.Endless("", "no", 0)(w, r)
}

func TestFaultsOfBlazar(t *testing.T) {
	t.Parallel()
	now := time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, f := range faults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := blazartest.NewCloud(t)
			c := newClient(t, cloud, func(o *availability.Environment) {
				o.Limits.Bytes = 100_000
				o.Now = func() time.Time { return now }
			})

			cloud.Fail(f.path, f.do)
			limit := 20 * time.Second
			if f.reason == availability.ReasonTimeout {
				limit = 100 * time.Millisecond
			}

			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()

			report, err := c.Hosts(ctx)
			if report != nil || err == nil {
				t.Fatalf("got %v and no error", report)
			}

			check(t, err, f)

			// It mends itself.
			cloud.Fail(f.path, nil)
			if _, err := c.Hosts(t.Context()); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// check holds an error against what is wanted, and against what must not be.
func check(t *testing.T, err error, f fault) {
	t.Helper()
	var e *availability.Error
	if !errors.As(err, &e) {
		t.Fatalf("%T is no *availability.Error: %v", err, err)
	}

	if e.Reason != f.reason || e.RetryAfter != f.wait {
		t.Errorf("reason %s, wait %v; want %s, %v: %v", e.Reason, e.RetryAfter, f.reason, f.wait, err)
	}

	text, advice := err.Error(), hint.Of(err)
	if !strings.Contains(text, f.want) || !strings.Contains(text, `cloud "`) {
		t.Errorf("the error %q lacks %q", text, f.want)
	}
	if !strings.Contains(advice, f.advice) {
		t.Errorf("the hint %q lacks %q", advice, f.advice)
	}

	for _, secret := range []string{"gAAAA", blazartest.Secret, blazartest.Password, blazartest.SecretLease,
		blazartest.SecretProject} {
		if strings.Contains(text+advice, secret) {
			t.Errorf("the error has %s: %s (%s)", secret, text, advice)
		}
	}

	if strings.ContainsAny(text, "\n\r\x1b") || len(text) > 500 {
		t.Errorf("not a line: %q", text)
	}
}

func TestFaultsOfKeystone(t *testing.T) {
	t.Parallel()
	const hanging = 100 * time.Millisecond
	for name, f := range map[string]fault{
		"401": {do: blazartest.KeystoneError(401, "The request you have made requires authentication."),
			reason: availability.ReasonAuth,
			want:   "authenticate at http://127.0.0.1:", advice: "check the credentials"},
		"400": {do: blazartest.KeystoneError(400, "Expecting to find domain in project."),
			reason: availability.ReasonAuth, want: "Expecting to find domain"},
		"404": {do: blazartest.HTML(404), reason: availability.ReasonNotFound, want: "404",
			advice: "auth_url"},
		"429": {do: blazartest.Busy("30"), reason: availability.ReasonRateLimit, want: "429",
			wait: 30 * time.Second},
		"500":  {do: blazartest.KeystoneError(500, "oh"), reason: availability.ReasonServer, want: "500"},
		"200":  {do: blazartest.JSON("{}"), reason: availability.ReasonResponse, want: "200"},
		"HTML": {do: blazartest.HTML(201), reason: availability.ReasonResponse, want: "not JSON"},
		"no token": {do: blazartest.Body(201, "application/json", "{}"), reason: availability.ReasonResponse,
			want: "no token"},
		"wrong types": {do: withToken(`{"token":{"catalog":7}}`), reason: availability.ReasonResponse},
		"null":        {do: withToken(`null`), reason: availability.ReasonCatalog, want: "catalog"},
		"empty catalog": {do: withToken(`{"token":{"catalog":[]}}`), reason: availability.ReasonCatalog,
			want: "no public endpoint", advice: "name a project"},
		"invalid endpoint": {
			do: withToken(`{"token":{"catalog":[{"type":"reservation","endpoints":[{"interface":"public",` +
				`"region":"CHI@Test","url":"::"}]}]}}`),
			reason: availability.ReasonCatalog,
		},
		"cut off":        {do: cutOff201, reason: availability.ReasonNetwork, want: "unexpected EOF"},
		"a trickle":      {do: trickle201, reason: availability.ReasonTimeout},
		"hangs":          {do: blazartest.Hang, reason: availability.ReasonTimeout, want: "no response in time"},
		"without an end": {do: endless201, reason: availability.ReasonTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := blazartest.NewCloud(t)
			cloud.Keystone.Fail(f.do)
			c := newClient(t, cloud, func(o *availability.Environment) { o.Limits.Bytes = 100_000 })
			limit := 20 * time.Second

			if f.reason == availability.ReasonTimeout {
				limit = hanging
			}

			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()

			_, err := c.Hosts(ctx)
			check(t, err, f)
			cloud.Keystone.Fail(nil)

			if _, err := c.Hosts(t.Context()); err != nil {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

func withToken(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Subject-Token", "gAAAABtoken")
		blazartest.Body(201, "application/json", body)(w, r)
	}
}

func trickle201(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusCreated)
	blazartest.Endless("", " ", time.Millisecond)(w, r)
}

func cutOff201(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	w.WriteHeader(http.StatusCreated)
	io.WriteString(w, `{"token":{`) // the client may have gone
}

func endless201(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusCreated)
	blazartest.Endless(`{"token":"`, "x", 0)(w, r)
}

func TestKeystoneIsDown(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c := clientOf(t, "auth: {auth_url: '"+server.URL+
		"/v3', application_credential_id: i, application_credential_secret: s}\n")
	_, err := c.Hosts(t.Context())
	check(t, err, fault{reason: availability.ReasonNetwork, want: "connection refused"})
}

// The HTTP timeout ends what no context does.
func TestTimeout(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	c := newClient(t, cloud, func(o *availability.Environment) { o.Timeout = 100 * time.Millisecond })
	cloud.Fail(blazartest.Hosts, blazartest.Hang)
	_, err := c.Hosts(t.Context())
	check(t, err, fault{reason: availability.ReasonTimeout, want: "no response in time"})
	cloud.Fail(blazartest.Hosts, blazartest.Endless(`{"hosts":[`, `{},`, time.Millisecond))
	_, err = c.Hosts(t.Context())
	check(t, err, fault{reason: availability.ReasonTimeout, want: "no response in time"})
}

func TestCatalog(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	region := blazartest.Region
	set := func(e ...blazartest.Endpoint) { cloud.Keystone.SetCatalog(e...) }
	c := newClient(t, cloud)
	want := fault{reason: availability.ReasonCatalog,
		want:   "find the reservation service: Keystone's catalog has no public endpoint for it in region CHI@Test",
		advice: "the catalog has compute, identity"}

	set(blazartest.Endpoint{Type: "identity", Interface: "public", Region: region, URL: "http://127.0.0.1:1"},
		blazartest.Endpoint{Type: "compute", Interface: "public", Region: region, URL: "http://127.0.0.1:1"})
	_, err := c.Hosts(t.Context())
	check(t, err, want)

	for _, e := range []blazartest.Endpoint{
		{Type: "reservation", Interface: "admin", Region: region, URL: cloud.URL},
		{Type: "reservation", Interface: "public", Region: "KVM@Test", URL: cloud.URL},
		{Type: "reservation", Interface: "public", Region: region, URL: strings.TrimSuffix(cloud.URL, "v1") + "v2"},
	} {
		set(e)
		_, err := c.Hosts(t.Context())
		want.advice = "the catalog has reservation"
		check(t, err, want)
	}

	// Without a version in its URL, Blazar is requested to list its versions.
	set(blazartest.Endpoint{Type: "reservation", Interface: "public", Region: region,
		URL: strings.TrimSuffix(cloud.URL, "v1")})
	if _, err := c.Hosts(t.Context()); err != nil {
		t.Error(err)
	}
}

// The library would look for Blazar's version without a context.
func TestDiscoveryEndsWithTheContext(t *testing.T) {
	t.Parallel()
	cloud := blazartest.NewCloud(t)
	hanging := make(chan struct{})
	ctx, expire := expiring(t)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		expire() // not by a clock: on a busy machine that may be before the login
		select {
		case <-r.Context().Done():
		case <-hanging:
		}
	}))

	t.Cleanup(server.Close)
	t.Cleanup(func() { close(hanging) })
	cloud.Keystone.SetCatalog(blazartest.Endpoint{Type: "reservation", Interface: "public",
		Region: blazartest.Region, URL: server.URL})
	_, err := newClient(t, cloud).Hosts(ctx)
	check(t, err, fault{reason: availability.ReasonTimeout,
		want: "find the reservation service: no response in time"})
}

// expiring is a context whose deadline passes when expire is called.
func expiring(t *testing.T) (ctx context.Context, expire func()) {
	done := make(chan struct{})
	return expiringContext{t.Context(), done}, sync.OnceFunc(func() { close(done) })
}

type expiringContext struct {
	context.Context
	done chan struct{}
}

func (c expiringContext) Done() <-chan struct{} { return c.done }

func (c expiringContext) Err() error {
	select {
	case <-c.done:
		return context.DeadlineExceeded
	default:
		return nil
	}
}
