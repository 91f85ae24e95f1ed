package availability

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/chameleoncloud/refapi/internal/durable"
)

const (
	storeSuffix = ".lastknown"
	asideSuffix = ".aside"
	// maxFileSize is larger than any file that Save writes for a real site: a larger
	// one is not ours, and is not read into memory.
	maxFileSize = 256 << 20
	// maxName leaves room for the suffixes in the 255 bytes of a file name.
	maxName = 128
)

// Store keeps each site's last snapshot in a directory, one file per site. Only one
// process may use a directory at a time. The files contain nothing but nodes and
// times.
type Store struct {
	fsys durable.FS
	dir  string
}

// NewStore returns a Store in a directory, which Save creates.
func NewStore(fsys durable.FS, dir string) *Store { return &Store{fsys, dir} }

// path returns a site's file. Ids are escaped, capitals too: file names differ even
// on file systems that ignore case.
func (s *Store) path(site string) string {
	var name []byte
	for _, c := range []byte(site) {
		if 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_' {
			name = append(name, c)
		} else {
			name = fmt.Appendf(name, "%%%02x", c)
		}
	}

	if len(name) > maxName {
		sum := sha256.Sum256([]byte(site))
		name = fmt.Appendf(name[:maxName-len(sum)*2-1], "~%x", sum)
	}

	return filepath.Join(s.dir, string(name)+storeSuffix)
}

// Load returns a site's last-known snapshot; nil without an error where none is
// stored. An invalid file is renamed for inspection, replacing an earlier one, and
// the error says why.
func (s *Store) Load(site string) (*Snapshot, error) {
	file := s.path(site)
	snapshot, err := s.readSnapshot(file, site)
	switch {
	case err == nil:
		return snapshot, nil
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	}

	return nil, s.setAside(file, fmt.Errorf("read last-known data of site %q: %w", site, err))
}

// setAside renames a file that could not be read, if that is because it is invalid, and
// returns the error.
func (s *Store) setAside(file string, err error) error {
	if _, corrupt := errors.AsType[*corruptError](err); !corrupt {
		return err
	}
	if renamed := s.fsys.Rename(file, file+asideSuffix); renamed != nil {
		return errors.Join(err, fmt.Errorf("set the file aside: %w", renamed))
	}
	return fmt.Errorf("%w; the file is now %s", err, file+asideSuffix)
}

// readFile reads a file that may be one of the store.
func (s *Store) readFile(file string) ([]byte, error) {
	info, err := s.fsys.Stat(file)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > maxFileSize:
		return nil, corruptf("%s is not a file of last-known data", file)
	}
	return s.fsys.ReadFile(file)
}

func (s *Store) readSnapshot(file, site string) (*Snapshot, error) {
	src, err := s.readFile(file)
	if err != nil {
		return nil, err
	}

	snapshot, err := decodeSnapshot(src)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%s: %w", file, err)
	case snapshot.Site != site:
		return nil, corruptf("%s: belongs to site %q", file, snapshot.Site)
	}

	return snapshot, nil
}

// Save replaces the site's stored snapshot. The old file stays intact until the new
// one is on the disk. It writes even if only the time of the sync has changed: a
// restart must not make data look older than it is.
func (s *Store) Save(snapshot *Snapshot) error {
	err := s.fsys.MkdirAll(s.dir, 0o700)
	if err == nil {
		err = durable.WriteFile(s.fsys, s.path(snapshot.Site), 0o600,
			func(f durable.File) error { return writeSnapshot(f, snapshot) })
	}

	if err != nil {
		return fmt.Errorf("store last-known data of site %q: %w", snapshot.Site, err)
	}
	return nil
}

// corruptError means that retrying cannot help: the file is not one that this version
// of the program wrote.
type corruptError struct{ error }

func corruptf(format string, args ...any) error {
	return &corruptError{fmt.Errorf(format, args...)}
}

// splitHeader checks a file's first line, and returns the rest.
func splitHeader(src []byte, magic string) ([]byte, error) {
	line, body, ok := bytes.Cut(src, []byte("\n"))
	fields := bytes.Split(line, []byte(" "))
	if !ok || len(fields) < 2 || string(fields[0]) != magic {
		return nil, corruptf("not a file of last-known data")
	}
	if string(fields[1]) != storeVersion {
		return nil, corruptf("version is %.20q, not %s", fields[1], storeVersion)
	}
	if len(fields) != 3 {
		return nil, corruptf("the first line is malformed")
	}
	if sum := sha256.Sum256(body); hex.EncodeToString(sum[:]) != string(fields[2]) {
		return nil, corruptf("checksum mismatch: the content does not match the SHA-256 in the first line")
	}

	return body, nil
}
