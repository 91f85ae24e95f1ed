package blazar

import (
	"cmp"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/http/httpproxy"
)

const (
	// maxSmallBody bounds responses that are always short, in bytes: those about
	// flavors, and Keystone's.
	maxSmallBody = 4 << 20
	// maxErrorBody bounds the body of an error, which gophercloud reads completely.
	maxErrorBody = 64 << 10
)

// newTransport returns the transport for one cloud's services. limit bounds a response
// in bytes.
func newTransport(getenv func(string) string, limit int64, config *tls.Config) http.RoundTripper {
	either := func(upper, lower string) string { return cmp.Or(getenv(upper), getenv(lower)) }
	proxies := httpproxy.Config{
		HTTPProxy:  either("HTTP_PROXY", "http_proxy"),
		HTTPSProxy: either("HTTPS_PROXY", "https_proxy"),
		NoProxy:    either("NO_PROXY", "no_proxy"),
	}

	proxy := proxies.ProxyFunc()
	return &limitedTransport{max: min(limit, maxSmallBody), Transport: &http.Transport{
		Proxy:                  func(r *http.Request) (*url.URL, error) { return proxy(r.URL) },
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}}
}

// limitKey is the context key for the limit of a response.
type limitKey struct{}

// withLimit limits the response to a GET, in bytes.
func withLimit(ctx context.Context, limit int64) context.Context {
	return context.WithValue(ctx, limitKey{}, limit)
}

// limitedTransport limits every response's length, after decompression. Requests that
// gophercloud makes on its own have the lower limit: tokens with their catalog.
type limitedTransport struct {
	*http.Transport
	max int64 // where the context has no limit
}

// RoundTrip implements [http.RoundTripper]. The body of an error response is truncated
// at its limit, while that of a success fails.
func (t *limitedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := t.Transport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		resp.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(resp.Body, maxErrorBody), resp.Body}
		return resp, nil
	}

	// gophercloud may request a new token, by POST, with the context of a GET.
	limit := t.max
	if larger, ok := r.Context().Value(limitKey{}).(int64); ok && r.Method == http.MethodGet {
		limit = larger
	}

	resp.Body = http.MaxBytesReader(nil, resp.Body, limit)
	return resp, nil
}
