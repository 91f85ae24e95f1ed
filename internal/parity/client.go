package parity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// ClientOptions are how a service is asked.
type ClientOptions struct {
	UserAgent string
	Delay     time.Duration // between the starts of two requests
	Timeout   time.Duration // of one request, with its body
	Retries   int           // how often a busy or silent service is asked again
	MaxBody   int64         // longest body, in bytes
	Bases     []string      // URLs and path prefixes that links may start with, besides the service's own
	Transport http.RoundTripper
}

// Client is a [Service] over HTTP. It is polite: it waits between requests, and as long
// as the service asks for with Retry-After.
type Client struct {
	root  *url.URL // without a trailing slash
	bases []string
	http  *http.Client
	opts  ClientOptions

	mu   sync.Mutex
	next time.Time // when the next request may start
}

// NewClient returns a client for a service by the URL of its root.
func NewClient(root string, opts ClientOptions) (*Client, error) {
	u, err := url.Parse(strings.TrimRight(root, "/"))
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return nil, hint.Wrap(fmt.Errorf("%s is not the URL of a service", root),
			"give the root of the API, such as https://api.example.org")
	}

	public := url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}
	return &Client{
		root:  u,
		bases: append([]string{public.String(), u.EscapedPath()}, opts.Bases...),
		opts:  opts,
		http: &http.Client{
			Transport:     opts.Transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Relative implements [Service].
func (c *Client) Relative(href string) string {
	for _, base := range c.bases {
		if rest, ok := strings.CutPrefix(href, base); ok && base != "" && (rest == "" || strings.ContainsAny(rest[:1], "/?")) {
			return cmp.Or(rest, "/")
		}
	}
	return href
}

// maxPause bounds a pause, however long a service asks to wait.
const maxPause = 5 * time.Minute

// Get implements [Service]. It tries again when the service is busy, or does not answer.
func (c *Client) Get(ctx context.Context, path string) (*Answer, error) {
	for attempt := 0; ; attempt++ {
		if err := c.takeTurn(ctx); err != nil {
			return nil, err
		}

		a, pause, err := c.ask(ctx, path)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		_, isFinal := errors.AsType[finalError](err)
		if err == nil && pause == 0 || isFinal || attempt >= c.opts.Retries {
			return a, err
		}

		c.hold(cmp.Or(pause, time.Second<<attempt))
	}
}

// takeTurn waits until the next request may start.
func (c *Client) takeTurn(ctx context.Context) error {
	c.mu.Lock()
	now := time.Now()
	at := c.next
	if at.Before(now) {
		at = now
	}
	c.next = at.Add(c.opts.Delay)
	c.mu.Unlock()

	return sleep(ctx, at.Sub(now))
}

// hold makes all requests wait.
func (c *Client) hold(pause time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if until := time.Now().Add(min(pause, maxPause)); until.After(c.next) {
		c.next = until
	}
}

// sleep waits, or returns the error of a context that ends before.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// finalError is an error that another try would only repeat.
type finalError struct{ error }

// ask sends one request. A pause above zero means that the service is busy, and may be
// asked again after it; the answer is what it says meanwhile, nil if that is no answer.
func (c *Client) ask(ctx context.Context, path string) (a *Answer, pause time.Duration, err error) {
	within, cancel := context.WithTimeout(ctx, c.opts.Timeout)
	defer cancel()
	defer func() {
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("no complete response within %v", c.opts.Timeout)
		}
	}()

	req, err := http.NewRequestWithContext(within, http.MethodGet, c.root.String()+path, nil)
	if err != nil {
		return nil, 0, finalError{errors.New("the link is not a path that can be requested")}
	}
	req.Header.Set("User-Agent", c.opts.UserAgent)
	req.Header.Set("Accept", "application/json")

	res, err := c.http.Do(req)
	if err != nil {
		if inner, ok := errors.AsType[*url.Error](err); ok {
			err = inner.Err // the path is known
		}
		return nil, 0, err
	}
	defer res.Body.Close()

	body, err := io.ReadAll(io.LimitReader(res.Body, c.opts.MaxBody+1))
	if err != nil {
		return nil, 0, fmt.Errorf("read the response: %w", err)
	}
	if int64(len(body)) > c.opts.MaxBody {
		return nil, 0, finalError{fmt.Errorf("the response is longer than %d MiB", c.opts.MaxBody>>20)}
	}

	mediaType, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	a = &Answer{Status: res.StatusCode, Location: res.Header.Get("Location"), MediaType: mediaType, Body: body}
	return busy(a, res.Header.Get("Retry-After"))
}

// busy reports a service that cannot answer now. A 502 or 503 with a detail is an answer
// of the API itself, unless it comes with Retry-After.
func busy(a *Answer, retryAfter string) (*Answer, time.Duration, error) {
	isAnswer := strings.HasSuffix(a.MediaType, "json")
	switch a.Status {
	case http.StatusServiceUnavailable:
		if isAnswer && retryAfter == "" {
			return a, 0, nil
		}
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		if isAnswer {
			return a, 0, nil
		}
	case http.StatusTooManyRequests:
		isAnswer = false
	default:
		return a, 0, nil
	}

	pause := time.Second
	if seconds, err := strconv.Atoi(retryAfter); err == nil && seconds >= 0 {
		pause = max(time.Duration(min(seconds, int(maxPause/time.Second)))*time.Second, time.Millisecond)
	} else if at, err := http.ParseTime(retryAfter); err == nil {
		pause = max(time.Until(at), time.Second)
	}

	if !isAnswer {
		return nil, pause, fmt.Errorf("the service is busy: %d %s", a.Status, http.StatusText(a.Status))
	}
	return a, pause, nil
}
