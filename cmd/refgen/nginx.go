package main

import (
	"cmp"
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/nginxconf"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

type nginxCmd struct {
	Out    string   `help:"Output directory of refgen build (default: ${out}). A relative one starts from nginx's prefix." placeholder:"DIR"`
	Listen []string `help:"Addresses to listen on (default: --host and --port)." placeholder:"HOST:PORT"`
	addressFlags
	Availapi []string `help:"Addresses of the live service (default: that of [availapi])." placeholder:"HOST:PORT"`
	Brotli   string   `help:"Serve brotli: on, or off where nginx lacks the module (default: on)." enum:"on,off" default:"on"`
	Modules  string   `help:"Directory of nginx's dynamic modules." placeholder:"DIR" default:"/usr/lib/nginx/modules"`
	Include  string   `help:"Print the part for the http block, or for a server block, of your own configuration." enum:",http,server" default:"" placeholder:"http|server"`
	urlFlags
}

// Run implements the command.
func (cmd *nginxCmd) Run(a *app) error {
	_, base, err := cmd.location()
	if err != nil {
		return err
	}

	for _, text := range cmd.Listen {
		if _, err := nginxconf.Address(text); err != nil {
			return cli.Usagef("--listen %s: %w", text, err)
		}
	}

	opts := nginxconf.Options{
		Nginx:      a.Config.Nginx,
		Root:       filepath.ToSlash(filepath.Join(cmd.Out, disk.CurrentLink)),
		Listen:     cmd.Listen,
		Availapi:   cmd.Availapi,
		Base:       base,
		PathPrefix: cmd.PathPrefix,
		NoBrotli:   cmd.Brotli == "off",
		Modules:    cmd.Modules,
	}
	if len(opts.Listen) == 0 {
		opts.Listen = []string{cmd.address()}
	}
	if len(opts.Availapi) == 0 {
		opts.Availapi = []string{hostPort(a.Config.Availapi.Host, a.Config.Availapi.Port)}
	}

	out, err := nginxconf.Render(cmp.Or(nginxconf.Part(cmd.Include), nginxconf.Complete), opts)
	if err != nil {
		return err
	}

	_, err = a.stdout.Write(out)
	return err
}

func hostPort(host string, port int) string {
	return net.JoinHostPort(strings.Trim(host, "[]"), fmt.Sprint(port))
}
