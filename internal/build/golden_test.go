package build_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/sample"
	"github.com/chameleoncloud/refapi/internal/test/released"
	"github.com/chameleoncloud/refapi/internal/test/treetest"
	"github.com/chameleoncloud/refapi/internal/tree"
)

var (
	update = flag.Bool("update", false, "rewrite the expected files")
	pin    = flag.Bool("released", false, "note the tree as that of the newest release")
)

func sampleFiles(t *testing.T, o build.Options) []tree.File {
	t.Helper()
	repo, err := sample.Open()
	if err != nil {
		t.Fatal(err)
	}

	files := treetest.Files(t, treetest.Input(t, repo, "", o))
	all := files
	slices.SortFunc(all, func(a, b tree.File) int { return strings.Compare(a.Path, b.Path) })

	return all
}

// shownWhole reports whether a golden shows a file, and not its hash: assets
// are long, as are the hardware browser's pages, what describes the API has
// goldens of its own, the guide stands in docs, and the past is packed.
func shownWhole(f tree.File) bool {
	return !strings.HasPrefix(f.Path, "assets/") && f.Path != "openapi.json" && f.Path != "reference/index.html" &&
		!strings.HasPrefix(f.Path, "guide/") && !strings.HasPrefix(f.Path, "past/") &&
		!(strings.HasPrefix(f.Path, "hardware/") && strings.HasSuffix(f.Path, ".html"))
}

// archive is a tree as text.
func archive(files []tree.File) []byte {
	a := &txtar.Archive{Comment: []byte("The sample repository's tree: path, time, class, and body. `go test -update` rewrites it.\n\n")}
	for _, f := range files {
		body := append(bytes.Clone(f.Body), '\n')
		if !shownWhole(f) {
			sum := sha256.Sum256(f.Body)
			body = fmt.Appendf(nil, "sha256 %x\n", sum)
		}
		name := fmt.Sprintf("%s %s %s", f.Path, f.Time.Format("2006-01-02T15:04:05Z"), f.Class)
		a.Files = append(a.Files, txtar.File{Name: name, Data: body})
	}

	return txtar.Format(a)
}

// The whole tree of the sample is as the golden has it. A tree other than that of a
// release needs another revision: modification times, and so ETags, must change with it.
func TestGolden(t *testing.T) {
	t.Parallel()
	got := archive(sampleFiles(t, build.Options{}))
	const golden = "testdata/sample.txtar"

	// Times have the revision in them: the hash is of the rest.
	hash := sha256.New()
	for _, f := range sampleFiles(t, build.Options{}) {
		fmt.Fprintf(hash, "%s %d\n", f.Path, len(f.Body))
		hash.Write(f.Body)
	}

	sum := hex.EncodeToString(hash.Sum(nil))
	released.Check(t, "testdata/revisions.txt", strconv.Itoa(build.Revision), sum, *pin)
	if *update {
		write(t, golden, got)
		return
	}

	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}

	if !bytes.Equal(got, want) {
		t.Errorf("the sample's tree differs from %s: %s", golden, firstDifference(got, want))
	}
}

func write(t *testing.T, file string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func firstDifference(got, want []byte) string {
	g, w := strings.Split(string(got), "\n"), strings.Split(string(want), "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d:\n got %.300s\nwant %.300s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}
