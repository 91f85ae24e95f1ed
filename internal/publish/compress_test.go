package publish_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"

	"github.com/chameleoncloud/refapi/internal/tree"
)

// Variants are there where they pay, and give the file back.
func TestVariants(t *testing.T) {
	t.Parallel()
	noise := make([]byte, 5000)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(noise)

	for _, tt := range []struct {
		path string
		body []byte
		want bool
	}{
		{"small.json", bytes.Repeat([]byte("x"), 1<<10-1), false},
		{"enough.json", bytes.Repeat([]byte("x"), 1<<10), true},
		{"large.json", bytes.Repeat([]byte(`{"uid":"n"},`), 50_000), true},
		{"page/index.html", bytes.Repeat([]byte("<p>a page</p>\n"), 100), true},
		{"api-catalog", bytes.Repeat([]byte(`{"linkset":[]}`), 100), true},
		{"noise.json", noise, false},
		{"empty.json", nil, false},
		{"logo.png", bytes.Repeat([]byte("x"), 5000), false},
		{"font.woff2", bytes.Repeat([]byte("x"), 5000), false},
	} {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			at := commitTime(1)
			files := map[string]tree.File{tt.path: {Path: tt.path, Body: tt.body, Time: at}}
			r := putFiles(t, t.TempDir(), release(1), files, options())
			name := filepath.Join(r.Dir, filepath.FromSlash(tt.path))

			for suffix, unpack := range map[string]func(io.Reader) (io.Reader, error){
				".gz": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
				".br": func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
			} {
				packed, err := os.ReadFile(name + suffix)
				if tt.want != (err == nil) {
					t.Errorf("%s%s: %v, want it %v", tt.path, suffix, err, tt.want)
				}

				if err != nil {
					continue
				}

				in, err := unpack(bytes.NewReader(packed))
				if err != nil {
					t.Fatal(err)
				}

				if body, err := io.ReadAll(in); err != nil || !bytes.Equal(body, tt.body) {
					t.Errorf("%s%s gives %d bytes, %v; want %d", tt.path, suffix, len(body), err, len(tt.body))
				}
				if len(packed) >= len(tt.body) {
					t.Errorf("%s%s has %d bytes, the file %d", tt.path, suffix, len(packed), len(tt.body))
				}

				info, err := os.Stat(name + suffix)
				if err != nil || !info.ModTime().Equal(at) {
					t.Errorf("%s%s is of %s, %v", tt.path, suffix, info.ModTime(), err)
				}
			}
		})
	}
}

// Nothing of the machine or the moment is in a gzip header (RFC 1952).
func TestGzipHeader(t *testing.T) {
	t.Parallel()
	r := put(t, t.TempDir(), 1)
	in, err := os.Open(filepath.Join(r.Dir, "assets/style.css.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()

	z, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}

	const unknownSystem = 255
	if h := z.Header; !h.ModTime.Equal(time.Time{}) || h.Name != "" || h.Comment != "" || len(h.Extra) > 0 ||
		h.OS != unknownSystem {
		t.Errorf("the header has %+v", h)
	}
}

// A worker's encoders have packed other files before: that must not show.
func TestEncodersForget(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	words := strings.Fields("uid node_name rack version compute_skylake Ethernet 24:6e: true null Dell Inc. PowerEdge GiB ,,,,")
	files := map[string]tree.File{}

	for i := range 48 {
		var b strings.Builder
		for range 200 + random.IntN(2000) {
			fmt.Fprintf(&b, `"%s":"%d",`, words[random.IntN(len(words))], random.IntN(300))
		}
		p := fmt.Sprintf("n%02d.json", i)
		files[p] = tree.File{Path: p, Body: []byte(b.String()), Time: commitTime(1)}
	}

	o := options()
	o.Jobs = 1
	together := snapshot(t, putFiles(t, t.TempDir(), release(1), files, o).Dir)

	for _, p := range sorted(files)[36:] {
		alone := snapshot(t, putFiles(t, t.TempDir(), release(1), map[string]tree.File{p: files[p]}, o).Dir)
		for _, suffix := range []string{".gz", ".br"} {
			if together[p+suffix].SHA256 != alone[p+suffix].SHA256 || alone[p+suffix].Size == 0 {
				t.Errorf("%s%s has other bytes when other files were packed before", p, suffix)
			}
		}
	}
}
