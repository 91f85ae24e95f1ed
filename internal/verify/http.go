package verify

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/resource"
	"github.com/chameleoncloud/refapi/internal/site"
)

// server is a tree that a server answers with.
type server struct {
	base   string // without a trailing slash
	client *http.Client
}

// URL checks what a server answers. Address is that of the API's root.
func URL(address string, client *http.Client) Source {
	return server{strings.TrimSuffix(address, "/"), client}
}

// maxBody bounds an answer that a server may send: no file is larger.
const maxBody = 256 << 20

func (s server) get(ctx context.Context, p, coding string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+p, nil)
	if err != nil {
		return nil, err
	}
	// Always say something: else the transport asks for gzip by itself.
	req.Header.Set("Accept-Encoding", coding)
	res, err := s.client.Do(req)
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
	return body, nil
}

const identity = "identity"

func (s server) Manifest(ctx context.Context) (*publish.Manifest, error) {
	body, err := s.get(ctx, "/"+publish.ManifestFile, identity)
	if err != nil {
		return nil, fmt.Errorf("read %s/%s: %w", s.base, publish.ManifestFile, err)
	}
	return publish.ParseManifest(body)
}

func (s server) Read(ctx context.Context, e *publish.Entry) ([]byte, bool, error) {
	name, coding := e.Path, identity
	switch path.Ext(name) {
	case ".gz":
		name, coding = strings.TrimSuffix(name, ".gz"), "gzip"
	case ".br":
		name, coding = strings.TrimSuffix(name, ".br"), "br"
	}
	top, _, _ := strings.Cut(name, "/")
	slices, _, _ := strings.Cut(site.SliceDir, "/")
	switch {
	case top == resource.ProblemDir, top == slices:
		return nil, false, nil
	case name == "index.json":
		name = ""
	case strings.HasSuffix(name, "/index.html"):
		name = strings.TrimSuffix(name, "/index.html")
	}
	body, err := s.get(ctx, (&url.URL{Path: "/" + name}).EscapedPath(), coding)
	return body, true, err
}

// Others implements [Source]. A server does not list its files.
func (s server) Others(context.Context, *publish.Manifest) ([]string, error) { return nil, nil }
