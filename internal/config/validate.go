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

// valueError is the error for an invalid value.
type valueError struct {
	key toml.Key
	why string
}

func (e *valueError) Error() string { return fmt.Sprintf("key %q: %s", e.key.String(), e.why) }

func bad(why string, key ...string) error { return &valueError{key: key, why: why} }

func (c *Config) validate() error {
	return cmp.Or(
		c.Reference.validate(),
		c.Links.validate(),
		c.Publish.validate(),
		c.Security.validate(),
		validateAddress("server", c.Server.Host, c.Server.Port),
		c.Nginx.validate(),
		validateAddress("availapi", c.Availapi.Host, c.Availapi.Port),
		c.Availability.validate(),
		c.FlavorAvailability.validate(),
	)
}

func (r Reference) validate() error {
	if r.FetchTimeoutSeconds < 0 {
		return bad("must be at least 0", "reference", "fetch_timeout_seconds")
	}
	return nil
}

// segments matches a path whose characters need no escaping in a URL, in nginx.conf and
// in a file name.
var segments = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$`)

func (l Links) validate() error {
	if l.BaseURL != "" {
		u, err := url.Parse(l.BaseURL)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil ||
			strings.ContainsAny(l.BaseURL, "?#") ||
			!hostName.MatchString(u.Host) || strings.TrimSuffix(u.Path, "/") != "" &&
			!segments.MatchString(strings.TrimSuffix(u.EscapedPath(), "/")) {
			return bad(fmt.Sprintf("%q is not a URL such as https://api.example.org", l.BaseURL), "site", "base_url")
		}
	}

	if l.PathPrefix != "" && !segments.MatchString(l.PathPrefix) {
		return bad(fmt.Sprintf("%q is not a path such as /ref", l.PathPrefix), "site", "path_prefix")
	}
	return nil
}

func (p Publish) validate() error {
	switch {
	case p.Out == "":
		return bad("must name a directory", "publish", "out")
	case p.Keep < 0:
		return bad("must be at least 0", "publish", "keep")
	}
	return nil
}

var languageTag = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

func (s Security) validate() error {
	for _, contact := range s.Contacts {
		if !isURI(contact, "mailto", "tel", "https") {
			return bad(fmt.Sprintf("%q is not a URI such as mailto:security@example.org or https://example.org/security", contact), "security", "contacts")
		}
	}

	for _, page := range []struct{ key, uri string }{{"policy", s.Policy}, {"encryption", s.Encryption}} {
		if page.uri != "" && !isURI(page.uri, "https", "dns", "openpgp4fpr") {
			return bad(fmt.Sprintf("%q is not a URL such as https://example.org/security", page.uri), "security",
				page.key)
		}
	}

	for _, tag := range s.PreferredLanguages {
		if !languageTag.MatchString(tag) {
			return bad(fmt.Sprintf("%q is not a language tag such as en or pt-BR", tag), "security",
				"preferred_languages")
		}
	}

	if len(s.Contacts) > 0 && s.Expires.IsZero() {
		return bad("RFC 9116 requires security.expires with it, the time when the contacts expire", "security",
			"contacts")
	}

	return nil
}

// isURI reports whether a text is a URI of one of the schemes.
func isURI(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	return err == nil && slices.Contains(schemes, u.Scheme) && u.Host+u.Opaque != "" &&
		!strings.ContainsAny(text, " <>\"")
}

// hostName matches host names and IP addresses, IPv6 in brackets, with or without a
// port. It excludes characters with a meaning in nginx.conf.
var hostName = regexp.MustCompile(`^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

func validateAddress(section, host string, port int) error {
	if host != "*" && net.ParseIP(host) == nil &&
		(!hostName.MatchString(host) || strings.Contains(host, "]:") || strings.Count(host, ":") == 1) {
		return bad(fmt.Sprintf("%q is not a host name or IP address", host), section, "host")
	}
	if port < 1 || port > 65535 {
		return bad(fmt.Sprintf("invalid port %d (want 1–65535)", port), section, "port")
	}
	return nil
}

var nginxSize = regexp.MustCompile(`^[0-9]{1,9}[kKmMgG]?$`)

func (n Nginx) validate() error {
	switch {
	case n.Connections < 0 || n.Connections > 65535:
		return bad("must be from 1 to 65535, or 0 for no limit", "nginx", "connections")
	case n.Rate < 1:
		return bad("must be at least 1", "nginx", "rate")
	case n.Burst < 0:
		return bad("must be at least 0", "nginx", "burst")
	case !nginxSize.MatchString(n.MaxBody):
		return bad(fmt.Sprintf("%q is not a size such as 64k or 1m", n.MaxBody), "nginx", "max_body")
	}

	for _, p := range n.TrustedProxies {
		if _, err := netip.ParsePrefix(p); err != nil && net.ParseIP(p) == nil && p != "unix:" {
			return bad(fmt.Sprintf("%q is not an IP address or network", p), "nginx", "trusted_proxies")
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
		{value: a.PollIntervalSeconds, most: day, key: "poll_interval_seconds", unit: ", a day"},
		{value: a.SiteTimeoutSeconds, most: day, key: "site_timeout_seconds", unit: ", a day"},
		{value: a.ErrorBackoffSeconds, most: day, key: "error_backoff_seconds", unit: ", a day"},
		{value: a.HostsEveryPolls, most: 1000, key: "hosts_every_polls"},
		{value: a.MaxAnswerMiB, most: 4096, key: "max_answer_mib"},
		{value: a.MaxHosts, most: 10_000_000, key: "max_hosts"},
		{value: a.MaxReservations, most: 100_000_000, key: "max_reservations"},
	} {
		if n.value < 1 || n.value > n.most {
			return bad("must be at least 1 and at most "+strconv.Itoa(n.most)+n.unit, "availability", n.key)
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
				return bad("must be at least 0 and at most "+strconv.Itoa(n.most), "availability", "sites", site,
					n.key)
			}
		}
	}

	return nil
}

func (f FlavorAvailability) validate() error {
	const most = 60_000
	if f.RequestsPerMinute < 1 || f.RequestsPerMinute > most {
		return bad("must be at least 1 and at most "+strconv.Itoa(most), "flavor_availability", "requests_per_minute")
	}
	return nil
}
