package main

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"

	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/nginxconf"
	"github.com/chameleoncloud/refapi/internal/tree/disk"
)

type nginxCmd struct {
	Out        string   `help:"Output directory of refgen build (default: ${out}). A relative one starts from nginx's prefix." placeholder:"DIR"`
	Listen     []string `help:"Addresses to listen on (default: --host and --port)." placeholder:"HOST:PORT"`
	Host       string   `help:"Address to listen on (default: that of [server])." placeholder:"HOST"`
	Port       int      `help:"Port to listen on (default: that of [server])." placeholder:"N"`
	Availapi   []string `help:"Addresses of the live half (default: that of [availapi])." placeholder:"HOST:PORT"`
	Brotli     string   `help:"Serve brotli too: on, or off where nginx lacks the module (default: on)." enum:"on,off" default:"on"`
	Modules    string   `help:"Directory of nginx's dynamic modules." placeholder:"DIR" default:"/usr/lib/nginx/modules"`
	Include    string   `help:"Print a part for a configuration of your own: what belongs into its http block, or into a server block." enum:",http,server" default:"" placeholder:"http|server"`
	BaseURL    string   `help:"URL of the published site." placeholder:"URL"`
	PathPrefix string   `help:"Path that requests start with." placeholder:"/PATH"`
}

// Run implements the command.
func (cmd *nginxCmd) Run(a *app) error {
	out, err := cmd.render(a.config)
	if err != nil {
		return err
	}
	_, err = a.stdout.Write(out)
	return err
}

func (cmd *nginxCmd) render(c *config.Config) ([]byte, error) {
	at, err := addressOf(cmd.BaseURL, cmd.PathPrefix)
	if err != nil {
		return nil, err
	}
	opts := nginxconf.Options{
		Nginx:      c.Nginx,
		Root:       filepath.ToSlash(filepath.Join(cmd.Out, disk.CurrentLink)),
		Listen:     cmd.Listen,
		Availapi:   cmd.Availapi,
		Base:       at.Path,
		PathPrefix: cmd.PathPrefix,
		NoBrotli:   cmd.Brotli == "off",
		Modules:    cmd.Modules,
	}
	for _, text := range cmd.Listen {
		if _, err := nginxconf.Address(text); err != nil {
			return nil, usagef("--listen %s: %w", text, err)
		}
	}
	if len(opts.Listen) == 0 {
		opts.Listen = []string{hostPort(cmd.Host, cmd.Port)}
	}
	if len(opts.Availapi) == 0 {
		opts.Availapi = []string{hostPort(c.Availapi.Host, c.Availapi.Port)}
	}
	part := nginxconf.Complete
	if cmd.Include != "" {
		part = nginxconf.Part(cmd.Include)
	}
	return nginxconf.Render(part, opts)
}

func hostPort(host string, port int) string {
	return net.JoinHostPort(strings.Trim(host, "[]"), fmt.Sprint(port))
}
