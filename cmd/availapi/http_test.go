package main

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/nginxconf"
	"github.com/chameleoncloud/refapi/internal/openapi"
	"github.com/chameleoncloud/refapi/internal/test/httpscript"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/openapitest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/treehttp"
)

// front starts nginx before availapi, and returns its address.
func front(t testing.TB, tree treetest.Site, live string) string {
	t.Helper()
	address := nginxtest.FreeAddress(t)
	conf, err := nginxconf.Render(nginxconf.Complete, nginxconf.Options{
		Root:     tree.Root + "/current",
		Listen:   []string{address},
		Availapi: []string{live},
	})
	if err != nil {
		t.Fatal(err)
	}

	nginxtest.Start(t, string(conf), address)
	return address
}

// ours starts the server of `refgen serve` before availapi.
func ours(t testing.TB, tree treetest.Site, live string) string {
	t.Helper()
	target, err := url.Parse("http://" + live)
	if err != nil {
		t.Fatal(err)
	}

	s := httptest.NewServer(treehttp.New(tree.Dir, treehttp.Options{Live: &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(res *http.Response) error {
			for _, name := range []string{"Access-Control-Allow-Origin", "Access-Control-Expose-Headers",
				"X-Content-Type-Options"} {
				res.Header.Del(name)
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, _ error) { treehttp.Unavailable(w, r) },
	}}))

	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// described returns a check that an answer is as the OpenAPI document says.
func described(t testing.TB) func(string, string, int, http.Header, []byte) error {
	t.Helper()
	v, err := openapitest.New(openapi.Document(openapi.Options{}))
	if err != nil {
		t.Fatal(err)
	}

	return func(method, target string, status int, header http.Header, body []byte) error {
		if path, _, _ := strings.Cut(target, "?"); strings.HasPrefix(path, "/-/") || path == "/manifest.json" {
			return nil // the document is about the API alone
		}
		return v.Response(method, target, status, header, body)
	}
}

// The same script against availapi behind nginx and behind our own server, and,
// where no file is asked for, against availapi alone.
func TestHTTP(t *testing.T) {
	t.Parallel()
	b := newTestbed(t)
	p := b.start(t, settings)
	synced(t, p.address, "north")
	versions := b.tree.History.Commits
	vars := map[string]string{
		"HEAD": versions[0].ID.String(), "HEAD7": versions[0].ID.String()[:7],
		"OLDEST": versions[len(versions)-1].ID.String(), "OLDEST9": versions[len(versions)-1].ID.String()[:9],
		"NA01": na01, "NA02": na02, "NA03": na03, "NA04": na04, "NA05": na05, "NB01": nb01, "NB02": nb02,
		// Answers about a node change with a sync alone.
		"ETAG": get(t, p.address, "/sites/north/clusters/alpha/nodes/"+na01+"/availability").Header.Get("ETag"),
	}

	check := described(t)
	for name, address := range map[string]string{"nginx": front(t, b.tree, p.address),
		"go": ours(t, b.tree, p.address), "alone": p.address} {
		to := httpscript.Target{Address: address, Tree: b.tree.Dir, Vars: vars, Check: check}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			httpscript.Run(t, "../../testdata/http/availapi.http", to)
			if name != "alone" {
				httpscript.Run(t, "../../testdata/http/both.http", to)
			}
		})
	}
}
