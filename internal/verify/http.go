package verify

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/route"
)

// server is a tree that a server answers with.
type server struct {
	root   *url.URL // of the API, without a trailing slash
	client *http.Client
}

// URL checks what a server answers. Address is that of the API's root, as clients
// know it: links are followed from there.
func URL(address string, client *http.Client) (Source, error) {
	u, err := url.Parse(strings.TrimRight(address, "/"))
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return nil, hint.Wrap(fmt.Errorf("%s is not the URL of a server", address), "give the root of the API, such as https://api.example.org/ref")
	}
	return server{u, client}, nil
}

// maxBody bounds an answer that a server may send, in bytes: no file is larger.
const maxBody = 256 << 20

// get asks for a path of the API, which is escaped.
func (s server) get(ctx context.Context, client *http.Client, p, coding string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.root.String()+p, nil)
	if err != nil {
		return nil, err
	}
	// Always say something: else the transport asks for gzip by itself.
	req.Header.Set("Accept-Encoding", coding)
	return client.Do(req)
}

func (s server) read(ctx context.Context, p, coding string) (*Document, error) {
	res, err := s.get(ctx, s.client, p, coding)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxBody))
	switch got := res.Header.Get("Content-Encoding"); {
	case err != nil:
		return nil, err
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the server answers %s", res.Status)
	case got != coding && !(got == "" && coding == identity):
		return nil, fmt.Errorf("the server answers with the coding %q to who accepts %q", got, coding)
	}
	return &Document{Body: body, URL: res.Request.URL.String(), Links: linkTargets(res.Header)}, nil
}

const identity = "identity"

// linkTarget is the target of a link in a Link header (RFC 8288, section 3).
var linkTarget = regexp.MustCompile(`<([^>]*)>`)

func linkTargets(header http.Header) (targets []string) {
	for _, value := range header.Values("Link") {
		for _, m := range linkTarget.FindAllStringSubmatch(value, -1) {
			targets = append(targets, m[1])
		}
	}
	return targets
}

// Manifest implements [Source].
func (s server) Manifest(ctx context.Context) (*publish.Manifest, error) {
	doc, err := s.read(ctx, "/"+publish.ManifestFile, identity)
	if err != nil {
		return nil, fmt.Errorf("read %s/%s: %w", s.root, publish.ManifestFile, err)
	}
	return publish.ParseManifest(doc.Body)
}

// Read implements [Source]. It asks for a file by the path that links have.
func (s server) Read(ctx context.Context, e *publish.Entry) (*Document, error) {
	name, coding := e.Path, identity
	switch path.Ext(name) {
	case ".gz":
		name, coding = strings.TrimSuffix(name, ".gz"), "gzip"
	case ".br":
		name, coding = strings.TrimSuffix(name, ".br"), "br"
	}
	top, _, _ := strings.Cut(name, "/")
	slices, _, _ := strings.Cut(build.SliceDir, "/")
	switch {
	case top == api.ProblemDir, top == slices:
		return nil, nil
	case name == route.Root.File():
		name = ""
	case strings.HasSuffix(name, "/index.html"):
		name = strings.TrimSuffix(name, "/index.html")
	default:
		if short, ok := strings.CutSuffix(name, ".json"); ok {
			if id, _, ok := route.Match("/" + short); ok && id.Get().Suffix() {
				name = short
			}
		}
	}
	return s.read(ctx, (&url.URL{Path: "/" + name}).EscapedPath(), coding)
}

// Redirects implements [Source]. It asks for some of what nginx and availapi
// answer with a redirect; a server that does not is no fault.
func (s server) Redirects(ctx context.Context) (links []Link) {
	client := *s.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, p := range []string{route.Sites.Path() + "/", route.HardwareList.Path() + "/", route.VersionDetail.Path("HEAD")} {
		res, err := s.get(ctx, &client, p, identity)
		if err != nil {
			continue // whoever follows links there is told by the links
		}
		res.Body.Close()
		if to := res.Header.Get("Location"); to != "" && res.StatusCode/100 == 3 {
			links = append(links, Link{Path: p, URL: res.Request.URL.String(), Href: to, From: "Location"})
		}
	}
	return links
}

// Resolve implements [Source]: as a client does, against the URL at which the link
// was found, and from the host. Where the tree names its published site, that is
// the same site.
func (s server) Resolve(m *publish.Manifest, l Link) Target {
	if strings.HasPrefix(l.Href, "#") {
		return Target{}
	}
	at, err := url.Parse(l.URL)
	if err != nil {
		return Target{}
	}
	to, err := at.Parse(l.Href)
	if err != nil {
		return Target{File: l.Href} // it leads nowhere, and that is what to say
	}
	if to.Host != s.root.Host || to.Scheme != s.root.Scheme {
		return Target{File: build.Target(m.Published(), l.Href)}
	}

	prefix := s.root.EscapedPath()
	rest, below := strings.CutPrefix(to.EscapedPath(), prefix)
	if !below || rest != "" && rest[0] != '/' {
		advice := "build with --path-prefix " + prefix
		if l.From != "" {
			advice = fmt.Sprintf("print nginx.conf with --path-prefix %s, and let the front hand on the whole path", prefix)
		}
		return Target{Path: to.EscapedPath(), Astray: fmt.Sprintf("which is not below %s: %s", prefix, advice)}
	}
	file := build.Target("", cmp.Or(rest, "/"))
	built := build.Options{Base: m.Base()}.Root()
	if m.Lookup(file) == nil && built != prefix && strings.HasPrefix(to.EscapedPath(), built+"/") {
		return Target{Path: to.EscapedPath(), Astray: fmt.Sprintf(
			"which is not there: the tree is built for %s and asked for at %s: ask where clients do, or build with another --path-prefix",
			cmp.Or(built, "/"), cmp.Or(prefix, "/"))}
	}
	return Target{File: file}
}

// Others implements [Source]. A server does not list its files.
func (s server) Others(context.Context, *publish.Manifest) ([]string, error) { return nil, nil }
