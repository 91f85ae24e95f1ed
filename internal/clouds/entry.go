// Package clouds reads an entry of clouds.yaml and secure.yaml as openstacksdk
// does (openstack/config/loader.py and cloud_region.py), and says which of its
// keys have no effect here. It asks nobody.
package clouds

import (
	"crypto/tls"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// Entry is an entry of clouds.yaml, ready for use.
type Entry struct {
	Name string
	File string // where it was found
	Auth gophercloud.AuthOptions
	TLS  *tls.Config
	// Timeout bounds each exchange; 0 is no limit of the entry's own.
	Timeout time.Duration
	// Reservation is how to find Blazar, Compute how to find Nova.
	Reservation, Compute Service
	// Notes are about keys without effect.
	Notes []Note
}

// Service is how a service is found.
type Service struct {
	Key  string // as keys begin: reservation or compute
	Type string // as Keystone's catalog names it
	Name string // "" is any
	// Region is "" for any, which is the first of the catalog.
	Region string
	// Interfaces are tried in order; there is at least one.
	Interfaces []gophercloud.Availability
	// Override is the URL to ask instead of the catalog's. It may have
	// placeholders for the project, as in %(project_id)s.
	Override string
}

// Note is a remark about a key without effect.
type Note struct {
	At  string // file and line
	Key string
	Why string
	// Suspect is set where the key is likely a mistake, and not one that other
	// programs need.
	Suspect bool
}

func (n Note) String() string { return fmt.Sprintf("%s: key %q has no effect: %s", n.At, n.Key, n.Why) }

// Read finds an entry by its name. getenv says where the files are
// (OS_CLIENT_CONFIG_FILE, OS_CLIENT_SECURE_FILE, XDG_CONFIG_HOME,
// XDG_CONFIG_DIRS, HOME); no other variable counts. Only this entry is read in
// full. Errors name the file, the entry and the key, never a secret, and most
// carry a hint.
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
	if err := r.assemble(own); err != nil {
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

// reader reads the keys of one entry, and remembers which ones.
type reader struct {
	name   string
	docs   *documents
	getenv func(string) string
	entry  value // with its profile and its region
	auth   value

	used, usedAuth map[string]bool
	notes          []Note
}

// fail is an error about a key.
func (r *reader) fail(v value, key, format string, args ...any) error {
	return fmt.Errorf("read cloud %q: %v: key %q %s", r.name, v.at, key, fmt.Sprintf(format, args...))
}

// note remarks that a key has no effect.
func (r *reader) note(v value, key string, suspect bool, format string, args ...any) {
	n := Note{At: v.at.String(), Key: key, Why: fmt.Sprintf(format, args...), Suspect: suspect}
	if !slices.Contains(r.notes, n) {
		r.notes = append(r.notes, n)
	}
}

// assemble puts the entry together: its profile below it, and the values of its
// region above it.
func (r *reader) assemble(own value) error {
	base, err := r.profile(own)
	if err != nil {
		return err
	}
	r.entry = base.merge(own)
	// A region that the entry names goes before those of its profile.
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
	r.rename()
	r.auth = r.entry.get("auth")
	if r.auth.kind != mapping && r.auth.kind != null {
		return r.fail(r.auth, "auth", "must be a mapping of keys, not %v", r.auth.kind)
	}
	return nil
}

// profile finds the profile that an entry is based on. One that cannot be found
// stops nothing, as in openstacksdk.
func (r *reader) profile(own value) (value, error) {
	key := "profile"
	v := own.get(key)
	if v.kind == null {
		key = "cloud" // its old name
		v = own.get(key)
	}
	r.used["profile"], r.used["cloud"] = true, true
	switch v.kind {
	case null:
		return value{kind: mapping}, nil
	case scalar:
	default:
		return value{}, r.fail(v, key, "must be a text, not %v", v.kind)
	}
	base, public, err := r.docs.profile(v.text)
	if err != nil {
		return value{}, err
	}
	if base.kind == mapping {
		return base.normalized(), nil
	}
	where := "there is no clouds-public.yaml"
	if public.name != "" {
		where = public.name + " has no such entry under public-clouds:"
	}
	r.note(v, key, true, "%s, and availapi has no profiles of its own", where)
	return value{kind: mapping}, nil
}

// region is an item of regions.
type region struct {
	name   string
	values value
	at     place
}

// region picks the one that counts: the first.
func (r *reader) region(entry value) (region, error) {
	one, all := entry.get("region_name"), entry.get("regions")
	switch {
	case all.kind == list && len(all.items) > 0:
	case all.kind != list && all.kind != null:
		return region{}, r.fail(all, "regions", "must be a list, not %v", all.kind)
	case one.kind == null:
		return region{}, nil
	case one.kind == mapping:
		return region{}, r.fail(one, "region_name", "must be a text, not %v", one.kind)
	case one.kind == list:
		all = one
	default:
		for name := range strings.SplitSeq(one.text, ",") {
			all.items = append(all.items, value{kind: scalar, text: strings.TrimSpace(name), at: one.at})
		}
	}
	var regions []region
	for _, item := range all.items {
		read, err := r.regionItem(item)
		if err != nil {
			return region{}, err
		}
		regions = append(regions, read)
	}
	if len(regions) == 0 {
		return region{}, nil
	}
	first := regions[0]
	for _, other := range regions[1:] {
		r.note(value{at: other.at}, "regions: "+other.name, false, "of several regions the first is asked, %s", first.name)
	}
	if entry.get("regions").kind == list && one.kind == scalar && one.text != first.name {
		r.note(one, "region_name", true, "the first of regions counts, %s", first.name)
	}
	return first, nil
}

// regionItem reads a region: its name, or a mapping with its name and values of
// its own.
func (r *reader) regionItem(item value) (region, error) {
	if item.kind == scalar {
		return region{name: item.text, at: item.at}, nil
	}
	if item.kind != mapping || item.get("name").kind != scalar {
		return region{}, r.fail(item, "regions", "must have names, or mappings with name and values")
	}
	for _, m := range item.members {
		if m.key != "name" && m.key != "values" {
			return region{}, r.fail(m.value, "regions", "has %q: a region has name and values, and nothing else", m.key)
		}
	}
	values := item.get("values")
	if values.kind != mapping && values.kind != null {
		return region{}, r.fail(values, "regions", "has values that are not a mapping of keys but %v", values.kind)
	}
	return region{name: item.get("name").text, values: values, at: item.at}, nil
}

// rename gives keys their names of now. An old name goes before the new one.
func (r *reader) rename() {
	before := r.entry.members
	for _, m := range slices.Clone(before) {
		if prefix, ok := strings.CutSuffix(m.key, "endpoint_type"); ok && (prefix == "" || strings.HasSuffix(prefix, "_")) {
			r.entry.remove(m.key)
			r.entry.set(prefix+"interface", m.value)
		}
	}
}

// take returns a key's value, and counts it as used.
func (r *reader) take(key string) value {
	r.used[key] = true
	return r.entry.get(key)
}

// text reads a key that has a text, "" where there is none.
func (r *reader) text(key string) (string, error) {
	v := r.take(key)
	switch v.kind {
	case null:
		return "", nil
	case scalar:
		return r.expand(v, key)
	}
	return "", r.fail(v, key, "must be a text, not %v", v.kind)
}

var placeholder = regexp.MustCompile(`\{[^{}]*\}`)

// expand replaces {key} with another key's value, as profiles have it in their
// URLs.
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
		return "", r.fail(v, key, "refers to {%s}, which the entry lacks", bad)
	}
	return text, nil
}

