package blazar

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/tokens"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/blazar/clouds"
)

// Check validates the entry of clouds.yaml without network access. It returns where
// Blazar is as far as the entry determines it, and notes on keys without effect. Its
// errors are as those of Hosts.
func (c *Client) Check() (availability.Target, []availability.Note, error) {
	entry, err := c.readEntry()
	if err != nil {
		return availability.Target{}, nil, err
	}
	return targetOf(entry, entry.Reservation.Override, nil), entry.Notes, nil
}

// readEntry reads the entry of clouds.yaml, and validates it as far as is possible
// without Keystone.
func (c *Client) readEntry() (*clouds.Entry, error) {
	entry, err := clouds.Read(c.cloud, c.env.Getenv)
	if err != nil {
		return nil, &availability.Error{Reason: availability.ReasonConfig, Err: err}
	}
	return entry, nil
}

// targetOf describes where an entry's Blazar is. found are its endpoints in the catalog,
// the one in use first. Without a catalog they are unknown, and so may be its URL.
func targetOf(entry *clouds.Entry, location string, found []tokens.Endpoint) availability.Target {
	service := &entry.Reservation
	keystone := publicURL(entry.Auth.IdentityEndpoint)
	location = publicURL(location)
	t := availability.Target{
		Text:       "cloud " + entry.Name + ", Keystone " + keystone,
		Attributes: []any{"cloud", entry.Name, "keystone", keystone},
	}

	if service.Override != "" {
		t.Text += ", URL " + location + " (endpoint override)"
		t.Attributes = append(t.Attributes, "url", location, "endpoint_override", true)
		return t
	}

	var regions []string
	for _, e := range found {
		if region := cmp.Or(e.RegionID, e.Region); !slices.Contains(regions, region) {
			regions = append(regions, region)
		}
	}

	region, face := service.Region, strings.Join(service.Interfaces, ",")
	if len(found) > 0 {
		region, face = cmp.Or(region, regions[0]), found[0].Interface
	}

	t.Text += ", region " + cmp.Or(region, "unset (first in the catalog)") + ", interface " + face +
		", URL " + cmp.Or(location, "from Keystone's catalog")
	t.Attributes = append(t.Attributes, "region", region, "interface", face, "url", location)

	if service.Region == "" && len(regions) > 1 {
		t.Warning = "several regions in the catalog, none named in clouds.yaml: using the first"
		t.WarningFor = []any{"cloud", entry.Name, "regions", strings.Join(regions, ","), "region", region}
	}

	return t
}

// identifier matches a part of a path that may be a project's id.
var identifier = regexp.MustCompile(`[0-9a-fA-F-]{16,}|[%$]\([a-z_]+\)s`)

// publicURL returns a URL fit for logs: without credentials, query and ids; "" stays "".
// It is not parsed, since placeholders such as %(project_id)s are not valid escapes.
func publicURL(full string) string {
	full, _, _ = strings.Cut(full, "?")
	scheme, rest, ok := strings.Cut(full, "://")
	if !ok {
		return ""
	}

	host, path, _ := strings.Cut(rest, "/")
	host = host[strings.LastIndex(host, "@")+1:]
	return strings.TrimSuffix(scheme+"://"+host+"/"+identifier.ReplaceAllString(path, "…"), "/")
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
