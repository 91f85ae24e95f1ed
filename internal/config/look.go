package config

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/chameleoncloud/refapi/internal/availability"
	"github.com/chameleoncloud/refapi/internal/theme"
)

// What a page has room for.
const (
	maxTitle = 60
	maxText  = 300
	maxLinks = 8
)

// Colors are those of the site.
func (l Links) Colors() theme.Colors {
	return theme.Colors{Accent: l.Accent, AccentBg: l.AccentBg, OnAccent: l.OnAccent}
}

// NavLink splits a link of Nav, and reports whether it is one.
func NavLink(text string) (name, href string, ok bool) {
	i := strings.LastIndexByte(text, ' ')
	if i < 0 {
		return "", "", false
	}
	name, href = strings.TrimSpace(text[:i]), text[i+1:]
	u, err := url.Parse(href)
	ok = err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil
	return name, href, ok && name != "" && isText(maxTitle)(name)
}

// validateLook checks how pages look.
func (l Links) validateLook() error {
	if key, why := l.Colors().Check(); key != "" {
		return bad(why, "site", key)
	}

	if len(l.Nav) > maxLinks {
		return bad(fmt.Sprintf("has %d links, and a page has room for %d", len(l.Nav), maxLinks), "site", "links")
	}

	return cmp.Or(
		matches(l.Title, isText(maxTitle), "a title: a line of at most 60 characters", "site", "title"),
		matches(l.Logo, isLogo, "the name of an .svg or .png file", "site", "logo"),
		allMatch(l.Nav, isNavLink, `a name and a URL such as "Portal https://example.org"`, "site", "links"),
		matches(l.Banner, isText(maxText), "a line of at most 300 characters", "site", "banner"),
		allMatch(l.FrameAncestors, isOrigin, "an origin such as https://portal.example.org or https://*.example.org",
			"site", "frame_ancestors"),
		matches(l.Footer, isText(maxText), "a line of at most 300 characters", "site", "footer"),
	)
}

// maxNotices bounds what answers about a site have.
const maxNotices = 100

// validateNotices checks the notices of sites.
func (a Availability) validateNotices() error {
	if n := len(a.Notices); n > maxNotices {
		return bad(fmt.Sprintf("has %d notices: at most %d", n, maxNotices), "availability", "notices")
	}

	for _, id := range slices.Sorted(maps.Keys(a.Notices)) {
		n := a.Notices[id]
		at := func(key string) []string { return []string{"availability", "notices", id, key} }
		err := cmp.Or(
			matches(n.Text, isNotEmpty, "a sentence", at("text")...),
			matches(n.Text, isText(maxText), "a line of at most 300 characters", at("text")...),
			matches(n.URL, isWebPage, "a URL such as https://example.org/outage", at("url")...),
		)
		if err == nil && !n.Start.Before(n.End) {
			err = bad("must be a time after the start: then the notice goes", at("end")...)
		}
		if err != nil {
			return err
		}
	}

	return nil
}

func isWebPage(text string) bool { return text == "" || isURI(text, "https", "http") }

func isNavLink(text string) bool {
	_, _, ok := NavLink(text)
	return ok
}

// origin matches what a policy may name. It excludes characters with a meaning in policies
// and in nginx.conf.
var origin = regexp.MustCompile(`^https?://(?:\*\.)?[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*(?::[0-9]{1,5})?$`)

func isOrigin(text string) bool { return origin.MatchString(text) }

func isLogo(text string) bool {
	ext := strings.ToLower(filepath.Ext(text))
	return text == "" || ext == ".svg" || ext == ".png"
}

// isText returns whether a text is a line of so many characters. Those that turn the
// direction of what follows, or that nobody sees, are in none.
func isText(most int) func(text string) bool {
	return func(text string) bool {
		isHidden := func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }
		return len([]rune(text)) <= most && !strings.ContainsFunc(text, isHidden)
	}
}

// SortedNotices returns the notices of sites, the one that begins first first.
func (a Availability) SortedNotices() (all []availability.Notice) {
	for _, id := range slices.Sorted(maps.Keys(a.Notices)) {
		n := a.Notices[id]
		all = append(all, availability.Notice{ID: id, Site: n.Site, Start: n.Start, End: n.End, Text: n.Text, URL: n.URL})
	}
	slices.SortStableFunc(all, func(a, b availability.Notice) int { return a.Start.Compare(b.Start) })
	return all
}