// readTimeout reads api_timeout. Old clients wrote it with the name of a
// service, and openstacksdk lets that count for all.
func (r *reader) readTimeout(e *Entry) error {
	key := "api_timeout"
	for _, m := range r.entry.members {
		if strings.HasSuffix(m.key, "_timeout") && m.key != "api_timeout" {
			r.used[key] = true
			key = m.key
		}
	}
	v := r.take(key)
	if v.kind == null {
		return nil
	}
	seconds, err := strconv.ParseFloat(strings.TrimSpace(v.text), 64)
	if v.kind != scalar || err != nil || !(seconds >= 0 && seconds < 1e9) {
		return r.fail(v, key, "must be a number of seconds")
	}
	e.Timeout = time.Duration(seconds * float64(time.Second))
	return nil
}

// readServices reads how the services are found.
func (r *reader) readServices(e *Entry) error {
	region, err := r.text("region_name")
	if err != nil {
		return err
	}
	interfaces, err := r.interfaces("interface")
	if err != nil {
		return err
	}
	if interfaces == nil {
		interfaces = []gophercloud.Availability{gophercloud.AvailabilityPublic}
	}
	for _, s := range []struct {
		kind, version string
		into          *Service
	}{{"reservation", "1", &e.Reservation}, {"compute", "2", &e.Compute}} {
		*s.into = Service{Key: s.kind, Type: s.kind, Region: region, Interfaces: interfaces}
		if err := r.readService(s.version, s.into); err != nil {
			return err
		}
	}
	r.noteVersion("identity_api_version", "3")
	return nil
}

