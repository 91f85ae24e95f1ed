package config

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
)

// valueError is a value that makes no sense.
type valueError struct {
	key toml.Key
	why string
}

func (e *valueError) Error() string { return fmt.Sprintf("key %q: %s", e.key.String(), e.why) }

func bad(why string, key ...string) error { return &valueError{key: key, why: why} }

func (c *Config) validate() error {
	return cmp.Or(
		c.Reference.validate(),
		c.Site.validate(),
		c.Publish.validate(),
		c.Security.validate(),
		address("server", c.Server.Host, c.Server.Port),
		c.Nginx.validate(),
		address("availapi", c.Availapi.Host, c.Availapi.Port),
		c.Availability.validate(),
		c.FlavorAvailability.validate(),
	)
}

func (r Reference) validate() error {
	if r.FetchTimeoutSeconds < 0 {
		return bad("it must be at least 0", "reference", "fetch_timeout_seconds")
	}
	return nil
}

// segments is a path of plain segments, which mean the same in an address, in
// nginx.conf and in a file name.
var segments = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$`)

func (s Site) validate() error {
	if s.BaseURL != "" {
		u, err := url.Parse(s.BaseURL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || strings.ContainsAny(s.BaseURL, "?#") ||
			!hostName.MatchString(u.Host) || strings.TrimSuffix(u.Path, "/") != "" && !segments.MatchString(strings.TrimSuffix(u.EscapedPath(), "/")) {
			return bad(fmt.Sprintf("%q is no address as https://api.example.org", s.BaseURL), "site", "base_url")
		}
	}
	if s.PathPrefix != "" && !segments.MatchString(s.PathPrefix) {
		return bad(fmt.Sprintf("%q is no path as /ref", s.PathPrefix), "site", "path_prefix")
	}
	return nil
}

func (p Publish) validate() error {
	switch {
	case p.Out == "":
		return bad("it must name a directory", "publish", "out")
	case p.Keep < 0:
		return bad("it must be at least 0", "publish", "keep")
	}
	return nil
}

var languageTag = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

func (s Security) validate() error {
	for _, contact := range s.Contacts {
		if !isURI(contact, "mailto", "tel", "https") {
			return bad(fmt.Sprintf("%q is no address as mailto:security@example.org or https://example.org/security", contact), "security", "contacts")
		}
	}
	for _, page := range []struct{ key, uri string }{{"policy", s.Policy}, {"encryption", s.Encryption}} {
		if page.uri != "" && !isURI(page.uri, "https", "dns", "openpgp4fpr") {
			return bad(fmt.Sprintf("%q is no address as https://example.org/security", page.uri), "security", page.key)
		}
	}
	for _, tag := range s.PreferredLanguages {
		if !languageTag.MatchString(tag) {
			return bad(fmt.Sprintf("%q is no language as en or pt-BR", tag), "security", "preferred_languages")
		}
	}
	if len(s.Contacts) > 0 && s.Expires.IsZero() {
		return bad("RFC 9116 asks for security.expires beside it, the time when the contacts expire", "security", "contacts")
	}
	return nil
}

// isURI reports whether a text is an address of one of the schemes.
func isURI(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	return err == nil && slices.Contains(schemes, u.Scheme) && u.Host+u.Opaque != "" && !strings.ContainsAny(text, " <>\"")
}

// hostName has what stands in names and numbers of hosts, with brackets around
// an IPv6 address and a port behind, and nothing that would end a line of
// nginx.conf.
var hostName = regexp.MustCompile(`^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

func address(section, host string, port int) error {
	if host != "*" && net.ParseIP(host) == nil && (!hostName.MatchString(host) || strings.Contains(host, "]:") || strings.Count(host, ":") == 1) {
		return bad(fmt.Sprintf("%q is no name or number of a host", host), section, "host")
	}
	if port < 1 || port > 65535 {
		return bad(fmt.Sprintf("%d is no port", port), section, "port")
	}
	return nil
}

var nginxSize = regexp.MustCompile(`^[0-9]{1,9}[kKmMgG]?$`)

func (n Nginx) validate() error {
	switch {
	case n.Connections < 0 || n.Connections > 65535:
		return bad("it must be from 1 to 65535, or 0 for no limit", "nginx", "connections")
	case n.Rate < 1:
		return bad("it must be at least 1", "nginx", "rate")
	case n.Burst < 0:
		return bad("it must be at least 0", "nginx", "burst")
	case !nginxSize.MatchString(n.MaxBody):
		return bad(fmt.Sprintf("%q is no size as 64k or 1m", n.MaxBody), "nginx", "max_body")
	}
	for _, p := range n.TrustedProxies {
		if _, err := netip.ParsePrefix(p); err != nil && net.ParseIP(p) == nil && p != "unix:" {
			return bad(fmt.Sprintf("%q is no address or network", p), "nginx", "trusted_proxies")
		}
	}
	return nil
}

func (a Availability) validate() error {
	const day = 24 * 60 * 60
	for _, n := range []struct {
		value, most int
		key, unit   string
	}{
		{a.PollIntervalSeconds, day, "poll_interval_seconds", ", a day"},
		{a.SiteTimeoutSeconds, day, "site_timeout_seconds", ", a day"},
		{a.ErrorBackoffSeconds, day, "error_backoff_seconds", ", a day"},
		{a.HostsEveryPolls, 1000, "hosts_every_polls", ""},
		{a.MaxAnswerMiB, 4096, "max_answer_mib", ""},
		{a.MaxHosts, 10_000_000, "max_hosts", ""},
		{a.MaxReservations, 100_000_000, "max_reservations", ""},
	} {
		if n.value < 1 || n.value > n.most {
			return bad("it must be at least 1 and at most "+strconv.Itoa(n.most)+n.unit, "availability", n.key)
		}
	}
	for _, site := range slices.Sorted(maps.Keys(a.Sites)) {
		s := a.Sites[site]
		for _, n := range []struct {
			value, most int
			key         string
		}{
			{s.LeadMinutes, day / 60, "lead_minutes"},
			{s.GapMinutes, day / 60, "gap_minutes"},
			{s.LongestLeaseHours, 366 * 24, "longest_lease_hours"},
		} {
			if n.value < 0 || n.value > n.most {
				return bad("it must be at least 0 and at most "+strconv.Itoa(n.most), "availability", "sites", site, n.key)
			}
		}
	}
	return named("availability", a.Sites, func(s BlazarSite) string { return s.Cloud })
}

func (f FlavorAvailability) validate() error {
	const most = 60_000
	if f.RequestsPerMinute < 1 || f.RequestsPerMinute > most {
		return bad("it must be at least 1 and at most "+strconv.Itoa(most), "flavor_availability", "requests_per_minute")
	}
	return named("flavor_availability", f.Sites, func(s CloudOf) string { return s.Cloud })
}

// named checks that every site names a cloud.
func named[S any](section string, sites map[string]S, cloud func(S) string) error {
	for _, site := range slices.Sorted(maps.Keys(sites)) {
		if cloud(sites[site]) == "" {
			return bad("it must name an entry of clouds.yaml", section, "sites", site, "cloud")
		}
	}
	return nil
}
