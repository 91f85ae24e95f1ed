// Package clouds reads an entry of clouds.yaml and secure.yaml as openstacksdk does
// (openstack/config/loader.py and cloud_region.py), and reports which of its keys have
// no effect here. It sends no requests.
package clouds

import (
	"crypto/tls"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/gophercloud/gophercloud/v2"
)

// Entry is an entry of clouds.yaml, ready for use.
type Entry struct {
	Name string
	File string // where it was found
	Auth gophercloud.AuthOptions
	TLS  *tls.Config
	// Timeout bounds each HTTP exchange; 0 means that the entry has no limit.
	Timeout time.Duration
	// Reservation is how to find Blazar, Compute how to find Nova.
	Reservation, Compute Service
	// Notes report keys without effect.
	Notes []availability.Note
}

// Read finds an entry by its name. Only the environment variables that locate the files
// are used: OS_CLIENT_CONFIG_FILE, OS_CLIENT_SECURE_FILE, XDG_CONFIG_HOME,
// XDG_CONFIG_DIRS and HOME. Other entries are not validated. Errors name the file, the
// entry and the key, never a secret, and most have a hint.
func Read(name string, getenv func(string) string) (*Entry, error) {
	docs, err := read(getenv)
	if err != nil {
		return nil, err
	}

	own, err := docs.entry(name)
	if err != nil {
		return nil, err
	}

	r := &reader{name: name, docs: docs, getenv: getenv, used: map[string]bool{}, usedAuth: map[string]bool{}}
	if err := r.mergeLayers(own); err != nil {
		return nil, err
	}

	e := &Entry{Name: name, File: docs.file()}
	for _, step := range []func(*Entry) error{r.readAuth, r.readTLS, r.readTimeout, r.readServices} {
		if err := step(e); err != nil {
			return nil, err
		}
	}

	r.noteUnused()
	e.Notes = r.notes
	return e, nil
}

// reader reads the keys of one entry, and records which ones were used.
type reader struct {
	name   string
	docs   *documents
	getenv func(string) string
	entry  value // with its profile and its region
	auth   value

	used, usedAuth map[string]bool
	notes          []availability.Note
}

// fail is an error about a key.
func (r *reader) fail(v value, key, format string, args ...any) error {
	return fmt.Errorf("read cloud %q: %v: key %q %s", r.name, v.at, printableKey(key), fmt.Sprintf(format, args...))
}

// note adds a note that a key has no effect.
func (r *reader) note(v value, key string, suspect bool, format string, args ...any) {
	n := availability.Note{At: v.at.String(), Key: printableKey(key), Why: fmt.Sprintf(format, args...),
		Suspect: suspect}
	if !slices.Contains(r.notes, n) {
		r.notes = append(r.notes, n)
	}
}

// mergeLayers merges the profile, the entry and the values of its region, each of
// which overrides the one before.
func (r *reader) mergeLayers(own value) error {
	base, err := r.profile(own)
	if err != nil {
		return err
	}

	r.entry = base.merge(own)

	// A region of the entry itself takes precedence over those of its profile.
	region, err := r.region(own)
	if err == nil && region.name == "" {
		region, err = r.region(base)
	}

	if err != nil {
		return err
	}

	r.entry = r.entry.merge(region.values)
	r.entry.remove("regions")
	r.entry.remove("region_name")

	if region.name != "" {
		r.entry.set("region_name", value{kind: scalar, text: region.name, at: region.at})
	}

	r.renameFormerKeys()
	r.auth = r.entry.get("auth")
	if r.auth.kind != mapping && r.auth.kind != null {
		return r.fail(r.auth, "auth", "must be a mapping of keys, not %v", r.auth.kind)
	}

	return nil
}

// renameFormerKeys replaces endpoint_type by interface in names of keys. As in
// openstacksdk, the former name takes precedence.
func (r *reader) renameFormerKeys() {
	before := r.entry.members
	for _, m := range slices.Clone(before) {
		if prefix, ok := strings.CutSuffix(m.key, "endpoint_type"); ok &&
			(prefix == "" || strings.HasSuffix(prefix, "_")) {
			r.entry.remove(m.key)
			r.entry.set(prefix+"interface", m.value)
		}
	}
}

// take returns a key's value, and records it as used. An empty string counts as no
// value.
func (r *reader) take(key string) value {
	r.used[key] = true
	return r.entry.get(key).orEmpty()
}

// text reads a string, "" where there is none.
func (r *reader) text(key string) (string, error) {
	v := r.take(key)
	switch v.kind {
	case null:
		return "", nil
	case scalar:
		return r.expand(v, key)
	}
	return "", r.fail(v, key, "must be a string, not %v", v.kind)
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// expand replaces {key} with another key's value: profiles have such placeholders in
// their URLs.
func (r *reader) expand(v value, key string) (string, error) {
	var bad string
	text := placeholder.ReplaceAllStringFunc(v.text, func(name string) string {
		name = strings.Trim(name, "{}")
		other := r.entry.get(name)
		if other.kind != scalar {
			bad = name
		}
		return other.text
	})

	if bad != "" {
		return "", r.fail(v, key, "refers to {%s}, which the entry lacks", printableKey(bad))
	}

	return text, nil
}
