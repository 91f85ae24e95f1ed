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
	noise := make([]byte, 50_000)
	random := rand.NewChaCha8([32]byte{1})
	_, _ = random.Read(noise)
	const packet, flight = 1400, 14_000
	mixed := func(noisy, plain int) []byte { return append(bytes.Clone(noise[:noisy]), make([]byte, plain)...) }

	for _, tt := range []struct {
		path         string
		body, packed []byte
		gzip, brotli bool
	}{
		{path: "small.json", body: mixed(0, packet)},
		{path: "less.json", body: mixed(1000, packet)},
		{path: "packet.json", body: mixed(1000, packet+500), gzip: true},
		{path: "large.json", body: bytes.Repeat([]byte(`{"uid":"n"},`), 50_000), gzip: true},
		{path: "flight.json", body: mixed(flight-100, 5000), gzip: true},
		{path: "alike.json", body: mixed(flight, 5000), gzip: true},
		{path: "far.json", body: bytes.Repeat(noise[:40_000], 2), gzip: false, brotli: true},
		{path: "both.json", body: append(bytes.Repeat(noise[:40_000], 2), mixed(0, 5000)...), gzip: true, brotli: true},
		{path: "page/index.html", body: bytes.Repeat([]byte("<p>a page</p>\n"), 120), gzip: true},
		{path: "api-catalog", body: bytes.Repeat([]byte(`{"linkset":[]}`), 120), gzip: true},
		{path: "noise.json", body: noise},
		{path: "empty.json"},
		{path: "logo.png", body: mixed(0, 5000)},
		{path: "font.woff2", body: mixed(0, 5000)},
		{path: "own.js", body: mixed(0, 5000), packed: packGzip(t, mixed(0, 5000)), gzip: true},
	} {
		t.Run(tt.path, func(t *testing.T) {
			t.Parallel()
			at := commitTime(1)
			files := map[string]tree.File{tt.path: {Path: tt.path, Body: tt.body, Gzip: tt.packed, Time: at}}
			r := putFiles(t, t.TempDir(), release(1), files, options())
			name := filepath.Join(r.Dir, filepath.FromSlash(tt.path))

			for _, form := range []struct {
				suffix string
				want   bool
				unpack func(io.Reader) (io.Reader, error)
			}{
				{".gz", tt.gzip, func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) }},
				{".br", tt.brotli, func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil }},
			} {
				packed, err := os.ReadFile(name + form.suffix)
				if form.want != (err == nil) {
					t.Errorf("%s%s: %v, want it %v", tt.path, form.suffix, err, form.want)
				}

				if err != nil {
					continue
				}

				in, err := form.unpack(bytes.NewReader(packed))
				if err != nil {
					t.Fatal(err)
				}

				if body, err := io.ReadAll(in); err != nil || !bytes.Equal(body, tt.body) {
					t.Errorf("%s%s gives %d bytes, %v; want %d", tt.path, form.suffix, len(body), err, len(tt.body))
				}
				if len(packed)+packet > len(tt.body) {
					t.Errorf("%s%s has %d bytes, the file %d", tt.path, form.suffix, len(packed), len(tt.body))
				}
				if form.suffix == ".gz" && tt.packed != nil && !bytes.Equal(packed, tt.packed) {
					t.Errorf("%s.gz is not its authors' own", tt.path)
				}

				info, err := os.Stat(name + form.suffix)
				if err != nil || !info.ModTime().Equal(at) {
					t.Errorf("%s%s is of %s, %v", tt.path, form.suffix, info.ModTime(), err)
				}
			}
		})
	}
}

// packGzip packs as nobody else does.
func packGzip(t *testing.T, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Comment = "packed by its authors"
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Nothing of the machine or the moment is in a gzip header (RFC 1952).
func TestGzipHeader(t *testing.T) {
	t.Parallel()
	r := put(t, t.TempDir(), 1)
	in, err := os.Open(filepath.Join(r.Dir, tree.StoreDir, "assets/style.css.gz"))
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

	// Far repetitions, which gzip does not see.
	rows := make([]string, 1000)
	for i := range rows {
		rows[i] = fmt.Sprintf(`"%s":"%d%d",`, words[random.IntN(len(words))], random.Uint64(), random.Uint64())
	}

	files := map[string]tree.File{}
	for i := range 48 {
		var b strings.Builder
		for range 1500 + random.IntN(1500) {
			b.WriteString(rows[random.IntN(len(rows))])
		}
		p := fmt.Sprintf("n%02d.json", i)
		files[p] = tree.File{Path: p, Body: []byte(b.String()), Time: commitTime(1)}
	}
	files["a.json"] = tree.File{Path: "a.json", Body: bytes.Repeat([]byte(rows[0]), 40_000), Time: commitTime(1)}

	o := options()
	o.Jobs = 1
	together := snapshot(t, putFiles(t, t.TempDir(), release(1), files, o).Dir)

	for _, p := range sorted(files)[36:] {
		alone := snapshot(t, putFiles(t, t.TempDir(), release(1), map[string]tree.File{p: files[p]}, o).Dir)
		for _, suffix := range []string{".gz", ".br"} {
			if together[p+suffix].SHA256 != alone[p+suffix].SHA256 || alone[p+suffix].Size == 0 {
				t.Errorf("%s%s has other bytes when other files were packed before, or none", p, suffix)
			}
		}
	}
}
