package main

import (
	"cmp"
	"path/filepath"

	"github.com/chameleoncloud/refapi/internal/nginxconf"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

type nginxCmd struct {
	Out string `help:"Output directory of refgen build (default: ${publish_out}). A relative one starts from nginx's prefix." placeholder:"DIR" key:"publish.out"`
	addressFlags
	Availapi []string `help:"Addresses of the live service (default: those of [availapi])." placeholder:"ADDRESS" key:"nginx.availapi"`
	Webhook  []string `help:"Addresses of refgen watch, for its webhook (default: those of [watch], if it has a secret)." placeholder:"ADDRESS" key:"nginx.webhook"`
	Brotli   string   `help:"Serve brotli: on, or off where nginx lacks the module (default: ${nginx_brotli})." enum:"on,off" default:"${nginx_brotli}" key:"nginx.brotli"`
	Modules  string   `help:"Directory of nginx's dynamic modules (default: ${nginx_modules})." placeholder:"DIR" key:"nginx.modules"`
	Include  string   `help:"Print the part for the http block, or for a server block, of your own configuration." enum:",http,server" default:"" placeholder:"http|server"`
	urlFlags
}

// Run implements the command.
func (cmd *nginxCmd) Run(a *app) error {
	_, base := cmd.location()
	opts := nginxconf.Options{
		Nginx:      a.Config.Nginx,
		Delivery:   a.delivery(),
		Root:       filepath.ToSlash(filepath.Join(cmd.Out, disk.CurrentLink)),
		Listen:     a.Config.ServerAddresses(),
		Availapi:   cmd.Availapi,
		Webhook:    cmd.Webhook,
		Base:       base,
		PathPrefix: cmd.PathPrefix,
		NoBrotli:   cmd.Brotli == "off",
		Modules:    cmd.Modules,
	}
	if len(opts.Availapi) == 0 {
		opts.Availapi = a.Config.AvailapiAddresses()
	}
	if len(opts.Webhook) == 0 && a.Config.Watch.WebhookSecretFile != "" {
		opts.Webhook = a.Config.Watch.Listen
	}

	out, err := nginxconf.Render(cmp.Or(nginxconf.Part(cmd.Include), nginxconf.Complete), opts)
	if err != nil {
		return err
	}

	_, err = a.stdout.Write(out)
	return err
}
