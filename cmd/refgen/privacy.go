package main

import (
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/private"
)

// privacy returns what is not published of a repository.
func (a *app) privacy() (private.Rules, error) {
	p := a.Config.Privacy
	hidden, err := private.ParseHidden(p.Hidden)
	return private.Rules{Hidden: hidden, HideAuthors: p.Authors == config.AuthorsHidden}, err
}
