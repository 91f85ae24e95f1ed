package blazar

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/net/http/httpproxy"
)

// maxErrorBody is how much of an error's body is read: the library reads it
// whole.
const maxErrorBody = 64 << 10

// transport makes the way to one cloud's services.
func transport(o Options, config *tls.Config) http.RoundTripper {
	proxy := proxies(o.Getenv).ProxyFunc()
	return &bounded{max: o.MaxBody, next: &http.Transport{
		Proxy:                  func(r *http.Request) (*url.URL, error) { return proxy(r.URL) },
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSClientConfig:        config,
		TLSHandshakeTimeout:    10 * time.Second,
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    2, // hosts and allocations are asked side by side
		IdleConnTimeout:        90 * time.Second,
		MaxResponseHeaderBytes: 1 << 20,
	}}
}

// proxies reads the customary variables, in either case.
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

// bounded limits every answer's length, also of those that the library reads.
type bounded struct {
	next *http.Transport
	max  int64
}

// RoundTrip is that of the transport. Bodies of errors just end at their limit.
func (b *bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode >= 300 {
		resp.Body = &body{ReadCloser: resp.Body, left: maxErrorBody, over: io.EOF}
		return resp, nil
	}
	limited := &body{ReadCloser: resp.Body, left: b.max, over: tooLarge(b.max)}
	if resp.ContentLength > b.max {
		limited.left = 0
	}
	resp.Body = limited
	return resp, nil
}

// CloseIdleConnections is what http.Client looks for.
func (b *bounded) CloseIdleConnections() { b.next.CloseIdleConnections() }

// body is an answer's body that fails with over beyond its limit.
type body struct {
	io.ReadCloser
	left int64
	over error
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, b.over
	}
	return n, err
}

// tooLarge is the limit that an answer went over.
type tooLarge int64

func (t tooLarge) Error() string {
	return fmt.Sprintf("the answer is longer than %d bytes", int64(t))
}
