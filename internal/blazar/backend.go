package blazar

import (
	"strings"

	"github.com/chameleoncloud/refapi/internal/availability"
)

// keys are Blazar's keys of a site in the configuration.
type keys struct {
	Cloud string `toml:"cloud"` // entry of clouds.yaml
}

// Check implements [availability.Keys].
func (k *keys) Check() (key, why string) {
	if k.Cloud == "" {
		return "cloud", "must name an entry of clouds.yaml"
	}
	return "", ""
}

// Open is the [availability.Backend] for Blazar.
func Open(site availability.Site, env availability.Environment) (*availability.Connection, error) {
	var own keys
	if err := site.ReadKeys(&own); err != nil {
		return nil, err
	}

	options := Options{
		Cloud: own.Cloud, Getenv: env.Getenv, UserAgent: env.UserAgent, Gate: env.Gate, Now: env.Now,
		MaxBody: env.Limits.Bytes, MaxHosts: env.Limits.Hosts, MaxReservations: env.Limits.Reservations,
		HostsEvery: env.HostsEvery, Timeout: env.Timeout,
	}

	if env.Connected != nil {
		options.Connected = func(t Target) { env.Connected(t.describe()) }
	}

	client := New(options)
	return &availability.Connection{
		Source: client, Flavors: client, Close: client.Close,
		Check: func() (availability.Target, []availability.Note, error) {
			target, notes, err := Check(options)
			if err != nil {
				return availability.Target{}, nil, err
			}
			return target.describe(), notes, nil
		},
	}, nil
}

// describe is the target as other backends describe theirs.
func (t Target) describe() availability.Target {
	d := availability.Target{
		Text:       "cloud " + t.Cloud + ", Keystone " + t.Keystone + ", " + t.String(),
		Attributes: []any{"cloud", t.Cloud, "keystone", t.Keystone},
	}

	if t.Override {
		d.Attributes = append(d.Attributes, "url", t.URL, "endpoint_override", true)
	} else {
		d.Attributes = append(d.Attributes, "region", t.Region, "interface", t.Interface, "url", t.URL)
	}

	if len(t.Regions) > 0 {
		d.Warning = "several regions in the catalog, none named in clouds.yaml: using the first"
		d.WarningFor = []any{"cloud", t.Cloud, "regions", strings.Join(t.Regions, ","), "region", t.Region}
	}

	return d
}
