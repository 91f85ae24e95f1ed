package treehttp_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/parity"
	"github.com/chameleoncloud/refapi/internal/test/legacytest"
	"github.com/chameleoncloud/refapi/internal/test/nginxtest"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
)

const capturedFile = "../../../shared/contract/responses.ndjson.gz"

// Every static answer of the old service is ours too, through real nginx, but
// for the differences that the contract lists.
func TestRealContract(t *testing.T) {
	t.Parallel()
	repo, ok := treetest.Real(t, "../..")
	if !ok {
		return
	}

	s := treetest.Publish(t, repo, build.Options{})
	rows := legacytest.Read(t, capturedFile)
	old := legacytest.Client(t, legacytest.Handler(rows, http.NotFoundHandler()), parity.ClientOptions{})
	for name, to := range servers(t, s, nginxtest.FreeAddress(t), nil) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours, err := parity.NewClient("http://"+to.Address, parity.ClientOptions{Timeout: time.Minute, MaxBody: 64 << 20})
			if err != nil {
				t.Fatal(err)
			}

			counts := legacytest.Compare(t, &parity.Comparer{Old: old, New: ours, Head: s.History.Head().ID.String(), NoLive: true}, rows)
			t.Log(counts)

			// 994 rows: what is not compared is the live half's.
			if counts[string(parity.Equal)] < 730 || counts[string(parity.Skipped)] > 245 {
				t.Errorf("compared %v: too few", counts)
			}
		})
	}
}
