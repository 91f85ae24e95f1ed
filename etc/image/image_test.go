package main

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

const version, revision, created = "1.2.3", "0123456789abcdef0123456789abcdef01234567", "1790000000"

// makeLayout makes an image of the programs in bin and returns its index.
func makeLayout(t *testing.T, bin, architectures string) v1.ImageIndex {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "layout")
	err := run(t.Context(), []string{"-bin", bin, "-arch", architectures, "-layout", dir, "-o", dir + ".tar",
		"-version", version, "-revision", revision, "-created", created})
	if err != nil && strings.Contains(err.Error(), "no such host") {
		t.Skipf("the packages of Debian cannot be had: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}

	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	return index
}

// stubs are programs for images that are not run.
func stubs(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, arch := range []string{"amd64", "arm64"} {
		for _, name := range programs {
			if err := store(filepath.Join(dir, "linux_"+arch, name), []byte(arch+name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// images are the images of all architectures by "OS/ARCHITECTURE".
func images(t *testing.T, outer v1.ImageIndex) map[string]v1.Image {
	t.Helper()
	manifests, err := partial.Manifests(outer)
	if err != nil {
		t.Fatal(err)
	}
	if len(manifests) != 1 {
		t.Fatalf("the layout has %d images, want one for all architectures", len(manifests))
	}

	// podman load makes this its name.
	m, err := outer.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	if got := m.Manifests[0].Annotations["org.opencontainers.image.ref.name"]; got != "refapi:"+version {
		t.Errorf("the image is named %q", got)
	}

	inner := manifests[0].(v1.ImageIndex)
	m, err = inner.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}

	all := map[string]v1.Image{}
	for _, d := range m.Manifests {
		image, err := inner.Image(d.Digest)
		if err != nil {
			t.Fatal(err)
		}
		all[d.Platform.String()] = image
	}
	return all
}

// The layout is one that registries and engines take, and the same input makes the same.
func TestLayout(t *testing.T) {
	t.Parallel()
	bin := stubs(t)
	index := makeLayout(t, bin, "amd64,arm64")
	if err := validate.Index(index); err != nil {
		t.Error(err)
	}

	all := images(t, index)
	first, err := all["linux/arm64"].Digest()
	if err != nil {
		t.Fatal(err)
	}
	again, err := images(t, makeLayout(t, bin, "arm64"))["linux/arm64"].Digest()
	if err != nil || again != first {
		t.Errorf("made again, the digest is %v (%v), not %v", again, err, first)
	}

	for _, platform := range []string{"linux/amd64", "linux/arm64"} {
		image := all[platform]
		if image == nil {
			t.Fatalf("no image is for %s", platform)
		}

		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if got := config.OS + "/" + config.Architecture; got != platform {
			t.Errorf("the configuration says %s, want %s", got, platform)
		}
		checkConfig(t, config.Config)

		names := list(t, image)
		for _, want := range []string{"usr/bin/refgen", "usr/bin/availapi", "usr/bin/refapi", nginx, brotli, caBundle,
			dpkgStatus + "nginx", "usr/share/doc/nginx/copyright"} {
			if !slices.Contains(names, want) {
				t.Errorf("%s: there is no %s", platform, want)
			}
		}
		if i := slices.IndexFunc(names, func(name string) bool { return strings.HasSuffix(name, "/sh") }); i >= 0 {
			t.Errorf("%s: there is a shell: %s", platform, names[i])
		}
	}
}

func checkConfig(t *testing.T, c v1.Config) {
	t.Helper()
	if c.User != "65532:65532" {
		t.Errorf("the user is %q: Kubernetes takes only a number for one that is not root", c.User)
	}

	for label, want := range map[string]string{
		"org.opencontainers.image.version":  version,
		"org.opencontainers.image.revision": revision,
		"org.opencontainers.image.created":  "2026-09-21T14:13:20Z",
		"org.opencontainers.image.licenses": "Apache-2.0",
	} {
		if got := c.Labels[label]; got != want {
			t.Errorf("%s is %q, want %q", label, got, want)
		}
	}
}

// list lists an image's files. Nothing in it changes who runs a program.
func list(t *testing.T, image v1.Image) []string {
	t.Helper()
	var names []string
	eachFile(t, image, func(h *tar.Header, _ io.Reader) {
		names = append(names, h.Name)
		if h.Mode&0o6000 != 0 {
			t.Errorf("%s has mode %o", h.Name, h.Mode)
		}
		if h.Mode&0o002 != 0 && h.Typeflag != tar.TypeSymlink && h.Name != "tmp" {
			t.Errorf("%s can be written by everybody", h.Name)
		}
	})
	return names
}

func eachFile(t *testing.T, image v1.Image, visit func(*tar.Header, io.Reader)) {
	t.Helper()
	flat := mutate.Extract(image)
	defer flat.Close()
	for r := tar.NewReader(flat); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		h.Name = filepath.Clean(h.Name)
		visit(h, r)
	}
}

// extract writes an image's files, as a container engine does.
func extract(t *testing.T, image v1.Image, root string) {
	t.Helper()
	eachFile(t, image, func(h *tar.Header, r io.Reader) {
		at := filepath.Join(root, h.Name)
		var err error
		switch h.Typeflag {
		case tar.TypeDir:
			err = os.MkdirAll(at, 0o755)
		case tar.TypeSymlink:
			err = os.Symlink(h.Linkname, at)
		default:
			var data []byte
			if data, err = io.ReadAll(r); err == nil {
				err = os.WriteFile(at, data, 0o644)
			}
		}
		if err == nil && h.Typeflag != tar.TypeSymlink {
			err = errors.Join(os.Chown(at, h.Uid, h.Gid), os.Chmod(at, h.FileInfo().Mode()))
		}
		if err != nil {
			t.Fatal(err)
		}
	})
}

// compile builds the programs for this machine.
func compile(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	out := filepath.Join(bin, "linux_"+runtime.GOARCH) + "/"
	for dir, packages := range map[string][]string{"../..": {"./cmd/refgen", "./cmd/availapi"}, ".": {"./entry"}} {
		cmd := exec.Command("go", append([]string{"build", "-trimpath", "-ldflags=-s -w", "-o", out}, packages...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	}
	if err := os.Rename(out+"entry", out+"refapi"); err != nil {
		t.Fatal(err)
	}
	return bin
}

func TestPackagesAreRefused(t *testing.T) {
	t.Parallel()
	sum := strings.Repeat("0", 64)
	for text, want := range map[string]string{
		"":                                  "no package is for",
		"arm64 http://a/x.deb " + sum:       "no package is for",
		"amd64 http://a/x.deb":              "line 1: want an architecture",
		"# x\n\namd64 a b c d " + sum:       "line 3: want an architecture",
		"amd64 http://[::1]:1/x.deb " + sum: "",
	} {
		_, packages, err := readPackages(strings.NewReader(text), "amd64")
		if want == "" && (err != nil || len(packages) != 1) {
			t.Errorf("%q: %v, %v", text, packages, err)
		}
		if want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

// What is not a package, or a damaged one, is an error.
func FuzzDeb(f *testing.F) {
	header := func(name string, size int) string { return fmt.Sprintf("%-16s%-32s%-10d`\n", name, "0", size) }
	f.Add([]byte("!<arch>\n" + header("debian-binary", 4) + "2.0\n" + header("control.tar", 0)))
	f.Add([]byte("!<arch>\n" + header("data.tar.xz", 1) + "x"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := readDeb(data, files{}); err == nil && !strings.Contains(string(data), "Package: ") {
			t.Error("a package without a control file was accepted")
		}
	})
}
