// Package nginxconf generates nginx.conf from the table of routes: it serves the
// tree and proxies everything else to availapi.
package nginxconf

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"text/template"

	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/internal/route"
	"github.com/chameleoncloud/refapi/templates"
)

// Options are the operator's choices. By default nginx serves public/current on
// 127.0.0.1:8000 with brotli, proxies to availapi at 127.0.0.1:8001, and has no
// limits.
type Options struct {
	config.Nginx
	route.Delivery

	Root       string   // directory of the live release, relative to nginx's prefix
	Listen     []string // addresses to listen on, see [listen.Parse]
	Availapi   []string // address of each availapi, see [listen.Parse]
	Webhook    []string // address of refgen watch, if it has a webhook; none hides it
	Base       string   // path prefix of links in headers; ends in PathPrefix
	PathPrefix string   // path prefix of all requests, "" for none

	NoBrotli bool   // for an nginx without the module
	Modules  string // directory of nginx's dynamic modules
}

// withDefaults sets the defaults.
func (o Options) withDefaults() Options {
	o.Root = cmp.Or(o.Root, "public/current")
	o.Modules = cmp.Or(o.Modules, "/usr/lib/nginx/modules")
	o.MaxBody = cmp.Or(o.MaxBody, "64k")
	o.LogAddresses = cmp.Or(o.LogAddresses, config.LogShort)
	if len(o.Listen) == 0 {
		o.Listen = []string{"127.0.0.1:8000"}
	}
	if len(o.Availapi) == 0 {
		o.Availapi = []string{"127.0.0.1:8001"}
	}

	return o
}

// Part is a piece of the configuration.
type Part string

// The parts: the complete file, or the content of the http and the server block
// for a configuration that includes them.
const (
	Complete Part = "main"
	HTTP     Part = "http"
	Server   Part = "server"
)

// notPlain finds characters that could end a word or a string in nginx's syntax.
var notPlain = regexp.MustCompile(`[\s;{}"'\\$#]`)

// Render writes a part of the configuration.
func Render(part Part, opts Options) ([]byte, error) {
	out, err := render(part, opts.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("print nginx.conf: %w", err)
	}
	return out, nil
}

func render(part Part, opts Options) ([]byte, error) {
	err := opts.check()
	if err != nil {
		return nil, err
	}
	if opts.Listen, err = addresses("listen", opts.Listen); err != nil {
		return nil, err
	}
	if opts.Availapi, err = addresses("availapi", opts.Availapi); err != nil {
		return nil, err
	}
	if opts.Webhook, err = addresses("webhook", opts.Webhook); err != nil {
		return nil, err
	}

	return execute(part, newModel(opts))
}

// execute fills in the template.
func execute(part Part, m model) ([]byte, error) {
	t, err := template.New("").Option("missingkey=error").ParseFS(templates.FS, "nginx.conf.tmpl")
	if err != nil {
		return nil, err
	}

	var out bytes.Buffer
	err = t.ExecuteTemplate(&out, string(part), m)
	return out.Bytes(), err
}

// check rejects values that nginx would read as more than one word.
func (o Options) check() error {
	for name, values := range map[string][]string{
		"root":          {o.Root},
		"path prefix":   {o.PathPrefix},
		"base":          {o.Base},
		"modules":       {o.Modules},
		"largest body":  {o.MaxBody},
		"trusted proxy": o.TrustedProxies,
	} {
		for _, v := range values {
			if notPlain.MatchString(v) {
				return fmt.Errorf("the %s %q has a character that nginx.conf cannot hold", name, v)
			}
		}
	}
	return nil
}
