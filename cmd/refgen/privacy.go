package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/chameleoncloud/refapi/internal/build"
	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/hint"
	"github.com/chameleoncloud/refapi/internal/inventory"
	"github.com/chameleoncloud/refapi/internal/private"
	"github.com/chameleoncloud/refapi/internal/tree"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
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

// elsewhere returns findings about hidden values that are public in other places. They
// are warnings that --strict ignores, as those about wrong clocks: a message of a commit
// stays.
func (s *source) elsewhere(ctx context.Context) (found inventory.Diagnostics, err error) {
	if !s.public.Hides() {
		return nil, nil
	}

	all, err := s.public.Elsewhere(ctx, s.dataDir, s.head.ID, s.limits)
	if err != nil {
		return nil, s.historyError(err)
	}

	for _, e := range all {
		d := inventory.Diagnostic{
			Severity: inventory.Warning,
			Rule:     "hidden-elsewhere",
			Commit:   e.Commit.ID.String(),
			Pointer:  e.Pointer,
			Message: fmt.Sprintf("%s has %s that %s hides, in this commit in %s",
				e.Pointer, plural(e.Values, "value"), e.Hidden, e.Path),
			Hint: fmt.Sprintf("hide %s too, unless they may be public there", e.Pointer),
		}
		if e.Pointer == "" {
			d.Message = fmt.Sprintf("has a message with a value that %s hides; messages have %s", e.Hidden,
				plural(e.Values, "such value"))
			d.Hint = "messages are published as they are: rewrite the history, unless they may be public there"
		}
		found = append(found, d)
	}

	return found, nil
}

// acceptLive is acceptPrivacy of the live release of an output directory.
func (a *app) acceptLive(out string) error {
	live, err := disk.Open(out)
	if err == nil {
		err = a.acceptPrivacy(&live.Manifest.Release)
	}
	return err
}
