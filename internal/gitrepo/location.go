package gitrepo

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// helperForm is git's way to name a program that reads a repository
// (gitremote-helpers(7)), such as ext::COMMAND.
var helperForm = regexp.MustCompile(`^[A-Za-z0-9+.-]*::`)

// IsRemote reports whether Open clones a location: a URL other than file://, or
// git's short form of an SSH URL, [USER@]HOST:PATH. As with git, a path that
// exists is a path, even if it looks like a URL.
func IsRemote(location string) bool {
	switch {
	case strings.HasPrefix(location, "file://"):
		return false
	case strings.Contains(location, "://"), helperForm.MatchString(location):
		return true
	}

	host, _, ok := strings.Cut(location, ":")
	if !ok || strings.Contains(host, "/") || filepath.VolumeName(location) != "" {
		return false
	}

	_, err := os.Lstat(location)
	return err != nil
}

// LocalPath returns the path that a file URL names (RFC 8089), and any other
// location unchanged.
func LocalPath(location string) (string, error) {
	if !strings.HasPrefix(location, "file://") {
		return location, nil
	}

	u, err := url.Parse(location)
	if err != nil {
		var parse *url.Error
		if errors.As(err, &parse) {
			err = parse.Err // which does not quote the URL
		}
		return "", fmt.Errorf("open repository %s: %w", Label(location), err)
	}

	if u.Host != "" && u.Host != "localhost" || u.User != nil {
		return "", hint.Wrap(fmt.Errorf("open repository %s: the URL names a host", Label(location)),
			"a file URL has three slashes, such as file:///srv/reference.git")
	}

	// On Windows a drive follows the slash.
	if drive := strings.TrimPrefix(u.Path, "/"); filepath.VolumeName(drive) != "" {
		return filepath.FromSlash(drive), nil
	}

	return u.Path, nil
}

// Label is a location that may be printed, logged and served: without user
// information, query and fragment, any of which may hold a secret. Paths on
// disk stay as they are.
func Label(location string) string {
	isURL := strings.Contains(location, "://")
	switch {
	case !isURL && !IsRemote(location):
		return location
	case helperForm.MatchString(location):
		name, _, _ := strings.Cut(location, "::")
		return name + "::…"
	}

	scheme, rest := "", location
	if isURL {
		scheme, rest, _ = strings.Cut(location, "://")
		scheme += "://"
		// The text that the parser rejects may be a part of a password.
		if _, err := url.Parse(location); err != nil {
			return scheme + "…"
		}
	}

	// Nothing in front of the last @ is shown. Where it is not the end of user
	// information it may still be the end of a password with a slash in it.
	if i := strings.LastIndex(rest, "@"); i >= 0 {
		delimiters := "/?#"
		if !isURL {
			delimiters = "/:"
		}
		if strings.ContainsAny(rest[:i], delimiters) {
			scheme += "…"
		}
		rest = rest[i+1:]
	}

	if i := strings.IndexAny(rest, "?#"); isURL && i >= 0 {
		rest = rest[:i]
	}

	return scheme + strings.Map(dropControl, rest)
}

func dropControl(r rune) rune {
	if unicode.IsControl(r) {
		return -1
	}
	return r
}

// userInformation matches the user and password of a URL.
var userInformation = regexp.MustCompile(`://[^\s/'"]*@`)

// HideUserInformation removes user names and passwords from all URLs in a text.
func HideUserInformation(text string) string {
	return userInformation.ReplaceAllString(text, "://")
}

// remote is a parsed location, whose credentials are separate, so that they are
// neither in errors, nor on disk, nor in the arguments of a program.
type remote struct {
	label  string // see Label
	url    string // what is fetched; of the user information only SSH's user is left
	scheme string // "ssh" for the short form too
	scope  string // SCHEME://HOST[:PORT], to which credentials apply

	user        string // "" for none
	password    string
	hasPassword bool
	fromToken   bool // the password is a token from elsewhere

	// secrets are the texts that must not be shown.
	secrets []string
}

func parseRemote(location string) (*remote, error) {
	r := &remote{label: Label(location)}
	if strings.Contains(r.label, "…") {
		password := unescapedPassword(location)
		decoded, _ := url.PathUnescape(password)
		r.secrets = append(r.secrets, password, decoded)
	}

	switch {
	case strings.ContainsFunc(location, unicode.IsControl):
		return nil, errors.New("the repository's URL has control characters in it")
	case helperForm.MatchString(location):
		return nil, hint.Wrap(fmt.Errorf("fetch repository %s: remote helpers are not supported", r.label),
			"give a URL with https://, http://, ssh:// or git://, or clone it with git and give the clone's path")
	case !strings.Contains(location, "://"):
		r.url, r.scheme = location, "ssh"
		return r, nil
	}

	u, err := url.Parse(location)
	if err != nil {
		// The cause would quote what may be a password.
		return nil, hint.Wrap(fmt.Errorf("the repository's location %s is not a URL", r.label),
			"escape special characters in it, and in the password too: %%2F is a slash; "+
				"the short form for SSH, HOST:PATH, has no ssh://")
	}

	r.scheme = u.Scheme
	r.scope = (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
	if u.RawQuery != "" {
		r.secrets = append(r.secrets, u.RawQuery)
	}

	if u.User != nil {
		r.moveUser(u)
	}

	if strings.ContainsFunc(r.user+r.password, unicode.IsControl) {
		return nil, fmt.Errorf("fetch repository %s: the user name or password has control characters in it", r.label)
	}

	r.url = u.String()
	return r, nil
}

// unescapedPassword is what may be a password in a location that has an @ where
// none should be.
func unescapedPassword(location string) string {
	before := location[:max(strings.LastIndex(location, "@"), 0)]
	if _, rest, ok := strings.Cut(before, "://"); ok {
		before = rest
	}
	_, password, _ := strings.Cut(before, ":")
	return password
}

// moveUser moves the user information of a URL to the remote.
func (r *remote) moveUser(u *url.URL) {
	r.user = u.User.Username()
	r.password, r.hasPassword = u.User.Password()
	_, raw, _ := strings.Cut(u.User.String(), ":")
	r.secrets = append(r.secrets, r.password, raw)

	if isSSH(u.Scheme) {
		u.User = url.User(r.user) // SSH takes no password from a URL
		return
	}

	if !r.hasPassword { // then the user may be a token
		r.secrets = append(r.secrets, r.user, u.User.String())
	}

	u.User = nil
}

func isSSH(scheme string) bool { return scheme == "ssh" || scheme == "git+ssh" || scheme == "ssh+git" }

func isHTTP(scheme string) bool { return scheme == "http" || scheme == "https" }

// redact removes the remote's secrets from a text.
func (r *remote) redact(text string) string {
	text = strings.ReplaceAll(text, r.url, r.label)
	for _, secret := range r.secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	return HideUserInformation(text)
}
