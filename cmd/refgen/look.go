package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/page"
	"github.com/chameleoncloud/refapi/internal/reserve"
	"github.com/chameleoncloud/refapi/internal/theme"
)

// site returns whose the pages are, and how they look.
func (a *app) site() (page.Site, error) {
	of := a.Config.Links
	site := page.Site{Title: of.Title, Colors: of.Colors(), Banner: of.Banner, Footer: of.Footer}
	for _, text := range of.Nav {
		name, href, _ := config.NavLink(text) // validated
		site.Links = append(site.Links, page.SiteLink{Name: name, Href: href})
	}

	if r, std := a.Config.Reserve, config.Default().Reserve; !reflect.DeepEqual(r, std) {
		var err error
		if site.Reserve, err = reserve.Select(r.Offer, r.Snippets); err != nil {
			return site, err
		}
	}

	if of.Logo == "" {
		return site, nil
	}

	body, err := os.ReadFile(of.Logo)
	if errors.Is(err, fs.ErrNotExist) {
		return site, cli.Usagef("site.logo: there is no file %s", of.Logo)
	}
	if err == nil {
		site.Logo, err = theme.NewLogo(of.Logo, body)
	}
	if err != nil {
		return site, hint.Wrap(fmt.Errorf("read the logo %s: %w", of.Logo, err), "%s", hint.Of(err))
	}

	return site, nil
}
