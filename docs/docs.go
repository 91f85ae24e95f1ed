// Package docs holds the guide's Markdown; nothing but files.
package docs

import "embed"

// FS holds the guide: its contents in README.md, and a file for each chapter.
//
//go:embed *.md
var FS embed.FS
