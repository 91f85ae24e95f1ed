package main

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// maxPackage is more than the largest package has, in bytes.
const maxPackage = 64 << 20

// debianPackage is a Debian package at the version that the image has, a row of packages.txt.
type debianPackage struct {
	arch string // "amd64"; a package for all has a row for each architecture
	url  string
	sum  string // SHA-256, hexadecimal
}

// readPackages reads packages.txt and returns the packages of one architecture. Its first
// line is the time of the archive, as snapshot.debian.org writes it.
func readPackages(r io.Reader, arch string) (snapshot string, packages []debianPackage, err error) {
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		fields := strings.Fields(lines.Text())
		switch {
		case len(fields) == 0 || strings.HasPrefix(fields[0], "#"):
		case len(fields) == 2 && fields[0] == "snapshot":
			snapshot = fields[1]
		case len(fields) == 3:
			if fields[0] == arch {
				packages = append(packages, debianPackage{fields[0], fields[1], fields[2]})
			}
		default:
			return "", nil, fmt.Errorf("line %d: want an architecture, a URL and a checksum", n)
		}
	}

	if lines.Err() == nil && len(packages) == 0 {
		return "", nil, fmt.Errorf("no package is for %q", arch)
	}
	return snapshot, packages, lines.Err()
}

// fetch returns a package's bytes: from the cache, from its URL or, when the archive has a
// newer version by now, from the snapshot of the archive.
func fetch(ctx context.Context, cache, snapshot string, p debianPackage) ([]byte, error) {
	file := filepath.Join(cache, p.sum+".deb")
	if data, err := os.ReadFile(file); err == nil && checksum(data) == p.sum {
		return data, nil
	}

	urls := []string{p.url}
	if before, pool, ok := strings.Cut(p.url, "/pool/"); ok && snapshot != "" {
		urls = append(urls, "https://snapshot.debian.org/archive/"+path.Base(before)+"/"+snapshot+"/pool/"+pool)
	}

	var failed []error
	for _, url := range urls {
		data, err := get(ctx, url)
		if err == nil && checksum(data) != p.sum {
			err = fmt.Errorf("%s: SHA-256 is %s, want %s", url, checksum(data), p.sum)
		}
		if err == nil {
			return data, store(file, data)
		}
		failed = append(failed, err)
	}

	return nil, fmt.Errorf("cannot get a package (make image-packages takes the newest versions): %w",
		errors.Join(failed...))
}

func get(ctx context.Context, url string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()

	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: %s", url, resp.Status)
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxPackage))
}

// store renames a complete file into its place: several processes may do so.
func store(file string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), "new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := cmp.Or(err, f.Close(), os.Rename(f.Name(), file)); err != nil {
		os.Remove(f.Name())
		return err
	}
	return nil
}

func checksum(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// unpack merges the files of all packages of an architecture.
func unpack(ctx context.Context, cache, snapshot string, packages []debianPackage) (files, error) {
	all := files{}
	for _, p := range packages {
		data, err := fetch(ctx, cache, snapshot, p)
		if err != nil {
			return nil, err
		}
		if err := readDeb(data, all); err != nil {
			return nil, fmt.Errorf("%s: %w", p.url, err)
		}
	}
	return all, nil
}

// sortedKeys is the order of everything in a layer.
func sortedKeys(f files) []string {
	var names []string
	for name := range f {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
