package main

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/klauspost/compress/gzip"
)

// description is what the image's labels say of it.
type description struct {
	version, revision string
	created           time.Time
}

// volumes are the directories that are written to: releases, clones, last-known data.
var volumes = []string{"/var/lib/refapi", "/var/cache/refapi", "/var/lib/availapi"}

// environment are the defaults in the image. A configuration file is read where it is
// mounted, at /etc/refapi/config.toml.
var environment = []string{
	"PATH=/usr/bin:/usr/sbin",
	"REFERENCE_API_OUT=/var/lib/refapi/public",
	"REFERENCE_API_HOST=0.0.0.0",
	"AVAILAPI_HOST=0.0.0.0",
	"STATE_DIRECTORY=/var/lib/availapi",
	"XDG_CACHE_HOME=/var/cache/refapi",
}

// labels are those of the OCI image specification, and how a container is asked whether
// it is well: the specification has nothing for that.
func (d description) labels() map[string]string {
	const project = "https://github.com/chameleoncloud/refapi"
	return map[string]string{
		"org.opencontainers.image.title":          "refapi",
		"org.opencontainers.image.description":    "Reference API for testbed hardware: refgen, availapi and nginx",
		"org.opencontainers.image.version":        d.version,
		"org.opencontainers.image.revision":       d.revision,
		"org.opencontainers.image.created":        d.created.Format(time.RFC3339),
		"org.opencontainers.image.licenses":       "Apache-2.0",
		"org.opencontainers.image.vendor":         "Chameleon Cloud",
		"org.opencontainers.image.url":            project,
		"org.opencontainers.image.source":         project,
		"org.opencontainers.image.documentation":  project + "/blob/main/docs/containers.md",
		"com.github.chameleoncloud.refapi.health": "/usr/bin/refapi health URL",
	}
}

// makeImage makes the image of one architecture: Debian's files below, which change
// seldom, and ours above.
func makeImage(arch string, d description, layers ...files) (v1.Image, error) {
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	for _, f := range layers {
		layer, err := makeLayer(f, d.created)
		if err != nil {
			return nil, err
		}
		image, err = mutate.Append(image, mutate.Addendum{
			Layer:   layer,
			History: v1.History{Created: v1.Time{Time: d.created}, CreatedBy: "make image"},
		})
		if err != nil {
			return nil, err
		}
	}

	config, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}

	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", arch
	config.Created = v1.Time{Time: d.created}
	config.Config = v1.Config{
		User:         "65532:65532",
		Env:          environment,
		Cmd:          []string{"refgen", "--help"},
		WorkingDir:   "/",
		Labels:       d.labels(),
		Volumes:      map[string]struct{}{},
		ExposedPorts: map[string]struct{}{"8000/tcp": {}, "8001/tcp": {}, "8002/tcp": {}},
		StopSignal:   "SIGTERM",
	}
	for _, dir := range volumes {
		config.Config.Volumes[dir] = struct{}{}
	}

	image, err = mutate.ConfigFile(image, config)
	if err != nil {
		return nil, err
	}
	return mutate.Annotations(image, d.labels()).(v1.Image), nil
}

// compression is where gzip gets slow: the next level saves a hundredth in twice the time.
const compression = 8

// makeLayer makes a layer whose bytes depend on the files and the time only.
func makeLayer(f files, created time.Time) (v1.Layer, error) {
	var archive bytes.Buffer
	// Not the standard library's, whose bytes may be others in the next version of Go.
	compressed, err := gzip.NewWriterLevel(&archive, compression)
	if err != nil {
		return nil, err
	}
	w := tar.NewWriter(compressed)
	f = f.withParents()
	for _, name := range sortedKeys(f) {
		file := f[name]
		h := &tar.Header{Name: name, Mode: file.mode, Uid: file.owner, Gid: file.owner, ModTime: created,
			Typeflag: tar.TypeReg, Size: int64(len(file.data)), Format: tar.FormatPAX}
		switch {
		case file.dir:
			h.Typeflag, h.Name = tar.TypeDir, name+"/"
		case file.link != "":
			h.Typeflag, h.Linkname = tar.TypeSymlink, file.link
		}

		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(file.data); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(w.Close(), compressed.Close()); err != nil {
		return nil, err
	}

	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive.Bytes())), nil }
	return tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer))
}

// makeIndex makes one image of those of several architectures.
func makeIndex(d description, images map[string]v1.Image, architectures []string) v1.ImageIndex {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, arch := range architectures {
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        images[arch],
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: arch}},
		})
	}
	return mutate.Annotations(index, d.labels()).(v1.ImageIndex)
}

// writeLayout writes an OCI layout with one image, under the name that engines load it as.
func writeLayout(dir string, index v1.ImageIndex, d description) error {
	path, err := layout.Write(dir, empty.Index)
	if err != nil {
		return err
	}
	return path.AppendIndex(index, layout.WithAnnotations(
		map[string]string{"org.opencontainers.image.ref.name": "refapi:" + d.version}))
}

// archiveLayout writes a layout as an archive, whose bytes depend on the layout and the
// time only.
func archiveLayout(dir, to string, created time.Time) error {
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer f.Close()

	w := tar.NewWriter(f)
	err = fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}

		h := &tar.Header{Name: name, Mode: 0o644, ModTime: created, Size: int64(len(data)), Format: tar.FormatPAX}
		if err := w.WriteHeader(h); err != nil {
			return err
		}
		_, err = w.Write(data)
		return err
	})
	if err != nil {
		return err
	}

	if err := w.Close(); err != nil {
		return err
	}
	return f.Close()
}
