package config_test

import (
	"cmp"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/hint"
)

var update = flag.Bool("update", false, "write the errors into the archives of testdata")

// Each archive of testdata has configurations that are refused for one reason.
// A section is called after what is wrong, and "# error: …" in its last line
// says how that is told.
func TestRefused(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no archives", err)
	}

	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}

			for i, f := range archive.Files {
				src, want, _ := strings.Cut(string(f.Data), "# error: ")
				err := parse(src)
				if err == nil {
					t.Errorf("%s is accepted", f.Name)
					continue
				}

				got := err.Error() + "\n"
				if advice := hint.Of(err); advice != "" {
					got += "# hint: " + advice + "\n"
				}

				if *update {
					archive.Files[i].Data = []byte(src + "# error: " + got)
					continue
				}

				if got != want {
					t.Errorf("%s\ngot  %swant %s", f.Name, got, want)
				}
				if !strings.Contains(got, "line ") {
					t.Errorf("%s: the error names no line: %s", f.Name, got)
				}
			}

			if *update {
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// ownKeys are the keys of a reservation system.
type ownKeys struct {
	Cloud string `toml:"cloud"`
}

func (k *ownKeys) Check() (key, why string) {
	if k.Cloud == "" {
		return "cloud", "must name an entry of clouds.yaml"
	}
	return "", ""
}

// parse reads a file together with what it has for reservation systems.
func parse(src string) error {
	c, err := config.Parse(src)
	if err != nil {
		return err
	}

	for id, site := range c.Availability.Sites {
		err = cmp.Or(err, c.Decode(site.Own, new(ownKeys), "availability", id))
	}

	for id, site := range c.FlavorAvailability.Sites {
		err = cmp.Or(err, c.Decode(site.Own, new(ownKeys), "flavor_availability", id))
	}

	return err
}

// FuzzParse: nothing makes it panic, and what it accepts can be relied on.
func FuzzParse(f *testing.F) {
	names, err := filepath.Glob("testdata/*.t*")
	if err != nil {
		f.Fatal(err)
	}

	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(archive.Comment))
		for _, section := range archive.Files {
			f.Add(string(section.Data))
		}
	}

	f.Fuzz(func(t *testing.T, src string) {
		if len(src) > 2000 {
			return // to find a line takes the square of the length
		}

		c, err := config.Parse(src)
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("an error without a text")
			}
			return
		}

		if c.Server.Port < 0 || c.Availapi.Port > 65535 || c.Publish.Keep < 0 || c.Publish.Out == "" ||
			c.Availability.PollInterval < time.Second {
			t.Errorf("accepted %+v", c)
		}

		for _, text := range []string{c.Links.BaseURL + c.Links.PathPrefix, c.Server.Host, c.Availapi.Host,
			c.Nginx.MaxBody, strings.Join(slices.Concat(c.Nginx.TrustedProxies, c.Server.Listen, c.Availapi.Listen,
				c.Nginx.Availapi), "")} {
			if strings.ContainsAny(text, " \t\r\n;{}'\"\\$#?<>") {
				t.Errorf("accepted %q, which goes into nginx.conf and into links", text)
			}
		}

		for _, text := range append(append(c.Security.Contacts, c.Security.Policy, c.Security.Encryption),
			c.Security.PreferredLanguages...) {
			if strings.ContainsAny(text, " \r\n") {
				t.Errorf("accepted %q, which goes into a line of security.txt", text)
			}
		}
	})
}
