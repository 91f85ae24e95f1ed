package treehttp_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/api"
	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/nginxconf"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/test/httpscript"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/openapitest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/treehttp"
)

// servers starts both servers of a tree: ours and nginx. The live half is at an
// address where nobody may be.
func servers(t *testing.T, s treetest.Site, live string,
	edit func(*nginxconf.Options, *treehttp.Options)) map[string]httpscript.Target {
	t.Helper()
	target, err := url.Parse("http://" + live)
	if err != nil {
		t.Fatal(err)
	}

	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorHandler = func(w http.ResponseWriter, r *http.Request, _ error) { treehttp.Unavailable(w, r) }
	address := nginxtest.FreeAddress(t)
	n := nginxconf.Options{
		Root:     s.Dir,
		Listen:   []string{address},
		Availapi: []string{live},
	}

	h := treehttp.Options{Live: proxy}
	if edit != nil {
		edit(&n, &h)
	}

	conf, err := nginxconf.Render(nginxconf.Complete, n)
	if err != nil {
		t.Fatal(err)
	}

	nginxtest.Start(t, string(conf), address)
	ours := httptest.NewUnstartedServer(treehttp.New(s.Dir, h))
	ours.Listener = treehttp.Listen(ours.Listener)
	ours.Config.MaxHeaderBytes = 32 << 10 // as refgen serve has it
	ours.Start()
	t.Cleanup(ours.Close)

	head := s.History.Head().ID.String()
	vars := map[string]string{"HEAD": head, "HEAD7": head[:7]}
	return map[string]httpscript.Target{
		"nginx": {Address: address, Tree: s.Dir, Vars: vars},
		"go":    {Address: strings.TrimPrefix(ours.URL, "http://"), Tree: s.Dir, Vars: vars},
	}
}

func script(name string) string { return filepath.Join("../../testdata/http", name) }

func TestStatic(t *testing.T) {
	t.Parallel()
	s := trees.Sample(t, build.Options{})
	check := described(t, s)

	for name, to := range servers(t, s, nginxtest.FreeAddress(t), nil) {
		to.Check = check
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			httpscript.Run(t, script("static.http"), to)
			httpscript.Run(t, script("down.http"), to)
		})
	}
}

// Before the first release there is nothing to serve, not even errors' bodies.
func TestNothingPublished(t *testing.T) {
	t.Parallel()
	s := trees.Sample(t, build.Options{})
	s.Dir = filepath.Join(s.Root, "none", "current")
	for name, to := range servers(t, s, nginxtest.FreeAddress(t), nil) {
		to.Check = described(t, s)
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			httpscript.Run(t, script("unpublished.http"), to)
		})
	}
}

// described returns a check that an answer is as the OpenAPI document says.
func described(t *testing.T, s treetest.Site) func(string, string, int, http.Header, []byte) error {
	t.Helper()
	v, err := openapitest.New(openapi.Document(openapi.Options{}))
	if err != nil {
		t.Fatal(err)
	}

	return func(method, target string, status int, header http.Header, body []byte) error {
		path, _, _ := strings.Cut(target, "?")
		switch {
		case path == "/manifest.json", path == "/robots.txt", strings.Contains(path, "/."), route.IsPage(path),
			strings.HasPrefix(path, "/hardware"), strings.HasPrefix(path, "/guide"), method == http.MethodPost:
			return nil // the document is about the API alone
		}
		return v.Response(method, target, status, header, body)
	}
}

// tellTale is a live half that says what it was asked.
func tellTale(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Asked", r.Method+" "+r.URL.RequestURI())
	body, err := io.ReadAll(r.Body)
	if err != nil {
		body = []byte(err.Error())
	}

	status, _ := strconv.Atoi(r.URL.Query().Get("status"))
	if status == 0 {
		status = 200
	} else {
		w.Header().Set("Content-Type", "application/problem+json")
		body = api.Problem{Status: status, Detail: "told so"}.Body()
	}

	w.WriteHeader(status)
	fmt.Fprintf(w, "%s", body)
}

func TestLive(t *testing.T) {
	t.Parallel()
	s := trees.Sample(t, build.Options{})
	live := httptest.NewServer(http.HandlerFunc(tellTale))
	t.Cleanup(live.Close)

	for name, to := range servers(t, s, strings.TrimPrefix(live.URL, "http://"), nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			httpscript.Run(t, script("live.http"), to)
		})
	}
}
