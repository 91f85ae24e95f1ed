package main

import (
	"errors"
	"fmt"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/private"
	"github.com/chameleoncloud/refapi/internal/tree"
)

// privacy returns what is not published of a repository.
func (a *app) privacy() (private.Rules, error) {
	p := a.Config.Privacy
	hidden, err := private.ParseHidden(p.Hidden)
	return private.Rules{Hidden: hidden, HideAuthors: p.Authors == config.AuthorsHidden}, err
}

// setPrivacy sets the options of a site that rules make.
func setPrivacy(o *build.Options, rules private.Rules) {
	o.Hidden = rules.Hidden.Digest()
	if rules.HideAuthors {
		o.Authors = build.HiddenAuthors
	}
}

// acceptPrivacy refuses a release from before something was hidden: it still has that.
func (a *app) acceptPrivacy(r *tree.Release) error {
	rules, err := a.privacy()
	if err != nil {
		return err
	}
	of, err := build.OptionsOf(r)
	if err != nil {
		return fmt.Errorf("read its options: %w", err)
	}

	var now build.Options
	setPrivacy(&now, rules)
	if now.Hidden != "" && of.Hidden != now.Hidden || now.Authors != "" && of.Authors != now.Authors {
		return hint.Wrap(errors.New("it was made with another [privacy], and may have what is hidden now"),
			"choose a later one of `refgen releases`, or build an older commit: `refgen build --rev COMMIT`")
	}
	return nil
}
