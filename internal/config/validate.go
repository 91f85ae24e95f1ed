package config

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/listen"
	"github.com/chameleoncloud/refapi/internal/private"
	"github.com/chameleoncloud/refapi/internal/reserve"
)

const (
	daySeconds = 24 * 60 * 60
	unlimited  = math.MaxInt
)

func (c *Config) validate() error {
	a := c.Availability
	return cmp.Or(
		within(seconds(c.Reference.FetchTimeout), 0, unlimited, "reference", "fetch_timeout_seconds"),
		c.Limits.validate(),
		matches(c.Links.BaseURL, IsBaseURL, "a URL such as https://api.example.org", "site", "base_url"),
		matches(c.Links.PathPrefix, IsPathPrefix, "a path such as /ref", "site", "path_prefix"),
		matches(c.Links.DataLicense, isLicense, "an SPDX identifier such as CC-BY-4.0", "site", "data_license"),
		matches(c.Links.CacheTag, cacheTag.MatchString, "a name of letters, digits, - and _", "site", "cache_tag"),
		matches(c.Links.LinkSuffix, isSuffix, "\".json\" or empty", "site", "link_suffix"),
		c.Links.validateLook(),
		c.Reserve.validate(),
		matches(c.Publish.Out, isNotEmpty, "the name of a directory", "publish", "out"),
		oneOf(c.Publish.Host, ","+Hosts, "publish", "host"),
		within(c.Publish.HostMaxFiles, 0, unlimited, "publish", "host_max_files"),
		allMatch(c.Links.Only, isPart, "docs or openapi", "site", "only"),
		within(c.Publish.Keep, 0, unlimited, "publish", "keep"),
		allMatch(c.Publish.OnSuccess[:min(1, len(c.Publish.OnSuccess))], isNotEmpty, "a program", "publish", "on_success"),
		within(seconds(c.Publish.OnSuccessTimeout), 1, daySeconds, "publish", "on_success_timeout_seconds"),
		within(seconds(c.Watch.Every), 1, daySeconds, "watch", "every_seconds"),
		validateListen(c.Watch.Listen, "watch"),
		c.Privacy.validate(),
		c.Security.validate(),
		validateAddress(c.Server.Listen, c.Server.Host, c.Server.Port, "server"),
		c.Nginx.validate(),
		validateAddress(c.Availapi.Listen, c.Availapi.Host, c.Availapi.Port, "availapi"),
		within(seconds(a.PollInterval), 1, daySeconds, "availability", "poll_interval_seconds"),
		within(seconds(a.SiteTimeout), 1, daySeconds, "availability", "site_timeout_seconds"),
		within(seconds(a.ErrorBackoff), 1, daySeconds, "availability", "error_backoff_seconds"),
		within(a.HostsEveryPolls, 1, 1000, "availability", "hosts_every_polls"),
		within(a.MaxAnswerMiB, 1, 4096, "availability", "max_answer_mib"),
		within(a.MaxHosts, 1, 10_000_000, "availability", "max_hosts"),
		within(a.MaxReservations, 1, 100_000_000, "availability", "max_reservations"),
		a.validateSites(),
		a.validateNotices(),
		within(c.FlavorAvailability.RequestsPerMinute, 1, 60_000, "flavor_availability", "requests_per_minute"),
		oneOf(c.Log.Level, LogLevels, "log", "level"),
		oneOf(c.Log.Format, LogFormats, "log", "format"),
	)
}

func (r Reserve) validate() error {
	for _, name := range slices.Sorted(maps.Keys(r.Snippets)) {
		if key, err := r.Snippets[name].Check(); err != nil {
			return hint.Wrap(bad(err.Error(), "reserve", "snippets", name, key), "%s", hint.Of(err))
		}
	}
	if _, err := reserve.Select(r.Offer, r.Snippets); err != nil {
		return hint.Wrap(bad(err.Error(), "reserve", "offer"), "%s", hint.Of(err))
	}
	return nil
}

// LogLevels and LogFormats are the values of [Log], with commas between them.
const (
	LogLevels  = "debug,info,warn,error"
	LogFormats = "text,json"
	// Hosts are those of [Publish].
	Hosts = "pages,netlify,cloudflare"
)

func seconds(d time.Duration) int { return int(d / time.Second) }

// oneOf checks that a value is one of those of a list with commas.
func oneOf(value, values string, key ...string) error {
	if slices.Contains(strings.Split(values, ","), value) {
		return nil
	}
	return bad(fmt.Sprintf("%q is not one of %s", value, strings.ReplaceAll(strings.TrimPrefix(values, ","), ",", ", ")), key...)
}

func (l Limits) validate() error {
	const most = min(1<<40, math.MaxInt) // so that no sum overflows
	return cmp.Or(
		within(l.Depth, 1, most, "limits", "depth"),
		within(l.Entries, 1, most, "limits", "entries"),
		within(l.Commits, 1, most, "limits", "commits"),
		within(l.Changes, 1, most, "limits", "changes"),
		within(l.ObjectMiB, 1, most, "limits", "object_mib"),
		within(l.UnpackedMiB, 1, most, "limits", "unpacked_mib"),
	)
}

// validateAddress checks where a server listens.
func validateAddress(addresses []string, host string, port int, section string) error {
	return cmp.Or(
		validateListen(addresses, section),
		matches(host, isHost, "a host name or IP address", section, "host"),
		within(port, 0, 65535, section, "port"),
	)
}

