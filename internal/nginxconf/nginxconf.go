// Package nginxconf generates nginx.conf from the table of routes: it serves the
// tree and proxies everything else to availapi.
package nginxconf

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"strings"
	"text/template"

	"github.com/chameleoncloud/refapi/internal/config"
	"github.com/chameleoncloud/refapi/templates"
)

// Options are the operator's choices. By default nginx serves public/current on
// 127.0.0.1:8000 with brotli, proxies to availapi at 127.0.0.1:8001, and has no
// limits.
type Options struct {
	config.Nginx

	Root       string   // directory of the live release, relative to nginx's prefix
	Listen     []string // addresses to listen on, see [Address]
	Availapi   []string // address of each availapi, see [Address]
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
	opts = opts.withDefaults()
	if err := opts.check(); err != nil {
		return nil, fmt.Errorf("print nginx.conf: %w", err)
	}

	var err error
	if opts.Listen, err = addresses(listenKind, opts.Listen); err != nil {
		return nil, fmt.Errorf("print nginx.conf: %w", err)
	}
	if opts.Availapi, err = addresses(availapiKind, opts.Availapi); err != nil {
		return nil, fmt.Errorf("print nginx.conf: %w", err)
	}

	t, err := template.New("").Funcs(template.FuncMap{"join": strings.Join}).ParseFS(templates.FS, "nginx.conf.tmpl")
	if err != nil {
		return nil, fmt.Errorf("print nginx.conf: %w", err)
	}

	var out bytes.Buffer
	if err := t.ExecuteTemplate(&out, string(part), newModel(opts)); err != nil {
		return nil, fmt.Errorf("print nginx.conf: %w", err)
	}

	return indent(out.Bytes()), nil
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

// indent indents lines by the depth of braces, and continued directives one level
// more. It removes doubled empty lines, so that the template's own control lines
// leave no trace.
func indent(text []byte) []byte {
	var out []byte
	depth := 0
	empty := true // no empty line at the start
	continued := false

	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 && empty {
			continue
		}

		empty = len(line) == 0

		if bytes.Equal(line, []byte("}")) {
			depth--
			out = append(bytes.TrimRight(out, "\n"), '\n')
		}

		if !empty {
			out = append(out, strings.Repeat("    ", depth)...)
			if continued {
				out = append(out, "    "...)
			}
		}

		out = append(append(out, line...), '\n')

		// A line continues unless it ends a directive, opens or closes a block, or
		// is a comment.
		continued = !empty && line[0] != '#' && !bytes.ContainsAny(line[len(line)-1:], ";{}") &&
			!bytes.Contains(line, []byte("; #"))
		if bytes.HasSuffix(line, []byte(" {")) {
			depth++
			empty = true // no empty line after it
		}
	}

	return append(bytes.TrimRight(out, "\n"), '\n')
}
