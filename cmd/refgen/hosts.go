package main

import (
	"fmt"
	"strings"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/hosting"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// forHost adds the options for a host of plain files, and for parts of a site.
func (f *siteFlags) forHost(a *app, o *build.Options) error {
	if o.Only = a.Config.Links.Only; len(o.Only) > 0 {
		if f.BaseURL == "" {
			return cli.Usagef("--only: links need to know where all else is: give --base-url too")
		}
		// The base URL is that of the other site, and the prefix that of this one.
		o.API, o.URL, o.Base = strings.TrimSuffix(f.BaseURL, "/"), "", f.PathPrefix
	}

	host, ok := hosting.Find(a.Config.Publish.Host)
	if !ok {
		return nil
	}
	if path := route.BasePath(o.Base); host.Rules && path != "" {
		return cli.Usagef("--host %s: %s serves a site at the root of its host name, but links start with %s",
			host.Name, host.Title, path)
	}

	o.Host, o.CacheTag, o.FrameAncestors = host.Name, a.Config.Links.CacheTag, a.delivery().FrameAncestors
	if host.Suffix != "" && len(o.Only) == 0 {
		o.Suffix = host.Suffix
	}

	return nil
}

// review returns the check of what a host takes. Releases for a host and others have
// different forms of the same files, so they do not share a directory.
func (f *buildFlags) review(site build.Options) func(before, release *tree.Manifest) error {
	return func(before, release *tree.Manifest) error {
		if was := before.Host(); len(before.Parts) > 0 && was != site.Host {
			return hint.Wrap(fmt.Errorf("%s has releases for %s, and this one is for %s", f.Out, hostName(was),
				hostName(site.Host)), "give a directory of its own with --out")
		}
		if host, ok := hosting.Find(site.Host); ok {
			return host.Check(release, f.HostMaxFiles)
		}
		return nil
	}
}

func hostName(name string) string {
	if host, ok := hosting.Find(name); ok {
		return host.Title
	}
	return "a server of your own"
}

// hostVars are what the texts of flags name of hosts.
func hostVars() map[string]string {
	return map[string]string{"hosts": strings.Join(hosting.Names(), ", "), "parts": strings.Join(build.Parts(), ", ")}
}
