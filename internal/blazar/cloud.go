package blazar

import (
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/blazar/clouds"
)

// Target is the services that a client sends requests to.
type Target struct {
	Cloud    string // the entry of clouds.yaml
	Keystone string // URL
	// Region is "" where none is configured and the catalog is not known yet.
	Region string
	// Interface is public, internal or admin; several with commas are tried in
	// order, where the catalog is not known yet.
	Interface string
	// URL is Blazar's, without ids; "" where the catalog is not known yet.
	URL string
	// Override is set where clouds.yaml gives the URL, and not the catalog.
	Override bool
	// Regions are those of the catalog that have a Blazar, where clouds.yaml names
	// none of them, so that the first is used.
	Regions []string
}

// String is the target in one line.
func (t Target) String() string {
	region, location := t.Region, t.URL
	if region == "" {
		region = "unset (first in the catalog)"
	}
	if location == "" {
		location = "from Keystone's catalog"
	}

	if t.Override {
		return "URL " + location + " (endpoint override)"
	}

	return "region " + region + ", interface " + t.Interface + ", URL " + location
}

// readEntry reads the entry of clouds.yaml, and validates it as far as is possible
// without Keystone.
func readEntry(options Options) (*clouds.Entry, error) {
	entry, err := clouds.Read(options.Cloud, options.Getenv)
	if err != nil {
		return nil, &availability.Error{Reason: availability.ReasonConfig, Err: err}
	}
	return entry, nil
}

// Check validates a cloud's entry in clouds.yaml without network access. It returns
// the target as far as the entry determines it, and notes on keys without effect. Its
// errors are as those of Hosts.
func Check(options Options) (Target, []availability.Note, error) {
	entry, err := readEntry(options.withDefaults())
	if err != nil {
		return Target{}, nil, err
	}
	return targetOf(entry), entry.Notes, nil
}

// targetOf returns the target as far as an entry alone determines it.
func targetOf(entry *clouds.Entry) Target {
	s := &entry.Reservation
	names := make([]string, len(s.Interfaces))
	for i, name := range s.Interfaces {
		names[i] = string(name)
	}

	t := Target{
		Cloud: entry.Name, Keystone: keystoneURL(entry.Auth.IdentityEndpoint),
		Region: s.Region, Interface: strings.Join(names, ","),
	}

	if s.Override != "" {
		t.URL, t.Override = publicURL(s.Override), true
	}

	return t
}

// withEndpoint completes a target with the region and interface of the endpoint that
// was found in the catalog.
func (t Target) withEndpoint(s *clouds.Service, c *tokens.ServiceCatalog, found *gophercloud.ServiceClient) Target {
	t.URL = publicURL(found.ServiceURL(""))
	if t.Override {
		return t
	}

	// The library returns a client without saying which endpoint it chose: find the
	// endpoint by its URL.
	for _, name := range s.Interfaces {
		endpoints := endpointsOf(c, s, name)
		i := slices.IndexFunc(endpoints, func(e tokens.Endpoint) bool {
			inRegion := t.Region == "" || e.Region == t.Region || e.RegionID == t.Region
			return inRegion && gophercloud.NormalizeURL(e.URL) == found.Endpoint
		})
		if i < 0 {
			continue
		}

		t.Interface = string(name)
		if t.Region != "" {
			break
		}

		// No region is configured: report the other ones, among which this is an
		// arbitrary choice.
		t.Region = regionOf(endpoints[i])
		for _, e := range endpoints {
			if region := regionOf(e); !slices.Contains(t.Regions, region) {
				t.Regions = append(t.Regions, region)
			}
		}

		if len(t.Regions) == 1 {
			t.Regions = nil
		}

		break
	}

	return t
}

// endpointsOf lists a service's endpoints at an interface, in any region.
func endpointsOf(c *tokens.ServiceCatalog, s *clouds.Service, name gophercloud.Availability) (all []tokens.Endpoint) {
	for _, entry := range c.Entries {
		if entry.Type != s.Type || s.Name != "" && entry.Name != s.Name {
			continue
		}
		for _, e := range entry.Endpoints {
			if e.Interface == string(name) {
				all = append(all, e)
			}
		}
	}
	return all
}

func regionOf(e tokens.Endpoint) string {
	if e.RegionID != "" {
		return e.RegionID
	}
	return e.Region
}

// identifier matches a part of a path that may be a project's id.
var identifier = regexp.MustCompile(`[0-9a-fA-F-]{16,}|[%$]\([a-z_]+\)s`)

// publicURL returns a URL fit for logs: without credentials, query and ids.
func publicURL(full string) string {
	scheme, rest, _ := strings.Cut(full, "://")
	rest, _, _ = strings.Cut(rest, "?")
	host, path, _ := strings.Cut(rest, "/")
	if _, after, ok := strings.Cut(host, "@"); ok {
		host = after
	}
	return strings.TrimSuffix(scheme+"://"+host+"/"+identifier.ReplaceAllString(path, "…"), "/")
}

// keystoneURL returns Keystone's URL without credentials.
func keystoneURL(full string) string {
	u, err := url.Parse(full)
	if err != nil {
		return "Keystone"
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// originOf returns scheme and host of a service's URL, since its path may contain the
// project's id.
func originOf(full string) string {
	u, err := url.Parse(full)
	if err != nil {
		return "its endpoint"
	}
	return u.Scheme + "://" + u.Host
}
