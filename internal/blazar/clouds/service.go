package clouds

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// Service is how to find a service.
type Service struct {
	Key  string // prefix of its keys: reservation or compute
	Type string // in Keystone's catalog
	Name string // in Keystone's catalog; "" means any
	// Region is "" for the first in the catalog.
	Region string
	// Interfaces are public, internal or admin, tried in order; there is at least one.
	Interfaces []string
	// Override is the URL to use instead of the catalog's. It may have placeholders for
	// the project, such as %(project_id)s.
	Override string
}

// readTimeout reads api_timeout. As in openstacksdk, a key such as compute_timeout, of
// old clients, applies to all services, and takes precedence.
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

// readServices reads how to find the services.
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
		interfaces = []string{"public"}
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

// readService reads the keys of one service, which override the general ones.
func (r *reader) readService(version string, s *Service) error {
	kind := s.Key
	own, err := r.interfaces(kind + "_interface")
	if err != nil {
		return err
	}

	if own != nil {
		s.Interfaces = own
	}

	// The later of two keys for one field wins; override is the key to name in an error.
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

// noteVersion adds a note where a key asks for a version of an API that is not
// supported.
func (r *reader) noteVersion(key, version string) {
	v := r.take(key)
	major, _, _ := strings.Cut(strings.TrimPrefix(v.text, "v"), ".")
	if v.kind != null && major != version && v.text != "latest" {
		r.note(v, key, true, "availapi uses version %s", version)
	}
}

// interfaces reads a key that names an interface, or a list of them.
func (r *reader) interfaces(key string) ([]string, error) {
	v := r.take(key)
	items := []value{v}
	switch v.kind {
	case null:
		return nil, nil
	case list:
		items = v.items
	}

	known := []string{"public", "internal", "admin"}
	var all []string
	for _, item := range items {
		name := strings.TrimSuffix(strings.TrimSpace(item.text), "URL") // version 2 of the catalog had publicURL etc.
		if item.kind != scalar || !slices.Contains(known, name) {
			err := r.fail(v, key, "must be public, internal or admin, or a list of these")
			if near := hint.Nearest(name, known); near != "" {
				return nil, hint.Wrap(err, "did you mean %s?", near)
			}
			return nil, err
		}
		all = append(all, name)
	}

	return all, nil
}

// projectPlaceholder matches what keystoneauth replaces in a service's URL.
var projectPlaceholder = regexp.MustCompile(`[%$]\((project_id|tenant_id)\)s`)

// URL returns the service's override for a token's project.
func (s *Service) URL(project string) string {
	return projectPlaceholder.ReplaceAllLiteralString(s.Override, project)
}

// isURL reports whether a text is an absolute HTTP or HTTPS URL.
func isURL(text string) bool {
	u, err := url.Parse(strings.TrimSpace(text))
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}
