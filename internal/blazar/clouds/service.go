package clouds

import (
	"cmp"
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
func (r *reader) readTimeout() time.Duration {
	v := r.take("api_timeout")
	key := "api_timeout"
	for _, m := range r.entry.members {
		if strings.HasSuffix(m.key, "_timeout") && m.key != "api_timeout" {
			key, v = m.key, r.take(m.key)
		}
	}

	if v.kind == null {
		return 0
	}

	seconds, err := strconv.ParseFloat(strings.TrimSpace(v.text), 64)
	if err != nil || !(seconds >= 0 && seconds < 1e9) { // NaN is neither
		r.fail(v, key, "must be a number of seconds")
	}

	return time.Duration(seconds * float64(time.Second))
}

// readServices reads how to find Blazar and Nova.
func (r *reader) readServices() (reservation, compute Service) {
	general := Service{Region: r.text("region_name"), Interfaces: r.interfaces("interface", []string{"public"})}
	r.noteVersion("identity_api_version", "3")
	return r.readService("reservation", "1", general), r.readService("compute", "2", general)
}

// readService reads the keys of one service, which override the general ones.
func (r *reader) readService(kind, version string, general Service) Service {
	r.noteVersion(kind+"_api_version", version)
	return Service{
		Key:        kind,
		Type:       cmp.Or(r.text(kind+"_service_type"), kind),
		Name:       r.text(kind + "_service_name"),
		Region:     cmp.Or(r.text(kind+"_region_name"), general.Region),
		Interfaces: r.interfaces(kind+"_interface", general.Interfaces),
		Override:   r.override(kind),
	}
}

// override reads the URL of a service, which takes precedence over the catalog's.
func (r *reader) override(kind string) string {
	key, alias := kind+"_endpoint_override", kind+"_endpoint"
	text, other := r.text(key), r.text(alias)
	if text == "" {
		key, text = alias, other
	}

	text = strings.TrimSpace(text)
	if text != "" && !isURL(projectPlaceholder.ReplaceAllString(text, "x")) {
		r.fail(r.entry.get(key), key, "must be a URL such as https://blazar.example.org:1234/v1")
	}

	return text
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
func (r *reader) interfaces(key string, missing []string) []string {
	v := r.take(key)
	items := v.items
	switch v.kind {
	case null:
		return missing
	case scalar, mapping:
		items = []value{v}
	}

	known := []string{"public", "internal", "admin"}
	var all []string
	for _, item := range items {
		name := strings.TrimSuffix(strings.TrimSpace(item.text), "URL") // version 2 of the catalog had publicURL etc.
		if !slices.Contains(known, name) {
			advice := ""
			if near := hint.Nearest(name, known); near != "" {
				advice = "did you mean " + near + "?"
			}
			r.stop(keyError(v, key, "must be public, internal or admin, or a list of these"), advice)
		}
		all = append(all, name)
	}

	return all
}

// projectPlaceholder matches what keystoneauth replaces in a service's URL.
var projectPlaceholder = regexp.MustCompile(`[%$]\((project_id|tenant_id)\)s`)

// URL returns the service's override for a token's project.
func (s *Service) URL(project string) string {
	return projectPlaceholder.ReplaceAllLiteralString(s.Override, project)
}

// isURL reports whether a text is an absolute HTTP or HTTPS URL.
func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}
