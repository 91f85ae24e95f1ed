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

	"github.com/gophercloud/gophercloud/v2"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/hint"
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

	r := newReader(name, docs, getenv)
	r.mergeLayers(own)
	e := &Entry{Name: name, File: docs.file(), Auth: r.readAuth(), TLS: r.readTLS(), Timeout: r.readTimeout()}
	e.Reservation, e.Compute = r.readServices()
	r.noteUnused()
	e.Notes = r.notes
	if r.err != nil {
		return nil, r.err
	}

	return e, nil
}

// reader reads the keys of one entry, and records which ones were used. It keeps its
// first error: what it returns afterwards is of no use.
type reader struct {
	name   string
	docs   *documents
	getenv func(string) string
	entry  value // with its profile and its region
	auth   value

	used, usedAuth map[string]bool
	notes          []availability.Note
	err            error
}

func newReader(name string, docs *documents, getenv func(string) string) *reader {
	return &reader{name: name, docs: docs, getenv: getenv, used: map[string]bool{}, usedAuth: map[string]bool{}}
}

// stop records an error, with advice unless that is "".
func (r *reader) stop(err error, advice string) {
	if r.err != nil {
		return
	}

	r.err = fmt.Errorf("read cloud %q: %w", r.name, err)
	if advice != "" {
		r.err = hint.Wrap(r.err, "%s", advice)
	}
}

// fail records an error about a key.
func (r *reader) fail(v value, key, format string, args ...any) {
	r.stop(keyError(v, key, format, args...), "")
}

func keyError(v value, key, format string, args ...any) error {
	return fmt.Errorf("%s: key %q %s", v.at, printableKey(key), fmt.Sprintf(format, args...))
}

// note adds a note that a key has no effect.
func (r *reader) note(v value, key string, suspect bool, format string, args ...any) {
	n := availability.Note{At: v.at, Key: printableKey(key), Why: fmt.Sprintf(format, args...), Suspect: suspect}
	if !slices.Contains(r.notes, n) {
		r.notes = append(r.notes, n)
	}
}

// mergeLayers merges the profile, the entry and the values of its region, each of
// which overrides the one before.
func (r *reader) mergeLayers(own value) {
	base := r.profile(own)
	r.entry = base.merge(own)

	// A region of the entry itself takes precedence over those of its profile.
	region, values := r.region(own)
	if region.text == "" {
		region, values = r.region(base)
	}

	r.entry = r.entry.merge(values)
	r.entry.remove("regions")
	r.entry.remove("region_name")
	if region.text != "" {
		r.entry.set("region_name", region)
	}

	r.renameFormerKeys()
	r.auth = r.entry.get("auth")
	if r.auth.kind != mapping && r.auth.kind != null {
		r.fail(r.auth, "auth", "must be a mapping of keys, not %v", r.auth.kind)
	}
}

// renameFormerKeys replaces endpoint_type by interface in names of keys. As in
// openstacksdk, the former name takes precedence.
func (r *reader) renameFormerKeys() {
	for _, m := range slices.Clone(r.entry.members) {
		prefix, ok := strings.CutSuffix(m.key, "endpoint_type")
		if ok && (prefix == "" || strings.HasSuffix(prefix, "_")) {
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
func (r *reader) text(key string) string { return r.expand(r.take(key), key) }

// scalar returns a key's value as a string, "" for null.
func (r *reader) scalar(v value, key string) string {
	if v.kind == list || v.kind == mapping {
		r.fail(v, key, "must be a string, not %v", v.kind)
	}
	return v.text
}

// flag reads a boolean. The words of YAML 1.1, which PyYAML reads as booleans where they
// are not quoted, may be quoted here.
func (r *reader) flag(key string, missing bool) bool {
	v := r.take(key)
	if v.kind == null {
		return missing
	}

	word := strings.ToLower(strings.TrimSpace(v.text))
	yes := slices.Contains([]string{"true", "yes", "on", "y", "t", "1"}, word)
	if !yes && !slices.Contains([]string{"false", "no", "off", "n", "f", "0"}, word) {
		r.fail(v, key, "must be true or false")
	}

	return yes
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// expand returns a string in which each {key} is replaced with that key's value:
// profiles have such placeholders in their URLs.
func (r *reader) expand(v value, key string) string {
	return placeholder.ReplaceAllStringFunc(r.scalar(v, key), func(name string) string {
		name = strings.Trim(name, "{}")
		other := r.entry.get(name)
		if other.kind != scalar {
			r.fail(v, key, "refers to {%s}, which the entry lacks", printableKey(name))
		}
		return other.text
	})
}
