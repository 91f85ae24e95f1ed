// Package docs holds the guide's Markdown; nothing but files.
package docs

import "embed"

// FS holds the guide: its contents in README.md, and a file for each chapter.
// benchmarks.md is no chapter: it changes whenever builds are measured, and a site
// does not.
//
//go:embed README.md researchers.md getting-started.md python.md javascript.md go.md api.md data.md
//go:embed operating.md watch.md alerts.md containers.md hosting.md moving.md
//go:embed configuration.md privacy.md security.md commands.md architecture.md
var FS embed.FS
