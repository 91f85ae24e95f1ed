package main

import (
	"strconv"
	"strings"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/config"
)

// settings are the flags that can be set elsewhere. Where the repository is has
// its own rules: see [sourceFlags.location].
func settings() []cli.Setting {
	file := map[string]func(*config.Config) string{
		"data-dir":         func(c *config.Config) string { return c.Reference.DataDir },
		"rev":              func(c *config.Config) string { return c.Reference.Rev },
		"token-file":       func(c *config.Config) string { return c.Path(c.Reference.TokenFile) },
		"ssh-key":          func(c *config.Config) string { return c.Path(c.Reference.SSHKey) },
		"fetch-timeout":    func(c *config.Config) string { return c.Reference.FetchTimeout().String() },
		"out":              func(c *config.Config) string { return c.Path(c.Publish.Out) },
		"base-url":         func(c *config.Config) string { return c.Links.BaseURL },
		"path-prefix":      func(c *config.Config) string { return c.Links.PathPrefix },
		"absolute-links":   func(c *config.Config) string { return strconv.FormatBool(c.Links.AbsoluteLinks) },
		"keep":             func(c *config.Config) string { return strconv.Itoa(c.Publish.Keep) },
		"max-deletes":      func(c *config.Config) string { return strconv.Itoa(c.Publish.MaxDeletes) },
		"strict":           func(c *config.Config) string { return strconv.FormatBool(c.Publish.Strict) },
		"max-depth":        func(c *config.Config) string { return strconv.Itoa(c.Limits.Depth) },
		"max-entries":      func(c *config.Config) string { return strconv.Itoa(c.Limits.Entries) },
		"max-commits":      func(c *config.Config) string { return strconv.Itoa(c.Limits.Commits) },
		"max-changes":      func(c *config.Config) string { return strconv.Itoa(c.Limits.Changes) },
		"max-object-mib":   func(c *config.Config) string { return strconv.Itoa(c.Limits.ObjectMiB) },
		"max-unpacked-mib": func(c *config.Config) string { return strconv.Itoa(c.Limits.UnpackedMiB) },
		"host":             func(c *config.Config) string { return c.Server.Host },
		"port":             func(c *config.Config) string { return strconv.Itoa(c.Server.Port) },
	}

	var all []cli.Setting
	for flag, value := range file {
		name := strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
		all = append(all, cli.Setting{Flag: flag, Env: "REFERENCE_API_" + name, File: value})
	}

	return all
}
