package treehttp_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/nginxconf"
	"github.com/chameleoncloud/refapi/internal/publish"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

// Downloads that have begun get all of their release, although another goes live, theirs
// is removed, and nginx reads its configuration again, all in the middle of them.
func TestReloadDuringTransfers(t *testing.T) {
	t.Parallel()
	root, err := os.MkdirTemp("", "tree-*") // not t.TempDir, whose parents keep nginx out
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })

	publishLarge(t, root, 1)
	address := nginxtest.FreeAddress(t)
	conf, err := nginxconf.Render(nginxconf.Complete, nginxconf.Options{
		Root: filepath.Join(root, disk.CurrentLink), Listen: []string{address},
	})
	if err != nil {
		t.Fatal(err)
	}
	server := nginxtest.Start(t, string(conf), address)

	// A client that reads slowly: what it does not take, nginx still has to send.
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true,
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			if err == nil {
				err = conn.(*net.TCPConn).SetReadBuffer(16 << 10)
			}
			return conn, err
		}}}
	for n := 1; n <= 3; n++ {
		var open []*http.Response
		for _, file := range []string{"/hardware/large.png", "/assets/large.png"} {
			res, err := client.Get("http://" + address + file)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if _, err := io.CopyN(io.Discard, res.Body, 1); err != nil {
				t.Fatal(err)
			}
			open = append(open, res)
		}

		publishLarge(t, root, n+1)
		server.Reload(t)
		for i, res := range open {
			rest, err := io.ReadAll(res.Body)
			want := large(n)
			if i == 1 {
				want = large(100 + n)
			}
			if err != nil || !bytes.Equal(rest, want[1:]) {
				t.Errorf("%s of release %d: %d of %d bytes, %v", res.Request.URL.Path, n, len(rest)+1, len(want), err)
			}
		}

		res, err := client.Get("http://" + address + "/hardware/large.png")
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		res.Body.Close()
		if err != nil || sha256.Sum256(body) != sha256.Sum256(large(n+1)) {
			t.Errorf("after the change of releases: %s, %d bytes, %v", res.Status, len(body), err)
		}
	}
}

// large is content that no buffer of a socket takes.
func large(n int) []byte {
	body := make([]byte, 12<<20)
	_, _ = rand.NewChaCha8([32]byte{byte(n)}).Read(body) // it never fails
	return body
}

// publishLarge publishes the n-th release, and keeps no other.
func publishLarge(t *testing.T, root string, n int) {
	t.Helper()
	at := time.Date(2026, 3, 1, 12, 0, n, 0, time.UTC)
	files := func(yield func(tree.File, error) bool) {
		_ = yield(tree.File{Path: "index.json", Body: fmt.Appendf(nil, `{"n":%d}`, n), Time: at}, nil) &&
			yield(tree.File{Path: "hardware/large.png", Body: large(n), Time: at}, nil) &&
			yield(tree.File{Path: "assets/large.png", Body: large(100 + n), Time: at, Class: tree.Immutable}, nil)
	}
	rel := tree.Release{ID: fmt.Sprint("r", n), Commit: fmt.Sprintf("%040x", n), CommitTime: at, Generator: "test"}
	_, err := publish.Publish(t.Context(), root, rel, iter.Seq2[tree.File, error](files), publish.Options{})
	if err != nil {
		t.Fatal(err)
	}
}
