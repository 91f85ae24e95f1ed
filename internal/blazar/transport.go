package blazar

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// maxErrorBody bounds the body of an error, which gophercloud reads completely.
const maxErrorBody = 64 << 10

// transport returns the transport for one cloud's services.
func transport(options Options, config *tls.Config) http.RoundTripper {
	proxy := proxies(options.Getenv).ProxyFunc()
	return &limitedTransport{max: min(options.MaxBody, maxSmallBody), next: &http.Transport{
		Proxy:                  func(r *http.Request) (*url.URL, error) { return proxy(r.URL) },
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    2,
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}}
}

// proxies reads the usual variables, in upper or lower case.
func proxies(getenv func(string) string) *httpproxy.Config {
	either := func(upper, lower string) string {
		if v := getenv(upper); v != "" {
			return v
		}
		return getenv(lower)
	}
	return &httpproxy.Config{
		HTTPProxy:  either("HTTP_PROXY", "http_proxy"),
		HTTPSProxy: either("HTTPS_PROXY", "https_proxy"),
		NoProxy:    either("NO_PROXY", "no_proxy"),
		CGI:        getenv("REQUEST_METHOD") != "",
	}
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
	next *http.Transport
	max  int64 // where the context has no limit
}

// RoundTrip implements [http.RoundTripper]. The body of an error response is truncated
// at its limit, while that of a success fails.
func (b *limitedTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		resp.Body = &limitedBody{ReadCloser: resp.Body, left: maxErrorBody, over: io.EOF}
		return resp, nil
	}

	// gophercloud may request a new token, by POST, with the context of a GET.
	limit := b.max
	if larger, ok := r.Context().Value(limitKey{}).(int64); ok && r.Method == http.MethodGet {
		limit = larger
	}

	limited := &limitedBody{ReadCloser: resp.Body, left: limit, over: tooLongError(limit)}
	if resp.ContentLength > limit {
		limited.left = 0
	}

	resp.Body = limited
	return resp, nil
}

// CloseIdleConnections is called by [http.Client.CloseIdleConnections].
func (b *limitedTransport) CloseIdleConnections() { b.next.CloseIdleConnections() }

// limitedBody is a response's body that fails with over beyond its limit.
type limitedBody struct {
	io.ReadCloser
	left int64
	over error
}

func (b *limitedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, b.over
	}
	return n, err
}
