// Package templates holds the templates of the pages and of nginx.conf, and the
// site's own styles and scripts. It is nothing but files.
package templates

import "embed"

// FS has every file of this directory but this one.
//
//go:embed *.tmpl *.css *.js *.svg
var FS embed.FS
