package gitrepo_test

import (
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chameleoncloud/refapi/internal/gitrepo"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/test/gittest"
)

// secret is the password of these tests in all its spellings.
var secret = regexp.MustCompile(`(?i)pass(/|%2f)word`)

// fails opens what cannot be opened, and looks for the password in the error.
func fails(t *testing.T, location string, o gitrepo.Options, advice string, parts ...string) {
	t.Helper()
	_, err := gitrepo.Open(t.Context(), location, o)
	wantError(t, err, advice, parts...)
	if secret.MatchString(err.Error()) || secret.MatchString(hint.Of(err)) {
		t.Errorf("the error has the password: %v (%s)", err, hint.Of(err))
	}
}

// TestCredentials looks for a password in errors and on disk.
func TestCredentials(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, user, token, login, tried string }{
		{name: "password", user: "ada:pass%2Fword", login: "ada", tried: "the password in the URL"},
		{name: "user alone", user: "pass%2Fword", login: "pass/word", tried: "the user in the URL"},
		{name: "token", token: "pass/word\n", login: "x-access-token", tried: "the token of token.txt"},
		{
			name:  "token and user",
			user:  "ada",
			token: "pass/word",
			login: "ada",
			tried: "the token of token.txt",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bothWays(t, func(t *testing.T, o gitrepo.Options) {
				s := serve(t, grown(t))
				s.before(func(w http.ResponseWriter, r *http.Request, backend http.Handler) {
					password := "pass/word"
					if tt.login == password {
						password = ""
					}
					gittest.BasicAuth(tt.login, password, backend).ServeHTTP(w, r)
				})

				location := s.url
				if tt.user != "" {
					location = s.withUser(tt.user)
				}

				fails(t, s.url, o, "set `token_file`", "the server wants credentials, and there are none",
					"REFERENCE_API_TOKEN")
				if tt.token != "" {
					o.Token, o.TokenFrom = tt.token, "token.txt"
				}

				compare(t, openIn(t, location, o), s.bare)
				compare(t, openIn(t, location, o), s.bare)
				searchFiles(t, o.CacheDir)

				for status, want := range map[int]string{401: "rejects the credentials: tried " + tt.tried,
					403: "denies access (403): tried " + tt.tried, 404: "no such repository", 500: "500"} {
					s.before(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
						w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
						w.WriteHeader(status)
					})
					fails(t, location, o, " ", "fetch repository "+s.url+": ", want)
				}

				s.Close()
				fails(t, location, o, "check the host and port", "fetch repository "+s.url+": ")
				fails(t, strings.Replace(location, "/ref.git", "/%zz", 1), o, "escape special characters",
					" is not a URL")
			})
		})
	}
}

// searchFiles looks for the password in files, and for others who may read them.
func searchFiles(t *testing.T, cache string) {
	t.Helper()
	if info, err := os.Stat(cache); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the cache is %v, %v; others may read it", info.Mode(), err)
	}

	err := filepath.WalkDir(cache, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if secret.Match(data) {
			t.Errorf("%s holds the password", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestUnescapedPassword has passwords that make another URL of it; the server
// that is then asked is ours, and its errors name that URL.
func TestUnescapedPassword(t *testing.T) {
	bothWays(t, func(t *testing.T, o gitrepo.Options) {
		s := serve(t, grown(t))
		s.before(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
			w.WriteHeader(http.StatusInternalServerError)
		})

		for _, rest := range []string{"/pass%2Fword@example.org/ref.git", "/a:pass%2Fword@example.org/ref.git",
			"/x?pass%2Fword@example.org", "/x?token=pass%2Fword"} {
			fails(t, s.URL+rest, o, " ", "fetch repository http://")
		}

		_, err := gitrepo.Open(t.Context(), "ada.invalid:pass%2Fword@example.org:ref.git", o)
		if err == nil || secret.MatchString(err.Error()) {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestBadToken(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"", " \n", "pass/word\nsecond line"} {
		o := gitrepo.Options{CacheDir: t.TempDir(), Token: token, TokenFrom: "token.txt"}
		fails(t, "https://git.example.org/ref.git", o, "put the token alone",
			"token.txt is empty, or has several lines")
	}
}

func TestIsRemote(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "a:b"), "")

	for location, want := range map[string]bool{
		"https://example.org/ref.git":  true,
		"ssh://git@example.org/ref":    true,
		"git@example.org:ref.git":      true,
		"git@example.org:/srv/ref.git": true,
		"example:ref.git":              true,
		"[::1]:ref.git":                true,
		"ext::sh -c true":              true,
		"file:///srv/ref.git":          false,
		"/srv/ref.git":                 false,
		"ref.bundle":                   false,
		"./git@example.org:ref.git":    false,
		"sub/git@example.org:ref.git":  false,
		dir + "/a:b":                   false,
		"":                             false,
	} {
		if got := gitrepo.IsRemote(location); got != want {
			t.Errorf("IsRemote(%q) = %v", location, got)
		}
	}
}

// TestLabel: no part of a password is shown, even of one that is not escaped.
func TestLabel(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]string{
		"https://example.org/ref.git":                     "https://example.org/ref.git",
		"https://ada:hunter2@example.org:8443/ref.git":    "https://example.org:8443/ref.git",
		"https://hunter2@example.org/ref.git":             "https://example.org/ref.git",
		"ssh://ada:hunter2@example.org:22/ref.git":        "ssh://example.org:22/ref.git",
		"git://ada:hunter2@example.org/ref.git":           "git://example.org/ref.git",
		"ftp://ada:hunter2@example.org/ref.git":           "ftp://example.org/ref.git",
		"file://ada:hunter2@example.org/ref.git":          "file://example.org/ref.git",
		"https://ada:hun@ter2@example.org/ref.git":        "https://example.org/ref.git",
		"https://ada:hun/ter2@example.org/ref.git":        "https://…",
		"https://ada:12/ter2@example.org/ref.git":         "https://…example.org/ref.git",
		"https://ada:12?hunter2@example.org/ref.git":      "https://…example.org/ref.git",
		"https://ada:12#hunter2@example.org/ref.git":      "https://…example.org/ref.git",
		"https://ada:hunter2":                             "https://…",
		"https://ada:%zz@example.org/ref.git":             "https://…",
		"https://example.org/ref.git?private_token=abc#d": "https://example.org/ref.git",
		"git@example.org:team/ref.git":                    "example.org:team/ref.git",
		"ada:hunter2@example.org:ref.git":                 "…example.org:ref.git",
		"alias:ref.git":                                   "alias:ref.git",
		"ext::sh -c 'echo hunter2'":                       "ext::…",
		"work/user@example":                               "work/user@example",
		"file:///srv/ref.git":                             "file:///srv/ref.git",
	} {
		if got := gitrepo.Label(location); got != want {
			t.Errorf("Label(%q) = %q, want %q", location, got, want)
		}
	}

	const text = "a https://ada:hunter2@example.org/x and ssh://git@host"
	if got, want := gitrepo.HideUserInformation(text), "a https://example.org/x and ssh://host"; got != want {
		t.Errorf("HideUserInformation(%q) = %q", text, got)
	}
}
