package treehttp_test

import (
	"bytes"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// Both servers answer from a store as from the release: no client can tell where a
// file is stored.
func TestStore(t *testing.T) {
	t.Parallel()
	flat := treetest.WithoutStore(t, treetest.Sample(t, build.Options{}))
	stored := trees.Sample(t, build.Options{})
	without, with := servers(t, flat, nginxtest.FreeAddress(t), nil), servers(t, stored, nginxtest.FreeAddress(t), nil)

	for name := range with {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inStore := 0
			for _, file := range releaseFiles(t, flat.Dir) {
				if stored.Path(file) != filepath.Join(stored.Dir, file) {
					inStore++
				}

				for _, address := range addresses(file) {
					for _, coding := range []string{"identity", "gzip", "br"} {
						header := http.Header{"Accept-Encoding": {coding}}
						want := get(t, without[name].Address, address, header)
						sameAnswer(t, want, get(t, with[name].Address, address, header))
					}
				}

				// No URL begins with the name of the link.
				for _, address := range append(addresses(file), "/"+file) {
					address = "/" + tree.StoreDir + address
					want := get(t, without[name].Address, address, nil)
					if want.StatusCode != http.StatusNotFound {
						t.Errorf("%s: %s, want 404", address, want.Status)
					}
					sameAnswer(t, want, get(t, with[name].Address, address, nil))
				}
			}

			if inStore < 50 {
				t.Errorf("only %d files are in the store", inStore)
			}
		})
	}
}

// sameAnswer compares answers, by all that the contract fixes.
func sameAnswer(t *testing.T, want, got response) {
	t.Helper()
	for _, name := range fixedHeaders() {
		if x, y := want.Header.Get(name), got.Header.Get(name); x != y {
			t.Errorf("%s: the header %s is %q, want %q", got.Request.URL, name, y, x)
		}
	}
	if got.StatusCode != want.StatusCode || !bytes.Equal(got.body, want.body) {
		t.Errorf("%s: %s %.80q, want %s %.80q", got.Request.URL, got.Status, got.body, want.Status, want.body)
	}
}

// The parts of the manifest are served as the manifest is.
func TestPartsOfTheManifest(t *testing.T) {
	t.Parallel()
	s := treetest.Publish(t, treetest.Repo(t, confusing()), build.Options{})
	release, err := disk.OpenDir(s.Dir)
	if err != nil {
		t.Fatal(err)
	}

	for name, to := range servers(t, s, nginxtest.FreeAddress(t), nil) {
		root := get(t, to.Address, "/"+tree.ManifestFile, nil)
		for _, part := range release.Manifest.Parts {
			address := (&url.URL{Path: "/" + part.File()}).EscapedPath()
			got := get(t, to.Address, address, nil)
			if got.StatusCode != http.StatusOK || tree.DigestOf(got.body) != part.SHA256 {
				t.Errorf("%s: %s is answered %s %.80q", name, address, got.Status, got.body)
			}
			for _, header := range []string{"Cache-Control", "Content-Type", "Vary", "Access-Control-Allow-Origin"} {
				if x, y := root.Header.Get(header), got.Header.Get(header); x != y || x == "" {
					t.Errorf("%s: %s of %s is %q, that of the manifest %q", name, header, address, y, x)
				}
			}
		}
	}
}
