package treehttp_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/nginxconf"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/treehttp"
)

// What an operator adds to headers comes from nginx and from treehttp, with every kind of
// answer that it is for.
func TestDelivery(t *testing.T) {
	t.Parallel()
	s := trees.Sample(t, build.Options{})
	delivery := route.Delivery{NoIndex: true, CacheTag: "refapi", FrameAncestors: "https://portal.example.org"}
	targets := servers(t, s, "127.0.0.1:1", func(n *nginxconf.Options, h *treehttp.Options) {
		n.Delivery, h.Delivery = delivery, delivery
	})

	styles, err := filepath.Glob(filepath.Join(s.Dir, tree.StoreDir, "assets", "*.css"))
	if err != nil || len(styles) == 0 {
		t.Fatal("the sample has no styles", err)
	}

	head := "refapi,refapi-head|refapi refapi-head"
	for path, want := range map[string]string{
		"/":                                   head,
		"/sites":                              head,
		"/hardware":                           head,
		"/changes.feed.json":                  head,
		"/.well-known/api-catalog":            head,
		"/sites/":                             head,
		"/assets/" + filepath.Base(styles[0]): "refapi,refapi-immutable|refapi refapi-immutable",
		"/nope":                               "|",
		"/hardware/nope":                      "|",
		"/availability":                       "|", // nobody answers
	} {
		for name, to := range targets {
			r, err := http.NewRequest(http.MethodGet, "http://"+to.Address+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()

			if got := answer.Header.Get("Cache-Tag") + "|" + answer.Header.Get("Surrogate-Key"); got != want {
				t.Errorf("%s: the tags of %s are %s, want %s", name, path, got, want)
			}
			policy := answer.Header.Get("Content-Security-Policy")
			if isPage := strings.HasPrefix(path, "/hardware"); isPage != strings.HasSuffix(policy, "frame-ancestors https://portal.example.org") {
				t.Errorf("%s: the policy of %s is %q", name, path, policy)
			}
			if got := answer.Header.Get("X-Robots-Tag"); got != "noindex" {
				t.Errorf("%s: X-Robots-Tag of %s is %q", name, path, got)
			}
		}
	}
}
