package tree

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"iter"
	"path"
	"time"
)

// Digest is a SHA-256.
type Digest [sha256.Size]byte

// DigestOf returns the digest of some content.
func DigestOf(body []byte) Digest { return sha256.Sum256(body) }

// String returns the digest in lower-case hexadecimal digits.
func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText implements [encoding.TextMarshaler].
func (d Digest) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, d[:]), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Digest) UnmarshalText(text []byte) error {
	if len(text) != hex.EncodedLen(len(d)) {
		return fmt.Errorf("%q is not a SHA-256", text)
	}
	if _, err := hex.Decode(d[:], text); err != nil {
		return fmt.Errorf("%q is not a SHA-256", text)
	}
	return nil
}

// Entry is one file of a release, with its sidecars.
type Entry struct {
	Path   string    `json:"path"` // slash-separated, below the release's root
	Class  Class     `json:"class,omitzero"`
	Size   int64     `json:"size"` // bytes
	SHA256 Digest    `json:"sha256"`
	Time   time.Time `json:"modified"` // UTC, without fractions of a second
	// Moved is the number of seconds by which Time is before the generator's time.
	Moved int `json:"moved,omitzero"`
	// Fingerprint is that of the file's inputs, "" if it has none.
	Fingerprint string   `json:"fingerprint,omitzero"`
	Gzip        *Variant `json:"gzip,omitzero"`
	Brotli      *Variant `json:"brotli,omitzero"`
}

// Variant is a compressed form of a file, its sidecar.
type Variant struct {
	Size   int64  `json:"size"` // bytes
	SHA256 Digest `json:"sha256"`
}

// NewVariant returns the variant with some content; nil for none.
func NewVariant(body []byte) *Variant {
	if body == nil {
		return nil
	}
	return &Variant{Size: int64(len(body)), SHA256: DigestOf(body)}
}

// NewEntry returns the entry of a file that was rendered, without sidecars.
func NewEntry(f File) Entry {
	return Entry{
		Path:        f.Path,
		Class:       f.Class,
		Size:        int64(len(f.Body)),
		SHA256:      DigestOf(f.Body),
		Time:        f.Time,
		Fingerprint: f.Fingerprint,
	}
}

// Equal reports whether two entries have the same path, class, bytes and time.
func (e *Entry) Equal(o *Entry) bool {
	return e.Path == o.Path && e.Class == o.Class && e.SHA256 == o.SHA256 && e.Size == o.Size && e.Time.Equal(o.Time)
}

// GeneratedTime returns the time that the generator gave the file.
func (e *Entry) GeneratedTime() time.Time { return e.Time.Add(time.Duration(e.Moved) * time.Second) }

// Form is one file as it is stored: the file of an entry, or a sidecar of it.
type Form struct {
	Path   string // with the suffix of a sidecar
	Class  Class
	Size   int64 // bytes
	SHA256 Digest
	Time   time.Time
}

// Stored returns where a file is stored, relative to the release's directory.
func (f Form) Stored() string {
	if f.Class == Immutable {
		return path.Join(StoreDir, f.Path)
	}
	return f.Path
}

// HasContent reports whether some content is that of the file. A manifest may lie about
// the size alone.
func (f Form) HasContent(body []byte) bool {
	return int64(len(body)) == f.Size && DigestOf(body) == f.SHA256
}

// File returns the form without compression.
func (e *Entry) File() Form {
	return Form{Path: e.Path, Class: e.Class, Size: e.Size, SHA256: e.SHA256, Time: e.Time}
}

// Forms yields the file and its sidecars, the file first.
func (e *Entry) Forms() iter.Seq[Form] {
	return func(yield func(Form) bool) {
		if !yield(e.File()) {
			return
		}

		for _, v := range []struct {
			*Variant
			suffix string
		}{{e.Gzip, GzipSuffix}, {e.Brotli, BrotliSuffix}} {
			if v.Variant == nil {
				continue
			}
			f := Form{Path: e.Path + v.suffix, Class: e.Class, Size: v.Size, SHA256: v.SHA256, Time: e.Time}
			if !yield(f) {
				return
			}
		}
	}
}

// Count returns the number of files, with sidecars.
func (e *Entry) Count() (n int) {
	for range e.Forms() {
		n++
	}
	return n
}
