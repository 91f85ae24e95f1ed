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
)

// secret is the password of these tests in all its spellings.
var secret = regexp.MustCompile(`(?i)pass(/|%2f)word`)

// TestCredentials looks for a password in errors and on disk.
func TestCredentials(t *testing.T) {
	t.Parallel()
	for name, user := range map[string]string{"user": "ada:pass%2Fword", "token": "pass%2Fword"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, grown(t))
			guard := func(w http.ResponseWriter, r *http.Request, backend http.Handler) {
				name, password, _ := r.BasicAuth()
				if name+password != "adapass/word" && name+password != "pass/word" {
					http.Error(w, "who are you?", http.StatusUnauthorized)
					return
				}
				backend.ServeHTTP(w, r)
			}
			s.before(guard)
			cache := filepath.Join(t.TempDir(), "cache")
			location := s.withUser(user)
			fails := func(location, advice string, parts ...string) {
				t.Helper()
				_, err := gitrepo.Open(t.Context(), location, gitrepo.Options{CacheDir: cache})
				wantError(t, err, advice, parts...)
				if secret.MatchString(err.Error()) || secret.MatchString(hint.Of(err)) {
					t.Errorf("the error tells the password: %v (%s)", err, hint.Of(err))
				}
			}
			fails(s.url, "your credentials", "authentication required")
			compare(t, openIn(t, location, cache), s.bare)
			compare(t, openIn(t, location, cache), s.bare)
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
			for status, want := range map[int]string{403: "authorization failed", 404: "repository not found", 500: "500"} {
				s.before(func(w http.ResponseWriter, _ *http.Request, _ http.Handler) { w.WriteHeader(status) })
				fails(location, "your credentials", "fetch repository "+s.url+": ", want)
			}
			s.Close()
			fails(location, "your credentials", "fetch repository "+s.url+": ", "connection refused")
			fails(strings.Replace(location, "/ref.git", "/%zz", 1), "escape special characters", "address is not a URL")
		})
	}
}

func TestIsURL(t *testing.T) {
	t.Parallel()
	for location, want := range map[string]bool{
		"https://example.org/ref.git":  true,
		"ssh://git@example.org/ref":    true,
		"git@example.org:ref.git":      true,
		"git@example.org:/srv/ref.git": true,
		"/srv/ref.git":                 false,
		"ref.bundle":                   false,
		"./git@example.org:ref.git":    false,
		"sub/git@example.org:ref.git":  false,
		"a:b":                          false,
		"":                             false,
	} {
		if got := gitrepo.IsURL(location); got != want {
			t.Errorf("IsURL(%q) = %v", location, got)
		}
	}
}
