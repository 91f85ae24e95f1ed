package main

import (
	"fmt"
	"strconv"

	"github.com/alecthomas/kong"

	"github.com/chameleoncloud/refapi/internal/config"
)

// setting says where a flag's value comes from when the flag is not given:
// the environment, else the configuration file, which has the defaults too.
type setting struct {
	flag string
	env  string
	file func(*config.Config) string
}

// settingTable has the flags that can be set elsewhere. Where the repository
// is has its own rules: see sourceFlags.
var settingTable = []setting{
	{"data-dir", "REFERENCE_API_DATA_DIR", func(c *config.Config) string { return c.Reference.DataDir }},
	{"rev", "REFERENCE_API_REV", func(c *config.Config) string { return c.Reference.Rev }},
	{"token-file", "REFERENCE_API_TOKEN_FILE", func(c *config.Config) string { return c.Path(c.Reference.TokenFile) }},
	{"ssh-key", "REFERENCE_API_SSH_KEY", func(c *config.Config) string { return c.Path(c.Reference.SSHKey) }},
	{"fetch-timeout", "REFERENCE_API_FETCH_TIMEOUT", func(c *config.Config) string { return c.Reference.FetchTimeout().String() }},
	{"out", "REFERENCE_API_OUT", func(c *config.Config) string { return c.Path(c.Publish.Out) }},
	{"base-url", "REFERENCE_API_BASE_URL", func(c *config.Config) string { return c.Site.BaseURL }},
	{"path-prefix", "REFERENCE_API_PATH_PREFIX", func(c *config.Config) string { return c.Site.PathPrefix }},
	{"absolute-links", "REFERENCE_API_ABSOLUTE_LINKS", func(c *config.Config) string { return strconv.FormatBool(c.Site.AbsoluteLinks) }},
	{"keep", "REFERENCE_API_KEEP", func(c *config.Config) string { return strconv.Itoa(c.Publish.Keep) }},
	{"max-deletes", "REFERENCE_API_MAX_DELETES", func(c *config.Config) string { return strconv.Itoa(c.Publish.MaxDeletes) }},
	{"strict", "REFERENCE_API_STRICT", func(c *config.Config) string { return strconv.FormatBool(c.Publish.Strict) }},
	{"max-depth", "REFERENCE_API_MAX_DEPTH", func(c *config.Config) string { return strconv.Itoa(c.Limits.Depth) }},
	{"max-entries", "REFERENCE_API_MAX_ENTRIES", func(c *config.Config) string { return strconv.Itoa(c.Limits.Entries) }},
	{"max-commits", "REFERENCE_API_MAX_COMMITS", func(c *config.Config) string { return strconv.Itoa(c.Limits.Commits) }},
	{"max-changes", "REFERENCE_API_MAX_CHANGES", func(c *config.Config) string { return strconv.Itoa(c.Limits.Changes) }},
	{"max-object-mib", "REFERENCE_API_MAX_OBJECT_MIB", func(c *config.Config) string { return strconv.Itoa(c.Limits.ObjectMiB) }},
	{"max-unpacked-mib", "REFERENCE_API_MAX_UNPACKED_MIB", func(c *config.Config) string { return strconv.Itoa(c.Limits.UnpackedMiB) }},
	{"host", "REFERENCE_API_HOST", func(c *config.Config) string { return c.Server.Host }},
	{"port", "REFERENCE_API_PORT", func(c *config.Config) string { return strconv.Itoa(c.Server.Port) }},
}

// configError is a configuration file that cannot be used.
type configError struct{ error }

func (e *configError) Unwrap() error { return e.error }

// settings resolves flags that are not given. It reads the configuration when
// the first one is asked for, that is after --config was read.
type settings struct{ *app }

// Validate implements [kong.Resolver].
func (settings) Validate(*kong.Application) error { return nil }

// Resolve implements [kong.Resolver].
func (s settings) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if flag.Name == "config" || flag.Name == "help" {
		return nil, nil
	}
	if s.config == nil {
		path := s.getenv("REFERENCE_API_CONFIG")
		for _, p := range ctx.Path {
			if p.Flag != nil && p.Flag.Name == "config" {
				path = fmt.Sprint(ctx.FlagValue(p.Flag))
			}
		}
		c, err := config.Load(".", path)
		if err != nil {
			return nil, &configError{err}
		}
		s.config = c
	}
	for _, known := range settingTable {
		if known.flag != flag.Name {
			continue
		}
		if v := s.getenv(known.env); v != "" {
			return v, nil
		}
		if v := known.file(s.config); v != "" {
			return v, nil
		}
	}
	return nil, nil
}
