package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/chameleoncloud/refapi/internal/cli"
	"github.com/chameleoncloud/refapi/internal/inventory"
)

type checkCmd struct {
	sourceFlags
	Worktree     bool   `help:"Check the files on disk, not those of the commit." group:"Source"`
	Strict       bool   `help:"Exit with 1 on warnings too." group:"Report" key:"publish.strict"`
	Format       string `help:"text, json (a status document) or github (workflow annotations)." enum:"text,json,github" default:"text" group:"Report"`
	SearchHidden bool   `help:"Also look in all commits for values that [privacy] hides, and that are public elsewhere." group:"Report"`
	Quiet        bool   `help:"Report errors only." short:"q" group:"Report"`
}

// Run implements the command.
func (cmd *checkCmd) Run(ctx context.Context, a *app) error {
	src, err := cmd.open(ctx, a, cmd.Worktree)
	if err != nil {
		return err
	}
	defer src.close()

	grid, found, err := src.load()
	if err != nil {
		return err
	}
	if found, err = src.check(ctx, grid, found, nil); err != nil {
		return err
	}

	clocks, err := src.wrongClocks(ctx, a.now())
	if err != nil {
		return err
	}

	var public inventory.Diagnostics
	if cmd.SearchHidden {
		if public, err = src.elsewhere(ctx); err != nil {
			return err
		}
	}

	errors, warnings := found.Count()
	if found = append(append(found, clocks...), public...); cmd.Quiet {
		found = found[:errors]
	}

	if err := a.printReport(cmd.Format, found); err != nil {
		return err
	}

	if cmd.Format == "text" {
		a.stdout.printf("%s, %s in %s\n", plural(errors, "error"), plural(warnings+len(clocks)+len(public), "warning"), src.label)
	}

	if errors > 0 || cmd.Strict && warnings > 0 {
		return cli.ExitCode(cli.ExitFailed)
	}

	return nil
}

// printReport writes findings in one of the formats of check.
func (a *app) printReport(format string, found inventory.Diagnostics) error {
	if format == "json" {
		return a.stdout.printJSON(statusOf(found))
	}
	for _, d := range found {
		if format == "github" {
			a.stdout.printf("%s\n", annotation(d))
		} else {
			a.stdout.printFinding(d)
		}
	}

	return nil
}

// status is the report of --format json: a status document, as other validators of
// declarative configuration print it.
type status struct {
	Kind       string        `json:"kind"`
	APIVersion string        `json:"apiVersion"`
	Metadata   struct{}      `json:"metadata"`
	Status     string        `json:"status"`
	Message    string        `json:"message"`
	Reason     string        `json:"reason"`
	Details    statusDetails `json:"details"`
	Code       int           `json:"code"`
}

type statusDetails struct {
	ErrorCount  int             `json:"errorCount"`
	MessageList []statusMessage `json:"messageList"`
}

type statusMessage struct {
	Kind       string           `json:"kind"`
	Level      string           `json:"level"`
	Error      bool             `json:"error"`
	Name       string           `json:"name"`
	Message    string           `json:"message"`
	Diagnostic string           `json:"diagnostic"`
	Documents  []statusDocument `json:"documents"`
}

type statusDocument struct {
	Name    string `json:"name"`             // the file
	Schema  string `json:"schema,omitzero"`  // the resource's path in the API
	Pointer string `json:"pointer,omitzero"` // the invalid value (RFC 6901)
	Line    int    `json:"line,omitzero"`
	Column  int    `json:"column,omitzero"`
}

func statusOf(found inventory.Diagnostics) status {
	errors, warnings := found.Count()
	s := status{
		Kind:       "Status",
		APIVersion: "v1.0",
		Status:     "Success",
		Message:    fmt.Sprintf("%s, %s", plural(errors, "error"), plural(warnings, "warning")),
		Reason:     "Validation",
		Details:    statusDetails{ErrorCount: errors},
		Code:       200,
	}

	if errors > 0 {
		s.Status, s.Code = "Failure", 400
	}

	for _, d := range found {
		s.Details.MessageList = append(s.Details.MessageList, statusMessageOf(d))
	}

	return s
}

func statusMessageOf(d inventory.Diagnostic) statusMessage {
	m := statusMessage{
		Kind:       "ValidationMessage",
		Level:      "Warning",
		Error:      d.Severity == inventory.Error,
		Name:       d.Rule,
		Message:    d.Message,
		Diagnostic: d.Place(),
	}
	if m.Error {
		m.Level = "Error"
	}

	if d.Hint != "" {
		m.Diagnostic += ": " + d.Hint
	}

	if d.File != "" {
		m.Documents = append(m.Documents, statusDocument{
			Name:    d.File,
			Schema:  d.Resource,
			Pointer: d.Pointer,
			Line:    d.Line,
			Column:  d.Col,
		})
	}

	return m
}

// annotation is a workflow command of GitHub Actions, which shows a finding at
// its line of a pull request.
func annotation(d inventory.Diagnostic) string {
	escape := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")

	text := d.Message
	if d.Hint != "" {
		text += " (" + d.Hint + ")"
	}

	properties := "title=" + property.Replace(d.Rule)
	switch {
	case d.Commit != "":
		text = d.Place() + " " + text
	case d.Line > 0:
		properties = fmt.Sprintf("file=%s,line=%d,col=%d,%s", property.Replace(d.File), d.Line, d.Col, properties)
	default:
		properties = fmt.Sprintf("file=%s,%s", property.Replace(d.File), properties)
	}

	return fmt.Sprintf("::%s %s::%s", d.Severity, properties, escape.Replace(text))
}