// readService reads the keys of one service, which go before the general ones.
func (r *reader) readService(version string, s *Service) error {
	kind := s.Key
	own, err := r.interfaces(kind + "_interface")
	if err != nil {
		return err
	}
	if own != nil {
		s.Interfaces = own
	}
	override := kind + "_endpoint_override"
	for _, key := range []struct {
		name string
		into *string
	}{
		{kind + "_region_name", &s.Region}, {kind + "_service_type", &s.Type}, {kind + "_service_name", &s.Name},
		{kind + "_endpoint", &s.Override}, {override, &s.Override},
	} {
		text, err := r.text(key.name)
		if err != nil {
			return err
		}
		if text == "" {
			continue
		}
		*key.into = text
		if key.into == &s.Override {
			override = key.name
		}
	}
	s.Override = strings.TrimSpace(s.Override)
	if s.Override != "" && !isURL(projectPlaceholder.ReplaceAllString(s.Override, "x")) {
		return r.fail(r.entry.get(override), override, "must be a URL such as https://blazar.example.org:1234/v1")
	}
	r.noteVersion(kind+"_api_version", version)
	return nil
}

// noteVersion remarks that there is no choice of an API's version.
func (r *reader) noteVersion(key, version string) {
	v := r.take(key)
	major, _, _ := strings.Cut(strings.TrimPrefix(v.text, "v"), ".")
	if v.kind != null && major != version && v.text != "latest" {
		r.note(v, key, true, "availapi asks version %s", version)
	}
}

// interfaces reads a key that names an interface, or a list of them.
func (r *reader) interfaces(key string) ([]gophercloud.Availability, error) {
	v := r.take(key)
	items := []value{v}
	switch v.kind {
	case null:
		return nil, nil
	case list:
		items = v.items
	}
	known := []string{string(gophercloud.AvailabilityPublic), string(gophercloud.AvailabilityInternal), string(gophercloud.AvailabilityAdmin)}
	var all []gophercloud.Availability
	for _, item := range items {
		name := strings.TrimSuffix(strings.TrimSpace(item.text), "URL") // as in version 2 of the catalog
		if item.kind != scalar || !slices.Contains(known, name) {
			err := r.fail(v, key, "must be public, internal or admin, or a list of these")
			if near := hint.Nearest(name, known); near != "" {
				return nil, hint.Wrap(err, "did you mean %s?", near)
			}
			return nil, err
		}
		all = append(all, gophercloud.Availability(name))
	}
	return all, nil
}

// projectPlaceholder is what keystoneauth replaces in a service's URL.
var projectPlaceholder = regexp.MustCompile(`[%$]\((project_id|tenant_id)\)s`)

// URL is the service's override for a token's project.
func (s *Service) URL(project string) string {
	return projectPlaceholder.ReplaceAllLiteralString(s.Override, project)
}

// isURL reports whether a text is an absolute URL of HTTP.
func isURL(text string) bool {
	u, err := url.Parse(strings.TrimSpace(text))
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}
