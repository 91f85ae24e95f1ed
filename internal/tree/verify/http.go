package verify

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/hosting"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// server is a tree that is served over HTTP.
type server struct {
	root   *url.URL // of the API, without a trailing slash
	client *http.Client

	release tree.Release // once its manifest was read
}

// URL is a server whose responses to check. Root is the URL of the API's root, as
// clients know it: links are followed from there.
func URL(root string, client *http.Client) (Source, error) {
	u, err := url.Parse(strings.TrimRight(root, "/"))
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" ||
		u.Fragment != "" {
		return nil, hint.Wrap(fmt.Errorf("%s is not the URL of a server", root),
			"give the root of the API, such as https://api.example.org/ref")
	}
	return &server{root: u, client: client}, nil
}

// maxManifest bounds each file of a manifest, in bytes.
const maxManifest = 256 << 20

// get requests a path of the API, which is escaped.
func (s *server) get(ctx context.Context, client *http.Client, p, coding string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.root.String()+p, nil)
	if err != nil {
		return nil, err
	}
	// Without this header the transport asks for gzip on its own.
	req.Header.Set("Accept-Encoding", coding)
	return client.Do(req)
}

// read reads a response of at most limit bytes; the rest is left out.
func (s *server) read(ctx context.Context, p, coding string, limit int64) (*Document, error) {
	res, err := s.get(ctx, s.client, p, coding)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()

	body, err := io.ReadAll(io.LimitReader(res.Body, limit))
	switch got := res.Header.Get("Content-Encoding"); {
	case err != nil:
		return nil, err
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("the server responds %s", res.Status)
	case got != coding && !(got == "" && coding == identity):
		return nil, fmt.Errorf("the server responds with the coding %q to a request that accepts %q", got, coding)
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
func (s *server) Manifest(ctx context.Context) (*tree.Manifest, error) {
	read := func(file string) ([]byte, error) {
		doc, err := s.read(ctx, "/"+file, identity, maxManifest)
		if err != nil {
			return nil, fmt.Errorf("read %s/%s: %w", s.root, file, err)
		}
		return doc.Body, nil
	}

	root, err := read(tree.ManifestFile)
	if err != nil {
		return nil, err
	}

	m, err := tree.ParseManifest(root, read)
	if err == nil {
		s.release = m.Release
	}
	return m, err
}

// Read implements [Source]. It requests a file by the path that links have.
func (s *server) Read(ctx context.Context, f tree.Form) (*Document, error) {
	coding := identity
	name, suffix := tree.CutSidecar(f.Path)
	switch suffix {
	case tree.GzipSuffix:
		coding = "gzip"
	case tree.BrotliSuffix:
		coding = "br"
	}

	if strings.HasPrefix(name, api.ProblemDir+"/") || s.release.Host() != "" && hosting.IsOwn(name) {
		return nil, nil
	}

	p := "/" + name
	if s.release.Suffix() == "" {
		p = route.WithoutSuffix(p)
	}
	if p == "/"+route.Root.File() && s.release.Suffix() == "" {
		p = "/"
	} else if page, ok := strings.CutSuffix(p, "/index.html"); ok {
		p = page
	}

	return s.read(ctx, (&url.URL{Path: p}).EscapedPath(), coding, f.Size+1)
}

// Redirects implements [Source]. It requests some of what nginx and availapi
// redirect; a server that does not redirect has no fault.
func (s *server) Redirects(ctx context.Context) (links []Link) {
	client := *s.client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, p := range []string{route.Sites.Path() + "/", route.HardwareList.Path() + "/",
		route.VersionDetail.Path("HEAD")} {
		res, err := s.get(ctx, &client, p, identity)
		if err != nil {
			continue // the links in files report that
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
func (s *server) Resolve(m *tree.Manifest, l Link) (file, outside string) {
	at, err := url.Parse(l.URL)
	if err != nil || strings.HasPrefix(l.Href, "#") {
		return "", ""
	}

	to, err := at.Parse(l.Href)
	if err != nil {
		return l.Href, "" // not a URL: reported as a file that does not exist
	}
	if to.Host != s.root.Host || to.Scheme != s.root.Scheme {
		return route.Target(m.Published(), l.Href), ""
	}

	prefix := s.root.EscapedPath()
	rest, below := strings.CutPrefix(to.EscapedPath(), prefix)
	if !below || rest != "" && rest[0] != '/' {
		advice := "build with --path-prefix " + prefix
		if l.From != "" {
			advice = fmt.Sprintf("print nginx.conf with --path-prefix %s, and let the proxy pass on the complete path", prefix)
		}
		return "", fmt.Sprintf("which is not below %s: %s", prefix, advice)
	}

	file = route.Target("", cmp.Or(rest, "/"))
	built := route.BasePath(m.Base())
	if m.Lookup(file) == nil && built != prefix && strings.HasPrefix(to.EscapedPath(), built+"/") {
		return "", fmt.Sprintf("which is not there: the tree is built for %s and requested at %s: "+
			"give the URL that clients use, or build with another --path-prefix",
			cmp.Or(built, "/"), cmp.Or(prefix, "/"))
	}

	return file, ""
}

// Others implements [Source]. A server does not list its files.
func (s *server) Others(context.Context, *tree.Manifest) ([]string, error) { return nil, nil }
