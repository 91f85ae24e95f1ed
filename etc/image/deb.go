package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"strings"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// file is a file, a directory or a symbolic link of an image.
type file struct {
	mode  int64 // permissions
	dir   bool
	link  string // target of a symbolic link
	data  []byte
	owner int // user and group
}

// files are the files of an image by path, which is relative to the root.
type files map[string]file

// readDeb adds the files of a Debian package (deb(5)), and its control file where scanners
// for known vulnerabilities look for it in images that have no dpkg.
func readDeb(data []byte, into files) error {
	members, err := readAr(data)
	if err != nil {
		return err
	}

	control := files{}
	for name, body := range members {
		to := into
		switch {
		case strings.HasPrefix(name, "control.tar"):
			to = control
		case !strings.HasPrefix(name, "data.tar"):
			continue
		}
		if err := readTar(name, body, to); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}

	text := control["control"].data
	_, rest, ok := strings.Cut("\n"+string(text), "\nPackage: ")
	if !ok {
		return errors.New("the package has no control file")
	}
	name, _, _ := strings.Cut(rest, "\n")
	into[dpkgStatus+name] = file{mode: 0o644, data: text}
	return nil
}

// readAr reads an archive in the common format of ar: a header of 60 bytes in front of
// each member, which begins at an even offset.
func readAr(data []byte) (map[string][]byte, error) {
	const magic, header = "!<arch>\n", 60
	rest, ok := bytes.CutPrefix(data, []byte(magic))
	if !ok {
		return nil, errors.New("not an ar archive")
	}

	members := map[string][]byte{}
	for len(rest) >= header {
		name := strings.TrimRight(string(rest[:16]), " /")
		size, err := strconv.Atoi(strings.TrimSpace(string(rest[48:58])))
		if err != nil || size < 0 || size > len(rest)-header {
			return nil, fmt.Errorf("member %q: bad size", name)
		}
		members[name] = rest[header : header+size]
		rest = rest[min(len(rest), header+size+size%2):]
	}

	return members, nil
}

// readTar reads a member of a package, compressed as its name says.
func readTar(name string, body []byte, into files) error {
	var r io.Reader = bytes.NewReader(body)
	var err error
	switch path.Ext(name) {
	case ".xz":
		r, err = xz.NewReader(r)
	case ".gz":
		r, err = gzip.NewReader(r)
	case ".zst":
		r, err = zstd.NewReader(r)
	}
	if err != nil {
		return err
	}

	for archive := tar.NewReader(r); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}

		at := strings.TrimPrefix(path.Clean("/"+h.Name), "/")
		switch h.Typeflag {
		case tar.TypeReg:
			data, err := io.ReadAll(archive)
			if err != nil {
				return err
			}
			into[at] = file{mode: h.Mode & 0o755, data: data}
		case tar.TypeSymlink:
			into[at] = file{mode: 0o777, link: h.Linkname}
		}
	}
}