// validateListen checks the addresses of a server.
func validateListen(addresses []string, section string) error {
	for _, text := range addresses {
		if _, err := listen.Parse(text); err != nil {
			return bad(fmt.Sprintf("%q: %v", text, err), section, "listen")
		}
	}
	return nil
}

// within checks the bounds of a number.
func within(value, least, most int, key ...string) error {
	switch {
	case least <= value && value <= most:
		return nil
	case most == unlimited:
		return bad(fmt.Sprintf("must be at least %d", least), key...)
	}
	return bad(fmt.Sprintf("must be from %d to %d", least, most), key...)
}

// matches checks the form of a text, of which want is the description.
func matches(text string, is func(string) bool, want string, key ...string) error {
	if is(text) {
		return nil
	}
	return bad(fmt.Sprintf("%q is not %s", text, want), key...)
}

// allMatch checks the form of each text of a list.
func allMatch(texts []string, is func(string) bool, want string, key ...string) error {
	for _, text := range texts {
		if err := matches(text, is, want, key...); err != nil {
			return err
		}
	}
	return nil
}

var cacheTag = regexp.MustCompile(`^[A-Za-z0-9_-]{0,64}$`)

func isPart(text string) bool { return text == "docs" || text == "openapi" }

func isSuffix(text string) bool { return text == "" || text == ".json" }

func isNotEmpty(text string) bool { return text != "" }

// segments matches a path whose characters need no escaping in a URL, in nginx.conf and
// in a file name.
var segments = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$`)

// IsPathPrefix reports whether links can start with a path; "" is one.
func IsPathPrefix(text string) bool { return segments.MatchString(text) }

// IsBaseURL reports whether a site can be published at a URL; "" is one.
func IsBaseURL(text string) bool {
	u, err := url.Parse(text)
	return text == "" || err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" &&
		u.User == nil && !strings.ContainsAny(text, "?#") && hostName.MatchString(u.Host) &&
		segments.MatchString(strings.TrimSuffix(u.EscapedPath(), "/"))
}

// hostName matches host names and IP addresses, IPv6 in brackets, with or without a
// port. It excludes characters with a meaning in nginx.conf.
var hostName = regexp.MustCompile(`^([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?$`)

// isHost reports whether a server can listen on a host, given without a port.
func isHost(text string) bool {
	return text == "*" || net.ParseIP(text) != nil ||
		hostName.MatchString(text) && !strings.Contains(text, "]:") && strings.Count(text, ":") != 1
}

var licenseID = regexp.MustCompile(`^[A-Za-z0-9.+-]+$`)

func isLicense(text string) bool { return text == "" || licenseID.MatchString(text) }

func (s Security) validate() error {
	if len(s.Contacts) > 0 && s.Expires.IsZero() {
		return bad("RFC 9116 requires security.expires with it, the time when the contacts expire",
			"security", "contacts")
	}

	const page = "a URL such as https://example.org/security"
	return cmp.Or(
		allMatch(s.Contacts, isContact, "a URI such as mailto:security@example.org or https://example.org/security",
			"security", "contacts"),
		matches(s.Policy, isPage, page, "security", "policy"),
		matches(s.Encryption, isPage, page, "security", "encryption"),
		allMatch(s.PreferredLanguages, languageTag.MatchString, "a language tag such as en or pt-BR",
			"security", "preferred_languages"),
	)
}

var languageTag = regexp.MustCompile(`^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$`)

func isContact(text string) bool { return isURI(text, "mailto", "tel", "https") }

func isPage(text string) bool { return text == "" || isURI(text, "https", "dns", "openpgp4fpr") }

// isURI reports whether a text is a URI of one of the schemes.
func isURI(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	return err == nil && slices.Contains(schemes, u.Scheme) && u.Host+u.Opaque != "" &&
		!strings.ContainsAny(text, " <>\"")
}

func (p Privacy) validate() error {
	if _, err := private.ParseHidden(p.Hidden); err != nil {
		return bad(err.Error(), "privacy", "hidden")
	}
	return oneOf(p.Authors, "name,hidden", "privacy", "authors")
}

func (n Nginx) validate() error {
	return cmp.Or(
		within(n.Connections, 0, 65535, "nginx", "connections"),
		within(n.Rate, 1, unlimited, "nginx", "rate"),
		within(n.Burst, 0, unlimited, "nginx", "burst"),
		matches(n.MaxBody, nginxSize.MatchString, "a size such as 64k or 1m", "nginx", "max_body"),
		allMatch(n.TrustedProxies, isProxy, "an IP address or network", "nginx", "trusted_proxies"),
		oneOf(n.Brotli, "on,off", "nginx", "brotli"),
		oneOf(n.LogAddresses, "full,short,none", "nginx", "log_addresses"),
	)
}

var nginxSize = regexp.MustCompile(`^[0-9]{1,9}[kKmMgG]?$`)

func isProxy(text string) bool {
	_, err := netip.ParsePrefix(text)
	return err == nil || net.ParseIP(text) != nil || text == "unix:"
}

func (a Availability) validateSites() error {
	const dayMinutes, yearHours = daySeconds / 60, 366 * 24
	for _, site := range slices.Sorted(maps.Keys(a.Sites)) {
		s := a.Sites[site]
		err := cmp.Or(
			within(s.LeadMinutes, 0, dayMinutes, "availability", "sites", site, "lead_minutes"),
			within(s.GapMinutes, 0, dayMinutes, "availability", "sites", site, "gap_minutes"),
			within(s.LongestLeaseHours, 0, yearHours, "availability", "sites", site, "longest_lease_hours"),
		)
		if err != nil {
			return err
		}
	}

	return nil
}
